"""What is in the picture: every value of a recorded run as a `Box`, inputs before their users.

The boxes know nothing of Graphviz, and nothing of the graph is changed by reading it.

Read next: ``gradients.py``, which says what gradients the boxes may show.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from inspect import signature
from itertools import count
from typing import Any, NamedTuple

import numpy as np

from tinygrad_edu.draw.gradients import Gradients, find_gradients
from tinygrad_edu.op import Array, Memory, Node, Op
from tinygrad_edu.tensor import Tensor

LIMIT = 2000
"""The largest number of boxes that is drawn: beyond it Graphviz takes minutes, and nobody reads."""

LONGEST = 32  # characters of an operand in a formula


class Box(NamedTuple):
    """One value of a recorded run.

    Attributes
    ----------
    role : ``"parameter"`` (a leaf that requires grad), ``"input"`` (a leaf that does not),
        ``"constant"`` (a plain number or array), ``"computed"``, or ``"result"``: what was drawn.
    name : its own name, or an invented one; a constant number's is its value.
    formula : how it was computed, such as ``sigmoid(t1)``; empty if it was not.
    value : the numbers.
    gradient : its gradient; or a word on why there is none; or None where none is asked for.
    inputs : the positions of the boxes that it was computed from, in the order of the operands.
    scope : the module call within which it belongs, or None.
    heading : what to write above the gradient.
    """

    role: str
    name: str
    formula: str
    value: Any
    gradient: Any
    inputs: tuple[int, ...]
    scope: Any
    heading: str = "gradient"


class Graph(NamedTuple):
    """The boxes of a run, and what has to be said about all of them."""

    boxes: list[Box]
    caption: list[str]


def read(tensor: Tensor, names: Mapping[str, Any] | None = None) -> Graph:
    """Read the run that a Tensor remembers.

    Parameters
    ----------
    tensor : the result of the run.
    names : names for further Tensors of it, such as ``locals()``; what is no Tensor is skipped.

    Raises
    ------
    ValueError
        If there are more than `LIMIT` boxes.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.draw.graph import read
    >>> w = tg.Tensor([1.0, 2.0], requires_grad=True, name="w")
    >>> for box in read((w * 3).sum()).boxes:
    ...     print(box.role, box.name, box.formula, box.inputs)
    parameter w  ()
    constant 3  ()
    computed t1 w * 3 (0, 1)
    result result sum(t1) (2,)
    """
    return _Reader(tensor, names or {}).graph()


def recorded(root: Node | None) -> list[Node]:
    """List the nodes that a node was computed from, and itself, oldest first."""
    found: set[Node] = set()
    waiting = [] if root is None else [root]
    while waiting:
        node = waiting.pop()
        if node not in found:
            found.add(node)
            _check_size(len(found))
            waiting.extend(parent for parent in node.parents if isinstance(parent, Node))
    return sorted(found, key=lambda node: node.serial)


def memory_of(node: Node, x: Any) -> Memory | None:
    """Return what an input of a node lives in if it was a leaf; None for any other input."""
    return next((memory for memory in node.memory if memory.array is x), None)


def calls(scope: Any) -> list[Any]:
    """List a module call and those that it happened in, outermost first."""
    chain = []
    while scope is not None:
        chain.append(scope)
        scope = scope.parent
    return chain[::-1]


def _around(one: Any, other: Any) -> Any:
    """Return the innermost call in which two calls happened."""
    shared = [a for a, b in zip(calls(one), calls(other)) if a is b]
    return shared[-1] if shared else None


class _Reader:
    """One reading of one run."""

    def __init__(self, tensor: Tensor, names: Mapping[str, Any]) -> None:
        self.tensor = tensor
        self.nodes = recorded(tensor.node)
        self.found: Gradients = find_gradients(tensor.node, self.nodes)
        self.names = _known_names(tensor, self.nodes, names)
        self.taken = set(self.names.values())
        self.counters: dict[str, Iterator[int]] = {}  # for invented names, by their letter
        self.boxes: list[Box] = []
        self.numbers: dict[Any, int] = {}  # where each node, leaf's memory or constant has its box

    def graph(self) -> Graph:
        if not self.nodes:
            leaf = self.tensor
            parent = leaf if leaf.requires_grad else None
            self.add(leaf, self.leaf(parent, leaf.data, None))
        for node in self.nodes:
            self.computed(node)
        return Graph(self.boxes, self.caption())

    def computed(self, node: Node) -> None:
        inputs = [
            self.place(node, position)
            for position, x in enumerate(node.arrays)
            if x is not None  # an optional input that was left out, such as a bias
        ]
        role = "result" if node is self.tensor.node else "computed"
        formula = _formula(node.op, [self.boxes[i].name for i in inputs], node.settings)
        gradient = self.found.of.get(node, self.found.missing)
        name = self.name("t", node)
        self.add(node, Box(role, name, formula, node.y, gradient, tuple(inputs), node.scope))

    def place(self, node: Node, position: int) -> int:
        """Return the position of an input's box, making it at the first use."""
        x, parent = node.arrays[position], node.parents[position]
        if isinstance(parent, Node):
            return self.numbers[parent]
        memory = memory_of(node, x)
        key = (node, position) if memory is None else memory
        if key not in self.numbers and memory is None:
            self.add(key, self.constant(x, node.scope))
        elif key not in self.numbers:
            self.add(key, self.leaf(parent, x, node.scope))
        number = self.numbers[key]
        box = self.boxes[number]
        self.boxes[number] = box._replace(scope=_around(box.scope, node.scope))
        return number

    def constant(self, x: Any, scope: Any) -> Box:
        name = self.invent("c") if np.ndim(x) else f"{x:.6g}" if isinstance(x, float) else f"{x}"
        return Box("constant", name, "", x, None, (), scope)

    def leaf(self, parent: Tensor | None, x: Any, scope: Any) -> Box:
        if parent is None:
            return Box("input", self.name("x", x), "", x, None, (), None)
        name, gradient = self.name("w", parent), self.found.kept(parent)
        return Box("parameter", name, "", x, gradient, (), scope, self.found.heading(parent))

    def add(self, key: Any, box: Box) -> None:
        self.numbers[key] = len(self.boxes)
        self.boxes.append(box)
        _check_size(len(self.boxes))

    def name(self, letter: str, thing: Any) -> str:
        """Return the name of a node, of a leaf, or of an array, inventing one if it has none."""
        if id(thing) not in self.names:
            is_result = thing is self.tensor.node and "result" not in self.taken
            self.names[id(thing)] = "result" if is_result else self.invent(letter)
        return self.names[id(thing)]

    def invent(self, letter: str) -> str:
        numbered = (f"{letter}{number}" for number in self.counters.setdefault(letter, count(1)))
        return next(name for name in numbered if name not in self.taken)

    def caption(self) -> list[str]:
        root = self.tensor.node
        if root is None:
            return ["a leaf: nothing was recorded that led to it"]
        name = _shorten(self.name("t", root))
        changed = [_shorten(self.boxes[self.numbers[each]].name) for each in self.found.changed]
        other = [_shorten(self.name("w", leaf)) for leaf in self.found.other]
        return self.found.explain(name if root.y.size == 1 else f"sum({name})", changed, other)


