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

import numpy as np

from tinygrad_edu.nn.functional.checks import axis_of, shape_of
from tinygrad_edu.ops import activation, elementwise, gates, rectifiers, special
from tinygrad_edu.random import default_generator


# ------------------------------------------------------------------------------- sigmoids
def sigmoid(input: Any) -> Any:
    """Logistic function, ``1 / (1 + exp(-x))``; see `ops.activation.sigmoid`."""
    return activation.sigmoid(input)


def tanh(input: Any) -> Any:
    """Hyperbolic tangent; see ``np.tanh``."""
    return elementwise.tanh(input)


def logsigmoid(input: Any) -> Any:
    """``log(sigmoid(x))``; see `ops.special.log_sigmoid`."""
    return special.log_sigmoid(input)


def hardsigmoid(input: Any, inplace: bool = False) -> Any:
    """``x / 6 + 1/2``, kept between 0 and 1; see `ops.rectifiers.hardsigmoid`."""
    return rectifiers.hardsigmoid(input)


def softsign(input: Any) -> Any:
    """``x / (1 + abs(x))``; see `ops.activation.softsign`."""
    return activation.softsign(input)


def tanhshrink(input: Any) -> Any:
    """``x - tanh(x)``; see `ops.activation.tanhshrink`."""
    return activation.tanhshrink(input)


# ------------------------------------------------------------------------------ rectifiers
def relu(input: Any, inplace: bool = False) -> Any:
    """``max(x, 0)``; see `ops.activation.relu`."""
    return activation.relu(input)


def relu6(input: Any, inplace: bool = False) -> Any:
    """``min(max(x, 0), 6)``; see `ops.rectifiers.relu6`."""
    return rectifiers.relu6(input)


def leaky_relu(input: Any, negative_slope: float = 0.01, inplace: bool = False) -> Any:
    """``x`` or, below 0, ``negative_slope * x``; see `ops.rectifiers.leaky_relu`."""
    return rectifiers.leaky_relu(input, negative_slope=negative_slope)


def prelu(input: Any, weight: Any) -> Any:
    """``x`` or, below 0, ``weight * x``, with one weight, or one for each channel.

    Shapes: ``input`` (N, C, ...), or any if there is one weight; ``weight`` (1,) or (C,).

    Raises
    ------
    ValueError
        If there are several weights, and not one for each channel.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional
    >>> functional.prelu(tg.Tensor([[-1.0, -1.0]]), tg.Tensor([0.25, 0.5]))
    Tensor([[-0.25, -0.5 ]], shape=(1, 2), dtype=float64)
    """
    shape, count = shape_of(input), int(np.prod(shape_of(weight)))
    if count != 1 and (len(shape) < 2 or shape[1] != count):
        raise ValueError(
            f"prelu: {count} weights, of shape {shape_of(weight)}, for an input of shape {shape}; "
            f"there must be one, or as many as axis 1 has channels"
        )
    channels = (count,) + (1,) * (len(shape) - 2) if count != 1 else (1,) * len(shape)
    if shape_of(weight) != channels:
        weight = weight.reshape(channels)
    return rectifiers.prelu(input, weight)


def rrelu(
    input: Any,
    lower: float = 1 / 8,
    upper: float = 1 / 3,
    training: bool = False,
    inplace: bool = False,
    *,
    generator: np.random.Generator | None = None,
) -> Any:
    """``x`` or, below 0, ``slope * x``: in training, a random slope for every element.

    Else the slope is their mean, ``(lower + upper) / 2``.

    Parameters
    ----------
    lower, upper : the slopes are drawn uniformly between them.
    training : whether they are drawn.
    inplace : has no effect.
    generator : where they are drawn from; else the package's own, see `manual_seed`.

    Raises
    ------
    ValueError
        If the lower slope is above the upper one.

    References
    ----------
    Xu, Wang, Chen and Li, Empirical Evaluation of Rectified Activations in Convolutional Network,
    arXiv:1505.00853 (2015).

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional
    >>> functional.rrelu(tg.Tensor([-1.0, 1.0]), 0.0, 0.5)
    Tensor([-0.25,  1.  ], shape=(2,), dtype=float64)
    """
    if not lower <= upper:
        raise ValueError(f"rrelu: lower={lower} is above upper={upper}")
    if not training:
        return rectifiers.leaky_relu(input, negative_slope=(lower + upper) / 2)
    slopes = default_generator(generator).uniform(lower, upper, shape_of(input))
    return rectifiers.prelu(input, slopes.astype(input.dtype))


def elu(input: Any, alpha: float = 1.0, inplace: bool = False) -> Any:
    """``x`` or, below 0, ``alpha * (exp(x) - 1)``; see `ops.rectifiers.elu`."""
    return rectifiers.elu(input, alpha=alpha)


def selu(input: Any, inplace: bool = False) -> Any:
    """``1.0507 * elu(x, 1.6733)``; see `ops.rectifiers.selu`."""
    return rectifiers.selu(input)


def celu(input: Any, alpha: float = 1.0, inplace: bool = False) -> Any:
    """``x`` or, below 0, ``alpha * (exp(x / alpha) - 1)``; see `ops.rectifiers.celu`."""
    return rectifiers.celu(input, alpha=alpha)


