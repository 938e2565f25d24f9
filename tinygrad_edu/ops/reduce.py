"""Sums, means, products, and largest and smallest elements, over all or some axes.

The ops know ``axis`` and ``keepdims``. NumPy's other arguments are compositions around them: a mask
puts in what changes nothing, ``initial`` is one more operand, ``dtype`` converts first.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from tinygrad_edu.cases import Kink, case
from tinygrad_edu.dispatch import implements, is_tensor, plain
from tinygrad_edu.op import differentiable
from tinygrad_edu.ops.compose import composes
from tinygrad_edu.ops.cumulative import before
from tinygrad_edu.ops.refuse import refuse
from tinygrad_edu.ops.shape import as_array, broadcast_to, converted, inverse

HINT = "the axes of an array of n axes are 0 to n-1, or -n to -1 counted from the end"
CASES = (
    case((3,)),
    case((2, 3)),
    case((2, 3), axis=0),
    case((2, 3), axis=-1, keepdims=True),
    case((2, 3, 4), axis=(0, 2)),
    case((2, 3, 4), axis=(1, -1), keepdims=True),
    case((2, 1, 3), axis=None, keepdims=True),
    case(()),
    case((2, 3, 4), axis=0),
    case((0, 3), axis=1),
)


OF_NAN = (
    Kink(at=([2.0, np.nan, 1.0],), gradients=([0.0, 1.0, 0.0],)),
    Kink(at=([[np.nan, 3.0], [1.0, np.nan]],), gradients=([[0.5, 0.0], [0.0, 0.5]],)),
)


def reduced_axes(x: Any, axis: Any) -> tuple[int, ...]:
    """Say which axes are reduced, counted from 0."""
    if axis is None:
        return tuple(range(x.ndim))
    return normalize_axis_tuple(axis, x.ndim) if x.ndim else ()


def kept(y: Any, x: Any, axis: Any) -> Any:
    """Give a result of reducing ``x`` its reduced axes back, with size 1."""
    if axis is None:
        return y.reshape((1,) * x.ndim)
    reduced = reduced_axes(x, axis)
    return y.reshape(tuple(1 if i in reduced else n for i, n in enumerate(x.shape)))


def spread(dy: Any, x: Any, axis: Any) -> Any:
    """Give every element of ``x`` the gradient of the sum that it went into."""
    return broadcast_to(dy if axis is None else kept(dy, x, axis), shape=x.shape)


def mean_x(dy: Any, y: Any, x: Any, *, axis: Any = None, keepdims: Any = False) -> Any:
    """An equal share for every element that was averaged."""
    return spread(dy * (y.size / x.size if x.size else 1.0), x, axis)


def prod_x(dy: Any, y: Any, x: Any, *, axis: Any = None, keepdims: Any = False) -> Any:
    """The product of all the others: of those before times those behind, so zeros do no harm."""
    reduced = reduced_axes(x, axis)
    others = tuple(i for i in range(x.ndim) if i not in reduced)
    there = others + reduced
    rows = x.transpose(there).reshape((*(x.shape[i] for i in others), x.size // (y.size or 1)))
    product = before(rows) * before(rows[..., ::-1])[..., ::-1]
    product = product.reshape(tuple(x.shape[i] for i in there)).transpose(inverse(there))
    return kept(dy, x, axis) * product


def to_the_extreme(dy: Any, y: Any, x: Any, axis: Any) -> Any:
    """Give a gradient to the elements that equal the extreme, in even parts at a tie.

    Where the result is NaN, it came from a NaN, and goes back to that.
    """
    chosen = x == kept(y, x, axis)
    count = chosen.sum(axis=axis, keepdims=True)
    if not count.all():
        chosen = chosen | ((x != x) & (count == 0))
        count = chosen.sum(axis=axis, keepdims=True)
    return kept(dy, x, axis) * (chosen / count)


@implements(np.sum)
@differentiable(
    x=lambda dy, y, x, *, axis=None, keepdims=False: spread(dy, x, axis),
    cases=CASES,
    hint=HINT,
)
def sum(x: Any, *, axis: Any = None, keepdims: Any = False) -> Any:
    """Sum of the elements over the given axes."""
    return x.sum(axis=axis, keepdims=keepdims)


@implements(np.mean)
@differentiable(
    x=mean_x,
    cases=CASES,
    hint=HINT,
)
def mean(x: Any, *, axis: Any = None, keepdims: Any = False) -> Any:
    """Mean of the elements over the given axes."""
    return x.mean(axis=axis, keepdims=keepdims)


@differentiable(
    x=prod_x,
    cases=CASES,
    hint=HINT,
    kinks=[
        Kink(at=([0.0, 2.0, 3.0],), gradients=([6.0, 0.0, 0.0],)),
        Kink(at=([0.0, 0.0, 3.0],), gradients=([0.0, 0.0, 0.0],)),
    ],
)
def prod(x: Any, *, axis: Any = None, keepdims: Any = False) -> Any:
    """Product of the elements over the given axes.

    Examples
    --------
    >>> import numpy as np
    >>> import tinygrad_edu as tg
    >>> x = tg.Tensor([0.0, 2.0, 3.0], requires_grad=True)
    >>> np.prod(x).backward()
    >>> x.grad.tolist()
    [6.0, 0.0, 0.0]
    """
    return x.prod(axis=axis, keepdims=keepdims)


@implements(np.max, np.amax)
@differentiable(
    x=lambda dy, y, x, *, axis=None, keepdims=False: to_the_extreme(dy, y, x, axis),
    cases=CASES,
    hint=HINT,
    kinks=[Kink(at=([2.0, 2.0, 1.0],), gradients=([0.5, 0.5, 0.0],)), *OF_NAN],
)
def max(x: Any, *, axis: Any = None, keepdims: Any = False) -> Any:
    """Largest element over the given axes; tied elements share the gradient, and NaN wins.

    Examples
    --------
    >>> import numpy as np
    >>> import tinygrad_edu as tg
    >>> x = tg.Tensor([2.0, 2.0, 1.0], requires_grad=True)
    >>> np.max(x).backward()
    >>> x.grad.tolist()
    [0.5, 0.5, 0.0]
    """
    return x.max(axis=axis, keepdims=keepdims)


@implements(np.min, np.amin)
@differentiable(
    x=lambda dy, y, x, *, axis=None, keepdims=False: to_the_extreme(dy, y, x, axis),
    cases=CASES,
    hint=HINT,
    kinks=[Kink(at=([1.0, 2.0, 1.0],), gradients=([0.5, 0.0, 0.5],)), *OF_NAN],
)
def min(x: Any, *, axis: Any = None, keepdims: Any = False) -> Any:
    """Smallest element over the given axes; tied elements share the gradient, and NaN wins."""
    return x.min(axis=axis, keepdims=keepdims)


@differentiable(
    x=lambda dy, y, x, *, axis=None, keepdims=False: to_the_extreme(dy, y, x, axis),
    cases=(*CASES[1:], case([[2.0, np.nan, 1.0], [0.5, 1.5, np.nan]], axis=1)),
    hint=HINT,
    kinks=[Kink(at=([2.0, np.nan, 2.0],), gradients=([0.5, 0.0, 0.5],))],
)
def nanmax(x: Any, *, axis: Any = None, keepdims: Any = False) -> Any:
    """Largest element that is not NaN; tied elements share the gradient."""
    return np.nanmax(x, axis=axis, keepdims=keepdims)


@differentiable(
    x=lambda dy, y, x, *, axis=None, keepdims=False: to_the_extreme(dy, y, x, axis),
    cases=(*CASES[1:], case([[2.0, np.nan, 1.0], [0.5, 1.5, np.nan]], axis=1)),
    hint=HINT,
    kinks=[Kink(at=([1.0, np.nan, 1.0],), gradients=([0.5, 0.0, 0.5],))],
)
def nanmin(x: Any, *, axis: Any = None, keepdims: Any = False) -> Any:
    """Smallest element that is not NaN; tied elements share the gradient."""
    return np.nanmin(x, axis=axis, keepdims=keepdims)


# -------------------------------------------------------------------- with NumPy's signatures
def total(op: Callable[..., Any], join: Callable[..., Any], neutral: int) -> Any:
    """Give ``sum`` or ``prod`` all that NumPy's functions take."""

    def compute(
        a: Any,
        axis: Any = None,
        dtype: Any = None,
        out: Any = None,
        keepdims: Any = False,
        initial: Any = None,
        where: Any = True,
    ) -> Any:
        refuse(op.__name__, out=out)
        a = converted(a, dtype)
        a = a if where is True else np.where(where, a, neutral)
        y = op(a, axis=axis, keepdims=keepdims)
        return y if initial is None else join(y, weak(initial))

    return compute


