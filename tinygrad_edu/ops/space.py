"""Numbers at equal steps between two Tensors, and at equal ratios: ``np.linspace`` and its kin.

All are sums and powers of their ends, and need no rules.
"""

from __future__ import annotations

from operator import index
from typing import Any

import numpy as np

from tinygrad_edu.dispatch import plain
from tinygrad_edu.ops.compose import composes
from tinygrad_edu.ops.shape import as_array, concatenate, converted


def common_dtype(*ends: Any) -> Any:
    """Return the dtype of what lies between: that of the ends, but always floating-point."""
    return np.result_type(*(x if np.isscalar(x) else as_array(x).dtype for x in ends), 1.0)


def at_steps(start: Any, stop: Any, num: Any, endpoint: bool) -> tuple[Any, Any]:
    """Go from start towards stop along a new first axis; also return the step."""
    num = index(num)
    if num < 0:
        raise ValueError(f"the number of samples must not be negative, as {num} is")
    dtype = common_dtype(start, stop)
    start, stop = converted(start, dtype), converted(stop, dtype)
    steps = num - 1 if endpoint else num
    whole = stop - start
    places = np.arange(num, dtype=dtype).reshape((-1,) + (1,) * whole.ndim)
    if steps <= 0:
        return start + places * whole, np.nan
    y = start + places * (whole / steps)
    if endpoint:  # the last is the end itself, whatever rounding makes of the steps
        y = concatenate(y[:-1], np.broadcast_to(stop, (1, *whole.shape)))
    return y, whole / steps


def finished(y: Any, dtype: Any, axis: int) -> Any:
    """Move the axis of the samples where it is wanted, and take on the dtype that is."""
    y = np.moveaxis(y, 0, axis) if axis else y
    if dtype is not None and np.dtype(dtype).kind in "iu":
        y = np.floor(y)
    return converted(y, dtype)


@composes(np.linspace)
def linspace(
    start: Any,
    stop: Any,
    num: Any = 50,
    endpoint: bool = True,
    retstep: bool = False,
    dtype: Any = None,
    axis: int = 0,
    *,
    device: Any = None,
) -> Any:
    """``np.linspace``: ``start + i (stop - start) / (num - 1)``, for ``num`` samples."""
    y, step = at_steps(start, stop, num, endpoint)
    y = finished(y, dtype, axis)
    return (y, step) if retstep else y


@composes(np.logspace)
def logspace(
    start: Any,
    stop: Any,
    num: Any = 50,
    endpoint: bool = True,
    base: Any = 10.0,
    dtype: Any = None,
    axis: int = 0,
) -> Any:
    """``np.logspace``: the base to the power of numbers at equal steps."""
    y, _ = at_steps(start, stop, num, endpoint)
    if np.ndim(plain(base)):
        shape = np.broadcast_shapes(y.shape[1:], np.shape(base))
        y = np.reshape(y, (len(y),) + (1,) * (len(shape) - y.ndim + 1) + y.shape[1:])
    return converted(finished(np.power(base, y), None, axis), dtype)


@composes(np.geomspace)
def geomspace(
    start: Any,
    stop: Any,
    num: Any = 50,
    endpoint: bool = True,
    dtype: Any = None,
    axis: int = 0,
) -> Any:
    """``np.geomspace``: ``start (stop / start)**(i / (num - 1))``, for ``num`` samples."""
    if not (np.all(plain(start)) and np.all(plain(stop))):
        raise ValueError("a geometric sequence never comes to 0, and none begins there")
    double = np.promote_types(common_dtype(start, stop), float)  # as NumPy does
    start, stop = converted(start, double), converted(stop, double)
    ratio = stop / start
    places, _ = at_steps(0.0, 1.0, num, endpoint)
    y = start * ratio ** np.reshape(places, (-1,) + (1,) * ratio.ndim)
    return converted(finished(y, None, axis), dtype)
