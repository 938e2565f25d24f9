"""Tensors that are followed while a function is traced, and the recorder that follows them.

Beyond what `Traced` does, an index may be computed, as the labels of a batch are; and the checks
that the package's own functions make become guards of the program.

Read next: ``memory.py``.
"""

from __future__ import annotations

import operator
import os
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from tinygrad_edu.dispatch import OPS
from tinygrad_edu.op import REGISTRY, Array, Op
from tinygrad_edu.program.looks import called_by, refuse_look, users_line
from tinygrad_edu.program.picking import is_computed
from tinygrad_edu.program.program import Assignment, Constant, Guard, Input, Value, constant
from tinygrad_edu.program.recorder import Recorder, is_uniform
from tinygrad_edu.program.traced import Traced, traced
from tinygrad_edu.tensor import Tensor

CHECKING = [os.path.join("tinygrad_edu", "nn", name, "") for name in ("functional", "utils")]
GETITEM, NLL = OPS[operator.getitem], REGISTRY["nll"]


class Followed(Traced):
    """A Tensor whose value a `Tracer` knows."""

    __slots__ = ()

    @staticmethod
    def __record__(op: Op, inputs: tuple[Any, ...], settings: dict[str, Any]) -> Any:
        if op is GETITEM and is_computed(settings["index"]):
            x: Any = inputs[0] if isinstance(inputs[0], Tensor) else traced(inputs[0])
            return Traced.__getitem__(x, settings["index"])
        if op is NLL and is_computed(settings["index"]):
            return -(inputs[0][settings["index"]] * settings["weight"]).sum()
        return Traced.__record__(op, inputs, settings)

    def backward(
        self, gradient: Any = None, retain_graph: bool | None = None, create_graph: bool = False
    ) -> None:
        """As `Traced.backward`; whose history has been walked is remembered."""
        super().backward(gradient, retain_graph, create_graph)
        if self.node is not None and not (create_graph if retain_graph is None else retain_graph):
            self.node.spent = True


class Tracer(Recorder):
    """Takes down what a function does, for a program of it.

    Parameters
    ----------
    tensors : those that the function can reach, with the arrays that they hold meanwhile.
    arrays : others that it can reach. The program reads either where they are.
    names : what these are called where they are kept, by identity.

    Attributes
    ----------
    gradients : what each Tensor had for a gradient at first, and the array of that.
    asked : the Tensors of which it matters whether they had one.
    replaced : the Tensors whose gradient has been set since, such as to ``None``.
    earlier : the Tensors whose first gradient is read, by input.
    lines : the user's line that each line of the program is from.
    plain : the values that depend on nothing but such arrays: anybody may look at their numbers,
        for these are compared before the program is run again.
    """

    def __init__(
        self,
        tensors: Iterable[tuple[Tensor, Array]],
        arrays: Iterable[Any],
        names: Mapping[int, str],
    ) -> None:
        super().__init__(self.look)
        self.kind = Followed
        self.reached = {id(array): array for array in arrays}
        self.names = names
        self.lines: dict[Value, str] = {}
        self.plain: set[Value] = set()
        self.owners: dict[int, Tensor] = {}
        for tensor, array in tensors:
            self.reached[id(array)] = array
            self.owners[id(array)] = tensor
        self.read: dict[Value, Array] = {}
        self.slots: list[Input] = []
        self.in_update = False
        self.gradients: dict[Any, tuple[Any, Any]] = {}
        self.asked: set[Any] = set()
        self.replaced: set[Any] = set()
        self.first: dict[int, tuple[Array, Tensor]] = {}
        self.earlier: dict[Value, Tensor] = {}

    def know_gradient(self, array: Array, tensor: Tensor) -> None:
        """Let an array stand for the gradient that a Tensor had before."""
        self.first[id(array)] = array, tensor

    def ask(self, tensor: Any) -> None:
        """Take down that it matters whether a Tensor had a gradient before."""
        if tensor in self.gradients and tensor not in self.replaced:
            self.asked.add(tensor)

    def look(self, tensor: Tensor) -> None:
        """Refuse to show numbers, but to checks that the package makes: those become guards."""
        if not called_by(*CHECKING):
            refuse_look(tensor)

    def looked_at(self, tensor: Tensor) -> None:
        """As a `Recorder`, but every guard counts."""
        value = self.value_of(tensor._array)
        if isinstance(value, Constant):
            return
        if value not in self.plain:
            self.look(tensor)
        self.guards.append(Guard(value, tensor._array.copy()))

    def assign(self, op: Op, operands: tuple[Value, ...], *rest: Any, **more: Any) -> Assignment:
        """Write down one line."""
        line = super().assign(op, operands, *rest, **more)
        self.lines[line] = users_line()
        if operands and all(isinstance(x, Constant) or x in self.plain for x in operands):
            self.plain.add(line)
        return line

    def value_of(self, x: Any) -> Value:
        """Return the value that an operand stands for."""
        if isinstance(x, (np.ndarray, tuple)) and id(x) in self.known:
            return self.known[id(x)]
        if self.in_update and isinstance(x, (int, float)) and not isinstance(x, bool):
            self.slots.append(Input((), None, f"number{len(self.slots) + 1}", array=x))
            return self.slots[-1]
        if not isinstance(x, np.ndarray):
            return constant(x)
        if id(x) in self.reached:
            owner = self.owners.get(id(x))
            leaf = owner if owner is not None and owner._requires_grad else None
            name = self.names.get(id(x if owner is None else owner))
            value: Value = self.give(x, (owner is not None and owner.name) or name, leaf)
            self.read[value] = x
            if owner is None:
                self.plain.add(value)
            return value
        if id(x) in self.first:
            tensor = self.first[id(x)][1]
            given = self.give(x, f"d_{tensor.name or self.names.get(id(tensor), 'x')}")
            self.earlier[given] = tensor
            return given
        value = constant(x.copy() if not is_uniform(x) else np.array(x))
        self.know(x, value)
        return value
