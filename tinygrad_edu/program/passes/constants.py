"""Arithmetic that can be done beforehand: with constants, and with arrays that are all one number.

A constant that was broadcast goes into elementwise arithmetic as it is. All of this leaves every
bit as it was: two factors become one only if one of them is a power of 2.
"""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from tinygrad_edu.dispatch import OPS
from tinygrad_edu.program.passes.rewrite import (
    ADD,
    ADJOIN,
    BROADCAST,
    COPY,
    MULTIPLY,
    RESHAPE,
    SUM,
    TRANSPOSE,
    Rewriting,
    is_call,
    is_elementwise,
    number,
    operand,
    rewrite,
    uniform,
)
from tinygrad_edu.program.plain import OF_ONE_NUMBER
from tinygrad_edu.program.program import (
    Assignment,
    Constant,
    Program,
    Value,
    as_recorded,
    constant,
)

TWO = constant(2.0)
LARGEST = 16  # elements of a constant that the program itself holds
REARRANGING = (ADJOIN, BROADCAST, COPY, RESHAPE, TRANSPOSE, OPS[operator.getitem])


def fold_constants(program: Program) -> Program:
    """Compute what depends on constants only."""
    return rewrite(program, folded)


def folded(line: Assignment, here: Rewriting) -> Value | None:
    """Return the constant that the line computes."""
    if isinstance(line.shape, tuple) and line.shape and isinstance(line.shape[0], tuple):
        return None  # it has several outputs
    x = line.operands[0] if line.operands else None
    if getattr(line.op, "function", None) in OF_ONE_NUMBER and len(line.operands) == 1:
        array = np.broadcast_to(np.zeros((), x.dtype), x.shape) if x is not None else None
        y = line.op.forward(array, **line.settings)
        return filled(y.flat[0], line, here) if y.size else None
    if x is None or not all(uniform(each) is not None for each in line.operands):
        return folded_array(line)
    if line.op is BROADCAST and isinstance(x, Constant) and not x.shape and x.dtype is not None:
        return None  # this is how an array of one number is written
    if line.op in REARRANGING:
        return filled(uniform(x), line, here)
    if is_elementwise(line.op):
        scalars = [single(each) for each in line.operands]
        with np.errstate(all="ignore"):
            return filled(line.op.forward(*scalars, **line.settings), line, here)
    if line.op is SUM and x.shape is not None and x.dtype is not None:
        array = np.full(x.shape, uniform(x), x.dtype)
        y = np.asarray(SUM.forward(array, **line.settings))
        return filled(y.flat[0], line, here) if y.size and (y == y.flat[0]).all() else None
    return None


def folded_array(line: Assignment) -> Value | None:
    """Return the small array that a line computes from constants."""
    if not line.operands or not all(isinstance(each, Constant) for each in line.operands):
        return None
    if np.prod(line.shape, dtype=int) > LARGEST or (line.settings and line.op is not SUM):
        return None
    given: list[Any] = [each.value for each in line.operands if isinstance(each, Constant)]
    if any(x is None for x in given):
        return None
    with np.errstate(all="ignore"):
        return constant(as_recorded(line.op.forward(*given, **line.settings)))


def single(value: Value) -> Any:
    """Return the number that a uniform value consists of, weak if the value is."""
    x = uniform(value)
    return x if value.dtype is None else np.asarray(x, value.dtype)


def filled(x: Any, line: Assignment, here: Rewriting) -> Value | None:
    """Return an array of the line's shape that is one number all over."""
    if np.prod(line.shape, dtype=int) == 0:
        return None
    one = number(x, line.dtype)
    if line.shape == ():
        return one
    return here.emit(BROADCAST, (one,), line.shape, line.dtype, {"shape": line.shape}, line)


def drop_broadcasts(program: Program) -> Program:
    """Leave broadcasting to the arithmetic that follows, where that does it anyway."""
    return rewrite(program, with_operands_as_they_are)


def with_operands_as_they_are(line: Assignment, here: Rewriting) -> Value | None:
    """Return the line with operands in the place of what they were broadcast to."""
    if not is_elementwise(line.op):
        return None
    operands = list(line.operands)
    for position, each in enumerate(operands):
        if is_call(each, BROADCAST):
            operands[position] = operand(each)
            if np.broadcast_shapes(*(x.shape for x in operands)) != line.shape:
                operands[position] = each
    if all(new is old for new, old in zip(operands, line.operands)):
        return None
    return here.emit(line.op, tuple(operands), line.shape, line.dtype, line.settings, line)


def numbers_for_arrays(program: Program) -> Program:
    """Write ``x * 0.5`` for ``x * np.full(x.shape, 0.5)``."""
    return rewrite(program, with_numbers)


def with_numbers(line: Assignment, here: Rewriting) -> Value | None:
    """Return the line with numbers in the place of constants that are one number all over."""
    if not is_elementwise(line.op):
        return None
    operands = list(line.operands)
    for position, each in enumerate(operands):
        if isinstance(each, Constant) and each.shape and uniform(each) is not None:
            operands[position] = number(uniform(each), each.dtype)
            if np.broadcast_shapes(*(x.shape for x in operands)) != line.shape:
                operands[position] = each
    if all(new is old for new, old in zip(operands, line.operands)):
        return None
    return here.emit(line.op, tuple(operands), line.shape, line.dtype, line.settings, line)


def join_factors(program: Program) -> Program:
    """Write ``0.25 * (2 * x)`` as ``0.5 * x``, where a factor is a power of 2, so it is exact."""
    return rewrite(program, with_one_factor)


def with_one_factor(line: Assignment, here: Rewriting) -> Value | None:
    """Return a product with one constant in place of two, or twice what is added to itself."""
    if line.op is ADD and line.operands[0] is line.operands[1] and line.dtype.kind == "f":
        return here.emit(MULTIPLY, (TWO, line.operands[0]), line.shape, line.dtype, like=line)
    outer = scaled(line)
    inner = scaled(outer[1]) if outer else None
    if not outer or not inner or inner[1].shape != line.shape or line.dtype.kind != "f":
        return None
    if inner[1].dtype != line.dtype:
        return None
    a, b = (line.dtype.type(each) for each in (outer[0], inner[0]))
    if not (is_power_of_2(a) or is_power_of_2(b)) or not np.isfinite(a * b):
        return None
    if abs(a * b) < np.finfo(line.dtype).tiny:
        return None
    factor = number(a * b, line.dtype)
    return here.emit(MULTIPLY, (factor, inner[1]), line.shape, line.dtype, like=line)


def scaled(value: Value) -> tuple[Any, Value] | None:
    """Take a product with a constant apart: the constant, and the rest."""
    if not is_call(value, MULTIPLY) or not isinstance(value, Assignment):
        return None
    a, b = value.operands
    for factor, rest in ((a, b), (b, a)):
        if isinstance(factor, Constant) and factor.shape == () and uniform(rest) is None:
            return factor.value, rest
    return None


def is_power_of_2(x: Any) -> bool:
    """Tell whether multiplying by it only changes the exponent."""
    return bool(np.isfinite(x) and abs(np.frexp(x)[0]) == 0.5)
