"""What a notebook shows of Tensors, modules and graphs: never an error, whatever they are.

Names and classes come from outside and are escaped. Nothing is fetched from anywhere.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np

from tinygrad_edu.draw.labels import visible
from tinygrad_edu.draw.render import RenderError, render
from tinygrad_edu.draw.values import describe

if TYPE_CHECKING:
    from tinygrad_edu.draw.snapshot import Graph
    from tinygrad_edu.tensor import Tensor

SIDE = 10
"""The longest row and column of a Tensor that is shown in full."""

NUMBERS = "padding: 0 0.6em; font-family: monospace; text-align: right"
TEXTS = "padding: 0 0.6em; font-family: monospace; text-align: left; white-space: pre"


def graph_bundle(graph: Graph) -> dict[str, str]:
    """Return a graph as a picture; or, if there can be none, as what would help, and as DOT text.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.draw.notebook import graph_bundle
    >>> w = tg.Tensor(2.0, requires_grad=True)
    >>> "text/plain" in graph_bundle(tg.draw.graph(w * w))
    True
    """
    plain = {"text/plain": repr(graph)}
    try:
        source: str = graph.digraph().source
    except (ValueError, ImportError) as error:  # too large a picture, or no package graphviz
        return plain | {"text/html": f"<p>{_text(str(error))}</p>"}
    try:
        svg = render(source, "svg").decode()
    except RenderError as error:
        return plain | {"text/html": f"<p>{_text(str(error))}</p><pre>{_text(source)}</pre>"}
    return plain | {"image/svg+xml": svg[svg.index("<svg") :]}


def tensor_html(tensor: Tensor) -> str:
    """Return a Tensor as a table of its numbers, or of how they are spread, below what it is.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.draw.notebook import tensor_html
    >>> tensor_html(tg.Tensor([1.0, 2.0], name="<w>"))[:52]
    '<div><p><b>&lt;w&gt;</b> Tensor of shape (2,), float'
    """
    array = tensor._array
    parts = [f"Tensor of shape {array.shape}, {array.dtype}"]
    if tensor.node is not None:
        parts.append(f"computed by {tensor.node.op.name}")
    elif tensor.requires_grad:
        parts.append("requires grad")
    if tensor._grad is not None:
        parts.append(f"size of .grad {_length(tensor._grad._array):.4g}")
    name = f"<b>{_text(tensor.name)}</b> " if tensor.name else ""
    return f"<div><p>{name}{_text(', '.join(parts))}</p>{_numbers(array)}</div>"


def _length(array: Any) -> float:
    with np.errstate(all="ignore"):
        return float(np.sqrt(np.sum(np.abs(array) ** 2)))


def _numbers(array: Any) -> str:
    if not array.size or array.ndim > 2 or max(array.shape, default=1) > SIDE:
        rows = [[line] for line in describe(array)]
        return _table(rows, TEXTS)
    rows = [[_number(x) for x in row] for row in np.atleast_2d(array).tolist()]
    return _table(rows, NUMBERS)


def _number(x: Any) -> str:
    return f"{x:.4g}" if isinstance(x, (float, complex)) else str(x)


def module_html(module: Any) -> str:
    """Return a module as a table of its tree: each module's class, shapes, and count of parameters.

    Examples
    --------
    >>> from tinygrad_edu import nn
    >>> from tinygrad_edu.draw.notebook import module_html
    >>> html = module_html(nn.Sequential(nn.Linear(3, 4), nn.Sigmoid()))
    >>> "weight (4, 3), bias (4,)" in html, "16 parameters" in html
    (True, True)
    """
    rows: list[list[str]] = []
    counted: dict[int, int] = {}
    _branch(module, "", 0, rows, counted)
    total = f"{sum(counted.values()):,} parameters"
    head = ["module", "type", "shapes", "parameters"]
    table = _table(rows, TEXTS, head)
    return f"<div><p><b>{_text(type(module).__name__)}</b> {total}</p>{table}</div>"


def _branch(
    module: Any, name: str, depth: int, rows: list[list[str]], counted: dict[int, int]
) -> None:
    """Add a module and all below it, each parameter counted where it is first."""
    attributes = getattr(module, "__dict__", {})
    own = attributes.get("_parameters") or {}
    found = {key: tensor for key, tensor in own.items() if tensor is not None}
    new = {id(tensor): tensor.size for tensor in found.values() if id(tensor) not in counted}
    counted.update(new)
    shapes = ", ".join(f"{key} {tensor.shape}" for key, tensor in found.items())
    kind = type(module).__name__
    if not hasattr(module, "forward"):  # a plain function in a Sequential
        kind = getattr(module, "__name__", kind)
    rows.append(["  " * depth + (name or "(model)"), kind, shapes, f"{sum(new.values()):,}"])
    for key, child in (attributes.get("_modules") or {}).items():
        if child is not None:
            _branch(child, str(key), depth + 1, rows, counted)


def _table(rows: list[list[str]], style: str, head: list[str] | None = None) -> str:
    """Write a table."""
    first = "".join(f'<th style="{style}">{_text(cell)}</th>' for cell in head or [])
    body = "".join(
        "<tr>" + "".join(f'<td style="{style}">{_text(cell)}</td>' for cell in row) + "</tr>"
        for row in rows
    )
    return f"<table>{f'<tr>{first}</tr>' if first else ''}{body}</table>"


def _text(text: str) -> str:
    """Make text from outside harmless, and its invisible characters visible."""
    return escape(visible(text))
