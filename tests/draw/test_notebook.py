"""What a notebook shows: well-formed, harmless, and there whatever is missing."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from typing import Any

import numpy as np
import pytest
from draw_names import EVIL

import tinygrad_edu as tg
from tinygrad_edu import nn
from tinygrad_edu.draw import RenderError, graph, notebook
from tinygrad_edu.draw.labels import visible
from tinygrad_edu.draw.notebook import graph_bundle, module_html, tensor_html

TAGS = {"div", "p", "b", "table", "tr", "td", "th", "pre"}
EVIL_NAMES = pytest.mark.parametrize("name", EVIL.values(), ids=EVIL.keys())


def read(html: str) -> ElementTree.Element:
    """Read HTML that is to be well-formed and to have nothing in it that could do something."""
    root = ElementTree.fromstring(f"<div>{html}</div>")  # noqa: S314  # made here
    for element in root.iter():
        assert element.tag in TAGS
        assert set(element.keys()) <= {"style"}
        assert "url" not in element.get("style", "")
    return root


def cells(html: str) -> list[list[str]]:
    return [[cell.text or "" for cell in row] for row in read(html).iter("tr")]


# --------------------------------------------------------------------------------- graphs
def run() -> Any:
    w = tg.Tensor(3.0, requires_grad=True, name="<w>")
    return graph(w * w)


def test_a_graph_shows_its_picture(monkeypatch) -> None:
    monkeypatch.setattr(notebook, "render", lambda *given: b"<?xml?><svg>picture</svg>")
    shown = run()._repr_mimebundle_()
    assert shown["image/svg+xml"] == "<svg>picture</svg>"
    assert shown["text/plain"].startswith("<Graph of 2 values")


def test_without_graphviz_a_graph_shows_the_remedy_and_its_dot_text(monkeypatch) -> None:
    def fails(*given: Any) -> bytes:
        raise RenderError("install <something> & more")

    monkeypatch.setattr(notebook, "render", fails)
    html = graph_bundle(run())["text/html"]
    root = read(html)
    assert root.findtext("p") == "install <something> & more"
    assert (root.findtext("pre") or "").startswith("digraph {")


def test_a_graph_that_is_too_large_for_a_picture_says_what_to_do() -> None:
    y = tg.Tensor(1.0, requires_grad=True)
    for _ in range(600):
        y = y + 1
    html = graph_bundle(graph(y))["text/html"]
    assert "more than max_nodes=500" in (read(html).findtext("p") or "")


# -------------------------------------------------------------------------------- tensors
def test_a_small_tensor_shows_its_numbers_and_a_large_one_how_they_are_spread() -> None:
    assert cells(tensor_html(tg.Tensor([[1.0, 2.5], [3.0, np.nan]]))) == [
        ["1", "2.5"], ["3", "nan"],
    ]  # fmt: skip
    large = cells(tensor_html(tg.Tensor(np.arange(101.0))))
    assert [row[0].split() for row in large] == [
        ["smallest", "0"], ["mean", "50"], ["largest", "100"],
    ]  # fmt: skip


@pytest.mark.parametrize(
    "value",
    [0.5, [], np.zeros((0, 3)), [True, False], np.array([1 + 2j]), np.zeros((2, 2, 2)),
     np.full((20, 20), np.nan), np.array(7), np.float16([1, 2])],
)  # fmt: skip
def test_any_tensor_can_be_shown(value: Any) -> None:
    text = "".join(read(tensor_html(tg.Tensor(value))).itertext())
    assert "Tensor of shape" in text


def test_a_tensor_says_what_it_is() -> None:
    w = tg.Tensor([3.0, 4.0], requires_grad=True, name="w")
    y = (w * w) / 2
    y.sum().backward()
    assert read(tensor_html(w)).findtext("div/p/b") == "w"
    text = "".join(read(tensor_html(w)).itertext())
    assert "requires grad, size of .grad 5" in text
    assert "computed by divide" in "".join(read(tensor_html(y)).itertext())


@EVIL_NAMES
def test_the_name_of_a_tensor_is_text(name: str) -> None:
    assert read(tensor_html(tg.Tensor(1.0, name=name))).findtext("div/p/b") == visible(name)


# -------------------------------------------------------------------------------- modules
def test_a_module_shows_its_tree_with_shapes_and_counts() -> None:
    model = nn.Sequential(nn.Linear(3, 4), np.tanh, nn.Sequential(nn.Linear(4, 1, bias=False)))
    assert cells(module_html(model)) == [
        ["module", "type", "shapes", "parameters"],
        ["(model)", "Sequential", "", "0"],
        ["  0", "Linear", "weight (4, 3), bias (4,)", "16"],
        ["  1", "tanh", "", "0"],
        ["  2", "Sequential", "", "0"],
        ["    0", "Linear", "weight (1, 4)", "4"],
    ]
    assert "20 parameters" in module_html(model)


def test_a_shared_parameter_is_counted_once() -> None:
    layer = nn.Linear(2, 2)
    assert "6 parameters" in module_html(nn.Sequential(layer, layer))


def test_a_module_that_was_never_set_up_and_one_that_fails_are_shown() -> None:
    class Unready(nn.Module):
        def __init__(self) -> None:
            pass

        def extra_repr(self) -> str:
            raise ZeroDivisionError

        def named_parameters(self, *given: Any, **settings: Any) -> Any:
            raise ZeroDivisionError

    assert cells(module_html(Unready()))[1] == ["(model)", "Unready", "", "0"]


@EVIL_NAMES
def test_the_names_of_modules_and_of_classes_are_text(name: str) -> None:
    key = name.replace(".", "")
    possible = "\0" not in name and "\ud800" not in name  # as the name of a class in Python
    kind = name if possible else "Layer"
    rows = cells(module_html(nn.Sequential({key: type(kind, (nn.Tanh,), {})()})))
    assert rows[2][:2] == [f"  {visible(key)}", visible(kind)]
