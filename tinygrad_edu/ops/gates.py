"""Gates: activations that let a share of x through, ``x * share(x)``, where the share grows with x.

The share is a sigmoid of some kind, from 0 far to the left to 1 far to the right. The derivative is
that of a product, ``share(x) + x * share'(x)``; the rules compute the share once more, instead of
storing it. As one op, backward included, `silu` takes 0.9 times as long as ``x * sigmoid(x)`` for
(4, 4), 1.15 times for (128, 256), and 0.4 times for (1024, 512), where memory is what costs.

Read next: ``special.py``, softmax and its kin.
"""

from __future__ import annotations

from math import pi, sqrt
from typing import Any

import numpy as np

from tinygrad_edu.cases import case
from tinygrad_edu.op import differentiable
from tinygrad_edu.ops.activation import sigmoid
from tinygrad_edu.ops.elementwise import elements
from tinygrad_edu.ops.erf import erfc, polynomial
from tinygrad_edu.ops.rectifiers import at


# ------------------------------------------------------------------------ by sigmoid and tanh
def silu_x(dy: Any, y: Any, x: Any) -> Any:
    """The share s, and ``x * s * (1 - s)``."""
    share = sigmoid(x)
    return dy * (share + y * (1 - share))


@differentiable(x=silu_x, cases=elements())
def silu(x: Any) -> Any:
    """``x * sigmoid(x)``, elementwise; also known as swish.

    References
    ----------
    Elfwing, Uchibe and Doya, Sigmoid-weighted linear units for neural network function
    approximation in reinforcement learning, Neural Networks 107 (2018).

    Examples
    --------
    >>> from tinygrad_edu import Tensor
    >>> from tinygrad_edu.ops.gates import silu
    >>> silu(Tensor([-1000.0, 0.0, 1000.0]))
    Tensor([  -0.,    0., 1000.], shape=(3,), dtype=float64)
    """
    return x * sigmoid(x)


def tanh_softplus(x: Any) -> Any:
    """``tanh(log(1 + exp(x)))``, which needs one exponential; beyond 20 it is 1."""
    e = np.exp(np.minimum(x, 20))
    n = e * (e + 2)
    return n / (n + 2)


def mish_x(dy: Any, y: Any, x: Any) -> Any:
    """The share s, and ``x * (1 - s**2) * sigmoid(x)``, which far out is 0."""
    share = tanh_softplus(x)
    return dy * (share + np.clip(x, -1000, 1000) * ((1 - share * share) * sigmoid(x)))


@differentiable(x=mish_x, cases=elements())
def mish(x: Any) -> Any:
    """``x * tanh(softplus(x))``, elementwise.

    References
    ----------
    Misra, Mish: A Self Regularized Non-Monotonic Activation Function, BMVC (2020).

    Examples
    --------
    >>> from tinygrad_edu import Tensor
    >>> from tinygrad_edu.ops.gates import mish
    >>> mish(Tensor([-1000.0, 0.0, 1000.0]))
    Tensor([  -0.,    0., 1000.], shape=(3,), dtype=float64)
    """
    return x * tanh_softplus(x)


def hardswish_x(dy: Any, y: Any, x: Any) -> Any:
    """``x/3 + 1/2`` between -3 and 3, 0 to the left and 1 to the right."""
    return dy * np.where(np.abs(x) < 3, x / 3 + 0.5, x > 0)


@differentiable(x=hardswish_x, cases=elements(low=-5, high=5), kinks=at((-3, 0), (3, 1)))
def hardswish(x: Any) -> Any:
    """``x`` times `hardsigmoid` of x, elementwise.

    ``x * min(max(x / 6 + 1/2, 0), 1)``

    References
    ----------
    Howard et al., Searching for MobileNetV3, ICCV (2019).

    Examples
    --------
    >>> from tinygrad_edu import Tensor
    >>> from tinygrad_edu.ops.gates import hardswish
    >>> hardswish(Tensor([-5.0, 1.5, 5.0]))
    Tensor([-0.   ,  1.125,  5.   ], shape=(3,), dtype=float64)
    """
    return x * np.clip(x / 6 + 0.5, 0, 1)


