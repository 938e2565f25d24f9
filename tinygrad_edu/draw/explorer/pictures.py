"""The layouts of a graph, one for each depth to which the boxes of modules are open, as clean SVG.

Graphviz has drawn them. What comes from there is not taken over as it is: only the elements and
attributes that a picture needs are, and each part is told which nodes of the run it stands for.

Read next: ``tables.py``.
"""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

from tinygrad_edu.draw.fold import Plan, deepest, plan
from tinygrad_edu.draw.render import render
from tinygrad_edu.draw.snapshot import Graph

DEEPEST = 5
"""The most layouts that are prepared, besides the one with all boxes closed."""

ELEMENTS = {"svg", "g", "path", "polygon", "polyline", "ellipse", "text"}
ATTRIBUTES = {
    "viewBox", "transform", "d", "points", "x", "y", "cx", "cy", "rx", "ry", "fill", "stroke",
    "stroke-width", "stroke-dasharray", "text-anchor", "font-family", "font-size", "font-weight",
}  # fmt: skip


def pictures(graph: Graph, run: dict[str, Any]) -> list[str]:
    """Return the layouts, from all modules closed to all open, as far as they can be drawn.

    Parameters
    ----------
    graph : the Graph.
    run : the same as plain values.

    Raises
    ------
    RenderError
        If there is no Graphviz, or it fails.
    ValueError
        If there are too many boxes even with all modules closed.
    """
    layouts = [_layout(graph, run, 0)]
    for depth in range(1, min(DEEPEST, deepest(graph)) + 1):
        try:
            layouts.append(_layout(graph, run, depth))
        except ValueError:  # too many boxes: what is drawn already has to do
            break
    return layouts


def _layout(graph: Graph, run: dict[str, Any], depth: int) -> str:
    source = graph.digraph(depth=depth, show=("shape",)).source
    drawn = ElementTree.fromstring(render(source, "svg"))  # noqa: S314  # Graphviz has written it
    return ElementTree.tostring(
        _Picture(run, plan(graph, depth), drawn).clean(), encoding="unicode"
    )


class _Picture:
    """What Graphviz has drawn, taken over part by part."""

    def __init__(self, run: dict[str, Any], plan: Plan, drawn: ElementTree.Element) -> None:
        self.run = run
        self.drawn = drawn
        self.members = plan.members

    def clean(self) -> ElementTree.Element:
        """Return the picture with nothing in it but what is known to be harmless."""
        svg = self.copy(self.drawn)
        width = float(self.drawn.get("width", "0pt").removesuffix("pt"))
        svg.set("width", f"{width:.0f}")
        svg.set("role", "group")
        svg.set("aria-label", "graph")
        return svg

    def copy(self, part: ElementTree.Element) -> ElementTree.Element:
        """Copy a part of the picture, and say of a node, an edge or a frame which it is."""
        kind = part.get("class", "")
        copied = ElementTree.Element(_tag(part), {k: v for k, v in part.items() if k in ATTRIBUTES})
        if kind in ("node", "edge", "cluster"):
            getattr(self, kind)(copied, _title(part))
        for child in part:
            ground = kind == "graph" and _tag(child) != "g"  # the white sheet and the caption
            if _tag(child) in ELEMENTS and not ground:
                copied.append(self.copy(child))
        copied.text = part.text if _tag(part) == "text" else None
        return copied

    def node(self, group: ElementTree.Element, title: str) -> None:
        nodes = self.nodes(title)
        first = self.run["nodes"][nodes[0]]
        folded = title[0] == "c"
        group.set("class", "node folded" if folded else f"node {first['role']}")
        group.set("data-nodes", " ".join(map(str, nodes)))
        label = self.call_name(title) + ", closed" if folded else _describe(first)
        _make_button(group, label)

    def cluster(self, group: ElementTree.Element, title: str) -> None:
        group.set("class", "cluster")
        if "_" in title:  # the frame around what is repeated, which is no module
            return
        group.set("data-depth", str(len(_calls(self.run, _number(title))) - 1))
        _make_button(group, f"{self.call_name(title)}: close the boxes of this depth")

    def edge(self, group: ElementTree.Element, title: str) -> None:
        tail, head = title.replace(":", " ").split("->")
        sources, targets = self.nodes(tail.split()[0]), self.nodes(head.split()[0])
        flows = any(
            edge["source"] in sources and edge["target"] in targets and edge["contribution"]
            for edge in self.run["edges"]
        )
        group.set("class", "edge")
        group.set("data-sources", " ".join(map(str, sources)))
        group.set("data-targets", " ".join(map(str, targets)))
        group.set("data-gradient", "yes" if flows else "no")

    def nodes(self, title: str) -> list[int]:
        """List the nodes that a box stands for: one, equal ones, or those in closed calls."""
        return list(self.members[title])

    def call_name(self, title: str) -> str:
        call = self.run["calls"][_number(title)]
        return f"{call['path']} {call['type']}".strip()


def _tag(part: ElementTree.Element) -> str:
    """Return an element's name without its namespace."""
    return part.tag.rpartition("}")[2]


def _title(part: ElementTree.Element) -> str:
    """Return the identifier that a part has in the DOT text."""
    return next((child.text or "" for child in part if _tag(child) == "title"), "")


def _number(title: str) -> int:
    """Read the number of a node or a call: ``n7`` is 7, ``cluster2`` is 2."""
    return int(title.lstrip("abcdefghijklmnopqrstuvwxyz"))


def _calls(run: dict[str, Any], call: int | None) -> list[int]:
    """List a call and those around it."""
    found = []
    while call is not None:
        found.append(call)
        call = run["calls"][call]["parent"]
    return found


def _describe(node: dict[str, Any]) -> str:
    """Name a node for those who cannot see it."""
    shape = "" if node["shape"] is None else f", shape {tuple(node['shape'])}"
    formula = f" = {node['formula']}" if node["formula"] else ""
    return f"{node['name']}{formula}, {node['role']}{shape}"


def _make_button(group: ElementTree.Element, label: str) -> None:
    """Let a part of the picture be reached and pressed by keyboard."""
    group.set("role", "button")
    group.set("tabindex", "0")
    group.set("aria-label", label)
