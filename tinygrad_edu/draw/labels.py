"""What stands in a box: name, formula, shape, numbers, gradient; and how text is made harmless.

Read next: ``dot.py``.
"""

from __future__ import annotations

import re
from math import prod, sqrt
from typing import Any

import numpy as np

from tinygrad_edu.draw.captions import NOT_YET
from tinygrad_edu.draw.fold import Folded
from tinygrad_edu.draw.snapshot import Graph, GraphEdge, GraphNode
from tinygrad_edu.draw.values import describe

UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)
SPECIAL = re.compile(r"[\\{}|<>]| $|(?<= ) ")  # a single space between words needs no help
WIDTH = 34  # characters of a formula, beyond which it goes on below


def visible(text: str) -> str:
    r"""Replace the characters that no picture can show by ones that can be seen.

    Control characters become Unicode's pictures of them (a newline ``␊``, NUL ``␀``). Line
    separators, overrides of the writing direction and what XML forbids become their numbers.

    Examples
    --------
    >>> from tinygrad_edu.draw.labels import visible
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
    >>> from tinygrad_edu.draw.labels import escape
    >>> print(escape("a|b <&lt;"))
    a\|b \<&amp;lt;
    """
    text = visible(text).replace("&", "&amp;")
    if text.startswith(" "):  # Graphviz would drop it even behind a backslash
        text = "&#160;" + text[1:]
    return SPECIAL.sub(r"\\\g<0>", text)


def lines(texts: list[str]) -> str:
    """Write a field. None of its lines may be empty: some versions of Graphviz crash on that."""
    return r"\n".join(map(escape, texts))


def outline(array: Any) -> str:
    """Write a shape, and the dtype if it is not the usual one."""
    return f"{array.shape}" + (f" {array.dtype}" if array.dtype != np.float64 else "")


class Labels:
    """Writes the boxes of one picture.

    Parameters
    ----------
    fields : which of ``"shape"``, ``"value"`` and ``"grad"`` the boxes show.
    across : whether fields lie side by side, in a picture that grows downwards.
    """

    def __init__(self, graph: Graph, fields: frozenset[str], precision: int, across: bool) -> None:
        self.graph = graph
        self.fields = fields
        self.precision = precision
        self.across = across

    def node(self, node: GraphNode) -> str:
        """Write the box of a value."""
        value = node.value
        if node.role == "constant" and value is not None and value.ndim == 0:
            return lines([node.name, node.role])
        head = [node.name, *(wrapped(f"= {node.formula}") if node.formula else [node.role])]
        fields = []
        if value is not None and "value" in self.fields:
            shape = f" {outline(value)}" if "shape" in self.fields else ""
            fields.append([f"value{shape}", *describe(value, self.precision)])
        if value is not None and "grad" in self.fields and node.role not in ("input", "constant"):
            fields.append(self._gradient(node))
        return self.record(head, fields)

    def record(self, head: list[str], fields: list[list[str]]) -> str:
        """Put fields below a head, or beside it: always across the direction of the picture."""
        if not fields:
            return f"{{{lines(head)}}}" if self.across else lines(head)
        numbers = "|".join(map(lines, fields))
        return f"{{{lines(head)}|{{{numbers}}}}}" if self.across else f"{lines(head)}|{numbers}"

    def _gradient(self, node: GraphNode) -> list[str]:
        """Write what is known of a gradient: its numbers, or why there are none."""
        has_run = self.graph.gradients == "backward"
        if node.role == "parameter":
            if node.grad is not None:
                heading = ".grad" if node.note else "gradient"
                return [heading, *describe(node.grad, self.precision)]
            return [".grad is None" if has_run else NOT_YET]
        if not has_run:
            return [NOT_YET]
        if node.gradient is None:
            return [node.note]
        return ["gradient", *describe(node.gradient, self.precision)]

    def folded(self, box: Folded, counted: bool = True) -> str:
        """Write the box of module calls: path, class, how many, shapes, parameters.

        Parameters
        ----------
        counted : whether it says how many there are; a frame around it may do so.
        """
        head = title(box.calls[0].path, box.calls[0].type)
        several = counted and len(box.calls) > 1
        if several:
            last = box.calls[-1].path
            until = f"{box.calls[0].path} … {last}" if last != box.calls[0].path else last
            head = f"{title(until, box.calls[0].type)} ×{len(box.calls)}"
        texts = [head]
        computed = [node for node in box.nodes if node.op is not None]
        if computed and computed[-1].value is not None and "shape" in self.fields:
            texts.append(f"output {outline(computed[-1].value)}")
        weights = [node for node in box.nodes if node.role == "parameter"]
        each = ""
        if weights:
            each = " each" if several and len({call.module for call in box.calls}) > 1 else ""
            texts.append(f"{sum(_size(node) for node in weights):,} parameters{each}")
        gradients = [node.grad for node in weights if node.grad is not None]
        if gradients and "grad" in self.fields:
            of = " of the first" if each else ""
            texts.append(f"size of gradient{of} {norm(gradients):.{self.precision}g}")
        return lines(texts)


def wrapped(formula: str) -> list[str]:
    """Break a formula with many arguments between these.

    Examples
    --------
    >>> from tinygrad_edu.draw.labels import wrapped
    >>> wrapped("= conv(x, weight, bias, stride=(1, 1), dilation=(1, 1))")
    ['= conv(x, weight, bias,', 'stride=(1, 1), dilation=(1, 1))']
    """
    found: list[str] = []
    for part in re.split(r"(?<=,) (?![^(]*\d\))", formula):
        if found and len(found[-1]) + len(part) < WIDTH:
            found[-1] += f" {part}"
        else:
            found.append(part)
    return found


def title(path: str, kind: str) -> str:
    """Name a module call: its path in the model, and the module's class."""
    return (f"{path}: " if path else "") + kind


def _size(node: GraphNode) -> int:
    return 0 if node.value is None else prod(node.value.shape)


def norm(arrays: list[Any]) -> float:
    """Return the length of all numbers of some arrays, as one vector."""
    with np.errstate(all="ignore"):
        return sqrt(sum(float(np.sum(np.abs(a.astype(np.float64)) ** 2)) for a in arrays))


def contributions(edges: list[GraphEdge]) -> float | None:
    """Return the length of what comes back along some edges; None if nothing does."""
    found = [edge.contribution for edge in edges if edge.contribution is not None]
    return norm(found) if found else None
