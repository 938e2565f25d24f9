"""Names are text, whatever is in them: in a box, a formula, a frame, a caption, and in Graphviz."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from typing import Any

import pytest
from draw_names import EVIL
from hypothesis import given, strategies as st

import tinygrad_edu as tg
from tinygrad_edu import nn
from tinygrad_edu.draw import Drawing, draw
from tinygrad_edu.draw.labels import escape, visible
from tinygrad_edu.draw.render import PYGRAPHVIZ
from tinygrad_edu.op import Op
from tinygrad_edu.tensor import record

evil_names = pytest.mark.parametrize("name", EVIL.values(), ids=EVIL.keys())


def program(weight: str, result: str, op_name: str) -> tg.Tensor:
    """A run of two leaves and three ops, with names of one's choice."""
    op = Op(lambda x: x * 1, {"x": lambda dy, y, x: dy}, op_name, None, "", (), ())
    w = tg.Tensor([1.0, 2.0], requires_grad=True, name=weight)
    x = tg.Tensor([1.0, 2.0], name="x")
    loss = record(op, (w * x,), {}).sum()
    loss.name = result
    loss.backward()
    return loss


@evil_names
@pytest.mark.parametrize("direction", ["LR", "TB"])
def test_the_name_of_a_leaf_is_its_label_and_nothing_else(read_dot, name, direction) -> None:
    plain = read_dot(draw(program("w", "loss", "f"), direction=direction))
    dot = read_dot(draw(program(name, "loss", "f"), direction=direction))
    assert dot.box(visible(name))[0] == [visible(name), "parameter"]
    assert dot.edges == plain.edges
    assert list(dot.nodes) == list(plain.nodes)
    assert [len(fields) for fields in dot.nodes.values()] == [
        len(fields) for fields in plain.nodes.values()
    ]
    assert list(dot.nodes.values())[2:] != list(plain.nodes.values())[2:]  # the formulas
    assert list(dot.nodes.values())[3:] == list(plain.nodes.values())[3:]


@evil_names
def test_the_name_of_an_op_is_text_within_its_formula(read_dot, name) -> None:
    dot = read_dot(draw(program("w", "loss", name)))
    assert dot.box("t2")[0] == ["t2", visible(f"= {name}(t1)")]
    assert len(dot.nodes) == 5
    assert len(dot.edges) == 4


@evil_names
def test_the_name_of_an_operand_is_text_within_a_formula(read_dot, name) -> None:
    w = tg.Tensor([1.0], requires_grad=True, name=name)
    short = name if len(name) <= 32 else name[:31] + "…"
    assert read_dot(draw(-w)).box("result")[0][1] == visible(f"= -{short}")


@evil_names
def test_the_name_of_a_result_is_text_in_its_box_and_in_the_caption(read_dot, name) -> None:
    dot = read_dot(draw(program("w", name, "f")))
    assert dot.box(visible(name))[0] == [visible(name), "= sum(t2)"]
    short = name if len(name) <= 32 else name[:31] + "…"
    assert dot.caption[0].startswith(f"gradient: d {visible(short)} / d value")
    assert len(dot.caption) == 1


@evil_names
def test_the_names_of_modules_and_of_their_classes_are_text_in_frames(read_dot, name) -> None:
    possible = "\0" not in name and "\ud800" not in name  # as the name of a class in Python
    module = type(name if possible else "Layer", (nn.Linear,), {})
    key = name.replace(".", "")
    dot = read_dot(draw(nn.Sequential({key: module(2, 1)})(tg.Tensor([1.0, 2.0]))))
    assert dot.frames == [(1, "Sequential"), (2, visible(f"{key}: {module.__name__}"))]
    assert visible(f"{key}.weight") in map(dot.name, dot.nodes)


def test_only_what_cannot_be_seen_is_replaced() -> None:
    changed = {kind for kind, name in EVIL.items() if visible(name) != name}
    assert changed == {
        "a newline", "a carriage return", "NUL", "other control characters", "half a character",
        "what XML forbids", "an override of writing direction",
    }  # fmt: skip
    assert visible("\n\0\x7f\u202e\ud800") == "␊␀␡[U+202E][U+D800]"


