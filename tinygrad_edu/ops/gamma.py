"""The logarithm of the gamma function and all its derivatives, to double precision.

``gammaln``, ``digamma`` and ``polygamma`` are one family, closed under differentiation. The method
is the same throughout: asymptotic series for large arguments; the recurrence Gamma(x + 1) =
x Gamma(x) to get to where the function is well known; reflection for negative arguments. Between 1
and 2 the zeros are split off, so that the digits are right near them, too, and the rest is a
polynomial. Between negative integers, where there are further zeros, the error is small
against 1 rather than against the result.
"""

from __future__ import annotations

from math import factorial, log, pi
from typing import Any

import numpy as np

from tinygrad_edu.cases import case
from tinygrad_edu.op import differentiable
from tinygrad_edu.ops.elementwise import SHAPES, elements
from tinygrad_edu.ops.erf import in_double, polynomial

LARGE = 10.0  # from here on the asymptotic series have double precision

LOG_GAMMA = (
    0.48312895054098089, -7.297994795715304331e-2, 1.572785026864109483e-2,
    -3.913560937626182647e-3, 1.049818664454740155e-3, -2.945507015196472115e-4,
    8.510090373499431308e-5, -2.509432866894719382e-5, 7.511391855641882936e-6,
    -2.274247410238393648e-6, 6.948428064186311891e-7, -2.138632338411551949e-7,
    6.623878077265300676e-8, -2.062102743185428608e-8, 6.430260727636965631e-9,
    -2.016947955623981688e-9, 6.566403819263111722e-10, -2.087462069397109279e-10,
    5.025822209560934585e-11, -1.539574800642078583e-11, 1.158611529515727769e-11,
    -3.803618166622364032e-12,
)  # fmt: skip
"""log Gamma(x) / ((x - 1)(x - 2)) for x from 1 to 2, as a polynomial in 2x - 3."""

DIGAMMA = (
    0.9510558760318328793, -0.2118137106407302464, 6.013562106019684255e-2,
    -1.855061538173984132e-2, 5.936795278301761242e-3, -1.935066664735651977e-3,
    6.368880303865816672e-4, -2.107484128896164137e-4, 6.995018825112793835e-5,
    -2.325823246670795309e-5, 7.74123450863636361e-6, -2.578134894751125916e-6,
    8.58906072193069426e-7, -2.862090409973941243e-7, 9.54329828827827398e-8,
    -3.181266980138484906e-8, 1.052769243502668683e-8, -3.503221899650972242e-9,
    1.246998461670740369e-9, -4.197772636734228594e-10, 8.734528429142952892e-11,
    -2.746815038946495245e-11, 2.918622732168261146e-11, -1.00151176020628087e-11,
)  # fmt: skip
"""psi(x) / (x - ROOT) for x from 1 to 2, as a polynomial in 2x - 3."""

ROOT, ROOT_REST = 1.4616321449683622, 9.5499954299656977e-17
"""Where psi is 0, as a double and what that lacks."""

BERNOULLI = (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510,
             43867 / 798, -174611 / 330, 854513 / 138, -236364091 / 2730)  # fmt: skip
"""Bernoulli's numbers B2, B4, B6 and so on."""


def gammaln_x(dy: Any, y: Any, x: Any) -> Any:
    """The next of the family."""
    return dy * digamma(x)


def polygamma_x(dy: Any, y: Any, x: Any, *, n: int = 0) -> Any:
    """The next of the family."""
    return dy * nth_polygamma(x, n=n + 1)


def to_the_pole(x: Any) -> Any:
    """Return how far ``x`` is above the integer nearest to it; NaN for infinities."""
    return x - np.round(x)


# ---------------------------------------------------------------------------------- log Gamma
def gammaln_of_positive(x: Any) -> Any:
    """Log Gamma of numbers from 0 to infinity."""
    z, factor = np.where(x < LARGE, x, 1.5), np.ones_like(x)
    while (above := z >= 2).any():  # Gamma(z) = (z - 1) Gamma(z - 1)
        z = np.where(above, z - 1, z)
        factor = np.where(above, factor * z, factor)
    below = z < 1  # Gamma(z) = Gamma(z + 1) / z; without adding 1, which would cost digits of z
    after_one = np.where(below, z, z - 1)
    middle = polynomial(LOG_GAMMA, 2 * after_one - 1)
    middle = middle * after_one * (after_one - 1)
    middle = np.where(below, middle - np.log(z), middle + np.log(factor))
    w = np.where(x < LARGE, LARGE, x)
    stirling = [b / (2 * k * (2 * k - 1)) for k, b in enumerate(BERNOULLI[:7], start=1)]
    large = (w - 0.5) * (np.log(w) - 1) + (log(2 * pi) - 1) / 2
    large = large + polynomial(stirling, 1 / w / w) / w
    return np.where(x < LARGE, middle, large)


@differentiable(x=gammaln_x, cases=elements(low=0.2, high=6))
@in_double
def gammaln(x: Any) -> Any:
    """Logarithm of the absolute value of the gamma function, elementwise; infinite at its poles.

    For x < 0 it is ``log(pi / |x sin(pi x)|) - gammaln(-x)``.

    References
    ----------
    Abramowitz and Stegun, Handbook of Mathematical Functions, 6.1.15, 6.1.17 and 6.1.41. The
    polynomial is a Chebyshev expansion, computed with 60 digits.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.special.gammaln(tg.Tensor([1.0, 5.0, 0.0]))  # log 0!, log 4!
    Tensor([0.        , 3.17805383,        inf], shape=(3,), dtype=float64)
    """
    y = gammaln_of_positive(np.abs(x))
    if not (x < 0).any():
        return y
    sine = np.abs(np.sin(pi * to_the_pole(x)))
    reflected = log(pi) - np.log(sine) - np.log(np.abs(x)) - y
    return np.where(x < 0, np.where(sine > 0, reflected, np.inf), y)


