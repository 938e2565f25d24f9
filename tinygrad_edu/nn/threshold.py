"""Activations with thresholds as modules: straight, bent or flat on one side of them."""

from __future__ import annotations

from typing import Any

from tinygrad_edu.nn import functional
from tinygrad_edu.nn.activation import shown
from tinygrad_edu.nn.module import Module


class Softplus(Module):
    """``log(1 + exp(beta x)) / beta``, and ``x`` where ``beta x`` is above the threshold.

    Elementwise; source: see `functional.softplus`.

    Parameters
    ----------
    beta : how sharp the bend at 0 is.
    threshold : from where on it is taken to be straight.

    Raises
    ------
    ValueError
        When called, if beta is not positive.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.Softplus()(tg.Tensor([-1.0, 0.0, 2.0]))
    Tensor([0.31326169, 0.69314718, 2.12692801], shape=(3,), dtype=float64)
    """

    def __init__(self, beta: float = 1.0, threshold: float = 20.0) -> None:
        super().__init__()
        self.beta = beta
        self.threshold = threshold

    def forward(self, input: Any) -> Any:
        """Apply `functional.softplus`."""
        return functional.softplus(input, self.beta, self.threshold)

    def extra_repr(self) -> str:
        """Name the settings."""
        return shown(self, "beta", "threshold")


class Hardtanh(Module):
    """``min(max(x, min_val), max_val)``, elementwise.

    Source: see `functional.hardtanh`.

    Parameters
    ----------
    min_val, max_val : the bounds.
    inplace : accepted, and without effect: the result is always a new Tensor.

    Raises
    ------
    ValueError
        When called, if ``min_val`` is not below ``max_val``.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.Hardtanh()(tg.Tensor([-1.0, 0.0, 2.0]))
    Tensor([-1.,  0.,  1.], shape=(3,), dtype=float64)
    """

    def __init__(self, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> None:
        super().__init__()
        self.min_val = min_val
        self.max_val = max_val
        self.inplace = inplace

    def forward(self, input: Any) -> Any:
        """Apply `functional.hardtanh`."""
        return functional.hardtanh(input, self.min_val, self.max_val)

    def extra_repr(self) -> str:
        """Name the settings."""
        return shown(self, "min_val", "max_val")


class Threshold(Module):
    """``x`` where that is above the threshold, else ``value``.

    Elementwise; formula and source: see `functional.threshold`.

    Parameters
    ----------
    threshold, value : what to compare with, and what to put in place.
    inplace : accepted, and without effect: the result is always a new Tensor.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.Threshold(0.1, 20.0)(tg.Tensor([-1.0, 0.0, 2.0]))
    Tensor([20., 20.,  2.], shape=(3,), dtype=float64)
    """

    def __init__(self, threshold: float, value: float, inplace: bool = False) -> None:
        super().__init__()
        self.threshold = threshold
        self.value = value
        self.inplace = inplace

    def forward(self, input: Any) -> Any:
        """Apply `functional.threshold`."""
        return functional.threshold(input, self.threshold, self.value)

    def extra_repr(self) -> str:
        """Name the settings."""
        return shown(self, "threshold", "value")


class Softshrink(Module):
    """``x`` moved towards 0 by ``lambd``, and 0 where it is nearer than that.

    Elementwise; formula and source: see `functional.softshrink`.

    Parameters
    ----------
    lambd : how far it is moved.

    Raises
    ------
    ValueError
        When called, if ``lambd`` is negative.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.Softshrink()(tg.Tensor([-1.0, 0.0, 2.0]))
    Tensor([-0.5,  0. ,  1.5], shape=(3,), dtype=float64)
    """

    def __init__(self, lambd: float = 0.5) -> None:
        super().__init__()
        self.lambd = lambd

    def forward(self, input: Any) -> Any:
        """Apply `functional.softshrink`."""
        return functional.softshrink(input, self.lambd)

    def extra_repr(self) -> str:
        """Name the settings."""
        return str(self.lambd)


class Hardshrink(Module):
    """``x``, and 0 where it is nearer to 0 than ``lambd``.

    Elementwise; formula and source: see `functional.hardshrink`.

    Parameters
    ----------
    lambd : what is too near.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.Hardshrink()(tg.Tensor([-1.0, 0.0, 2.0]))
    Tensor([-1.,  0.,  2.], shape=(3,), dtype=float64)
    """

    def __init__(self, lambd: float = 0.5) -> None:
        super().__init__()
        self.lambd = lambd

    def forward(self, input: Any) -> Any:
        """Apply `functional.hardshrink`."""
        return functional.hardshrink(input, self.lambd)

    def extra_repr(self) -> str:
        """Name the settings."""
        return str(self.lambd)
