"""A recorded run as a straight-line program: inputs, a list of assignments, outputs.

This is the form that all else here reads and writes: a run becomes a `Program` (``tracing.py``
and ``read.py``), passes make it shorter (``passes/``), and printers write it down as NumPy source
and as formulas. Nothing in it is ever changed; a pass makes a new one.

Read next: ``recorder.py``, which writes programs down while functions run.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tinygrad_edu.op import Array, Op


@dataclass(frozen=True, eq=False)
class Value:
    """Something that a program computes with; one object stands for one value, wherever it is used.

    Attributes
    ----------
    shape, dtype : of the array; a Python number has the dtype ``None``, as it takes that of what it
        meets; of an op with several outputs, a tuple of each.
    name : what it is called, or ``None``.
    """

    shape: Any
    dtype: Any
    name: str | None = None

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.shape)

    def __repr__(self) -> str:
        return f"<{type(self).__name__.lower()} {self.name or ''} {self.shape} {self.dtype}>"


@dataclass(frozen=True, eq=False, repr=False)
class Input(Value):
    """What a program is given: a leaf of the run, or an array that it used.

    Attributes
    ----------
    array : what it was in the recorded run.
    leaf : the Tensor that it was, if that requires grad.
    """

    array: Any = None
    leaf: Any = None


@dataclass(frozen=True, eq=False, repr=False)
class Constant(Value):
    """A number that stands in the program itself; or ``None``, for an operand that is left out."""

    value: Any = None


@dataclass(frozen=True, eq=False, repr=False)
class Assignment(Value):
    """One line: a call of an op.

    Attributes
    ----------
    op, operands, settings : what is called with what. An operand that is an assignment, but not one
        of the program's lines, stands within this one's expression; see ``passes/inline.py``.
    chosen : whether the name was chosen by somebody, so that the line shall be seen.
    """

    op: Op = field(kw_only=True)
    operands: tuple[Value, ...] = ()
    settings: dict[str, Any] = field(default_factory=dict)
    chosen: bool = False

    def with_operands(self, operands: tuple[Value, ...]) -> Assignment:
        """Return the same call of other operands; quicker than ``dataclasses.replace``."""
        line: Assignment = object.__new__(Assignment)
        line.__dict__.update(self.__dict__, operands=operands)
        return line

    def __repr__(self) -> str:
        return f"<{self.name or 'assignment'} = {self.op.name}(...) {self.shape} {self.dtype}>"


@dataclass(frozen=True)
class Guard:
    """What a program takes for granted because somebody looked at a value while it was recorded.

    Attributes
    ----------
    value : what was looked at.
    seen : what it was.
    """

    value: Value
    seen: Any


@dataclass(frozen=True)
class Program:
    """Inputs, assignments in an order in which they can be run, and outputs.

    Attributes
    ----------
    labels : what the outputs are called; a value may be several of them.
    guards : what it takes for granted.
    exact : whether it computes what the run did, in the same order. Then the bits are the same,
        but where NumPy adds up an array in another order because it lies otherwise in memory.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.program import trace
    >>> program = trace(lambda a, b: (a - b) ** 2)(tg.Tensor([1.0, 2.0]), tg.Tensor([3.0, 5.0]))
    >>> [assignment.op.name for assignment in program.assignments]
    ['subtract', 'power']
    >>> program.run()
    (array([4., 9.]),)
    """

    inputs: tuple[Input, ...]
    assignments: tuple[Assignment, ...]
    outputs: tuple[Value, ...]
    labels: tuple[str, ...] = ()
    guards: tuple[Guard, ...] = ()
    exact: bool = True

    def run(self, arrays: Mapping[Input, Any] | None = None) -> tuple[Any, ...]:
        """Compute the outputs, by calling every op once.

        Parameters
        ----------
        arrays : other arrays than the recorded ones, by input.
        """
        values = self.values(arrays)
        return tuple(values[output] for output in self.outputs)

    def values(self, arrays: Mapping[Input, Any] | None = None) -> dict[Value, Any]:
        """Compute the value of every assignment, output and operand."""
        values: dict[Value, Any] = {each: each.array for each in self.inputs}
        for each, array in (arrays or {}).items():
            values[each] = array
        for value in self.in_order():
            if isinstance(value, Constant):
                values[value] = value.value
            elif isinstance(value, Assignment):
                operands = [values[operand] for operand in value.operands]
                values[value] = as_recorded(value.op.forward(*operands, **value.settings))
            elif value not in values:
                raise ValueError(f"{value!r} is used, but is no input of the program")
        return values

    def in_order(self) -> Iterator[Value]:
        """Yield all values, also those that stand within a line, operands before their users."""
        seen: set[Value] = set()
        ends = (*self.assignments, *self.outputs, *(guard.value for guard in self.guards))
        waiting = [*self.inputs, *ends][::-1]
        while waiting:
            value = waiting[-1]
            if value in seen:
                waiting.pop()
                continue
            missing = [each for each in operands_of(value) if each not in seen]
            if missing:
                waiting += missing[::-1]
            else:
                seen.add(waiting.pop())
                yield value

    def uses(self) -> dict[Value, int]:
        """Count how often each value is used, as an operand, an output or for a guard."""
        counts: dict[Value, int] = {}
        used = [each for value in self.in_order() for each in operands_of(value)]
        for value in (*used, *self.outputs, *(guard.value for guard in self.guards)):
            counts[value] = counts.get(value, 0) + 1
        return counts

    def __str__(self) -> str:
        from tinygrad_edu.program.numpy_text import numpy_text

        return numpy_text(self)


def operands_of(value: Value) -> tuple[Value, ...]:
    """Return what a value is computed from."""
    return value.operands if isinstance(value, Assignment) else ()


def as_recorded(y: Any) -> Any:
    """Make what an op has returned what a recorded call makes of it: arrays, also of one number."""
    return tuple(map(np.asarray, y)) if isinstance(y, tuple) else np.asarray(y)


def constant(value: Any) -> Constant:
    """Make a constant of a Python number, of ``None``, or of an array."""
    if isinstance(value, (np.ndarray, np.generic)):
        array: Array = np.asarray(value)
        return Constant(array.shape, array.dtype, value=array)
    return Constant((), None, value=value)
