"""The backward pass in a picture: below each value its gradient, and the formulas that lead there.

The formulas are the rules with the names of this run put in: ``d_t1 = d_layer1 * (layer1 * (1 -
layer1))``. Where contributions meet, their sum is written out.
"""

from __future__ import annotations

from typing import Any

from tinygrad_edu.draw.fold import Plan
from tinygrad_edu.draw.labels import Labels
from tinygrad_edu.draw.names import shorten
from tinygrad_edu.draw.rules import rule_texts
from tinygrad_edu.draw.snapshot import Graph, GraphEdge, GraphNode
from tinygrad_edu.draw.theme import Theme
from tinygrad_edu.draw.values import describe

LONGEST = 60  # characters of a formula


def add_backward(
    graph: Graph, plan: Plan, labels: Labels, theme: Theme, frames: dict[Any, Any]
) -> None:
    """Add to a picture a box for every gradient, and the arrows that lead from one to the next."""
    shown = {node.id for node in plan.nodes if node.gradient is not None}
    arguments: dict[int, list[GraphEdge]] = {}
    uses: dict[int, list[GraphEdge]] = {}
    for edge in graph.edges:
        arguments.setdefault(edge.target, []).append(edge)
        if edge.contribution is not None:
            uses.setdefault(edge.source, []).append(edge)
    for node in plan.nodes:
        if node.id not in shown or node.gradient is None:
            continue
        terms = [_term(graph, edge, arguments[edge.target]) for edge in uses.get(node.id, [])]
        head = [f"d_{node.name}", *_sum(terms)] if terms else [f"d_{node.name}", "= 1"]
        numbers = describe(node.gradient, labels.precision)
        label = labels.record(head, [["gradient", *numbers]])
        _beside(frames[node.call], node, label, theme)
    for node_id in sorted(uses):
        for edge in uses[node_id]:
            if node_id in shown and edge.target in shown:
                frames[None].edge(
                    f"g{edge.target}", f"g{edge.source}", constraint="false",
                    color=theme.backward, style="dashed",
                )  # fmt: skip


def _beside(frame: Any, node: GraphNode, label: str, theme: Theme) -> None:
    """Add a gradient at the place of its value in the order of the picture."""
    from graphviz import Digraph

    same = Digraph(f"same{node.id}", graph_attr={"rank": "same"})
    same.node(f"n{node.id}")
    same.node(f"g{node.id}", label, **theme.box("backward"), color=theme.backward)
    same.edge(f"n{node.id}", f"g{node.id}", style="dotted", arrowhead="none")
    frame.subgraph(same)


def _sum(terms: list[str]) -> list[str]:
    """Write a sum, one term a line."""
    return [f"{'+' if number else '='} {term}" for number, term in enumerate(terms)]


def _term(graph: Graph, edge: GraphEdge, arguments: list[GraphEdge]) -> str:
    """Write what comes back along an edge: the op's rule with the names of this run."""
    target = graph.nodes[edge.target]
    if target.op is None:
        return ""
    inputs = {each.position: graph.nodes[each.source] for each in arguments}
    names = {position: shorten(node.name) for position, node in inputs.items()}
    given = {position: node.plain() for position, node in inputs.items()}
    short = shorten(target.name)
    texts = rule_texts(target.op, target.value, given, (f"d_{short}", short, names))
    text = texts[edge.position]
    if "\n" in text:
        text = f"rule of {target.op.name} for {edge.argument}"
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