def softplus(input: Any, beta: float = 1.0, threshold: float = 20.0) -> Any:
    """``log(1 + exp(beta x)) / beta``, and ``x`` where ``beta x`` is above the threshold.

    There, the two differ by less than ``exp(-threshold) / beta``. The function without a threshold
    is `ops.special.softplus`.

    Raises
    ------
    ValueError
        If beta is not positive.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional
    >>> functional.softplus(tg.Tensor([-1000.0, 0.0, 1000.0]))
    Tensor([0.00000000e+00, 6.93147181e-01, 1.00000000e+03], shape=(3,), dtype=float64)
    """
    if not beta > 0:
        raise ValueError(f"softplus: beta must be positive, not {beta}")
    linear = input > threshold / beta
    if beta == 1:
        return np.where(linear, input, special.softplus(input))
    return np.where(linear, input, special.softplus(np.where(linear, 0, input) * beta) / beta)


def hardtanh(input: Any, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> Any:
    """``min(max(x, min_val), max_val)``; see `ops.rectifiers.hardtanh`."""
    return rectifiers.hardtanh(input, min_val=min_val, max_val=max_val)


def threshold(input: Any, threshold: float, value: float, inplace: bool = False) -> Any:
    """``x`` where that is above the threshold, else ``value``; see `ops.rectifiers.threshold`."""
    return rectifiers.threshold(input, threshold=threshold, value=value)


def softshrink(input: Any, lambd: float = 0.5) -> Any:
    """``x`` moved towards 0 by ``lambd``; see `ops.rectifiers.softshrink`."""
    return rectifiers.softshrink(input, lambd=lambd)


def hardshrink(input: Any, lambd: float = 0.5) -> Any:
    """``x``, and 0 where it is nearer to 0 than ``lambd``; see `ops.rectifiers.hardshrink`."""
    return rectifiers.hardshrink(input, lambd=lambd)


# ----------------------------------------------------------------------------------- gates
def silu(input: Any, inplace: bool = False) -> Any:
    """``x * sigmoid(x)``; see `ops.gates.silu`."""
    return gates.silu(input)


def mish(input: Any, inplace: bool = False) -> Any:
    """``x * tanh(softplus(x))``; see `ops.gates.mish`."""
    return gates.mish(input)


def hardswish(input: Any, inplace: bool = False) -> Any:
    """``x * hardsigmoid(x)``; see `ops.gates.hardswish`."""
    return gates.hardswish(input)


def gelu(input: Any, approximate: str = "none") -> Any:
    """``x`` times the normal distribution up to x, or nearly that; see `ops.gates.gelu`."""
    return gates.gelu(input, approximate=approximate)


def glu(input: Any, dim: int = -1) -> Any:
    """Gated linear unit: the first half along an axis times the sigmoid of the second half.

    Raises
    ------
    ValueError
        If there is no such axis, or its size is odd.

    References
    ----------
    Dauphin, Fan, Auli and Grangier, Language Modeling with Gated Convolutional Networks, ICML
    (2017).

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional
    >>> functional.glu(tg.Tensor([1.0, 2.0, -1000.0, 1000.0]))
    Tensor([0., 2.], shape=(2,), dtype=float64)
    """
    axis = axis_of("glu", input, dim)
    size = input.shape[axis]
    if size % 2:
        raise ValueError(f"glu halves axis {dim}, whose size is odd in shape {input.shape}")
    whole = (slice(None),) * axis
    first, second = (*whole, slice(size // 2)), (*whole, slice(size // 2, None))
    return input[first] * activation.sigmoid(input[second])


# ---------------------------------------------------------------------- softmax and its kin
def softmax(input: Any, dim: int | None = None, dtype: Any = None) -> Any:
    """``exp(x) / sum(exp(x))`` along ``dim``; see `ops.special.softmax`.

    Parameters
    ----------
    dim : the axis along which the result adds up to 1; PyTorch's way of guessing it is not offered.
    dtype : what to convert the input to beforehand, if anything.

    Raises
    ------
    ValueError
        If no axis is given, or it does not exist.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional
    >>> functional.softmax(tg.Tensor([[1e4, 1e4], [0.0, -1e4]]), 1)
    Tensor([[0.5, 0.5],
            [1. , 0. ]], shape=(2, 2), dtype=float64)
    """
    input = input if dtype is None else input.astype(dtype)
    return special.softmax(input, axis=axis_of("softmax", input, dim))


def log_softmax(input: Any, dim: int | None = None, dtype: Any = None) -> Any:
    """``log(softmax(x))`` along ``dim``, in which nothing underflows; see `softmax`."""
    input = input if dtype is None else input.astype(dtype)
    return special.log_softmax(input, axis=axis_of("log_softmax", input, dim))


def softmin(input: Any, dim: int | None = None, dtype: Any = None) -> Any:
    """``softmax(-x)`` along ``dim``; see `softmax`."""
    axis = axis_of("softmin", input, dim)
    return special.softmax(-input if dtype is None else -input.astype(dtype), axis=axis)
