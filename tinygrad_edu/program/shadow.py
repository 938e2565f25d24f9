"""The walk back over a recorded run, with every rule's own work taken down.

The walk hands arrays or Tensors to the rules. For a rule's work to be taken down, it has to be
handed `Traced`. So the walk is sent over a shadow of the graph: the same nodes, but for rules that
make what they are handed traced before they go to work.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from tinygrad_edu.backprop import walk
from tinygrad_edu.op import Node, Op
from tinygrad_edu.program.traced import recorder, traced, with_trace


def traced_walk(root: Node, nodes: list[Node], seed: Any, wrt: Any = None) -> dict[Any, Any]:
    """Walk back from a node; the gradients are `Traced`, by leaf or node as in `walk`.

    Parameters
    ----------
    nodes : all that ``root`` was computed from, and itself, oldest first.
    """
    shadows = shadows_of(nodes)
    originals = {shadow: node for node, shadow in shadows.items()}
    recorder().originals.update(originals)
    wanted = None if wrt is None else [shadows.get(key, key) for key in wrt]
    found = walk({shadows[root]: traced(seed)}, wrt=wanted, create_graph=True)
    return {originals.get(key, key): dx for key, dx in found.items()}


def shadows_of(nodes: list[Node]) -> dict[Any, Node]:
    """Copy nodes, with rules that trace."""
    ops: dict[Op, Op] = {}
    shadows: dict[Any, Node] = {}
    for node in nodes:
        shadow: Node = object.__new__(Node)
        for slot in Node.__slots__:
            setattr(shadow, slot, getattr(node, slot))
        if node.op not in ops:
            ops[node.op] = TracingOp(node.op)
        shadow.op = ops[node.op]
        shadow.parents = tuple(
            parent if parent is None else shadows.get(parent, parent) for parent in node.parents
        )
        shadows[node] = shadow
    return shadows


class TracingOp(Op):
    """An op whose rules trace."""

    __slots__ = ()

    def __init__(self, op: Op) -> None:
        for slot in Op.__slots__:
            setattr(self, slot, getattr(op, slot))
        self.rules = TracingRules(op.rules)


class TracingRules:
    """The rules of an op, each of which traces."""

    def __init__(self, rules: Iterable[Any]) -> None:
        self.rules = rules

    def __iter__(self) -> Iterator[Any]:
        return (rule if rule is None else tracing(rule) for rule in self.rules)


def tracing(rule: Callable[..., Any]) -> Callable[..., Any]:
    """Hand a rule `Traced` in the place of Tensors."""

    def traced_rule(*given: Any, **settings: Any) -> Any:
        return rule(*map(with_trace, given), **settings)

    return traced_rule
