"""Images rearranged: enlarged, their channels turned into pixels, cut into windows."""

from __future__ import annotations

from math import floor, prod
from numbers import Real
from typing import Any

import numpy as np

from tinygrad_edu.nn.functional.adaptive import adaptive_average
from tinygrad_edu.nn.functional.checks import positive_integer
from tinygrad_edu.nn.functional.windows import AXES, as_batch, per_axis
from tinygrad_edu.ops import conv_unfold
from tinygrad_edu.ops.conv_window import Sizes, places
from tinygrad_edu.ops.resize import interpolating, nearest, resized
from tinygrad_edu.ops.shape import as_array

LINEAR = {"linear": 1, "bilinear": 2, "trilinear": 3}
MODES = ("nearest", "nearest-exact", *LINEAR, "area")


def interpolate(
    input: Any,
    size: Any = None,
    scale_factor: Any = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
    recompute_scale_factor: bool | None = None,
) -> Any:
    """Images of another size.

    Shapes: ``input`` (batch, channels, ...) with one, two or three axes more, which are resized.

    Linear: ``y = (1 - t) * x[i] + t * x[i + 1]`` between the neighbours, along each axis.

    Source: the conventions are PyTorch's.

    Parameters
    ----------
    size, scale_factor : how large the result is, or how many times as large as the input; one of
        the two, as one number or one for each axis.
    mode : ``"nearest"`` copies elements, ``"nearest-exact"`` those that the middles of the new ones
        lie in; ``"linear"``, ``"bilinear"`` and ``"trilinear"``, for one, two and three axes,
        interpolate between neighbours; ``"area"`` takes means, as `adaptive_avg_pool2d`.
    align_corners : for the linear modes, whether the middles of the corner elements stay where they
        are; if not, the outer edges of the images do.
    recompute_scale_factor : whether to go by the sizes, and not by a ``scale_factor`` that does not
        give a whole size.

    Raises
    ------
    TypeError, ValueError
        If an argument is none of these, or does not go with another one.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn.functional.vision import interpolate
    >>> x = tg.Tensor([[[0.0, 4.0]]])
    >>> interpolate(x, scale_factor=2).tolist()
    [[[0.0, 0.0, 4.0, 4.0]]]
    >>> interpolate(x, size=4, mode="linear").tolist()
    [[[0.0, 1.0, 3.0, 4.0]]]
    >>> interpolate(x, size=5, mode="linear", align_corners=True).tolist()
    [[[0.0, 1.0, 2.0, 3.0, 4.0]]]
    """
    x = as_array(input)
    check_mode(x.ndim - 2, x.shape, mode, align_corners)
    old = x.shape[2:]
    new, scales = read_size(old, size, scale_factor)
    if recompute_scale_factor:
        if scale_factor is None:
            raise ValueError("interpolate: recompute_scale_factor needs a scale_factor")
        scales = [None] * len(old)
    if mode == "area":
        return adaptive_average("interpolate", len(old), x, new)
    if mode in LINEAR:
        return resized(
            x, [interpolating(*each, bool(align_corners)) for each in zip(old, new, scales)]
        )
    picked = [nearest(*each, mode == "nearest-exact") for each in zip(old, new, scales)]
    there = (..., *np.ix_(*picked))
    return x[there]


def check_mode(count: int, shape: Sizes, mode: str, align_corners: bool | None) -> None:
    """Refuse a mode that is unknown or does not go with the shape or with align_corners."""
    if mode not in MODES:
        raise ValueError(f"interpolate: mode is one of {', '.join(MODES)}, not {mode!r}")
    if count not in AXES or 0 in shape[2:]:
        raise ValueError(
            f"interpolate takes an input of shape (images, channels, ...), with one to three axes "
            f"more, none of them empty; this one has shape {shape}"
        )
    if count != LINEAR.get(mode, count):
        raise ValueError(
            f"interpolate: mode={mode!r} is for inputs of shape (images, channels, "
            f"{AXES[LINEAR[mode]]}); this one has shape {shape}"
        )
    if align_corners is not None and mode not in LINEAR:
        raise ValueError(f"interpolate: align_corners goes with linear modes, not with {mode!r}")


def read_size(old: Sizes, size: Any, scale_factor: Any) -> tuple[Sizes, list[float | None]]:
    """Read the new size, and the factors that were given in its place."""
    if (size is None) == (scale_factor is None):
        raise ValueError("interpolate takes either a size or a scale_factor")
    if size is not None:
        return per_axis("interpolate", "size", size, len(old)), [None] * len(old)
    many = isinstance(scale_factor, (tuple, list))
    factors = list(scale_factor) if many else [scale_factor] * len(old)
    if not all(isinstance(f, (Real, np.generic)) for f in factors):
        raise TypeError(f"interpolate: scale_factor takes numbers, not {scale_factor!r}")
    factors = [float(f) for f in factors]
    new = tuple(floor(n * f) for n, f in zip(old, factors))
    if len(factors) != len(old) or min(new) < 1:
        raise ValueError(
            f"interpolate: scale_factor={scale_factor!r} makes no image of one of size {old}"
        )
    return new, list(factors)


