"""Rectifiers as modules: straight above 0, and something else below."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.nn import functional
from tinygrad_edu.nn.activation import shown
from tinygrad_edu.nn.convert import factory_dtype
from tinygrad_edu.nn.functional.checks import positive_integer
from tinygrad_edu.nn.init import constant_
from tinygrad_edu.nn.module import Module
from tinygrad_edu.nn.parameter import Parameter


class ReLU6(Module):
    """``min(max(x, 0), 6)``, elementwise.

    Source: see `functional.relu6`.

    Parameters
    ----------
    inplace : accepted, and without effect: the result is always a new Tensor.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.ReLU6()(tg.Tensor([-1.0, 3.0, 10.0]))
    Tensor([0., 3., 6.], shape=(3,), dtype=float64)
    """

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        self.inplace = inplace

    def forward(self, input: Any) -> Any:
        """Apply `functional.relu6`."""
        return functional.relu6(input)

    def extra_repr(self) -> str:
        """Name the settings."""
        return shown(self)


class LeakyReLU(Module):
    """``x`` where that is positive, else ``negative_slope * x``.

    Elementwise; source: see `functional.leaky_relu`.

    Parameters
    ----------
    negative_slope : the slope below 0.
    inplace : accepted, and without effect: the result is always a new Tensor.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.LeakyReLU()(tg.Tensor([-1.0, 0.0, 2.0]))
    Tensor([-0.01,  0.  ,  2.  ], shape=(3,), dtype=float64)
    """

    def __init__(self, negative_slope: float = 0.01, inplace: bool = False) -> None:
        super().__init__()
        self.negative_slope = negative_slope
        self.inplace = inplace

    def forward(self, input: Any) -> Any:
        """Apply `functional.leaky_relu`."""
        return functional.leaky_relu(input, self.negative_slope)

    def extra_repr(self) -> str:
        """Name the settings."""
        return shown(self, "negative_slope")


class PReLU(Module):
    """``x`` where that is positive, else ``weight * x``, with a weight that is learnt.

    Shapes: input (N, C, ...) with ``num_parameters`` C, or any shape with 1; the output alike;
    ``weight`` (num_parameters,).

    Parameters
    ----------
    num_parameters : 1, or the number of channels, each of which then learns a slope of its own.
    init : what the weight is at first.
    device : ``None`` or ``"cpu"``, of which there is no other.
    dtype : of the weight; else the default dtype.

    Raises
    ------
    ValueError
        When called, if there are several parameters, and another number of channels.

    References
    ----------
    He, Zhang, Ren and Sun, Delving Deep into Rectifiers, ICCV (2015).

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.PReLU().weight.shape
    (1,)
    """

    weight: Parameter

    def __init__(
        self, num_parameters: int = 1, init: float = 0.25, device: Any = None, dtype: Any = None
    ) -> None:
        super().__init__()
        self.num_parameters = positive_integer("PReLU", "num_parameters", num_parameters)
        self.init = init
        self.weight = Parameter(np.empty(self.num_parameters, factory_dtype(device, dtype)))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Set the weight to what it was at first."""
        constant_(self.weight, self.init)

    def forward(self, input: Any) -> Any:
        """Apply `functional.prelu`."""
        return functional.prelu(input, self.weight)

    def extra_repr(self) -> str:
        """Name the settings."""
        return shown(self, "num_parameters")


class RReLU(Module):
    """``x`` where that is positive, else ``slope * x``, with random slopes in training.

    Elementwise; source: see `functional.rrelu`.

    Parameters
    ----------
    lower, upper : the slopes are drawn uniformly between them; in evaluation, each is their mean.
    inplace : accepted, and without effect: the result is always a new Tensor.
    generator : numpy.random.Generator, optional
        Where they are drawn from; else the package's own, see `manual_seed`.

    Raises
    ------
    ValueError
        When called, if the lower slope is above the upper one.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.RReLU(0.0, 0.5).eval()(tg.Tensor([-1.0, 1.0]))
    Tensor([-0.25,  1.  ], shape=(2,), dtype=float64)
    """

    def __init__(
        self,
        lower: float = 1 / 8,
        upper: float = 1 / 3,
        inplace: bool = False,
        *,
        generator: np.random.Generator | None = None,
    ) -> None:
        super().__init__()
        self.lower = lower
        self.upper = upper
        self.inplace = inplace
        self.generator = generator

    def forward(self, input: Any) -> Any:
        """Apply `functional.rrelu`."""
        slopes = self.lower, self.upper
        return functional.rrelu(input, *slopes, self.training, generator=self.generator)

    def extra_repr(self) -> str:
        """Name the settings."""
        return shown(self, "lower", "upper")


class ELU(Module):
    """``x`` where that is positive, else ``alpha * (exp(x) - 1)``.

    Elementwise; source: see `functional.elu`.

    Parameters
    ----------
    alpha : how far below 0 it goes.
    inplace : accepted, and without effect: the result is always a new Tensor.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.ELU()(tg.Tensor([-1.0, 0.0, 2.0]))
    Tensor([-0.63212056,  0.        ,  2.        ], shape=(3,), dtype=float64)
    """

    def __init__(self, alpha: float = 1.0, inplace: bool = False) -> None:
        super().__init__()
        self.alpha = alpha
        self.inplace = inplace

    def forward(self, input: Any) -> Any:
        """Apply `functional.elu`."""
        return functional.elu(input, self.alpha)

    def extra_repr(self) -> str:
        """Name the settings."""
        return shown(self, "alpha")


class SELU(Module):
    """Scaled `ELU` that keeps mean 0 and variance 1.

    Elementwise; formula and source: see `functional.selu`.

    Parameters
    ----------
    inplace : accepted, and without effect: the result is always a new Tensor.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.SELU()(tg.Tensor([-1.0, 0.0, 2.0]))
    Tensor([-1.11133074,  0.        ,  2.10140197], shape=(3,), dtype=float64)
    """

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        self.inplace = inplace

    def forward(self, input: Any) -> Any:
        """Apply `functional.selu`."""
        return functional.selu(input)

    def extra_repr(self) -> str:
        """Name the settings."""
        return shown(self)


class CELU(Module):
    """``x`` where that is positive, else ``alpha * (exp(x / alpha) - 1)``.

    Elementwise; source: see `functional.celu`.

    Parameters
    ----------
    alpha : how far below 0 it goes.
    inplace : accepted, and without effect: the result is always a new Tensor.

    Raises
    ------
    ValueError
        When called, if alpha is 0.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.CELU()(tg.Tensor([-1.0, 0.0, 2.0]))
    Tensor([-0.63212056,  0.        ,  2.        ], shape=(3,), dtype=float64)
    """

    def __init__(self, alpha: float = 1.0, inplace: bool = False) -> None:
        super().__init__()
        self.alpha = alpha
        self.inplace = inplace

    def forward(self, input: Any) -> Any:
        """Apply `functional.celu`."""
        return functional.celu(input, self.alpha)

    def extra_repr(self) -> str:
        """Name the settings."""
        return shown(self, "alpha")
