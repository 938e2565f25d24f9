"""Less common functions of two operands: clipping, distances, angles, binades, logs of sums.

Like those of ``arithmetic.py``, they broadcast. An argument on which the result depends in jumps
only, such as the sign that ``copysign`` copies, has no rule: its derivative is 0 where it has one.
"""

from __future__ import annotations

from math import log as ln
from typing import Any

import numpy as np

from tinygrad_edu.cases import Case, Kink, case
from tinygrad_edu.dispatch import implements
from tinygrad_edu.op import differentiable
from tinygrad_edu.ops.activation import sigmoid
from tinygrad_edu.ops.arithmetic import HINT, binary

TIE = Kink(at=(0.0, 0.0), gradients=(0.5, 0.5))
NO_NUMBER = Kink(at=(np.nan, np.nan), gradients=(0.5, 0.5))
ORIGIN = (Kink(at=(0.0, 0.0), gradients=(0.0, 0.0)),)
LOGS_OF_SUMS = (  # whatever the base
    Kink(at=(-np.inf, -np.inf), gradients=(0.0, 0.0)),
    Kink(at=(np.inf, np.inf), gradients=(0.5, 0.5)),
    Kink(at=(np.inf, 1.0), gradients=(1.0, 0.0)),
    Kink(at=(-np.inf, 1.0), gradients=(0.0, 1.0)),
    Kink(at=(1.0, 1.0), gradients=(0.5, 0.5)),
    Kink(at=(-1.0, -1.0), gradients=(0.5, 0.5)),
)


# --------------------------------------------------------------- the larger number, clipping
def to_the_number(dy: Any, a: Any, b: Any, larger: Any) -> Any:
    """What reaches ``a`` of fmax(a, b): as of max, but a number is preferred to NaN."""
    share = np.where(larger, 1, np.where(a == b, 0.5, 0))
    return dy * np.where(np.isnan(b), np.where(np.isnan(a), 0.5, 1), share)


fmax = binary(
    np.fmax,
    a=lambda dy, y, a, b: to_the_number(dy, a, b, a > b),
    b=lambda dy, y, a, b: to_the_number(dy, b, a, b > a),
    kinks=[TIE, NO_NUMBER, Kink(at=(np.nan, 1.0), gradients=(0.0, 1.0))],
)

fmin = binary(
    np.fmin,
    a=lambda dy, y, a, b: to_the_number(dy, a, b, a < b),
    b=lambda dy, y, a, b: to_the_number(dy, b, a, b < a),
    kinks=[TIE, NO_NUMBER, Kink(at=(np.nan, 1.0), gradients=(0.0, 1.0))],
)


def within(x: Any, low: Any, high: Any) -> Any:
    """Tell where ``x`` lies between the bounds that there are, which count as inside."""
    if low is None:
        return x <= high
    return x >= low if high is None else (x >= low) & (x <= high)


def clip_low(dy: Any, y: Any, x: Any, low: Any, high: Any) -> Any:
    """All where ``x`` is below; where the bounds contradict each other, the upper one wins."""
    return dy * ((x < low) if high is None else (x < low) & (low <= high))


def clip_high(dy: Any, y: Any, x: Any, low: Any, high: Any) -> Any:
    """All where ``x``, or the lower bound, is above."""
    return dy * ((x > high) if low is None else (x > high) | (low > high))


@differentiable(
    x=lambda dy, y, x, low, high: dy * within(x, low, high),
    low=clip_low,
    high=clip_high,
    cases=[case(x, low, high) for x, low, high in (
        ((), -0.7, 0.6), ((3,), -0.7, 0.6), ((2, 3), [-0.7, -1.1, 0.2], 0.6),
        ((2, 3), [[-0.7], [0.1]], [0.6, 1.1, 0.2]), ((0, 3), -0.7, 0.6),
        ([-1.5, 0.0, 1.5], [-1.0], [1.0]), ([0.5, 3.0, -3.0], 2.0, 1.0),
    )],
    hint=HINT,
    kinks=[Kink(at=(0.0, 0.0, 1.0), gradients=(1.0, 0.0, 0.0)),
           Kink(at=(1.0, 0.0, 1.0), gradients=(1.0, 0.0, 0.0)),
           Kink(at=(-1.0, 0.0, 0.0), gradients=(0.0, 1.0, 0.0)),
           Kink(at=(1.0, 0.0, 0.0), gradients=(0.0, 0.0, 1.0))],
)  # fmt: skip
def clip(x: Any, low: Any = None, high: Any = None) -> Any:
    """``x``, not below ``low`` and not above ``high``; at a bound, ``x`` has all the gradient."""
    return np.clip(x, low, high)


