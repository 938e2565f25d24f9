"""The run as two tables: for readers without JavaScript, for screen readers, and for paper."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Any

import numpy as np

from tinygrad_edu.draw.values import describe

FORWARD = "step", "value", "computed as", "shape", "numbers"
BACKWARD = "step", "at", "dy", "goes to", "rule", "dx", "there"


def tables(run: dict[str, Any]) -> str:
    """Write the forward and the backward pass, step by step, as HTML.

    Parameters
    ----------
    run : what ``Graph.to_json()`` returns.
    """
    forward = _table("Forward", FORWARD, _forward(run))
    if not run["backward"]:
        return f"{forward}\n<p>There is no backward pass: nothing here requires a gradient.</p>"
    return f"{forward}\n{_table('Backward', BACKWARD, _backward(run))}"


def _forward(run: dict[str, Any]) -> Iterable[list[str]]:
    step = 0
    for node in run["nodes"]:
        step += node["op"] is not None
        number = str(step) if node["op"] else "given"
        shape = "" if node["shape"] is None else str(tuple(node["shape"]))
        how = node["formula"] or node["role"]
        yield [number, escape(node["name"]), escape(how), shape, numbers(node["value"])]


def _backward(run: dict[str, Any]) -> Iterable[list[str]]:
    nodes, met = run["nodes"], set(run.get("outputs", [run["output"]]))
    inputs: dict[int, list[Any]] = {}
    for edge in run["edges"]:
        inputs.setdefault(edge["target"], []).append(edge)
    for step, target in enumerate(run["backward"], 1):
        head = [str(step), escape(nodes[target]["name"]), numbers(nodes[target]["gradient"])]
        for edge in inputs.get(target, []):
            if edge["contribution"] is not None:
                source = edge["source"]
                rule = escape(nodes[target]["rules"].get(edge["argument"], ""))
                how = "+= dx" if source in met else "= dx"
                met.add(source)
                name = escape(nodes[source]["name"])
                yield [*head, name, f"<pre>{rule}</pre>", numbers(edge["contribution"]), how]
                head = ["", "", ""]


def _table(caption: str, columns: Iterable[str], rows: Iterable[list[str]]) -> str:
    head = "".join(f'<th scope="col">{column}</th>' for column in columns)
    body = "\n".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return (
        f'<div class="wide"><table><caption>{caption}</caption><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def numbers(array: dict[str, Any] | None) -> str:
    """Write an array of the JSON in a few short lines, as in a picture's boxes."""
    if array is None:
        return ""
    if "values" not in array:
        lines = [f"{key} {array[key]}" for key in ("min", "mean", "max")]
    elif array["dtype"].startswith("complex"):
        lines = [str(array["values"])]
    else:
        kind = float if array["dtype"].startswith("float") else None
        lines = describe(np.array(array["values"], kind).reshape(array["shape"]))
    return f"<pre>{escape(chr(10).join(lines))}</pre>"
