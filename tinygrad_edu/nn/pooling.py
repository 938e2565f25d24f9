"""Pooling layers: what is under a window becomes one number, so that images become smaller."""

from __future__ import annotations

from typing import Any

from tinygrad_edu.nn.functional import adaptive, pooling
from tinygrad_edu.nn.module import Module


class MaxPool(Module):
    """What `MaxPool1d` and `MaxPool2d` have in common: the settings of their functions."""

    def __init__(
        self,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        dilation: Any = 1,
        return_indices: bool = False,
        ceil_mode: bool = False,
    ) -> None:
        super().__init__()
        self.kernel_size = kernel_size
        self.stride = kernel_size if stride is None else stride
        self.padding = padding
        self.dilation = dilation
        self.return_indices = return_indices
        self.ceil_mode = ceil_mode

    def settings(self) -> tuple[Any, ...]:
        """Return what the function is called with, in its order."""
        return (
            self.kernel_size, self.stride, self.padding, self.dilation, self.ceil_mode,
            self.return_indices,
        )  # fmt: skip

    def extra_repr(self) -> str:
        """Name the settings."""
        return (
            f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}, "
            f"dilation={self.dilation}, ceil_mode={self.ceil_mode}"
        )


class MaxPool1d(MaxPool):
    """Largest element under a window that slides along sequences; see `functional.max_pool1d`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn.pooling import MaxPool1d
    >>> MaxPool1d(2)(tg.Tensor([[3.0, 1.0, 4.0, 1.0, 5.0]]))
    Tensor([[3., 4.]], shape=(1, 2), dtype=float64)
    """

    def forward(self, input: Any) -> Any:
        """Apply `functional.max_pool1d`."""
        return pooling.max_pool1d(input, *self.settings())


class MaxPool2d(MaxPool):
    """Largest element under a window that slides over images, channel by channel.

    Formula, shapes and source: see `functional.max_pool2d`.

    Parameters
    ----------
    kernel_size, stride, padding, dilation, return_indices, ceil_mode : see
        `functional.max_pool2d`; the stride is as large as the window unless it is given.

    Raises
    ------
    TypeError, ValueError
        When called, if a setting is impossible or the window is larger than the padded image.

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_edu.nn.pooling import MaxPool2d
    >>> MaxPool2d(2)(np.arange(16.0).reshape(1, 4, 4)).tolist()
    [[[5.0, 7.0], [13.0, 15.0]]]
    """

    def forward(self, input: Any) -> Any:
        """Apply `functional.max_pool2d`."""
        return pooling.max_pool2d(input, *self.settings())


