"""What all passes share: going through a program line by line, and putting other lines in place.

A rule looks at one line, whose operands have been replaced already, and returns what shall stand
in its place: a value that exists, or a new line that it has emitted, or ``None`` for the line.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from tinygrad_edu.dispatch import OPS
from tinygrad_edu.op import Op
from tinygrad_edu.ops.index import where
from tinygrad_edu.program.program import (
    Assignment,
    Constant,
    Guard,
    Program,
    Value,
    constant,
    operands_of,
)

ADD, SUBTRACT = OPS[np.add], OPS[np.subtract]
MULTIPLY, DIVIDE, POWER = OPS[np.multiply], OPS[np.divide], OPS[np.power]
NEGATIVE, POSITIVE, COPY = OPS[np.negative], OPS[np.positive], OPS[np.copy]
MATMUL, SUM, BROADCAST = OPS[np.matmul], OPS[np.sum], OPS[np.broadcast_to]
RESHAPE, TRANSPOSE, ADJOIN = OPS[np.reshape], OPS[np.transpose], OPS[np.matrix_transpose]
ASTYPE = OPS[np.ndarray.astype]
WHERE: Op = where.op  # type: ignore[attr-defined]  # put there by the decorator

Rule = Callable[[Assignment, "Rewriting"], Value | None]


class Rewriting:
    """One pass over one program."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.counts: dict[Value, int] | None = None
        self.origins: dict[Value, list[Value]] = {}
        self.lines: list[Assignment] = []
        self.places: dict[Value, Value] = {}
        self.exact = program.exact

    def emit(
        self,
        op: Op,
        operands: tuple[Value, ...],
        shape: Any,
        dtype: Any,
        settings: dict[str, Any] | None = None,
        like: Assignment | None = None,
    ) -> Assignment:
        """Add a line; ``like`` is the one that it takes the place and the name of."""
        name, chosen = (like.name, like.chosen) if like else (None, False)
        line = Assignment(
            shape, dtype, name, op=op, operands=operands, settings=settings or {}, chosen=chosen
        )
        self.lines.append(line)
        return line

    def place(self, value: Value) -> Value:
        """Return what now stands for a value of the program as it was."""
        return self.places.get(value, value)

    def used(self, value: Value) -> int:
        """Count how often a value, or what it has taken the place of, is used."""
        if self.counts is None:
            self.counts = self.program.uses()
        return sum(self.counts.get(each, 0) for each in (value, *self.origins.get(value, ())))

    def follow(self, rule: Rule) -> Program:
        """Apply a rule to every line."""
        program = self.program
        for value in program.in_order():
            if isinstance(value, Assignment):
                new = self.places[value] = self.apply(rule, value)
                if new is not value:
                    self.origins.setdefault(new, []).append(value)
        if all(new is old for old, new in self.places.items()):
            return program
        return replace(
            program,
            assignments=tuple(self.lines),
            outputs=tuple(map(self.place, program.outputs)),
            guards=tuple(Guard(self.place(g.value), g.seen) for g in program.guards),
            exact=self.exact,
        )

    def apply(self, rule: Rule, line: Assignment) -> Value:
        """Return what shall stand in the place of a line."""
        operands = tuple(map(self.place, line.operands))
        if any(new is not old for new, old in zip(operands, line.operands)):
            line = line.with_operands(operands)
        found = rule(line, self)
        if found is None:
            self.lines.append(line)
            return line
        while isinstance(found, Assignment) and self.lines and self.lines[-1] is found:
            place = len(self.lines) - 1
            again = rule(found, self)  # a new line may give the rule more to do
            if again is None:
                break
            if all(found not in operands_of(later) for later in (again, *self.lines[place:])):
                del self.lines[place]
            found = again
        return found


def rewrite(program: Program, rule: Rule) -> Program:
    """Return a program in which a rule has been applied to every line; the same if none changed."""
    return Rewriting(program).follow(rule)


# ------------------------------------------------------------------- questions that rules ask
def is_call(value: Value, op: Op) -> bool:
    """Tell whether a value is the result of an op."""
    return isinstance(value, Assignment) and value.op is op


def uniform(value: Value) -> Any:
    """Return the number that all elements of a value are known to be, or ``None``."""
    if is_call(value, BROADCAST):
        value = operand(value)
    if not isinstance(value, Constant) or value.value is None:
        return None
    array = np.asarray(value.value)
    if array.size == 0 or (array.size > 1 and not (array == array.flat[0]).all()):
        return None
    return value.value if value.dtype is None else array.flat[0]


def operand(value: Value) -> Value:
    """Return the first operand of a line."""
    assert isinstance(value, Assignment)  # noqa: S101  # as the caller has asked
    return value.operands[0]


def same_kind(value: Value, line: Value) -> bool:
    """Tell whether a value may stand in the place of a line as far as shape and dtype go."""
    return bool(value.shape == line.shape and value.dtype == line.dtype)


def is_elementwise(op: Op) -> bool:
    """Tell whether an op broadcasts its operands and computes element by element."""
    function = getattr(op, "function", op.forward)
    return isinstance(function, np.ufunc) or op in (POWER, WHERE)


def number(x: Any, dtype: Any) -> Constant:
    """Make a constant of one number of a dtype."""
    return constant(np.asarray(x, dtype))
