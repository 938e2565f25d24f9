"""Convolutional layers: a small weight that slides over sequences, images or volumes.

Read next: ``conv_transpose.py``, the layers that go the other way.
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any, ClassVar

import numpy as np

from tinygrad_edu.nn.convert import factory_dtype
from tinygrad_edu.nn.functional import conv as functional
from tinygrad_edu.nn.functional.checks import positive_integer, shape_of
from tinygrad_edu.nn.functional.pad import MODES, pad
from tinygrad_edu.nn.functional.windows import per_axis, read_padding
from tinygrad_edu.nn.linear import draw_uniformly
from tinygrad_edu.nn.module import Module
from tinygrad_edu.nn.parameter import Parameter

PADDING_MODES = {"zeros": "constant", **{mode: mode for mode in MODES if mode != "constant"}}


class SlidingLayer(Module):
    """What all convolutional layers have: their sizes, and the parameters drawn for these.

    Both parameters are drawn uniformly between ``-1 / sqrt(fan_in)`` and ``1 / sqrt(fan_in)``,
    where ``fan_in`` is the product of all sizes of the weight but the first, as PyTorch does it.
    """

    axes: ClassVar[int]
    weight: Parameter
    bias: Parameter | None

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        stride: Any,
        dilation: Any,
        groups: int,
    ) -> None:
        super().__init__()
        where = type(self).__name__
        self.in_channels = positive_integer(where, "in_channels", in_channels)
        self.out_channels = positive_integer(where, "out_channels", out_channels)
        self.groups = positive_integer(where, "groups", groups)
        for name, channels in (("in", in_channels), ("out", out_channels)):
            if channels % self.groups:
                raise ValueError(
                    f"{where}: {name}_channels={channels} cannot be split into groups={groups}"
                )
        self.kernel_size = per_axis(where, "kernel_size", kernel_size, self.axes)
        self.stride = per_axis(where, "stride", stride, self.axes)
        self.dilation = per_axis(where, "dilation", dilation, self.axes)

    def make_parameters(
        self,
        channels: tuple[int, int],
        bias: bool,
        dtype: Any,
        generator: np.random.Generator | None,
    ) -> None:
        """Make and draw the parameters; ``channels`` are the first two sizes of the weight."""
        self.generator = generator
        self.weight = Parameter(np.empty((*channels, *self.kernel_size), dtype))
        self.register_parameter(
            "bias", Parameter(np.empty(self.out_channels, dtype)) if bias else None
        )
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the parameters anew; called when the layer is made, too."""
        fan_in = prod(self.weight.shape[1:])
        draw_uniformly(fan_in, self.generator, self.weight, self.bias)

    def check_channels(self, x: Any) -> None:
        """Refuse an input that has not as many channels as the layer is made for."""
        shape = shape_of(x)
        known = len(shape) in (self.axes + 1, self.axes + 2)
        if known and shape[-self.axes - 1] != self.in_channels:
            raise ValueError(
                f"{self} got an input of shape {shape}, which has {shape[-self.axes - 1]} channels "
                f"and not in_channels={self.in_channels}; its weight has shape {self.weight.shape}"
            )

    def extra_repr(self) -> str:
        """Name the sizes, and the settings that are not the default."""
        parts = [f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}"]
        parts.append(f"stride={self.stride}")
        usual = {"padding": 0, "dilation": 1, "output_padding": 0, "groups": 1}
        for name, value in usual.items():
            actual = getattr(self, name) if name in vars(self) else value
            if actual not in (value, (value,) * self.axes):
                parts.append(f"{name}={actual}")
        parts += ["bias=False"] if self.bias is None else []
        mode = vars(self).get("padding_mode", "zeros")
        return ", ".join(parts + ([f"padding_mode={mode}"] if mode != "zeros" else []))


