"""How it looks: a graph in DOT, the language of Graphviz.

A box is a *record*: one field for what the value is, one for its numbers, one for its gradient.
Names come from outside, and a name is nothing but text: see ``labels.py``. They reach labels only;
identifiers are ids of the graph: ``n7`` is the value 7, ``cluster2`` the frame and ``c2`` the
folded box of module call 2, and ``g7`` the gradient of value 7.

Read next: ``render.py``, which makes a picture of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import isfinite, log10
from typing import TYPE_CHECKING, Any, NamedTuple

from tinygrad_edu.draw.backward import add_backward
from tinygrad_edu.draw.captions import explain
from tinygrad_edu.draw.fold import Arrow, Plan, deepest, plan
from tinygrad_edu.draw.labels import (
    Labels,
    contributions,
    escape,
    lines,
    outline,
    title,
    visible as visible,
)
from tinygrad_edu.draw.snapshot import Graph, ModuleCall
from tinygrad_edu.draw.theme import CODE, PROSE, THEMES, Theme

if TYPE_CHECKING:
    from graphviz import Digraph

FIELDS = ("shape", "value", "grad")


class Options(NamedTuple):
    """How a graph is drawn; see `Graph.digraph`."""

    direction: str = "LR"
    depth: int | None = None
    show: tuple[str, ...] = FIELDS
    show_backward: bool = False
    precision: int = 3
    max_nodes: int = 500
    theme: str = "light"


def checked(settings: dict[str, Any]) -> Options:
    """Make options of settings, or say what is wrong with them."""
    unknown = ", ".join(sorted(set(settings) - set(Options._fields)))
    if unknown:
        raise TypeError(f"no option {unknown} of pictures; there are {', '.join(Options._fields)}")
    show = settings.get("show", FIELDS)
    options = Options(**{**settings, "show": (show,) if isinstance(show, str) else tuple(show)})
    if options.direction not in ("LR", "TB"):
        raise ValueError(f'direction is "LR" or "TB", not {options.direction!r}')
    if options.theme not in THEMES:
        raise ValueError(f'theme is "light" or "dark", not {options.theme!r}')
    strange = [each for each in options.show if each not in FIELDS]
    if strange:
        raise ValueError(f'show has "shape", "value" and "grad" in it, not {strange[0]!r}')
    for name, least in (("depth", 0), ("precision", 1), ("max_nodes", 1)):
        number = getattr(options, name)
        if not (name == "depth" and number is None) and not _is_count(number, least):
            raise ValueError(f"{name} is a whole number, {least} or more, not {number!r}")
    return options


def _is_count(number: Any, least: int) -> bool:
    return isinstance(number, int) and not isinstance(number, bool) and number >= least


def to_digraph(graph: Graph, options: Options | None = None) -> Digraph:
    """Write a graph down in DOT.

    Raises
    ------
    ValueError
        If there are more boxes than ``max_nodes`` allows, even if modules are folded.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.draw.dot import to_digraph
    >>> from tinygrad_edu.draw.read import graph
    >>> w = tg.Tensor(2.0, requires_grad=True, name="w")
    >>> [line.split()[:3] for line in to_digraph(graph(w * w)).body if "->" in line]
    [['n0', '->', 'n1'], ['n0', '->', 'n1']]
    """
    options = options or Options()
    chosen, remark = _fitting(graph, options)
    return _Writer(graph, chosen, options).write(remark)


def _fitting(graph: Graph, options: Options) -> tuple[Plan, list[str]]:
    """Fold as much as asked for; and if nothing was, as little as is needed."""
    if options.depth is not None:
        depths: Iterable[int | None] = (options.depth,)
    else:
        depths = (None, *range(deepest(graph) - 1, -1, -1))
    least = len(graph.nodes)
    for depth in depths:
        chosen = plan(graph, depth)
        if chosen.size <= options.max_nodes:
            folded = depth is not None and options.depth is None
            return chosen, [
                f"modules are folded beyond depth {depth}, for there are {len(graph.nodes)} values"
            ] if folded else []
        least = min(least, chosen.size)
    fewer = " even with modules folded" if graph.calls and options.depth is None else ""
    raise ValueError(
        f"this picture would have {least} boxes{fewer}, more than max_nodes={options.max_nodes}; "
        f"draw a part of it (an earlier result, a run with fewer layers, steps or repetitions), "
        f"fold modules (depth=0), or allow more: max_nodes={least}, which may take Graphviz minutes"
    )


class _Writer:
    """One writing of one picture."""

    def __init__(self, graph: Graph, chosen: Plan, options: Options) -> None:
        from graphviz import Digraph  # imported late: it takes as long as all of this package

        self.graph = graph
        self.plan = chosen
        self.options = options
        self.theme: Theme = THEMES[options.theme]
        fields = frozenset(options.show)
        if options.show_backward:  # which has boxes of their own for gradients
            fields -= {"grad"}
        self.labels = Labels(graph, fields, options.precision, options.direction == "TB")
        self.frames: dict[Any, Digraph] = {}
        self.around: dict[int, str] = {}  # the frame of the block that a call is drawn in
        self.blocks: list[tuple[int | None, str]] = []
        times = {calls[0].id: times for calls, times in chosen.repeated if len(calls) == 1}
        for call in chosen.open:
            text, often = title(call.path, call.type), times.get(call.id, 1)
            look = {"label": escape(text + (f", repeated ×{often}" if often > 1 else ""))}
            look |= {"style": "rounded,dashed"} if often > 1 else {}
            frame = Digraph(f"cluster{call.id}", graph_attr={**look, "labeljust": "l"})
            self.frames[call.id] = frame

    def write(self, remark: list[str]) -> Digraph:
        caption = list(self.graph.caption)
        if "grad" in self.options.show or self.options.show_backward:
            caption = explain(self.graph, computed=self.options.show_backward)
        dot = self.frames[None] = self._paper([" ", *caption, *remark])
        self._repeated()
        self._boxes()
        if self.options.show_backward:
            add_backward(self.graph, self.plan, self.labels, self.theme, self.frames)
        inner: list[tuple[float, Digraph, Any]] = [
            (call.id, self._frame_around(call), call.id) for call in self.plan.open
        ]
        inner += [(int(name[2:]) - 0.5, self.frames[parent], name) for parent, name in self.blocks]
        for _, outer, frame in sorted(inner, key=lambda each: -each[0]):  # the innermost first
            outer.subgraph(self.frames[frame])
        self._arrows(dot)
        return dot

    def _paper(self, caption: list[str]) -> Digraph:
        """Make a picture with nothing in it yet but its caption."""
        from graphviz import Digraph

        theme = self.theme
        return Digraph(
            graph_attr={
                "rankdir": self.options.direction, "label": lines(caption),
                "fontname": PROSE, "fontsize": "12", "fontcolor": theme.faint,
                "nodesep": "0.3", "ranksep": "0.35", "bgcolor": theme.paper,
                "style": "rounded", "color": theme.frame,  # of the frames
            },
            node_attr={
                "shape": "record", "fontname": CODE, "fontsize": "12", "color": theme.border,
                "fontcolor": theme.ink,
            },
            edge_attr={
                "color": theme.arrow, "arrowsize": "0.8", "fontname": CODE, "fontsize": "10",
                "fontcolor": theme.faint,
            },
        )  # fmt: skip

    def _boxes(self) -> None:
        """Add the boxes, those of a module call within a frame."""
        for node in self.plan.nodes:
            attributes = self.theme.box(node.role)
            self.frames[node.call].node(f"n{node.id}", self.labels.node(node), **attributes)
        for box in self.plan.folded:
            text = self.labels.folded(box, box.calls[0].id not in self.around)
            frame = self._frame_around(box.calls[0])
            frame.node(box.name, text, **self.theme.box("module"))

    def _frame_around(self, call: ModuleCall) -> Digraph:
        """Return the frame that a module call is in: of its block, or of the call around it."""
        return self.frames[self.around.get(call.id, call.parent)]

    def _repeated(self) -> None:
        """Add a frame around every block of several calls that is repeated."""
        from graphviz import Digraph

        for calls, times in self.plan.repeated:
            if len(calls) == 1:  # its own frame, or box, says so
                continue
            name = f"_c{calls[0].id}"
            text = f"{calls[0].path} … {calls[-1].path}: repeated ×{times}"
            look = {"label": escape(text), "labeljust": "l", "style": "rounded,dashed"}
            self.frames[name] = Digraph(f"cluster{name}", graph_attr=look)
            self.blocks.append((calls[0].parent, name))
            self.around.update((call.id, name) for call in calls)

    def _arrows(self, dot: Digraph) -> None:
        """Add the arrows: with shapes where boxes have none, as thick as the gradient is long."""
        sizes = [self._size(arrow) for arrow in self.plan.arrows]
        some = [log10(size) for size in sizes if size]
        low, high = (min(some), max(some)) if some else (0.0, 0.0)
        for arrow, size in zip(self.plan.arrows, sizes):
            attributes = {}
            if arrow.source[0] == "c" or self.graph.nodes[arrow.edges[0].source].formula:
                attributes["weight"] = "8"  # steps are drawn straight, leaves beside them
            if size is not None:
                share = 1.0 if high - low < 1e-9 else (log10(size) - low) / (high - low)
                attributes["penwidth"] = f"{1 + 3 * share:.2f}"
            shape = self._shape(arrow)
            if shape:
                attributes["label"] = escape(shape)
            dot.edge(arrow.source, arrow.target, **attributes)

    def _size(self, arrow: Arrow) -> float | None:
        """Return how much gradient comes back along an arrow; None if that is not shown."""
        shown = "grad" in self.options.show and self.graph.gradients == "backward"
        size = contributions(arrow.edges) if shown and not self.options.show_backward else None
        return size if size and isfinite(size) else None

    def _shape(self, arrow: Arrow) -> str:
        """Return the shape that goes along an arrow, where no box says it."""
        show, value = self.options.show, self.graph.nodes[arrow.edges[0].source].value
        if "shape" not in show or "value" in show or arrow.source[0] == "c":
            return ""
        if len({edge.source for edge in arrow.edges}) > 1 or value is None or not value.ndim:
            return ""
        return outline(value)
