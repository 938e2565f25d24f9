"""Convolutions as functions: PyTorch's arguments, read for the ops in ``ops/conv.py``.

Read next: ``conv_transpose.py``.
"""

from __future__ import annotations

from typing import Any

from tinygrad_edu.nn.functional.checks import shape_of
from tinygrad_edu.nn.functional.windows import (
    as_batch,
    check_bias,
    read_padding,
    read_settings,
)
from tinygrad_edu.ops import conv as ops


def conv1d(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> Any:
    """Weighted sums over a window that slides along sequences; see `conv2d`.

    Shapes: ``input`` (batch, channels, length) or (channels, length), ``weight`` (filters,
    channels / groups, width).

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn.functional.conv import conv1d
    >>> x, difference = tg.Tensor([[1.0, 2.0, 4.0, 7.0]]), tg.Tensor([[[-1.0, 1.0]]])
    >>> conv1d(x, difference)
    Tensor([[1., 2., 3.]], shape=(1, 3), dtype=float64)
    """
    return convolve("conv1d", 1, input, weight, bias, stride, padding, dilation, groups)


def conv2d(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> Any:
    """Weighted sums over a window that slides over images.

    ``y[f, i, j] = bias[f] + Σ weight[f, c, k, l] * input[c, i * stride + k * dilation, ...]``,
    summed over the channels ``c`` and the window ``k, l``: strictly a cross-correlation, as in all
    libraries of neural networks.

    Shapes: ``input`` (batch, channels, height, width) or (channels, height, width), ``weight``
    (filters, channels / groups, height, width), ``bias`` (filters,); the result (batch, filters,
    height, width), with ``(size + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1`` along
    each axis.

    Parameters
    ----------
    stride, dilation : how far apart are the places of the window, and the elements within it.
    padding : so many zeros around each image; or ``"same"``, for an output as large as the input;
        or ``"valid"``, for none. Like the others, one number, or one for each axis.
    groups : the channels and the filters fall into so many groups, and each group of filters sees
        its own group of channels.

    Raises
    ------
    TypeError, ValueError
        If a setting is none of these, if the shapes do not fit together, or if the window is
        larger than the padded image.

    References
    ----------
    LeCun et al., Backpropagation applied to handwritten zip code recognition, Neural Computation 1
    (1989); Dumoulin and Visin, A guide to convolution arithmetic (2016), arXiv:1603.07285.

    Examples
    --------
    >>> import numpy as np
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn.functional.conv import conv2d
    >>> image, blur = tg.Tensor(np.eye(3)[None]), tg.Tensor(np.full((1, 1, 2, 2), 0.25))
    >>> conv2d(image, blur).tolist()
    [[[0.5, 0.25], [0.25, 0.5]]]
    """
    return convolve("conv2d", 2, input, weight, bias, stride, padding, dilation, groups)


def conv3d(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> Any:
    """Weighted sums over a window that slides through volumes; see `conv2d`.

    Shapes: ``input`` (batch, channels, depth, height, width), or without the batch, ``weight``
    (filters, channels / groups, depth, height, width).

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_edu.nn.functional.conv import conv3d
    >>> conv3d(np.ones((1, 3, 3, 3)), np.ones((2, 1, 2, 2, 2)), stride=(1, 2, 1)).shape
    (2, 2, 1, 2)
    """
    return convolve("conv3d", 3, input, weight, bias, stride, padding, dilation, groups)


def convolve(
    where: str,
    count: int,
    input: Any,
    weight: Any,
    bias: Any,
    stride: Any,
    padding: Any,
    dilation: Any,
    groups: int,
) -> Any:
    """Convolve along ``count`` axes."""
    settings = read_settings(where, count, weight, stride, dilation, groups)
    settings["padding"] = read_padding(where, count, padding, shape_of(weight)[2:], settings)
    check_bias(where, bias, shape_of(weight)[0])
    x, single = as_batch(where, count, input)
    y = ops.conv(x, *((weight,) if bias is None else (weight, bias)), **settings)
    return y[0] if single else y
