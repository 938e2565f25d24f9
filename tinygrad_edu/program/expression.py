"""One value as a Python expression: operators, and calls of functions.

Read next: ``calls.py``, for the forms of calls, and ``numpy_text.py``, which puts the expressions
into lines.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import FunctionType
from typing import Any

import numpy as np

from tinygrad_edu.dispatch import name_of
from tinygrad_edu.op import Op
from tinygrad_edu.program.calls import (
    SPECIAL,
    defaults,
    direct_text,
    in_order,
    one_numpy_call,
    plain_text,
    required,
)
from tinygrad_edu.program.literals import literal, short_number
from tinygrad_edu.program.passes.rewrite import WHERE, is_elementwise
from tinygrad_edu.program.plain import PlainOp
from tinygrad_edu.program.program import Assignment, Constant, Value
from tinygrad_edu.program.source import Sources, numpy_path
from tinygrad_edu.program.text import ATOM, SIGN, Text, is_operator, operation, weak_text

COMPARISONS = frozenset({">", ">=", "<", "<=", "==", "!="})


class Expressions:
    """Writes values as expressions.

    Parameters
    ----------
    names : of the inputs and lines; a value that is not among them is written out.
    sources : where functions that NumPy does not have are collected.
    """

    def __init__(self, names: Mapping[Value, str], sources: Sources) -> None:
        self.names = names
        self.sources = sources
        self.texts: dict[Value, Text] = {}

    def text(self, value: Value) -> Text:
        """Write an operand: its name, or what it is computed by."""
        if value in self.names:
            return Text(self.names[value])
        if value not in self.texts:
            self.texts[value] = self.written(value)
        return self.texts[value]

    def written(self, value: Value) -> Text:
        """Write a value out."""
        if isinstance(value, Constant):
            return self.constant(value)
        if isinstance(value, Assignment):
            return self.call(value)
        raise ValueError(f"{value!r} has no name")

    def call(self, line: Assignment) -> Text:
        """Write the call of an op."""
        op = line.op
        operands = [self.operand(each, line) for each in line.operands]
        if op.symbol and is_operator(op.symbol, len(operands)) and not line.settings:
            return operation(op.symbol, operands)
        if isinstance(op, PlainOp):
            return plain_text(self.function_name(op), operands, line.settings, self.sources.hand_in)
        special = SPECIAL.get(op)
        if special is not None:
            return special(operands, line, self.sources.hand_in)
        if isinstance(op.forward, np.ufunc) and not line.settings:
            name = self.sources.ufunc(op.forward)
            return Text(f"{name}({', '.join(x.text for x in operands)})")
        direct = one_numpy_call(op)
        if direct is not None:
            settings = {key: self.literal(value) for key, value in line.settings.items()}
            return direct_text(direct, op, operands, settings)
        return self.named_call(op, operands, line.settings)

    def function_name(self, op: PlainOp) -> str:
        """Return what a function is called that is no op: one of NumPy's, or one of a rule's."""
        if isinstance(op.function, FunctionType) and not numpy_path(op.function):
            return self.sources.reference(op.function, op.function.__name__)
        return name_of(op.function)

    def named_call(self, op: Op, operands: list[Text], settings: dict[str, Any]) -> Text:
        """Write the call of a function whose source is printed above."""
        usual = defaults(op)
        parts = [x.text for x in operands]
        while parts and parts[-1] == "None" and len(parts) > required(op):
            parts.pop()
        for key in in_order(op, settings):
            text = self.literal(settings[key])
            if usual.get(key) != text:
                parts.append(f"{key}={text}")
        return Text(f"{self.sources.function(op)}({', '.join(parts)})")

    def operand(self, value: Value, line: Assignment) -> Text:
        """Write an operand; a number as in arithmetic by hand, where that keeps the dtype."""
        if not isinstance(value, Constant) or value.shape != ():
            return self.text(value)
        if value.dtype is None:
            return weak_text(value.value, with_point=needs_point(line))
        if keeps_dtype(value, line):
            return weak_text(short_number(value.value), value.dtype, needs_point(line))
        return self.text(value)

    def literal(self, value: Any) -> str:
        """Write a setting; a large array is handed in as a parameter."""
        return literal(value, self.sources.hand_in)

    def constant(self, value: Constant) -> Text:
        """Write a constant."""
        x = value.value
        if value.dtype is None:
            return weak_text(x)
        text = self.literal(x[()] if x.shape == () else x)
        return Text(text, SIGN if text.startswith("-") else ATOM)


def keeps_dtype(value: Constant, line: Assignment) -> bool:
    """Tell whether a line has the same dtype with a Python number in the place of an array."""
    if value.dtype is None or not is_elementwise(line.op):
        return False
    others = [x for x in line.operands if x is not value and x.dtype is not None]
    if line.op is WHERE:
        others = [x for x in others if x is not line.operands[0]]
    if line.op is WHERE and value.dtype == line.dtype == np.float64 and has_fraction(line):
        return True
    if not others or any(isinstance(x, Constant) for x in others) or value.dtype.kind not in "fc":
        return False
    weak: Any = value.value.item()
    if line.op is WHERE and np.result_type(*(x.dtype for x in others), weak) != line.dtype:
        return False
    strong = np.result_type(*(x.dtype for x in others), value.dtype)
    return bool(np.result_type(*(x.dtype for x in others), weak) == strong)


def needs_point(line: Assignment) -> bool:
    """Tell whether a line is of whole numbers and truth values, but for its constants."""
    arrays = [x for x in line.operands if not isinstance(x, Constant)]
    kinds = {x.dtype.kind for x in arrays if isinstance(x.dtype, np.dtype)}
    return bool(kinds) and kinds <= set("iub") and line.op.symbol not in COMPARISONS


def has_fraction(line: Assignment) -> bool:
    """Tell whether one of a line's constants is no whole number."""
    values = [x.value for x in line.operands if isinstance(x, Constant) and x.shape == ()]
    return any(x is not None and np.asarray(x).dtype.kind == "f" and x % 1 != 0 for x in values)