def pixel_shuffle(input: Any, upscale_factor: int) -> Any:
    """Turn channels into pixels: ``r * r`` channels give an image ``r`` times as high and wide.

    Shapes: ``input`` (..., channels * r * r, height, width); the result (..., channels,
    height * r, width * r).

    ``y[c, h * r + i, w * r + j] = x[(c * r + i) * r + j, h, w]``.

    Raises
    ------
    ValueError
        If the channels are not a multiple of ``r * r``.

    References
    ----------
    Shi et al., Real-time single image and video super-resolution using an efficient sub-pixel
    convolutional neural network, CVPR (2016).

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn.functional.vision import pixel_shuffle
    >>> pixel_shuffle(tg.Tensor([[[1.0]], [[2.0]], [[3.0]], [[4.0]]]), 2).tolist()
    [[[1.0, 2.0], [3.0, 4.0]]]
    """
    x, r = as_array(input), positive_integer("pixel_shuffle", "upscale_factor", upscale_factor)
    if x.ndim < 3 or x.shape[-3] % (r * r):
        raise ValueError(
            f"pixel_shuffle takes an input of shape (..., channels, height, width) with a multiple "
            f"of {r} * {r} channels; this one has shape {x.shape}"
        )
    *lead, channels, height, width = x.shape
    parts = x.reshape((prod(lead), channels // (r * r), r, r, height, width))
    y = parts.transpose((0, 1, 4, 2, 5, 3))
    return y.reshape((*lead, channels // (r * r), height * r, width * r))


def pixel_unshuffle(input: Any, downscale_factor: int) -> Any:
    """Turn pixels into channels: the inverse of `pixel_shuffle`.

    Shapes: ``input`` (..., channels, height * r, width * r); the result (..., channels * r * r,
    height, width).

    Formula and source: see `pixel_shuffle`.

    Raises
    ------
    ValueError
        If height or width is not a multiple of ``r``.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn.functional.vision import pixel_unshuffle
    >>> pixel_unshuffle(tg.Tensor([[[1.0, 2.0], [3.0, 4.0]]]), 2).tolist()
    [[[1.0]], [[2.0]], [[3.0]], [[4.0]]]
    """
    x = as_array(input)
    r = positive_integer("pixel_unshuffle", "downscale_factor", downscale_factor)
    if x.ndim < 3 or x.shape[-2] % r or x.shape[-1] % r:
        raise ValueError(
            f"pixel_unshuffle takes an input of shape (..., channels, height, width) with height "
            f"and width multiples of {r}; this one has shape {x.shape}"
        )
    *lead, channels, height, width = x.shape
    parts = x.reshape((prod(lead), channels, height // r, r, width // r, r))
    y = parts.transpose((0, 1, 3, 5, 2, 4))
    return y.reshape((*lead, channels * r * r, height // r, width // r))


def unfold(
    input: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1
) -> Any:
    """Copy every window that finds a place on an image into a column.

    Shapes: ``input`` (batch, channels, height, width) or (channels, height, width); the result
    (batch, channels * kernel height * kernel width, places).

    ``columns[c * k * l, place] = input[c, i, j]`` for every place of the window ``k, l``; also
    known as im2col.

    Source: the conventions are PyTorch's.

    Raises
    ------
    TypeError, ValueError
        If a setting is impossible, or the window is larger than the padded image.

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_edu.nn.functional.vision import unfold
    >>> unfold(np.arange(6.0).reshape(1, 2, 3), 2).tolist()
    [[0.0, 1.0], [1.0, 2.0], [3.0, 4.0], [4.0, 5.0]]
    """
    settings = window("unfold", kernel_size, dilation, padding, stride)
    x, single = as_batch("unfold", 2, input)
    y = conv_unfold.unfold(x, **settings)
    columns = prod(y.shape[1:4]), prod(y.shape[4:])
    return y.reshape(columns if single else (len(x), *columns))


def fold(
    input: Any,
    output_size: Any,
    kernel_size: Any,
    dilation: Any = 1,
    padding: Any = 0,
    stride: Any = 1,
) -> Any:
    """Add up windows where they came from; of each element, `unfold` made so many copies.

    Shapes: ``input`` (batch, channels * kernel height * kernel width, places) or without the batch;
    the result ``(batch, channels, *output_size)``.

    ``image[c, i, j] += columns[c * k * l, place]``; also known as col2im.

    Source: the conventions are PyTorch's.

    Raises
    ------
    TypeError, ValueError
        If a setting is impossible, or the input does not hold the windows of such an image.

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_edu.nn.functional.vision import fold, unfold
    >>> fold(unfold(np.ones((1, 2, 3)), 2), output_size=(2, 3), kernel_size=2).tolist()
    [[[1.0, 2.0, 1.0], [1.0, 2.0, 1.0]]]
    """
    settings = window("fold", kernel_size, dilation, padding, stride)
    size, x = per_axis("fold", "output_size", output_size, 2), as_array(input)
    found, kernel = places(size, **settings), settings["kernel"]
    if x.ndim not in (2, 3) or x.shape[-2] % prod(kernel) or x.shape[-1] != prod(found):
        raise ValueError(
            f"fold: on an image of size {size}, a window of {kernel} finds {found} places, so the "
            f"input has the shape (images, channels * {prod(kernel)}, {prod(found)}), or without "
            f"images; this one has shape {x.shape}"
        )
    images = (1,) if x.ndim == 2 else x.shape[:1]
    windows = x.reshape((*images, x.shape[-2] // prod(kernel), *kernel, *found))
    y = conv_unfold.fold(windows, size=size, **settings)
    return y[0] if x.ndim == 2 else y


def window(
    where: str, kernel_size: Any, dilation: Any, padding: Any, stride: Any
) -> dict[str, Any]:
    """Read the settings of a window over two axes."""
    around = per_axis(where, "padding", padding, 2, least=0)
    return {
        "kernel": per_axis(where, "kernel_size", kernel_size, 2),
        "stride": per_axis(where, "stride", stride, 2),
        "padding": tuple((n, n) for n in around),
        "dilation": per_axis(where, "dilation", dilation, 2),
    }