@given(st.text())
def test_any_text_can_be_encoded_and_seen_once_it_is_a_label(text: str) -> None:
    label = escape(text)
    label.encode()
    assert "\n" not in label
    assert not re.search(r'(?<!\\)(\\\\)*\\(?:"|$)', label)  # before a quotation mark or the end


# ------------------------------------------------------------- the same, as Graphviz sees it
SVG = "{http://www.w3.org/2000/svg}"


def all_at_once(names: list[str], **options: Any) -> Drawing:
    """Draw one run in which every name is that of a leaf, of an op and of a result."""
    total, results = tg.Tensor(0.0, requires_grad=True), {}
    for name in names:
        op = Op(lambda x: x * 1, {"x": lambda dy, y, x: dy}, name, None, "", (), ())
        results[name] = record(op, (tg.Tensor(1.0, requires_grad=True, name=name),), {})
        total = total + results[name]
    return draw(total, names=results, **options)


@pytest.fixture(scope="module")
def pygraphviz() -> Callable[[str, str], bytes]:
    """Lay DOT text out by a real Graphviz: the one that pygraphviz carries."""
    pytest.importorskip("pygraphviz", reason="a Graphviz is needed to see what it makes of names")
    return lambda source, kind: (
        subprocess.run(
            [sys.executable, "-c", PYGRAPHVIZ, f"-T{kind}"],
            input=source.encode(),
            capture_output=True,
            check=True,
        ).stdout
    )


def test_graphviz_shows_every_line_as_it_was_meant(pygraphviz: Any, read_dot) -> None:
    drawing = all_at_once(list(EVIL.values()))
    meant = read_dot(drawing)
    root = ElementTree.fromstring(pygraphviz(drawing.source, "svg"))  # noqa: S314  # made here
    shown = {
        group.findtext(f"{SVG}title"): [
            (text.text or "").replace("\xa0", " ") for text in group.iter(f"{SVG}text")
        ]
        for group in root.iter(f"{SVG}g")
        if group.get("class") == "node"
    }
    assert shown == {
        node: [line for field in fields for line in field] for node, fields in meant.nodes.items()
    }
    tags = {element.tag.removeprefix(SVG) for element in root.iter()}
    assert tags == {"svg", "g", "title", "text", "path", "polygon", "polyline"}


def test_graphviz_finds_the_same_graph_as_with_plain_names(pygraphviz: Any) -> None:
    plain, evil = (
        json.loads(pygraphviz(all_at_once(names).source, "json"))
        for names in ([f"plain{i}" for i in range(len(EVIL))], list(EVIL.values()))
    )
    for part in ("objects", "edges"):
        assert [set(each) for each in evil[part]] == [set(each) for each in plain[part]]
    attributes = {key for each in (*evil["objects"], *evil["edges"]) for key in each}
    assert not attributes & {"URL", "href", "image", "tooltip", "headport", "tailport", "xlabel"}


@evil_names
def test_the_names_of_folded_modules_are_text(read_dot, name) -> None:
    possible = "\0" not in name and "\ud800" not in name  # as the name of a class in Python
    module = type(name if possible else "Layer", (nn.Linear,), {})
    key = name.replace(".", "")
    y = nn.Sequential({key: module(2, 1)})(tg.Tensor([1.0, 2.0]))
    dot = read_dot(draw(y, depth=1))
    assert dot.nodes["c1"][0][0] == visible(f"{key}: {module.__name__}")
    assert len(dot.nodes) == 2


@pytest.mark.parametrize("options", [{"show_backward": True}, {"show": "shape"}])
def test_graphviz_finds_the_same_graph_with_any_names_and_options(
    pygraphviz: Any, options: Any
) -> None:
    names = list(EVIL.values())
    shown = []
    for each in ([f"plain{i}" for i in range(len(EVIL))], names):
        found = json.loads(pygraphviz(all_at_once(each, **options).source, "json"))
        shown.append((len(found["objects"]), len(found["edges"])))
        attributes = {key for part in (*found["objects"], *found["edges"]) for key in part}
        assert not attributes & {"URL", "href", "image", "tooltip", "headport", "tailport"}
    assert shown[0] == shown[1]
