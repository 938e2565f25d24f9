"""Rectifiers and thresholds under PyTorch's names; see ``activation.py``."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.nn.functional.checks import shape_of
from tinygrad_edu.ops import activation, rectifiers, special
from tinygrad_edu.random import default_generator


def relu(input: Any, inplace: bool = False) -> Any:
    """``max(x, 0)``; see `tg.relu`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional
    >>> functional.relu(tg.Tensor([-1.0, 0.0, 2.0]))
    Tensor([0., 0., 2.], shape=(3,), dtype=float64)
    """
    return activation.relu(input)


def relu6(input: Any, inplace: bool = False) -> Any:
    """``min(max(x, 0), 6)``; see `tg.relu6`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional
    >>> functional.relu6(tg.Tensor([-1.0, 3.0, 10.0]))
    Tensor([0., 3., 6.], shape=(3,), dtype=float64)
    """
    return rectifiers.relu6(input)


def leaky_relu(input: Any, negative_slope: float = 0.01, inplace: bool = False) -> Any:
    """``x`` or, below 0, ``negative_slope * x``; see `tg.leaky_relu`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional
    >>> functional.leaky_relu(tg.Tensor([-1.0, 0.0, 2.0]), 0.25)
    Tensor([-0.25,  0.  ,  2.  ], shape=(3,), dtype=float64)
    """
    return rectifiers.leaky_relu(input, negative_slope=negative_slope)


def prelu(input: Any, weight: Any) -> Any:
    """``x`` or, below 0, ``weight * x``, with one weight, or one for each channel.

    Shapes: ``input`` (N, C, ...), or any if there is one weight; ``weight`` (1,) or (C,).

    Source: see `tg.prelu`.

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
    """``x`` or, below 0, ``alpha * (exp(x) - 1)``; see `tg.elu`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional
    >>> functional.elu(tg.Tensor([-1.0, 0.0, 2.0]))
    Tensor([-0.63212056,  0.        ,  2.        ], shape=(3,), dtype=float64)
    """
    return rectifiers.elu(input, alpha=alpha)


def selu(input: Any, inplace: bool = False) -> Any:
    """``1.0507 * elu(x, 1.6733)``; see `tg.selu`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional
    >>> functional.selu(tg.Tensor([-1.0, 0.0, 2.0]))
    Tensor([-1.11133074,  0.        ,  2.10140197], shape=(3,), dtype=float64)
    """
    return rectifiers.selu(input)


def celu(input: Any, alpha: float = 1.0, inplace: bool = False) -> Any:
    """``x`` or, below 0, ``alpha * (exp(x / alpha) - 1)``; see `tg.celu`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional
    >>> functional.celu(tg.Tensor([-1.0, 0.0, 2.0]))
    Tensor([-0.63212056,  0.        ,  2.        ], shape=(3,), dtype=float64)
    """
    return rectifiers.celu(input, alpha=alpha)


def softplus(input: Any, beta: float = 1.0, threshold: float = 20.0) -> Any:
    """``log(1 + exp(beta x)) / beta``, and ``x`` where ``beta x`` is above the threshold.

    There, the two differ by less than ``exp(-threshold) / beta``. The function without a threshold
    is `tg.special.softplus`.

    Elementwise; source: see `tg.special.softplus`.

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
    """``min(max(x, min_val), max_val)``; see `tg.hardtanh`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional
    >>> functional.hardtanh(tg.Tensor([-3.0, 0.5, 3.0]))
    Tensor([-1. ,  0.5,  1. ], shape=(3,), dtype=float64)
    """
    return rectifiers.hardtanh(input, min_val=min_val, max_val=max_val)


def threshold(input: Any, threshold: float, value: float, inplace: bool = False) -> Any:
    """``x`` where that is above the threshold, else ``value``; see `tg.threshold`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional
    >>> functional.threshold(tg.Tensor([0.0, 0.5, 2.0]), 0.5, 9.0)
    Tensor([9., 9., 2.], shape=(3,), dtype=float64)
    """
    return rectifiers.threshold(input, threshold=threshold, value=value)


def softshrink(input: Any, lambd: float = 0.5) -> Any:
    """``x`` moved towards 0 by ``lambd``; see `tg.softshrink`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional
    >>> functional.softshrink(tg.Tensor([-1.0, 0.0, 2.0]))
    Tensor([-0.5,  0. ,  1.5], shape=(3,), dtype=float64)
    """
    return rectifiers.softshrink(input, lambd=lambd)


def hardshrink(input: Any, lambd: float = 0.5) -> Any:
    """``x``, and 0 where it is nearer to 0 than ``lambd``; see `tg.hardshrink`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional
    >>> functional.hardshrink(tg.Tensor([-1.0, 0.25, 2.0]))
    Tensor([-1.,  0.,  2.], shape=(3,), dtype=float64)
    """
    return rectifiers.hardshrink(input, lambd=lambd)
