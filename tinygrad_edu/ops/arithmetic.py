"""Sums, products, powers, remainders, the larger of two: ops of two operands that broadcast.

The table reads like a textbook's. Broadcasting is no rule's business: the walk undoes it.

Read next: ``binary.py``, the less common functions of two operands.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.cases import Case, Kink, case
from tinygrad_edu.dispatch import implements
from tinygrad_edu.op import differentiable

SHAPES = (
    ((), ()),
    ((3,), (3,)),
    ((2, 3), ()),
    ((2, 3), (3,)),
    ((2, 1), (1, 3)),
    ((4, 1, 2), (3, 1)),
    ((2, 2), (2, 2)),
    ((0, 3), (3,)),
)
HINT = (
    "shapes broadcast if, counted from the right, sizes are equal or one of them is 1; "
    "is a .reshape(), a keepdims=True or a .T missing?"
)


def pairs(low: float = -2) -> list[Case]:
    """Make sample calls of an elementwise function of two operands."""
    return [case(a, b, low=low) for a, b in SHAPES]


def binary(ufunc: Any, low: float = -2, **options: Any) -> Any:
    """Make one of NumPy's elementwise functions of two operands an op."""
    return implements(ufunc)(differentiable(cases=pairs(low), hint=HINT, **options)(ufunc))


def power_base(dy: Any, y: Any, a: Any, b: Any) -> Any:
    """B a^(b-1), which is 0 where b is 0, even at a = 0."""
    if isinstance(b, (int, float)):
        if b == 2:
            return dy * (2 * a)
        return dy * (b * a ** (b - 1)) if b else None
    return dy * (b * a ** (np.where((a == 0) & (b == 0), 1, b) - 1))


def power_exponent(dy: Any, y: Any, a: Any, b: Any) -> Any:
    """a^b ln a, and 0 at a = 0, where a^b stays 0 whatever b > 0 does."""
    return dy * (y * np.log(np.where(a == 0, 1, a)))


def to_the_larger(dy: Any, a: Any, b: Any) -> Any:
    """What reaches ``a`` of max(a, b): all where it is larger, half of it at a tie."""
    return np.where(a > b, dy, np.where(a == b, dy / 2, 0))


add = binary(
    np.add,
    symbol="+",
    a=lambda dy, y, a, b: dy,
    b=lambda dy, y, a, b: dy,
)

subtract = binary(
    np.subtract,
    symbol="-",
    a=lambda dy, y, a, b: dy,
    b=lambda dy, y, a, b: -dy,
)

multiply = binary(
    np.multiply,
    symbol="*",
    a=lambda dy, y, a, b: dy * b,
    b=lambda dy, y, a, b: dy * a,
)

divide = binary(
    np.divide,
    symbol="/",
    low=0.5,
    a=lambda dy, y, a, b: dy / b,
    b=lambda dy, y, a, b: -dy * y / b,
)


@implements(np.power)
@differentiable(
    symbol="**",
    cases=[*pairs(low=0.5), *(case((2, 3), b, low=0.5) for b in (0.0, 2.0, 3.0))],
    hint=HINT,
    a=power_base,
    b=power_exponent,
    kinks=[
        Kink(at=(0.0, 2.0), gradients=(0.0, 0.0)),
        Kink(at=(0.0, 0.0), gradients=(0.0, 0.0)),
    ],
)
def power(a: Any, b: Any) -> Any:
    """``a ** b``, elementwise; the operator is faster than ``np.power`` for squares."""
    return a**b


@implements(np.float_power)
def float_power(a: Any, b: Any) -> Any:
    """``np.float_power``: the power of both operands in double precision."""
    return np.power(*(double(x) for x in (a, b)))


def double(x: Any) -> Any:
    """``x`` as an array of doubles, or of complex numbers made of doubles."""
    x = x if hasattr(x, "dtype") else np.asarray(x)
    return x.astype(np.result_type(x.dtype, np.float64))


maximum = binary(
    np.maximum,
    a=lambda dy, y, a, b: to_the_larger(dy, a, b),
    b=lambda dy, y, a, b: to_the_larger(dy, b, a),
    kinks=[Kink(at=(0.0, 0.0), gradients=(0.5, 0.5))],
)

minimum = binary(
    np.minimum,
    a=lambda dy, y, a, b: to_the_larger(dy, b, a),
    b=lambda dy, y, a, b: to_the_larger(dy, a, b),
    kinks=[Kink(at=(0.0, 0.0), gradients=(0.5, 0.5))],
)


# ---------------------------------------------------------------------------------- remainders
def fmod_b(dy: Any, y: Any, a: Any, b: Any) -> Any:
    """Minus how often ``b`` was taken away: a whole number, which a / b may miss by rounding."""
    return -dy * np.rint((a - y) / b)


remainder = binary(
    np.remainder,
    symbol="%",
    low=0.5,
    a=lambda dy, y, a, b: dy,
    b=lambda dy, y, a, b: -dy * np.floor_divide(a, b),
)

fmod = binary(np.fmod, low=0.5, a=lambda dy, y, a, b: dy, b=fmod_b)


@implements(np.divmod)
def divmod(a: Any, b: Any) -> tuple[Any, Any]:
    """``np.divmod``: the quotient, which is piecewise constant, and the remainder."""
    return np.floor_divide(a, b), np.remainder(a, b)