def extreme(op: Callable[..., Any], join: Callable[..., Any], least: float) -> Any:
    """Give ``max`` or ``min`` all that NumPy's functions take."""

    def compute(
        a: Any,
        axis: Any = None,
        out: Any = None,
        keepdims: Any = False,
        initial: Any = None,
        where: Any = True,
    ) -> Any:
        refuse(op.__name__, out=out)
        a = as_array(a)
        if where is not True:
            if initial is None:
                raise ValueError(f"{op.__name__} with where= needs initial=: all may be masked")
            a = np.where(where, a, least)
        if initial is None:
            return op(a, axis=axis, keepdims=keepdims)
        if a.size == 0:  # then only the initial value is left
            return sum(a, axis=axis, keepdims=keepdims) + weak(initial)
        return join(op(a, axis=axis, keepdims=keepdims), weak(initial))

    return compute


def passing_over_nan(op: Callable[..., Any], function: Callable[..., Any]) -> Any:
    """Give ``nanmax`` or ``nanmin`` all that NumPy's functions take."""

    def compute(
        a: Any,
        axis: Any = None,
        out: Any = None,
        keepdims: Any = False,
        initial: Any = None,
        where: Any = True,
    ) -> Any:
        refuse(op.__name__, out=out)
        a = as_array(a)
        if initial is None and where is True:
            return op(a, axis=axis, keepdims=keepdims)
        mask = ~np.isnan(plain(a)) & plain(where)
        return function(a, axis=axis, keepdims=keepdims, initial=initial, where=mask)

    return compute


