"""Transposed convolutional layers: those that make images larger, as decoders need them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np

from tinygrad_edu.nn.conv import SlidingLayer
from tinygrad_edu.nn.convert import factory_dtype
from tinygrad_edu.nn.functional import conv_transpose as functional
from tinygrad_edu.nn.functional.checks import shape_of
from tinygrad_edu.nn.functional.windows import per_axis


class TransposedConvolution(SlidingLayer):
    """What `ConvTranspose1d`, `ConvTranspose2d` and `ConvTranspose3d` have in common."""

    function: ClassVar[Callable[..., Any]]

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        stride: Any = 1,
        padding: Any = 0,
        output_padding: Any = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: Any = 1,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: Any = None,
        *,
        generator: np.random.Generator | None = None,
    ) -> None:
        super().__init__(in_channels, out_channels, kernel_size, stride, dilation, groups)
        where = type(self).__name__
        if padding_mode != "zeros":
            raise ValueError(
                f"{where}: only padding_mode='zeros' is possible, not {padding_mode!r}"
            )
        self.padding = per_axis(where, "padding", padding, self.axes, least=0)
        self.output_padding = per_axis(where, "output_padding", output_padding, self.axes, least=0)
        channels = self.in_channels, self.out_channels // self.groups
        self.make_parameters(channels, bias, factory_dtype(device, dtype), generator)

    def forward(self, input: Any, output_size: Any = None) -> Any:
        """Apply the function of the same name; to get images of ``output_size``, if it is given."""
        self.check_channels(input)
        more = self.output_padding if output_size is None else self.padding_for(input, output_size)
        settings = (self.stride, self.padding, more, self.groups, self.dilation)
        return type(self).function(input, self.weight, self.bias, *settings)

    def padding_for(self, x: Any, output_size: Any) -> tuple[int, ...]:
        """Say which ``output_padding`` makes the result so large.

        Raises
        ------
        ValueError
            If none does.
        """
        sizes = shape_of(x)[-self.axes :]
        wanted = tuple(output_size)[-self.axes :]
        windows = zip(sizes, self.stride, self.padding, self.dilation, self.kernel_size)
        least = tuple((n - 1) * s - 2 * p + d * (k - 1) + 1 for n, s, p, d, k in windows)
        largest = tuple(n + s - 1 for n, s in zip(least, self.stride))
        if len(wanted) != self.axes or any(
            not low <= n <= high for low, n, high in zip(least, wanted, largest)
        ):
            raise ValueError(
                f"{self} makes of an input of size {sizes} one between {least} and {largest}, not "
                f"output_size={output_size!r}"
            )
        return tuple(n - low for n, low in zip(wanted, least))


class ConvTranspose1d(TransposedConvolution):
    """Windows laid down along sequences, weighted with the input; see `ConvTranspose2d`.

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_edu.nn.conv_transpose import ConvTranspose1d
    >>> ConvTranspose1d(4, 2, kernel_size=2, stride=2)(np.zeros((1, 4, 5))).shape
    (1, 2, 10)
    """

    axes = 1
    function = functional.conv_transpose1d


class ConvTranspose2d(TransposedConvolution):
    """Windows laid down on images, weighted with the input.

    Shapes: ``x`` (batch, in_channels, height, width) or (in_channels, height, width), ``weight``
    (in_channels, out_channels / groups, height, width), ``bias`` (out_channels,). The size of the
    result and the formula: see `functional.conv_transpose2d`. Both parameters are drawn uniformly
    between ``-1 / sqrt(n)`` and ``1 / sqrt(n)``, where ``n`` is ``out_channels / groups * height *
    width`` of the window, as PyTorch does it.

    Parameters
    ----------
    in_channels, out_channels : how many numbers a place has before and after.
    kernel_size, stride, padding, output_padding, groups, dilation : of the window, see
        `functional.conv_transpose2d`.
    bias, device, dtype, generator : as for `Conv2d`. The only ``padding_mode`` is ``"zeros"``.

    Raises
    ------
    TypeError, ValueError
        If a size or setting is impossible; when called, if ``x`` has other channels, or no
        ``output_padding`` makes images of the ``output_size`` asked for.

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_edu.nn.conv_transpose import ConvTranspose2d
    >>> layer = ConvTranspose2d(16, 8, kernel_size=3, stride=2, padding=1)
    >>> layer
    ConvTranspose2d(16, 8, kernel_size=(3, 3), stride=(2, 2), padding=(1, 1))
    >>> x = np.zeros((64, 16, 7, 7))
    >>> layer(x).shape, layer(x, output_size=(14, 14)).shape
    ((64, 8, 13, 13), (64, 8, 14, 14))
    """

    axes = 2
    function = functional.conv_transpose2d


class ConvTranspose3d(TransposedConvolution):
    """Windows laid down in volumes, weighted with the input; see `ConvTranspose2d`.

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_edu.nn.conv_transpose import ConvTranspose3d
    >>> ConvTranspose3d(1, 1, kernel_size=2, stride=2)(np.zeros((1, 2, 2, 2))).shape
    (1, 4, 4, 4)
    """

    axes = 3
    function = functional.conv_transpose3d
