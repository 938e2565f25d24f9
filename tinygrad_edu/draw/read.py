"""graph: read the run that a Tensor remembers into a `Graph`; nothing about it is changed.

Read next: ``gradients.py``, where its gradients come from.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from tinygrad_edu.draw.captions import captions, note
from tinygrad_edu.draw.formula import formula, setting
from tinygrad_edu.draw.gradients import find_gradients, memory_of, read_only
from tinygrad_edu.draw.modules import ModuleCalls, around
from tinygrad_edu.draw.names import Names
from tinygrad_edu.draw.snapshot import Graph, GraphEdge, GraphNode, SourceLine
from tinygrad_edu.op import Array, Node
from tinygrad_edu.several import PART
from tinygrad_edu.tensor import Tensor

LIMIT = 50_000
"""The largest number of recorded calls that is read: with their arrays, they must be held."""


def graph(
    output: Tensor | Sequence[Tensor],
    wrt: Tensor | Iterable[Tensor] | None = None,
    names: Mapping[str, Any] | None = None,
) -> Graph:
    """Take down a recorded run: its values, formulas, module calls, and all of its gradients.

    The gradients are those of ``output`` (of its sum, if it is no single number), also where
    ``backward()`` has not run yet; `Graph.gradients` says which. Nothing about the tensors is
    changed by that, and their hooks are not called.

    Parameters
    ----------
    output : the result, usually the loss; or several results, whose gradients are added up.
    wrt : the tensors whose gradients are wanted; by default, those of everything.
    names : names of Tensors in the graph, such as ``locals()`` or
        ``dict(model.named_parameters())``. Without, a Tensor has its own ``.name``, a module's
        parameter its path, and others are numbered: parameters ``w1``, inputs ``x1``, constants
        ``c1``, what was computed ``t1``.

    Returns
    -------
    A `Graph`.

    Raises
    ------
    TypeError
        If ``output`` or ``wrt`` has something in it that is no Tensor.
    ValueError
        If ``output`` does not depend on a tensor of ``wrt``, or was computed by more than 50 000
        calls.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.draw.read import graph
    >>> x = tg.Tensor(3.0, requires_grad=True, name="x")
    >>> run = graph(x * x + 2 * x)
    >>> [node.formula for node in run.nodes if node.formula]
    ['x * x', '2 * x', 't1 + t2']
    >>> [(edge.argument, edge.contribution.item()) for edge in run.edges if edge.source == 0]
    [('a', 3.0), ('b', 3.0), ('b', 2.0)]
    >>> run.nodes[0].gradient.item(), run.gradients
    (8.0, 'computed')
    """
    outputs = [output] if isinstance(output, Tensor) else list(output)
    if not outputs:
        raise ValueError("graph() of no results; give it at least one Tensor")
    return _Reader(_checked(outputs, "output"), _places(wrt), names or {}).graph()


def _checked(tensors: list[Any], what: str) -> list[Tensor]:
    for tensor in tensors:
        if not isinstance(tensor, Tensor):
            raise TypeError(
                f"{what} is a Tensor or several, not a {type(tensor).__name__}; a graph is what a "
                f"Tensor remembers of its computation"
            )
    return tensors


def _places(wrt: Tensor | Iterable[Tensor] | None) -> list[Tensor] | None:
    if wrt is None:
        return None
    return _checked([wrt] if isinstance(wrt, Tensor) else list(wrt), "wrt")


def recorded(roots: Iterable[Node]) -> list[Node]:
    """List the nodes that some nodes were computed from, and those themselves, oldest first.

    Raises
    ------
    ValueError
        If there are more than `LIMIT`.
    """
    found: set[Node] = set()
    waiting = list(roots)
    while waiting:
        node = waiting.pop()
        if node not in found:
            found.add(node)
            if len(found) > LIMIT:
                raise ValueError(
                    f"this run has more than {LIMIT} recorded calls, too many for a graph; look at "
                    f"a part of it: an earlier result, or a run with fewer layers, steps or "
                    f"repetitions"
                )
            waiting.extend(parent for parent in node.parents if type(parent) is Node)
    return sorted(found, key=lambda node: node.serial)


class _Draft:
    """A node while it is being read: the module call around it may still grow."""

    __slots__ = ("fields", "scope")

    def __init__(self, scope: Any, **fields: Any) -> None:
        self.scope = scope
        self.fields = fields


class _Reader:
    """One reading of one run."""

    def __init__(
        self, outputs: list[Tensor], wrt: list[Tensor] | None, names: Mapping[str, Any]
    ) -> None:
        self.outputs = outputs
        self.nodes = recorded(tensor.node for tensor in outputs if tensor.node is not None)
        wanted = None if wrt is None else self._wanted(wrt)
        self.found = find_gradients(outputs, self.nodes, wanted)
        self.names = Names(outputs, self.nodes, names)
        self.results = {id(tensor.node) for tensor in outputs}
        self.drafts: list[_Draft] = []
        self.edges: list[GraphEdge] = []
        self.numbers: dict[Any, int] = {}  # where each node, leaf's memory or constant is
        self.restricted = wrt is not None

    def _wanted(self, wrt: list[Tensor]) -> set[Any]:
        """Return what the tensors of ``wrt`` are known by in this run."""
        known: set[Any] = {*self.nodes, *(memory for n in self.nodes for memory in n.memory)}
        wanted = {tensor.node or tensor.memory for tensor in wrt}
        for tensor in wrt:
            if (tensor.node or tensor.memory) not in known:
                raise ValueError(
                    f"wrt has a tensor {tensor.name or ''} of shape {tensor.shape} in it that the "
                    f"output was not computed from; is it the one that the run has used?"
                )
        return wanted

    def graph(self) -> Graph:
        for node in self.nodes:
            self._computed(node)
        for tensor in self.outputs:
            if tensor.node is None:
                key = tensor.memory or tensor
                if key not in self.numbers:
                    parent = tensor if tensor.requires_grad else None
                    self._add(key, self._leaf(key, parent, tensor._array, None))
        calls = ModuleCalls()
        nodes = tuple(
            GraphNode(id=number, call=calls.number(draft.scope), **draft.fields)
            for number, draft in enumerate(self.drafts)
        )
        backward = tuple(self.numbers[n] for n in reversed(self.nodes) if n in self.found.of)
        outputs = tuple(self.numbers[t.node or t.memory or t] for t in self.outputs)
        return Graph(
            nodes, tuple(self.edges), tuple(calls.calls), outputs, backward, self.found.state,
            captions(self.found, self.names, [nodes[i] for i in outputs]),
        )  # fmt: skip

    def _computed(self, node: Node) -> None:
        inputs = [
            (position, self._input(node, position))
            for position, x in enumerate(node.arrays)
            if x is not None  # an optional input that was left out, such as a bias
        ]
        is_result = id(node) in self.results
        operands = [self.drafts[number].fields["name"] for _, number in inputs]
        gradient = self.found.of.get(node)
        draft = _Draft(
            node.scope,
            role="result" if is_result else "computed",
            name=self.names.of("t", node, "result" if is_result else ""),
            op=node.op,
            formula=formula(node.op, operands, node.settings),
            settings={key: setting(value) for key, value in node.settings.items()},
            value=None if isinstance(node.y, tuple) else read_only(node.y),
            gradient=gradient,
            note="" if gradient is not None else note(self.found, node.y, self.restricted),
            grad=None,
            line=_line(node),
            inputs=tuple(number for _, number in inputs),
        )
        target = self._add(node, draft)
        for position, source in inputs:
            contribution = self.found.contributions.get((node, position))
            edge = (source, target, node.op.argument(position), position, contribution)
            self.edges.append(GraphEdge(len(self.edges), *edge))

    def _input(self, node: Node, position: int) -> int:
        """Return the number of an input, adding it at the first use."""
        x, parent = node.arrays[position], node.parents[position]
        if isinstance(parent, Node):
            return self.numbers[parent]
        memory = memory_of(node, x)
        key = (node, position) if memory is None else memory
        if key not in self.numbers:
            if memory is None:
                self._add(key, self._constant(x, node.scope))
            else:
                self._add(key, self._leaf(memory, parent, x, node.scope))
        draft = self.drafts[self.numbers[key]]
        draft.scope = around(draft.scope, node.scope)
        return self.numbers[key]

    def _constant(self, x: Any, scope: Any) -> _Draft:
        if np.ndim(x):
            name = self.names.invent("c")
        else:
            name = f"{x:.6g}" if isinstance(x, float) else f"{x}"
        return _leaf(scope, role="constant", name=name, value=read_only(np.asarray(x)))

    def _leaf(self, key: Any, parent: Tensor | None, x: Array, scope: Any) -> _Draft:
        value = read_only(x.copy())  # which may be written into later
        if parent is None:
            return _leaf(None, role="input", name=self.names.of("x", x), value=value)
        gradient, name = self.found.of.get(key), self.names.of("w", parent)
        grad = None if parent.grad is None else read_only(parent.grad.numpy().copy())
        if self.found.state == "backward" and self.found.changed:
            gradient = grad  # all that is left of it
        missing = "" if gradient is not None else note(self.found, x, self.restricted)
        if any(leaf is parent for leaf in self.found.other):
            missing = ".grad holds something else than this gradient"
        return _leaf(
            scope, role="parameter", name=name, value=value, gradient=gradient, grad=grad,
            note=missing,
        )  # fmt: skip

    def _add(self, key: Any, draft: _Draft) -> int:
        number = self.numbers[key] = len(self.drafts)
        self.drafts.append(draft)
        return number


def _leaf(scope: Any, **fields: Any) -> _Draft:
    """Draft what was not computed."""
    rest: dict[str, Any] = {"op": None, "formula": "", "settings": {}, "line": None, "inputs": ()}
    missing: dict[str, Any] = {"gradient": None, "grad": None, "note": ""}
    return _Draft(scope, **(rest | missing | fields))


def _line(node: Node) -> SourceLine | None:
    """Return where a value was computed, if that was taken down; a part, where its whole was."""
    whole = node.parents[0] if node.op is PART else node
    notes = getattr(whole, "notes", None)
    return None if notes is None or notes.line is None else SourceLine(*notes.line)