class AvgPool1d(Module):
    """Mean of the elements under a window that slides along sequences.

    Formula, shapes, errors and source: see `functional.avg_pool1d`.

    Parameters
    ----------
    kernel_size, stride, padding, ceil_mode, count_include_pad : see `functional.avg_pool1d`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn.pooling import AvgPool1d
    >>> AvgPool1d(2)(tg.Tensor([[3.0, 1.0, 4.0, 1.0, 5.0]]))
    Tensor([[2. , 2.5]], shape=(1, 2), dtype=float64)
    """

    def __init__(
        self,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
    ) -> None:
        super().__init__()
        self.kernel_size = one(kernel_size)
        self.stride = self.kernel_size if stride is None else one(stride)
        self.padding = one(padding)
        self.ceil_mode = ceil_mode
        self.count_include_pad = count_include_pad

    def forward(self, input: Any) -> Any:
        """Apply `functional.avg_pool1d`."""
        settings = (self.kernel_size, self.stride, self.padding, self.ceil_mode)
        return pooling.avg_pool1d(input, *settings, self.count_include_pad)

    def extra_repr(self) -> str:
        """Name the settings."""
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class AvgPool2d(Module):
    """Mean of the elements under a window that slides over images, channel by channel.

    Formula, shapes, errors and source: see `functional.avg_pool2d`.

    Parameters
    ----------
    kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override : see
        `functional.avg_pool2d`.

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_edu.nn.pooling import AvgPool2d
    >>> AvgPool2d(2)(np.arange(16.0).reshape(1, 4, 4)).tolist()
    [[[2.5, 4.5], [10.5, 12.5]]]
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
        """Apply `functional.avg_pool2d`."""
        settings = (self.kernel_size, self.stride, self.padding, self.ceil_mode)
        return pooling.avg_pool2d(input, *settings, self.count_include_pad, self.divisor_override)

    def extra_repr(self) -> str:
        """Name the settings."""
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class AdaptivePool(Module):
    """What pooling to a given size has in common."""

    def __init__(self, output_size: Any) -> None:
        super().__init__()
        self.output_size = output_size

    def extra_repr(self) -> str:
        """Name the size."""
        return f"output_size={self.output_size}"


class AdaptiveAvgPool1d(AdaptivePool):
    """Mean of each of ``output_size`` stretches of a sequence.

    Formula, shapes, errors and source: see `functional.adaptive_avg_pool1d`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn.pooling import AdaptiveAvgPool1d
    >>> AdaptiveAvgPool1d(2)(tg.Tensor([[1.0, 2.0, 3.0, 4.0, 5.0]]))
    Tensor([[2., 4.]], shape=(1, 2), dtype=float64)
    """

    def forward(self, input: Any) -> Any:
        """Apply `functional.adaptive_avg_pool1d`."""
        return adaptive.adaptive_avg_pool1d(input, self.output_size)


class AdaptiveAvgPool2d(AdaptivePool):
    """Mean of each of the parts that an image is cut into; see `functional.adaptive_avg_pool2d`.

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_edu.nn.pooling import AdaptiveAvgPool2d
    >>> AdaptiveAvgPool2d(1)(np.arange(9.0).reshape(1, 3, 3)).tolist()
    [[[4.0]]]
    """

    def forward(self, input: Any) -> Any:
        """Apply `functional.adaptive_avg_pool2d`."""
        return adaptive.adaptive_avg_pool2d(input, self.output_size)


class AdaptiveMaxPool(AdaptivePool):
    """What `AdaptiveMaxPool1d` and `AdaptiveMaxPool2d` have in common."""

    def __init__(self, output_size: Any, return_indices: bool = False) -> None:
        super().__init__(output_size)
        self.return_indices = return_indices


class AdaptiveMaxPool1d(AdaptiveMaxPool):
    """Largest element of each of ``output_size`` stretches of a sequence.

    Formula, shapes, errors and source: see `functional.adaptive_max_pool1d`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn.pooling import AdaptiveMaxPool1d
    >>> AdaptiveMaxPool1d(2)(tg.Tensor([[1.0, 2.0, 3.0, 4.0, 5.0]]))
    Tensor([[3., 5.]], shape=(1, 2), dtype=float64)
    """

    def forward(self, input: Any) -> Any:
        """Apply `functional.adaptive_max_pool1d`."""
        return adaptive.adaptive_max_pool1d(input, self.output_size, self.return_indices)


class AdaptiveMaxPool2d(AdaptiveMaxPool):
    """Largest element of each of the parts that an image is cut into.

    Formula, shapes, errors and source: see `functional.adaptive_max_pool2d`.

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_edu.nn.pooling import AdaptiveMaxPool2d
    >>> AdaptiveMaxPool2d((1, None))(np.arange(9.0).reshape(1, 3, 3)).tolist()
    [[[6.0, 7.0, 8.0]]]
    """

    def forward(self, input: Any) -> Any:
        """Apply `functional.adaptive_max_pool2d`."""
        return adaptive.adaptive_max_pool2d(input, self.output_size, self.return_indices)


def one(number: Any) -> Any:
    """Print the setting of a single axis as PyTorch does it, as a tuple."""
    return number if isinstance(number, tuple) else (number,)
