"""draw: the function that a learner calls, and the `Drawing` that it returns.

This is the last file in here to read; ``snapshot.py`` is the first.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from tinygrad_edu.draw.dot import checked, to_digraph
from tinygrad_edu.draw.read import graph
from tinygrad_edu.draw.render import OPTIONS, RenderError, render
from tinygrad_edu.tensor import Tensor

if TYPE_CHECKING:
    from pathlib import Path

    from graphviz import Digraph

    from tinygrad_edu.draw.snapshot import Graph

PICTURES = (*OPTIONS, "dot")
"""What a picture's file name may end in."""


class Drawing:
    """A graph in DOT, the language of Graphviz; in a notebook, its picture.

    It is of the moment when it was made: what happens to the tensors later does not change it.

    Attributes
    ----------
    digraph : graphviz.Digraph
        The graph as an object of the package ``graphviz``, whose looks may still be changed.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> w = tg.Tensor(3.0, requires_grad=True, name="w")
    >>> drawing = tg.draw(w * w)
    >>> print(drawing.source.splitlines()[0])
    digraph {
    """

    def __init__(self, digraph: Digraph) -> None:
        self.digraph = digraph
        self._shown: tuple[str, str, str] = "", "", ""  # DOT text, its SVG, or why there is none

    @property
    def source(self) -> str:
        """The DOT text, which needs no Graphviz to be made."""
        text: str = self.digraph.source
        return text

    def render(self, path: str | os.PathLike[str], timeout: float = 60.0) -> Path:
        """Write it into a file: a picture, or the DOT text.

        Pictures are made by the program ``dot``, if there is one on the PATH, else by the Graphviz
        in ``pygraphviz``. PNG and PDF need fonts on this machine; SVG does not.

        Parameters
        ----------
        path : ends in ``.svg``, ``.png``, ``.pdf`` or ``.dot``, which says what is written.
        timeout : how many seconds Graphviz may take.

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
        >>> drawing = tg.draw(tg.Tensor(3.0, requires_grad=True) ** 2)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     drawing.render(pathlib.Path(folder, "square.dot")).name
        'square.dot'
        """
        return write(path, PICTURES, lambda kind: _written(self.source, kind, timeout))

    def __repr__(self) -> str:
        return "<Drawing: .render('graph.svg') makes a picture, .source is the DOT text>"

    def _repr_svg_(self) -> str | None:
        """Return the picture for a notebook, or None if there can be none."""
        return self._show()[0] or None

    def _repr_html_(self) -> str | None:
        """Return, if there can be no picture, what would help, and the DOT text; else None."""
        from html import escape

        svg, reason = self._show()
        return None if svg else f"<p>{escape(reason)}</p><pre>{escape(self.source)}</pre>"

    def _show(self) -> tuple[str, str]:
        """Return the SVG for a page, or an empty string and the reason; make it once."""
        source = self.source
        if self._shown[0] != source:
            try:
                svg = render(source, "svg").decode()
                self._shown = source, svg[svg.index("<svg") :], ""  # a page has its own XML header
            except RenderError as error:
                self._shown = source, "", str(error)
        return self._shown[1:]


def _written(source: str, kind: str, timeout: float) -> bytes:
    return source.encode() if kind == "dot" else render(source, kind, timeout)


def write(
    path: str | os.PathLike[str], kinds: tuple[str, ...], content: Callable[[str], bytes]
) -> Path:
    """Write a file whose content depends on what its name ends in.

    Raises
    ------
    ValueError
        If it ends in none of these kinds.
    """
    from pathlib import Path

    from tinygrad_edu.atomic import replacing

    kind = os.path.splitext(path)[1].lower().removeprefix(".")
    if kind not in kinds:
        known = ", ".join(f".{each}" for each in kinds)
        raise ValueError(f"a picture's file name ends in one of {known}, not as {path!r} does")
    picture = content(kind)
    with replacing(path) as file:
        file.write(picture)
    return Path(path)


def write_graph(
    graph: Graph, path: str | os.PathLike[str], timeout: float, options: dict[str, Any]
) -> Path:
    """Write a graph into a file; see `Graph.render`."""
    chosen = checked(options)

    def content(kind: str) -> bytes:
        if kind == "json":
            import json

            return json.dumps(graph.to_json(), allow_nan=False, ensure_ascii=True).encode()
        if kind == "html":
            from tinygrad_edu.draw.explorer import page

            html: str = page(graph)
            return html.encode()
        return _written(to_digraph(graph, chosen).source, kind, timeout)

    return write(path, (*PICTURES, "html", "json"), content)


def explore_graph(graph: Graph, path: str | os.PathLike[str] | None) -> Path:
    """Write the page of a graph; see `Graph.explore`."""
    from pathlib import Path

    from tinygrad_edu.draw.explorer import explore

    if path is None:
        from tempfile import mkdtemp

        path = Path(mkdtemp(prefix="tinygrad-edu-"), "graph.html")
    return explore(graph, path)


def draw(
    tensor: Tensor,
    *,
    names: Mapping[str, Any] | None = None,
    **options: Any,
) -> Drawing:
    r"""Draw the graph that a Tensor remembers: every value and gradient on the way to it.

    Parameters and inputs are boxes with corners, parameters in bold lines; constants are dashed;
    what was computed is round, the result in bold lines. Each shows its name, the formula that it
    was computed by, its shape, its numbers (if they are more than 4 by 4, the smallest, the mean
    and the largest) and its gradient. Nothing about the tensors is changed.

    The gradient of a parameter is what its ``.grad`` holds. That of a computed value, which
    ``backward()`` does not keep, is computed again, once ``backward()`` has run from ``tensor``.
    What there is to say about this is written below the picture.

    Parameters
    ----------
    tensor : Tensor
        The result; usually the loss.
    names : mapping, optional
        Names of Tensors in the graph, such as ``locals()`` or ``dict(model.named_parameters())``.
        Without, a Tensor has its own ``.name``, a module's parameter its path, and others are
        numbered: parameters ``w1``, inputs ``x1``, constants ``c1``, what was computed ``t1``.
    **options : ``direction``, ``depth``, ``show``, ``show_backward``, ``precision``, ``max_nodes``
        and ``theme``, as of `Graph.digraph`.

    Raises
    ------
    TypeError
        If ``tensor`` is no Tensor.
    ValueError
        If an option is none, or there are more boxes than ``max_nodes``.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> w = tg.Tensor([1.0, 2.0], requires_grad=True, name="w")
    >>> loss = (w * w).sum()
    >>> loss.backward()
    >>> for line in tg.draw(loss).source.splitlines():
    ...     if "value (" in line:
    ...         print(line.split('"')[1])
    w\nparameter|value (2,)\n1 2|gradient\n2 4
    t1\n= w * w|value (2,)\n1 4|gradient\n1 1
    result\n= sum(t1)|value ()\n5|gradient\n1
    """
    if not isinstance(tensor, Tensor):
        is_model = hasattr(tensor, "named_modules")
        hint = (
            "; draw what it computes, draw(model(x)), or use draw_network(model)"
            if is_model
            else ""
        )
        raise TypeError(f"draw() draws the graph of a Tensor, not a {type(tensor).__name__}{hint}")
    chosen = checked(options)
    return Drawing(to_digraph(graph(tensor, names=names), chosen))
