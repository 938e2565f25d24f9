"""Functions of one operand, element by element: the table of derivatives."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.dispatch import implements
from tinygrad_edu.op import Case, Kink, case, differentiable

SHAPES = ((), (1,), (3,), (2, 3), (1, 3), (2, 1, 3), (0, 3))


def elements(low: float = -2, high: float = 2) -> list[Case]:
    """Make sample calls of an elementwise function of one operand."""
    return [case(x, low=low, high=high) for x in SHAPES]


def unary(ufunc: Any, low: float = -2, high: float = 2, **options: Any) -> Any:
    """Make one of NumPy's elementwise functions of one operand an op."""
    return implements(ufunc)(differentiable(cases=elements(low, high), **options)(ufunc))


negative = unary(np.negative, symbol="-", x=lambda dy, y, x: -dy)
exp = unary(np.exp, x=lambda dy, y, x: dy * y)
log = unary(np.log, x=lambda dy, y, x: dy / x, low=0.1)
sqrt = unary(np.sqrt, x=lambda dy, y, x: dy / (2 * y), low=0.1)
tanh = unary(np.tanh, x=lambda dy, y, x: dy * (1 - y * y))
absolute = unary(
    np.absolute,
    x=lambda dy, y, x: dy * np.sign(x),
    kinks=[Kink(at=(0.0,), gradients=(0.0,))],
)
