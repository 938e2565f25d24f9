"""``tg.draw`` and the Drawing that it returns: from any import, in a notebook, at little cost."""

from __future__ import annotations

import inspect
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from typing import Any

import graphviz
import pytest

import tinygrad_edu as tg
from tinygrad_edu.draw import Drawing, RenderError, draw, drawing
from tinygrad_edu.draw.drawing import draw as the_function


@pytest.fixture
def picture() -> Drawing:
    return tg.draw(tg.Tensor(3.0, requires_grad=True, name="<w>") ** 2)


def run(program: str) -> str:
    """Run a program in a fresh interpreter."""
    command = [sys.executable, "-W", "error", "-c", program]
    environment = {"PYTHONPATH": ":".join(filter(None, sys.path))}
    return subprocess.run(
        command, capture_output=True, text=True, check=True, env=environment
    ).stdout.strip()


# --------------------------------------------------- a package with the name of its function
def test_tg_draw_draws(picture) -> None:
    assert isinstance(picture, Drawing)
    assert inspect.signature(tg.draw) == inspect.signature(the_function)
    assert draw is the_function


IMPORTS = {
    "nothing": "",
    "a module of the package": "import tinygrad_edu.draw.dot",
    "a module by another name": "import tinygrad_edu.draw.read as g; g.graph",
    "a name from a module": "from tinygrad_edu.draw.render import render",
    "the function from the package": "from tinygrad_edu.draw import draw",
    "the package from the library": "from tinygrad_edu import draw",
    "everything from the library": "from tinygrad_edu import *",
}


@pytest.mark.parametrize("statement", IMPORTS.values(), ids=IMPORTS.keys())
def test_tg_draw_draws_whatever_was_imported_before(statement: str) -> None:
    program = f"""
{statement}
import tinygrad_edu as tg
import tinygrad_edu.draw.values
tg.draw(tg.Tensor(1.0)).source, draw(tg.Tensor(1.0)).source if "draw" in dir() else None
from tinygrad_edu.draw.values import describe
import tinygrad_edu.draw.values as values
print(type(tg.draw(tg.Tensor(1.0))).__name__, describe is values.describe)
"""
    assert run(program) == "Drawing True"


def test_importing_the_library_imports_no_graphviz_and_drawing_does() -> None:
    program = """
import sys, tinygrad_edu as tg
before = "graphviz" in sys.modules, "tinygrad_edu.draw" in sys.modules
tg.draw(tg.Tensor(1.0))
print(before, "graphviz" in sys.modules, "pygraphviz" in sys.modules)
"""
    assert run(program) == "(False, False) True False"


def test_the_core_never_imports_draw() -> None:
    program = """
import sys, tinygrad_edu as tg
w = tg.Tensor(1.0, requires_grad=True)
(w * w).backward()
print([name for name in sys.modules if name.startswith("tinygrad_edu.draw")])
"""
    assert run(program) == "[]"


# --------------------------------------------------------------------------- the Drawing
def test_a_drawing_holds_a_digraph_whose_looks_may_be_changed(picture) -> None:
    assert isinstance(picture.digraph, graphviz.Digraph)
    assert picture.source == picture.digraph.source
    picture.digraph.attr(bgcolor="pink")
    assert "pink" in picture.source


def test_a_drawing_says_what_can_be_done_with_it(picture) -> None:
    assert ".render(" in repr(picture)
    assert ".source" in repr(picture)


def fails(*arguments: Any) -> bytes:
    raise RenderError("install <something> & more")


def test_a_notebook_shows_the_picture_and_makes_it_once(picture, monkeypatch) -> None:
    calls = []

    def svg(source: str, kind: str) -> bytes:
        calls.append((source, kind))
        return b'<?xml version="1.0"?><!DOCTYPE svg><svg>picture</svg>'

    monkeypatch.setattr(drawing, "render", svg)
    assert picture._repr_html_() is None
    assert picture._repr_svg_() == "<svg>picture</svg>"
    assert calls == [(picture.source, "svg")]
    picture.digraph.attr(bgcolor="pink")
    assert picture._repr_svg_() == "<svg>picture</svg>"
    assert len(calls) == 2


def test_a_notebook_without_graphviz_shows_the_remedy_and_the_text(picture, monkeypatch) -> None:
    monkeypatch.setattr(drawing, "render", fails)
    assert picture._repr_svg_() is None
    root = ElementTree.fromstring(f"<div>{picture._repr_html_()}</div>")  # noqa: S314
    assert [element.tag for element in root.iter()] == ["div", "p", "pre"]
    assert root.findtext("p") == "install <something> & more"
    assert root.findtext("pre") == picture.source
