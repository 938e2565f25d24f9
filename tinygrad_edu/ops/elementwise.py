"""Functions of one operand, element by element: the table of derivatives.

A line is a NumPy function and its derivative, as in a textbook's table. A rule is ``dy`` times
f'(x) without any conjugate, so that it holds for complex numbers where the function does. The
derivatives are written in the form that keeps its digits: ``(1 - x) * (1 + x)`` is accurate near 1,
``1 - x * x`` is not.

Read next: ``arithmetic.py``, functions of two operands.
"""

from __future__ import annotations

from math import log as ln, pi
from typing import Any

import numpy as np

from tinygrad_edu.cases import Case, Kink, case
from tinygrad_edu.dispatch import any_tracked, implements, plain
from tinygrad_edu.op import differentiable
from tinygrad_edu.tensor import unrecorded

SHAPES = ((), (1,), (3,), (2, 3), (1, 3), (2, 1, 3), (0, 3))


def elements(low: float = -2, high: float = 2) -> list[Case]:
    """Make sample calls of an elementwise function of one operand."""
    return [case(x, low=low, high=high) for x in SHAPES]


def unary(ufunc: Any, low: float = -2, high: float = 2, **options: Any) -> Any:
    """Make one of NumPy's elementwise functions of one operand an op."""
    return implements(ufunc)(differentiable(cases=elements(low, high), **options)(ufunc))


# --------------------------------------------------------------------- signs, powers and roots
@implements(np.sign)
def sign(x: Any) -> Any:
    """``np.sign``: constant for real numbers; for complex ones the direction, ``x / abs(x)``."""
    if not np.iscomplexobj(x):
        return unrecorded(np.sign, (x,), {})
    return x / np.absolute(np.where(x == 0, 1, x))


def absolute_x(dy: Any, y: Any, x: Any) -> Any:
    """The sign of a real number; of a complex one, the conjugate of its direction."""
    return dy * (np.conj(np.sign(x)) if x.dtype.kind == "c" else np.sign(x))


AT_ZERO = (Kink(at=(0.0,), gradients=(0.0,)),)

positive = unary(np.positive, symbol="+", x=lambda dy, y, x: dy)
negative = unary(np.negative, symbol="-", x=lambda dy, y, x: -dy)
absolute = unary(np.absolute, x=absolute_x, kinks=AT_ZERO)
fabs = unary(np.fabs, x=absolute_x, kinks=AT_ZERO)
square = unary(np.square, x=lambda dy, y, x: dy * (2 * x))
sqrt = unary(np.sqrt, x=lambda dy, y, x: dy / (2 * y), low=0.1)
cbrt = unary(np.cbrt, x=lambda dy, y, x: dy / (3 * (y * y)), low=0.1)
reciprocal = unary(np.reciprocal, x=lambda dy, y, x: -dy * (y * y), low=0.5)

# ------------------------------------------------------------------ exponentials and logarithms
exp = unary(np.exp, x=lambda dy, y, x: dy * y)
exp2 = unary(np.exp2, x=lambda dy, y, x: dy * (y * ln(2)))
expm1 = unary(np.expm1, x=lambda dy, y, x: dy * np.exp(x))
log = unary(np.log, x=lambda dy, y, x: dy / x, low=0.1)
log2 = unary(np.log2, x=lambda dy, y, x: dy / (x * ln(2)), low=0.1)
log10 = unary(np.log10, x=lambda dy, y, x: dy / (x * ln(10)), low=0.1)
log1p = unary(np.log1p, x=lambda dy, y, x: dy / (1 + x), low=-0.9)

# ----------------------------------------------------- circular functions and their inverses
sin = unary(np.sin, x=lambda dy, y, x: dy * np.cos(x))
cos = unary(np.cos, x=lambda dy, y, x: -dy * np.sin(x))
tan = unary(np.tan, x=lambda dy, y, x: dy * (1 + y * y), low=-1, high=1)
arcsin = unary(np.arcsin, x=lambda dy, y, x: dy / np.sqrt((1 - x) * (1 + x)), low=-0.9, high=0.9)
arccos = unary(np.arccos, x=lambda dy, y, x: -dy / np.sqrt((1 - x) * (1 + x)), low=-0.9, high=0.9)
arctan = unary(np.arctan, x=lambda dy, y, x: dy / (1 + x * x))

# --------------------------------------------------- hyperbolic functions and their inverses
sinh = unary(np.sinh, x=lambda dy, y, x: dy * np.cosh(x))
cosh = unary(np.cosh, x=lambda dy, y, x: dy * np.sinh(x))
tanh = unary(np.tanh, x=lambda dy, y, x: dy * (1 - y * y))
tanh.__doc__ = """Hyperbolic tangent, elementwise: ``(exp(x) - exp(-x)) / (exp(x) + exp(-x))``.

As an activation it is `sigmoid` stretched to lie between -1 and 1: ``2 * sigmoid(2 * x) - 1``.

References
----------
NIST Digital Library of Mathematical Functions, section 4.28.

Examples
--------
>>> import tinygrad_edu as tg
>>> tg.tanh(tg.Tensor([-1000.0, 0.0, 1000.0]))
Tensor([-1.,  0.,  1.], shape=(3,), dtype=float64)
"""
arcsinh = unary(np.arcsinh, x=lambda dy, y, x: dy / np.sqrt(1 + x * x))
arccosh = unary(np.arccosh, x=lambda dy, y, x: dy / (np.sqrt(x - 1) * np.sqrt(x + 1)), low=1.1)
arctanh = unary(np.arctanh, x=lambda dy, y, x: dy / ((1 - x) * (1 + x)), low=-0.9, high=0.9)

