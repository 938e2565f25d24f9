"""The explorer: a graph as one HTML file that is walked through, forwards and backwards.

The page is written down as a page, in ``page/``: ``explorer.html``, ``explorer.css`` and a few
JavaScript modules, none of which needs anything but a browser. Python only puts them together with
the data. Read ``assemble.py`` first, then ``pictures.py`` and ``tables.py``.
"""

from tinygrad_edu.draw.explorer.assemble import explore, page

__all__ = ["explore", "page"]
