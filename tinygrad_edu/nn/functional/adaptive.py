"""Pooling to a given size: the window follows from the sizes of input and output."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from tinygrad_edu.dispatch import plain
from tinygrad_edu.nn.functional.pooling import average, largest
from tinygrad_edu.nn.functional.windows import as_batch, per_axis
from tinygrad_edu.ops.conv_window import Sizes
from tinygrad_edu.ops.resize import averaging, bounds, resized


def adaptive_avg_pool1d(input: Any, output_size: Any) -> Any:
    """Mean of each of ``output_size`` stretches of a sequence; see `adaptive_avg_pool2d`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn.functional.adaptive import adaptive_avg_pool1d
    >>> adaptive_avg_pool1d(tg.Tensor([[1.0, 2.0, 3.0, 4.0, 5.0]]), 2)
    Tensor([[2., 4.]], shape=(1, 2), dtype=float64)
    """
    return adaptive_average("adaptive_avg_pool1d", 1, input, output_size)


def adaptive_avg_pool2d(input: Any, output_size: Any) -> Any:
    """Mean of each of the parts that an image is cut into, channel by channel.

    Along each axis, part ``i`` of ``m`` goes from ``floor(i * n / m)`` to ``ceil((i + 1) * n /
    m)``: parts of equal size if ``m`` divides ``n``, overlapping ones if not.

    Shapes: ``input`` (batch, channels, height, width) or (channels, height, width); the result
    ``(batch, channels, *output_size)``.

    Parameters
    ----------
    output_size : one number, or one for each axis; ``None`` keeps the size of the input.

    Raises
    ------
    TypeError, ValueError
        If the size is none of these, or smaller than 1.

    References
    ----------
    He, Zhang, Ren and Sun, Spatial pyramid pooling in deep convolutional networks (2014),
    arXiv:1406.4729; the bounds of the parts are PyTorch's.

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_edu.nn.functional.adaptive import adaptive_avg_pool2d
    >>> adaptive_avg_pool2d(np.arange(9.0).reshape(1, 3, 3), 1).tolist()
    [[[4.0]]]
    """
    return adaptive_average("adaptive_avg_pool2d", 2, input, output_size)


def adaptive_max_pool1d(input: Any, output_size: Any, return_indices: bool = False) -> Any:
    """Largest element of each of ``output_size`` stretches; see `adaptive_max_pool2d`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn.functional.adaptive import adaptive_max_pool1d
    >>> adaptive_max_pool1d(tg.Tensor([[1.0, 2.0, 3.0, 4.0, 5.0]]), 2)
    Tensor([[3., 5.]], shape=(1, 2), dtype=float64)
    """
    return adaptive_largest("adaptive_max_pool1d", 1, input, output_size, return_indices)


def adaptive_max_pool2d(input: Any, output_size: Any, return_indices: bool = False) -> Any:
    """Largest element of each of the parts that an image is cut into, channel by channel.

    The gradient goes to that element; of several that are equally large, to the first, row by row.

    Shapes and parts: as for `adaptive_avg_pool2d`.

    Parameters
    ----------
    output_size : one number, or one for each axis; ``None`` keeps the size of the input.
    return_indices : also return where the largest elements are, counted row by row in each image.

    Raises
    ------
    TypeError, ValueError
        If the size is none of these, or smaller than 1.

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_edu.nn.functional.adaptive import adaptive_max_pool2d
    >>> adaptive_max_pool2d(np.arange(9.0).reshape(1, 3, 3), (1, None)).tolist()
    [[[6.0, 7.0, 8.0]]]
    """
    return adaptive_largest("adaptive_max_pool2d", 2, input, output_size, return_indices)


def adaptive_avg_pool3d(input: Any, output_size: Any) -> Any:
    """Mean of each of the parts that a volume is cut into; see `adaptive_avg_pool2d`.

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_edu.nn.functional.adaptive import adaptive_avg_pool3d
    >>> adaptive_avg_pool3d(np.arange(8.0).reshape(1, 2, 2, 2), 1).tolist()
    [[[[3.5]]]]
    """
    return adaptive_average("adaptive_avg_pool3d", 3, input, output_size)


def adaptive_max_pool3d(input: Any, output_size: Any, return_indices: bool = False) -> Any:
    """Largest element of each of the parts of a volume; see `adaptive_max_pool2d`.

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_edu.nn.functional.adaptive import adaptive_max_pool3d
    >>> adaptive_max_pool3d(np.arange(8.0).reshape(1, 2, 2, 2), 1).tolist()
    [[[[7.0]]]]
    """
    return adaptive_largest("adaptive_max_pool3d", 3, input, output_size, return_indices)


# ------------------------------------------------------------------------- what they share
def adaptive_average(where: str, count: int, input: Any, output_size: Any) -> Any:
    """Average the parts along ``count`` axes."""
    x, single = as_batch(where, count, input)
    sizes = read_sizes(where, count, output_size, x.shape[2:])
    if divides(sizes, x.shape[2:]):
        kernel = tuple(n // m for n, m in zip(x.shape[2:], sizes))
        return average(where, count, input, kernel, None, 0, False, True)
    y = resized(x, [averaging(n, m) for n, m in zip(x.shape[2:], sizes)])
    return y[0] if single else y


def adaptive_largest(
    where: str, count: int, input: Any, output_size: Any, return_indices: bool
) -> Any:
    """Find the largest elements of the parts along ``count`` axes."""
    x, single = as_batch(where, count, input)
    sizes = read_sizes(where, count, output_size, x.shape[2:])
    if divides(sizes, x.shape[2:]):
        kernel = tuple(n // m for n, m in zip(x.shape[2:], sizes))
        return largest(where, count, input, kernel, None, 0, 1, False, return_indices)
    indices = where_largest(plain(x), sizes)
    rows = x.reshape((*x.shape[:2], prod(x.shape[2:])))  # not -1: there may be no image at all
    y = np.take_along_axis(rows, indices.reshape((*x.shape[:2], prod(sizes))), axis=-1)
    y = y.reshape(indices.shape)
    y, indices = (y[0], indices[0]) if single else (y, indices)
    return (y, indices) if return_indices else y


def read_sizes(where: str, count: int, output_size: Any, sizes: Sizes) -> Sizes:
    """Read the size asked for, in which None stands for that of the input."""
    if 0 in sizes:
        raise ValueError(f"{where}: an image of size {sizes} has nothing to pool")
    given = output_size if isinstance(output_size, (tuple, list)) else (output_size,) * count
    if len(given) != count:
        raise ValueError(f"{where}: output_size is one number or {count} of them, not {given!r}")
    wanted = tuple(n if m is None else m for n, m in zip(sizes, given))
    return per_axis(where, "output_size", wanted, count)


def divides(sizes: Sizes, of: Sizes) -> bool:
    """Tell whether all parts are equally large."""
    return all(n % m == 0 for n, m in zip(of, sizes))


def where_largest(x: Any, sizes: Sizes) -> Any:
    """Say where in its image, counted row by row, the largest element of each part is."""
    place, parts = np.arange(np.prod(x.shape[2:])).reshape(x.shape[2:]), x
    for axis, (n, m) in enumerate(zip(x.shape[2:], sizes)):
        starts, ends = bounds(n, m)
        steps = np.arange((ends - starts).max())
        # A part that is shorter than the longest repeats its last element, which changes nothing.
        taken = np.minimum(starts[:, None] + steps, ends[:, None] - 1)
        parts, place = np.take(parts, taken, 2 + 2 * axis), np.take(place, taken, 2 * axis)
    order = (*range(0, place.ndim, 2), *range(1, place.ndim, 2))  # all places, then all steps
    place = place.transpose(order).reshape((*sizes, -1))
    parts = parts.transpose((0, 1, *(2 + axis for axis in order)))
    parts = parts.reshape((*x.shape[:2], *place.shape))
    found = parts.argmax(axis=-1)
    return np.take_along_axis(np.broadcast_to(place, parts.shape), found[..., None], -1)[..., 0]
