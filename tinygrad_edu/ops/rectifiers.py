"""Rectifiers and their kin: activations put together of straight pieces, or of one and a curve.

Each treats what lies above and below a threshold differently, and most have a kink there. What is
promised at a kink is what PyTorch gives: of the two slopes, the one beside ``kinks=``.

Read next: ``gates.py``, where x is let through in part.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.cases import Kink, case
from tinygrad_edu.op import differentiable
from tinygrad_edu.ops.arithmetic import HINT, pairs
from tinygrad_edu.ops.elementwise import elements

SELU_ALPHA, SELU_SCALE = 1.6732632423543772, 1.0507009873554805


def at(*points_and_slopes: tuple[float, float]) -> list[Kink]:
    """List kinks, each with the slope that is promised there."""
    return [Kink((float(point),), (float(slope),)) for point, slope in points_and_slopes]


# --------------------------------------------------------------- another slope below 0
@differentiable(
    x=lambda dy, y, x, *, negative_slope=0.01: np.where(x > 0, dy, negative_slope * dy),
    cases=[*elements(), case((3,), negative_slope=0.2), case((2, 3), negative_slope=-1.5)],
    kinks=at((0, 0.01)),
)
def leaky_relu(x: Any, *, negative_slope: float = 0.01) -> Any:
    """``x`` where that is positive, else ``negative_slope * x``, elementwise.

    References
    ----------
    Maas, Hannun and Ng, Rectifier nonlinearities improve neural network acoustic models, ICML
    workshop (2013).

    Examples
    --------
    >>> from tinygrad_edu import Tensor
    >>> from tinygrad_edu.ops.rectifiers import leaky_relu
    >>> leaky_relu(Tensor([-10.0, 0.0, 2.0]))
    Tensor([-0.1,  0. ,  2. ], shape=(3,), dtype=float64)
    """
    return np.where(x > 0, x, negative_slope * x)


@differentiable(
    x=lambda dy, y, x, weight: np.where(x > 0, dy, weight * dy),
    weight=lambda dy, y, x, weight: dy * np.where(x > 0, 0, x),
    cases=pairs(),
    hint=HINT,
    kinks=[Kink(at=(0.0, 0.25), gradients=(0.25, 0.0))],
)
def prelu(x: Any, weight: Any) -> Any:
    """As `leaky_relu`, with slopes below 0 that are learnt; ``x`` and ``weight`` broadcast.

    ``x`` where that is positive, else ``weight * x``, elementwise.

    References
    ----------
    He, Zhang, Ren and Sun, Delving deep into rectifiers (2015), arXiv:1502.01852.

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_edu.ops.rectifiers import prelu
    >>> prelu(np.array([-1.0, 2.0]), np.array([0.25]))
    array([-0.25,  2.  ])
    """
    return np.where(x > 0, x, weight * x)


# ------------------------------------------------------------- an exponential below 0
@differentiable(
    x=lambda dy, y, x, *, alpha=1.0: dy * np.where(x > 0, 1, y + alpha),
    cases=[*elements(), case((3,), alpha=2.0), case((2, 3), alpha=0.3)],
    kinks=at((0, 1)),  # with alpha=1 the slopes to either side are the same
)
def elu(x: Any, *, alpha: float = 1.0) -> Any:
    """``x`` where that is positive, else ``alpha * (exp(x) - 1)``, elementwise.

    At 0 its derivative is promised to be alpha; for alpha=1, that is what it is.

    References
    ----------
    Clevert, Unterthiner and Hochreiter, Fast and Accurate Deep Network Learning by Exponential
    Linear Units, ICLR (2016).

    Examples
    --------
    >>> from tinygrad_edu import Tensor
    >>> from tinygrad_edu.ops.rectifiers import elu
    >>> elu(Tensor([-1000.0, 0.0, 2.0]))
    Tensor([-1.,  0.,  2.], shape=(3,), dtype=float64)
    """
    return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))


@differentiable(
    x=lambda dy, y, x: dy * np.where(x > 0, SELU_SCALE, y + SELU_SCALE * SELU_ALPHA),
    cases=elements(),
    kinks=at((0, SELU_SCALE * SELU_ALPHA)),
)
def selu(x: Any) -> Any:
    """Scaled `elu`, elementwise, with the two constants that keep mean 0 and variance 1.

    ``1.0507 x`` where x is positive, else ``1.0507 * 1.6733 * (exp(x) - 1)``.

    References
    ----------
    Klambauer, Unterthiner, Mayr and Hochreiter, Self-Normalizing Neural Networks, NeurIPS (2017).

    Examples
    --------
    >>> from tinygrad_edu import Tensor
    >>> from tinygrad_edu.ops.rectifiers import selu
    >>> selu(Tensor([-1000.0, 0.0, 1.0]))
    Tensor([-1.75809934,  0.        ,  1.05070099], shape=(3,), dtype=float64)
    """
    below = SELU_SCALE * SELU_ALPHA * np.expm1(np.minimum(x, 0))
    return np.where(x > 0, SELU_SCALE * x, below)


@differentiable(
    x=lambda dy, y, x, *, alpha=1.0: dy * (np.where(x > 0, alpha, y + alpha) / alpha),
    cases=[*elements(), case((3,), alpha=2.0), case((2, 3), alpha=0.3)],
    hint="alpha must not be 0",
)
def celu(x: Any, *, alpha: float = 1.0) -> Any:
    """``x`` where that is positive, else ``alpha * (exp(x / alpha) - 1)``: without a kink.

    Raises
    ------
    ValueError
        If ``alpha`` is 0.

    References
    ----------
    Barron, Continuously Differentiable Exponential Linear Units, arXiv:1704.07483 (2017).

    Examples
    --------
    >>> from tinygrad_edu import Tensor
    >>> from tinygrad_edu.ops.rectifiers import celu
    >>> celu(Tensor([-1000.0, 0.0, 1.0]), alpha=2.0)
    Tensor([-2.,  0.,  1.], shape=(3,), dtype=float64)
    """
    if alpha == 0:
        raise ValueError("celu divides by alpha")
    return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0) / alpha))


# ------------------------------------------------------------------- flat beyond bounds
@differentiable(
    x=lambda dy, y, x: dy * ((x > 0) & (x < 6)),
    cases=elements(low=-4, high=10),
    kinks=at((0, 0), (6, 0)),
)
def relu6(x: Any) -> Any:
    """``min(max(x, 0), 6)``, elementwise.

    References
    ----------
    Krizhevsky, Convolutional deep belief networks on CIFAR-10 (2010).

    Examples
    --------
    >>> from tinygrad_edu import Tensor
    >>> from tinygrad_edu.ops.rectifiers import relu6
    >>> relu6(Tensor([-1.0, 3.0, 10.0]))
    Tensor([0., 3., 6.], shape=(3,), dtype=float64)
    """
    return np.clip(x, 0, 6)


@differentiable(
    x=lambda dy, y, x, *, min_val=-1.0, max_val=1.0: dy * ((x > min_val) & (x < max_val)),
    cases=[*elements(), case((3,), min_val=0.1, max_val=0.2)],
    kinks=at((-1, 0), (1, 0)),
    hint="min_val must be below max_val",
)
def hardtanh(x: Any, *, min_val: float = -1.0, max_val: float = 1.0) -> Any:
    """``min(max(x, min_val), max_val)``, elementwise.

    Raises
    ------
    ValueError
        Unless ``min_val`` is below ``max_val``.

    References
    ----------
    Collobert, Large scale machine learning, thesis (2004).

    Examples
    --------
    >>> from tinygrad_edu import Tensor
    >>> from tinygrad_edu.ops.rectifiers import hardtanh
    >>> hardtanh(Tensor([-2.0, 0.5, 2.0]))
    Tensor([-1. ,  0.5,  1. ], shape=(3,), dtype=float64)
    """
    if not min_val < max_val:
        raise ValueError(f"the bounds are min_val={min_val} and max_val={max_val}")
    return np.clip(x, min_val, max_val)


@differentiable(
    x=lambda dy, y, x: (dy / 6) * (np.abs(x) < 3),
    cases=elements(low=-5, high=5),
    kinks=at((-3, 0), (3, 0)),
)
def hardsigmoid(x: Any) -> Any:
    """``x / 6 + 1/2``, kept between 0 and 1, elementwise: a sigmoid of three straight lines.

    References
    ----------
    Howard et al., Searching for MobileNetV3, ICCV (2019).

    Examples
    --------
    >>> from tinygrad_edu import Tensor
    >>> from tinygrad_edu.ops.rectifiers import hardsigmoid
    >>> hardsigmoid(Tensor([-5.0, 0.0, 5.0]))
    Tensor([0. , 0.5, 1. ], shape=(3,), dtype=float64)
    """
    return np.clip(x / 6 + 0.5, 0, 1)


# -------------------------------------------------------------------------- thresholds
@differentiable(
    x=lambda dy, y, x, *, threshold, value: dy * (x > threshold),
    cases=[case(shape, threshold=0.1, value=20.0) for shape in ((), (1,), (3,), (2, 3), (0, 3))]
    + [case((3,), threshold=-5.0, value=0.0), case((3,), threshold=5.0, value=1.0)],
)
def threshold(x: Any, *, threshold: float, value: float) -> Any:
    """``where(x > threshold, x, value)``, elementwise.

    At the threshold, the derivative is promised to be 0.

    Source: the name and the settings are PyTorch's.

    Examples
    --------
    >>> from tinygrad_edu import Tensor
    >>> from tinygrad_edu.ops.rectifiers import threshold
    >>> threshold(Tensor([0.0, 0.1, 0.2]), threshold=0.1, value=20.0)
    Tensor([20. , 20. ,  0.2], shape=(3,), dtype=float64)
    """
    return np.where(x > threshold, x, value)


@differentiable(
    x=lambda dy, y, x, *, lambd=0.5: dy * (np.abs(x) > lambd),
    cases=[*elements(low=-1.5), case((3,), lambd=1.0), case((3,), lambd=0.0)],
    kinks=at((-0.5, 0), (0.5, 0)),
    hint="lambd must not be negative",
)
def softshrink(x: Any, *, lambd: float = 0.5) -> Any:
    """``x`` moved towards 0 by ``lambd``, and 0 if it is nearer than that, elementwise.

    ``x - min(max(x, -lambd), lambd)``

    Raises
    ------
    ValueError
        If ``lambd`` is negative.

    References
    ----------
    Donoho and Johnstone, Ideal spatial adaptation by wavelet shrinkage, Biometrika 81 (1994).

    Examples
    --------
    >>> from tinygrad_edu import Tensor
    >>> from tinygrad_edu.ops.rectifiers import softshrink
    >>> softshrink(Tensor([-2.0, 0.3, 2.0]))
    Tensor([-1.5,  0. ,  1.5], shape=(3,), dtype=float64)
    """
    if lambd < 0:
        raise ValueError(f"it would move away from 0 with lambd={lambd}")
    return x - np.clip(x, -lambd, lambd)


@differentiable(
    x=lambda dy, y, x, *, lambd=0.5: dy * (np.abs(x) > lambd),
    cases=[*elements(low=-1.5), case((3,), lambd=1.0), case((3,), lambd=0.0)],
    kinks=at((-0.5, 0), (0.5, 0)),
)
def hardshrink(x: Any, *, lambd: float = 0.5) -> Any:
    """``x``, and 0 if it is nearer to 0 than ``lambd``, elementwise.

    ``x * (abs(x) > lambd)``

    References
    ----------
    Donoho and Johnstone, Ideal spatial adaptation by wavelet shrinkage, Biometrika 81 (1994).

    Examples
    --------
    >>> from tinygrad_edu import Tensor
    >>> from tinygrad_edu.ops.rectifiers import hardshrink
    >>> hardshrink(Tensor([-2.0, 0.3, 2.0]))
    Tensor([-2.,  0.,  2.], shape=(3,), dtype=float64)
    """
    return np.where(np.abs(x) > lambd, x, 0)
