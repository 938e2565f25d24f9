"""Letters for machines that have none.

A fresh machine with nothing but Python has no fonts, and a PNG or PDF made there shows a small box
for every letter. Matplotlib, if it is installed, carries the fonts that the pictures ask for.
(SVG needs none: letters are drawn by whoever shows it.)
"""

from __future__ import annotations

import os
import sys

CONFIGURATION = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir>{fonts}</dir>
  <cachedir>{cache}</cachedir>
</fontconfig>
"""


def with_fonts(folder: str) -> dict[str, str]:
    """Return the environment for a Graphviz process, extended by Matplotlib's fonts on Linux.

    Parameters
    ----------
    folder : a temporary one, for Fontconfig's files.
    """
    from html import escape  # imported late, like all that only pictures need
    from importlib.util import find_spec

    environment = dict(os.environ)
    matplotlib = find_spec("matplotlib")
    if sys.platform != "linux" or "FONTCONFIG_FILE" in environment or matplotlib is None:
        return environment
    fonts = os.path.join(os.path.dirname(str(matplotlib.origin)), "mpl-data", "fonts", "ttf")
    path = os.path.join(folder, "fonts.conf")
    with open(path, "w", encoding="utf-8") as file:
        file.write(CONFIGURATION.format(fonts=escape(fonts), cache=escape(folder)))
    return environment | {"FONTCONFIG_FILE": path}
