"""Layers that rearrange images: larger, channels into pixels, cut into windows."""

from __future__ import annotations

from typing import Any

from tinygrad_edu.nn.functional import vision
from tinygrad_edu.nn.functional.checks import positive_integer
from tinygrad_edu.nn.module import Module


class PixelShuffle(Module):
    """Turn channels into pixels: ``r * r`` channels give an image ``r`` times as high and wide.

    Formula, shapes and source: see `functional.pixel_shuffle`.

    Raises
    ------
    TypeError, ValueError
        If the factor is no positive integer; when called, if the channels are no
        multiple of its square.

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_edu.nn.vision import PixelShuffle
    >>> PixelShuffle(3)(np.zeros((1, 18, 4, 4))).shape
    (1, 2, 12, 12)
    """

    def __init__(self, upscale_factor: int) -> None:
        super().__init__()
        self.upscale_factor = positive_integer("PixelShuffle", "upscale_factor", upscale_factor)

    def forward(self, input: Any) -> Any:
        """Apply `functional.pixel_shuffle`."""
        return vision.pixel_shuffle(input, self.upscale_factor)

    def extra_repr(self) -> str:
        """Name the factor."""
        return f"upscale_factor={self.upscale_factor}"


class PixelUnshuffle(Module):
    """Turn pixels into channels: the inverse of `PixelShuffle`.

    Formula, shapes and source: see `functional.pixel_unshuffle`.

    Raises
    ------
    TypeError, ValueError
        If the factor is no positive integer; when called, if height or width is no multiple of it.

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_edu.nn.vision import PixelUnshuffle
    >>> PixelUnshuffle(3)(np.zeros((1, 2, 12, 12))).shape
    (1, 18, 4, 4)
    """

    def __init__(self, downscale_factor: int) -> None:
        super().__init__()
        self.downscale_factor = positive_integer(
            "PixelUnshuffle", "downscale_factor", downscale_factor
        )

    def forward(self, input: Any) -> Any:
        """Apply `functional.pixel_unshuffle`."""
        return vision.pixel_unshuffle(input, self.downscale_factor)

    def extra_repr(self) -> str:
        """Name the factor."""
        return f"downscale_factor={self.downscale_factor}"


class Upsample(Module):
    """Images of another size; see `functional.interpolate`.

    Parameters
    ----------
    size, scale_factor, mode, align_corners, recompute_scale_factor : see `functional.interpolate`.

    Raises
    ------
    TypeError, ValueError
        When called, if an argument is impossible or does not go with another one.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn.vision import Upsample
    >>> x = tg.Tensor([[[[1.0, 2.0]]]])
    >>> Upsample(scale_factor=2)(x).tolist()
    [[[[1.0, 1.0, 2.0, 2.0], [1.0, 1.0, 2.0, 2.0]]]]
    >>> Upsample((1, 3), mode="bilinear", align_corners=True)(x).tolist()
    [[[[1.0, 1.5, 2.0]]]]
    """

    def __init__(
        self,
        size: Any = None,
        scale_factor: Any = None,
        mode: str = "nearest",
        align_corners: bool | None = None,
        recompute_scale_factor: bool | None = None,
    ) -> None:
        super().__init__()
        self.size = size
        many = isinstance(scale_factor, tuple)
        self.scale_factor = tuple(map(float, scale_factor)) if many else scale_factor
        if not many and scale_factor is not None:
            self.scale_factor = float(scale_factor)
        self.mode = mode
        self.align_corners = align_corners
        self.recompute_scale_factor = recompute_scale_factor

    def forward(self, input: Any) -> Any:
        """Apply `functional.interpolate`."""
        return vision.interpolate(
            input,
            self.size,
            self.scale_factor,
            self.mode,
            self.align_corners,
            self.recompute_scale_factor,
        )

    def extra_repr(self) -> str:
        """Name the size or factor, and the mode."""
        if self.scale_factor is not None:
            return f"scale_factor={self.scale_factor!r}, mode={self.mode!r}"
        return f"size={self.size!r}, mode={self.mode!r}"


class UpsamplingNearest2d(Upsample):
    """Images of another size, of copies of the nearest pixels.

    Arguments, formula, shapes, errors and source: see `Upsample`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn.vision import UpsamplingNearest2d
    >>> UpsamplingNearest2d(scale_factor=2)(tg.Tensor([[[[1.0, 2.0]]]])).tolist()
    [[[[1.0, 1.0, 2.0, 2.0], [1.0, 1.0, 2.0, 2.0]]]]
    """

    def __init__(self, size: Any = None, scale_factor: Any = None) -> None:
        super().__init__(size, scale_factor, mode="nearest")


class UpsamplingBilinear2d(Upsample):
    """Images of another size, of mixtures of the four nearest pixels; the corners stay.

    Arguments, formula, shapes, errors and source: see `Upsample`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn.vision import UpsamplingBilinear2d
    >>> UpsamplingBilinear2d((1, 3))(tg.Tensor([[[[1.0, 2.0]]]])).tolist()
    [[[[1.0, 1.5, 2.0]]]]
    """

    def __init__(self, size: Any = None, scale_factor: Any = None) -> None:
        super().__init__(size, scale_factor, mode="bilinear", align_corners=True)


class Unfold(Module):
    """Copy every window that finds a place on an image into a column.

    Settings, formula, shapes, errors and source: see `functional.unfold`.

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_edu.nn.vision import Unfold
    >>> Unfold(3, padding=1)(np.zeros((1, 2, 4, 5))).shape
    (1, 18, 20)
    """

    def __init__(
        self, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1
    ) -> None:
        super().__init__()
        self.kernel_size = kernel_size
        self.dilation = dilation
        self.padding = padding
        self.stride = stride

    def forward(self, input: Any) -> Any:
        """Apply `functional.unfold`."""
        return vision.unfold(input, self.kernel_size, self.dilation, self.padding, self.stride)

    def extra_repr(self) -> str:
        """Name the settings."""
        return (
            f"kernel_size={self.kernel_size}, dilation={self.dilation}, padding={self.padding}, "
            f"stride={self.stride}"
        )


class Fold(Module):
    """Add up windows where they came from; of each element, `Unfold` made so many copies.

    Settings, formula, shapes, errors and source: see `functional.fold`.

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_edu.nn.vision import Fold
    >>> Fold((4, 5), 3, padding=1)(np.zeros((1, 18, 20))).shape
    (1, 2, 4, 5)
    """

    def __init__(
        self,
        output_size: Any,
        kernel_size: Any,
        dilation: Any = 1,
        padding: Any = 0,
        stride: Any = 1,
    ) -> None:
        super().__init__()
        self.output_size = output_size
        self.kernel_size = kernel_size
        self.dilation = dilation
        self.padding = padding
        self.stride = stride

    def forward(self, input: Any) -> Any:
        """Apply `functional.fold`."""
        settings = (self.kernel_size, self.dilation, self.padding, self.stride)
        return vision.fold(input, self.output_size, *settings)

    def extra_repr(self) -> str:
        """Name the settings."""
        return (
            f"output_size={self.output_size}, kernel_size={self.kernel_size}, "
            f"dilation={self.dilation}, padding={self.padding}, stride={self.stride}"
        )
