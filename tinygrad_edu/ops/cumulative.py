"""Running sums and products, and their opposites: differences, slopes and areas.

The gradient of a running sum is a running sum from the other end: an element counts in every sum
that comes after it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

from tinygrad_edu.cases import case
from tinygrad_edu.op import differentiable
from tinygrad_edu.ops.compose import along, as_floats, composes
from tinygrad_edu.ops.refuse import refuse
from tinygrad_edu.ops.shape import as_array, astype, broadcast_to, concatenate, converted, reshape

CASES = (
    case((3,), axis=0),
    case((1,), axis=0),
    case((2, 3), axis=0),
    case((2, 3), axis=-1),
    case((2, 3, 2), axis=1),
    case((5,), axis=-1),
    case((0, 3), axis=0),
)
HINT = "an axis runs from 0 to n-1, or from -n to -1 counted from the end"


def flipped(x: Any, axis: int) -> Any:
    """The elements from last to first along an axis."""
    return x[along(axis, slice(None, None, -1), x.ndim)]


def before(x: Any) -> Any:
    """The product of all the elements before each, along the last axis."""
    return np.cumprod(np.concatenate([np.ones_like(x[..., :1]), x[..., :-1]], axis=-1), axis=-1)


def ahead(x: Any, steps: int) -> Any:
    """The element so many steps further along the last axis; 0 past the end."""
    return np.concatenate([x[..., steps:], np.zeros_like(x[..., :steps])], axis=-1)


def cumsum_x(dy: Any, y: Any, x: Any, *, axis: int) -> Any:
    """The sum of all gradients from here on: a running sum from the other end."""
    return flipped(np.cumsum(flipped(dy, axis), axis=axis), axis)


def cumprod_x(dy: Any, y: Any, x: Any, *, axis: int) -> Any:
    """What lies before, times ``r[i] = dy[i] + x[i+1] r[i+1]``: no division, so zeros do no harm.

    The recurrence is solved by doubling. ``total`` covers a window of 1, 2, 4, ... gradients, and
    ``factor`` is the product of the window's elements, which carries the next window's total here.
    """
    x, total = np.moveaxis(x, axis, -1), np.moveaxis(dy, axis, -1)
    factor, steps = ahead(x, 1), 1
    while steps < x.shape[-1]:
        total = total + factor * ahead(total, steps)
        factor = factor * ahead(factor, steps)
        steps *= 2
    return np.moveaxis(before(x) * total, -1, axis)


@differentiable(x=cumsum_x, cases=CASES, hint=HINT)
def cumsum(x: Any, *, axis: int) -> Any:
    """Running sums along an axis: ``y[i] = x[0] + ... + x[i]``.

    Examples
    --------
    >>> import numpy as np
    >>> import tinygrad_edu as tg
    >>> x = tg.Tensor([1.0, 2.0, 3.0], requires_grad=True)
    >>> np.cumsum(x).sum().backward()
    >>> x.grad.tolist()
    [3.0, 2.0, 1.0]
    """
    return np.cumsum(x, axis=axis)


@differentiable(x=cumprod_x, cases=CASES, hint=HINT)
def cumprod(x: Any, *, axis: int) -> Any:
    """Running products along an axis: ``y[i] = x[0] * ... * x[i]``.

    Examples
    --------
    >>> import numpy as np
    >>> import tinygrad_edu as tg
    >>> x = tg.Tensor([2.0, 0.0, 3.0], requires_grad=True)
    >>> np.cumprod(x).sum().backward()
    >>> x.grad.tolist()
    [1.0, 8.0, 0.0]
    """
    return np.cumprod(x, axis=axis)


def running(op: Callable[..., Any], empty_value: int, skip_nan: bool = False) -> Any:
    """Give a running op NumPy's signature: flattened without an axis, in another dtype."""

    def compute(a: Any, axis: Any = None, dtype: Any = None, out: Any = None) -> Any:
        refuse(op.__name__, out=out)
        a = as_array(a)
        if dtype is not None:
            a = astype(a, dtype=np.dtype(dtype))
        if skip_nan:
            a = np.where(np.isnan(a), empty_value, a)
        if axis is None:
            return op(reshape(a, shape=(-1,)), axis=0)
        return op(a, axis=normalize_axis_index(axis, max(a.ndim, 1)))

    return compute


composes(np.cumsum)(running(cumsum, 0))
composes(np.cumprod)(running(cumprod, 1))
composes(np.nancumsum)(running(cumsum, 0, skip_nan=True))
composes(np.nancumprod)(running(cumprod, 1, skip_nan=True))


def with_initial(function: Callable[..., Any], start: int) -> Any:
    """Make the array API's spelling of a running op, which can begin with a 0 or a 1."""

    def compute(
        x: Any,
        /,
        *,
        axis: int | None = None,
        dtype: Any = None,
        out: Any = None,
        include_initial: bool = False,
    ) -> Any:
        x = as_array(x)
        if axis is None and x.ndim != 1:
            raise ValueError(f"an array of shape {x.shape} has several axes: say axis=")
        axis = normalize_axis_index(0 if axis is None else axis, x.ndim)
        y = function(x, axis=axis, dtype=dtype, out=out)
        if not include_initial:
            return y
        first = np.full((*y.shape[:axis], 1, *y.shape[axis + 1 :]), start, y.dtype)
        return concatenate(first, y, axis=axis)

    return compute


if hasattr(np, "cumulative_sum"):  # since NumPy 2.1
    composes(np.cumulative_sum)(with_initial(np.cumsum, 0))
    composes(np.cumulative_prod)(with_initial(np.cumprod, 1))


