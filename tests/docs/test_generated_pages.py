"""The pages that the package writes about itself are complete, and say what the code says."""

from __future__ import annotations

import re
from typing import Any

import generated_pages as pages
import numpy as np
import pytest

from tinygrad_edu.op import REGISTRY, RuleOfEach
from tinygrad_edu.ops.numpy_names import names
from tinygrad_edu.spellings import SPELLINGS

OPS = {name: op for name, op in REGISTRY.items() if pages.is_own(op)}


def test_every_name_of_numpy_is_in_the_table_with_its_class() -> None:
    page = pages.numpy_page()
    for name in names():
        section = page.split(f"## {name.kind.capitalize()}\n")[1].split("\n## ")[0]
        assert f"| `{name.path}` |" in section


def test_every_op_is_on_the_page_with_its_rules_and_promises() -> None:
    page = pages.ops_page()
    for name, op in OPS.items():
        entry = page.split(f"## `{name}`\n")[1].split("\n## ")[0]
        assert entry.count("# for ") == len(op.arguments)
        assert entry.count("There is a kink at") == len(op.kinks)
        assert re.search(r"\n\n\S.*\n\n```python", entry), "nothing is said of the op"


def test_every_kink_is_in_the_table_with_what_is_promised() -> None:
    table = pages.kinks_table()
    assert table.count("\n") - 2 == sum(len(op.kinks) for op in OPS.values())
    assert "| [`absolute`](rules.md#absolute) | x = 0.0 | 0.0 |" in table


def test_every_method_of_other_libraries_is_in_the_table() -> None:
    table = pages.spellings_table()
    assert all(f"| `t.{name}` |" in table for name in SPELLINGS)
    assert "| `t.add_` | `t += v`, under `with tg.no_grad():` |" in table
    assert "| `t.cpu` | `t` itself |" in table


def rules() -> list[Any]:
    return [
        pytest.param(rule, id=f"{name}-{number}")
        for name, op in OPS.items()
        for number, rule in enumerate(
            [op.rules.rule] if isinstance(op.rules, RuleOfEach) else op.rules
        )
        if rule is not None
    ]


@pytest.mark.parametrize("rule", rules())
def test_the_text_of_a_rule_is_code(rule: Any) -> None:
    compile(pages.source(rule), "", "exec")


def test_a_lambda_is_told_from_others_on_its_line() -> None:
    first, second, k = lambda x: x * 2, lambda x: x + 2, 5
    third, fourth = lambda x: x * k, lambda x: x * (k + 1)  # fmt: skip
    texts = [pages.source(rule) for rule in (first, second, third, fourth)]
    assert texts == [
        "lambda x: x * 2", "lambda x: x + 2", "lambda x: x * k", "lambda x: x * (k + 1)",
    ]  # fmt: skip


def test_a_printed_rule_computes_what_the_rule_does() -> None:
    dy, x = np.array([1.0, 2.0]), np.array([0.5, -0.5])
    rule = next(iter(REGISTRY["sin"].rules))
    assert rule is not None
    printed = eval(pages.source(rule), {"np": np})  # noqa: S307  # text of this package
    np.testing.assert_array_equal(printed(dy, np.sin(x), x), rule(dy, np.sin(x), x))