class Convolution(SlidingLayer):
    """What `Conv1d`, `Conv2d` and `Conv3d` have in common."""

    function: ClassVar[Callable[..., Any]]

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        stride: Any = 1,
        padding: Any = 0,
        dilation: Any = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: Any = None,
        *,
        generator: np.random.Generator | None = None,
    ) -> None:
        super().__init__(in_channels, out_channels, kernel_size, stride, dilation, groups)
        where = type(self).__name__
        if padding_mode not in PADDING_MODES:
            modes = ", ".join(PADDING_MODES)
            raise ValueError(f"{where}: padding_mode is one of {modes}, not {padding_mode!r}")
        settings = {"stride": self.stride, "dilation": self.dilation}
        around = read_padding(where, self.axes, padding, self.kernel_size, settings)
        self.padding = padding if isinstance(padding, str) else tuple(n for n, _ in around)
        self.padding_mode = padding_mode
        self._around = [n for pair in reversed(around) for n in pair]
        channels = self.out_channels, self.in_channels // self.groups
        self.make_parameters(channels, bias, factory_dtype(device, dtype), generator)

    def forward(self, input: Any) -> Any:
        """Apply the function of the same name, after padding in a way that it does not know."""
        self.check_channels(input)
        padding: Any = self.padding
        if self.padding_mode != "zeros":
            input, padding = pad(input, self._around, PADDING_MODES[self.padding_mode]), 0
        settings = (self.stride, padding, self.dilation, self.groups)
        return type(self).function(input, self.weight, self.bias, *settings)


class Conv1d(Convolution):
    """A weight that slides along sequences; see `Conv2d`.

    Shapes: ``x`` (batch, in_channels, length) or (in_channels, length).

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn.conv import Conv1d
    >>> layer = Conv1d(2, 4, kernel_size=3, padding="same")
    >>> layer(tg.Tensor([[0.0, 1.0, 0.0, 0.0], [1.0, 2.0, 3.0, 4.0]])).shape
    (4, 4)
    """

    axes = 1
    function = functional.conv1d


class Conv2d(Convolution):
    """A weight that slides over images: every place of the output sees one window of the input.

    Shapes: ``x`` (batch, in_channels, height, width) or (in_channels, height, width), ``weight``
    (out_channels, in_channels / groups, height, width), ``bias`` (out_channels,); the result
    (batch, out_channels, height, width). Its size and the formula: see `functional.conv2d`. Both
    parameters are drawn uniformly between ``-1 / sqrt(fan_in)`` and ``1 / sqrt(fan_in)``, where
    ``fan_in`` is ``in_channels / groups * height * width`` of the window, as PyTorch does it.

    Parameters
    ----------
    in_channels, out_channels : how many numbers a place has before and after.
    kernel_size, stride, padding, dilation, groups : of the window, see `functional.conv2d`.
    bias : bool
        Whether to add one; without, ``.bias`` is ``None``.
    padding_mode : what is put around the images: ``"zeros"``, ``"reflect"``, ``"replicate"`` or
        ``"circular"``, see `functional.pad`.
    device : ``None`` or ``"cpu"``, of which there is no other.
    dtype : dtype-like, optional
        Of the parameters; else the default dtype.
    generator : numpy.random.Generator, optional
        Where they are drawn from; else the package's own, see `manual_seed`.

    Raises
    ------
    TypeError, ValueError
        If a size or setting is impossible; when called, if ``x`` has other channels, or is smaller
        than the window.

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_edu.nn.conv import Conv2d
    >>> layer = Conv2d(1, 8, kernel_size=5, padding=2)
    >>> layer
    Conv2d(1, 8, kernel_size=(5, 5), stride=(1, 1), padding=(2, 2))
    >>> layer(np.zeros((64, 1, 28, 28))).shape
    (64, 8, 28, 28)
    """

    axes = 2
    function = functional.conv2d


class Conv3d(Convolution):
    """A weight that slides through volumes; see `Conv2d`.

    Shapes: ``x`` (batch, in_channels, depth, height, width), or without the batch.

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_edu.nn.conv import Conv3d
    >>> Conv3d(1, 2, kernel_size=3, stride=2)(np.zeros((1, 5, 5, 7))).shape
    (2, 2, 2, 3)
    """

    axes = 3
    function = functional.conv3d