@implements(np.clip)
def numpy_clip(
    a: Any,
    a_min: Any = None,
    a_max: Any = None,
    out: Any = None,
    *,
    min: Any = None,
    max: Any = None,
) -> Any:
    """``np.clip``, whose bounds are also called ``min`` and ``max``."""
    if out is not None:
        raise TypeError("np.clip cannot write into out= when it is given a Tensor")
    if (a_min is not None and min is not None) or (a_max is not None and max is not None):
        raise ValueError("np.clip takes a bound as a_min or as min, a_max or max, not as both")
    low, high = a_min if min is None else min, a_max if max is None else max
    return np.positive(a) if low is None and high is None else clip(a, low, high)


# ------------------------------------------------------------------- lengths, angles, binades
def hypot_part(dy: Any, y: Any, a: Any) -> Any:
    """Component over length, and 0 at the origin; dividing first, nothing overflows."""
    return dy * (a / np.where(y == 0, 1, y))


hypot = binary(
    np.hypot,
    a=lambda dy, y, a, b: hypot_part(dy, y, a),
    b=lambda dy, y, a, b: hypot_part(dy, y, b),
    kinks=ORIGIN,
)


def turn(dy: Any, a: Any, b: Any, across: Any) -> Any:
    """How the angle of the point (b, a) turns: the coordinate across over the distance squared."""
    r = np.hypot(a, b)
    r = np.where(r == 0, 1, r)
    return dy * (across / r / r)


arctan2 = binary(
    np.arctan2,
    a=lambda dy, y, a, b: turn(dy, a, b, b),
    b=lambda dy, y, a, b: turn(dy, a, b, -a),
    kinks=ORIGIN,
)


def stepwise(ufunc: Any, a: Any, b: Any, cases: list[Case], **options: Any) -> Any:
    """Make an op of a ufunc that has no derivative with respect to one of its operands."""
    return implements(ufunc)(differentiable(a=a, b=b, cases=cases, hint=HINT, **options)(ufunc))


WHOLE = [case(a, b) for a, b in (
    ((), [1]), ((3,), [-1, 0, 2]), ((2, 3), 3), ((2, 1), [-1, 0, 2]), ((0, 3), 1),
    ((2,), [[1], [2]]), ((1, 3), -2),
)]  # fmt: skip
SIGNS = [case(a, [np.int8(b)]) for a, b in (
    ((), 1), ((), -1), ((3,), 1), ((3,), -1), ((2, 3), -1), ((2, 1), 1), ((0, 3), 1),
)]  # fmt: skip
STEPS = [case([np.int8(a)], b) for a, b in (
    (0, ()), (0, (3,)), (0, (2, 3)), (0, (0, 3)), (1, (2,)), (-1, (2,)), (0, (2, 1)),
)]  # fmt: skip

AT_ZERO = (Kink(at=(0.0, 1.0), gradients=(0.0, None)),)

ldexp = stepwise(np.ldexp, a=lambda dy, y, a, b: np.ldexp(dy, b), b=None, cases=WHOLE)
copysign = stepwise(
    np.copysign,
    a=lambda dy, y, a, b: np.where(np.signbit(b), -dy, dy) * np.sign(a),
    b=None,
    cases=SIGNS,
    kinks=AT_ZERO,
)
nextafter = stepwise(np.nextafter, a=lambda dy, y, a, b: dy, b=None, cases=SIGNS)
heaviside = stepwise(
    np.heaviside,
    a=None,
    b=lambda dy, y, a, b: np.where(a == 0, dy, 0),
    cases=STEPS,
)


# ------------------------------------------------------------------------ sums of exponentials
def share(a: Any, b: Any) -> Any:
    """exp(a) / (exp(a) + exp(b)), without the exponentials; 0 if ``a`` is minus infinity."""
    same = np.isinf(a) & (a == b)
    return sigmoid(np.where(same & (a > 0), 0, a) - np.where(same, 0, b))


logaddexp = binary(
    np.logaddexp,
    a=lambda dy, y, a, b: dy * share(a, b),
    b=lambda dy, y, a, b: dy * share(b, a),
    kinks=LOGS_OF_SUMS,
)

logaddexp2 = binary(
    np.logaddexp2,
    a=lambda dy, y, a, b: dy * share(a * ln(2), b * ln(2)),
    b=lambda dy, y, a, b: dy * share(b * ln(2), a * ln(2)),
    kinks=LOGS_OF_SUMS,
)
