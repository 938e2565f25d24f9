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
from tinygrad_edu.program.compiling.draws import DRAW, FILLING, draw_into
from tinygrad_edu.program.compiling.instructions import (
    Call,
    Local,
    Operand,
    Several,
    View,
    sample,
)
from tinygrad_edu.program.compiling.kernels import AddRows, LogSoftmax, fetch_rows
from tinygrad_edu.program.compiling.lower import Lowering
from tinygrad_edu.program.compiling.placeholder import SQUARES
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
from tinygrad_edu.program.picking import PICK, PUT_BACK
from tinygrad_edu.program.program import Assignment, Constant
from tinygrad_edu.several import PART

GETITEM = OPS[operator.getitem]
MEAN, MAX, MIN = OPS[np.mean], OPS[np.max], OPS[np.min]


def sigmoid(here: Lowering, line: Assignment) -> Operand | None:
    """``1 / (1 + exp(-x))``."""
    x = here.operand(line.operands[0])
    if x.dtype != line.dtype:
        return None
    one, y = here.fixed(np.ones((), line.dtype), "one", True), here.buffer(line, x)
    here.quiet = True
    here.ufunc(np.negative, x, out=y)
    here.ufunc(np.exp, y, out=y, update=True)
    here.ufunc(np.add, y, one, out=y, update=True)
    return here.ufunc(np.reciprocal, y, out=y, update=True)  # type: ignore[no-any-return]


WIDE = 256  # zeros that lie side by side, from which on NumPy's maximum is quick


def relu(here: Lowering, line: Assignment) -> Operand:
    """``max(x, 0)``, with zeros by the row: of a single one, NumPy is up to five times slower."""
    x = here.operand(line.operands[0])
    part, size = [slice(1)] * line.ndim, 1
    for axis in sorted(range(line.ndim), key=lambda axis: x.sample.strides[axis]):
        if size < WIDE:
            part[axis], size = slice(None), size * line.shape[axis]
    zeros = np.zeros_like(x.sample[tuple(part)], line.dtype, order="K", subok=False)
    key = zeros.shape, zeros.strides, line.dtype
    if key not in here.zeros:
        here.zeros[key] = here.fixed(zeros, "zeros", constant=True)
    return here.ufunc(np.maximum, x, here.zeros[key], out=here.buffer(line, x))  # type: ignore[no-any-return]


