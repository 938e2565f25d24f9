"""The modified Bessel function that NumPy has, ``np.i0``."""

from __future__ import annotations

from operator import index
from typing import Any

import numpy as np

from tinygrad_edu.cases import case
from tinygrad_edu.dispatch import implements
from tinygrad_edu.op import differentiable

NODES = 128
"""Enough for full precision up to 713, where I0 overflows: the error is about I_256(x)."""


def next_derivative(dy: Any, y: Any, x: Any, *, n: int = 0) -> Any:
    """The derivative of the n-th derivative is the next one."""
    return dy * nth_i0(x, n=n + 1)


@differentiable(
    x=next_derivative,
    cases=[case((3,), n=1), case((), n=1), case((2, 3), n=2), case((2, 1), n=3), case((0, 3), n=1),
           case((4,), low=-9, high=9, n=2), case((1,), n=4)],
)  # fmt: skip
def nth_i0(x: Any, *, n: int) -> Any:
    """The n-th derivative of I0: the mean of ``cos(a)**n exp(x cos(a))`` over all angles a.

    A mean of so smooth a periodic function over evenly spaced angles is exact but for rounding.
    Opposite angles are taken together, so that nothing cancels.

    References
    ----------
    Abramowitz and Stegun, Handbook of Mathematical Functions, 9.6.16. Trefethen and Weideman, The
    exponentially convergent trapezoidal rule, SIAM Review 56 (2014).
    """
    if index(n) < 0:
        raise ValueError(f"there is no derivative of the order {n}")
    cosine = np.cos(np.pi * np.arange(NODES // 2) / NODES).astype(x.dtype)
    both = np.sinh if n % 2 else np.cosh
    slanting = (cosine[1:] ** n / NODES * both(x[..., None] * cosine[1:])).sum(axis=-1)
    straight = (both(x) + 0**n) / NODES  # the angles 0 and pi, and both right angles
    return 2 * slanting + straight


@implements(np.i0)
@differentiable(
    x=next_derivative,
    cases=[case((3,)), case(()), case((2, 3)), case((2, 1)), case((0, 3)), case((1,)),
           case((4,), low=-9, high=9)],
)  # fmt: skip
def i0(x: Any) -> Any:
    """Modified Bessel function of the first kind, of order 0; its derivative is that of order 1.

    Examples
    --------
    >>> import numpy as np
    >>> import tinygrad_edu as tg
    >>> x = tg.Tensor(1.0, requires_grad=True)
    >>> np.i0(x).backward()
    >>> round(float(x.grad), 6)
    0.565159
    """
    return np.i0(x)
