"""The site as it was built: every link leads somewhere, and reading it fetches nothing."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

FETCHED = {"script": "src", "img": "src", "iframe": "src", "source": "src", "object": "data",
           "link": "href", "video": "src", "audio": "src", "embed": "src"}  # fmt: skip


class Page(HTMLParser):
    """What a page can be entered at, where it leads, and what is fetched for it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: set[str] = {"", "top"}
        self.links: set[str] = set()
        self.fetched: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {key: value or "" for key, value in attrs}
        self.ids |= {given[key] for key in ("id", "name") if key in given}
        if tag == "a" and "href" in given:
            self.links.add(given["href"])
        if FETCHED.get(tag, "") in given:
            self.fetched.add(given[FETCHED[tag]])


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, Page]:
    return {path: Page(path.read_text("utf-8")) for path in sorted(site.rglob("*.html"))}


def broken(path: Path, pages: dict[Path, Page]) -> list[str]:
    """List the links of a page, and what it fetches from the site, that are not there."""
    found = []
    for link in sorted(pages[path].links | pages[path].fetched):
        parts = urlsplit(link)
        if parts.scheme or parts.netloc:
            continue
        target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
        if not target.is_file():
            found.append(f"{path.name}: {link}: there is no such file")
        elif target in pages and unquote(parts.fragment) not in pages[target].ids:
            found.append(f"{path.name}: {link}: there is no such place on the page")
    return found


def test_every_link_within_the_site_leads_somewhere(pages: dict[Path, Page]) -> None:
    assert [fault for path in pages for fault in broken(path, pages)] == []


def test_nothing_is_fetched_from_elsewhere(pages: dict[Path, Page]) -> None:
    elsewhere = {
        f"{path.name}: {target}"
        for path, page in pages.items()
        for target in page.fetched
        if urlsplit(target).netloc or urlsplit(target).scheme not in ("", "data")
    }
    assert elsewhere == set()


def test_no_page_holds_what_was_to_be_replaced(site: Path) -> None:
    for path in site.rglob("*.html"):
        if "_modules" not in path.parts:
            text = path.read_text("utf-8")
            assert "<!-- generated" not in text
            assert "<!-- api" not in text


def test_a_broken_link_is_found_out(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text('<p id="here"></p><a href="#here"></a><a href="#there"></a><a href="no.html">')
    pages = {page: Page(page.read_text())}
    assert broken(page, pages) == [
        "page.html: #there: there is no such place on the page",
        "page.html: no.html: there is no such file",
    ]
