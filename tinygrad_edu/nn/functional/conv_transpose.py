"""Transposed convolutions as functions, the layers that make images larger."""

from __future__ import annotations

from typing import Any

from tinygrad_edu.nn.functional.checks import shape_of
from tinygrad_edu.nn.functional.pad import pad
from tinygrad_edu.nn.functional.windows import as_batch, check_bias, per_axis, read_settings
from tinygrad_edu.ops import conv as ops


def conv_transpose1d(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: Any = 1,
    padding: Any = 0,
    output_padding: Any = 0,
    groups: int = 1,
    dilation: Any = 1,
) -> Any:
    """Windows laid down along sequences, weighted with the input; see `conv_transpose2d`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn.functional.conv_transpose import conv_transpose1d
    >>> conv_transpose1d(tg.Tensor([[1.0, 10.0]]), tg.Tensor([[[1.0, 2.0, 3.0]]]), stride=2)
    Tensor([[ 1.,  2., 13., 20., 30.]], shape=(1, 5), dtype=float64)
    """
    return lay_down(
        "conv_transpose1d",
        1,
        input,
        weight,
        bias,
        stride,
        padding,
        output_padding,
        groups,
        dilation,
    )


def conv_transpose2d(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: Any = 1,
    padding: Any = 0,
    output_padding: Any = 0,
    groups: int = 1,
    dilation: Any = 1,
) -> Any:
    """Windows laid down on images, weighted with the input: the gradient of `conv2d`, as a layer.

    Where a convolution with a stride makes an image smaller, this makes one larger: each element of
    the input lays down the whole window, and where windows overlap, they add up.

    Shapes: ``input`` (batch, channels, height, width) or (channels, height, width), ``weight``
    (channels, filters / groups, height, width), ``bias`` (filters,); the result (batch, filters,
    height, width), with ``(size - 1) * stride - 2 * padding + dilation * (kernel - 1) +
    output_padding + 1`` along each axis.

    ``y[f, i * stride + k * dilation - padding, ...] += weight[c, f, k, l] * input[c, i, j]``.

    Parameters
    ----------
    stride, padding, dilation, groups : of the convolution that this is the gradient of, see
        `conv2d`; so ``padding`` takes away from the result.
    output_padding : how much larger the result is at its end. A convolution with a stride makes
        images of several sizes equally large, and this says which of them is meant.

    Raises
    ------
    TypeError, ValueError
        If a setting is none of these, if the shapes do not fit together, or if ``output_padding``
        is not smaller than ``stride`` or ``dilation``.

    References
    ----------
    Zeiler et al., Deconvolutional networks, CVPR (2010); Dumoulin and Visin, A guide to convolution
    arithmetic (2016), arXiv:1603.07285.

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_edu.nn.functional.conv_transpose import conv_transpose2d
    >>> conv_transpose2d(np.ones((4, 7, 7)), np.ones((4, 2, 3, 3)), stride=2, padding=1).shape
    (2, 13, 13)
    """
    return lay_down(
        "conv_transpose2d",
        2,
        input,
        weight,
        bias,
        stride,
        padding,
        output_padding,
        groups,
        dilation,
    )


def conv_transpose3d(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: Any = 1,
    padding: Any = 0,
    output_padding: Any = 0,
    groups: int = 1,
    dilation: Any = 1,
) -> Any:
    """Windows laid down in volumes, weighted with the input; see `conv_transpose2d`.

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_edu.nn.functional.conv_transpose import conv_transpose3d
    >>> conv_transpose3d(np.ones((1, 2, 2, 2)), np.ones((1, 1, 2, 2, 2)), stride=2).shape
    (1, 4, 4, 4)
    """
    return lay_down(
        "conv_transpose3d",
        3,
        input,
        weight,
        bias,
        stride,
        padding,
        output_padding,
        groups,
        dilation,
    )


def lay_down(
    where: str,
    count: int,
    input: Any,
    weight: Any,
    bias: Any,
    stride: Any,
    padding: Any,
    output_padding: Any,
    groups: int,
    dilation: Any,
) -> Any:
    """Apply the transpose of a convolution along ``count`` axes."""
    settings = read_settings(where, count, weight, stride, dilation, groups)
    around = per_axis(where, "padding", padding, count, least=0)
    more = per_axis(where, "output_padding", output_padding, count, least=0)
    steps = list(map(max, settings["stride"], settings["dilation"]))
    if any(n >= step for n, step in zip(more, steps)):
        raise ValueError(
            f"{where}: output_padding={output_padding!r} must be smaller than stride={stride!r} "
            f"or dilation={dilation!r}: a convolution makes no larger image as small as the input"
        )
    # What is cut off at the end is cut off less; what is beyond all windows is empty.
    settings["padding"] = tuple((p, max(p - n, 0)) for p, n in zip(around, more))
    beyond = [n for p, n in zip(reversed(around), reversed(more)) for n in (0, max(n - p, 0))]
    kernel = shape_of(weight)[2:]
    check_bias(where, bias, shape_of(weight)[1] * groups)

    x, single = as_batch(where, count, input)
    windows = zip(x.shape[2:], kernel, *(settings[s] for s in ("stride", "padding", "dilation")))
    size = tuple((n - 1) * s + d * (k - 1) + 1 - sum(p) for n, k, s, p, d in windows)
    if min(size) < 1:
        raise ValueError(
            f"{where}: an input of shape {x.shape} with kernel {kernel} and padding={padding!r} "
            f"leaves nothing: the result would have the size {size}"
        )
    y = ops.conv_transpose(x, weight, size=size, **settings)
    y = pad(y, beyond) if any(beyond) else y
    y = y if bias is None else y + bias.reshape((-1,) + (1,) * count)
    return y[0] if single else y
