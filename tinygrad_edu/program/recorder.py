"""Writing a program down while functions run.

A recorder watches the calls of ops in its context (``Context.watch``), whoever makes them. It knows
every value by the array that holds it: an op's input that it has seen before as an output, or as an
input of the whole, is that value; any other array was there before, and is an input.

Read next: ``traced.py``, for what is computed without any op.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from tinygrad_edu.op import Array, Node, Op
from tinygrad_edu.program.program import Assignment, Guard, Input, Value, constant
from tinygrad_edu.recording import CONTEXT
from tinygrad_edu.several import PART
from tinygrad_edu.tensor import Tensor

WRITTEN_OUT = 16  # elements at most of an array that the program itself holds


class Recorder:
    """What it has seen, in order.

    Parameters
    ----------
    on_look : is told when somebody looks at the numbers of a value, before that is taken for
        granted.
    own_arrays : whether arrays that come from nowhere are the work of rules, which make them by
        shape alone. Then they are constants, and no inputs.
    """

    def __init__(
        self, on_look: Callable[[Tensor], None] | None = None, own_arrays: bool = False
    ) -> None:
        from tinygrad_edu.program.traced import Traced, with_trace  # which read this module first

        self.kind: type[Tensor] = Traced
        self.hand = with_trace
        self.own_arrays = own_arrays
        self.inputs: list[Input] = []
        self.assignments: list[Assignment] = []
        self.guards: list[Guard] = []
        self.carries: list[tuple[Node, Any, Any, Any]] = []
        self.on_look = on_look
        self.known: dict[int, Value] = {}
        self.arrays: list[Any] = []  # as long as they are there, no other has the same id

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Take down what happens in this context."""
        outer = CONTEXT.get()
        CONTEXT.set(outer._replace(outer=outer, watch=self, owner=self))
        try:
            yield
        finally:
            CONTEXT.set(outer)

    # ------------------------------------------------------------------ told by the core
    def computed(
        self, tensor: Tensor, op: Op, arrays: Iterable[Any], settings: dict[str, Any]
    ) -> None:
        """Take down a call of an op, and have its result do the same."""
        self.assign(op, tuple(map(self.value_of, arrays)), settings, tensor._array)
        if type(tensor) is Tensor:
            tensor.__class__ = self.kind

    def carried(self, node: Node, parent: Any, dy: Any, dx: Any) -> None:
        """Take down which gradient the walk has carried from a node to one of its inputs."""
        if isinstance(dx, Tensor):
            self.carries.append((node, parent, dy, dx))
        elif self.on_look is not None and isinstance(dx, np.ndarray):
            raise TypeError(
                f"a gradient was computed on plain arrays (of {node.op.name}), which cannot be "
                f"traced; use create_graph=True, or backward() on a traced result"
            )

    # ------------------------------------------------------------------ what stands for what
    def assign(
        self,
        op: Op,
        operands: tuple[Value, ...],
        settings: dict[str, Any],
        y: Any,
        name: str | None = None,
    ) -> Assignment:
        """Write down one line, of which ``y`` is the result."""
        several = isinstance(y, tuple)
        shape = tuple(each.shape for each in y) if several else y.shape
        dtype = tuple(each.dtype for each in y) if several else y.dtype
        line = Assignment(
            shape, dtype, name, op=op, operands=operands, settings=settings, chosen=name is not None
        )
        self.assignments.append(line)
        self.know(y, line)
        for position, part in enumerate(y if several else ()):
            self.assign(PART, (line,), {"position": position}, part)
        return line

    def know(self, array: Any, value: Value) -> None:
        """Let an array stand for a value from now on."""
        self.known[id(array)] = value
        self.arrays.append(array)

    def value_of(self, x: Any) -> Value:
        """Return the value that an operand stands for."""
        if id(x) in self.known and isinstance(x, (np.ndarray, tuple)):
            return self.known[id(x)]
        if not isinstance(x, np.ndarray):
            return constant(x)
        if x.size != 1 and not (self.own_arrays and (is_uniform(x) or x.size <= WRITTEN_OUT)):
            return self.give(x)
        value = constant(x.copy())
        self.know(x, value)
        return value

    def give(self, array: Array, name: str | None = None, leaf: Tensor | None = None) -> Input:
        """Add an input: an array that the program does not compute."""
        value = Input(array.shape, array.dtype, name, array=array, leaf=leaf)
        self.inputs.append(value)
        self.know(array, value)
        return value

    def looked_at(self, tensor: Tensor) -> None:
        """Somebody wants to know the numbers: what follows may be different for others."""
        value = self.value_of(tensor._array)
        if not isinstance(value, Assignment) and not isinstance(value, Input):
            return
        if self.on_look is not None:
            self.on_look(tensor)
        if all(guard.value is not value for guard in self.guards[-8:]):
            self.guards.append(Guard(value, tensor._array.copy()))


def is_uniform(x: Array) -> bool:
    """Tell whether all elements are equal, if there are any."""
    return bool(x.size == 0 or (x == x.flat[0]).all())