# ------------------------------------------------------------------------------ differences
@composes(np.diff)
def diff(a: Any, n: int = 1, axis: int = -1, prepend: Any = None, append: Any = None) -> Any:
    """``np.diff``: each element less the one before, ``n`` times over."""
    a = as_array(a)
    if n < 0:
        raise ValueError(f"the order of a difference is 0 or more, not {n}")
    if n == 0:
        return a
    if a.ndim == 0:
        raise ValueError("diff needs at least one axis, and a single number has none")
    axis = normalize_axis_index(axis, a.ndim)
    a = joined(a, axis, prepend, append)
    for _ in range(n):
        later, earlier = (a[along(axis, part, a.ndim)] for part in (slice(1, None), slice(-1)))
        a = later != earlier if a.dtype == bool else later - earlier
    return a


def joined(a: Any, axis: int, prepend: Any, append: Any) -> Any:
    """Put other arrays, or single numbers, before and behind ``a``."""
    parts = [prepend, a, append]
    one = (*a.shape[:axis], 1, *a.shape[axis + 1 :])
    for place in (0, 2):
        if parts[place] is not None:
            part = as_array(parts[place])
            parts[place] = broadcast_to(part, shape=one) if part.ndim == 0 else part
    return np.concatenate([part for part in parts if part is not None], axis=axis)


@composes(np.ediff1d)
def ediff1d(ary: Any, to_end: Any = None, to_begin: Any = None) -> Any:
    """``np.ediff1d``: the differences between successive elements of the flattened array."""
    flat = reshape(as_array(ary), shape=(-1,))
    parts = [to_begin, flat[1:] - flat[:-1], to_end]
    row = [converted(part, flat.dtype) for part in parts if part is not None]
    return concatenate(*(reshape(part, shape=(-1,)) for part in row))


@composes(*(getattr(np, name) for name in ("trapezoid", "trapz") if name in np.__all__))
def trapezoid(y: Any, x: Any = None, dx: Any = 1.0, axis: int = -1) -> Any:
    """``np.trapezoid``: the area under straight lines between the points."""
    y = as_array(y)
    if x is not None:
        x = as_array(x)
        dx = diff(x) if x.ndim == 1 else diff(x, axis=axis)
        if x.ndim == 1:
            shape = [1] * y.ndim
            shape[axis] = -1
            dx = dx.reshape(shape)
    later, earlier = (y[along(axis, part, y.ndim)] for part in (slice(1, None), slice(-1)))
    return (dx * (later + earlier) / 2.0).sum(axis=axis)


# ---------------------------------------------------------------------------------- slopes
@composes(np.gradient)
def gradient(f: Any, *varargs: Any, axis: Any = None, edge_order: int = 1) -> Any:
    """``np.gradient``: slopes by central differences, one-sided at the ends.

    References
    ----------
    Fornberg, Generation of finite difference formulas on arbitrarily spaced grids, 1988.
    """
    f = as_floats(f)
    axes = tuple(range(f.ndim)) if axis is None else normalize_axis_tuple(axis, f.ndim)
    if len(varargs) not in (0, 1, len(axes)) or (
        len(varargs) == 1 != len(axes) and as_array(varargs[0]).ndim
    ):
        raise TypeError(f"gradient takes no spacing, one number, or one for each of {axes}")
    if edge_order not in (1, 2):
        raise ValueError(f"gradient has an edge_order of 1 or 2, not {edge_order}")
    spacings = varargs * len(axes) if len(varargs) == 1 else varargs or (1.0,) * len(axes)
    slopes = tuple(slope(f, *pair, edge_order) for pair in zip(spacings, axes))
    return slopes[0] if len(axes) == 1 else slopes


def slope(f: Any, spacing: Any, axis: int, edge_order: int) -> Any:
    """Differentiate along one axis: by both neighbours inside, by one or two at the ends."""
    dtype, f = f.dtype, np.moveaxis(f, axis, 0)
    if len(f) < edge_order + 1:
        raise ValueError(f"gradient with edge_order={edge_order} needs more than {len(f)} points")
    if isinstance(spacing, (int, float)) or np.ndim(spacing) == 0:
        begin = end = (spacing, spacing)
        inside = (f[2:] - f[:-2]) / (2.0 * spacing)
    else:
        h = steps_between(as_floats(spacing), f)
        begin, end = (h[0], h[min(1, len(h) - 1)]), (h[-1], h[max(-2, -len(h))])
        inside = inner_slope(f, h[:-1], h[1:])
    first, last = end_slope(f, *begin, edge_order), -end_slope(f[::-1], *end, edge_order)
    y = np.moveaxis(np.concatenate([first[None], inside, last[None]]), 0, axis)
    return y if y.dtype == dtype else astype(y, dtype=dtype)


def inner_slope(f: Any, left: Any, right: Any) -> Any:
    """Slope of the parabola through three neighbours, at the middle one."""
    return (
        -right / (left * (left + right)) * f[:-2]
        + (right - left) / (left * right) * f[1:-1]
        + left / (right * (left + right)) * f[2:]
    )


def end_slope(f: Any, h0: Any, h1: Any, edge_order: int) -> Any:
    """Slope at the first point: of the line through two, or of the parabola through three."""
    if edge_order == 1:
        return (f[1] - f[0]) / h0
    return (
        -(2.0 * h0 + h1) / (h0 * (h0 + h1)) * f[0]
        + (h0 + h1) / (h0 * h1) * f[1]
        - h0 / (h1 * (h0 + h1)) * f[2]
    )


def steps_between(points: Any, f: Any) -> Any:
    """Return the distances between points, shaped to stand beside the first axis of ``f``."""
    if points.shape != (len(f),):
        raise ValueError(f"the coordinates of {len(f)} points have shape {points.shape}")
    return (points[1:] - points[:-1]).reshape((len(f) - 1,) + (1,) * (f.ndim - 1))
