"""A naive model of Tensors: what they show, what their derivatives are, and when they refuse.

Every value is a formula over what leaves contained when they were read, evaluated anew each time
with dual numbers that carry the derivatives with respect to all leaves forwards. Nothing is stored
that could go stale, and nothing is walked backwards. ``core/test_state_machine.py`` compares.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np


@dataclass
class Dual:
    """Values, and for each direction (along the first axis) the change of the values."""

    value: Any
    slope: Any

    def __add__(self, other: Dual) -> Dual:
        return Dual(self.value + other.value, self.slope + other.slope)

    def __sub__(self, other: Dual) -> Dual:
        return Dual(self.value - other.value, self.slope - other.slope)

    def __mul__(self, other: Dual) -> Dual:
        slope = self.slope * other.value + self.value * other.slope
        return Dual(self.value * other.value, slope)

    def through(self, function: Any, derivative: Any) -> Dual:
        return Dual(function(self.value), self.slope * derivative(self.value))


def dual_setitem(whole: Dual, part: Dual, where: slice) -> Dual:
    value, slope = whole.value.copy(), whole.slope.copy()
    value[where], slope[:, where] = part.value, part.slope
    return Dual(value, slope)


DUAL: dict[str, Callable[..., Dual]] = {
    "add": lambda a, b: a + b,
    "subtract": lambda a, b: a - b,
    "multiply": lambda a, b: a * b,
    "sin": lambda a: a.through(np.sin, np.cos),
    "tanh": lambda a: a.through(np.tanh, lambda x: 1 - np.tanh(x) ** 2),
    "negative": lambda a: Dual(-a.value, -a.slope),
    "clone": lambda a: a,
    "reversed": lambda a: Dual(a.value[::-1], a.slope[:, ::-1]),
    "getitem": lambda a, where: Dual(a.value[where], a.slope[:, where]),
    "setitem": dual_setitem,
}


class Memory:
    """Where a leaf's values lie, and when they were last overwritten."""

    def __init__(self) -> None:
        self.written = 0


@dataclass
class Leaf:
    """What a formula reads: a leaf as it was, or a constant."""

    owner: Shadow
    value: Any


@dataclass
class Formula:
    """A recorded call: of what, of which formulas, when, and which memories it has read."""

    name: str
    inputs: tuple[Any, ...]
    settings: tuple[Any, ...]
    time: int
    memories: tuple[Memory, ...]


@dataclass(eq=False)
class Shadow:
    """What a Tensor should be: a leaf with values, or a result with a formula."""

    value: Any
    wants_gradient: bool = False
    formula: Formula | None = None
    memory: Memory = field(default_factory=Memory)
    gradient: Any = None

    @property
    def is_tracked(self) -> bool:
        return self.wants_gradient or self.formula is not None

    def become(self, other: Shadow) -> None:
        """Take over the value and the formula of a result."""
        self.value, self.formula = other.value, other.formula
        self.memory = Memory()


class Model:
    """All formulas so far, and the clock."""

    def __init__(self) -> None:
        self.time = 0
        self.leaves: list[Shadow] = []

    def tick(self) -> int:
        self.time += 1
        return self.time

    def call(
        self, name: str, *operands: Any, settings: tuple[Any, ...] = (), recording: bool = True
    ) -> Shadow:
        """Compute with shadows and numbers; write a formula down if one of them is tracked."""
        shape = operands[0].value.shape
        plain = [x.value if isinstance(x, Shadow) else np.full(shape, x) for x in operands]
        value = DUAL[name](*(Dual(x, np.zeros((1, *np.shape(x)))) for x in plain), *settings).value
        shadows = [x for x in operands if isinstance(x, Shadow)]
        if not recording or not any(x.is_tracked for x in shadows):
            return Shadow(np.array(value))
        inputs = tuple(
            x.formula if isinstance(x, Shadow) and x.formula is not None else Leaf(x, plain[i])
            for i, x in enumerate(operands)
        )
        memories = tuple(x.memory for x in shadows if x.formula is None)
        formula = Formula(name, inputs, settings, self.tick(), memories)
        return Shadow(np.array(value), formula=formula)

    def write(self, shadow: Shadow, value: Any) -> None:
        """Overwrite a leaf's memory."""
        shadow.value = np.array(value)
        shadow.memory.written = self.tick()

    # ------------------------------------------------------------------------------ derivatives
    def is_stale(self, formula: Formula) -> bool:
        """Tell whether something has been overwritten since a formula that is needed read it."""
        return any(
            memory.written > node.time for node in nodes(formula) for memory in node.memories
        )

    def evaluate(self, formula: Formula, moved: Any = 0.0) -> Dual:
        """Compute a formula; all leaves are moved, and the slopes are along each of them."""
        size = sum(leaf.value.size for leaf in self.leaves)
        starts = dict(zip(self.leaves, np.cumsum([0, *(x.value.size for x in self.leaves)])))
        known: dict[int, Dual] = {}

        def enter(x: Any) -> Dual:
            if isinstance(x, Formula):
                return known[id(x)]
            slope = np.zeros((size, *np.shape(x.value)), complex)
            value = np.asarray(x.value, complex)
            if isinstance(x.owner, Shadow) and x.owner in starts:
                start = starts[x.owner]
                slope[start : start + value.size] = np.eye(value.size).reshape(-1, *value.shape)
                value = value + np.broadcast_to(moved, size)[start : start + value.size]
            return Dual(value, slope)

        for node in sorted(nodes(formula), key=lambda node: node.time):
            known[id(node)] = DUAL[node.name](*map(enter, node.inputs), *node.settings)
        return known[id(formula)]

    def gradient(self, formula: Formula, weights: Any) -> Any:
        """Return the derivatives of a weighted sum with respect to all leaves, in one row."""
        return (self.evaluate(formula).slope.real * weights).sum(axis=-1)

    def second(self, formula: Formula, weights: Any, direction: Any) -> Any:
        """Return the derivatives of the gradient's product with a direction."""
        size = len(direction)
        return np.array(
            [
                ((self.evaluate(formula, 1e-20j * step).slope.imag / 1e-20 * weights).sum(-1))
                @ direction
                for step in np.eye(size)
            ]
        )

    def split(self, row: Any) -> list[Any]:
        """Cut a row into the parts that belong to each leaf."""
        return np.split(row, np.cumsum([leaf.value.size for leaf in self.leaves])[:-1])


def nodes(formula: Formula) -> list[Formula]:
    """List a formula and all that it was computed from."""
    found: dict[int, Formula] = {}
    waiting = [formula]
    while waiting:
        node = waiting.pop()
        if id(node) not in found:
            found[id(node)] = node
            waiting += [x for x in node.inputs if isinstance(x, Formula)]
    return list(found.values())


def reached(model: Model, formula: Formula) -> list[bool]:
    """Tell which leaves a formula has read."""
    owners = {id(x.owner) for node in nodes(formula) for x in node.inputs if isinstance(x, Leaf)}
    return [id(leaf) in owners for leaf in model.leaves]
