"""Functions that make arrays, and windows onto arrays.

``np.array([t1, t2])`` is NumPy's alone: it never asks a Tensor, and Tensors refuse to become plain
arrays that way. With ``like=t1`` it does ask, and they are stacked.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from tinygrad_edu.ops.compose import composes, rearranged
from tinygrad_edu.ops.refuse import refuse
from tinygrad_edu.ops.shape import broadcast_to, clone, converted, reshape


@composes(np.array)
def array(
    object: Any,  # NumPy's name
    dtype: Any = None,
    *,
    copy: Any = True,
    order: str = "K",
    subok: bool = False,
    ndmin: int = 0,
    **others: Any,
) -> Any:
    """``np.array(..., like=t)``: of numbers, arrays and Tensors in nested lists."""
    refuse("array", **others)
    a = converted(object, dtype)
    a = reshape(a, shape=(1,) * (ndmin - a.ndim) + a.shape) if a.ndim < ndmin else a
    return clone(a) if a is object and copy else a


@composes(np.asarray, np.asanyarray)
def asarray(
    a: Any, dtype: Any = None, order: Any = None, *, device: Any = None, copy: Any = None
) -> Any:
    """``np.asarray(..., like=t)``: as `array`, and a Tensor as it is."""
    return array(a, dtype, copy=copy)


@composes(np.ascontiguousarray, np.asfortranarray)
def at_least_1d(a: Any, dtype: Any = None) -> Any:
    """``np.ascontiguousarray(..., like=t)``: the layout of memory is no part of a Tensor."""
    return array(a, dtype, copy=False, ndmin=1)


@composes(np.full)
def full(
    shape: Any, fill_value: Any, dtype: Any = None, order: str = "C", *, device: Any = None
) -> Any:
    """``np.full(..., like=t)``: one value everywhere, through which gradients flow."""
    return broadcast_to(converted(fill_value, dtype), shape=shape)


@composes(sliding_window_view)
def windows(
    x: Any,
    window_shape: Any,
    axis: Any = None,
    *,
    subok: bool = False,
    writeable: bool = False,
) -> Any:
    """``np.lib.stride_tricks.sliding_window_view``: every window, along new last axes.

    Examples
    --------
    >>> import numpy as np
    >>> import tinygrad_edu as tg
    >>> x = tg.Tensor([1.0, 2.0, 3.0], requires_grad=True)
    >>> np.lib.stride_tricks.sliding_window_view(x, 2).sum().backward()
    >>> x.grad.tolist()
    [1.0, 2.0, 1.0]
    """
    return rearranged(lambda a: sliding_window_view(a, window_shape, axis), x)
