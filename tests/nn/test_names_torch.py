"""Layers take the arguments that PyTorch's layers take, under the same names and in their order."""

from __future__ import annotations

from inspect import signature
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import nn
from tinygrad_edu.nn.utils.rnn import pad_sequence

torch = pytest.importorskip("torch", reason="holds this package against PyTorch")

CONTAINERS = {"Module", "ModuleDict", "ModuleList", "ParameterDict", "ParameterList", "Parameter"}
NAMES = sorted(
    name
    for name in set(dir(nn)) & set(dir(torch.nn)) - CONTAINERS
    if isinstance(getattr(nn, name), type)
)
LEFT_OUT = {"self", "args", "kwargs", "size_average", "reduce", "_weight", "_freeze",
            "min_value", "max_value"}  # fmt: skip
"""What torch takes for old programs' sake, or for its own."""


def arguments(layer: Any, method: str) -> list[str]:
    return [name for name in signature(getattr(layer, method)).parameters if name not in LEFT_OUT]


@pytest.mark.parametrize("method", ["__init__", "forward"])
@pytest.mark.parametrize("name", NAMES)
def test_the_arguments_are_those_of_torch(name: str, method: str) -> None:
    if (name, method) == ("Sequential", "__init__"):
        return  # *steps, which cannot be given by name
    theirs = arguments(getattr(torch.nn, name), method)
    assert arguments(getattr(nn, name), method)[: len(theirs)] == theirs


@pytest.mark.parametrize("first", [False, True])
@pytest.mark.parametrize("side", ["left", "right"])
def test_padded_sequences_are_those_of_torch(first: bool, side: str) -> None:
    arrays = [np.random.default_rng(n).normal(size=(n, 2)) for n in (3, 1, 2)]
    ours = [tg.Tensor(array, requires_grad=True) for array in arrays]
    theirs = [torch.tensor(array, requires_grad=True) for array in arrays]
    y = pad_sequence(ours, first, -1.0, side)
    there = torch.nn.utils.rnn.pad_sequence(theirs, first, -1.0, side)
    np.testing.assert_array_equal(y.numpy(), there.detach().numpy())
    (y**2).sum().backward()
    (there**2).sum().backward()
    for a, b in zip(ours, theirs):
        np.testing.assert_allclose(a.grad.numpy(), b.grad.numpy(), rtol=1e-15)


def test_lists_of_parameters_are_printed_as_in_torch() -> None:

    def shown(library: Any, one: Any) -> str:
        text = repr(library.nn.ParameterList([one, one]))
        return text.replace("torch.", "")

    assert shown(tg, tg.Tensor([1.0])) == shown(torch, torch.ones(1).double())
