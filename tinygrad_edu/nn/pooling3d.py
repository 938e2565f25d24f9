"""Pooling layers for volumes, such as video or scans: as those for images, with one axis more."""

from __future__ import annotations

from typing import Any

from tinygrad_edu.nn.functional import adaptive, pooling
from tinygrad_edu.nn.module import Module
from tinygrad_edu.nn.pooling import AdaptiveMaxPool, AdaptivePool, MaxPool


class MaxPool3d(MaxPool):
    """Largest element under a window that slides through volumes; see `functional.max_pool2d`.

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_edu.nn.pooling3d import MaxPool3d
    >>> MaxPool3d(2)(np.arange(16.0).reshape(1, 2, 2, 4)).tolist()
    [[[[13.0, 15.0]]]]
    """

    def forward(self, input: Any) -> Any:
        """Apply `functional.max_pool3d`."""
        return pooling.max_pool3d(input, *self.settings())


class AvgPool3d(Module):
    """Mean of the elements under a window that slides through volumes, channel by channel.

    Formula, shapes, errors and source: see `functional.avg_pool3d`.

    Parameters
    ----------
    kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override : see
        `functional.avg_pool2d`.

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_edu.nn.pooling3d import AvgPool3d
    >>> AvgPool3d(2)(np.arange(16.0).reshape(1, 2, 2, 4)).tolist()
    [[[[6.5, 8.5]]]]
    """

    def __init__(
        self,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int | None = None,
    ) -> None:
        super().__init__()
        self.kernel_size = kernel_size
        self.stride = kernel_size if stride is None else stride
        self.padding = padding
        self.ceil_mode = ceil_mode
        self.count_include_pad = count_include_pad
        self.divisor_override = divisor_override

    def forward(self, input: Any) -> Any:
        """Apply `functional.avg_pool3d`."""
        settings = (self.kernel_size, self.stride, self.padding, self.ceil_mode)
        return pooling.avg_pool3d(input, *settings, self.count_include_pad, self.divisor_override)

    def extra_repr(self) -> str:
        """Name the settings."""
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class AdaptiveAvgPool3d(AdaptivePool):
    """Mean of each of the parts that a volume is cut into; see `functional.adaptive_avg_pool2d`.

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_edu.nn.pooling3d import AdaptiveAvgPool3d
    >>> AdaptiveAvgPool3d(1)(np.arange(8.0).reshape(1, 2, 2, 2)).tolist()
    [[[[3.5]]]]
    """

    def forward(self, input: Any) -> Any:
        """Apply `functional.adaptive_avg_pool3d`."""
        return adaptive.adaptive_avg_pool3d(input, self.output_size)


class AdaptiveMaxPool3d(AdaptiveMaxPool):
    """Largest element of each of the parts that a volume is cut into.

    Formula, shapes, errors and source: see `functional.adaptive_max_pool3d`.

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_edu.nn.pooling3d import AdaptiveMaxPool3d
    >>> AdaptiveMaxPool3d((1, 1, None))(np.arange(8.0).reshape(1, 2, 2, 2)).tolist()
    [[[[6.0, 7.0]]]]
    """

    def forward(self, input: Any) -> Any:
        """Apply `functional.adaptive_max_pool3d`."""
        return adaptive.adaptive_max_pool3d(input, self.output_size, self.return_indices)
