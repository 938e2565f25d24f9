"""Taking things apart and putting them into another shape, in as few words as there are for it.

All of this leaves every bit as it was; what a machine would not mind is put in words for readers.
"""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from tinygrad_edu.dispatch import OPS
from tinygrad_edu.op import Op
from tinygrad_edu.ops.index import put
from tinygrad_edu.ops.unstack import unstack
from tinygrad_edu.program.passes.rewrite import (
    RESHAPE,
    SUM,
    Rewriting,
    is_call,
    operand,
    rewrite,
)
from tinygrad_edu.program.plain import Hole, PlainOp
from tinygrad_edu.program.program import Assignment, Program, Value
from tinygrad_edu.several import PART

GETITEM = OPS[operator.getitem]
PUT: Op = put.op  # type: ignore[attr-defined]  # put there by the decorator
UNSTACK: Op = unstack.op  # type: ignore[attr-defined]  # put there by the decorator


def index_parts(program: Program) -> Program:
    """Write the parts of what is split along an axis as ``x[0]``, ``x[:, 2:4]``."""
    return rewrite(program, indexed)


def indexed(line: Assignment, here: Rewriting) -> Value | None:
    """Return the part as an index of the whole."""
    whole = line.operands[0] if line.op is PART else None
    if not isinstance(whole, Assignment) or not whole.operands:
        return None
    position, x = line.settings["position"], whole.operands[0]
    if whole.op is UNSTACK:
        index = along(whole.settings["axis"], position, x.ndim)
    elif isinstance(whole.op, PlainOp) and whole.op.function is np.split:
        args, keywords = whole.settings["args"], whole.settings["keywords"]
        if len(args) != 2 or args[0] != Hole(0) or not isinstance(args[1], list):
            return None
        bounds = [None, *args[1], None]
        piece = slice(bounds[position], bounds[position + 1])
        index = along(keywords.get("axis", 0), piece, x.ndim)
    else:
        return None
    return here.emit(GETITEM, (x,), line.shape, line.dtype, {"index": index}, line)


def along(axis: int, index: Any, ndim: int) -> Any:
    """Return an index along one axis."""
    before = (slice(None),) * (axis % ndim)
    return (*before, index) if before else index


def join_reshapes(program: Program) -> Program:
    """Write two changes of shape as one, and none behind a sum that need not keep its axes."""
    return rewrite(program, reshaped_once)


def reshaped_once(line: Assignment, here: Rewriting) -> Value | None:
    """Return what a change of shape makes of the operand of the one before it."""
    if line.op is PUT and takes_all(line.settings["index"]):
        settings = {"shape": line.shape}
        return here.emit(RESHAPE, line.operands, line.shape, line.dtype, settings, line)
    if line.op is not RESHAPE:
        return None
    x = line.operands[0]
    if is_call(x, RESHAPE):
        settings = {"shape": line.shape}
        return here.emit(RESHAPE, (operand(x),), line.shape, line.dtype, settings, line)
    if not is_call(x, SUM) or not isinstance(x, Assignment) or not x.settings.get("keepdims"):
        return None
    axis, ndim = x.settings.get("axis"), x.ndim
    axes = {int(a) % ndim for a in (range(ndim) if axis is None else np.atleast_1d(axis))}
    if tuple(n for i, n in enumerate(x.shape) if i not in axes) != line.shape:
        return None
    if x.chosen or here.used(x) > 1:
        return None
    settings = {key: value for key, value in x.settings.items() if key != "keepdims"}
    return here.emit(SUM, x.operands, line.shape, line.dtype, settings, line)


def takes_all(index: Any) -> bool:
    """Tell whether an index takes all elements, and only adds axes."""
    parts = index if isinstance(index, tuple) else (index,)
    return all(
        part is None or part is ... or (isinstance(part, slice) and part == slice(None))
        for part in parts
    )
