"""A method that Tensors have elsewhere is named with what to write here."""

from __future__ import annotations

import copy

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu.spellings import SPELLINGS


@pytest.mark.parametrize("name", SPELLINGS)
def test_the_spellings_are_for_what_a_tensor_has_not_got(name: str) -> None:
    with pytest.raises(AttributeError, match="; write ") as caught:
        getattr(tg.Tensor([[1.0, 2.0]]), name)
    assert caught.value.name == name


def test_what_the_spellings_say_can_be_written() -> None:
    t, v = tg.Tensor([[0.1, 0.2], [0.3, 0.4]]), tg.Tensor([[0.5, 0.25], [1.0, 2.0]])
    given = {
        "np": np, "tg": tg, "t": t, "v": v, "c": v, "p": 2, "n": 2, "axis": 0, "axes": (1, 0),
        "mask": np.eye(2) > 0, "value": 0.0, "shape": (3, 2, 2), "indices": np.array([[0, 1]]),
        "dtype": "float32",
    }  # fmt: skip
    needs_more = ("maximum", "minimum", "where", "matmul", "outer", "einsum", "stack", "roll",
                  "tile", "quantile", "logaddexp")  # fmt: skip
    for name, spelling in SPELLINGS.items():
        code = spelling.split(",")[0] if "under" in spelling else spelling.split(";")[0]
        if name in needs_more or "CPU" in code or "itself" in code:
            continue
        with tg.no_grad():
            exec(code, {**given, "t": t.clone()})  # noqa: S102  # text from the table above


def test_an_attribute_that_nobody_has_is_a_plain_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'hello'"):
        _ = tg.Tensor(1.0).hello
    assert not hasattr(tg.Tensor(1.0), "__cuda_array_interface__")


def test_what_is_not_there_is_not_offered() -> None:
    assert set(SPELLINGS).isdisjoint(dir(tg.Tensor(1.0)))


def test_copies_do_not_stumble_over_it() -> None:
    assert float(copy.deepcopy(tg.Tensor(2.0, requires_grad=True))) == 2.0
