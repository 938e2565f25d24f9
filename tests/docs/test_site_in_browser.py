"""The site in a real browser, at the width of a desk and of a phone, in the light and in the dark.

To look at the pages as well, say where pictures of them shall go::

    TINYGRAD_EDU_SITE=docs/_build/html TINYGRAD_EDU_SHOTS=/tmp/shots python -m pytest tests/docs
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from explorer.conftest import browser as browser  # the fixture

SHOTS = "TINYGRAD_EDU_SHOTS"
DESK = {"viewport": {"width": 1280, "height": 900}, "color_scheme": "light"}
PHONE = {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"}
WIDTHS = """() => ({
    page: document.documentElement.scrollWidth,
    window: document.documentElement.clientWidth,
})"""
HARMLESS = (*(f"asks for {scheme}:" for scheme in ("file", "data", "blob", "about")),
            "log: ", "info: ", "debug: ")  # fmt: skip
UNREADABLE = """() => [...document.querySelectorAll("article img")]
    .filter(img => !img.complete || img.naturalWidth === 0).map(img => img.src)"""


@pytest.fixture(scope="module")
def pages(site: Path) -> list[Path]:
    """List the pages that were written, and not those of the source, which are all alike."""
    found = [path for path in sorted(site.rglob("*.html")) if "_modules" not in path.parts]
    return [*found, *sorted(site.glob("_modules/tinygrad_edu/tensor.html"))]


@pytest.fixture(params=[DESK, PHONE], ids=["desk", "phone"])
def tab(browser: Any, request: pytest.FixtureRequest) -> Iterator[Any]:
    context = browser.new_context(**request.param, reduced_motion="reduce")
    yield context.new_page()
    context.close()


def test_no_page_scrolls_sideways_fails_or_asks_a_network(
    tab: Any, pages: list[Path], site: Path
) -> None:
    faults: list[str] = []
    where = ""
    tab.on("console", lambda said: faults.append(f"{where}: {said.type}: {said.text}"))
    tab.on("pageerror", lambda error: faults.append(f"{where}: {error}"))
    tab.on("request", lambda asked: faults.append(f"{where}: asks for {asked.url}"))
    for path in pages:
        where = path.relative_to(site).as_posix()
        tab.goto(path.as_uri(), wait_until="load")
        widths = tab.evaluate(WIDTHS)
        if widths["page"] > widths["window"]:
            faults.append(f"{where}: is {widths['page']} wide in a window of {widths['window']}")
        faults += [f"{where}: shows no picture {source}" for source in tab.evaluate(UNREADABLE)]
        if SHOTS in os.environ:
            name = f"{where.removesuffix('.html').replace('/', '-')}-{widths['window']}.png"
            tab.screenshot(path=Path(os.environ[SHOTS], name))
    assert [fault for fault in faults if not fault.partition(": ")[2].startswith(HARMLESS)] == []


def test_the_search_finds_a_message_without_a_server(tab: Any, site: Path) -> None:
    tab.goto(f"{(site / 'search.html').as_uri()}?q=retain_graph", wait_until="load")
    tab.wait_for_selector("#search-results li", timeout=20_000)
    found = tab.eval_on_selector_all("#search-results li a", "all => all.map(a => a.href)")
    assert any("reference/messages.html" in link for link in found)
