"""What the tests of draw/ share: a small reader of DOT that owes nothing to Graphviz."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg

TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|->|[\[\]{}=]|[A-Za-z0-9_.]+', re.DOTALL)
ATTRIBUTES = {"label", "style", "fillcolor", "penwidth", "shape", "peripheries"}


class Dot:
    """What a DOT text says; what ``draw()`` has no business to write, such as a port, is an error.

    Attributes
    ----------
    caption : the lines below the picture.
    nodes : for each identifier, the fields of its record, each a list of lines.
    looks : for each identifier, its other attributes.
    edges : pairs of identifiers.
    arrows : for each edge, its attributes.
    frames : the depth and title of each cluster.
    frame_of : for each identifier, the title of the innermost cluster around it.
    """

    def __init__(self, source: str) -> None:
        self.caption: list[str] = []
        self.nodes: dict[str, list[list[str]]] = {}
        self.looks: dict[str, dict[str, str]] = {}
        self.edges: list[tuple[str, str]] = []
        self.arrows: list[dict[str, str]] = []
        self.frames: list[tuple[int, str]] = []
        self.frame_of: dict[str, str] = {}
        first, *middle, last = source.splitlines()
        assert (first, last) == ("digraph {", "}")
        around: list[str] = []
        for line in middle:
            self._statement([match[0] for match in TOKEN.finditer(line)], line, around)
        assert not around

    def _statement(self, words: list[str], line: str, around: list[str]) -> None:
        rest = TOKEN.sub("", line)
        assert not rest.strip(), f"not DOT: {rest!r}"
        if words == ["}"]:
            around.pop()
        elif words[0] == "subgraph":
            assert re.fullmatch(r"cluster(_c)?\d+", words[1])
            assert words[2:] == ["{"]
            around.append("")
        elif words[0] == "graph" and around:
            around[-1] = text_lines(attributes(words[1:])["label"])[0]
            self.frames.append((len(around), around[-1]))
        elif words[0] == "graph":
            self.caption = text_lines(attributes(words[1:])["label"])[1:]
        elif words[1] == "->":
            self.arrows.append(attributes(words[3:]))
            assert set(self.arrows[-1]) <= {"weight", "penwidth", "label"}
            self.edges.append((words[0], words[2]))
        elif words[0] not in ("node", "edge"):
            self._node(words[0], attributes(words[1:]), around)

    def _node(self, name: str, found: dict[str, str], around: list[str]) -> None:
        assert re.fullmatch(r"[nc]\d+", name)
        assert name not in self.nodes
        assert set(found) <= ATTRIBUTES
        self.nodes[name] = record_fields(found.pop("label"))
        self.looks[name] = found
        self.frame_of[name] = around[-1] if around else ""

    def name(self, identifier: str) -> str:
        return self.nodes[identifier][0][0]

    def find(self, name: str) -> str:
        """Return the identifier of the one box with this name."""
        (found,) = (each for each in self.nodes if self.name(each) == name)
        return found

    def box(self, name: str) -> list[list[str]]:
        return self.nodes[self.find(name)]

    def inputs(self, name: str) -> list[str]:
        return [self.name(tail) for tail, head in self.edges if head == self.find(name)]


def attributes(words: list[str]) -> dict[str, str]:
    """Read ``[name=value ...]``. Within quotation marks DOT has one escape, that of such marks."""
    if not words:
        return {}
    assert (words[0], words[-1]) == ("[", "]")
    triples = list(zip(*[iter(words[1:-1])] * 3))
    assert all(equals == "=" for _, equals, _ in triples)
    return {
        name: re.sub(r'\\(["\\])', lambda m: '"' if m[1] == '"' else m[0], value[1:-1])
        if value.startswith('"')
        else value
        for name, _, value in triples
    }


def record_fields(label: str) -> list[list[str]]:
    """Take a record apart: its fields, whatever their arrangement, as lines of text."""
    fields, depth = [""], 0
    for part in re.findall(r"\\.|[^\\]", label, re.DOTALL):
        assert part not in "<>", "a port"
        if part in "{}":
            depth += {"{": 1, "}": -1}[part]
        elif part == "|":
            fields.append("")
        else:
            assert part != " " or fields[-1][-1:] not in ("", " "), "a space that would be dropped"
            fields[-1] += part
    assert depth == 0
    assert not any(re.search(r"(?<!\\) $", each) for each in fields), (
        "a space that would be dropped"
    )
    return [text_lines(field) for field in fields]


def text_lines(label: str) -> list[str]:
    """Read the text of a label: line ends, escaped characters and entities, and nothing else."""
    lines = [""]
    for part in re.findall(r"\\.|&#?\w+;|[^\\]", label, re.DOTALL):
        if part == r"\n":
            lines.append("")
        elif part[0] == "\\":
            assert part[1] in "\\{}|<> ", f"the escape sequence {part}"
            lines[-1] += part[1]
        else:
            assert part.isprintable() or part in "\u200f\u200d", f"{part!r} in a label"
            lines[-1] += html.unescape(part).replace("\xa0", " ") if part[0] == "&" else part
    assert all(lines), "an empty line, on which Graphviz 14 may crash"
    return lines


@pytest.fixture
def read_dot() -> Callable[[Any], Dot]:
    """Read what a Drawing says, independently of Graphviz."""
    return lambda drawing: Dot(drawing.source)


@pytest.fixture
def article() -> dict[str, tg.Tensor]:
    """Run the article's network forwards, all of it named."""
    generator = np.random.default_rng(0)
    x = tg.Tensor([[0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 1]], dtype=float, name="x")
    y = tg.Tensor([[0.0], [1.0], [1.0], [0.0]], name="y")
    weights1 = tg.Tensor(generator.uniform(size=(3, 4)), requires_grad=True, name="weights1")
    weights2 = tg.Tensor(generator.uniform(size=(4, 1)), requires_grad=True, name="weights2")
    layer1 = tg.sigmoid(x @ weights1)
    output = tg.sigmoid(layer1 @ weights2)
    loss = ((y - output) ** 2).sum()
    return {"x": x, "y": y, "weights1": weights1, "weights2": weights2} | {
        "layer1": layer1, "output": output, "loss": loss,
    }  # fmt: skip
