"""Pooling as functions: PyTorch's arguments, read for the ops in ``ops/pool.py``.

Read next: ``adaptive.py``.
"""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from tinygrad_edu.dispatch import plain
from tinygrad_edu.nn.functional.windows import as_batch, per_axis
from tinygrad_edu.ops import pool as ops
from tinygrad_edu.ops.conv_window import Pairs, Sizes, places
from tinygrad_edu.ops.pool_mean import sum_pool


def max_pool1d(
    input: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """Largest element under a window that slides along sequences; see `max_pool2d`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn.functional.pooling import max_pool1d
    >>> max_pool1d(tg.Tensor([[3.0, 1.0, 4.0, 1.0, 5.0]]), 2)
    Tensor([[3., 4.]], shape=(1, 2), dtype=float64)
    """
    settings = (kernel_size, stride, padding, dilation, ceil_mode, return_indices)
    return largest("max_pool1d", 1, input, *settings)


def max_pool2d(
    input: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """Largest element under a window that slides over images, channel by channel; NaN wins.

    The gradient goes to that element; of several that are equally large, to the first, row by row.

    Shapes: ``input`` (batch, channels, height, width) or (channels, height, width); the result the
    same, with ``(size + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1`` elements along
    each axis.

    ``y[i, j] = max of x[i * stride + k * dilation, j * stride + l * dilation]`` over the window
    ``k, l``.

    Parameters
    ----------
    kernel_size, stride, padding, dilation : of the window, as for `conv2d`; the stride is as large
        as the window unless it is given, and the padding at most half of it.
    ceil_mode : whether windows count that begin on the image and end beyond.
    return_indices : also return where the largest elements are, counted row by row in each image.

    Raises
    ------
    TypeError, ValueError
        If a setting is impossible, or the window is larger than the padded image.

    References
    ----------
    Riesenhuber and Poggio, Hierarchical models of object recognition in cortex, Nature Neuroscience
    2 (1999).

    Examples
    --------
    >>> import numpy as np
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn.functional.pooling import max_pool2d
    >>> flat = tg.Tensor(np.ones((1, 2, 4)), requires_grad=True)
    >>> max_pool2d(flat, 2).sum().backward()
    >>> flat.grad.tolist()
    [[[1.0, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 0.0]]]
    """
    settings = (kernel_size, stride, padding, dilation, ceil_mode, return_indices)
    return largest("max_pool2d", 2, input, *settings)


def avg_pool1d(
    input: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Any:
    """Mean of the elements under a window that slides along sequences; see `avg_pool2d`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn.functional.pooling import avg_pool1d
    >>> avg_pool1d(tg.Tensor([[3.0, 1.0, 4.0, 1.0, 5.0]]), 2)
    Tensor([[2. , 2.5]], shape=(1, 2), dtype=float64)
    """
    settings = (kernel_size, stride, padding, ceil_mode, count_include_pad)
    return average("avg_pool1d", 1, input, *settings)


def avg_pool2d(
    input: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Any:
    """Mean of the elements under a window that slides over images, channel by channel.

    Shapes: as for `max_pool2d`.

    ``y[i, j] = mean of x[i * stride + k, j * stride + l]`` over the window ``k, l``.

    Parameters
    ----------
    kernel_size, stride, padding, ceil_mode : as for `max_pool2d`.
    count_include_pad : whether the zeros of the padding count in the mean.
    divisor_override : a number to divide the sum by, whatever the window covers.

    Raises
    ------
    TypeError, ValueError
        If a setting is impossible, or the window is larger than the padded image.

    References
    ----------
    LeCun, Bottou, Bengio and Haffner, Gradient-based learning applied to document recognition,
    Proceedings of the IEEE 86 (1998), who call it subsampling.

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_edu.nn.functional.pooling import avg_pool2d
    >>> x = np.arange(4.0).reshape(1, 2, 2)
    >>> avg_pool2d(x, 2).tolist(), avg_pool2d(x, 2, divisor_override=1).tolist()
    ([[[1.5]]], [[[6.0]]])
    """
    settings = (kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override)
    return average("avg_pool2d", 2, input, *settings)


def max_pool3d(
    input: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """Largest element under a window that slides through volumes; see `max_pool2d`.

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_edu.nn.functional.pooling import max_pool3d
    >>> max_pool3d(np.arange(8.0).reshape(1, 2, 2, 2), 2).tolist()
    [[[[7.0]]]]
    """
    settings = (kernel_size, stride, padding, dilation, ceil_mode, return_indices)
    return largest("max_pool3d", 3, input, *settings)


def avg_pool3d(
    input: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Any:
    """Mean of the elements under a window that slides through volumes; see `avg_pool2d`.

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_edu.nn.functional.pooling import avg_pool3d
    >>> avg_pool3d(np.arange(8.0).reshape(1, 2, 2, 2), 2).tolist()
    [[[[3.5]]]]
    """
    settings = (kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override)
    return average("avg_pool3d", 3, input, *settings)


# ------------------------------------------------------------------------- what they share
def largest(
    where: str,
    count: int,
    input: Any,
    kernel_size: Any,
    stride: Any,
    padding: Any,
    dilation: Any,
    ceil_mode: bool,
    return_indices: bool,
) -> Any:
    """Apply max pooling along ``count`` axes."""
    settings, around = read(where, count, kernel_size, stride, padding, dilation)
    x, single = as_batch(where, count, input)
    settings["padding"] = reach(x.shape[2:], around, ceil_mode, settings)
    y = ops.max_pool(x, **settings)
    if not return_indices:
        return y[0] if single else y
    which = ops.first_largest(plain(x), plain(y), **settings)
    indices = flat_indices(which, x.shape[2:], **settings)
    return (y[0], indices[0]) if single else (y, indices)


def average(
    where: str,
    count: int,
    input: Any,
    kernel_size: Any,
    stride: Any,
    padding: Any,
    ceil_mode: bool,
    count_include_pad: bool,
    divisor_override: int | None = None,
) -> Any:
    """Apply average pooling along ``count`` axes."""
    settings, around = read(where, count, kernel_size, stride, padding, 1)
    if divisor_override == 0:
        raise ValueError(f"{where}: divisor_override=0 would divide by zero")
    x, single = as_batch(where, count, input)
    pairs = reach(x.shape[2:], around, ceil_mode, settings)
    if divisor_override is not None:
        covered: Any = divisor_override
    elif not any(map(any, pairs)):
        covered = prod(settings["kernel"])
    else:
        counted = around if count_include_pad else (0,) * count
        dtype = x.dtype if x.dtype.kind == "f" else float
        ones = np.ones((1, 1, *(n + 2 * p for n, p in zip(x.shape[2:], counted))), dtype)
        beyond = tuple((b - p, a - p) for (b, a), p in zip(pairs, counted))
        covered = sum_pool(ones, padding=beyond, **settings)
    y = sum_pool(x, padding=pairs, **settings) / covered
    return y[0] if single else y


def read(
    where: str, count: int, kernel_size: Any, stride: Any, padding: Any, dilation: Any
) -> tuple[dict[str, Any], Sizes]:
    """Read the settings that all pooling has, and the padding."""
    kernel = per_axis(where, "kernel_size", kernel_size, count)
    steps = kernel if stride is None or stride == () else per_axis(where, "stride", stride, count)
    around = per_axis(where, "padding", padding, count, least=0)
    spread = per_axis(where, "dilation", dilation, count)
    if any(2 * p > d * (k - 1) + 1 for p, k, d in zip(around, kernel, spread)):
        raise ValueError(
            f"{where}: padding={padding!r} is more than half of the window, kernel_size="
            f"{kernel_size!r}" + ("" if dilation == 1 else f" with dilation={dilation!r}")
        )
    return {"kernel": kernel, "stride": steps, "dilation": spread}, around


def reach(sizes: Sizes, around: Sizes, ceil_mode: bool, settings: dict[str, Any]) -> Pairs:
    """Say how far windows reach before and behind an image; with ``ceil_mode``, beyond padding."""
    pairs = tuple((p, p) for p in around)
    if not ceil_mode:
        return pairs
    found = places(sizes, padding=pairs, **settings)
    reached = []
    window = (settings[name] for name in ("kernel", "stride", "dilation"))
    for n, p, count, k, s, d in zip(sizes, around, found, *window):
        one_more = count * s < n + p and (count - 1) * s + d * (k - 1) + 1 < n + 2 * p
        end = (count - 1 + one_more) * s + d * (k - 1) + 1
        reached.append((p, max(end - n - p, p)))
    return tuple(reached)


def flat_indices(
    which: Any,
    sizes: Sizes,
    *,
    kernel: Sizes,
    stride: Sizes,
    padding: Pairs,
    dilation: Sizes,
) -> Any:
    """Say where in its image, counted row by row, each window's tap ``which`` is."""
    index = 0
    for axis, tap in enumerate(np.unravel_index(which, kernel)):
        place = np.arange(which.shape[2 + axis]) * stride[axis] - padding[axis][0]
        place = place.reshape((-1,) + (1,) * (len(sizes) - 1 - axis))
        index = index * sizes[axis] + place + tap * dilation[axis]
    return index
