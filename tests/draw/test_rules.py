"""Rules as text: as they stand in the source, as far as they apply, and for every op there is."""

from __future__ import annotations

import ast
import textwrap
from typing import Any

import numpy as np
import pytest
from samples import OPS

import tinygrad_edu as tg
from tinygrad_edu.draw import graph, record_lines
from tinygrad_edu.draw.branches import applicable
from tinygrad_edu.draw.rules import rule_texts
from tinygrad_edu.op import Op
from tinygrad_edu.tensor import record

MATRIX, VECTOR, SCALAR = np.ones((2, 2)), np.ones(2), np.array(2.0)


def rules(compute: Any, value: Any) -> dict[str, str]:
    w = tg.Tensor(value, requires_grad=True)
    found: dict[str, str] = graph(compute(w)).to_json()["nodes"][-1]["rules"]
    return found


@pytest.mark.parametrize(
    ("compute", "value", "expected"),
    [
        (tg.sigmoid, VECTOR, {"x": "dy * (y * (1 - y))"}),
        (lambda w: w @ MATRIX, MATRIX, {"a": "dy @ b.T", "b": "a.T @ dy"}),
        (lambda w: w @ np.ones((3, 2, 2)), MATRIX, {"a": "dy @ b.mT", "b": "a.mT @ dy"}),
        (lambda w: w * w, SCALAR, {"a": "dy * b", "b": "dy * a"}),
    ],
)
def test_a_rule_reads_as_it_was_written(compute: Any, value: Any, expected: Any) -> None:
    assert rules(compute, value) == expected


@pytest.mark.parametrize("op", OPS.values(), ids=OPS.keys())
def test_the_rules_of_every_op_are_found_in_its_source(op: Op) -> None:
    for case in op.cases:
        inputs = case.draw(np.random.default_rng(0))
        y = op.forward(*inputs, **case.settings)
        texts = rule_texts(op, None if isinstance(y, tuple) else y, dict(enumerate(inputs)))
        assert len(texts) <= len(inputs)
        for text in texts.values():
            ast.parse("def rule():\n" + textwrap.indent(text, " "))
            assert not text.endswith("(dy, y, ...)")


def test_of_a_rule_with_branches_the_one_that_applies_is_shown() -> None:
    assert rules(lambda w: w**2, VECTOR)["a"] == "dy * (2 * a)"
    assert rules(lambda w: w**3, VECTOR)["a"] == "dy * (b * a ** (b - 1))"
    assert "if " not in rules(lambda w: w @ VECTOR, MATRIX)["a"]


@pytest.mark.parametrize(
    ("text", "known", "expected"),
    [
        ("if a.ndim == 1:\n    b = 1\nc = 2", {"a": VECTOR}, "b = 1\nc = 2"),
        ("if a.ndim == 1:\n    b = 1\nc = 2", {"a": MATRIX}, "c = 2"),
        ("if a.shape == b.shape:\n    c = 1", {"a": VECTOR}, "if a.shape == b.shape:\n    c = 1"),
        ("if a > 0:\n    c = 1", {"a": SCALAR}, "if a > 0:\n    c = 1"),
        ("b = conj(a) if a.dtype.kind == 'c' else a", {"a": VECTOR}, "b = a"),
        ("b = 1 if a is None else 2", {"a": None}, "b = 1"),
        ("a = f(a)\nif a == 1:\n    b = 2", {"a": 1}, "a = f(a)\nif a == 1:\n    b = 2"),
        ("if isinstance(a, (int, float)) and not a == 2:\n    b = 1", {"a": 3}, "b = 1"),
        (
            "if isinstance(a, Strange):\n    b = 1",
            {"a": 3},
            "if isinstance(a, Strange):\n    b = 1",
        ),
        ("return 1\nb = 2", {}, "return 1"),
    ],
)
def test_only_what_is_known_is_decided(text: str, known: Any, expected: str) -> None:
    body = ast.parse(text).body
    assert "\n".join(map(ast.unparse, applicable(body, known))) == expected
    assert ast.unparse(ast.parse(text)) == "\n".join(map(ast.unparse, body)), "it was left alone"


def test_a_rule_without_a_source_is_named() -> None:
    class Rule:
        def __call__(self, dy: Any, y: Any, x: Any) -> Any:
            return dy

    op = Op(np.positive, {"x": Rule()}, "odd", None, "", (), ())
    w = tg.Tensor([1.0], requires_grad=True)
    assert graph(record(op, (w,), {})).to_json()["nodes"][-1]["rules"] == {"x": "Rule(dy, y, ...)"}
    namespace: dict[str, Any] = {}
    exec("rule = lambda dy, y, x: dy", namespace)  # noqa: S102  # as at a prompt
    op = Op(np.positive, {"x": namespace["rule"]}, "odd", None, "", (), ())
    assert graph(record(op, (w,), {})).to_json()["nodes"][-1]["rules"] == {
        "x": "<lambda>(dy, y, ...)"
    }


def test_an_argument_without_a_derivative_has_no_rule() -> None:
    op = Op(lambda x, z: x * z, {"x": lambda dy, y, x, z: dy * z, "z": None}, "f", None, "", (), ())
    w = tg.Tensor([1.0], requires_grad=True)
    run = graph(record(op, (w, w), {}))
    assert run.to_json()["nodes"][-1]["rules"] == {"x": "dy * z"}
    assert [edge.contribution is None for edge in run.edges] == [False, True]


# ------------------------------------------------------------------ the user's own lines
def test_lines_are_taken_down_within_the_block_and_not_outside() -> None:
    w = tg.Tensor([1.0], requires_grad=True)
    with record_lines():
        square = w * w
    run = graph(tg.sigmoid(square))
    lines = [node.line for node in run.nodes if node.op]
    assert lines[0].code == "square = w * w"
    assert lines[0].file == __file__
    assert lines[1] is None


def test_the_line_is_the_users_also_from_within_a_module_and_of_parts() -> None:
    model = tg.nn.Linear(2, 1)
    with record_lines():
        y = model(tg.Tensor([1.0, 2.0]))
        values = np.linalg.eigh(tg.Tensor(np.eye(2), requires_grad=True))[0]
    assert graph(y).nodes[-1].line.code == "y = model(tg.Tensor([1.0, 2.0]))"
    assert graph(values).nodes[-1].line.code.startswith("values = np.linalg")


def test_recording_lines_goes_together_with_watching_for_anomalies() -> None:
    w = tg.Tensor([0.0], requires_grad=True)
    with tg.detect_anomaly(), record_lines(), pytest.raises(FloatingPointError, match="log"):
        np.log(w)


def test_a_decorated_function_records_lines() -> None:
    @record_lines()
    def compute(w: tg.Tensor) -> tg.Tensor:
        return w * 3

    assert (
        graph(compute(tg.Tensor([1.0], requires_grad=True))).nodes[-1].line.code == "return w * 3"
    )
