"""What changes nothing: times one, plus zero, twice the other way round."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.dispatch import OPS
from tinygrad_edu.program.passes.rewrite import (
    ADD,
    ADJOIN,
    ASTYPE,
    BROADCAST,
    COPY,
    DIVIDE,
    MULTIPLY,
    NEGATIVE,
    POSITIVE,
    POWER,
    RESHAPE,
    SUBTRACT,
    TRANSPOSE,
    Rewriting,
    is_call,
    number,
    operand,
    rewrite,
    same_kind,
    uniform,
)
from tinygrad_edu.program.program import Assignment, Constant, Program, Value

REAL = OPS[np.real]
KEEPING = (COPY, POSITIVE, ASTYPE, RESHAPE, BROADCAST, REAL)
UNITS: dict[Any, dict[int, int]] = {  # by op: at which operand which number changes nothing
    MULTIPLY: {0: 1, 1: 1},
    DIVIDE: {1: 1},
    POWER: {1: 1},
    ADD: {0: 0, 1: 0},
    SUBTRACT: {1: 0},
}


def drop_units(program: Program) -> Program:
    """Leave out copies, conversions to the same shape or dtype, ``x * 1`` and ``x + 0``."""
    return rewrite(program, without_unit)


def without_unit(line: Assignment, _: Rewriting) -> Value | None:
    """Return the operand that the line's result is equal to."""
    if line.op in KEEPING and same_kind(line.operands[0], line):
        return line.operands[0]
    if is_twice_the_same(line):
        return line.operands[0]
    for position, unit in UNITS.get(line.op, {}).items():
        others = [each for i, each in enumerate(line.operands) if i != position]
        if same_kind(others[0], line):
            x = uniform(line.operands[position])
            if x is not None and x == unit and not (x == 0 and np.signbit(np.real(x))):
                return others[0]
    return None


def is_twice_the_same(line: Assignment) -> bool:
    """Tell whether a line is ``x & x`` or ``x | x``."""
    function = getattr(line.op, "function", None)
    return (
        function in (np.bitwise_and, np.bitwise_or)
        and len(line.operands) == 2
        and line.operands[0] is line.operands[1]
    )


def untangle_signs(program: Program) -> Program:
    """Write ``--x`` as ``x``, ``a + -b`` as ``a - b``, ``-a * -b`` as ``a * b``."""
    return rewrite(program, with_fewer_signs)


def with_fewer_signs(line: Assignment, here: Rewriting) -> Value | None:
    """Return the line with signs taken out."""
    if line.op is NEGATIVE and is_call(line.operands[0], NEGATIVE):
        return operand(line.operands[0])
    if line.op not in (ADD, SUBTRACT, MULTIPLY, DIVIDE) or line.dtype.kind not in "fc":
        return None
    a, b = line.operands
    minus = is_call(a, NEGATIVE), is_call(b, NEGATIVE)
    if line.op in (MULTIPLY, DIVIDE) and all(minus):
        return here.emit(line.op, (operand(a), operand(b)), line.shape, line.dtype, like=line)
    if line.op in (ADD, SUBTRACT) and minus[1]:
        other = SUBTRACT if line.op is ADD else ADD
        return here.emit(other, (a, operand(b)), line.shape, line.dtype, like=line)
    if line.op is ADD and minus[0]:
        return here.emit(SUBTRACT, (b, operand(a)), line.shape, line.dtype, like=line)
    return None


def free_signs(program: Program) -> Program:
    """Write ``a + -b * c`` as ``a - b * c``, and ``-0.5 * a + b`` as ``b - 0.5 * a``."""
    return rewrite(program, with_sign_in_sum)


def with_sign_in_sum(line: Assignment, here: Rewriting) -> Value | None:
    """Return a sum of products whose signs are those of the sum."""
    if line.op is NEGATIVE and line.dtype.kind == "f":
        return without_sign(line.operands[0], here)
    if line.op not in (ADD, SUBTRACT) or line.dtype.kind != "f":
        return None
    a, b = line.operands
    positive = without_sign(b, here)
    if positive is not None:
        other = SUBTRACT if line.op is ADD else ADD
        return here.emit(other, (a, positive), line.shape, line.dtype, like=line)
    positive = without_sign(a, here) if line.op is ADD else None
    if positive is not None:
        return here.emit(SUBTRACT, (b, positive), line.shape, line.dtype, like=line)
    return None


def without_sign(value: Value, here: Rewriting) -> Value | None:
    """Return a negative number, or a product that is used once, without its minus."""
    if isinstance(value, Constant):
        is_number = value.shape == () and value.dtype is not None and value.dtype.kind == "f"
        return number(-value.value[()], value.dtype) if is_number and value.value < 0 else None
    if is_call(value, NEGATIVE):
        return operand(value)
    if not isinstance(value, Assignment) or value.op not in (MULTIPLY, DIVIDE):
        return None
    if value.chosen or here.used(value) > 1:
        return None
    for position, each in enumerate(value.operands):
        factor = without_sign(each, here)
        if factor is not None:
            operands = list(value.operands)
            operands[position] = factor
            return here.emit(value.op, tuple(operands), value.shape, value.dtype)
    return None


def untangle_transposes(program: Program) -> Program:
    """Write every transpose of a matrix in one way, and ``x.T.T`` as ``x``."""
    return rewrite(program, with_fewer_transposes)


def with_fewer_transposes(line: Assignment, here: Rewriting) -> Value | None:
    """Return the line without what a second transpose undoes."""
    x = line.operands[0] if line.operands else None
    if line.op is ADJOIN and x is not None and is_call(x, ADJOIN):
        return operand(x)
    if line.op is not TRANSPOSE or x is None:
        return None
    axes = line.settings.get("axes")
    axes = tuple(range(x.ndim))[::-1] if axes is None else tuple(a % x.ndim for a in axes)
    if axes == tuple(range(x.ndim)):
        return x
    if axes == (*range(x.ndim - 2), x.ndim - 1, x.ndim - 2):
        if is_call(x, ADJOIN):
            return operand(x)
        return here.emit(ADJOIN, (x,), line.shape, line.dtype, like=line)
    return None
