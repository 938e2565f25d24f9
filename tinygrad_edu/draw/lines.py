"""record_lines: note for every recorded call which line of the user's code has made it.

Looking up the line takes longer than many an op, so it is done only where it is asked for.
"""

from __future__ import annotations

import linecache
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tinygrad_edu.anomaly import NOT_THE_USERS
from tinygrad_edu.messages import file_name
from tinygrad_edu.notes import noted
from tinygrad_edu.recording import CONTEXT, leave
from tinygrad_edu.tensor import Tensor


@contextmanager
def record_lines() -> Iterator[None]:
    """Within the block, or in a function decorated with it, note each recorded call's line.

    Graphs then show it; see `tinygrad_edu.graph`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.draw.lines import record_lines
    >>> from tinygrad_edu.draw.read import graph
    >>> w = tg.Tensor(2.0, requires_grad=True)
    >>> with record_lines():
    ...     y = w * w
    >>> graph(y).nodes[-1].line.code
    'y = w * w'
    """
    outer = CONTEXT.get()
    watch = _LineWatch(outer.watch)
    CONTEXT.set(outer._replace(outer=outer, watch=watch, owner=watch))
    try:
        yield
    finally:
        leave(watch)


class _LineWatch:
    """Takes down where every call was made, and hands on to whoever was watching already."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    def computed(self, tensor: Tensor, *call: Any) -> None:
        """Note a result's line on its node."""
        if tensor.node is not None:
            noted(tensor).line = users_line()
        if self.inner is not None:
            self.inner.computed(tensor, *call)

    def carried(self, *step: Any) -> None:
        """Look at nothing in the backward pass."""
        if self.inner is not None:
            self.inner.carried(*step)


def users_line() -> tuple[str, int, str]:
    """Find the line outside this package and NumPy that led here: its file, number and text."""
    frame: Any = sys._getframe(1)
    while frame.f_back is not None and frame.f_code.co_filename.startswith(NOT_THE_USERS):
        frame = frame.f_back
    file, number = frame.f_code.co_filename, frame.f_lineno
    return file_name(file), number, linecache.getline(file, number, frame.f_globals).strip()