# ---------------------------------------------------------------------------------------- psi
def digamma_of_positive(x: Any) -> Any:
    """Psi of numbers from 0 to infinity."""
    z, steps = np.where(x < LARGE, x, 1.5), np.zeros_like(x)
    while (above := z >= 2).any():  # psi(z) = psi(z - 1) + 1 / (z - 1)
        z = np.where(above, z - 1, z)
        steps = np.where(above, steps + 1 / z, steps)
    steps = np.where(z < 1, -1 / z, steps)
    z = np.where(z < 1, z + 1, z)
    middle = polynomial(DIGAMMA, 2 * z - 3) * ((z - ROOT) - ROOT_REST) + steps
    w = np.where(x < LARGE, LARGE, x)
    series = [b / (2 * k) for k, b in enumerate(BERNOULLI[:7], start=1)]
    large = np.log(w) - 0.5 / w - polynomial(series, 1 / w / w) / w / w
    return np.where(x < LARGE, middle, large)


@differentiable(x=polygamma_x, cases=elements(low=0.2, high=6))
@in_double
def digamma(x: Any) -> Any:
    """Derivative of `gammaln`, elementwise; NaN at the negative integers, where it jumps.

    For x < 0 it is ``digamma(1 - x) - pi / tan(pi x)``.

    References
    ----------
    Abramowitz and Stegun, Handbook of Mathematical Functions, 6.3.5, 6.3.7 and 6.3.18. The
    polynomial is a Chebyshev expansion, computed with 60 digits.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.special.digamma(tg.Tensor([1.0, 2.0]))  # minus Euler's constant, and 1 more
    Tensor([-0.57721566,  0.42278434], shape=(2,), dtype=float64)
    """
    y = digamma_of_positive(np.where(x < 0, 1 - x, x))
    y = np.where(x == 0, np.copysign(np.inf, -x), y)
    pole = to_the_pole(x)
    return np.where(x < 0, np.where(pole == 0, np.nan, y - pi / np.tan(pi * pole)), y)


# ---------------------------------------------------------------------------- its derivatives
def zeta(s: int, q: Any) -> Any:
    """Hurwitz's zeta function: the sum of (q + k)^-s for k from 0 to infinity, for q > 0.

    The first terms are added up, and Euler and Maclaurin's formula gives the rest.
    """
    count = int(LARGE) + s
    total: Any = 0
    for k in range(count - 1, -1, -1):
        total = total + (q + k) ** -float(s)
    a = q + count
    correction, factor = 0.5, float(s)
    for k, b in enumerate(BERNOULLI, start=1):
        correction = correction + b / factorial(2 * k) * factor * a ** (1.0 - 2 * k)
        factor *= (s + 2 * k - 1) * (s + 2 * k)
    return total + a ** (1.0 - s) / (s - 1) + a ** -float(s) * correction


def derivative_of_cotangent(n: int, c: Any) -> Any:
    """The n-th derivative of cot, where cot is ``c``: from cot' = -(1 + cot^2)."""
    terms = [0, 1]
    for _ in range(n):
        slope = [k * a for k, a in enumerate(terms)][1:]
        terms = [-(a + b) for a, b in zip([*slope, 0, 0], [0, 0, *slope])]
    return polynomial([float(a) for a in terms], c)


@differentiable(
    name="polygamma",
    x=polygamma_x,
    cases=[case(shape, low=0.5, high=6, n=1) for shape in SHAPES]
    + [case((3,), low=0.5, high=6, n=3), case([-0.4, -1.7], n=1), case([-0.4, -1.7], n=2)],
)
@in_double
def nth_polygamma(x: Any, *, n: int) -> Any:
    """``polygamma(n, x)`` for n of at least 1: ``(-1)^(n+1) n! zeta(n + 1, x)``."""
    sign = -1.0 if n % 2 == 0 else 1.0
    y = sign * factorial(n) * zeta(n + 1, np.where(x < 0, 1 - x, x))
    pole = to_the_pole(x)
    turns = derivative_of_cotangent(n, 1 / np.tan(pi * pole))
    y = np.where(x < 0, -sign * y - pi ** (n + 1) * turns, y)
    return np.where((pole == 0) & (x <= 0), np.inf if n % 2 else np.nan, y)


def polygamma(n: int, x: Any) -> Any:
    """Derivative of `digamma` of order n, elementwise; ``polygamma(0, x)`` is `digamma`.

    Parameters
    ----------
    n : int
        Not negative, and at most 150.
    x : array_like or Tensor

    Raises
    ------
    ValueError
        If ``n`` is no such integer.

    References
    ----------
    Abramowitz and Stegun, Handbook of Mathematical Functions, 6.4.7, 6.4.10 and 23.1.30.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.special.polygamma(1, tg.Tensor([1.0]))  # pi^2 / 6
    Tensor([1.64493407], shape=(1,), dtype=float64)
    """
    if isinstance(n, bool) or not isinstance(n, (int, np.integer)) or not 0 <= n <= 150:
        raise ValueError(f"the order of polygamma is an integer from 0 to 150, not {n!r}")
    return nth_polygamma(x, n=int(n)) if n else digamma(x)
