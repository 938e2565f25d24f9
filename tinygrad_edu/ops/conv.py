"""Convolution over any number of axes, and the two ops that are its derivatives.

With a weight ``w`` and padding thought up around ``x``, a convolution (strictly, as everywhere in
this field, a cross-correlation) is a sum over the channels ``c`` and the taps of the window::

    y[image, f, place] = sum of w[f, c, tap] * x[image, c, place * stride + tap * dilation]

Multiply it with any ``z`` of ``y``'s shape and sum up, and you get a number that is linear in each
of ``x``, ``w`` and ``z``. Its gradient for ``z`` is ``conv(x, w)``; the one for ``x`` is called
``conv_transpose(z, w)``, and the one for ``w`` here ``conv_weight(x, z)``. A derivative rule is
such a gradient, with ``dy`` as ``z``. So each of the three ops has the two others as its rules, and
derivatives of every order are at hand.

Each computes by a loop over the taps, with a matrix product over the channels for each. The case
that image networks spend their time in has a faster form, see ``conv_tiles.py``, read next; the
loops are what the tests hold it against.
"""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from tinygrad_edu.cases import case
from tinygrad_edu.op import differentiable
from tinygrad_edu.ops.conv_memory import keep_freed_memory
from tinygrad_edu.ops.conv_tiles import tiled_conv, tiled_conv_weight, tiles_fit
from tinygrad_edu.ops.conv_window import Pairs, Sizes, padded, places, taps, within

keep_freed_memory()

HINT = "x is (images, channels, ...), the weight (filters, channels / groups, ...)"
ONE: dict[str, Any] = {"stride": (1,), "padding": ((0, 0),), "dilation": (1,), "groups": 1}
TWO: dict[str, Any] = {
    "stride": (1, 1), "padding": ((0, 0), (0, 0)), "dilation": (1, 1), "groups": 1,
}  # fmt: skip
SAME: dict[str, Any] = {**TWO, "padding": ((1, 1), (1, 1))}
ODD: dict[str, Any] = {
    "stride": (2, 1), "padding": ((1, 0), (0, 2)), "dilation": (1, 2), "groups": 2,
}  # fmt: skip


