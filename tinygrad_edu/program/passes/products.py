"""Matrix products as one writes them: ``x @ W.T + b``, and ``b.T @ a.T`` for ``(a @ b).T``.

These passes, and the one that makes a product of a sum over equal terms, change the order in which
numbers are added up, and so the last bits; the program then says so (``Program.exact``).
"""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from tinygrad_edu.ops.linear import linear
from tinygrad_edu.program.passes.rewrite import (
    ADD,
    ADJOIN,
    BROADCAST,
    MATMUL,
    MULTIPLY,
    RESHAPE,
    SUM,
    Rewriting,
    is_call,
    operand,
    rewrite,
)
from tinygrad_edu.program.program import Assignment, Constant, Program, Value, constant

LINEAR: Any = linear.op  # type: ignore[attr-defined]  # put there by the decorator


def open_linear(program: Program) -> Program:
    """Write a layer's weighted sums as ``x @ weight.T + bias``."""
    return rewrite(program, opened)


def opened(line: Assignment, here: Rewriting) -> Value | None:
    """Return the sum of the product and the bias; of a stack of matrices, as rows of one."""
    if line.op is not LINEAR:
        return None
    x, weight, *rest = line.operands
    bias = next((each for each in rest if not is_nothing(each)), None)
    dtype = np.result_type(x.dtype, weight.dtype)
    turned = transposed(weight, here)
    shape = (prod(line.shape[:-1]), line.shape[-1])
    if x.ndim == 1:
        here.exact, shape = False, line.shape
    elif x.ndim > 2:  # NumPy would multiply one matrix after the other
        rows = (shape[0], x.shape[-1])
        x = here.emit(RESHAPE, (x,), rows, x.dtype, {"shape": rows})
    as_it_was = shape == line.shape
    y = here.emit(MATMUL, (x, turned), shape, dtype, like=line if as_it_was and not bias else None)
    if bias is not None:
        y = here.emit(ADD, (y, bias), shape, line.dtype, like=line if as_it_was else None)
    if as_it_was:
        return y
    return here.emit(RESHAPE, (y,), line.shape, line.dtype, {"shape": line.shape}, line)


def is_nothing(value: Value) -> bool:
    """Tell whether an operand was left out."""
    return isinstance(value, Constant) and value.value is None


def transposed(value: Value, here: Rewriting) -> Value:
    """Return a transpose, or what it is the transpose of."""
    if is_call(value, ADJOIN):
        return operand(value)
    shape = (*value.shape[:-2], value.shape[-1], value.shape[-2])
    return here.emit(ADJOIN, (value,), shape, value.dtype)


def push_transposes(program: Program) -> Program:
    """Write ``(a @ b).T`` as ``b.T @ a.T``."""
    return rewrite(program, pushed)


def pushed(line: Assignment, here: Rewriting) -> Value | None:
    """Return the product of the transposes."""
    if line.op is not ADJOIN or not is_call(line.operands[0], MATMUL):
        return None
    product = line.operands[0]
    assert isinstance(product, Assignment)  # noqa: S101  # it is a call
    a, b = product.operands
    if a.ndim < 2 or b.ndim < 2 or here.used(product) > 1 or product.chosen:
        return None
    here.exact = False
    factors = transposed(b, here), transposed(a, here)
    return here.emit(MATMUL, factors, line.shape, line.dtype, like=line)


def fold_broadcast_sums(program: Program) -> Program:
    """Write the sum over equal terms as a product with their number."""
    return rewrite(program, multiplied)


def multiplied(line: Assignment, here: Rewriting) -> Value | None:
    """Return a multiple of what was broadcast and then summed over just those axes."""
    if line.op is not SUM or not is_call(line.operands[0], BROADCAST):
        return None
    wide, x = line.operands[0], operand(line.operands[0])
    axis = line.settings.get("axis")
    axes = range(wide.ndim) if axis is None else np.atleast_1d(axis) % max(wide.ndim, 1)
    reduced = {int(each) for each in axes}
    padded = (1,) * (wide.ndim - x.ndim) + x.shape
    stretched = {i for i, n in enumerate(padded) if n == 1 != wide.shape[i]}
    if reduced != stretched or line.dtype != x.dtype:
        return None
    here.exact = False
    times = constant(float(prod(wide.shape[i] for i in reduced)))
    if x.shape == line.shape:
        return here.emit(MULTIPLY, (x, times), x.shape, x.dtype, like=line)
    y = here.emit(MULTIPLY, (x, times), x.shape, x.dtype)
    return here.emit(RESHAPE, (y,), line.shape, line.dtype, {"shape": line.shape}, line)
