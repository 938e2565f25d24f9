"""How a window slides over an array: what convolution, pooling and unfolding have in common.

A window lies over an array's trailing axes at one place after the other: ``stride`` says how far
apart the places are, ``dilation`` how far apart the elements of the window, its *taps*, and
``padding`` how many elements are thought up before and behind the array. There are many places and
few taps. So the code here never walks over the places: `taps` walks over the window and says, for
one tap, which elements it meets at all the places at once. These form a slice of the array, which
NumPy reads and writes without a copy.

Read next: ``conv.py``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

Sizes = tuple[int, ...]  # one number for each axis that the window slides along
Pairs = tuple[tuple[int, int], ...]  # two of them: before, behind


def taps(
    kernel: Sizes, size: Sizes, stride: Sizes, dilation: Sizes
) -> Iterator[tuple[Any, tuple[Any, ...]]]:
    """Yield each tap of the window, and the index of what it meets at ``size`` places.

    Both are indices that begin with an ellipsis: the first into the window, the second into the
    padded array.

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_edu.ops.conv_window import taps
    >>> x = np.arange(6)
    >>> [x[met].tolist() for tap, met in taps(kernel=(2,), size=(3,), stride=(2,), dilation=(1,))]
    [[0, 2, 4], [1, 3, 5]]
    """
    for tap in np.ndindex(kernel):
        starts = [k * d for k, d in zip(tap, dilation)]
        ends = [start + (n - 1) * s + 1 for start, n, s in zip(starts, size, stride)]
        yield (..., *tap), (..., *map(slice, starts, ends, stride))


def places(sizes: Sizes, kernel: Sizes, stride: Sizes, padding: Pairs, dilation: Sizes) -> Sizes:
    """Count the places that a window finds along each axis: the size of the output.

    It is ``(size + padding - dilation * (kernel - 1) - 1) // stride + 1``.

    Raises
    ------
    ValueError
        If the window is larger than the padded array.
    """
    spans = [d * (k - 1) + 1 for k, d in zip(kernel, dilation)]
    padded_sizes = [n + sum(pair) for n, pair in zip(sizes, padding)]
    if any(span > n for span, n in zip(spans, padded_sizes)):
        raise ValueError(
            f"the window does not fit: with kernel {kernel} and dilation {dilation} it spans "
            f"{tuple(spans)}, and the input is {tuple(padded_sizes)} with its padding; "
            f"use a smaller kernel, or more padding"
        )
    return tuple((n - span) // s + 1 for n, span, s in zip(padded_sizes, spans, stride))


def padded(x: Any, padding: Pairs, value: float = 0) -> Any:
    """Return the array with so many elements more before and behind it along its last axes.

    In memory, its axes keep their order.
    """
    if not any(map(any, padding)):
        return x
    lead = x.ndim - len(padding)
    sizes = (n + sum(pair) for n, pair in zip(x.shape[lead:], padding))
    y = np.full_like(x, value, shape=(*x.shape[:lead], *sizes))
    y[within(padding, x.shape[lead:])] = x
    return y


def within(padding: Pairs, sizes: Sizes) -> tuple[Any, ...]:
    """Return the index that finds the array itself in the padded one."""
    return (..., *(slice(before, before + n) for (before, _), n in zip(padding, sizes)))
