"""The explorer's file, before any browser sees it: complete, harmless, and the same every time."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from explorer_runs import HOSTILE, article_loss, branching_loss, nested_loss
from hypothesis import given, settings, strategies as st

import tinygrad_edu as tg
from tinygrad_edu.draw import render
from tinygrad_edu.draw.dot import visible
from tinygrad_edu.draw.explorer import explore, page
from tinygrad_edu.draw.explorer.assemble import SCRIPTS, STYLES
from tinygrad_edu.draw.read import graph

ELEMENTS = """
html head meta title style body header h1 h2 p nav div button label span input main section
svg g path polygon polyline ellipse text details summary table caption thead tbody tr th td
pre template script
"""
ATTRIBUTES = """
lang charset http-equiv content name class id type min max value step title hidden open role
tabindex scope viewBox transform d points x y cx cy rx ry fill stroke width stroke-width
stroke-dasharray text-anchor font-family font-size font-weight aria-label aria-labelledby
aria-live data-nodes data-depth data-sources data-targets data-gradient
"""
RUNS = {"article": article_loss, "branching": branching_loss, "nested": nested_loss}


def parsed(text: str) -> ElementTree.Element:
    """Read the page as strict XML."""
    text = text.removeprefix("<!DOCTYPE html>\n")
    return ElementTree.fromstring(text)  # noqa: S314  # this package has written it


def tag(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


def data(text: str) -> Any:
    (script,) = (each for each in parsed(text).iter("script") if each.get("id") == "data")
    return json.loads(script.text or "")


@pytest.mark.parametrize("name", RUNS)
def test_the_page_is_well_formed_and_has_no_element_that_it_need_not_have(name: str) -> None:
    for element in parsed(page(graph(RUNS[name]()))).iter():
        assert tag(element) in ELEMENTS.split()
        assert set(element.keys()) <= set(ATTRIBUTES.split()), tag(element)


def test_hostile_names_leave_the_page_well_formed_and_bring_no_element(hostile: Any) -> None:
    text = page(graph(hostile), title=HOSTILE[0])
    for element in parsed(text).iter():
        assert tag(element) in ELEMENTS.split()
        assert set(element.keys()) <= set(ATTRIBUTES.split())
    assert parsed(text).findtext("head/title") == HOSTILE[0]
    names = {node["name"] for node in data(text)["graph"]["nodes"]}
    assert {visible(name) for name in HOSTILE} <= names


@settings(max_examples=20, deadline=None)
@given(st.lists(st.text(st.characters(exclude_categories=()), max_size=40), min_size=3, max_size=3))
def test_no_name_whatsoever_breaks_the_page_or_brings_an_element(names: list[str]) -> None:
    one, two = (tg.Tensor(2.0, requires_grad=True, name=name) for name in names[:2])
    product = one * two
    product.name = names[2]
    root = parsed(page(graph(product)))
    assert {tag(element) for element in root.iter()} <= set(ELEMENTS.split())
    assert set().union(*(each.attrib for each in root.iter())) <= set(ATTRIBUTES.split())


def test_nothing_in_the_page_refers_to_anything_outside_of_it(hostile: Any) -> None:
    for element in parsed(page(graph(hostile))).iter():
        for name, value in element.items():
            assert name not in ("src", "href", "style", "srcset", "action")
            assert "://" not in value
    folder = Path(tg.__file__).parent / "draw" / "explorer" / "page"
    for name in (*SCRIPTS, *STYLES):
        source = (folder / name).read_text(encoding="utf-8")
        source = source.replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"://|innerHTML|outerHTML|document\.write|eval\(|fetch", source)
        assert not re.search(r"\bimport\b|url\(", source)
    assert {path.name for path in folder.iterdir()} == {*SCRIPTS, *STYLES, "explorer.html"}


def test_the_policy_lists_each_script_and_the_style_by_its_hash_and_allows_nothing_else() -> None:
    text = page(graph(article_loss()))
    found = re.search(r'Security-Policy" content="([^"]*)"', text)
    assert found is not None
    policy = dict(part.strip().split(" ", 1) for part in found[1].split(";"))
    assert set(policy) == {"default-src", "script-src", "style-src", "base-uri", "form-action"}
    scripts = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    styles = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
    for directive, sources in (("script-src", scripts), ("style-src", styles)):
        digests = [hashlib.sha256(each.encode()).digest() for each in sources]
        hashes = [f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests]
        assert policy.pop(directive).split() == hashes
    assert set(policy.values()) == {"'none'"}


def test_the_articles_page_is_at_most_300_kilobytes(tmp_path: Path) -> None:
    path = explore(graph(article_loss()), tmp_path / "run.html")
    assert path.stat().st_size <= 300_000


def test_the_same_run_gives_the_same_page() -> None:
    assert page(graph(article_loss())) == page(graph(article_loss()))


def test_there_is_a_layout_for_each_depth_of_modules() -> None:
    layouts = list(parsed(page(graph(nested_loss()))).iter("template"))
    assert len(layouts) == 4  # the model, the inner model, its layers; and all of them closed


def test_every_node_is_somewhere_in_every_layout() -> None:
    run = graph(nested_loss())
    for layout in parsed(page(run)).iter("template"):
        found = [
            number
            for part in layout.iter()
            if part.get("data-nodes")
            for number in map(int, str(part.get("data-nodes")).split())
        ]
        assert sorted(found) == list(range(len(run.nodes)))


def test_without_graphviz_the_tables_are_there_and_the_reason(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: Any, **__: Any) -> bytes:
        raise render.RenderError(render.NO_GRAPHVIZ)

    monkeypatch.setattr("tinygrad_edu.draw.explorer.pictures.render", fail)
    text = page(graph(article_loss()))
    assert "There is no picture: no Graphviz was found" in text
    assert not list(parsed(text).iter("template"))
    captions = [each.text for each in parsed(text).iter("caption")]
    assert captions == ["Forward", "Backward"]


def test_a_run_without_gradients_has_a_forward_table_only() -> None:
    text = page(graph(tg.Tensor([1.0, 2.0], name="x") * 2))
    assert "There is no backward pass" in text


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="nowhere"):
        explore(graph(article_loss()), tmp_path / "nowhere" / "run.html")


def test_large_arrays_are_summed_up() -> None:
    w = tg.Tensor([0.5] * 5000, requires_grad=True, name="w")
    text = page(graph((w * w).sum()))
    assert "values" not in data(text)["graph"]["nodes"][0]["value"]
    assert len(text) < 200_000
