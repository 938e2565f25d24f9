"""Running an example for its page, as a reader runs it, and showing the pictures that it has drawn.

The programs run in an empty folder that goes with the page's kernel; nothing is left beside them.
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
from base64 import b64encode
from pathlib import Path
from tempfile import TemporaryDirectory

from IPython.display import HTML, SVG, Image
from myst_nb import glue
from PIL import Image as Picture

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
CARD = """
<a href="{page}.html" tabindex="-1" aria-hidden="true"><img alt="" width="{width}"
 style="background: white; border-radius: 0.3rem; max-width: 100%; height: auto"
 src="data:image/{kind};base64,{data}"></a>
"""
folder = TemporaryDirectory()


def run(name: str) -> None:
    """Run an example, and print what it prints."""
    done = subprocess.run(  # noqa: S603 - it is a program of this repository
        [sys.executable, EXAMPLES / f"{name}.py"], cwd=folder.name, capture_output=True, text=True,
        env={**os.environ, "MPLBACKEND": "agg"}, check=False,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"examples/{name}.py failed:\n{done.stderr}")
    print(done.stdout)


def picture(path: str) -> Image | SVG:
    """Show a picture that the example has drawn."""
    file = Path(folder.name, path)
    return SVG(filename=file) if file.suffix == ".svg" else Image(filename=str(file))


def card(path: str, page: str, width: int = 420) -> None:
    """Keep a small copy of a picture for the gallery's first page."""
    file = Path(folder.name, path)
    if file.suffix == ".svg":
        shown, kind, content = width, "svg+xml", file.read_bytes()
    else:
        whole = Picture.open(file).convert("RGB")
        whole.thumbnail((2 * width, 2 * width))
        small = io.BytesIO()
        whole.quantize(64).save(small, "PNG", optimize=True)
        shown, kind, content = whole.width // 2, "png", small.getvalue()
    data = b64encode(content).decode()
    glue("card", HTML(CARD.format(page=page, width=shown, kind=kind, data=data)), display=False)