def by_group(x: Any, groups: int) -> Any:
    """Split an array's channels, its second axis, into groups: two axes."""
    return x.reshape((len(x), groups, x.shape[1] // groups, *x.shape[2:]))


def in_a_row(x: Any) -> Any:
    """Lay out all the places of (images, groups, channels, ...) in a row."""
    return x.reshape((*x.shape[:3], prod(x.shape[3:])))


def product(a: Any, b: Any) -> Any:
    """``a @ b``; of a column and a row, NumPy has it ten times faster as ``a * b``."""
    return a * b if a.shape[-1] == 1 else a @ b


def conv_x(dy: Any, y: Any, x: Any, weight: Any, bias: Any = None, **settings: Any) -> Any:
    """Every place hands its gradient to the elements that its window covered."""
    return conv_transpose(dy, weight, size=x.shape[2:], **settings)


def conv_w(dy: Any, y: Any, x: Any, weight: Any, bias: Any = None, **settings: Any) -> Any:
    """Every tap sums up what it met, times the gradient of the place where it met it."""
    return conv_weight(x, dy, kernel=weight.shape[2:], **settings)


def conv_bias(dy: Any, y: Any, x: Any, weight: Any, bias: Any, **settings: Any) -> Any:
    """Sum over all but the filters; first over the axis that is outermost in memory, see below."""
    return dy.sum(axis=2).sum(axis=(0, *range(2, dy.ndim - 1)))


def transpose_z(dy: Any, y: Any, z: Any, weight: Any, *, size: Sizes, **settings: Any) -> Any:
    """What was laid down is gathered again."""
    return conv(dy, weight, **settings)


def transpose_w(dy: Any, y: Any, z: Any, weight: Any, *, size: Sizes, **settings: Any) -> Any:
    """As for `conv`, with ``dy`` in the part of ``x``."""
    return conv_weight(dy, z, kernel=weight.shape[2:], **settings)


def weight_x(dy: Any, y: Any, x: Any, z: Any, *, kernel: Sizes, **settings: Any) -> Any:
    """As for `conv`, with ``dy`` in the part of the weight."""
    return conv_transpose(z, dy, size=x.shape[2:], **settings)


def weight_z(dy: Any, y: Any, x: Any, z: Any, *, kernel: Sizes, **settings: Any) -> Any:
    """The convolution with ``dy`` as the weight."""
    return conv(x, dy, **settings)


@differentiable(
    x=conv_x,
    weight=conv_w,
    bias=conv_bias,
    cases=[
        case((2, 3, 5), (2, 3, 2), **ONE),
        case((1, 2, 6), (4, 1, 3), (4,), stride=(2,), padding=((2, 1),), dilation=(2,), groups=2),
        case((2, 1, 4, 4), (2, 1, 3, 3), (2,), **SAME),
        case((2, 2, 3, 5), (3, 2, 2, 2), **TWO),
        case((1, 2, 5, 4), (2, 1, 2, 2), (2,), **ODD),
        case((1, 4, 3, 3), (4, 1, 2, 2), **{**TWO, "groups": 4}),
        case((2, 2, 3, 3), (1, 2, 1, 1), (1,), **{**TWO, "stride": (2, 2)}),
        case((1, 1, 2, 3, 2), (2, 1, 2, 2, 1), stride=(1, 2, 1), padding=((0, 1),) * 3,
             dilation=(1, 1, 2), groups=1),
        case((0, 2, 3, 3), (2, 2, 2, 2), (2,), **TWO),
    ],
    hint=HINT,
)  # fmt: skip
def conv(
    x: Any,
    weight: Any,
    bias: Any = None,
    *,
    stride: Sizes,
    padding: Pairs,
    dilation: Sizes,
    groups: int,
) -> Any:
    """Weighted sums over a window that slides along all axes behind the second.

    Shapes: ``x`` (images, channels, ...), ``weight`` (filters, channels / groups, ...), ``bias``
    (filters,) or None; the result (images, filters, ...). Each group of the filters sees its own
    group of the channels.

    Raises
    ------
    ValueError
        If the shapes do not fit together, or the window does not fit on the padded ``x``.

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_edu.ops.conv import conv
    >>> x, weight = np.arange(5.0).reshape(1, 1, 5), np.array([[[-1.0, 1.0]]])
    >>> conv(x, weight, stride=(1,), padding=((0, 0),), dilation=(1,), groups=1)
    array([[[1., 1., 1., 1.]]])
    """
    check_shapes(x.shape, weight.shape, groups, weight.shape[1] * groups)
    if tiles_fit(padding, dilation, groups):
        return tiled_conv(x, weight, bias, stride, padding)
    size = places(x.shape[2:], weight.shape[2:], stride, padding, dilation)
    xs = by_group(padded(x, padding), groups)
    w = weight.reshape((groups, -1, *weight.shape[1:]))
    shape, dtype = (*xs.shape[:2], w.shape[1], prod(size)), np.result_type(x, weight)
    y = np.zeros_like(x, dtype, order="C", shape=shape)
    for tap, met in taps(weight.shape[2:], size, stride, dilation):
        y += product(w[tap], in_a_row(xs[met]))
    y = y.reshape((len(x), len(weight), *size))
    return y if bias is None else y + bias.reshape((-1,) + (1,) * len(size))


@differentiable(
    z=transpose_z,
    weight=transpose_w,
    cases=[
        case((2, 2, 4), (2, 3, 2), size=(5,), **ONE),
        case((1, 4, 3), (4, 1, 3), size=(6,), stride=(2,), padding=((2, 1),), dilation=(2,),
             groups=2),
        case((2, 2, 4, 4), (2, 1, 3, 3), size=(4, 4), **SAME),
        case((2, 3, 2, 4), (3, 2, 2, 2), size=(3, 5), **TWO),
        case((1, 2, 3, 4), (2, 1, 2, 2), size=(5, 4), **ODD),
        case((2, 1, 2, 2), (1, 2, 1, 1), size=(4, 3), **{**TWO, "stride": (2, 2)}),
        case((0, 2, 2, 2), (2, 2, 2, 2), size=(3, 3), **TWO),
    ],
    hint=HINT,
)  # fmt: skip
def conv_transpose(
    z: Any,
    weight: Any,
    *,
    size: Sizes,
    stride: Sizes,
    padding: Pairs,
    dilation: Sizes,
    groups: int,
) -> Any:
    """What `conv` has gathered, handed back: its gradient for an ``x`` of so large a ``size``.

    Shapes: ``z`` (images, filters, ...), as the output of the convolution; ``weight`` as there; the
    result (images, channels, *size). Each element of ``z`` lays down the window, weighted with
    itself; where windows overlap, they add up.

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_edu.ops.conv import conv_transpose
    >>> z, weight = np.array([[[1.0, 10.0]]]), np.array([[[1.0, 2.0, 3.0]]])
    >>> setting = {"stride": (2,), "padding": ((0, 0),), "dilation": (1,), "groups": 1}
    >>> conv_transpose(z, weight, size=(5,), **setting)
    array([[[ 1.,  2., 13., 20., 30.]]])
    """
    check_shapes(z.shape, weight.shape, groups, len(weight))
    kernel = weight.shape[2:]
    if z.shape[2:] != places(size, kernel, stride, padding, dilation):
        raise ValueError(f"a convolution does not make {z.shape[2:]} places of {size}")
    back = tuple((k - 1 - b, k - 1 - a) for k, (b, a) in zip(kernel, padding))
    if stride == (1,) * len(size) and tiles_fit(back, dilation, groups):
        turned = np.flip(weight, tuple(range(2, weight.ndim))).swapaxes(0, 1)
        return tiled_conv(z, turned, None, stride, back)
    zs = in_a_row(by_group(z, groups))
    w = weight.reshape((groups, -1, *weight.shape[1:]))
    sizes = (n + sum(pair) for n, pair in zip(size, padding))
    shape, dtype = (*zs.shape[:2], w.shape[2], *sizes), np.result_type(z, weight)
    y = np.zeros_like(z, dtype, order="C", shape=shape)
    for tap, met in taps(kernel, z.shape[2:], stride, dilation):
        y[met] += product(w[tap].mT, zs).reshape(y[met].shape)
    return y.reshape((len(z), groups * w.shape[2], *y.shape[3:]))[within(padding, size)]


@differentiable(
    x=weight_x,
    z=weight_z,
    cases=[
        case((2, 3, 5), (2, 2, 4), kernel=(2,), **ONE),
        case((1, 2, 6), (1, 4, 3), kernel=(3,), stride=(2,), padding=((2, 1),), dilation=(2,),
             groups=2),
        case((2, 1, 4, 4), (2, 2, 4, 4), kernel=(3, 3), **SAME),
        case((2, 2, 3, 5), (2, 3, 2, 4), kernel=(2, 2), **TWO),
        case((1, 2, 5, 4), (1, 2, 3, 4), kernel=(2, 2), **ODD),
        case((2, 2, 3, 3), (2, 1, 2, 2), kernel=(1, 1), **{**TWO, "stride": (2, 2)}),
        case((0, 2, 3, 3), (0, 2, 2, 2), kernel=(2, 2), **TWO),
    ],
    hint=HINT,
)  # fmt: skip
def conv_weight(
    x: Any,
    z: Any,
    *,
    kernel: Sizes,
    stride: Sizes,
    padding: Pairs,
    dilation: Sizes,
    groups: int,
) -> Any:
    """How `conv` depends on its weight: its gradient for a weight of so large a ``kernel``.

    Shapes: ``x`` (images, channels, ...), ``z`` (images, filters, ...), as the output of the
    convolution; the result (filters, channels / groups, *kernel).
    """
    if tiles_fit(padding, dilation, groups):
        return tiled_conv_weight(x, z, stride, padding, kernel)
    xs, zs = by_group(padded(x, padding), groups), in_a_row(by_group(z, groups))
    shape, dtype = (groups, zs.shape[2], xs.shape[2], *kernel), np.result_type(x, z)
    y = np.empty_like(x, dtype, order="C", shape=shape)
    for tap, met in taps(kernel, z.shape[2:], stride, dilation):
        y[tap] = (zs @ in_a_row(xs[met]).mT).sum(axis=0)
    return y.reshape((-1, *y.shape[2:]))


def check_shapes(shape: Sizes, weight: Sizes, groups: int, channels: int) -> None:
    """Refuse an input whose channels are not those that the weight is made for."""
    if len(shape) != len(weight):
        raise ValueError(f"an input of shape {shape} has not as many axes as a weight of {weight}")
    if shape[1] != channels:
        raise ValueError(
            f"the input of shape {shape} has {shape[1]} channels, and a weight of shape {weight} "
            f"is for {channels}" + (f", in {groups} groups" if groups > 1 else "")
        )
    if weight[0] % groups:
        raise ValueError(f"{weight[0]} filters cannot be split into {groups} groups")