# ------------------------------------------------------------------------------------- angles
degrees = unary(np.degrees, x=lambda dy, y, x: dy * (180 / pi))
rad2deg = unary(np.rad2deg, x=lambda dy, y, x: dy * (180 / pi))
radians = unary(np.radians, x=lambda dy, y, x: dy * (pi / 180))
deg2rad = unary(np.deg2rad, x=lambda dy, y, x: dy * (pi / 180))


# --------------------------------------------------------------------------------------- sinc
def sinc_x(dy: Any, y: Any, x: Any, *, order: int = 0) -> Any:
    """The derivative of the next order."""
    return dy * sinc_derivative(x, order=order + 1)


@implements(np.sinc)
@differentiable(x=sinc_x, cases=elements())
def sinc(x: Any) -> Any:
    """``sin(pi x) / (pi x)``, and 1 at 0, as ``np.sinc``."""
    return np.sinc(x)


@differentiable(
    x=sinc_x,
    cases=[case(shape, order=1) for shape in SHAPES] + [case((3,), order=5), case([0.0], order=1)],
)
def sinc_derivative(x: Any, *, order: int) -> Any:
    """The derivative of ``np.sinc`` of any order: a family that is closed under differentiation.

    With u = pi x, the n-th derivative of sin(u) / u is ``s_n = (sin(u + n pi/2) - n s_{n-1}) / u``,
    which loses its digits where ``|u|`` is below n; there it is the sum over k of
    ``cos((n + k) pi/2) u^k / (k! (n + k + 1))``. Both follow from sin(u) / u being the integral of
    cos(u t) over t from 0 to 1.
    """
    x = np.asarray(x)
    small = np.abs(x) * pi < order + 1
    u = np.where(small, 1, x) * pi
    y = np.sin(u) / u
    for n in range(1, order + 1):
        y = (quarter_turns(u, n) - n * y) / u
    u = np.where(small, x, 0) * pi
    odd = order % 2
    series: Any = 0
    for k in range(30 + 3 * order + odd, -1, -1):
        if k % 2 == odd:
            series = 1 / (order + k + 1) - u * u / ((k + 1) * (k + 2)) * series
    series = series * u**odd * (1 - (order + odd) % 4)
    return np.where(small, series, y) * pi**order


def quarter_turns(u: Any, n: int) -> Any:
    """``sin(u + n pi/2)``, without rounding the sum."""
    y = np.cos(u) if n % 2 else np.sin(u)
    return -y if n % 4 > 1 else y


# ------------------------------------------------- numbers taken apart, and numbers that are none
@differentiable(x=lambda dy, y, x: dy, cases=elements(low=0.1, high=0.9))
def fraction(x: Any) -> Any:
    """What is left of ``x`` without its integer part."""
    return np.modf(x)[0]


@differentiable(x=lambda dy, y, x: np.ldexp(dy, -exponent(x)), cases=elements(low=0.6))
def mantissa(x: Any) -> Any:
    """``x`` divided by the power of 2 that brings it between 1/2 and 1."""
    return np.frexp(x)[0]


def exponent(x: Any) -> Any:
    """The power of 2 that `mantissa` divides by: integers, whatever ``x`` is."""
    return np.frexp(plain(x))[1]


@implements(np.modf)
def modf(x: Any) -> tuple[Any, Any]:
    """``np.modf``: the fractional part, and the integer part, which is piecewise constant."""
    return fraction(x), np.trunc(x)


@implements(np.frexp)
def frexp(x: Any) -> tuple[Any, Any]:
    """``np.frexp``: mantissa and exponent, of which the exponent is an integer."""
    return mantissa(x), unrecorded(exponent, (x,), {})


@differentiable(
    x=lambda dy, y, x, *, nan, posinf, neginf: np.where(np.isfinite(x), dy, 0),
    cases=[
        *(case(shape, nan=0.5, posinf=None, neginf=None) for shape in SHAPES),
        case([np.nan, 1.0, np.inf, -np.inf], nan=0.5, posinf=2.0, neginf=-2.0),
    ],
)
def replace_nonfinite(x: Any, *, nan: Any, posinf: Any, neginf: Any) -> Any:
    """``x`` with other numbers in place of NaN and infinities; what was replaced has gradient 0."""
    return np.nan_to_num(x, nan=nan, posinf=posinf, neginf=neginf)


@implements(np.nan_to_num)
def nan_to_num(
    x: Any, copy: bool = True, nan: Any = 0.0, posinf: Any = None, neginf: Any = None
) -> Any:
    """``np.nan_to_num``, which here always makes a copy."""
    if not copy:
        raise TypeError("np.nan_to_num cannot write into a Tensor; leave out copy=False")
    if any_tracked([nan, posinf, neginf]):
        raise TypeError("np.nan_to_num gives no gradient to nan=, posinf= or neginf=; use np.where")
    options = {"nan": nan, "posinf": posinf, "neginf": neginf}
    if np.iscomplexobj(x):
        return replace_nonfinite(np.real(x), **options) + 1j * replace_nonfinite(
            np.imag(x), **options
        )
    return replace_nonfinite(x, **options)
