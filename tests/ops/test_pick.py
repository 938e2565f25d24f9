"""Picking elements, choosing between arrays, and functions applied to parts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg

CALLS: dict[str, tuple[Any, ...]] = {
    "take(x, [[0, 2], [1, 1]], mode='raise')": (
        lambda x: np.take(x, [[0, 2], [1, 1]], mode="raise"),
        (2, 3),
    ),
    "take(x, [0, 2, 0], axis=1, mode='raise')": (
        lambda x: np.take(x, [0, 2, 0], axis=1, mode="raise"),
        (2, 3),
    ),
    "take(x, [[0, 2], [1, 1]], mode='wrap')": (
        lambda x: np.take(x, [[0, 2], [1, 1]], mode="wrap"),
        (2, 3),
    ),
    "take(x, [0, 2, 0], axis=1, mode='wrap')": (
        lambda x: np.take(x, [0, 2, 0], axis=1, mode="wrap"),
        (2, 3),
    ),
    "take(x, [[0, 2], [1, 1]], mode='clip')": (
        lambda x: np.take(x, [[0, 2], [1, 1]], mode="clip"),
        (2, 3),
    ),
    "take(x, [0, 2, 0], axis=1, mode='clip')": (
        lambda x: np.take(x, [0, 2, 0], axis=1, mode="clip"),
        (2, 3),
    ),
    "take(x, [5, -7], 0, mode='wrap')": (
        lambda x: np.take(x, [5, -7], 0, mode="wrap"),
        (2, 3),
    ),
    "take(x, [5, -7], 0, mode='clip')": (
        lambda x: np.take(x, [5, -7], 0, mode="clip"),
        (2, 3),
    ),
    "take(x, 1, 0)": (
        lambda x: np.take(x, 1, 0),
        (2, 3),
    ),
    "take(x, -1)": (
        lambda x: np.take(x, -1),
        (2, 3),
    ),
    "x.take([0, 0], 1)": (
        lambda x: x.take([0, 0], 1),
        (2, 3),
    ),
    "take_along_axis(x, argsort(x, 1), 1)": (
        lambda x: np.take_along_axis(x, np.argsort(x, 1), 1),
        (2, 3),
    ),
    "take_along_axis(x, array([3, 0]), None)": (
        lambda x: np.take_along_axis(x, np.array([3, 0]), None),
        (2, 3),
    ),
    "take_along_axis(x, array([[0, 0, 1, 1]]), 1)": (
        lambda x: np.take_along_axis(x, np.array([[0, 0, 1, 1]]), 1),
        (2, 3),
    ),
    "compress([True, False, True], x, axis=1)": (
        lambda x: np.compress([True, False, True], x, axis=1),
        (2, 3),
    ),
    "compress([0, 1, 1], x)": (
        lambda x: np.compress([0, 1, 1], x),
        (2, 3),
    ),
    "x.compress([True], 0)": (
        lambda x: x.compress([True], 0),
        (2, 3),
    ),
    "extract(x > 0, x)": (
        lambda x: np.extract(x > 0, x),
        (2, 3),
    ),
    "extract([[1, 0], [0, 1]], x)": (
        lambda x: np.extract([[1, 0], [0, 1]], x),
        (2, 2),
    ),
    "select([x > 0.5, x < 0], [x * 2, y], default=7.0)": (
        lambda x, y: np.select([x > 0.5, x < 0], [x * 2, y], default=7.0),
        (2, 3),
        (3,),
    ),
    "select([x > 0.5, x < 0], [x * 2, 1.0])": (
        lambda x: np.select([x > 0.5, x < 0], [x * 2, 1.0]),
        (2, 3),
    ),
    "choose([0, 1, 0], [x, y])": (
        lambda x, y: np.choose([0, 1, 0], [x, y]),
        (3,),
        (3,),
    ),
    "choose([[0], [1]], (x, y))": (
        lambda x, y: np.choose([[0], [1]], (x, y)),
        (3,),
        (),
    ),
    "choose([4, -1], x, mode='wrap')": (
        lambda x: np.choose([4, -1], x, mode="wrap"),
        (2, 2),
    ),
    "choose([4, -1], [x, y], mode='clip')": (
        lambda x, y: np.choose([4, -1], [x, y], mode="clip"),
        (2,),
        (2,),
    ),
    "piecewise(x, [x < 0, x > 0.5], [lambda t: -t * t, lambda t: t * 3])": (
        lambda x: np.piecewise(x, [x < 0, x > 0.5], [lambda t: -t * t, lambda t: t * 3]),
        (7,),
    ),
    "piecewise(x, [x < 0], [lambda t: -t * t, 5.0])": (
        lambda x: np.piecewise(x, [x < 0], [lambda t: -t * t, 5.0]),
        (2, 4),
    ),
    "piecewise(x, x < 0, [lambda t, c: -t * c, lambda t, c: t + c], 3.0)": (
        lambda x: np.piecewise(x, x < 0, [lambda t, c: -t * c, lambda t, c: t + c], 3.0),
        (5,),
    ),
    "piecewise(x, [x < 0, x >= 0], [lambda t: -t * t, lambda t: t * 3])": (
        lambda x: np.piecewise(x, [x < 0, x >= 0], [lambda t: -t * t, lambda t: t * 3]),
        (),
    ),
    "apply_along_axis(lambda row: row * row[0], 0, x)": (
        lambda x: np.apply_along_axis(lambda row: row * row[0], 0, x),
        (2, 3),
    ),
    "apply_along_axis(sum, 1, x)": (
        lambda x: np.apply_along_axis(np.sum, 1, x),
        (2, 3, 2),
    ),
    "apply_along_axis(lambda row: outer(row, row), 1, x)": (
        lambda x: np.apply_along_axis(lambda row: np.outer(row, row), 1, x),
        (2, 3, 2),
    ),
    "apply_over_axes(sum, x, [0, 2])": (
        lambda x: np.apply_over_axes(np.sum, x, [0, 2]),
        (2, 3, 4),
    ),
    "apply_over_axes(sum, x, 1)": (
        lambda x: np.apply_over_axes(np.sum, x, 1),
        (2, 3),
    ),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
def test_values_dtypes_and_derivatives_are_right(
    agrees_with_numpy: Callable[..., None], call: tuple[Any, ...]
) -> None:
    agrees_with_numpy(*call)


def test_putting_along_an_axis_is_recorded_as_a_write_is() -> None:
    x = tg.Tensor(np.ones((2, 3)), requires_grad=True)
    values = tg.Tensor([[5.0], [6.0]], requires_grad=True)
    y = x * 1
    np.put_along_axis(y, np.array([[0], [2]]), values, axis=1)
    np.put_along_axis(y, np.array([1]), 7.0, axis=None)
    assert y.tolist() == [[5.0, 7.0, 1.0], [1.0, 1.0, 6.0]]
    y.sum().backward()
    assert x.grad is not None
    assert values.grad is not None
    assert x.grad.tolist() == [[0.0, 0.0, 1.0], [1.0, 1.0, 0.0]]
    assert values.grad.tolist() == [[1.0], [1.0]]


def test_putting_a_tensor_into_a_plain_array_is_refused() -> None:
    values = tg.Tensor([[1.0]], requires_grad=True)
    with pytest.raises(TypeError, match="history"):
        np.put_along_axis(np.zeros((1, 3)), np.array([[0]]), values, axis=1)


def test_a_function_with_weights_of_its_own_may_be_applied_to_plain_rows() -> None:
    w = tg.Tensor([1.0, 2.0, 3.0], requires_grad=True)
    rows = tg.Tensor([[1.0, 0.0, 1.0], [0.0, 1.0, 1.0]])
    np.apply_along_axis(lambda row: (row * w).sum(), 1, rows).sum().backward()
    assert w.grad is not None
    assert w.grad.tolist() == [1.0, 1.0, 2.0]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda x: np.take(x, 9), IndexError, "9"),
        (lambda x: np.take(x, np.array([0.5])), TypeError, "Cannot cast"),
        (lambda x: np.take(x, 0, out=np.zeros(())), TypeError, "out="),
        (lambda x: np.take_along_axis(x, np.array([[0.5]]), 1), IndexError, "integers"),
        (lambda x: np.take_along_axis(x, np.array([0]), 1), ValueError, "stand beside"),
        (lambda x: np.take_along_axis(x, np.array([[3]]), 1), IndexError, "getitem"),
        (lambda x: np.compress([[True]], x), ValueError, "one axis"),
        (lambda x: np.select([x > 0], [x, x]), ValueError, "1 conditions for 2 choices"),
        (lambda x: np.select([[1, 0, 1]], [x]), TypeError, "truth values"),
        (lambda x: np.choose([0, 2, 0], [x, x]), ValueError, "invalid entry"),
        (lambda x: np.piecewise(x, [x > 0], [1, 2, 3]), ValueError, "3 functions"),
        (lambda x: np.apply_along_axis(np.sum, 1, x[:0]), ValueError, "no row"),
    ],
)
def test_what_makes_no_sense_is_refused(call: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call(tg.Tensor(np.ones((2, 3)), requires_grad=True))
