"""A run that has been recorded already, as a program: its nodes, and the walk back over them.

Forwards, every node is a line. Backwards, the rules are run once more, on `Traced` in place of
arrays, and what they compute is taken down. No Tensor is touched by that: the graph may have been
walked before, and can be walked again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from tinygrad_edu.op import Array, Node
from tinygrad_edu.program.names import gradient_name
from tinygrad_edu.program.program import Value, constant
from tinygrad_edu.program.recorder import Recorder
from tinygrad_edu.program.shadow import traced_walk
from tinygrad_edu.recording import no_grad
from tinygrad_edu.several import PART
from tinygrad_edu.tensor import Tensor


def recorded(root: Node) -> list[Node]:
    """List the nodes that a node was computed from, and itself, oldest first."""
    found: set[Node] = set()
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if node not in found:
            found.add(node)
            waiting.extend(parent for parent in node.parents if isinstance(parent, Node))
    return sorted(found, key=lambda node: node.serial)


class Reader:
    """One reading of a run: what its nodes, leaves and arrays are in the program.

    Attributes
    ----------
    recorder : what has been written down.
    lines : the value of each node.
    gradients : the arrays that the walk has found.
    names : the names of Tensors, nodes and arrays that modules or users have given, by identity.
    """

    def __init__(self, root: Tensor, names: dict[int, str]) -> None:
        if root.node is None:
            raise RuntimeError(
                "this tensor was not computed from anything that requires grad, so there is "
                "nothing to derive; make the leaves with requires_grad=True before computing"
            )
        self.root = root.node
        self.nodes = recorded(self.root)
        self.names = names
        self.recorder = Recorder(own_arrays=True)
        self.lines: dict[Node, Value] = {}
        self.read_forward()

    # ---------------------------------------------------------------------------- forwards
    def read_forward(self) -> None:
        """Write down a line for every node."""
        for node in self.nodes:
            if node.op is PART and node.parents[0] in self.lines:
                self.lines[node] = self.recorder.value_of(node.y)
                continue
            operands = tuple(self.operand(node, i) for i in range(len(node.arrays)))
            name = node.name or self.names.get(id(node))
            line = self.recorder.assign(node.op, operands, node.settings, node.y, name)
            self.lines[node] = line

    def operand(self, node: Node, position: int) -> Value:
        """Return the value of one input of a node."""
        x, parent = node.arrays[position], node.parents[position]
        if isinstance(parent, Node):
            self.recorder.know(x, self.lines[parent])
            return self.lines[parent]
        if not isinstance(x, np.ndarray):
            return constant(x)
        known = self.recorder.known.get(id(x))
        if known is not None:
            return known
        memory = next((memory for memory in node.memory if memory.array is x), None)
        leaf = parent if isinstance(parent, Tensor) else None
        name = self.names.get(id(x if leaf is None else leaf)) or (memory.name if memory else None)
        is_seed = leaf is None and name is None and x.size > 0 and bool((x == 1).all())
        if (memory is not None or x.size > 1) and not is_seed:
            return self.recorder.give(x, name, leaf)
        value = constant(x.copy())  # ones: what a gradient of gradients began with
        self.recorder.know(x, value)
        return value

    # --------------------------------------------------------------------------- backwards
    def read_backward(self, wanted: Iterable[Any] | None) -> dict[Any, Value]:
        """Run the rules from the root back; return the gradient of each leaf or node wanted.

        Raises
        ------
        RuntimeError
            If a tensor was written into after a node had read it.
        """
        seed: Array = np.ones(self.root.y.shape, self.root.y.dtype)
        with no_grad(), self.recorder.watching():
            found = traced_walk(self.root, self.nodes, seed, wanted)
        self.gradients = {key: array_of(dx) for key, dx in found.items()}
        return {key: self.recorder.value_of(dx) for key, dx in self.gradients.items()}

    def soft_names(self) -> Iterator[tuple[Value, str]]:
        """Yield a name for the gradient of everything that has one itself."""
        known = self.recorder.known
        for node, _, dy, _ in self.recorder.carries:
            name = self.lines[node].name
            if name and isinstance(dy, Tensor) and id(dy._array) in known:
                yield known[id(dy._array)], gradient_name(name)


def array_of(dx: Any) -> Array:
    """Return the array of a gradient, however the walk has returned it."""
    return dx._array if isinstance(dx, Tensor) else dx
