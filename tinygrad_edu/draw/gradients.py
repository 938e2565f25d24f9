"""The gradients of a recorded run, without touching it: a second walk over a copy of its nodes.

``backward()`` keeps the gradients of leaves, in ``.grad``, and drops those in between. A graph
wants all of them, and what has come along every edge. So the run is copied node by node, sharing
arrays, but without the hooks that a user has registered (they are for ``backward()``), and the walk
is watched. Where ``.grad`` holds something else than this run's gradient, the graph says so.

Read next: ``as_json.py`` and ``dot.py``, which write a graph down.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np

from tinygrad_edu.backprop import walk
from tinygrad_edu.op import Array, Memory, Node, Op
from tinygrad_edu.recording import CONTEXT, Context
from tinygrad_edu.tensor import Tensor

ENDS = Op(
    lambda *results: np.ones(()),
    {"results": lambda dy, y, *results, position: np.ones_like(results[position])},
    name="ends",
    symbol=None,
    hint="",
    cases=(),
    kinks=(),
)
"""What the walk over a copy starts from: it gives every result a gradient of ones."""


class Gradients(NamedTuple):
    """What is known of a run's gradients.

    Attributes
    ----------
    state : ``"backward"``, ``"computed"`` or ``"none"``, as in `Graph`.
    of : the gradient for each node, and for each leaf by its memory.
    contributions : by node and the position of an input, what came back there.
    changed : what has been written into since the run: then nothing can be computed.
    other : the leaves whose ``.grad`` is not the gradient that this run alone gives them.
    """

    state: str
    of: dict[Any, Array]
    contributions: dict[tuple[Node, int], Array]
    changed: list[Memory]
    other: list[Tensor]


def memory_of(node: Node, x: Any) -> Memory | None:
    """Return what an input of a node lives in if it was a leaf; None for any other input."""
    return next((memory for memory in node.memory if memory.array is x), None)


def origin(node: Node, position: int) -> Any:
    """Say where an input came from: a node, the memory of a leaf, or None for a constant."""
    parent = node.parents[position]
    return parent if type(parent) is Node else memory_of(node, node.arrays[position])


def find_gradients(
    outputs: Iterable[Tensor], nodes: list[Node], wanted: set[Any] | None = None
) -> Gradients:
    """Compute the gradients of a run, and find out whether ``backward()`` has done so before.

    It has if a result is marked as spent. After ``backward(retain_graph=True)`` it is not; then the
    leaves tell, if their ``.grad`` is what a walk gives.

    Parameters
    ----------
    outputs : the results. Their gradients are ones.
    nodes : what they were computed from, and their own, oldest first.
    wanted : where gradients are to come to, as `origin` names it; by default everywhere.
    """
    roots = [tensor.node for tensor in outputs if tensor.node is not None]
    memories = [memory for node in nodes for memory in node.memory if memory.stamp > node.serial]
    changed = list(dict.fromkeys(memories))
    spent = any(root.spent for root in roots)
    if not roots or changed:
        return Gradients("backward" if spent else "none", {}, {}, changed, [])
    of, contributions = _walked(nodes, roots, wanted)
    totals = _totals(nodes, of)
    other = [leaf for leaf in totals if leaf.grad is not None and not _same(leaf, totals[leaf])]
    reached = [leaf for leaf in totals if totals[leaf] is not None]
    has_run = spent or (reached and all(_same(leaf, totals[leaf]) for leaf in reached))
    return Gradients("backward" if has_run else "computed", of, contributions, [], other)


def _walked(
    nodes: list[Node], roots: list[Node], wanted: set[Any] | None
) -> tuple[dict[Any, Array], dict[tuple[Node, int], Array]]:
    """Walk over a copy of a run; return the gradients, and the contributions to them."""
    twins, root = _copied(nodes, roots)
    useful = set(twins) if wanted is None else _on_the_way(nodes, wanted)
    carried = _Carried()
    token = CONTEXT.set(Context(False, None, None, carried))
    try:
        with np.errstate(all="ignore"):  # backward() warns
            found = walk({root: np.ones(())}, wrt=[twins[key] for key in twins if key in useful])
    finally:
        CONTEXT.reset(token)
    kept = _Kept(nodes)
    of = {key: kept.array(found[twin]) for key, twin in twins.items() if twin in found}
    contributions = {
        (node, position): kept.array(dx)
        for node in nodes
        for position, dx in carried.positions(node, twins, useful)
    }
    return of, contributions


def _copied(nodes: list[Node], roots: list[Node]) -> tuple[dict[Any, Any], Node]:
    """Copy a run without what is attached to it; return the copies by origin, and their end."""
    twins: dict[Any, Any] = {}
    for node in nodes:
        parents: list[Any] = []
        for position, parent in enumerate(node.parents):
            if parent is None:
                parents.append(None)
                continue
            key = origin(node, position)
            if key not in twins:  # a leaf
                twins[key] = Tensor._wrap(node.arrays[position])
            parents.append(twins[key])
        twins[node] = _node(node.op, node.arrays, parents, node.settings, node.y, node.serial)
    results = tuple(root.y for root in roots)
    last = nodes[-1].serial + 1
    return twins, _node(ENDS, results, [twins[root] for root in roots], {}, np.ones(()), last)


def _node(
    op: Op, arrays: Any, parents: list[Any], settings: dict[str, Any], y: Array, serial: int
) -> Node:
    node: Node = object.__new__(Node)
    node.op, node.arrays, node.parents, node.settings = op, arrays, tuple(parents), settings
    node.y, node.serial, node.memory, node.notes, node.scope = y, serial, (), None, None
    node.spent = False
    return node


def _on_the_way(nodes: list[Node], wanted: set[Any]) -> set[Any]:
    """Find all that a gradient passes on its way from the end to what is wanted."""
    useful = set(wanted)
    for node in nodes:  # oldest first: inputs before users
        if any(origin(node, i) in useful for i, p in enumerate(node.parents) if p is not None):
            useful.add(node)
    return useful


class _Carried:
    """Takes down what every rule returns: the watch of a walk; see ``anomaly.py`` for another."""

    def __init__(self) -> None:
        self.by_node: dict[Node, list[Any]] = {}

    def computed(self, *call: Any) -> None:
        """Look at nothing that is computed forwards."""

    def carried(self, node: Node, parent: Any, dy: Any, dx: Any) -> None:
        """Take down what the rule for one input has returned."""
        self.by_node.setdefault(node, []).append(dx)

    def positions(self, node: Node, twins: dict[Any, Any], useful: set[Any]) -> list[Any]:
        """Pair what was taken down for a node with the inputs whose rules the walk has called."""
        found = self.by_node.get(twins[node], [])
        asked = [
            position
            for position, (parent, rule) in enumerate(zip(node.parents, node.op.rules))
            if parent is not None and rule is not None and origin(node, position) in useful
        ]
        return list(zip(asked, found))


class _Kept:
    """Makes arrays safe from what happens later, copying only those that could change."""

    def __init__(self, nodes: list[Node]) -> None:
        self.leaves = {id(memory.array) for node in nodes for memory in node.memory}

    def array(self, dx: Any) -> Any:
        """Return a gradient as an array that is written into by nobody."""
        if not isinstance(dx, np.ndarray):  # that of an op of several results
            return None
        if dx.base is not None or id(dx) in self.leaves:
            dx = dx.copy()
        return read_only(dx)


def read_only(array: Array) -> Array:
    """Return a view that cannot be written into."""
    view: Array = array.view()
    view.flags.writeable = False
    return view


def _totals(nodes: list[Node], of: dict[Any, Array]) -> dict[Tensor, Array | None]:
    """Add up what each leaf gets, which may have been given new memory between two uses."""
    memories: dict[Tensor, dict[Any, None]] = {}
    for node in nodes:
        for position, parent in enumerate(node.parents):
            if isinstance(parent, Tensor):
                memories.setdefault(parent, {})[origin(node, position)] = None
    totals: dict[Tensor, Array | None] = {}
    for leaf, keys in memories.items():
        parts = [of[key] for key in keys if key in of]
        same = all(part.shape == leaf.shape for part in parts)
        totals[leaf] = sum(parts[1:], parts[0]) if parts and same else None
    return totals


def _same(leaf: Tensor, dx: Array | None) -> bool:
    """Tell whether a ``.grad`` is what a walk has found, but for rounding."""
    if leaf.grad is None or dx is None or leaf.grad.shape != dx.shape:
        return False
    return np.allclose(leaf.grad.numpy(), dx, rtol=1e-6, atol=0, equal_nan=True)