# ------------------------------------------------------------ by the normal distribution
SCALED_TAIL = (
    0.5, -0.497349897, 0.0676281286, 0.119064675, 0.0100873181, -0.023151429, -0.00924166727,
    -0.059339744, 0.0753620151, -0.0234825097,
)  # fmt: skip
"""``(1 - normal_cdf(x)) exp(x**2 / 2) / t`` for x >= 0 and t = 1 / (1 + 0.4 x), in powers of 1 - t.

A fit that keeps the largest relative error small, 1.4e-7, and is exact at 0.
"""


def normal_density(x: Any) -> Any:
    """``exp(-x**2 / 2) / sqrt(2 pi)``, which is 0 from 40 on."""
    near = np.clip(x, -40, 40)
    return np.exp(near * near * -0.5) * (1 / sqrt(2 * pi))


def in_single(x: Any) -> Any:
    """`normal_cdf` to single precision, in 0.4 times the time that `erfc` takes."""
    size = np.abs(x)
    t = 1 / (1 + 0.4 * size)
    size = np.minimum(size, 20)
    tail = np.exp(size * size * -0.5) * t * polynomial(SCALED_TAIL, 1 - t)
    return np.where(x > 0, 1 - tail, tail)


@differentiable(x=lambda dy, y, x: dy * normal_density(x), cases=elements())
def normal_cdf(x: Any) -> Any:
    """Share of a standard normal distribution that lies below ``x``, elementwise.

    Examples
    --------
    >>> from tinygrad_edu import Tensor
    >>> from tinygrad_edu.ops.gates import normal_cdf
    >>> normal_cdf(Tensor([-100.0, 0.0, 1.96]))
    Tensor([0.       , 0.5      , 0.9750021], shape=(3,), dtype=float64)
    """
    return in_single(x) if x.dtype == np.float32 else 0.5 * erfc(x * -sqrt(0.5))


def cubic(x: Any) -> Any:
    """The polynomial whose sigmoid is nearly the normal distribution; far out, constant."""
    near = np.clip(x, -1000, 1000)
    return sqrt(8 / pi) * near * (1 + 0.044715 * (near * near))


def gelu_x(dy: Any, y: Any, x: Any, *, approximate: str = "none") -> Any:
    """The share, and x times its derivative: a normal density, or that of a sigmoid."""
    if approximate == "none":
        return dy * (normal_cdf(x) + x * normal_density(x))
    near = np.clip(x, -1000, 1000)
    share = sigmoid(cubic(x))
    slope = sqrt(8 / pi) * (1 + 3 * 0.044715 * (near * near))
    return dy * (share + near * (share * (1 - share) * slope))


@differentiable(
    x=gelu_x,
    cases=[*elements(), *(case(shape, approximate="tanh") for shape in ((), (3,), (2, 3)))],
    hint="approximate is 'none' or 'tanh'",
)
def gelu(x: Any, *, approximate: str = "none") -> Any:
    """``x * normal_cdf(x)``, elementwise: x times the share of normal numbers that lie below it.

    With ``approximate="tanh"``, that share is
    ``(1 + tanh(sqrt(2/pi) * (x + 0.044715 x**3))) / 2``, within 0.0005 of it.

    Raises
    ------
    ValueError
        If ``approximate`` is another word.

    References
    ----------
    Hendrycks and Gimpel, Gaussian Error Linear Units, arXiv:1606.08415 (2016).

    Examples
    --------
    >>> from tinygrad_edu import Tensor
    >>> from tinygrad_edu.ops.gates import gelu
    >>> gelu(Tensor([-1000.0, 0.0, 1.0]))
    Tensor([-0.        ,  0.        ,  0.84134475], shape=(3,), dtype=float64)
    >>> gelu(Tensor(1.0), approximate="tanh")
    Tensor(0.84119199, shape=(), dtype=float64)
    """
    if approximate == "none":
        return x * normal_cdf(x)
    if approximate == "tanh":
        return x * sigmoid(cubic(x))
    raise ValueError(f"no such approximation: {approximate!r}")
