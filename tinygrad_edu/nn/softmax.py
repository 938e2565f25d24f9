"""Softmax and its kin as modules: activations in which all elements along an axis take part."""

from __future__ import annotations

from typing import Any

from tinygrad_edu.nn import functional
from tinygrad_edu.nn.activation import shown
from tinygrad_edu.nn.functional.checks import shape_of
from tinygrad_edu.nn.module import Module


class Softmax(Module):
    """Positive numbers that add up to 1: ``exp(x) / sum(exp(x))``.

    Shapes and source: see `functional.softmax`.

    Parameters
    ----------
    dim : the axis along which they add up to 1, which has to be given.

    Raises
    ------
    ValueError
        When called, if no axis is given, or it does not exist.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.Softmax(dim=1)(tg.Tensor([[0.0, 0.0], [0.0, -1e4]]))
    Tensor([[0.5, 0.5],
            [1. , 0. ]], shape=(2, 2), dtype=float64)
    """

    def __init__(self, dim: int | None = None) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, input: Any) -> Any:
        """Apply `functional.softmax`."""
        return functional.softmax(input, self.dim)

    def extra_repr(self) -> str:
        """Name the settings."""
        return shown(self, "dim")


class LogSoftmax(Module):
    """Logarithm of `Softmax`, computed so that nothing underflows.

    Formula, shapes and source: see `functional.log_softmax`.

    Parameters
    ----------
    dim : the axis along which the exponentials add up to 1, which has to be given.

    Raises
    ------
    ValueError
        When called, if no axis is given, or it does not exist.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.LogSoftmax(dim=1)(tg.Tensor([[0.0, 0.0], [0.0, -1e4]]))
    Tensor([[-6.93147181e-01, -6.93147181e-01],
            [ 0.00000000e+00, -1.00000000e+04]], shape=(2, 2), dtype=float64)
    """

    def __init__(self, dim: int | None = None) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, input: Any) -> Any:
        """Apply `functional.log_softmax`."""
        return functional.log_softmax(input, self.dim)

    def extra_repr(self) -> str:
        """Name the settings."""
        return shown(self, "dim")


class Softmin(Module):
    """`Softmax` of ``-x``: the smallest has the largest share.

    Formula, shapes and source: see `functional.softmin`.

    Parameters
    ----------
    dim : the axis along which they add up to 1, which has to be given.

    Raises
    ------
    ValueError
        When called, if no axis is given, or it does not exist.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.Softmin(dim=1)(tg.Tensor([[0.0, 0.0], [0.0, -1e4]]))
    Tensor([[0.5, 0.5],
            [0. , 1. ]], shape=(2, 2), dtype=float64)
    """

    def __init__(self, dim: int | None = None) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, input: Any) -> Any:
        """Apply `functional.softmin`."""
        return functional.softmin(input, self.dim)

    def extra_repr(self) -> str:
        """Name the settings."""
        return shown(self, "dim")


class Softmax2d(Module):
    """`Softmax` over the channels of every pixel.

    Shapes: input (N, C, H, W) or (C, H, W); the output alike.

    Formula and source: see `functional.softmax`.

    Raises
    ------
    ValueError
        When called, if the input has neither three nor four axes.

    Examples
    --------
    >>> import numpy as np
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> float(nn.Softmax2d()(tg.Tensor(np.zeros((5, 2, 2))))[0, 0, 0])
    0.2
    """

    def forward(self, input: Any) -> Any:
        """Apply `functional.softmax` along the axis of channels."""
        if len(shape_of(input)) not in (3, 4):
            raise ValueError(
                f"Softmax2d takes images of shape (N, C, H, W) or (C, H, W), not {shape_of(input)}"
            )
        return functional.softmax(input, -3)
