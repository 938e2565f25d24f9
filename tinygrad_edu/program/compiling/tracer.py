"""Tensors that are followed while a function is compiled, and the recorder that follows them.

Beyond what `Traced` does for printing, an index may be computed, as the labels of a batch are; and
the checks that the package's own functions make become guards of the program.

Read next: ``memory.py``.
"""

from __future__ import annotations

import operator
import os
import sys
from typing import Any

import numpy as np

from tinygrad_edu.dispatch import OPS
from tinygrad_edu.methods import _index
from tinygrad_edu.op import Array, Op
from tinygrad_edu.program.plain import Hole, dig, fill
from tinygrad_edu.program.program import Guard, Input, Value, constant
from tinygrad_edu.program.recorder import Recorder, is_uniform
from tinygrad_edu.program.traced import Traced
from tinygrad_edu.program.tracing import NOT_THE_USERS, RULES, TraceError, refuse_look
from tinygrad_edu.tensor import Tensor

CHECKING = os.path.join("tinygrad_edu", "nn", "functional", "")


# ------------------------------------------------------------------ indices that are computed
def pick(*arrays: Any, template: Any) -> Any:
    """The elements of the first array at an index made of the others: ``x[rows, labels]``."""
    return arrays[0][fill(template, arrays[1:])]


def put_back(*arrays: Any, template: Any, shape: Any) -> Any:
    """Zeros, with the first array added at an index made of the others."""
    y = np.zeros(shape, arrays[0].dtype)
    np.add.at(y, fill(template, arrays[1:]), arrays[0])
    return y


def pick_x(dy: Any, y: Any, *arrays: Any, template: Any, position: int) -> Any:
    """Put the gradient back where it was read; the index has none."""
    if position:
        return None
    return Traced.__record__(
        PUT_BACK, (dy, *arrays[1:]), {"template": template, "shape": arrays[0].shape}
    )


def put_back_x(dy: Any, y: Any, *arrays: Any, template: Any, shape: Any, position: int) -> Any:
    """Read the gradient where it was put."""
    if position:
        return None
    return Traced.__record__(PICK, (dy, *arrays[1:]), {"template": template})


PICK = Op(pick, {"arrays": pick_x}, "pick", None, "", (), ())
PUT_BACK = Op(put_back, {"arrays": put_back_x}, "put_back", None, "", (), ())


GETITEM = OPS[operator.getitem]


class Followed(Traced):
    """A Tensor whose value a `Tracer` knows."""

    __slots__ = ()

    def __getitem__(self, index: Any) -> Any:
        found: list[Any] = []
        template = dig(index, found)
        if not any(isinstance(each, Traced) for each in found):
            return super().__getitem__(index)
        if any(each.dtype.kind not in "iu" for each in found):
            for each in found:
                if isinstance(each, Traced):
                    each.seen()  # refused: how many elements a mask picks depends on its values
        arrays = [each if isinstance(each, Traced) else np.asarray(each) for each in found]
        return self.__record__(PICK, (self, *arrays), {"template": plain_index(template)})

    @staticmethod
    def __record__(op: Op, inputs: tuple[Any, ...], settings: dict[str, Any]) -> Any:
        if op is GETITEM and not isinstance(inputs[0], np.ndarray):
            found: list[Any] = []
            dig(settings["index"], found)
            if any(isinstance(each, Traced) for each in found):
                return Followed.__getitem__(inputs[0], settings["index"])
        return Traced.__record__(op, inputs, settings)

    def backward(
        self, gradient: Any = None, retain_graph: bool | None = None, create_graph: bool = False
    ) -> None:
        """As `Traced.backward`; whose history has been walked is remembered."""
        super().backward(gradient, retain_graph, create_graph)
        if self.node is not None and not (create_graph if retain_graph is None else retain_graph):
            self.node.spent = True


def plain_index(template: Any) -> Any:
    """Make the parts of an index plain that are neither holes nor arrays."""
    if isinstance(template, Hole):
        return template
    if type(template) is tuple:
        return tuple(map(plain_index, template))
    return _index(template)


class Tracer(Recorder):
    """Takes down what a function does that is to be compiled.

    Parameters
    ----------
    known_arrays : arrays that the function can reach, which the program reads where they are.
    """

    def __init__(self, known_arrays: list[Any]) -> None:
        super().__init__(self.look)
        self.kind = Followed
        self.reached = {id(array): array for array in known_arrays}
        self.read: dict[Value, Array] = {}
        self.slots: list[Input] = []
        self.in_update = False
        self.asked: list[Any] = []
        self.first_gradients: dict[Any, Any] = {}  # of tensors, unless they forget them first

    def ask(self, tensor: Any) -> None:
        """Take down that it matters what gradient a Tensor had before."""
        if tensor in self.first_gradients:
            self.asked.append(tensor)

    def look(self, tensor: Tensor) -> None:
        """Refuse to show numbers, but to checks that the package makes: those become guards."""
        frame = sys._getframe(1)
        while frame.f_back is not None and frame.f_code.co_filename.startswith(NOT_THE_USERS):
            name = frame.f_code.co_filename
            if name.endswith(RULES):
                break
            if CHECKING in name and tensor.dtype == bool and tensor.size == 1:
                return
            frame = frame.f_back
        refuse_look(tensor)

    def looked_at(self, tensor: Tensor) -> None:
        """As a `Recorder`, but every guard counts."""
        value = self.value_of(tensor._array)
        if self.on_look is not None:
            self.on_look(tensor)
        self.guards.append(Guard(value, tensor._array.copy()))

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
            value: Value = self.give(x)
            self.read[value] = x
            return value
        value = constant(x.copy() if not is_uniform(x) else np.array(x))
        self.know(x, value)
        return value


__all__ = ["PICK", "PUT_BACK", "Followed", "TraceError", "Tracer", "pick", "put_back"]
