"""A model as a row of labelled blocks: its innermost modules in the order of their calls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tinygrad_edu.draw.labels import lines, title
from tinygrad_edu.draw.theme import CODE, PROSE, Theme
from tinygrad_edu.tensor import Tensor

if TYPE_CHECKING:
    from graphviz import Digraph

    from tinygrad_edu.nn.summary import Row

MOST = 100
"""The largest number of blocks that is drawn."""


def blocks(model: Any, sample: Any, theme: Theme) -> Digraph:
    """Call a model and draw its blocks, with the shapes that go from one to the next.

    Parameters
    ----------
    sample : an input, or the shape of one, for which zeros are taken.

    Raises
    ------
    TypeError
        If ``model`` is no Module.
    ValueError
        If there are more than `MOST` blocks.
    """
    x = _input(model, sample)
    dot = _paper(theme)
    dot.node("x", "x", **theme.box("input"), width="0.4")
    shape, last = str(np.shape(x)), "x"
    for number, row in enumerate(_innermost(model, x)):
        text = [title(row.path, row.kind)]
        text += [f"{row.parameters:,} parameters"] if row.parameters else []
        dot.node(f"b{number}", lines(text), **theme.box("module" if row.parameters else "computed"))
        dot.edge(last, f"b{number}", label=lines([shape]))
        shape, last = str(row.output), f"b{number}"
    dot.node("y", "ŷ", **theme.box("result"), width="0.4")
    dot.edge(last, "y", label=lines([shape]))
    return dot


def _innermost(model: Any, x: Any) -> list[Row]:
    """Call a model; list the calls of modules within which no other was called."""
    from tinygrad_edu.nn.summary import summary

    rows = summary(model, x).rows
    inner = [
        row
        for row, following in zip(rows, [*rows[1:], None])
        if following is None or following.depth <= row.depth
    ]
    if len(inner) > MOST:
        raise ValueError(
            f"this model has {len(inner)} innermost modules, more than {MOST}; draw a part of it, "
            f"such as model.encoder, or print its summary"
        )
    return inner


def _paper(theme: Theme) -> Digraph:
    """Make a picture with nothing in it yet."""
    from graphviz import Digraph

    return Digraph(
        graph_attr={"rankdir": "LR", "bgcolor": theme.paper, "ranksep": "0.3", "pad": "0.2"},
        node_attr={
            "shape": "box", "fontname": PROSE, "fontsize": "12", "color": theme.border,
            "fontcolor": theme.ink, "height": "0.8",
        },
        edge_attr={
            "color": theme.arrow, "arrowsize": "0.8", "fontname": CODE, "fontsize": "10",
            "fontcolor": theme.faint,
        },
    )  # fmt: skip


def _input(model: Any, sample: Any) -> Any:
    """Return the sample, or zeros in the dtype that the model computes in."""
    from tinygrad_edu.nn.module import Module

    if not isinstance(model, Module):
        raise TypeError(
            f"a sample is for a Module to be called with, not for a {type(model).__name__}"
        )
    is_shape = isinstance(sample, tuple) and all(isinstance(size, int) for size in sample)
    if not is_shape:
        return sample
    dtype = next((parameter.dtype for parameter in model.parameters()), None)
    return Tensor(np.zeros(sample), dtype=dtype)
