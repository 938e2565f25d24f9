"""Making arrays of Tensors with ``like=``, and windows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view

import tinygrad_edu as tg
import tinygrad_edu.ops.convert
import tinygrad_edu.ops.everything


def like(x: Any) -> dict[str, Any]:
    return {"like": x} if isinstance(x, tg.Tensor) else {}


CALLS: dict[str, Any] = {
    "array": (lambda x, y: np.array([x, y], **like(x)), (), ()),
    "array of lists": (lambda x, y: np.array([[x, y * 2], [1, x]], **like(x)), (), ()),
    "array(ndmin=3)": (lambda x: np.array(x, ndmin=3, **like(x)), (2,)),
    "asarray": (lambda x, y: np.asarray([x, y], dtype=float, **like(x)), (), ()),
    "asanyarray": (lambda x: np.asanyarray(x, **like(x)), (2,)),
    "ascontiguousarray": (lambda x: np.ascontiguousarray(x, **like(x)), ()),
    "full": (lambda x: np.full((2, 3), x, **like(x)), (3,)),
    "windows": (lambda x: sliding_window_view(x, 2), (4,)),
    "windows of a matrix": (lambda x: sliding_window_view(x, (2, 2)), (3, 4)),
    "windows(axis=0)": (lambda x: sliding_window_view(x, 2, axis=0), (3, 4)),
}


@pytest.mark.parametrize("name", CALLS)
def test_values_and_derivatives_are_right(
    agrees_with_numpy: Callable[..., None], name: str
) -> None:
    function, *inputs = CALLS[name]
    agrees_with_numpy(function, *inputs)


def test_an_array_like_a_tensor_is_a_copy() -> None:
    x = tg.Tensor([1.0, 2.0], requires_grad=True)
    assert np.asarray(x, like=x) is x
    assert np.array(x, like=x) is not x


@pytest.mark.parametrize("date", [np.is_busday, np.datetime_as_string])
def test_functions_of_dates_say_that_a_tensor_holds_none(date: Callable[..., Any]) -> None:
    with pytest.raises(TypeError, match="works on dates, and a Tensor holds numbers"):
        date(tg.Tensor([1.0], requires_grad=True))
    with pytest.raises((TypeError, ValueError)):
        date(tg.Tensor([1.0]))
