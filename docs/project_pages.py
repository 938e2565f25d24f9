"""The pages that every project has at its top: they are taken in, with links made to fit.

On the site a link to another such page leads to that page. A link to a source file becomes its
name: the source of whatever is public is behind the word "[source]" in the reference.
"""

from __future__ import annotations

import re
from pathlib import Path

TOP = Path(__file__).parents[1]
PAGES = {"SECURITY.md": "security.md", "CHANGELOG.md": "changelog.md",
         "CONTRIBUTING.md": "contributing.md"}  # fmt: skip
LINK = re.compile(r"\[(?P<text>[^]]+)\]\((?P<target>[^):#]+)\)")


def taken_in(name: str) -> str:
    """Return one of these pages, in which every link leads somewhere."""
    text = (TOP / name).read_text(encoding="utf-8")
    return LINK.sub(fitted, text)


def fitted(link: re.Match[str]) -> str:
    """Make a link fit the site."""
    if link["target"] in PAGES:
        return f"[{link['text']}]({PAGES[link['target']]})"
    return link["text"]


def security() -> str:
    """Return the page on what is trusted and what is promised."""
    return taken_in("SECURITY.md")


def contributing() -> str:
    """Return the page for those who change the library."""
    return taken_in("CONTRIBUTING.md")


def changelog() -> str:
    """Return what has changed."""
    return taken_in("CHANGELOG.md")
