"""Sums, means, and largest and smallest elements, over all or some axes."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.dispatch import implements
from tinygrad_edu.op import Kink, case, differentiable
from tinygrad_edu.ops.shape import broadcast_to

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
)


def kept(y: Any, x: Any, axis: Any) -> Any:
    """Give a result of reducing ``x`` its reduced axes back, with size 1."""
    if axis is None:
        return y.reshape((1,) * x.ndim)
    reduced = {a % x.ndim for a in (axis if isinstance(axis, tuple) else (axis,))}
    return y.reshape(tuple(1 if i in reduced else n for i, n in enumerate(x.shape)))


def spread(dy: Any, x: Any, axis: Any) -> Any:
    """Give every element of ``x`` the gradient of the sum that it went into."""
    return broadcast_to(dy if axis is None else kept(dy, x, axis), shape=x.shape)


def mean_x(dy: Any, y: Any, x: Any, *, axis: Any = None, keepdims: bool = False) -> Any:
    """An equal share for every element that was averaged."""
    return spread(dy * (y.size / x.size if x.size else 1.0), x, axis)


def to_the_extreme(dy: Any, y: Any, x: Any, axis: Any) -> Any:
    """Give a gradient to the elements that equal the extreme, in even parts at a tie."""
    chosen = x == kept(y, x, axis)
    return kept(dy, x, axis) * (chosen / chosen.sum(axis=axis, keepdims=True))


@implements(np.sum)
@differentiable(
    x=lambda dy, y, x, *, axis=None, keepdims=False: spread(dy, x, axis),
    cases=CASES,
    hint=HINT,
)
def sum(x: Any, *, axis: Any = None, keepdims: bool = False) -> Any:
    """Sum of the elements over the given axes, as ``np.sum``."""
    return x.sum(axis=axis, keepdims=keepdims)


@implements(np.mean)
@differentiable(
    x=mean_x,
    cases=CASES,
    hint=HINT,
)
def mean(x: Any, *, axis: Any = None, keepdims: bool = False) -> Any:
    """Mean of the elements over the given axes, as ``np.mean``."""
    return x.mean(axis=axis, keepdims=keepdims)


@implements(np.max, np.amax)
@differentiable(
    x=lambda dy, y, x, *, axis=None, keepdims=False: to_the_extreme(dy, y, x, axis),
    cases=CASES,
    hint=HINT,
    kinks=[Kink(at=([2.0, 2.0, 1.0],), gradients=([0.5, 0.5, 0.0],))],
)
def max(x: Any, *, axis: Any = None, keepdims: bool = False) -> Any:
    """Largest element over the given axes, as ``np.max``; tied elements share the gradient."""
    return x.max(axis=axis, keepdims=keepdims)


@implements(np.min, np.amin)
@differentiable(
    x=lambda dy, y, x, *, axis=None, keepdims=False: to_the_extreme(dy, y, x, axis),
    cases=CASES,
    hint=HINT,
    kinks=[Kink(at=([1.0, 2.0, 1.0],), gradients=([0.5, 0.0, 0.5],))],
)
def min(x: Any, *, axis: Any = None, keepdims: bool = False) -> Any:
    """Smallest element over the given axes, as ``np.min``; tied elements share the gradient."""
    return x.min(axis=axis, keepdims=keepdims)