def log_softmax(here: Lowering, line: Assignment) -> Operand | None:
    """``x - log(sum(exp(x)))`` along the last axis, see ``kernels.py``."""
    x = here.operand(line.operands[0])
    if line.settings.get("axis", -1) not in (line.ndim - 1, -1) or 0 in (line.ndim, *line.shape):
        return None
    if not x.sample.flags.c_contiguous or x.dtype != line.dtype or line.dtype.kind != "f":
        return None
    here.quiet = True  # the smallest may be so far below the largest that it is -inf
    columns = line.shape[-1]
    kernel = LogSoftmax(line.op.forward, (x.sample.size // columns, columns), line.dtype)
    return here.call(kernel, x, out=here.buffer(line), name="log_softmax")  # type: ignore[no-any-return]


def picked(here: Lowering, line: Assignment) -> Operand:
    """``x[rows, labels]``, in brackets; or rows by their numbers."""
    reads = tuple(map(here.operand, line.operands))
    x, *rest = reads
    by_rows = line.settings["index"] == ([1],) and rest[0].dtype.kind in "iu" and rest[0].shape
    if by_rows and not here.unsure.intersection(line.operands):
        return here.call(fetch_rows, x, *rest, out=here.buffer(line))  # type: ignore[no-any-return]
    target = here.local(sample(line.shape, line.dtype), None)
    here.calls.append(Call(f"{{out}} = {{0}}[{bracketed(here, line)}]", reads, target))
    return target


def put_back(here: Lowering, line: Assignment) -> Operand | None:
    """Zeros, with numbers added to rows, or written at places that are surely all different."""
    x, *rest = map(here.operand, line.operands)
    if line.settings["index"] == ([1],) and 0 < len(rest[0].shape) < len(x.shape):
        kernel = AddRows((rest[0].sample.size, *line.shape[1:]), line.dtype)
        return here.call(kernel, x, *rest, out=here.buffer(line), name="add_rows")  # type: ignore[no-any-return]
    once = any(
        isinstance(x, Constant) and x.ndim == 1 and np.unique(x.value).size == x.value.size
        for x in line.operands[1:]
    )
    if not once or any(not isinstance(part, list) for part in line.settings["index"]):
        return None
    if any(x.shape != line.operands[1].shape for x in line.operands[1:]):
        return None
    reads, out = tuple(map(here.operand, line.operands)), here.buffer(line)
    here.calls.append(Call("{out}.fill(0)", (), out))
    text = f"{{out}}[{bracketed(here, line)}] = {{0}}"
    here.calls.append(Call(text, reads, out, update=True))
    return out


def bracketed(here: Lowering, line: Assignment) -> str:
    """Write a computed index."""
    parts = line.settings["index"]
    return ", ".join(f"{{{x[0]}}}" if isinstance(x, list) else here.setting(x) for x in parts)


def power(here: Lowering, line: Assignment) -> Operand | None:
    """``a ** b``; squares and roots by their own functions, as the operator does it."""
    a, b = line.operands
    if line.settings or not isinstance(line.dtype, np.dtype) or a.dtype is None:
        return None
    exponent = b.value if isinstance(b, Constant) and b.shape == () else None
    if a.dtype == line.dtype and line.dtype.kind in "fc" and exponent in (2, 0.5, -1):
        x = here.operand(a)
        return here.ufunc(SQUARES[float(exponent)], x, out=here.buffer(line, x))  # type: ignore[no-any-return]
    operands = [here.operand(x, line) for x in (a, b)]
    return here.ufunc(np.power, *operands, out=here.buffer(line, *operands))  # type: ignore[no-any-return]


def product(here: Lowering, line: Assignment, a: Operand, b: Operand) -> Operand | None:
    """``a @ b``."""
    if not (a.dtype == b.dtype == line.dtype) or line.dtype.kind not in "fc":
        return None
    matrices = len(a.shape) == len(b.shape) == 2
    function: Any = np.ndarray.dot if matrices else np.matmul  # as np.dot, 0.15 µs sooner
    out = here.buffer(line) if matrices else here.buffer_like(stacked(a, b), line.dtype)
    return here.call(function, a, b, out=out)  # type: ignore[no-any-return]


def stacked(a: Operand, b: Operand) -> Any:
    """Lay out a product of stacks of matrices as NumPy does, without computing it."""
    x, y = a.sample[..., :0], b.sample[..., :0, :] if len(b.shape) > 1 else b.sample[:0]
    return np.asarray(np.matmul(x, y))


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
        rest = f"{here.setting(axis)}, None, "
        usual = function.reduce(np.zeros_like(x.sample), axis, keepdims=keepdims)
        out = here.buffer_like(np.asarray(usual), line.dtype)
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
    count = here.fixed(np.array(size / results, line.dtype), "count", True)
    return here.ufunc(np.true_divide, out, count, out=out, update=True)  # type: ignore[no-any-return]


def choice(here: Lowering, line: Assignment) -> Operand | None:
    """``np.where(condition, a, b)``."""
    condition, a, b = (here.operand(x, line) for x in line.operands)
    if condition.dtype != bool or any(not np.can_cast(x.dtype, line.dtype, "safe") for x in (a, b)):
        return None
    out, f = here.buffer(line, condition, a, b), here.function(np.copyto, "copyto")
    here.calls.append(Call(f"{f}({{out}}, {{0}})", (b,), out))
    here.calls.append(Call(f"{f}({{out}}, {{1}}, 'safe', {{0}})", (condition, a), out, update=True))
    return out


def conversion(here: Lowering, line: Assignment) -> Operand | None:
    """``x.astype(dtype)``, with the axes in the order of ``x``; or a copy, in C's."""
    x, f = here.operand(line.operands[0]), here.function(np.copyto, "copyto")
    out = here.buffer(line) if line.op is COPY else here.buffer(line, x)
    here.calls.append(Call(f"{f}({{out}}, {{0}}, 'unsafe')", (x,), out))
    return out


def reshaped(here: Lowering, line: Assignment) -> Operand | None:
    """A view where there is one."""
    shape = line.shape
    return here.view(line, lambda x: x.reshape(shape), f"{{0}}.reshape({shape})")


def transposed(here: Lowering, line: Assignment) -> Operand | None:
    """A view."""
    axes = line.settings.get("axes")
    return here.view(
        line, lambda x: np.transpose(x, axes), f"{{0}}.transpose({here.setting(axes)})"
    )


def adjoint(here: Lowering, line: Assignment) -> Operand | None:
    """A view."""
    return here.view(line, lambda x: x.mT, "{0}.mT")


def broadcast(here: Lowering, line: Assignment) -> Operand | None:
    """A view."""
    shape = line.shape
    f = here.function(np.broadcast_to, "broadcast_to")
    return here.view(line, lambda x: np.broadcast_to(x, shape), f"{f}({{0}}, {shape})")


def drawn(here: Lowering, line: Assignment) -> Operand | None:
    """Random numbers, if they can be drawn into memory."""
    asked = line.settings
    plain = len(asked["args"]) <= 1 and asked["settings"].keys() <= {"size", "dtype"}
    if asked["method"] not in FILLING or not plain or not line.shape:
        return None
    out = here.buffer(line)
    f = here.function(draw_into, "draw_into")
    how = [f"{key}={here.setting(asked[key])}" for key in ("method", "generator")]
    here.calls.append(Call(f"{f}({{out}}, {', '.join(how)})", (), out))
    return out


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
    if isinstance(whole, Several):
        found: Operand = whole.parts[line.settings["position"]]
        return found
    target = here.local(whole.sample[line.settings["position"]], None, [whole])
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
    PICK: picked,
    PUT_BACK: put_back,
    REGISTRY["log_softmax"]: log_softmax,
    PART: part,
    DRAW: drawn,
}
