"""How DOT text becomes a picture: by a Graphviz that is installed, or by the one in pygraphviz.

Either runs as a process of its own, which can be stopped if it takes too long, and whose crash
would harm nobody. It is told a format; the DOT text goes in and the picture comes out by files that
have no name. Where the picture is kept is no business of Graphviz's.

Read next: ``drawing.py``.
"""

from __future__ import annotations

import os
import sys
from typing import IO, TYPE_CHECKING

from tinygrad_edu.draw.fonts import with_fonts

if TYPE_CHECKING:
    from subprocess import Popen

OPTIONS = {"svg": ["-Tsvg"], "png": ["-Tpng", "-Gdpi=150"], "pdf": ["-Tpdf"]}
"""The formats of pictures, and how to ask ``dot`` for them."""

PYGRAPHVIZ = """
import sys
from pygraphviz import AGraph
graph = AGraph(string=sys.stdin.buffer.read().decode())
sys.stdout.buffer.write(graph.draw(format=sys.argv[1][2:], prog="dot", args=" ".join(sys.argv[2:])))
"""
"""What Python runs in place of ``dot``, with the same options."""

NO_GRAPHVIZ = (
    "no Graphviz was found to make a picture with; either install pygraphviz, which brings one "
    "(python -m pip install pygraphviz), or install Graphviz so that its program `dot` is on the "
    "PATH (https://graphviz.org/download)"
)


class RenderError(RuntimeError):
    """No picture could be made. The DOT text is there all the same, as ``drawing.source``.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> drawing = tg.draw(tg.Tensor(1.0, requires_grad=True) * 2)
    >>> try:
    ...     _ = drawing.render("product.svg")
    ... except tg.draw.RenderError:  # there is no Graphviz: keep the DOT text
    ...     _ = drawing.render("product.dot")
    """


def render(source: str, kind: str, timeout: float = 60.0) -> bytes:
    """Make a picture of DOT text.

    Parameters
    ----------
    source : DOT text.
    kind : ``"svg"``, ``"png"`` or ``"pdf"``.
    timeout : how many seconds it may take.

    Raises
    ------
    RenderError
        If there is no Graphviz, or it fails, or it takes too long.
    """
    from importlib.util import find_spec  # imported late, like all that only pictures need
    from shutil import which
    from tempfile import TemporaryDirectory

    dot = which("dot")
    if dot is not None:
        command = [os.path.abspath(dot), *OPTIONS[kind]]
    elif find_spec("pygraphviz") and sys.executable:
        command = [sys.executable, "-c", PYGRAPHVIZ, *OPTIONS[kind]]
    else:
        raise RenderError(NO_GRAPHVIZ)
    name = dot or "pygraphviz"
    try:
        with TemporaryDirectory(prefix="tinygrad-edu-") as folder:
            code, picture, complaint = _run(command, source, folder, timeout)
    except OSError as error:
        raise RenderError(f"{name} could not be run: {error}") from error
    if code is None:
        raise RenderError(
            f"{name} took longer than {timeout:g} s and was stopped; draw less, or allow it more: "
            f"drawing.render(path, timeout={10 * timeout:g})"
        )
    if code or not picture:
        raise RenderError(f"{name} failed (exit code {code}): {complaint or 'it said nothing'}")
    return picture


def _run(
    command: list[str], source: str, folder: str, timeout: float
) -> tuple[int | None, bytes, str]:
    """Run a program within a folder; return its exit code (None: stopped), output and complaint.

    Not through pipes: whoever reads a pipe waits for all that the program may have started.
    """
    from subprocess import Popen, TimeoutExpired
    from tempfile import TemporaryFile

    with TemporaryFile() as given, TemporaryFile() as picture, TemporaryFile() as complaint:
        given.write(source.encode())
        given.seek(0)
        process = Popen(  # noqa: S603  # a list without a shell, and no word in it is the user's
            command,
            stdin=given,
            stdout=picture,
            stderr=complaint,
            cwd=folder,
            env=with_fonts(folder),
            start_new_session=True,
        )
        try:
            code = process.wait(timeout)
        except TimeoutExpired:
            code = None
        finally:
            _stop(process)
        return code, _content(picture), _content(complaint).decode(errors="replace").strip()[:500]


def _stop(process: Popen[bytes]) -> None:
    """End a process that is still running, with all that it has started."""
    if process.poll() is None:
        if sys.platform != "win32":
            from contextlib import suppress
            from signal import SIGKILL

            with suppress(OSError):  # they may have ended by themselves meanwhile
                os.killpg(process.pid, SIGKILL)
        process.kill()
        process.wait()


def _content(file: IO[bytes]) -> bytes:
    file.seek(0)
    return file.read()
