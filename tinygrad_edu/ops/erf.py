"""The error function and its complement, to double precision, in plain NumPy.

Near 0 the power series of erf is short. Elsewhere erfc(x) is exp(-x^2) times a function without
drama, which one polynomial covers from 1/2 to infinity. Both errors stay below a few units in
the last place, also of erfc(25), which is as small as 1e-273.

Next: ``gamma.py``, made in the same manner.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from math import factorial, pi, sqrt
from typing import Any

import numpy as np

from tinygrad_edu.cases import Kink
from tinygrad_edu.op import differentiable
from tinygrad_edu.ops.elementwise import elements

SCALED_ERFC = (
    1.224848042738414172, -0.1215174220937226049, 1.284399129781914799e-2,
    3.481613176848949847e-2, -4.121457191364260817e-2, 2.932116930943402302e-2,
    -1.524915901023202253e-2, 5.825997261585175884e-3, -1.443707246828628961e-3,
    8.560025172950206997e-5, 9.653858164726678391e-5, -3.584335623601308778e-5,
    -6.741708816825701834e-7, 3.941495296450844825e-6, -6.394086313452378809e-7,
    -3.670618784531776072e-7, 1.230364803588928249e-7, 3.519690280967608438e-8,
    -1.827100214084317173e-8, -3.817379293479160369e-9, 2.287017214754503533e-9,
    4.349353844458059257e-10, -1.794775735740499049e-10, -3.432606801897712544e-11,
)  # fmt: skip
"""(1 + 2x) exp(x^2) erfc(x) for x >= 1/2, as a polynomial in (x - 4.5) / (x + 3.5)."""

SMALL_ERF = tuple((-1) ** k / (factorial(k) * (2 * k + 1)) for k in range(13))
"""The power series of sqrt(pi) / 2 * erf(x) / x in x^2, as far as 16 digits need it up to 1/2."""


def polynomial(coefficients: Sequence[float], x: Any) -> Any:
    """Add up ``c0 + c1 x + c2 x^2 + ...``, from the last term to the first."""
    total = np.full_like(x, coefficients[-1])
    for c in coefficients[-2::-1]:
        total *= x
        total += c
    return total


def in_double(function: Callable[..., Any]) -> Callable[..., Any]:
    """Let a function of real doubles take any real dtype and return the same, without warnings."""

    @wraps(function)
    def forward(x: Any, **settings: Any) -> Any:
        x = x if hasattr(x, "dtype") else np.asarray(x)
        if x.dtype.kind == "c":
            raise TypeError("it is computed here for real numbers only, and these are complex")
        dtype = x.dtype if x.dtype.kind == "f" else np.float64
        with np.errstate(all="ignore"):  # what is not chosen may overflow
            return function(x.astype(np.float64), **settings).astype(dtype)

    return forward


def bell_x(dy: Any, y: Any, x: Any) -> Any:
    """-2x exp(-x^2), and 0 far out, where infinity times 0 would be NaN."""
    return dy * (-2 * (np.where(y == 0, 0, x) * y))


@differentiable(x=bell_x, cases=elements(), kinks=[Kink(at=(np.inf,), gradients=(0.0,))])
@in_double
def bell(x: Any) -> Any:
    """``exp(-x^2)``, elementwise, to double precision."""
    return exp_minus_square(x)


def exp_minus_square(x: Any) -> Any:
    """``exp(-x^2)``, with the rounding error of the square made good for.

    With z, the first half of the digits of x, ``x^2 = z^2 + (x - z)(x + z)``, where z^2 is exact.

    References
    ----------
    Sun Microsystems, FDLIBM 5.3, s_erf.c.
    """
    x = np.clip(x, -40, 40)
    z = x.astype(np.float32).astype(np.float64)
    return np.exp(-z * z) * np.exp((z - x) * (z + x))


def near_zero(x: Any) -> Any:
    """erf(x) for x between -1/2 and 1/2."""
    x = np.clip(x, -0.5, 0.5)
    return 2 / sqrt(pi) * x * polynomial(SMALL_ERF, x * x)


def tail(x: Any) -> Any:
    """erfc(x) for x of at least 1/2."""
    x = np.clip(x, 0.5, 40)
    return exp_minus_square(x) * polynomial(SCALED_ERFC, (x - 4.5) / (x + 3.5)) / (1 + 2 * x)


@differentiable(x=lambda dy, y, x: dy * (2 / sqrt(pi) * bell(x)), cases=elements())
@in_double
def erf(x: Any) -> Any:
    """Error function, elementwise: ``2/sqrt(pi) * integral of exp(-t^2) for t from 0 to x``.

    A power series below 1/2, and ``1 - erfc(x)`` above. The polynomial for erfc is a Chebyshev
    expansion, computed with 60 digits from the definition.

    References
    ----------
    Schonfelder, Chebyshev expansions for the error and related functions, Math. Comp. 32 (1978).
    Abramowitz and Stegun, Handbook of Mathematical Functions, 7.1.5.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.special.erf(tg.Tensor([0.0, 0.5, 100.0]))
    Tensor([0.        , 0.52049988, 1.        ], shape=(3,), dtype=float64)
    """
    size = np.abs(x)
    return np.where(size < 0.5, near_zero(x), np.copysign(1 - tail(size), x))


@differentiable(x=lambda dy, y, x: -dy * (2 / sqrt(pi) * bell(x)), cases=elements())
@in_double
def erfc(x: Any) -> Any:
    """Complementary error function, elementwise: ``1 - erf(x)``, accurate where that is tiny.

    References
    ----------
    As for `erf`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.special.erfc(tg.Tensor([-100.0, 0.0, 5.0]))
    Tensor([2.00000000e+00, 1.00000000e+00, 1.53745979e-12], shape=(3,), dtype=float64)
    """
    beyond = tail(np.abs(x))
    return np.where(
        np.abs(x) < 0.5,
        1 - near_zero(x),
        np.where(x < 0, 2 - beyond, beyond),
    )
