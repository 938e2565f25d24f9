"""Activation functions as modules, for those who like to see them as layers.

They are thin: what each computes is in ``functional``, and the formula and derivative
of it in ``ops/``.

Read next: ``rectifier.py``, ``threshold.py``, ``gate.py`` and ``softmax.py``, the others.
"""

from __future__ import annotations

from typing import Any

from tinygrad_edu.nn import functional
from tinygrad_edu.nn.module import Module


def shown(module: Module, *settings: str) -> str:
    """Write down a module's settings as PyTorch does, and ``inplace`` if it was asked for."""
    parts = [f"{name}={getattr(module, name)!r}" for name in settings]
    return ", ".join(parts + ["inplace=True"] * bool(getattr(module, "inplace", False)))


class Sigmoid(Module):
    """Logistic function, elementwise: ``1 / (1 + exp(-x))``.

    Source: see `functional.sigmoid`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.Sigmoid()(tg.Tensor([-1000.0, 0.0, 1000.0]))
    Tensor([0. , 0.5, 1. ], shape=(3,), dtype=float64)
    """

    def forward(self, input: Any) -> Any:
        """Apply `functional.sigmoid`."""
        return functional.sigmoid(input)


class Tanh(Module):
    """Hyperbolic tangent, elementwise.

    Formula and source: see `functional.tanh`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.Tanh()(tg.Tensor([-1000.0, 0.0, 1000.0]))
    Tensor([-1.,  0.,  1.], shape=(3,), dtype=float64)
    """

    def forward(self, input: Any) -> Any:
        """Apply `functional.tanh`."""
        return functional.tanh(input)


class ReLU(Module):
    """Rectified linear unit, elementwise: ``max(x, 0)``.

    Source: see `functional.relu`.

    Parameters
    ----------
    inplace : accepted, and without effect: the result is always a new Tensor.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.ReLU()(tg.Tensor([-1.0, 0.0, 2.0]))
    Tensor([0., 0., 2.], shape=(3,), dtype=float64)
    """

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        self.inplace = inplace

    def forward(self, input: Any) -> Any:
        """Apply `functional.relu`."""
        return functional.relu(input)

    def extra_repr(self) -> str:
        """Name the settings."""
        return shown(self)


class LogSigmoid(Module):
    """Logarithm of the logistic function: ``-log(1 + exp(-x))``.

    Elementwise; source: see `functional.logsigmoid`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.LogSigmoid()(tg.Tensor([-1000.0, 0.0]))
    Tensor([-1.00000000e+03, -6.93147181e-01], shape=(2,), dtype=float64)
    """

    def forward(self, input: Any) -> Any:
        """Apply `functional.logsigmoid`."""
        return functional.logsigmoid(input)


class Hardsigmoid(Module):
    """``x / 6 + 1/2``, kept between 0 and 1: a sigmoid of three straight lines.

    Elementwise; source: see `functional.hardsigmoid`.

    Parameters
    ----------
    inplace : accepted, and without effect: the result is always a new Tensor.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.Hardsigmoid()(tg.Tensor([-1.0, 0.0, 2.0]))
    Tensor([0.33333333, 0.5       , 0.83333333], shape=(3,), dtype=float64)
    """

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        self.inplace = inplace

    def forward(self, input: Any) -> Any:
        """Apply `functional.hardsigmoid`."""
        return functional.hardsigmoid(input)

    def extra_repr(self) -> str:
        """Name the settings."""
        return ""


class Softsign(Module):
    """``x / (1 + abs(x))``, elementwise.

    Source: see `functional.softsign`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.Softsign()(tg.Tensor([-1.0, 0.0, 2.0]))
    Tensor([-0.5       ,  0.        ,  0.66666667], shape=(3,), dtype=float64)
    """

    def forward(self, input: Any) -> Any:
        """Apply `functional.softsign`."""
        return functional.softsign(input)


class Tanhshrink(Module):
    """``x - tanh(x)``, elementwise.

    Source: see `functional.tanhshrink`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.Tanhshrink()(tg.Tensor([-100.0, 0.0, 100.0]))
    Tensor([-99.,   0.,  99.], shape=(3,), dtype=float64)
    """

    def forward(self, input: Any) -> Any:
        """Apply `functional.tanhshrink`."""
        return functional.tanhshrink(input)
