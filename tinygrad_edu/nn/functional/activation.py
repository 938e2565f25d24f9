"""Activations under PyTorch's names and with PyTorch's arguments, in its order.

Each is an op of ``ops/activation.py``, ``ops/rectifiers.py``, ``ops/gates.py`` or
``ops/special.py``, where formula and derivative stand. An op takes its settings by name only, and
an axis as NumPy does, ``softmax(x, axis=-1)``; here they may be given by position, and an axis is
called ``dim``. ``inplace`` is accepted for the sake of programs written for PyTorch, and changes
nothing: results are always new, since a Tensor that has been overwritten would be lost to its
derivative.
"""

from __future__ import annotations

from typing import Any

from tinygrad_edu.ops import activation, elementwise, rectifiers, special


def sigmoid(input: Any) -> Any:
    """Logistic function, ``1 / (1 + exp(-x))``; see `tg.sigmoid`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional
    >>> functional.sigmoid(tg.Tensor([-1000.0, 0.0]))
    Tensor([0. , 0.5], shape=(2,), dtype=float64)
    """
    return activation.sigmoid(input)


def tanh(input: Any) -> Any:
    """Hyperbolic tangent; see `tg.tanh`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional
    >>> functional.tanh(tg.Tensor([-1.0, 0.0, 2.0]))
    Tensor([-0.76159416,  0.        ,  0.96402758], shape=(3,), dtype=float64)
    """
    return elementwise.tanh(input)


def logsigmoid(input: Any) -> Any:
    """``log(sigmoid(x))``; see `tg.special.log_sigmoid`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional
    >>> functional.logsigmoid(tg.Tensor([-1000.0, 0.0]))
    Tensor([-1.00000000e+03, -6.93147181e-01], shape=(2,), dtype=float64)
    """
    return special.log_sigmoid(input)


def hardsigmoid(input: Any, inplace: bool = False) -> Any:
    """``x / 6 + 1/2``, kept between 0 and 1; see `tg.hardsigmoid`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional
    >>> functional.hardsigmoid(tg.Tensor([-4.0, 0.0, 3.0]))
    Tensor([0. , 0.5, 1. ], shape=(3,), dtype=float64)
    """
    return rectifiers.hardsigmoid(input)


def softsign(input: Any) -> Any:
    """``x / (1 + abs(x))``; see `tg.softsign`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional
    >>> functional.softsign(tg.Tensor([-1.0, 0.0, 3.0]))
    Tensor([-0.5 ,  0.  ,  0.75], shape=(3,), dtype=float64)
    """
    return activation.softsign(input)


def tanhshrink(input: Any) -> Any:
    """``x - tanh(x)``; see `tg.tanhshrink`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional
    >>> functional.tanhshrink(tg.Tensor([0.0, 1.0]))
    Tensor([0.        , 0.23840584], shape=(2,), dtype=float64)
    """
    return activation.tanhshrink(input)
