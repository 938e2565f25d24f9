"""How it looks: the boxes of a run in DOT, the language of Graphviz.

A box is a *record*: one field for what the value is, one for its numbers, one for its gradient.
Names come from outside, and a name is nothing but text: see `escape`. They reach labels only;
identifiers are numbers counted up in order, so that the same run gives the same text.

Read next: ``render.py``, which makes a picture of it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np

from tinygrad_edu.draw.graph import Box, Graph, calls
from tinygrad_edu.draw.values import describe

if TYPE_CHECKING:
    from graphviz import Digraph

CODE = "DejaVu Sans Mono,Menlo,Consolas,monospace"  # numbers need columns
PROSE = "Helvetica,Arial,DejaVu Sans,sans-serif"

LOOK = {  # what is a leaf has corners, what was computed is round; so it is without colours, too
    "parameter": {"style": "filled", "fillcolor": "#ffeeba", "penwidth": "2.5"},
    "input": {"style": "filled", "fillcolor": "#dcebf7"},
    "constant": {"style": "filled,dashed", "fillcolor": "#f4f4f4"},
    "computed": {"style": "filled,rounded", "fillcolor": "#ffffff"},
    "result": {"style": "filled,rounded", "fillcolor": "#d9eed2", "penwidth": "2.5"},
}

UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)
SPECIAL = re.compile(r"[\\{}|<>]| $|(?<= ) ")  # a single space between words needs no help


def visible(text: str) -> str:
    r"""Replace the characters that no picture can show by ones that can be seen.

    Control characters become Unicode's pictures of them (a newline ``␊``, NUL ``␀``). Line
    separators, overrides of the writing direction and what XML forbids become their numbers.

    Examples
    --------
    >>> from tinygrad_edu.draw.dot import visible
    >>> visible("two\nlines"), visible("a\u202eb")
    ('two␊lines', 'a[U+202E]b')
    """
    return UNSEEN.sub(_picture, text)


def _picture(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code < 0x20:
        return chr(0x2400 + code)
    return "\u2421" if code == 0x7F else f"[U+{code:04X}]"


def escape(text: str) -> str:
    r"""Write one line of text so that Graphviz shows it as it is, in a record or elsewhere.

    Nothing in it is then an escape sequence (``\N``), a field (``|``), a port (``<p>``), HTML
    (``<b>``), an entity (``&lt;``), or a space to be swallowed. Quotation marks are escaped by
    ``graphviz``, for which nothing is HTML either, as that would have to begin with a bare ``<``.

    Examples
    --------
    >>> from tinygrad_edu.draw.dot import escape
    >>> print(escape("a|b <&lt;"))
    a\|b \<&amp;lt;
    """
    text = visible(text).replace("&", "&amp;")
    if text.startswith(" "):  # Graphviz would drop it even behind a backslash
        text = "&#160;" + text[1:]
    return SPECIAL.sub(r"\\\g<0>", text)


def to_digraph(graph: Graph, direction: str = "LR") -> Digraph:
    """Write a graph down in DOT.

    Parameters
    ----------
    graph : what `read` has found.
    direction : ``"LR"``, from left to right, or ``"TB"``, from top to bottom.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.draw.dot import to_digraph
    >>> from tinygrad_edu.draw.graph import read
    >>> w = tg.Tensor(2.0, requires_grad=True, name="w")
    >>> [line.strip() for line in to_digraph(read(w * w)).body if "->" in line]
    ['n1 -> n2', 'n1 -> n2']
    """
    from graphviz import Digraph  # imported late: it takes as long as all of this package

    dot = Digraph(
        graph_attr={
            "rankdir": direction, "label": _lines([" ", *graph.caption]),
            "fontname": PROSE, "fontsize": "12", "fontcolor": "#444444",
            "nodesep": "0.3", "ranksep": "0.35", "bgcolor": "white",
            "style": "rounded", "color": "#999999",  # of the frames
        },
        node_attr={"shape": "record", "fontname": CODE, "fontsize": "12", "color": "#333333"},
        edge_attr={"color": "#555555", "arrowsize": "0.8"},
    )  # fmt: skip
    _add_nodes(dot, graph, direction)
    for number, box in enumerate(graph.boxes, 1):
        for position in box.inputs:
            straight = "8" if graph.boxes[position].formula else None  # for steps, not for leaves
            dot.edge(f"n{position + 1}", f"n{number}", weight=straight)
    return dot


def _add_nodes(dot: Digraph, graph: Graph, direction: str) -> None:
    """Add the boxes, those of a module call within a frame."""
    from graphviz import Digraph

    frames: dict[Any, Digraph] = {None: dot}
    for number, box in enumerate(graph.boxes, 1):
        for scope in calls(box.scope):
            if scope not in frames:
                attributes = {"label": escape(_title(scope)), "labeljust": "l"}
                frames[scope] = Digraph(f"cluster{len(frames)}", graph_attr=attributes)
        frames[box.scope].node(f"n{number}", _label(box, direction), **LOOK[box.role])
    del frames[None]
    for scope in sorted(frames, key=lambda scope: len(calls(scope)), reverse=True):
        frames.get(scope.parent, dot).subgraph(frames[scope])  # the innermost first


def _title(scope: Any) -> str:
    """Name a module call: its path in the model, and the module's class."""
    from tinygrad_edu.nn.module import scope_path

    path = scope_path(scope)
    return (f"{path}: " if path else "") + type(scope.module).__name__


def _label(box: Box, direction: str) -> str:
    """Write a box's fields: stacked if the picture grows to the right, else side by side."""
    if box.role == "constant" and np.ndim(box.value) == 0:
        return _lines([box.name, box.role])
    head = _lines([box.name, f"= {box.formula}" if box.formula else box.role])
    if isinstance(box.value, tuple):  # an op of several results, each of which is a box of its own
        return head if direction == "LR" else f"{{{head}}}"
    fields = [_lines([f"value {_outline(box.value)}", *describe(box.value)])]
    if isinstance(box.gradient, str):
        fields.append(_lines([box.gradient]))
    elif box.gradient is not None:
        fields.append(_lines([box.heading, *describe(box.gradient)]))
    numbers = "|".join(fields)
    return f"{head}|{numbers}" if direction == "LR" else f"{{{head}|{{{numbers}}}}}"


def _outline(array: Any) -> str:
    """Write a shape, and the dtype if it is not the usual one."""
    return f"{array.shape}" + (f" {array.dtype}" if array.dtype != np.float64 else "")


def _lines(lines: list[str]) -> str:
    """Write a field. None of its lines may be empty: some versions of Graphviz crash on that."""
    return r"\n".join(map(escape, lines))
