"""How the file is put together: one page that asks nothing of any network, and lets nothing in.

Names come from outside. In the data they stand as JSON in which no ``<`` is left, so that no name
can end the script; everywhere else they are escaped text; and the page's JavaScript sets them as
text. Should all of that fail, the page's own policy lets the browser run only the scripts that are
listed by their hashes.

Read next: ``pictures.py``.
"""

from __future__ import annotations

import json
import os
from functools import cache
from html import escape
from typing import TYPE_CHECKING, Any

from tinygrad_edu.draw.explorer.pictures import pictures
from tinygrad_edu.draw.explorer.tables import tables
from tinygrad_edu.draw.labels import visible
from tinygrad_edu.draw.render import RenderError

if TYPE_CHECKING:
    from pathlib import Path

    from tinygrad_edu.draw.training_record import TrainingRecord

SCRIPTS = (
    "dom.js", "numbers.js", "run.js", "formula.js", "picture.js", "step_panel.js",
    "node_panel.js", "training.js", "explorer.js",
)  # fmt: skip
"""The page's modules, in the order in which they are read."""

STYLES = "explorer.css", "picture.css", "panels.css", "media.css"

FULL = 1024
"""The largest array whose numbers are in the page; of larger ones there is a histogram."""


def explore(
    graph: Any,
    path: str | os.PathLike[str],
    *,
    training: TrainingRecord | None = None,
    title: str | None = None,
) -> Path:
    """Write a graph as a page that is walked through step by step, in any browser.

    The file is complete in itself: it may be mailed, put on a learning platform, or opened from a
    disk without any network.

    Parameters
    ----------
    graph : Graph
        What ``tg.graph(loss)`` returns.
    path : where to write it; it should end in ``.html``.
    training : what ``tg.record_training()`` has collected; the page then has a second slider.
    title : the page's heading; by default the name of the result.

    Returns
    -------
    The path.

    Raises
    ------
    ValueError
        If the training was that of another graph.
    OSError
        If the file cannot be written. It is then as it was before.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.draw import graph
    >>> from tinygrad_edu.draw.explorer import explore
    >>> w = tg.Tensor([1.0, 2.0], requires_grad=True, name="w")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = explore(graph((w * w).sum()), pathlib.Path(folder, "square.html"))
    ...     "application/json" in path.read_text(encoding="utf-8")
    True
    """
    from pathlib import Path

    from tinygrad_edu.atomic import replacing

    content = page(graph, training=training, title=title).encode()
    with replacing(path) as file:
        file.write(content)
    return Path(path)


def page(graph: Any, *, training: TrainingRecord | None = None, title: str | None = None) -> str:
    """Return the page that `explore` writes, as text. It is well-formed XML, too."""
    run = _visible(graph.to_json(FULL))
    record = None if training is None else training.to_json(graph, FULL)
    notes, layouts = list(run["caption"]), []
    try:
        layouts = pictures(graph, run)
    except (RenderError, ValueError) as reason:  # no Graphviz, or more than it can draw
        notes.append(f"There is no picture: {reason}")
    scripts = [_script(name) for name in SCRIPTS]
    style = "\n" + "\n".join(map(_source, STYLES))
    parts = {
        "policy": _policy(scripts, style),
        "title": escape(visible(title or _title(run))),
        "style": style,
        "picture": layouts[-1] if layouts else "",
        "notes": "".join(f'<p class="hint">{escape(note)}</p>' for note in notes),
        "tables": tables(run),
        "layouts": "\n".join(f'<template class="layout">{each}</template>' for each in layouts),
        "data": _data({"graph": run, "training": record}),
        "scripts": "\n".join(f"<script>{each}</script>" for each in scripts),
    }
    return _filled(_source("explorer.html"), parts)


def _title(run: dict[str, Any]) -> str:
    name = run["nodes"][run["output"]]["name"]
    return f"The computation of {name}, forwards and backwards"


def _filled(template: str, parts: dict[str, str]) -> str:
    """Put the parts into the template, once: what looks like a place in them is none."""
    import re

    return re.sub(r"\$([a-z]+)\b", lambda match: parts[match[1]], template)


@cache
def _source(name: str) -> str:
    """Read a file of the page, from wherever the package is."""
    from importlib.resources import files

    return (files(__package__) / "page" / name).read_text(encoding="utf-8")


@cache
def _script(name: str) -> str:
    """Return a script as it stands in the page: for XML as characters that mean nothing."""
    return f"//<![CDATA[\n{_source(name)}//]]>"


def _policy(scripts: list[str], style: str) -> str:
    """Write the rule that nothing is loaded, and nothing is run but these scripts."""
    allowed = " ".join(map(_digest, scripts))
    return (
        f"default-src 'none'; script-src {allowed}; style-src {_digest(style)}; "
        f"base-uri 'none'; form-action 'none'"
    )


def _digest(text: str) -> str:
    from base64 import b64encode
    from hashlib import sha256

    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def _data(value: Any) -> str:
    r"""Write JSON in which nothing can be taken for HTML: ``<`` is ``\u003c``, for one."""
    text = json.dumps(value, allow_nan=False, separators=(",", ":"))
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def _visible(value: Any) -> Any:
    """Replace what cannot be seen, or turns the writing direction, in all texts of the data."""
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, dict):
        return {
            visible(key): part if key == "values" else _visible(part) for key, part in value.items()
        }
    return [_visible(part) for part in value] if isinstance(value, list) else value
