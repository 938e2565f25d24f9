"""Arrays as sets, against NumPy's own; equal elements share a gradient."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy_values import values_agree

import tinygrad_edu as tg
import tinygrad_edu.ops.everything
import tinygrad_edu.ops.sets

A, B = [3.0, 1.0, 3.0, 2.0, 1.0], [2.0, 5.0, 3.0]
CALLS: dict[str, Any] = {
    "unique": (np.unique, A),
    "unique of a matrix": (np.unique, [[2.0, 1.0], [1.0, 0.5]]),
    "unique(axis=0)": (lambda a: np.unique(a, axis=0), [[1.0, 2.0], [0.0, 1.0], [1.0, 2.0]]),
    "unique(axis=1)": (lambda a: np.unique(a, axis=1), [[1.0, 0.0, 1.0], [2.0, 3.0, 2.0]]),
    "union1d": (np.union1d, A, B),
    "intersect1d": (np.intersect1d, A, B),
    "intersect1d(assume_unique=True)": (lambda a: np.intersect1d(a, [5, 2], True), B),
    "setxor1d": (np.setxor1d, A, B),
    "setdiff1d": (np.setdiff1d, A, B),
    "setdiff1d(assume_unique=True)": (lambda a: np.setdiff1d(a, [5.0], True), B),
}


@pytest.mark.parametrize("name", CALLS)
def test_values_are_numpys(name: str) -> None:
    function, *inputs = CALLS[name]
    values_agree(function, *inputs)


@pytest.mark.parametrize("function", [np.union1d, np.setxor1d])
def test_gradients_of_sets_without_repetition_agree_with_numbers(
    agrees_with_numpy: Callable[..., None], function: Any
) -> None:
    agrees_with_numpy(function, (3,), (2,))


def test_equal_elements_share_the_gradient_of_their_value() -> None:
    x = tg.Tensor(A, requires_grad=True)
    np.unique(x).backward(np.array([2.0, 3.0, 4.0]))
    assert x.grad.tolist() == [2.0, 1.0, 2.0, 3.0, 1.0]


def test_what_is_in_both_sets_shares_too() -> None:
    a, b = tg.Tensor(A, requires_grad=True), tg.Tensor(B, requires_grad=True)
    np.intersect1d(a, b).backward(np.array([2.0, 4.0]))
    assert a.grad.tolist() == [1.0, 0.0, 1.0, 1.0, 0.0]
    assert b.grad.tolist() == [1.0, 0.0, 2.0]


FLAGS = {"return_index": True, "return_inverse": True, "return_counts": True}
SEVERAL: dict[str, Any] = {
    "unique": lambda a: np.unique(a, **FLAGS),
    "unique(axis=0)": lambda a: np.unique(a, axis=0, **FLAGS),
    "unique_all": np.unique_all,
    "unique_counts": np.unique_counts,
    "unique_inverse": np.unique_inverse,
    "intersect1d": lambda a: np.intersect1d(a, [2.0, 1.0], return_indices=True),
}


@pytest.mark.parametrize("name", SEVERAL)
def test_positions_and_counts_come_along_without_a_history(name: str) -> None:
    got, expected = SEVERAL[name](tg.Tensor(A, requires_grad=True)), SEVERAL[name](np.array(A))
    assert len(got) == len(expected)
    assert type(got) is type(expected)
    for part, plain in zip(got, expected):
        np.testing.assert_array_equal(part.numpy(), plain)
    assert [part.requires_grad for part in got] == [True] + [False] * (len(got) - 1)


def test_nan_is_one_value_or_many_as_in_numpy() -> None:
    x = tg.Tensor([np.nan, 1.0, np.nan], requires_grad=True)
    assert len(np.unique(x)) == 2
    assert len(np.unique(x, equal_nan=False)) == 3
    assert len(np.unique_values(x)) == 3


@pytest.mark.parametrize("function", [np.union1d, np.intersect1d, np.setxor1d, np.setdiff1d])
def test_sets_may_be_empty(function: Any) -> None:
    assert function(tg.Tensor([], requires_grad=True), []).shape == (0,)


def test_what_is_taken_away_has_no_gradient() -> None:
    y = np.setdiff1d(np.array(A), tg.Tensor(B, requires_grad=True))
    assert (y.tolist(), y.requires_grad) == ([1.0], False)
