"""A graph as JSON: for pages, for other programs, and to be looked at years later.

The schema is written down below, and its version in every document.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tinygrad_edu.draw.captions import explain
from tinygrad_edu.draw.rules import rule_texts
from tinygrad_edu.op import Array

if TYPE_CHECKING:
    from tinygrad_edu.draw.snapshot import Graph, GraphEdge, GraphNode

VERSION = "tinygrad_edu.graph/1"

SCHEMA = """\
# tinygrad_edu.graph/1

A recorded run. All ids are positions in their lists; all lists are in the order of the recording.

| key | value |
|---|---|
| `schema` | `"tinygrad_edu.graph/1"` |
| `output` | the id of the result; of the last one, if there are several |
| `outputs` | the ids of all results |
| `gradients` | `"backward"`: `backward()` had run from here. `"computed"`: it had not, and the \
gradients were computed for this graph. `"none"`: there are none |
| `caption` | lines of text: what gradients these are, and what is unusual about them |
| `calls` | the module calls, outer ones first |
| `nodes` | the values, inputs before their users |
| `edges` | the uses of values |
| `backward` | ids of the computed nodes in the order in which the backward pass handles them |

A **call** has `id`, `path` (`"encoder.0"`; empty for the model itself), `type` (the class), \
`parent` (an id, or null), `module` (the same number for calls of the same module).

A **node** has `id`, `role` (`"parameter"`, `"input"`, `"constant"`, `"computed"` or `"result"`), \
`name`, `op` (or null), `symbol` (such as `"@"`, or null), `formula`, `call` (an id, or null), \
`module` (the path of that call), `shape`, `dtype`, `value` (an array), `gradient` (an array of \
the same shape, or null), `gradient_note` (why there is none, or that `.grad` holds something \
else; mostly empty), `rules` (by argument, the derivative rule as Python text; an argument without \
a derivative has none), `settings` (by name, as Python text), `line` (`file`, `number`, `code`; or \
null), `inputs` (ids in the order of the operands). An op of several results has a node without \
shape, dtype, value and gradient (null), and one more, of op `part`, for each result in use.

An **edge** has `id`, `source`, `target`, `argument` (its name), `position`, `contribution`: the \
part of the source's gradient that comes back along it, or null. Contributions to a node add up to \
its gradient.

An **array** has `shape` and `dtype`; if it is small, `values`, nested lists; else `min`, `max`, \
`mean`, `std` of its finite elements, `nonfinite`, how many others there are, and `histogram` with \
`edges` and, one fewer, `counts`. Numbers that JSON does not have are the strings `"nan"`, \
`"inf"`, `"-inf"`; a complex number is a string such as `"(1+2j)"`, and summaries are then of \
magnitudes.
"""
"""What is in the document, as Markdown."""

BINS = 20


def to_json(graph: Graph, full: int) -> dict[str, Any]:
    """Write a graph as plain values, after `SCHEMA`; see `Graph.to_json`."""
    arguments: list[list[GraphEdge]] = [[] for _ in graph.nodes]
    for edge in graph.edges:
        arguments[edge.target].append(edge)
    rules = _Rules(graph)
    return {
        "schema": VERSION,
        "output": graph.outputs[-1],
        "outputs": list(graph.outputs),
        "gradients": graph.gradients,
        "caption": explain(graph, computed=True),
        "calls": [call._asdict() for call in graph.calls],
        "nodes": [
            _node(graph, node, full) | {"rules": rules.of(node, arguments[node.id])}
            for node in graph.nodes
        ],
        "edges": [
            edge._asdict() | {"contribution": array_to_json(edge.contribution, full)}
            for edge in graph.edges
        ],
        "backward": list(graph.backward),
    }


def _node(graph: Graph, node: GraphNode, full: int) -> dict[str, Any]:
    value = node.value
    return {
        "id": node.id,
        "role": node.role,
        "name": node.name,
        "op": None if node.op is None else node.op.name,
        "symbol": None if node.op is None else node.op.symbol,
        "formula": node.formula,
        "call": node.call,
        "module": "" if node.call is None else graph.calls[node.call].path,
        "shape": None if value is None else list(value.shape),
        "dtype": None if value is None else str(value.dtype),
        "value": array_to_json(value, full),
        "gradient": array_to_json(node.gradient, full),
        "gradient_note": node.note,
        "settings": dict(node.settings),
        "line": None if node.line is None else node.line._asdict(),
        "inputs": list(node.inputs),
    }


class _Rules:
    """Writes the rules of every call, each that reads the same only once."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.written: dict[Any, dict[str, str]] = {}

    def of(self, node: GraphNode, arguments: list[GraphEdge]) -> dict[str, str]:
        """Return the rules of a call, under the names by which its edges call the arguments."""
        if node.op is None:
            return {}
        inputs = {edge.position: self.graph.nodes[edge.source].plain() for edge in arguments}
        key = node.op, tuple((i, _kind(x)) for i, x in inputs.items())
        if key not in self.written:
            texts = rule_texts(node.op, node.value, inputs)
            self.written[key] = {node.op.argument(i): text for i, text in texts.items()}
        return self.written[key]


def _kind(x: Any) -> Any:
    """Return all of an input that its rule's text may depend on."""
    return (x.shape, x.dtype) if isinstance(x, np.ndarray) else (type(x), x)


def array_to_json(array: Array | None, full: int) -> dict[str, Any] | None:
    """Write an array as plain values: all of it, or if it has more elements, a summary.

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_edu.draw.as_json import array_to_json
    >>> array_to_json(np.array([1.0, np.inf]), 10)
    {'shape': [2], 'dtype': 'float64', 'values': [1.0, 'inf']}
    >>> array_to_json(np.arange(100.0), 10)["mean"]
    49.5
    """
    if array is None:
        return None
    head = {"shape": list(array.shape), "dtype": str(array.dtype)}
    return head | ({"values": _values(array)} if array.size <= full else _summary(array))


def _values(array: Array) -> Any:
    """Write all numbers, nested as the array is."""
    if array.dtype.kind in "biu" or (array.dtype.kind == "f" and np.isfinite(array).all()):
        return array.astype(np.float64).tolist() if array.dtype.kind == "f" else array.tolist()
    texts = np.empty(array.shape, object)
    texts.ravel()[:] = [_number(x) for x in array.ravel().tolist()]
    return texts.tolist()


def _number(x: Any) -> Any:
    """Write a number, as text if JSON has none like it."""
    if isinstance(x, float):
        return x if np.isfinite(x) else str(x)
    return x if isinstance(x, (bool, int)) else str(x)


def _summary(array: Array) -> dict[str, Any]:
    """Say how many numbers are spread."""
    with np.errstate(all="ignore"):
        flat = (np.abs(array) if array.dtype.kind == "c" else array).astype(np.float64).ravel()
        finite = flat[np.isfinite(flat)]
        some = finite if finite.size else np.array([np.nan])
        low, high = float(np.min(some)), float(np.max(some))
        half = np.linspace(low / 2, high / 2, BINS + 1)  # for the whole range may be too large
        edges = 2 * half if low < high else 2 * half + np.linspace(-0.5, 0.5, BINS + 1)
        counts = np.bincount(np.searchsorted(edges[1:-1], finite, "right"), minlength=BINS)
        numbers = low, high, float(some.mean()), float(some.std())
    return dict(zip(("min", "max", "mean", "std"), map(_number, numbers))) | {
        "nonfinite": int(flat.size - finite.size),
        "histogram": {"edges": list(map(_number, edges.tolist())), "counts": counts.tolist()},
    }
