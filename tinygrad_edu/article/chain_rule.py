"""The chain rule on the graph: from the loss back to each weight, one factor for every step.

The steps, their formulas and their rules are read from a recorded run. So is the product that each
way makes, which is the line that articles write down.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tinygrad_edu.draw.labels import escape
from tinygrad_edu.draw.rules import rule_texts
from tinygrad_edu.draw.snapshot import Graph, GraphEdge, GraphNode
from tinygrad_edu.draw.theme import CODE, PROSE, THEMES

if TYPE_CHECKING:
    from graphviz import Digraph


def chain_rule(graph: Graph) -> Digraph:
    r"""Draw the ways on which gradients go from the result to the parameters.

    Parameters
    ----------
    graph : a recorded run with one result.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.article.chain_rule import chain_rule
    >>> from tinygrad_edu.draw import graph
    >>> w = tg.Tensor(2.0, requires_grad=True, name="w")
    >>> print(chain_rule(graph(tg.sigmoid(w))).body[2].strip())
    n1 -> n0 [label="∂result/∂w\ndy * (y * (1 - y))"]
    """
    from graphviz import Digraph

    theme = THEMES["light"]
    products = [" = ".join(line) for line in chains(graph)]
    dot = Digraph(
        graph_attr={
            "rankdir": "LR", "fontname": PROSE, "fontsize": "15", "bgcolor": theme.paper,
            "label": r"\n".join([" ", *map(escape, products)]), "ranksep": "0.3",
        },
        node_attr={"shape": "box", "fontname": CODE, "fontsize": "12", "color": theme.border},
        edge_attr={"color": theme.backward, "fontname": CODE, "fontsize": "11",
                   "fontcolor": theme.backward},
    )  # fmt: skip
    ways = [edge for edge in graph.edges if edge.contribution is not None]
    for node in graph.nodes:
        if node.id in graph.outputs or any(edge.source == node.id for edge in ways):
            formula = f"= {node.formula}" if node.formula else node.role
            label = r"\n".join(map(escape, (node.name, formula)))
            dot.node(f"n{node.id}", label, **theme.box(node.role))
    for edge in reversed(ways):
        source, target = graph.nodes[edge.source], graph.nodes[edge.target]
        label = r"\n".join(map(escape, (factor(target, source), _rule(graph, edge))))
        dot.edge(f"n{target.id}", f"n{source.id}", label=label)
    return dot


def chains(graph: Graph) -> list[tuple[str, str]]:
    """Write down, for each parameter, its gradient as the product of the factors on the way to it.

    Where ways part and meet again, each is a product of its own, and they are added.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.article.chain_rule import chains
    >>> from tinygrad_edu.draw import graph
    >>> w = tg.Tensor(2.0, requires_grad=True, name="w")
    >>> s = tg.sigmoid(w * 3)
    >>> s.name = "s"
    >>> chains(graph(s))
    [('∂s/∂w', '∂s/∂t1 · ∂t1/∂w')]
    """
    ways: dict[int, list[str]] = {graph.outputs[-1]: [""]}
    for target in graph.backward:
        for edge in graph.edges:
            if edge.target == target and edge.contribution is not None:
                step = factor(graph.nodes[target], graph.nodes[edge.source])
                longer = [f"{way} · {step}" if way else step for way in ways.get(target, [])]
                ways.setdefault(edge.source, []).extend(longer)
    result = graph.nodes[graph.outputs[-1]]
    return [
        (factor(result, node), " + ".join(ways[node.id]))
        for node in graph.nodes
        if node.role == "parameter" and node.id in ways
    ]


def factor(of: GraphNode, by: GraphNode) -> str:
    """Write a derivative, such as ``∂loss/∂w``."""
    return f"∂{of.name}/∂{by.name}"


def _rule(graph: Graph, edge: GraphEdge) -> str:
    """Return the rule by which a gradient goes along an edge."""
    node = graph.nodes[edge.target]
    inputs = {
        each.position: graph.nodes[each.source].plain()
        for each in graph.edges
        if each.target == node.id
    }
    if node.op is None:  # edges lead into what was computed, and that has an op
        raise AssertionError(f"{node.name} was not computed")
    return rule_texts(node.op, node.value, inputs)[edge.position]
