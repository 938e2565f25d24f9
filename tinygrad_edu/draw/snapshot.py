"""Graph: a recorded run as it was at one moment, in plain values that nothing changes any more.

It is what pictures, pages and JSON are made of, so that these need to know nothing of Tensors. It
is built by ``read.py``, and knows nothing of Graphviz either.

Read next: ``read.py``.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from tinygrad_edu.op import Array, Op

if TYPE_CHECKING:
    from pathlib import Path

    from graphviz import Digraph

CHUNK = 1024
"""The largest array that `Graph.to_json` writes out in full, unless told otherwise."""


class SourceLine(NamedTuple):
    """Where in the user's code a value was computed; see `record_lines`."""

    file: str
    number: int
    code: str


class ModuleCall(NamedTuple):
    """One call of a module: a module called twice has two.

    Attributes
    ----------
    id : its position in `Graph.calls`, where the outer come before the inner.
    path : where in the model, such as ``encoder.0``; empty for the model itself.
    type : the module's class.
    parent : the call within which it happened.
    module : the same number for calls of the same module.
    """

    id: int
    path: str
    type: str
    parent: int | None
    module: int


class GraphNode(NamedTuple):
    """One value of a run.

    Attributes
    ----------
    id : its position in `Graph.nodes`, where inputs come before their users.
    role : ``"parameter"`` (a leaf that requires grad), ``"input"`` (a leaf that does not),
        ``"constant"`` (a plain number or array), ``"computed"``, or ``"result"``: what was asked
        about.
    name : its own name, or an invented one; a constant number's is its value.
    op, formula : how it was computed, such as ``sigmoid(t1)``.
    settings : the op's settings by name, written down.
    call : the module call within which it belongs.
    value : the numbers; ``None`` for an op of several results, each of which is a node of its own.
    gradient : the gradient of the result for it; ``None`` if there is none.
    note : what there is to say of the gradient, above all why there is none.
    grad : what ``.grad`` held, for a parameter.
    line : where it was computed, if that was taken down.
    inputs : the ids of what it was computed from, in the order of the operands.
    """

    id: int
    role: str
    name: str
    op: Op | None
    formula: str
    settings: Mapping[str, str]
    call: int | None
    value: Array | None
    gradient: Array | None
    note: str
    grad: Array | None
    line: SourceLine | None
    inputs: tuple[int, ...]

    def plain(self) -> Any:
        """Return the value as an op was given it: a constant number as a number of Python's."""
        is_number = self.role == "constant" and self.value is not None and self.value.ndim == 0
        return self.value.item() if is_number and self.value is not None else self.value


class GraphEdge(NamedTuple):
    """One use of a value as the argument of an op.

    Attributes
    ----------
    id : its position in `Graph.edges`.
    source, target : the ids of the value used, and of what was computed from it.
    argument, position : which of the op's arguments it was.
    contribution : the part of ``source``'s gradient that comes back along this edge.
    """

    id: int
    source: int
    target: int
    argument: str
    position: int
    contribution: Array | None


