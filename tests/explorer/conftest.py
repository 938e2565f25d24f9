"""What the tests of the explorer share: a real browser, and names that want to be more."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from explorer_runs import HOSTILE, article_loss

import tinygrad_edu as tg
from tinygrad_edu import nn
from tinygrad_edu.draw.explorer import explore
from tinygrad_edu.draw.read import graph

CHROMIUM = "chromium", "chromium-browser", "google-chrome", "google-chrome-stable"
FOLDERS = "/usr/bin", "/usr/local/bin", "/snap/bin"  # where one is even if the PATH is short
QUIET = [  # nothing of the browser's own on any network
    "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


def find_chromium() -> str | None:
    """Return a Chromium that is installed."""
    given = os.environ.get("CHROMIUM")
    places = os.pathsep.join([os.environ.get("PATH", ""), *FOLDERS])
    found = (shutil.which(name, path=places) for name in CHROMIUM)
    return given or next((path for path in found if path), None)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Lend a headless browser."""
    reason = "Playwright is not installed: pip install playwright"
    api = pytest.importorskip("playwright.sync_api", reason=reason)
    path = find_chromium()
    if path is None:
        pytest.skip("there is no Chromium on this machine: apt-get install chromium")
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    with api.sync_playwright() as playwright:
        arguments = [*QUIET, *(["--no-sandbox"] if root else [])]
        chromium = playwright.chromium.launch(executable_path=path, args=arguments)
        yield chromium
        chromium.close()


@pytest.fixture
def visit(browser: Any, tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """Open a run in the browser; in the end no script may have failed and nothing been asked."""
    contexts, noise = [], []

    def open_page(loss: Any = None, *, path: Path | None = None, **options: Any) -> Any:
        if path is None:
            path = explore(graph(article_loss() if loss is None else loss), tmp_path / "run.html")
        defaults = {"viewport": {"width": 1280, "height": 800}, "reduced_motion": "reduce"}
        context = browser.new_context(**{**defaults, **options})
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(3000)
        page.on("pageerror", lambda error: noise.append(f"script error: {error}"))
        page.on("console", lambda message: noise.append(f"console: {message.text}"))
        page.on("request", lambda request: noise.append(f"request: {request.url}"))
        page.goto(path.as_uri())
        assert noise.pop(0) == f"request: {path.as_uri()}"
        page.noise = noise
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert noise == []


@pytest.fixture
def hostile() -> tg.Tensor:
    """Run something in which everything has a name that wants to be more than a name."""
    total: Any = tg.Tensor(np.ones(2), requires_grad=True, name="first")
    for name in HOSTILE:
        total = total * tg.Tensor(np.ones(2), requires_grad=True, name=name)
        total.name = f"{name} "
    total = nn.Sequential(nn.Tanh())(total)
    loss: tg.Tensor = total.sum()
    loss.name = HOSTILE[0]
    return loss
