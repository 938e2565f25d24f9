"""Gates as modules: activations that let a share of the input through."""

from __future__ import annotations

from typing import Any

from tinygrad_edu.nn import functional
from tinygrad_edu.nn.activation import shown
from tinygrad_edu.nn.module import Module


class SiLU(Module):
    """``x * sigmoid(x)``, elementwise; also known as swish.

    Source: see `functional.silu`.

    Parameters
    ----------
    inplace : accepted, and without effect: the result is always a new Tensor.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.SiLU()(tg.Tensor([-1.0, 0.0, 2.0]))
    Tensor([-0.26894142,  0.        ,  1.76159416], shape=(3,), dtype=float64)
    """

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        self.inplace = inplace

    def forward(self, input: Any) -> Any:
        """Apply `functional.silu`."""
        return functional.silu(input)

    def extra_repr(self) -> str:
        """Name the settings."""
        return shown(self)


class Mish(Module):
    """``x * tanh(softplus(x))``, elementwise.

    Source: see `functional.mish`.

    Parameters
    ----------
    inplace : accepted, and without effect: the result is always a new Tensor.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.Mish()(tg.Tensor([-1.0, 0.0, 2.0]))
    Tensor([-0.30340146,  0.        ,  1.94395896], shape=(3,), dtype=float64)
    """

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        self.inplace = inplace

    def forward(self, input: Any) -> Any:
        """Apply `functional.mish`."""
        return functional.mish(input)

    def extra_repr(self) -> str:
        """Name the settings."""
        return shown(self)


class Hardswish(Module):
    """``x`` times `Hardsigmoid` of x.

    Elementwise; formula and source: see `functional.hardswish`.

    Parameters
    ----------
    inplace : accepted, and without effect: the result is always a new Tensor.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.Hardswish()(tg.Tensor([-1.0, 0.0, 2.0]))
    Tensor([-0.33333333,  0.        ,  1.66666667], shape=(3,), dtype=float64)
    """

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        self.inplace = inplace

    def forward(self, input: Any) -> Any:
        """Apply `functional.hardswish`."""
        return functional.hardswish(input)

    def extra_repr(self) -> str:
        """Name the settings."""
        return ""


class GELU(Module):
    """``x`` times the share of normally distributed numbers that lie below it.

    Elementwise; formula and source: see `functional.gelu`.

    Parameters
    ----------
    approximate : ``"none"``, or ``"tanh"`` for a formula that is quicker and 0.0005 off at most.

    Raises
    ------
    ValueError
        When called, if ``approximate`` is another word.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.GELU()(tg.Tensor([-1.0, 0.0, 2.0]))
    Tensor([-0.15865525,  0.        ,  1.95449974], shape=(3,), dtype=float64)
    """

    def __init__(self, approximate: str = "none") -> None:
        super().__init__()
        self.approximate = approximate

    def forward(self, input: Any) -> Any:
        """Apply `functional.gelu`."""
        return functional.gelu(input, self.approximate)

    def extra_repr(self) -> str:
        """Name the settings."""
        return shown(self, "approximate")


class GLU(Module):
    """First half of the input times the sigmoid of the second half.

    Formula, shapes and source: see `functional.glu`.

    Parameters
    ----------
    dim : the axis that is halved.

    Raises
    ------
    ValueError
        When called, if there is no such axis, or its size is odd.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.GLU()(tg.Tensor([1.0, 2.0, -1000.0, 1000.0]))
    Tensor([0., 2.], shape=(2,), dtype=float64)
    """

    def __init__(self, dim: int = -1) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, input: Any) -> Any:
        """Apply `functional.glu`."""
        return functional.glu(input, self.dim)

    def extra_repr(self) -> str:
        """Name the settings."""
        return shown(self, "dim")