def _check_size(count: int) -> None:
    """Refuse what no picture can show."""
    if count > LIMIT:
        raise ValueError(
            f"this run has more than {LIMIT} values, too many for a picture; draw a part of it: an "
            f"earlier result, or a run with fewer layers, steps or repetitions"
        )


def _known_names(tensor: Tensor, nodes: list[Node], names: Mapping[str, Any]) -> dict[int, str]:
    """Collect names of nodes, leaves and leaves' arrays by identity; the first of each counts."""
    found: list[tuple[Any, Any]] = list(names.items())
    found.append((tensor.name, tensor))
    for node in nodes:
        found.append((node.name, node))
        found += [(leaf.name, leaf) for leaf in node.parents if isinstance(leaf, Tensor)]
        found += [(memory.name, memory.array) for memory in node.memory]
    for module in _models(nodes):
        found += [*module.named_parameters(), *module.named_buffers()]
    known: dict[int, str] = {}
    for name, thing in found:
        if name and isinstance(thing, (Tensor, Node, np.ndarray)):
            for each in _identities(thing):
                known.setdefault(id(each), str(name))
    return known


def _identities(thing: Tensor | Node | Array) -> tuple[Any, ...]:
    """Say by what the graph knows a Tensor: a result by its node, a leaf also by its array."""
    if isinstance(thing, Tensor):
        return (thing, thing.data) if thing.node is None else (thing.node,)
    return (thing,)


def _models(nodes: list[Node]) -> Iterator[Any]:
    """Yield the modules that were called from outside of any other."""
    seen = set()
    for node in nodes:
        for scope in calls(node.scope)[:1]:
            if id(scope.module) not in seen:
                seen.add(id(scope.module))
                yield scope.module


def _formula(op: Op, operands: list[str], settings: dict[str, Any]) -> str:
    """Write a call down as in a program."""
    short = [_shorten(operand) for operand in operands]
    if op.symbol and len(short) in (1, 2):
        short = [f"({each})" if each.startswith("-") else each for each in short]
        return f"{short[0]} {op.symbol} {short[1]}" if len(short) == 2 else op.symbol + short[0]
    usual = _defaults(op) if settings else {}
    for key, value in settings.items():
        text = _setting(value)
        if usual.get(key) != text:
            short.append(f"{key}={_shorten(text)}")
    return f"{op.name}({', '.join(short)})"


def _defaults(op: Op) -> dict[str, str]:
    """Return an op's default settings as they are written."""
    try:
        parameters = signature(op.forward).parameters
    except ValueError:  # a function written in C need not say
        return {}
    return {key: _setting(parameter.default) for key, parameter in parameters.items()}


def _setting(value: Any) -> str:
    """Write a value on one line, and without the address at which it happens to be."""
    return re.sub(r" at 0x[0-9a-fA-F]+", "", " ".join(repr(value).split()))


def _shorten(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