def weak(number: Any) -> Any:
    """Make a NumPy scalar a Python number, which does not change the dtype of what it meets."""
    return number.item() if isinstance(number, np.generic) else number


def masked_mean(
    a: Any,
    axis: Any = None,
    dtype: Any = None,
    out: Any = None,
    keepdims: Any = False,
    *,
    where: Any = True,
) -> Any:
    """``np.mean``; under a mask, the sum of what is left divided by how many are left."""
    refuse("mean", out=out)
    a = converted(a, dtype)
    if where is True:
        return mean(a, axis=axis, keepdims=keepdims)
    count = counted(where, a, axis, keepdims)
    if not count.all():
        warnings.warn("Mean of empty slice", RuntimeWarning, stacklevel=2)
    exact = np.result_type(a.dtype, count.dtype)
    y = np.sum(a, axis=axis, dtype=exact, keepdims=keepdims, where=where)
    with np.errstate(invalid="ignore"):
        return converted(y / count, a.dtype)


def counted(where: Any, a: Any, axis: Any, keepdims: Any) -> Any:
    """Count the elements that a mask leaves, in a float that can count them and hold their sum."""
    exact = np.result_type(np.abs(np.empty(0, a.dtype)).dtype, np.float32)
    mask = np.broadcast_to(plain(where), a.shape)
    return np.asarray(mask.sum(axis=axis, keepdims=keepdims)).astype(exact)


def at_once(op: Callable[..., Any], thorough: Callable[..., Any], *functions: Any) -> None:
    """Let an op stand in for NumPy's functions, through ``thorough`` if that has to see to more."""
    slowly = composes(*functions)(thorough)

    def compute(
        a: Any, axis: Any = None, *more: Any, keepdims: Any = False, **settings: Any
    ) -> Any:
        if not more and not settings and is_tensor(a):
            return op(a, axis=axis, keepdims=keepdims)
        settings.update({"keepdims": True} if keepdims else {})
        return slowly(a, axis, *more, **settings)

    implements(*functions)(compute)


at_once(sum, total(sum, np.add, 0), np.sum)
at_once(prod, total(prod, np.multiply, 1), np.prod)
at_once(mean, masked_mean, np.mean)
at_once(max, extreme(max, np.maximum, -np.inf), np.max, np.amax)
at_once(min, extreme(min, np.minimum, np.inf), np.min, np.amin)
composes(np.nanmax)(passing_over_nan(nanmax, np.max))
composes(np.nanmin)(passing_over_nan(nanmin, np.min))
