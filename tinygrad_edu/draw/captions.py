"""What has to be said about the gradients of a graph, in words.

A graph must not claim what is not so: where a ``.grad`` is not this run's gradient, or an old value
is gone, it says so.
"""

from __future__ import annotations

from typing import Any

from tinygrad_edu.draw.gradients import Gradients
from tinygrad_edu.draw.names import Names, shorten
from tinygrad_edu.draw.snapshot import Graph, GraphNode

NOT_YET = "no gradient yet"
LOST = "gradient lost"
UNREACHED = "no gradient gets here"
NOT_ASKED = "not on the way to wrt"
SEVERAL = "one for each of its results"
NONE_WANTED = "nothing here requires grad"


def note(found: Gradients, y: Any, restricted: bool) -> str:
    """Say why a computed value or a parameter has no gradient."""
    if found.changed:
        return LOST
    if found.state == "none":
        return NOT_YET
    if isinstance(y, tuple) and not restricted:
        return SEVERAL
    return NOT_ASKED if restricted else UNREACHED


def captions(found: Gradients, names: Names, outputs: list[GraphNode]) -> tuple[str, ...]:
    """Write the lines on what is unusual, under a picture or beside it."""
    lines = []
    if all(each.op is None for each in outputs):
        lines.append("a leaf: nothing was recorded that led to it")
    if found.changed:
        changed = _list([names.of("w", memory.array) for memory in found.changed])
        lines.append(
            f"{changed}: changed in place since, and shown as it is now; "
            f"the gradients in between needed the old values"
        )
    if found.other:
        other = _list([names.of("w", leaf) for leaf in found.other])
        lines.append(
            f"{other}: .grad is not d {_result(outputs)} / d value; it adds up over backward() "
            f"calls until it is set to None"
        )
    return tuple(lines)


def explain(graph: Graph, computed: bool) -> list[str]:
    """Write all lines for a graph.

    Parameters
    ----------
    computed : whether gradients are shown that only this graph has computed.
    """
    outputs = [graph.nodes[i] for i in graph.outputs]
    result = _result(outputs)
    has_any = any(node.gradient is not None for node in graph.nodes if node.op is not None)
    lines = []
    if has_any and graph.gradients == "backward":
        lines.append(
            f"gradient: d {result} / d value, computed again for this picture where it is not "
            f"in .grad"
        )
    elif has_any and computed:
        lines.append(
            f"gradient: d {result} / d value, computed for this picture; backward() has not been "
            f"called on {_names(outputs)}"
        )
    elif has_any or (graph.gradients == "none" and not _is_leaf(outputs)):
        several = ", or several times" if _others(graph) else ""
        lines.append(f"{NOT_YET}: backward() has not been called on {_names(outputs)}{several}")
    return lines + list(graph.caption)


def _others(graph: Graph) -> bool:
    return any(node.grad is not None and node.note for node in graph.nodes)


def _is_leaf(outputs: list[GraphNode]) -> bool:
    return all(each.op is None for each in outputs)


def _names(outputs: list[GraphNode]) -> str:
    return _list([each.name for each in outputs])


def _result(outputs: list[GraphNode]) -> str:
    """Name what gradients are of: a number, or the sum of what is none."""
    terms = [
        shorten(each.name)
        if each.value is None or each.value.size == 1
        else f"sum({shorten(each.name)})"
        for each in outputs
    ]
    return terms[0] if len(terms) == 1 else f"({' + '.join(terms[:4])}{' …' * (len(terms) > 4)})"


def _list(names: list[str]) -> str:
    """Name the first few."""
    short = [shorten(name) for name in names]
    return ", ".join(short[:4]) + (f" and {len(short) - 4} more" if len(short) > 4 else "")
