"""Sums under a window that slides over an array, of which average pooling is made.

Summing and spreading are each other's derivatives, as gathering and laying down are for a
convolution; this is a convolution with a weight of ones, channel by channel, and several times
faster.

Read next: ``conv_unfold.py``.
"""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from tinygrad_edu.cases import case
from tinygrad_edu.op import differentiable
from tinygrad_edu.ops.conv_window import Pairs, Sizes, padded, places, taps, within
from tinygrad_edu.ops.pool import DENSE, HINT, LINE, PLANE

FEW = 16
"""Up to so many elements under a window, adding up shifted arrays is faster than summing blocks."""


def tiled(size: Sizes, kernel: Sizes, stride: Sizes, padding: Pairs) -> bool:
    """Tell whether the windows cover every element once, and nothing else."""
    apart = kernel == stride and not any(map(any, padding))
    return apart and all(n % k == 0 for n, k in zip(size, kernel))


def blocks(x: Any, kernel: Sizes) -> Any:
    """View each axis behind the second as two: which window, and where under it."""
    pairs = [part for n, k in zip(x.shape[2:], kernel) for part in (n // k, k)]
    return x.reshape((*x.shape[:2], *pairs))


def block_sums(x: Any, kernel: Sizes) -> Any:
    """Sum over the windows, of which none overlap.

    A mean over all of (32, 16, 14, 14) takes 23 microseconds instead of 430.
    """
    if kernel == x.shape[2:]:
        return x.sum(axis=tuple(range(2, x.ndim)), dtype=x.dtype, keepdims=True)
    y = blocks(x, kernel)
    for axis in range(len(kernel)):  # each time, one of the pairs of axes becomes one axis
        y = y.sum(axis=axis + 3, dtype=x.dtype)
    return y


def sum_pool_x(dy: Any, y: Any, x: Any, **settings: Any) -> Any:
    """Every element gets the gradients of all windows that covered it."""
    return sum_unpool(dy, size=x.shape[2:], **settings)


@differentiable(
    x=sum_pool_x,
    cases=[
        case((2, 3, 6), kernel=(2,), **LINE),
        case((1, 2, 7), kernel=(3,), stride=(1,), padding=((1, 1),), dilation=(2,)),
        case((2, 1, 4, 6), kernel=(2, 2), **PLANE),
        case((1, 2, 5, 5), kernel=(2, 3), **PLANE),
        case((2, 2, 3, 4), kernel=(2, 2), **DENSE),
        case((1, 1, 2, 3), kernel=(1, 1), **PLANE),
        case((1, 1, 3, 4, 2), kernel=(2, 2, 1), stride=(1, 2, 1), padding=((0, 1),) * 3,
             dilation=(1, 1, 1)),
        case((0, 2, 4, 4), kernel=(2, 2), **PLANE),
        case((1, 2, 5, 4), kernel=(5, 4), stride=(5, 4), padding=((0, 0),) * 2, dilation=(1, 1)),
        case((1, 1, 6, 6), kernel=(6, 3), stride=(6, 3), padding=((0, 0),) * 2, dilation=(1, 1)),
    ],
    hint=HINT,
)  # fmt: skip
def sum_pool(x: Any, *, kernel: Sizes, stride: Sizes, padding: Pairs, dilation: Sizes) -> Any:
    """Sum of the elements under a window that slides along all axes behind the second.

    Shapes: ``x`` (images, channels, ...); the result the same, with as many elements along each
    axis as there are places for the window.

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_edu.ops.pool_mean import sum_pool
    >>> x = np.array([[[3.0, 1.0, 4.0, 1.0, 5.0]]])
    >>> sum_pool(x, kernel=(2,), stride=(2,), padding=((0, 1),), dilation=(1,))
    array([[[4., 5., 5.]]])
    """
    size = places(x.shape[2:], kernel, stride, padding, dilation)
    if prod(kernel) > FEW and tiled(x.shape[2:], kernel, stride, padding):
        return block_sums(x, kernel)
    xs = padded(x, padding)
    first, *others = (xs[met] for _, met in taps(kernel, size, stride, dilation))
    y = np.add(first, others.pop() if others else 0)
    for other in others:
        y += other
    return y


def sum_unpool_z(dy: Any, y: Any, z: Any, *, size: Sizes, **settings: Any) -> Any:
    """Every window sums up the gradients of the elements that it covered."""
    return sum_pool(dy, **settings)


@differentiable(
    z=sum_unpool_z,
    cases=[
        case((2, 3, 3), size=(6,), kernel=(2,), **LINE),
        case((1, 2, 5), size=(7,), kernel=(3,), stride=(1,), padding=((1, 1),), dilation=(2,)),
        case((2, 1, 2, 3), size=(4, 6), kernel=(2, 2), **PLANE),
        case((1, 2, 2, 2), size=(5, 5), kernel=(2, 3), **PLANE),
        case((2, 2, 3, 3), size=(3, 4), kernel=(2, 2), **DENSE),
        case((1, 1, 1, 2), size=(2, 3), kernel=(1, 1), **PLANE),
        case((0, 2, 2, 2), size=(4, 4), kernel=(2, 2), **PLANE),
    ],
    hint=HINT,
)
def sum_unpool(
    z: Any, *, size: Sizes, kernel: Sizes, stride: Sizes, padding: Pairs, dilation: Sizes
) -> Any:
    """Give each window's number to all elements that it covers; where windows overlap, it adds up.

    Shapes: ``z`` (images, channels, ...), as the output of `sum_pool`; the result (images,
    channels, *size).
    """
    if tiled(size, kernel, stride, padding):
        y = np.empty_like(z, shape=(*z.shape[:2], *size))
        each = (..., *(slice(None), None) * len(kernel))
        blocks(y, kernel)[...] = z[each]
        return y
    sizes = (n + sum(pair) for n, pair in zip(size, padding))
    y = np.zeros_like(z, shape=(*z.shape[:2], *sizes))
    for _, met in taps(kernel, z.shape[2:], stride, dilation):
        y[met] += z
    return y[within(padding, size)]