@dataclass(frozen=True, eq=False, repr=False)
class Graph:
    """A recorded run: its values, how they hang together, and the gradients that flow back.

    What happens to the tensors later does not change it. The order of everything is that of the
    recording, so the same run gives the same graph in every process. `tinygrad_edu.graph` makes it.

    Attributes
    ----------
    nodes : every value, inputs before their users.
    edges : every use of a value.
    calls : the module calls, the outer before the inner.
    outputs : the ids of the results.
    backward : the ids of the computed values in the order in which the backward pass handles them.
    gradients : ``"backward"`` if ``backward()`` had run, ``"computed"`` if it had not, and they
        were computed for this graph alone; ``"none"`` if there are none.
    caption : lines on what is unusual about the gradients.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.draw.read import graph
    >>> w = tg.Tensor([1.0, 2.0], requires_grad=True, name="w")
    >>> run = graph((w * w).sum())
    >>> run
    <Graph of 3 values and 3 edges: .render('graph.svg') makes a picture>
    >>> [(node.name, node.formula, node.gradient.tolist()) for node in run.nodes]
    [('w', '', [2.0, 4.0]), ('t1', 'w * w', [1.0, 1.0]), ('result', 'sum(t1)', 1.0)]
    """

    nodes: tuple[GraphNode, ...]
    edges: tuple[GraphEdge, ...]
    calls: tuple[ModuleCall, ...]
    outputs: tuple[int, ...]
    backward: tuple[int, ...]
    gradients: str
    caption: tuple[str, ...]

    def to_json(self, full: int = CHUNK) -> dict[str, Any]:
        """Return everything as values that ``json.dumps`` can write; see ``as_json.SCHEMA``.

        Parameters
        ----------
        full : arrays of up to so many elements are written out; of larger ones a summary.

        Examples
        --------
        >>> import tinygrad_edu as tg
        >>> from tinygrad_edu.draw.read import graph
        >>> w = tg.Tensor([1.0, 2.0], requires_grad=True, name="w")
        >>> graph(w * 3).to_json()["nodes"][0]["gradient"]
        {'shape': [2], 'dtype': 'float64', 'values': [3.0, 3.0]}
        """
        from tinygrad_edu.draw.as_json import to_json

        return to_json(self, full)

    def digraph(self, **options: Any) -> Digraph:
        """Write the graph down in DOT, as an object of the package ``graphviz``.

        Identifiers are ids: ``n7`` is the value 7, ``cluster2`` the frame and ``c2`` the folded box
        of module call 2, ``g7`` the gradient of value 7.

        Parameters
        ----------
        direction : ``"LR"``, from left to right (the default), or ``"TB"``, from top to bottom.
        depth : how many module calls within each other are open; what is deeper is folded into one
            box for each call, and of calls that repeat each other only the first is drawn, with
            "×N". By default all are open, or as many as fit into ``max_nodes``.
        show : what is shown of each value: some of ``"shape"``, ``"value"`` and ``"grad"``.
            Shapes stand at the arrows if the boxes have no values. After ``backward()``, arrows are
            as thick as the gradient along them is long, on a logarithmic scale.
        show_backward : draw the backward pass beside the forward: a box for every gradient, with
            the formula that it is computed by.
        precision : how many decimals numbers have, at the least.
        max_nodes : the largest number of boxes; 500 by default.
        theme : ``"light"`` or ``"dark"``.

        Raises
        ------
        ValueError
            If there would be more boxes than ``max_nodes``, or an option is none.

        Examples
        --------
        >>> import tinygrad_edu as tg
        >>> from tinygrad_edu.draw import graph
        >>> w = tg.Tensor(3.0, requires_grad=True, name="w")
        >>> print(graph(w * w).digraph(direction="TB", theme="dark").source.splitlines()[0])
        digraph {
        """
        from tinygrad_edu.draw.dot import checked, to_digraph

        return to_digraph(self, checked(options))

    def render(self, path: str | os.PathLike[str], timeout: float = 60.0, **options: Any) -> Path:
        """Write the graph into a file, in the format that the file's name ends in.

        Parameters
        ----------
        path : ends in ``.svg``, ``.png`` or ``.pdf``, for pictures; ``.dot``, for the text that
            they are made of; ``.html``, for a page to walk through; or ``.json``, see `to_json`.
        timeout : how many seconds Graphviz may take.
        **options : how it is drawn; see `digraph`.

        Returns
        -------
        The path.

        Raises
        ------
        ValueError
            If the path ends in something else.
        RenderError
            If no picture can be made.
        OSError
            If the file cannot be written. It is then as it was before.

        Examples
        --------
        >>> import pathlib, tempfile
        >>> import tinygrad_edu as tg
        >>> from tinygrad_edu.draw import graph
        >>> run = graph(tg.Tensor(3.0, requires_grad=True) ** 2)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     run.render(pathlib.Path(folder, "square.json")).name
        'square.json'
        """
        from tinygrad_edu.draw.drawing import write_graph

        return write_graph(self, path, timeout, options)

    def explore(self, path: str | os.PathLike[str] | None = None) -> Path:
        """Make a page on which one can walk through the run, forward and backward.

        Parameters
        ----------
        path : the file to write; by default, a new one in a temporary folder.

        Returns
        -------
        The path, for a browser to open.
        """
        from tinygrad_edu.draw.drawing import explore_graph

        return explore_graph(self, path)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """Return what a notebook shows: the picture, or what would help and the DOT text."""
        from tinygrad_edu.draw.notebook import graph_bundle

        return graph_bundle(self)

    def __repr__(self) -> str:
        return (
            f"<Graph of {len(self.nodes)} values and {len(self.edges)} edges: "
            f".render('graph.svg') makes a picture>"
        )
