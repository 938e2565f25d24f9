"""The reference: pages that the package writes about itself, and docstrings as they are meant.

Three things are done while Sphinx reads:

- a line ``<!-- generated FILE.FUNCTION -->`` of a page becomes what that function of a file
  beside this folder returns, and ``<!-- api PACKAGE: WORDS -->`` becomes entries, see
  ``api_pages.py``. Nothing is written into the source tree;
- docstrings are made ready for numpydoc: ``x : what it is.`` is a sentence and not a type, and
  below an op stand its derivative rules, as they are in the code;
- a name in single backticks is looked for wherever the package explains it.

A public name that no page explains is a warning.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from docutils import nodes
from sphinx.util import logging
from sphinx.util.nodes import make_refnode

logger = logging.getLogger(__name__)

DOCS = Path(__file__).parents[1]
GENERATED = re.compile(r"^<!-- generated (\w+)\.(\w+) -->$", re.MULTILINE)
LONGEST_TYPE = 85
"""Where a docstring's line ``name : text`` is longer, the text has been broken, and is no type."""


# ------------------------------------------------------------------------- generated pages
def fill_in(app: Any, docname: str, source: list[str]) -> None:
    """Replace the lines that stand for something generated."""
    if docname.startswith("reference/"):
        import api_pages

        text = GENERATED.sub(lambda match: getattr(import_module(match[1]), match[2])(), source[0])
        source[0] = api_pages.LINE.sub(api_pages.entries, text)


def look_for_forgotten(app: Any, env: Any) -> None:
    """Warn of public names without a place."""
    if Path(app.srcdir, "reference", "tensor.md").exists():  # a part of the site may be built alone
        import api_pages

        for what in api_pages.missing(Path(app.srcdir, "reference")):
            logger.warning("reference: %s", what)


# ------------------------------------------------------------------------------- docstrings
def prepare(app: Any, kind: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    """Make a docstring ready for numpydoc."""
    from tinygrad_edu.op import Op

    if name.startswith("tinygrad_edu"):
        op = getattr(obj, "op", None)
        if isinstance(op, Op) and isinstance(op.forward, np.ufunc):
            lines[:] = as_numpy(op.forward)
        lines[:] = sentences(lines)
        if kind == "property":
            lines[0] = f": {lines[0]}"  # else napoleon takes what stands before a colon for a type
        if isinstance(op, Op):
            lines += rules(op)


def as_numpy(ufunc: Any) -> list[str]:
    """Say what one of NumPy's functions does, which NumPy's documentation explains at length."""
    import generated_pages

    first = generated_pages.summary(ufunc)
    return [first, "", f"This is ``np.{ufunc.__name__}`` itself, as an op.", ""]


ITEM = re.compile(r"(?P<names>\*{0,2}\w+(?:, \*{0,2}\w+)*) : (?P<text>.+)")


def sentences(lines: list[str]) -> list[str]:
    """Move what is a sentence, and not a type, from behind ``name :`` to the line below."""
    found = []
    for line in lines:
        item = ITEM.fullmatch(line)
        if item and (item["text"].endswith((".", ";")) or len(line) > LONGEST_TYPE):
            found += [item["names"], f"    {item['text']}"]
        else:
            found.append(line)
    return found


def rules(op: Any) -> list[str]:
    """Write down an op's rules."""
    import generated_pages

    text = generated_pages.rules_text(generated_pages.rules_with_arguments(op)).splitlines()
    return [
        "", ".. rubric:: The derivative", "", ".. code-block:: python", "",
        *(f"   {line}" for line in text), "",
    ]  # fmt: skip


# ---------------------------------------------------------------------------------- links
def mark_aliases(app: Any, env: Any) -> None:
    """Let a bare name mean the place where it is explained, not one that only leads there."""
    import api_pages

    objects = env.domaindata["py"]["objects"]
    for path in set(api_pages.aliases()) & objects.keys():
        objects[path] = objects[path]._replace(aliased=True)


def find(app: Any, env: Any, node: Any, contnode: Any) -> Any:
    """Find a name of this package wherever it is explained.

    What a docstring names and no page explains is of another package, or for those who read the
    source: it stays a name. On a page, a name of this package that leads nowhere is a fault.
    """
    if node.get("refdomain") != "py":
        return None
    objects = env.domaindata["py"]["objects"]
    target = node["reftarget"].removeprefix("~").removesuffix("()")
    for path in places(target, node.get("py:module") or "tinygrad_edu", objects):
        if path in objects:
            place = objects[path]
            return make_refnode(
                app.builder, node["refdoc"], place.docname, place.node_id, contnode, path
            )
    if node.get("py:module") or not target.startswith("tinygrad_edu"):
        return nodes.literal(text=contnode.astext())
    return None


def places(target: str, module: str, objects: Any) -> Iterator[str]:
    """Go through the names that may be meant: from where it is said outwards, then anywhere."""
    name = target.removeprefix("tg.").removeprefix("tinygrad_edu.")
    while module:
        yield f"{module}.{name}"
        module = module.rpartition(".")[0]
    yield f"tinygrad_edu.nn.{name}"
    yield from (path for path in sorted(objects, key=len) if path.endswith(f".{name}"))
    yield f"tinygrad_edu.{name.rpartition('.')[2]}"  # named by the file that it is in


BACK = re.compile(r'(?P<start>href="[^"#]*/(?P<page>[\w-]+)\.html#)(?P<path>tinygrad_edu[\w.]*)"')


def lead_back(app: Any, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Lead from the source back to the reference.

    Of a file whose names are public in several packages, viewcode knows one package only.
    """
    if page.startswith("_modules/") and "body" in context:
        objects = app.env.domaindata["py"]["objects"]
        context["body"] = BACK.sub(lambda link: to_explained(link, objects), context["body"])


def to_explained(link: re.Match[str], objects: Any) -> str:
    """Make a link lead to the entry that is on the page, whatever package it is of."""
    path = link["path"]
    here = [each for each in objects if objects[each].docname.endswith(f"/{link['page']}")]
    while path:
        found = [each for each in here if each == path or each.endswith(f".{path}")]
        if found:
            return f'{link["start"]}{objects[min(found, key=len)].node_id}"'
        path = path.partition(".")[2]
    return link[0]


def setup(app: Any) -> dict[str, bool]:
    """Connect all that."""
    sys.path.insert(0, str(DOCS))
    app.connect("source-read", fill_in)
    app.connect("env-updated", look_for_forgotten)
    app.connect("env-updated", mark_aliases)
    app.connect("autodoc-process-docstring", prepare, priority=100)  # before numpydoc
    app.connect("missing-reference", find)
    app.connect("html-page-context", lead_back)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
