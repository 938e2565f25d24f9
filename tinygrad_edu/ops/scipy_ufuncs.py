"""Derivatives of the ufuncs in ``scipy.special``, for those who have SciPy.

SciPy is not imported here. When a ufunc arrives that nobody has given a rule, `learn` looks whether
it is one of SciPy's, which then has been imported already, and whether its name is in the table;
if so it becomes an op like any other. The derivatives stay within the table, so that it is closed
under differentiation.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from math import log as ln, pi, sqrt
from typing import Any

import numpy as np

from tinygrad_edu.cases import case
from tinygrad_edu.dispatch import implements
from tinygrad_edu.op import differentiable
from tinygrad_edu.ops.elementwise import SHAPES
from tinygrad_edu.ops.erf import bell
from tinygrad_edu.ops.gamma import digamma, nth_polygamma

Table = dict[str, dict[str, Any]]


def learn(ufunc: np.ufunc) -> bool:
    """Make one of SciPy's ufuncs an op, if it is one and its derivative is known."""
    special = sys.modules.get("scipy.special")
    name = ufunc.__name__
    known = name in TABLE and getattr(special, name, None) is ufunc
    if known:
        implements(ufunc)(differentiable(name=f"scipy.special.{name}", **TABLE[name])(ufunc))
    return known


def scipy(name: str, *inputs: Any) -> Any:
    """Call a function of SciPy that a derivative is made of."""
    return getattr(sys.modules["scipy.special"], name)(*inputs)


def unary(x: Callable[..., Any], low: float = -2, high: float = 2) -> dict[str, Any]:
    """Describe a function of one operand by its rule, and say where to try it."""
    return {"x": x, "cases": [case(shape, low=low, high=high) for shape in SHAPES]}


def binary(a: Any, b: Any, low: float = 0.5, high: float = 2) -> dict[str, Any]:
    """Describe a function of two operands by its rules, and say where to try it."""
    shapes = [((), ()), ((3,), (3,)), ((2, 3), ()), ((2, 1), (1, 3)), ((0, 3), (3,)), ((1,), (2,)),
              ((2, 2), (2,))]  # fmt: skip
    return {"a": a, "b": b, "cases": [case(*pair, low=low, high=high) for pair in shapes]}


def of_order(n: Any, x: Callable[..., Any], low: float = 0.5, high: float = 3) -> dict[str, Any]:
    """Describe a function of an order and a number, which is differentiated by the number only."""
    cases = [case([n], shape, low=low, high=high) for shape in SHAPES]
    return {"n": no_rule, "x": x, "cases": cases}


def no_rule(*_: Any) -> Any:
    """Refuse a derivative for which there is no formula in terms of such functions."""
    raise TypeError("no rule is known for this argument; pass t.detach() for it, or a number")


# ------------------------------------------------------------------------- rules of some length
def below_and_above(name: str, sign: int = 1) -> Callable[..., Any]:
    """Make the rule of a Bessel function: from the functions of the next lower and higher order."""
    return lambda dy, y, n, x: dy * ((scipy(name, n - 1, x) + sign * scipy(name, n + 1, x)) / 2)


def gamma_density(a: Any, x: Any) -> Any:
    """The density of the gamma distribution."""
    return np.exp((a - 1) * np.log(x) - x - scipy("gammaln", a))


def beta_density(a: Any, b: Any, x: Any) -> Any:
    """The density of the beta distribution."""
    return np.exp((a - 1) * np.log(x) + (b - 1) * np.log1p(-x) - scipy("betaln", a, b))


def huber_delta(dy: Any, y: Any, a: Any, b: Any) -> Any:
    """What of the distance lies beyond delta."""
    return dy * np.maximum(np.abs(b) - a, 0)


def pseudo_huber_delta(dy: Any, y: Any, a: Any, b: Any) -> Any:
    """By the product rule, from delta^2 (q - 1) with q^2 = 1 + (r / delta)^2."""
    q = np.sqrt(1 + np.square(b / a))
    return dy * (2 * a * (q - 1) - b * b / (a * q))


