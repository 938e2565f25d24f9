"""The text of the site: every example on it runs, and nothing public is forgotten."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import api_pages
import message_pages
import project_pages
import pytest

DOCS = Path(__file__).parents[2] / "docs"
PAGES = [path for path in sorted(DOCS.rglob("*.md")) if "_build" not in path.parts]
FENCE = re.compile(r"^(?P<ticks>`{3,})(?P<language>[^`\n]*)$", re.MULTILINE)
GENERATED = re.compile(r"^<!-- generated (\w+)\.(\w+) -->$", re.MULTILINE)


def named(paths: list[Path]) -> list[object]:
    return [pytest.param(path, id=path.relative_to(DOCS).as_posix()) for path in paths]


def languages(text: str) -> list[str]:
    """Name the blocks of a page: what stands behind every opening fence."""
    found, closing = [], None
    for fence in FENCE.finditer(text):
        if closing is None:
            found.append(fence["language"].strip())
            closing = fence["ticks"]
        elif fence["ticks"] == closing and not fence["language"]:
            closing = None
    return found


@pytest.mark.parametrize("page", named(PAGES))
def test_python_on_a_page_is_run(page: Path) -> None:
    text = page.read_text("utf-8")
    blocks = languages(text)
    shown = [block for block in blocks if block.lstrip("{").startswith(("python", "py", "ipython"))]
    assert not shown, "Python that is not run; write a {code-cell}, or {literalinclude} a program"
    if any(block.startswith("{code-cell}") for block in blocks):
        assert text.startswith("---\nfile_format: mystnb\nkernelspec:\n  name: python3\n---\n")


def test_blocks_are_told_apart() -> None:
    text = "```python\n1\n```\n\n````{note}\n```bash\n```\n````\n```{code-cell}\n```\n"
    assert languages(text) == ["python", "{note}", "{code-cell}"]


def test_every_public_name_has_one_place_in_the_reference() -> None:
    assert api_pages.missing(DOCS / "reference") == []


def test_a_name_without_a_place_is_found_out(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("<!-- api tinygrad_edu: Tensor -->\n\n<!-- api tinygrad_edu: Tensor -->\n")
    found = api_pages.missing(tmp_path)
    assert "tinygrad_edu.nn.Linear is on no page" in found
    assert "tinygrad_edu.Tensor is there twice" in found
    assert "tinygrad_edu.Tensor is on no page" not in found


def test_a_line_that_takes_in_nothing_is_an_error() -> None:
    with pytest.raises(LookupError, match="no public name 'nonsense'"):
        api_pages.taken("tinygrad_edu", "Tensor nonsense")


def test_a_name_that_is_public_twice_is_explained_once() -> None:
    entries = [api_pages.entry(name) for name in api_pages.taken("tinygrad_edu.special", "softmax")]
    assert len(entries) == 1
    assert "The same as :func:`tinygrad_edu.softmax`" in entries[0]


@pytest.mark.parametrize("page", named(PAGES))
def test_what_a_page_takes_in_is_there(page: Path) -> None:
    for module, function in GENERATED.findall(page.read_text("utf-8")):
        assert getattr(import_module(module), function)().strip()


def test_every_message_on_file_stands_beside_the_code_that_raises_it() -> None:
    page = message_pages.with_causes()
    entries = (message_pages.TESTS / "messages.txt").read_text("utf-8").strip().split("\n\n")
    assert page.count("### ") == len(entries) == page.count("```text")
    assert "```text\nleaf(2, 3) @ leaf(4, 5)\n```" in page
    assert "def " not in page


def test_the_list_of_all_messages_has_their_words() -> None:
    page = message_pages.all_messages()
    assert (
        "<b>ValueError</b>: … got an input of shape …; its last axis must be in_features=…" in page
    )
    assert page.count("<li>") > 500


def test_links_of_the_project_pages_fit_the_site() -> None:
    assert "[changelog](changelog.md)" in project_pages.contributing()
    assert "](tinygrad_edu/" not in project_pages.contributing() + project_pages.security()
