"""Max pooling: the largest element under a window that slides over an array.

Its gradient goes to one element of each window, even if several are equally large: to the first,
as in PyTorch. That is another promise than ``np.max`` makes here, where equals share; images have
large flat regions, and who remembers which element it was has to have chosen one.

`max_pool` computes values only. Which tap of the window it was is found out when a gradient comes
back, by comparing. From there on all is linear: `max_unpool` puts numbers where the largest
elements were, `max_pick` fetches those that are there, and each is the other's derivative.

Read next: ``pool_mean.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tinygrad_edu.cases import case
from tinygrad_edu.dispatch import plain
from tinygrad_edu.op import differentiable
from tinygrad_edu.ops.conv_window import Pairs, Sizes, padded, places, taps, within

COMPILED: dict[str, Callable[..., Any]] = {}
"""Faster functions, put here by ``tinygrad_edu.fast``: each returns None for what it cannot do."""

HINT = "x is (images, channels, ...); kernel, stride, padding and dilation say one thing an axis"
LINE: dict[str, Any] = {"stride": (2,), "padding": ((0, 0),), "dilation": (1,)}
PLANE: dict[str, Any] = {"stride": (2, 2), "padding": ((0, 0), (0, 0)), "dilation": (1, 1)}
DENSE: dict[str, Any] = {"stride": (1, 1), "padding": ((1, 0), (0, 1)), "dilation": (1, 2)}


def max_pool_x(
    dy: Any, y: Any, x: Any, *, kernel: Sizes, stride: Sizes, padding: Pairs, dilation: Sizes
) -> Any:
    """Every window hands its gradient to its first largest element."""
    settings: dict[str, Any] = {
        "kernel": kernel,
        "stride": stride,
        "padding": padding,
        "dilation": dilation,
    }
    if "max_pool_x" in COMPILED and type(dy) is np.ndarray:
        dx = COMPILED["max_pool_x"](dy, y, x, **settings)
        if dx is not None:
            return dx
    which = first_largest(plain(x), plain(y), **settings)
    return max_unpool(dy, which, size=x.shape[2:], **settings)


def first_largest(
    x: Any, y: Any, *, kernel: Sizes, stride: Sizes, padding: Pairs, dilation: Sizes
) -> Any:
    """Return the number of the first tap of each window that met its largest element, ``y``.

    Where that is NaN, it is the last tap that met one, as in PyTorch.
    """
    xs = x if x.dtype.kind == "f" else x.astype(float)
    xs = padded(xs, padding, np.nan)  # which equals nothing, not even y = -inf
    *before_last, _ = mets = [met for _, met in taps(kernel, y.shape[2:], stride, dilation)]
    which = np.zeros_like(y, np.uint8 if len(mets) < 256 else np.intp)
    unseen = np.full_like(y, True, bool)
    for met in before_last:
        unseen &= xs[met] != y
        which += unseen
    if np.isnan(y).any():
        xs = padded(x, padding, 0)
        for number, met in enumerate(mets):
            which[np.isnan(xs[met])] = number
    return which


@differentiable(
    x=max_pool_x,
    cases=[
        case((2, 3, 6), kernel=(2,), **LINE),
        case((1, 2, 7), kernel=(3,), stride=(1,), padding=((1, 1),), dilation=(2,)),
        case((2, 1, 4, 6), kernel=(2, 2), **PLANE),
        case((1, 2, 5, 5), kernel=(2, 3), **PLANE),
        case((2, 2, 3, 4), kernel=(2, 2), **DENSE),
        case((1, 1, 2, 3), kernel=(1, 1), **PLANE),
        case((1, 1, 3, 4, 2), kernel=(2, 2, 1), stride=(1, 2, 1), padding=((0, 1),) + ((0, 0),) * 2,
             dilation=(1, 1, 1)),
        case((0, 2, 4, 4), kernel=(2, 2), **PLANE),
    ],
    hint=HINT,
)  # fmt: skip
def max_pool(x: Any, *, kernel: Sizes, stride: Sizes, padding: Pairs, dilation: Sizes) -> Any:
    """Largest element under a window that slides along all axes behind the second; NaN wins.

    Shapes: ``x`` (images, channels, ...); the result the same, with as many elements along each
    axis as there are places for the window. What is padded is smaller than all else.

    Raises
    ------
    ValueError
        If the window does not fit on the padded ``x``.

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_edu.ops.pool import max_pool
    >>> x = np.array([[[3.0, 1.0, 4.0, 1.0, 5.0]]])
    >>> max_pool(x, kernel=(2,), stride=(2,), padding=((0, 1),), dilation=(1,))
    array([[[3., 4., 5.]]])
    """
    size = places(x.shape[2:], kernel, stride, padding, dilation)
    least = -np.inf if x.dtype.kind == "f" else np.iinfo(x.dtype).min
    xs = padded(x, padding, least)
    first, *others = (xs[met] for _, met in taps(kernel, size, stride, dilation))
    y = np.maximum(first, others.pop() if others else first)
    for other in others:
        np.maximum(y, other, out=y)
    return y


def unpool_z(dy: Any, y: Any, z: Any, which: Any, *, size: Sizes, **settings: Any) -> Any:
    """What was put there is fetched again."""
    return max_pick(dy, which, **settings)


def pick_x(dy: Any, y: Any, x: Any, which: Any, **settings: Any) -> Any:
    """What was fetched is put back."""
    return max_unpool(dy, which, size=x.shape[2:], **settings)


@differentiable(
    z=unpool_z,
    which=None,
    cases=[
        case((1, 2, 3), [[[0, 1, 1], [1, 0, 1]]], size=(6,), kernel=(2,), **LINE),
        case((1, 1, 3), [[[0, 2, 1]]], size=(5,), kernel=(3,), stride=(1,), padding=((1, 1),),
             dilation=(2,)),
        case((1, 1, 2, 2), [[[[0, 3], [2, 1]]]], size=(4, 4), kernel=(2, 2), **PLANE),
        case((1, 1, 2, 2), [[[[3, 3], [3, 1]]]], size=(5, 5), kernel=(2, 2), **PLANE),
        case((1, 1, 3, 3), [[[[2, 3, 0], [2, 0, 0], [1, 3, 2]]]], size=(3, 4), kernel=(2, 2),
             **DENSE),
        case((2, 1, 1, 1), [[[[4]]], [[[5]]]], size=(2, 3), kernel=(2, 3), **PLANE),
        case((1, 2, 1, 2), [[[[0, 0]], [[0, 0]]]], size=(2, 4), kernel=(1, 1), **PLANE),
    ],
    hint=HINT,
)  # fmt: skip
def max_unpool(
    z: Any,
    which: Any,
    *,
    size: Sizes,
    kernel: Sizes,
    stride: Sizes,
    padding: Pairs,
    dilation: Sizes,
) -> Any:
    """Put each window's number where the tap ``which`` is, and zeros elsewhere.

    Shapes: ``z`` and ``which`` (images, channels, ...), as the output of `max_pool`; the result
    (images, channels, *size). Where windows overlap, what they put there adds up.
    """
    z = in_memory_as(z, which)
    sizes = tuple(n + sum(pair) for n, pair in zip(size, padding))
    apart = all(d * (k - 1) < s for k, s, d in zip(kernel, stride, dilation))
    covered = kernel == stride and tuple(n * k for n, k in zip(z.shape[2:], kernel)) == sizes
    make = np.empty_like if apart and covered else np.zeros_like
    y = make(which, z.dtype, shape=(*z.shape[:2], *sizes))
    for number, (_, met) in enumerate(taps(kernel, z.shape[2:], stride, dilation)):
        if apart:  # nothing is there yet, and writing is twice as fast as adding
            np.multiply(z, which == number, out=y[met])
        else:
            y[met] += z * (which == number)
    return y[within(padding, size)]


@differentiable(
    x=pick_x,
    which=None,
    cases=[
        case((1, 2, 6), [[[0, 1, 1], [1, 0, 1]]], kernel=(2,), **LINE),
        case((1, 1, 5), [[[2, 0, 1]]], kernel=(3,), stride=(1,), padding=((1, 1),), dilation=(2,)),
        case((1, 1, 4, 4), [[[[0, 3], [2, 1]]]], kernel=(2, 2), **PLANE),
        case((1, 1, 5, 5), [[[[3, 3], [3, 1]]]], kernel=(2, 2), **PLANE),
        case((1, 1, 3, 4), [[[[2, 3, 0], [2, 0, 0], [1, 3, 2]]]], kernel=(2, 2), **DENSE),
        case((2, 1, 2, 3), [[[[4]]], [[[5]]]], kernel=(2, 3), **PLANE),
        case((1, 2, 2, 4), [[[[0, 0]], [[0, 0]]]], kernel=(1, 1), **PLANE),
    ],
    hint=HINT,
)
def max_pick(
    x: Any, which: Any, *, kernel: Sizes, stride: Sizes, padding: Pairs, dilation: Sizes
) -> Any:
    """Fetch from each window the element that the tap ``which`` meets: `max_unpool`'s gradient."""
    xs = padded(x, padding)
    y = np.zeros_like(which, x.dtype)
    for number, (_, met) in enumerate(taps(kernel, which.shape[2:], stride, dilation)):
        y += xs[met] * (which == number)
    return y


def in_memory_as(z: Any, like: Any) -> Any:
    """Lay out an array in memory in the order of another one, if it is not so already.

    Elementwise work on arrays of one order is several times as fast as on arrays of two.
    """
    if [n * like.itemsize for n in z.strides] == [n * z.itemsize for n in like.strides]:
        return z
    y = np.empty_like(like, z.dtype)
    y[...] = z
    return y
