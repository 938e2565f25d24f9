"""Formulas as MathML, written when the site is built: nothing is fetched, no script runs.

MathML is what every current browser draws by itself, screen readers read it aloud, and it can be
copied. A formula that cannot be translated is a warning, and so fails the build.
"""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes
from latex2mathml.converter import convert
from sphinx.util import logging

logger = logging.getLogger(__name__)


def to_mathml(latex: str, display: str) -> str:
    """Translate a formula.

    Raises
    ------
    ValueError
        If some of it is not understood.
    """
    text = re.sub(r"\\(begin|end)\{aligned\}", r"\\\1{split}", latex.strip())
    mathml = convert(text, display=display)
    unknown = re.findall(r"\\[a-zA-Z]*", mathml) + re.findall(r"<mi>&</mi>", mathml)
    if unknown:
        raise ValueError(f"not understood: {', '.join(unknown)}")
    return mathml


def translated(node: nodes.Node, display: str) -> str:
    """Translate a node's formula, or warn and leave it as it is."""
    try:
        return to_mathml(node.astext(), display)
    except Exception as error:  # noqa: BLE001  # of every kind; the build fails and shows it
        logger.warning("the formula %r cannot be drawn: %r", node.astext(), error, location=node)
        return f"<code>{nodes.Text(node.astext())}</code>"


def visit_inline(translator: Any, node: nodes.Element) -> None:
    """Write a formula within a line."""
    translator.body.append(translated(node, "inline"))
    raise nodes.SkipNode


def visit_block(translator: Any, node: nodes.Element) -> None:
    """Write a formula of its own, with its number if it has one."""
    translator.body.append(translator.starttag(node, "div", CLASS="formula"))
    if node["number"]:
        translator.body.append(f'<span class="eqno">({node["number"]})</span>')
    translator.body.append(translated(node, "block"))
    translator.body.append("</div>\n")
    raise nodes.SkipNode


def setup(app: Any) -> dict[str, bool]:
    """Make it a choice for ``html_math_renderer``."""
    app.add_html_math_renderer("mathml", (visit_inline, None), (visit_block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
