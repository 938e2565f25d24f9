"""Ops with several outputs, such as eigenvalues and eigenvectors.

Such a call leaves one node, whose output is a tuple, and for each output one more, which picks
that output out of the tuple. Backwards, the parts hand their gradients to the whole, where they
wait for each other as everywhere: `Parts` is the sum of what has arrived.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tinygrad_edu.op import Array, Node, Op
from tinygrad_edu.recording import tick

if TYPE_CHECKING:
    from tinygrad_edu.tensor import Tensor


class Parts:
    """The gradient of an op with several outputs, of which some may have been used.

    It is a sequence: ``dy[i]`` is what has arrived at output ``i``, zeros if nothing has.
    """

    def __init__(self, outputs: tuple[Array, ...], arrived: dict[int, Any]) -> None:
        self.outputs = outputs
        self.arrived = arrived

    def __add__(self, other: Parts) -> Parts:
        total = dict(self.arrived)
        for position, dy in other.arrived.items():
            total[position] = total[position] + dy if position in total else dy
        return Parts(self.outputs, total)

    def __getitem__(self, position: int) -> Any:
        if position in self.arrived:
            return self.arrived[position]
        return np.zeros_like(self.outputs[position])

    def __len__(self) -> int:
        return len(self.outputs)


PART = Op(
    lambda whole, *, position: whole[position],
    {"whole": lambda dy, y, whole, *, position: Parts(whole, {position: dy})},
    name="part",
    symbol=None,
    hint="",
    cases=(),
    kinks=(),
)
"""One output of an op that has several."""


def parts(whole: Tensor, kind: type) -> Any:
    """Give each output of a call its own Tensor; ``kind`` is the tuple type to return."""
    tensors = []
    outputs: Any = whole._array
    for position, array in enumerate(outputs):
        node = None
        if whole.node is not None and array.dtype.kind in "fc":
            node = object.__new__(Node)
            node.op, node.arrays, node.parents, node.memory = PART, (outputs,), (whole.node,), ()
            node.settings, node.y, node.serial = {"position": position}, array, tick()
            node.scope, node.spent = whole.node.scope, False
            node.notes = None
        tensors.append(whole._wrap(array, node))
    return kind(*tensors) if hasattr(kind, "_fields") else tuple(tensors)
