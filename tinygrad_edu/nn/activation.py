"""Activation functions as modules, for those who like to see them as layers."""

from __future__ import annotations

from typing import Any

from tinygrad_edu.nn import functional
from tinygrad_edu.nn.module import Module


class Sigmoid(Module):
    """Logistic function, elementwise: ``1 / (1 + exp(-x))``.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.Sigmoid()(tg.Tensor([-1000.0, 0.0, 1000.0]))
    Tensor([0. , 0.5, 1. ], shape=(3,), dtype=float64)
    """

    def forward(self, x: Any) -> Any:
        """Apply `functional.sigmoid`."""
        return functional.sigmoid(x)


class Tanh(Module):
    """Hyperbolic tangent, elementwise.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.Tanh()(tg.Tensor([-1000.0, 0.0, 1000.0]))
    Tensor([-1.,  0.,  1.], shape=(3,), dtype=float64)
    """

    def forward(self, x: Any) -> Any:
        """Apply `functional.tanh`."""
        return functional.tanh(x)


class ReLU(Module):
    """Rectified linear unit, elementwise: ``max(x, 0)``.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.ReLU()(tg.Tensor([-1.0, 0.0, 2.0]))
    Tensor([0., 0., 2.], shape=(3,), dtype=float64)
    """

    def forward(self, x: Any) -> Any:
        """Apply `functional.relu`."""
        return functional.relu(x)
