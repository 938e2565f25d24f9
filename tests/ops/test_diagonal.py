"""Diagonals, read and laid out, and triangles."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg

CALLS: dict[str, tuple[Any, ...]] = {
    "diag(x, -1) of (3, 4)": (
        lambda x: np.diag(x, -1),
        (3, 4),
    ),
    "diag(x, -1) of (3,)": (
        lambda x: np.diag(x, -1),
        (3,),
    ),
    "diagflat(x, -1)": (
        lambda x: np.diagflat(x, -1),
        (2, 2),
    ),
    "tril(x, -1)": (
        lambda x: np.tril(x, -1),
        (2, 3, 4),
    ),
    "triu(x, -1)": (
        lambda x: np.triu(x, -1),
        (2, 3, 4),
    ),
    "trace(x, -1)": (
        lambda x: np.trace(x, -1),
        (3, 4),
    ),
    "diagonal(x, -1, 0, 2)": (
        lambda x: np.diagonal(x, -1, 0, 2),
        (2, 3, 4),
    ),
    "diag(x, 0) of (3, 4)": (
        lambda x: np.diag(x, 0),
        (3, 4),
    ),
    "diag(x, 0) of (3,)": (
        lambda x: np.diag(x, 0),
        (3,),
    ),
    "diagflat(x, 0)": (
        lambda x: np.diagflat(x, 0),
        (2, 2),
    ),
    "tril(x, 0)": (
        lambda x: np.tril(x, 0),
        (2, 3, 4),
    ),
    "triu(x, 0)": (
        lambda x: np.triu(x, 0),
        (2, 3, 4),
    ),
    "trace(x, 0)": (
        lambda x: np.trace(x, 0),
        (3, 4),
    ),
    "diagonal(x, 0, 0, 2)": (
        lambda x: np.diagonal(x, 0, 0, 2),
        (2, 3, 4),
    ),
    "diag(x, 1) of (3, 4)": (
        lambda x: np.diag(x, 1),
        (3, 4),
    ),
    "diag(x, 1) of (3,)": (
        lambda x: np.diag(x, 1),
        (3,),
    ),
    "diagflat(x, 1)": (
        lambda x: np.diagflat(x, 1),
        (2, 2),
    ),
    "tril(x, 1)": (
        lambda x: np.tril(x, 1),
        (2, 3, 4),
    ),
    "triu(x, 1)": (
        lambda x: np.triu(x, 1),
        (2, 3, 4),
    ),
    "trace(x, 1)": (
        lambda x: np.trace(x, 1),
        (3, 4),
    ),
    "diagonal(x, 1, 0, 2)": (
        lambda x: np.diagonal(x, 1, 0, 2),
        (2, 3, 4),
    ),
    "diag(x, 2) of (3, 4)": (
        lambda x: np.diag(x, 2),
        (3, 4),
    ),
    "diag(x, 2) of (3,)": (
        lambda x: np.diag(x, 2),
        (3,),
    ),
    "diagflat(x, 2)": (
        lambda x: np.diagflat(x, 2),
        (2, 2),
    ),
    "tril(x, 2)": (
        lambda x: np.tril(x, 2),
        (2, 3, 4),
    ),
    "triu(x, 2)": (
        lambda x: np.triu(x, 2),
        (2, 3, 4),
    ),
    "trace(x, 2)": (
        lambda x: np.trace(x, 2),
        (3, 4),
    ),
    "diagonal(x, 2, 0, 2)": (
        lambda x: np.diagonal(x, 2, 0, 2),
        (2, 3, 4),
    ),
    "tril(x)": (
        lambda x: np.tril(x),
        (3,),
    ),
    "triu(x)": (
        lambda x: np.triu(x),
        (3,),
    ),
    "x.trace()": (
        lambda x: x.trace(),
        (3, 3),
    ),
    "x.diagonal(1)": (
        lambda x: x.diagonal(1),
        (3, 3),
    ),
    "trace(x, 1, -1, 0)": (
        lambda x: np.trace(x, 1, -1, 0),
        (2, 3, 4),
    ),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
def test_values_dtypes_and_derivatives_are_right(
    agrees_with_numpy: Callable[..., None], call: tuple[Any, ...]
) -> None:
    agrees_with_numpy(*call)


def test_reading_a_diagonal_of_one_laid_out_gives_it_back() -> None:
    x = tg.Tensor([1.0, 2.0, 3.0], requires_grad=True)
    y = np.diagonal(np.diag(x, -2), -2)
    assert y.tolist() == x.tolist()
    y.backward(np.array([4.0, 5.0, 6.0]))
    assert x.grad is not None
    assert x.grad.tolist() == [4.0, 5.0, 6.0]


def test_nan_outside_a_triangle_spoils_neither_values_nor_gradients() -> None:
    x = tg.Tensor([[1.0, np.nan], [2.0, 3.0]], requires_grad=True)
    np.tril(x).sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [[1.0, 0.0], [1.0, 1.0]]


def test_a_trace_in_another_dtype() -> None:
    x = tg.Tensor(np.eye(2, dtype=np.float32), requires_grad=True)
    assert np.trace(x, dtype=np.float64).dtype == np.float64


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda x: np.diag(x[None]), ValueError, "vector or a matrix"),
        (lambda x: np.diagonal(x, axis1=0, axis2=0), ValueError, "different"),
        (lambda x: np.diagonal(x[0]), ValueError, "diagonal"),
        (lambda x: np.trace(x, out=np.zeros(())), TypeError, "out="),
    ],
)
def test_what_makes_no_sense_is_refused(call: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call(tg.Tensor(np.ones((2, 3)), requires_grad=True))
