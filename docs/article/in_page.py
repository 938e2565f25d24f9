"""The explorer within a page of this site: a frame that holds all of its page, and asks for none.

The explorer is one file that needs no other, so its text fits into the frame itself. Nothing has to
be written beside the page while the site is built, nothing can be missing when it is read, and what
the reader steps through is the very run of the cells above it. The frame may run the explorer's own
scripts, and nothing else.
"""

from __future__ import annotations

from html import escape
from typing import Any

from IPython.display import HTML

from tinygrad_edu.draw.explorer import page

FRAME = """
<figure style="margin: 1.5rem 0">
<figcaption>Press ›, or click into it and press the right arrow key.
<button type="button" style="font: inherit; padding: 0.1rem 0.6rem; cursor: pointer" onclick="
 const whole = window.open(); whole.document.write(
 this.closest('figure').querySelector('iframe').srcdoc); whole.document.close()">
Open it in a window of its own</button></figcaption>
<iframe srcdoc="{content}" title="{title}" sandbox="allow-scripts"
 style="width: 100%; height: min(50rem, 82vh); margin-top: 0.5rem; border: 1px solid #8888;
 border-radius: 0.4rem; box-sizing: border-box"></iframe>
</figure>
"""


def explorer(graph: Any, title: str, training: Any = None) -> HTML:
    """Show a recorded run, or one with a whole training, as the page that is stepped through."""
    content = escape(page(graph, training=training, title=title))
    return HTML(FRAME.format(content=content, title=escape(title)))
