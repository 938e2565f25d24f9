"""Windows laid out as an axis of their own, and folded back: for those who compute with them.

``unfold`` is what textbooks call im2col: it copies what every tap of the window meets at every
place. ``fold`` adds it up where it came from. Each is the other's derivative.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.cases import case
from tinygrad_edu.op import differentiable
from tinygrad_edu.ops.conv_window import Pairs, Sizes, padded, places, taps, within
from tinygrad_edu.ops.pool import DENSE, HINT, LINE, PLANE


def unfold_x(dy: Any, y: Any, x: Any, **settings: Any) -> Any:
    """Every element gets the gradients of all its copies."""
    return fold(dy, size=x.shape[2:], **settings)


@differentiable(
    x=unfold_x,
    cases=[
        case((2, 3, 6), kernel=(2,), **LINE),
        case((1, 2, 7), kernel=(3,), stride=(1,), padding=((1, 1),), dilation=(2,)),
        case((2, 1, 4, 6), kernel=(2, 2), **PLANE),
        case((1, 2, 5, 5), kernel=(2, 3), **PLANE),
        case((2, 2, 3, 4), kernel=(2, 2), **DENSE),
        case((1, 1, 2, 3), kernel=(1, 1), **PLANE),
        case((0, 2, 4, 4), kernel=(2, 2), **PLANE),
    ],
    hint=HINT,
)
def unfold(x: Any, *, kernel: Sizes, stride: Sizes, padding: Pairs, dilation: Sizes) -> Any:
    """Copy every window that finds a place on ``x``.

    Shapes: ``x`` (images, channels, ...); the result (images, channels, *kernel, ...), with as many
    elements along the last axes as there are places.

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_edu.ops.conv_unfold import unfold
    >>> x = np.array([[[3.0, 1.0, 4.0, 1.0]]])
    >>> unfold(x, kernel=(2,), stride=(1,), padding=((0, 0),), dilation=(1,))
    array([[[[3., 1., 4.],
             [1., 4., 1.]]]])
    """
    size = places(x.shape[2:], kernel, stride, padding, dilation)
    xs = padded(x, padding)
    y = np.empty_like(x, order="C", shape=(*x.shape[:2], *kernel, *size))
    for tap, met in taps(kernel, size, stride, dilation):
        window = (slice(None), slice(None), *tap[1:])
        y[window] = xs[met]
    return y


def fold_windows(dy: Any, y: Any, windows: Any, *, size: Sizes, **settings: Any) -> Any:
    """Every copy gets the gradient of the element that it was added to."""
    return unfold(dy, **settings)


@differentiable(
    windows=fold_windows,
    cases=[
        case((2, 3, 2, 3), size=(6,), kernel=(2,), **LINE),
        case((1, 2, 3, 5), size=(7,), kernel=(3,), stride=(1,), padding=((1, 1),), dilation=(2,)),
        case((2, 1, 2, 2, 2, 3), size=(4, 6), kernel=(2, 2), **PLANE),
        case((1, 2, 2, 3, 2, 2), size=(5, 5), kernel=(2, 3), **PLANE),
        case((2, 2, 2, 2, 3, 3), size=(3, 4), kernel=(2, 2), **DENSE),
        case((1, 1, 1, 1, 1, 2), size=(2, 3), kernel=(1, 1), **PLANE),
        case((0, 2, 2, 2, 2, 2), size=(4, 4), kernel=(2, 2), **PLANE),
    ],
    hint="windows is (images, channels, *kernel, ...), as unfold returns it",
)
def fold(
    windows: Any, *, size: Sizes, kernel: Sizes, stride: Sizes, padding: Pairs, dilation: Sizes
) -> Any:
    """Add up windows where they came from: what `unfold` would have copied them from.

    Shapes: ``windows`` (images, channels, *kernel, ...), as the output of `unfold`; the result
    (images, channels, *size).
    """
    found = places(size, kernel, stride, padding, dilation)
    if windows.shape[2:] != (*kernel, *found):
        raise ValueError(
            f"on an image of size {size}, a window of {kernel} finds {found} places, and these are "
            f"windows of shape {windows.shape[2:]}"
        )
    sizes = (n + sum(pair) for n, pair in zip(size, padding))
    y = np.zeros_like(windows, order="C", shape=(*windows.shape[:2], *sizes))
    for tap, met in taps(kernel, found, stride, dilation):
        window = (slice(None), slice(None), *tap[1:])
        y[met] += windows[window]
    return y[within(padding, size)]
