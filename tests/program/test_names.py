"""Any text can be a name, and none can do harm."""

from __future__ import annotations

import ast
import keyword
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

import tinygrad_edu as tg
from tinygrad_edu import nn
from tinygrad_edu.program import derive
from tinygrad_edu.program.names import RESERVED, Names, identifier

HOSTILE = (
    "__import__('os')", "x; import os", "x\nimport os", "lambda", "def", "None", "np", "sum",
    "", " ", "☃", "ﬁ", "fi", "²", "x" * 10_000, "0", "0.weight", "3d", "a b", "a.b", "a-b", "a_b",
    '"""', "\\", "#", "\N{RIGHT-TO-LEFT MARK}x", "d_x", "x", "x", "t1", "x1", "θ", "loss",
    "backprop", "sigmoid", "\0", "_", "__", "return", "print", "é", "e\u0301",
)  # fmt: skip


@given(st.text())
def test_every_identifier_is_one(name: str) -> None:
    text = identifier(name)
    assert text == "" or (text.isidentifier() and not keyword.iskeyword(text))
    assert text not in RESERVED
    assert identifier(text) == text
    assert len(text) < 100


@given(st.lists(st.text(max_size=3)))
def test_no_name_is_given_twice(wanted: list[str]) -> None:
    given = Names()
    names = [given.take(name, "t") for name in wanted]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("layer1", "layer1"),
        ("0.weight", "weight0"),
        ("encoder.0.weight", "encoder0_weight"),
        ("x; import os", "x_import_os"),
        ("lambda", "lambda_"),
        ("sum", "sum_"),
        ("3d", "n3d"),
        ("ﬁ", "fi"),
        ("", ""),
        ("☃", ""),
    ],
)
def test_identifiers_stay_close_to_the_names(name: str, expected: str) -> None:
    assert identifier(name) == expected


def network(names: tuple[str, ...]) -> tg.Tensor:
    total: Any = 0.0
    for name in names:
        leaf = tg.Tensor([0.5, 0.25], requires_grad=True, name=name)
        hidden = tg.sigmoid(leaf * 2)
        hidden.name = name
        total = total + hidden * hidden
    loss: tg.Tensor = total.sum()
    loss.name = "os.system('true')"
    return loss


def test_hostile_names_do_no_harm() -> None:
    derivation = derive(network(HOSTILE))
    assert derivation.check().exact
    tree = ast.parse(derivation.numpy())
    imports = [node for node in ast.walk(tree) if isinstance(node, (ast.Import, ast.ImportFrom))]
    assert [ast.unparse(node) for node in imports] == ["import numpy as np"]
    assert len(set(derivation.inputs)) == len(derivation.inputs)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.text(max_size=4), min_size=1, max_size=4))
def test_any_names_make_a_program_that_runs(names: list[str]) -> None:
    assert derive(network(tuple(names))).check().exact


def test_parameters_are_named_by_their_path() -> None:
    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.encoder = nn.Sequential(nn.Linear(2, 3), nn.Sigmoid())
            self.head = nn.Linear(3, 1)

        def forward(self, x: Any) -> Any:
            return self.head(self.encoder(x))

    derivation = derive(Model()(tg.Tensor(np.ones((4, 2)), name="x")).sum())
    assert list(derivation.inputs) == [
        "x", "encoder0_weight", "encoder0_bias", "head_weight", "head_bias",
    ]  # fmt: skip
    assert derivation.outputs[1] == "d_encoder0_weight"


def test_a_name_of_one_s_own_comes_before_the_path() -> None:
    layer = nn.Linear(2, 1)
    layer.weight.name = "W"
    assert "d_W" in derive(layer(tg.Tensor(np.ones((4, 2)))).sum()).outputs


def test_leaves_without_names_are_numbered() -> None:
    x = tg.Tensor([1.0, 2.0], requires_grad=True)
    y = tg.Tensor([1.0, 2.0], requires_grad=True, name="x1")
    assert derive((x * y).sum()).outputs == ("loss", "d_x2", "d_x1")