def exp_minus_square(x: Any) -> Any:
    """``exp(-x^2)``; for real numbers to the last digit."""
    return np.exp(-x * x) if x.dtype.kind == "c" else bell(x)


TABLE: Table = {
    # error functions and normal distribution
    "erf": unary(lambda dy, y, x: dy * (2 / sqrt(pi) * exp_minus_square(x))),
    "erfc": unary(lambda dy, y, x: -dy * (2 / sqrt(pi) * exp_minus_square(x))),
    "erfcx": unary(lambda dy, y, x: dy * (2 * x * y - 2 / sqrt(pi))),
    "erfi": unary(lambda dy, y, x: dy * (2 / sqrt(pi) * np.exp(x * x))),
    "dawsn": unary(lambda dy, y, x: dy * (1 - 2 * x * y)),
    "erfinv": unary(lambda dy, y, x: dy * (sqrt(pi) / 2 * np.exp(y * y)), low=-0.9, high=0.9),
    "erfcinv": unary(lambda dy, y, x: -dy * (sqrt(pi) / 2 * np.exp(y * y)), low=0.2, high=1.8),
    "ndtr": unary(lambda dy, y, x: dy * (exp_minus_square(x / sqrt(2)) / sqrt(2 * pi))),
    "ndtri": unary(lambda dy, y, x: dy * (sqrt(2 * pi) * np.exp(y * y / 2)), low=0.1, high=0.9),
    "log_ndtr": unary(lambda dy, y, x: dy * (np.exp(-x * x / 2 - y) / sqrt(2 * pi))),
    # exponentials and logarithms
    "expit": unary(lambda dy, y, x: dy * (y * (1 - y))),
    "log_expit": unary(lambda dy, y, x: dy * scipy("expit", -x)),
    "logit": unary(lambda dy, y, x: dy / (x * (1 - x)), low=0.1, high=0.9),
    "exp2": unary(lambda dy, y, x: dy * (y * ln(2))),
    "exp10": unary(lambda dy, y, x: dy * (y * ln(10))),
    "expm1": unary(lambda dy, y, x: dy * np.exp(x)),
    "log1p": unary(lambda dy, y, x: dy / (1 + x), low=-0.9),
    "cosm1": unary(lambda dy, y, x: -dy * np.sin(x)),
    "cbrt": unary(lambda dy, y, x: dy / (3 * y * y), low=0.1),
    "expi": unary(lambda dy, y, x: dy * (np.exp(x) / x), low=0.1),
    "exp1": unary(lambda dy, y, x: -dy * (np.exp(-x) / x), low=0.1),
    "entr": unary(lambda dy, y, x: -dy * (np.log(x) + 1), low=0.1),
    "xlogy": binary(lambda dy, y, a, b: dy * np.log(b), lambda dy, y, a, b: dy * (a / b)),
    "xlog1py": binary(lambda dy, y, a, b: dy * np.log1p(b), lambda dy, y, a, b: dy * (a / (1 + b))),
    "rel_entr": binary(
        lambda dy, y, a, b: dy * (np.log(a / b) + 1), lambda dy, y, a, b: -dy * (a / b)
    ),
    "kl_div": binary(lambda dy, y, a, b: dy * np.log(a / b), lambda dy, y, a, b: dy * (1 - a / b)),
    "huber": binary(huber_delta, lambda dy, y, a, b: dy * np.clip(b, -a, a)),
    "pseudo_huber": binary(
        pseudo_huber_delta, lambda dy, y, a, b: dy * (b / np.sqrt(1 + np.square(b / a)))
    ),
    # gamma and beta functions
    "gamma": unary(lambda dy, y, x: dy * (y * digamma(x)), low=0.2, high=4),
    "rgamma": unary(lambda dy, y, x: -dy * (y * digamma(x)), low=0.2, high=4),
    "gammaln": unary(lambda dy, y, x: dy * digamma(x), low=0.2, high=6),
    "loggamma": unary(lambda dy, y, x: dy * digamma(x), low=0.2, high=6),
    "psi": unary(lambda dy, y, x: dy * nth_polygamma(x, n=1), low=0.2, high=6),
    "poch": binary(
        lambda dy, y, a, b: dy * (y * (digamma(a + b) - digamma(a))),
        lambda dy, y, a, b: dy * (y * digamma(a + b)),
    ),
    "beta": binary(
        lambda dy, y, a, b: dy * (y * (digamma(a) - digamma(a + b))),
        lambda dy, y, a, b: dy * (y * (digamma(b) - digamma(a + b))),
    ),
    "betaln": binary(
        lambda dy, y, a, b: dy * (digamma(a) - digamma(a + b)),
        lambda dy, y, a, b: dy * (digamma(b) - digamma(a + b)),
    ),
    "gammainc": of_order(1.5, lambda dy, y, n, x: dy * gamma_density(n, x)),
    "gammaincc": of_order(1.5, lambda dy, y, n, x: -dy * gamma_density(n, x)),
    "betainc": {
        "a": no_rule,
        "b": no_rule,
        "x": lambda dy, y, a, b, x: dy * beta_density(a, b, x),
        "cases": [case([1.5], [2.5], shape, low=0.1, high=0.9) for shape in SHAPES],
    },
    # Bessel functions
    "j0": unary(lambda dy, y, x: -dy * scipy("j1", x)),
    "j1": unary(lambda dy, y, x: dy * ((scipy("j0", x) - scipy("jv", 2, x)) / 2)),
    "y0": unary(lambda dy, y, x: -dy * scipy("y1", x), low=0.5, high=4),
    "y1": unary(lambda dy, y, x: dy * ((scipy("y0", x) - scipy("yv", 2, x)) / 2), low=0.5, high=4),
    "i0": unary(lambda dy, y, x: dy * scipy("i1", x)),
    "i1": unary(lambda dy, y, x: dy * ((scipy("i0", x) + scipy("iv", 2, x)) / 2)),
    "i0e": unary(lambda dy, y, x: dy * (scipy("i1e", x) - np.sign(x) * y)),
    "i1e": unary(
        lambda dy, y, x: dy * ((scipy("i0e", x) + scipy("ive", 2, x)) / 2 - np.sign(x) * y)
    ),
    "k0": unary(lambda dy, y, x: -dy * scipy("k1", x), low=0.5, high=4),
    "k1": unary(lambda dy, y, x: -dy * ((scipy("k0", x) + scipy("kv", 2, x)) / 2), low=0.5, high=4),
    "k0e": unary(lambda dy, y, x: dy * (y - scipy("k1e", x)), low=0.5, high=4),
    "k1e": unary(
        lambda dy, y, x: dy * (y - (scipy("k0e", x) + scipy("kve", 2, x)) / 2), low=0.5, high=4
    ),
    "jv": of_order(1.5, below_and_above("jv", -1)),
    "yv": of_order(1.5, below_and_above("yv", -1)),
    "yn": of_order(2, below_and_above("yn", -1)),
    "iv": of_order(1.5, below_and_above("iv")),
    "kv": of_order(1.5, lambda dy, y, n, x: -below_and_above("kv")(dy, y, n, x)),
    "kn": of_order(2, lambda dy, y, n, x: -below_and_above("kn")(dy, y, n, x)),
    "ive": of_order(
        1.5, lambda dy, y, n, x: below_and_above("ive")(dy, y, n, x) - dy * np.sign(x) * y
    ),
    "kve": of_order(1.5, lambda dy, y, n, x: dy * y - below_and_above("kve")(dy, y, n, x)),
    # integrals
    "expn": of_order(3, lambda dy, y, n, x: -dy * scipy("expn", n - 1, x)),
    "spence": unary(lambda dy, y, x: dy * (np.log(x) / (1 - x)), low=0.1, high=0.9),
    "ellipk": unary(
        lambda dy, y, x: dy * ((scipy("ellipe", x) / (1 - x) - y) / (2 * x)), low=0.1, high=0.9
    ),
    "ellipe": unary(lambda dy, y, x: dy * ((y - scipy("ellipk", x)) / (2 * x)), low=0.1, high=0.9),
}
"""The rules of each ufunc by name, and where the tests are to try it."""
