"""Common subexpressions: what is computed twice is computed once."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.program.passes.rewrite import ADD, MULTIPLY, Rewriting, rewrite
from tinygrad_edu.program.program import Assignment, Constant, Program, Value


def join_duplicates(program: Program) -> Program:
    """Let the first of several equal calls stand for all of them.

    ``a * b`` and ``b * a`` of real numbers are equal, to the last bit. Of complex ones they need
    not be, as a fused multiply-add rounds one of the two products only.
    """
    first: dict[Any, Assignment] = {}

    def rule(line: Assignment, _: Rewriting) -> Value | None:
        operands = [value_key(each) for each in line.operands]
        if line.op in (ADD, MULTIPLY) and line.dtype.kind != "c":
            operands.sort()
        key = (id(line.op), tuple(operands), setting_key(line.settings), str(line.dtype))
        earlier = first.setdefault(key, line)
        if earlier is line or (line.chosen and earlier.chosen and line.name != earlier.name):
            return None
        return earlier if not line.chosen or earlier.chosen else None

    return rewrite(program, rule)


def value_key(value: Value) -> tuple[str, str]:
    """Return what is equal for equal operands."""
    if isinstance(value, Constant):
        return "constant", repr(setting_key(value.value))
    return "value", str(id(value))


def setting_key(value: Any) -> Any:
    """Return what is equal for equal settings, and can be looked up."""
    if isinstance(value, (np.ndarray, np.generic)):
        array = np.asarray(value)
        return "array", array.dtype.str, array.shape, array.tobytes()
    if isinstance(value, (tuple, list)):
        return type(value).__name__, *map(setting_key, value)
    if isinstance(value, dict):
        return "dict", *((key, setting_key(each)) for key, each in value.items())
    if isinstance(value, slice):
        return "slice", *map(setting_key, (value.start, value.stop, value.step))
    if value is None or isinstance(value, (bool, int, float, complex, str, np.dtype)):
        return type(value).__name__, repr(value)
    return "object", id(value)
