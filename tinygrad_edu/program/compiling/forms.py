"""How the calls of ops are written that NumPy can compute into memory that is there already.

A rule adds the calls for a line, and returns where the result is; or ``None``, if the line is of
another kind than it is for.

Read next: ``buffers.py``, which decides whose memory is whose.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from tinygrad_edu.dispatch import OPS
from tinygrad_edu.op import REGISTRY
from tinygrad_edu.program.compiling.instructions import Call, Local, Operand, View, sample
from tinygrad_edu.program.compiling.lower import Lowering
from tinygrad_edu.program.literals import literal
from tinygrad_edu.program.passes.rewrite import (
    ADJOIN,
    ASTYPE,
    BROADCAST,
    COPY,
    MATMUL,
    POWER,
    RESHAPE,
    SUM,
    TRANSPOSE,
    WHERE,
)
from tinygrad_edu.program.program import Assignment, Constant
from tinygrad_edu.several import PART

GETITEM = OPS[operator.getitem]
MEAN, MAX, MIN = OPS[np.mean], OPS[np.max], OPS[np.min]
SQUARE = {2: np.square, 0.5: np.sqrt, -1: np.reciprocal}


def sigmoid(here: Lowering, line: Assignment) -> Operand | None:
    """``1 / (1 + exp(-x))``."""
    x = here.operand(line.operands[0])
    if x.dtype != line.dtype:
        return None
    one, y = here.fixed(np.ones((), line.dtype), "one"), here.buffer(line)
    here.quiet = True
    here.ufunc(np.negative, x, out=y)
    here.ufunc(np.exp, y, out=y, update=True)
    here.ufunc(np.add, y, one, out=y, update=True)
    return here.ufunc(np.reciprocal, y, out=y, update=True)  # type: ignore[no-any-return]


def relu(here: Lowering, line: Assignment) -> Operand:
    """``max(x, 0)``."""
    zero = here.fixed(np.zeros((), line.dtype), "zero")
    return here.ufunc(  # type: ignore[no-any-return]
        np.maximum, here.operand(line.operands[0]), zero, out=here.buffer(line)
    )


def power(here: Lowering, line: Assignment) -> Operand | None:
    """``a ** b``; squares and roots by their own functions, as the operator does it."""
    a, b = line.operands
    if line.settings or not isinstance(line.dtype, np.dtype) or a.dtype is None:
        return None
    exponent = b.value if isinstance(b, Constant) and b.shape == () else None
    if a.dtype == line.dtype and line.dtype.kind in "fc" and exponent in (2, 0.5, -1):
        function = SQUARE[float(exponent)] if exponent == 0.5 else SQUARE[int(exponent)]
        return here.ufunc(function, here.operand(a), out=here.buffer(line))  # type: ignore[no-any-return]
    operands = [here.operand(x, line) for x in (a, b)]
    return here.ufunc(np.power, *operands, out=here.buffer(line))  # type: ignore[no-any-return]


def product(here: Lowering, line: Assignment, a: Operand, b: Operand) -> Operand | None:
    """``a @ b``."""
    if not (a.dtype == b.dtype == line.dtype) or line.dtype.kind not in "fc":
        return None
    if len(a.shape) == len(b.shape) == 2 and a.shape[1] == 1:  # every sum is of one product
        return here.ufunc(np.multiply, a, b, out=here.buffer(line))  # type: ignore[no-any-return]
    matrices = len(a.shape) == len(b.shape) == 2
    function = np.dot if matrices else np.matmul
    return here.call(function, a, b, out=here.buffer(line))  # type: ignore[no-any-return]


def matmul(here: Lowering, line: Assignment) -> Operand | None:
    """``a @ b``."""
    return product(here, line, *(here.operand(x) for x in line.operands))


def linear(here: Lowering, line: Assignment) -> Operand | None:
    """``x @ weight.T + bias``."""
    x, weight, *rest = line.operands
    if x.ndim != 2:
        return None
    base = here.operand(weight)
    if isinstance(base, Local):
        return None
    transposed = View(here.names.take(None, "v"), base.sample.T, base=base, of=np.transpose)
    y = product(here, line, here.operand(x), transposed)
    bias = rest[0] if rest else None
    if y is None or bias is None or (isinstance(bias, Constant) and bias.value is None):
        return y
    if bias.dtype != line.dtype:
        return None
    return here.ufunc(np.add, y, here.operand(bias), out=y, update=True)  # type: ignore[no-any-return]


def reduction(function: Any) -> Callable[[Lowering, Assignment], Operand | None]:
    """Make the rule for a sum, or the largest, over some axes."""

    def rule(here: Lowering, line: Assignment) -> Operand | None:
        x = here.operand(line.operands[0])
        if set(line.settings) - {"axis", "keepdims"} or not line.operands[0].shape:
            return None
        axis, keepdims = line.settings.get("axis"), bool(line.settings.get("keepdims", False))
        axis = tuple(axis) if isinstance(axis, list) else axis
        rest = f"{literal(axis)}, None, "
        out = here.buffer(line)
        f = here.function(function.reduce, f"{function.__name__}_reduce")
        text = f"{f}({{0}}, {rest}{{out}}{', True' if keepdims else ''})"
        here.calls.append(Call(text, (x,), out))
        return out

    return rule


def mean(here: Lowering, line: Assignment) -> Operand | None:
    """The sum, divided by the number of terms."""
    x = line.operands[0]
    if x.dtype != line.dtype or line.dtype.kind not in "fc" or line.dtype.itemsize < 4:
        return None
    size, results = np.prod(x.shape, dtype=int), np.prod(line.shape, dtype=int)
    out = reduction(np.add)(here, line) if results and size else None
    if out is None:
        return None
    count = here.fixed(np.array(size / results, line.dtype), "count")
    return here.ufunc(np.true_divide, out, count, out=out, update=True)  # type: ignore[no-any-return]


def choice(here: Lowering, line: Assignment) -> Operand | None:
    """``np.where(condition, a, b)``."""
    condition, a, b = (here.operand(x, line) for x in line.operands)
    if condition.dtype != bool or any(not np.can_cast(x.dtype, line.dtype, "safe") for x in (a, b)):
        return None
    out, f = here.buffer(line), here.function(np.copyto, "copyto")
    here.calls.append(Call(f"{f}({{out}}, {{0}})", (b,), out))
    here.calls.append(Call(f"{f}({{out}}, {{1}}, 'safe', {{0}})", (condition, a), out, update=True))
    return out


def conversion(here: Lowering, line: Assignment) -> Operand | None:
    """``x.astype(dtype)``."""
    out, f = here.buffer(line), here.function(np.copyto, "copyto")
    here.calls.append(
        Call(f"{f}({{out}}, {{0}}, 'unsafe')", (here.operand(line.operands[0]),), out)
    )
    return out


def reshaped(here: Lowering, line: Assignment) -> Operand | None:
    """A view where there is one."""
    shape = line.shape
    return here.view(line, lambda x: x.reshape(shape), f"{{0}}.reshape({shape})")


def transposed(here: Lowering, line: Assignment) -> Operand | None:
    """A view."""
    axes = line.settings.get("axes")
    return here.view(line, lambda x: np.transpose(x, axes), f"{{0}}.transpose({literal(axes)})")


def adjoint(here: Lowering, line: Assignment) -> Operand | None:
    """A view."""
    return here.view(line, lambda x: x.mT, "{0}.mT")


def broadcast(here: Lowering, line: Assignment) -> Operand | None:
    """A view."""
    shape = line.shape
    f = here.function(np.broadcast_to, "broadcast_to")
    return here.view(line, lambda x: np.broadcast_to(x, shape), f"{f}({{0}}, {shape})")


def element(here: Lowering, line: Assignment) -> Operand | None:
    """A view, if the index is made of numbers and slices."""
    index = line.settings["index"]
    parts = index if isinstance(index, tuple) else (index,)
    if any(isinstance(part, (np.ndarray, list, bool)) for part in parts) or not line.shape:
        return None
    return here.view(line, lambda x: x[index], f"{{0}}[{here.setting(index)}]")


def part(here: Lowering, line: Assignment) -> Operand:
    """One output of several."""
    whole = here.places[line.operands[0]]
    target = here.local(sample(line.shape, line.dtype), None, [whole])
    f = here.function(np.asarray, "asarray")
    text = f"{{out}} = {f}({{0}}[{line.settings['position']}])"
    here.calls.append(Call(text, (whole,), target))
    return target


RULES: dict[Any, Callable[[Lowering, Assignment], Operand | None]] = {
    REGISTRY["sigmoid"]: sigmoid,
    REGISTRY["relu"]: relu,
    REGISTRY["linear"]: linear,
    POWER: power,
    MATMUL: matmul,
    SUM: reduction(np.add),
    MAX: reduction(np.maximum),
    MIN: reduction(np.minimum),
    MEAN: mean,
    WHERE: choice,
    ASTYPE: conversion,
    COPY: conversion,
    RESHAPE: reshaped,
    TRANSPOSE: transposed,
    ADJOIN: adjoint,
    BROADCAST: broadcast,
    GETITEM: element,
    PART: part,
}
