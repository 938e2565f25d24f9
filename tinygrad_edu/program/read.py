"""A run that has been recorded already, as a program: its nodes, and the walk back over them.

Forwards, every node is a line. Backwards, the rules are run once more, on `Traced` in place of
arrays, and what they compute is taken down. No Tensor is touched by that: the graph may have been
walked before, and can be walked again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Any

import numpy as np

from tinygrad_edu.backprop import walk
from tinygrad_edu.op import REGISTRY, Array, Node, Op
from tinygrad_edu.ops.loss import nll
from tinygrad_edu.program.literals import LARGEST_RATIO, is_counting
from tinygrad_edu.program.names import gradient_name
from tinygrad_edu.program.passes.rewrite import ADJOIN, MULTIPLY, WHERE, is_elementwise
from tinygrad_edu.program.plain import PlainOp, dig, plain_call
from tinygrad_edu.program.program import Input, Value, constant
from tinygrad_edu.program.recorder import Recorder, is_uniform
from tinygrad_edu.program.traced import traced
from tinygrad_edu.program.whole import RESULTS, shown_whole
from tinygrad_edu.recording import no_grad
from tinygrad_edu.several import PART
from tinygrad_edu.tensor import Tensor

NLL: Op = nll.op  # type: ignore[attr-defined]  # put there by the decorator
ROLES = {(MULTIPLY, 0): "factor", (MULTIPLY, 1): "factor", (WHERE, 0): "condition"}
"""What an array without a name is called by what it does, where that is something to say."""


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


class ReadingRecorder(Recorder):
    """Takes down what rules do; numbers of their own are handed in, as nobody says where from."""

    def value_of(self, x: Any) -> Value:
        """Return the value that an operand stands for."""
        is_new = isinstance(x, np.ndarray) and id(x) not in self.known
        if is_new and x.size > 1 and x.dtype.kind in "fc" and not is_uniform(x):
            return self.give(x)
        return super().value_of(x)


class Reader:
    """One reading of a run: what its nodes, leaves and arrays are in the program.

    Attributes
    ----------
    recorder : what has been written down.
    lines : the value of each node.
    gradients : the arrays that the walk has found.
    names : the names of Tensors, nodes and arrays that modules or users have given, by identity.
    unexplained : inputs that have been named after what they do.
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
        self.recorder = ReadingRecorder(own_arrays=True)
        self.lines: dict[Node, Value] = {}
        self.unexplained: set[Input] = set()
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
            op, settings = node.op, node.settings
            if op is NLL:
                op, operands, settings = self.with_labels(node)
            self.lines[node] = self.recorder.assign(op, operands, settings, node.y, name)

    def with_labels(self, node: Node) -> tuple[PlainOp, tuple[Value, ...], dict[str, Any]]:
        """Return a loss of labels with these as operands: a program is for others as well."""
        places, weight = node.settings["index"], node.settings["weight"]
        names = {id(each): "labels" for each in places} | {id(weight): "label_weights"}
        for each in (*places, weight):
            if isinstance(each, np.ndarray) and id(each) not in self.recorder.known:
                if is_counting(np.squeeze(each)):
                    self.recorder.know(each, constant(each))
                else:
                    self.recorder.give(each, names[id(each)])
        op, arrays, settings = plain_call(NLL.forward, node.arrays, node.settings)
        return op, tuple(map(self.recorder.value_of, arrays)), settings

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
        if leaf is not None or name:
            return self.recorder.give(x, name, leaf)
        turned = self.turned(x)
        if turned is not None:
            return turned
        if is_data(node, x, memory is not None):
            given = self.recorder.give(x, self.role(node, position))
            self.unexplained.add(given)
            return given
        value = constant(x.copy())
        self.recorder.know(x, value)
        return value

    def turned(self, x: Array) -> Value | None:
        """Return the transpose of an input that holds just these numbers.

        A rule that has turned what no gradient is wanted of has left no node, but a copy.
        """
        if x.ndim != 2 or is_uniform(x):
            return None
        for each in self.recorder.inputs:
            same = each.leaf is None and each.dtype == x.dtype and each.shape == x.shape[::-1]
            if same and np.array_equal(each.array.T, x):
                return self.recorder.assign(ADJOIN, (each,), {}, x)
        return None

    def role(self, node: Node, position: int) -> str | None:
        """Name an array without a name by the module that used it, and by what it did there."""
        role = ROLES.get((node.op, position))
        if role is None and REGISTRY.get(node.op.name) is node.op and not node.op.symbol:
            role = node.op.argument(position)
            role = role if len(role) > 1 and role.isidentifier() else None
        path = self.names.get(id(node.scope)) if role else None
        return f"{path}_{role}" if path else role

    # --------------------------------------------------------------------------- backwards
    def read_backward(self, wanted: Iterable[Any] | None) -> dict[Any, Value]:
        """Run the rules from the root back; return the gradient of each leaf or node wanted.

        Raises
        ------
        RuntimeError
            If a tensor was written into after a node had read it.
        """
        seed: Array = np.ones(self.root.y.shape, self.root.y.dtype)
        with no_grad(), self.recorder.watching(), shown_whole():
            found = walk({self.root: traced(seed)}, wrt=wanted, create_graph=True)
        self.gradients = {key: array_of(dx) for key, dx in found.items()}
        return {key: self.recorder.value_of(dx) for key, dx in self.gradients.items()}

    def unexplained_inputs(self) -> set[Input]:
        """Return the inputs that nobody has given a name, and that no gradient is wanted of."""
        inputs = self.recorder.inputs
        return self.unexplained | {x for x in inputs if x.leaf is None and x.name is None}

    def data(self) -> list[Array]:
        """Collect masks, and the indices that modules have used: words, places of the largest."""
        found: list[Array] = []
        for node in self.nodes:
            kinds, here = "b" if node.scope is None else "iub", list[Array]()
            dig(node.settings if node.op is not NLL else {}, here)
            found += [each for each in here if each.dtype.kind in kinds and each.ndim > 0]
        return found

    def soft_names(self) -> Iterator[tuple[Value, str]]:
        """Yield a name for the gradient of everything that has one itself."""
        known = self.recorder.known
        for node, _, dy, _ in self.recorder.carries:
            name = self.lines[node].name
            if name and isinstance(dy, Tensor) and id(dy._array) in known:
                yield known[id(dy._array)], gradient_name(name)
        for line in self.recorder.assignments:
            if isinstance(line.op, PlainOp) and line.op in RESULTS:
                yield line, RESULTS[line.op]


def is_data(node: Node, x: Array, is_tensor: bool) -> bool:
    """Tell whether an array without a name is something to compute with, and no constant.

    Zeros to start from are a constant, and so is what the ones of a gradient's seed have become:
    fractions of small numbers. Data and masks may be one number all over, but by chance.
    """
    if x.size == 1:
        return is_tensor and not bool((x == 1).all())
    in_arithmetic = node.scope is not None and (bool(node.op.symbol) or is_elementwise(node.op))
    is_plain = is_uniform(x) and (x.size == 0 or is_simple(x.flat[0]))
    return x.dtype == bool or in_arithmetic or not is_plain


def is_simple(x: Any) -> bool:
    """Tell whether a number is a fraction of small ones."""
    number = complex(x).real
    if complex(x).imag or not np.isfinite(number):
        return False
    fraction = Fraction(number).limit_denominator(LARGEST_RATIO)
    return bool(x.dtype.type(float(fraction)) == x)


def array_of(dx: Any) -> Array:
    """Return the array of a gradient, however the walk has returned it."""
    return dx._array if isinstance(dx, Tensor) else dx
