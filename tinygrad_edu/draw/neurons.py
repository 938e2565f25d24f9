"""Layers of neurons: a circle for each, a line for every weight, placed by hand on a grid."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tinygrad_edu.draw.labels import lines
from tinygrad_edu.draw.theme import PROSE, Theme

if TYPE_CHECKING:
    from graphviz import Digraph

    from tinygrad_edu.draw.network import Dense

STEP = 0.75  # inches from one neuron to the next
GAP = 2.6  # from one layer to the next
SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
KINDS = ("input", "computed", "result")  # the fill of input, hidden and output layers


def neurons(layers: list[Dense], weights: bool, most: int, theme: Theme) -> Digraph:
    """Draw a dense network.

    Parameters
    ----------
    weights : whether lines show the sign and the size of each weight.
    most : the largest number of neurons that is drawn of a layer.
    """
    from graphviz import Digraph

    dot = Digraph(
        graph_attr={
            "layout": "neato", "splines": "line", "outputorder": "edgesfirst",
            "bgcolor": theme.paper, "fontname": PROSE, "pad": "0.2",
        },
        node_attr={
            "shape": "circle", "fixedsize": "true", "width": "0.52", "style": "filled",
            "fontname": PROSE, "fontsize": "13", "color": theme.border, "fontcolor": theme.ink,
            "penwidth": "1.5",
        },
        edge_attr={"color": theme.arrow, "arrowhead": "none", "penwidth": "0.8"},
    )  # fmt: skip
    sizes = [layers[0].weight.shape[0], *(layer.weight.shape[1] for layer in layers)]
    shown = [_shown(size, most) for size in sizes]
    top = (max(map(len, shown)) - 1) / 2 * STEP
    for number, (size, rows) in enumerate(zip(sizes, shown)):
        _layer(dot, number, rows, len(sizes), theme)
        _titles(dot, number, size, layers, top)
    for number, layer in enumerate(layers):
        _weights(dot, number, layer, shown[number], shown[number + 1], weights, theme)
        _weight_title(dot, number, layer, len(layers), top)
    return dot


def _shown(size: int, most: int) -> list[int | None]:
    """List the neurons of a layer that are drawn; None stands for all that are left out."""
    if size <= most:
        return list(range(size))
    return [*range(most - 2), None, size - 1]


def _layer(dot: Digraph, number: int, rows: list[int | None], count: int, theme: Theme) -> None:
    """Draw one layer's circles."""
    kind = KINDS[0 if number == 0 else 2 if number == count - 1 else 1]
    for row, neuron in enumerate(rows):
        place = f"{number * GAP:g},{((len(rows) - 1) / 2 - row) * STEP:g}!"
        if neuron is None:
            dots = {"shape": "none", "style": "", "fillcolor": "none"}
            dot.node(f"n{number}_{row}", "⋮", pos=place, fontsize="22", **dots)
            continue
        index = "" if len(rows) == 1 else str(neuron + 1).translate(SUBSCRIPTS)
        name = "x" if number == 0 else "ŷ" if number == count - 1 else ""
        label = f"{name}{index}" if name else ""
        bold = {"penwidth": "2.5"} if kind == "result" else {}
        dot.node(f"n{number}_{row}", label, pos=place, fillcolor=theme.fill[kind], **bold)


def _titles(dot: Digraph, number: int, size: int, layers: list[Dense], top: float) -> None:
    """Write what a layer is above it, and what it does below."""
    hidden = "hidden layer" + (f" {number}" if len(layers) > 2 else "")
    last = len(layers)
    title = "input layer" if number == 0 else "output layer" if number == last else hidden
    function = layers[number - 1].function if number else ""
    below = [f"{size:,} {'input' if number == 0 else 'neuron'}{'s' * (size != 1)}"]
    below += [function] if function else []
    _text(dot, f"t{number}", [title], number * GAP, top + 0.75, "14")
    _text(dot, f"s{number}", below, number * GAP, -top - 0.75, "11")


def _weight_title(dot: Digraph, number: int, layer: Dense, count: int, top: float) -> None:
    """Write the weights' letter and shape below them."""
    index = "" if count == 1 else str(number + 1).translate(SUBSCRIPTS)
    text = f"W{index} {layer.shape}"
    rows = [text, f"b{index} ({layer.weight.shape[1]},)"] if layer.bias else [text]
    _text(dot, f"w{number}", rows, (number + 0.5) * GAP, -top - 0.75, "11")


def _text(dot: Digraph, name: str, rows: list[str], x: float, y: float, size: str) -> None:
    attributes = {"shape": "none", "style": "", "fixedsize": "false", "fillcolor": "none"}
    dot.node(name, lines(rows), pos=f"{x:g},{y:g}!", fontsize=size, **attributes)


def _weights(
    dot: Digraph, number: int, layer: Dense, sources: list[Any], targets: list[Any], signed: bool,
    theme: Theme,
) -> None:  # fmt: skip
    """Draw a line for every weight between neurons that are drawn."""
    values = layer.weight
    largest = float(np.max(np.abs(values), initial=0.0)) or 1.0
    for row, source in enumerate(sources):
        for column, target in enumerate(targets):
            if source is None or target is None:
                continue
            look: dict[str, str] = {}
            if signed:
                weight = float(values[source, target])
                look = {"color": theme.positive if weight >= 0 else theme.negative}
                look["penwidth"] = f"{0.3 + 4 * min(1.0, abs(weight) / largest):.2f}"
                if weight < 0:
                    look["style"] = "dashed"
            dot.edge(f"n{number}_{row}", f"n{number + 1}_{column}", **look)
