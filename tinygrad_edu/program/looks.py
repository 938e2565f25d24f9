"""Looks at numbers while a function is traced: found, and refused with the line that looked.

A program stands for calls with other numbers. What is asked of values while it is written down,
such as ``if x > 0`` or ``x.item()``, would be decided once and for all.

Read next: ``tracing.py``.
"""

from __future__ import annotations

import os
import sys
from typing import Any

import numpy as np

from tinygrad_edu.messages import file_name

PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
NOT_THE_USERS = (os.path.join(PACKAGE, ""), os.path.join(os.path.dirname(np.__file__), ""))
RULES = (os.path.join("tinygrad_edu", "backprop.py"),)
"""Where rules are called from: these may look, as they do so again in every walk."""


class TraceError(TypeError):
    """A function decides by values what it does, so that no program can stand for it.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.program import TraceError
    >>> try:
    ...     tg.trace(lambda x: x if x > 0 else -x)(tg.Tensor(1.0))
    ... except TraceError:
    ...     print("write np.where(x > 0, x, -x)")
    write np.where(x > 0, x, -x)
    """


def users_frame() -> Any:
    """Return the innermost frame that is no code of this package or of NumPy."""
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_code.co_filename.startswith(NOT_THE_USERS):
        frame = frame.f_back
    return frame


def users_line() -> str:
    """Name the line of a user's code that is running."""
    frame = users_frame()
    return (
        f"line {frame.f_lineno} of {file_name(frame.f_code.co_filename)}, in {frame.f_code.co_name}"
    )


def called_by(*files: str) -> bool:
    """Tell whether code of these files of the package is running, on behalf of a user's line."""
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_code.co_filename.startswith(NOT_THE_USERS):
        if any(each in frame.f_code.co_filename for each in files):
            return True
        frame = frame.f_back
    return False


def refuse_look(tensor: Any) -> None:
    """Refuse to show numbers while a function is traced, unless a rule asks for them."""
    if called_by(*RULES):
        return
    raise TraceError(
        f"{users_line()}, wants to know the numbers in a Tensor of shape {tensor.shape}, and a "
        f"program cannot depend on those: no `if`, no loop, index or conversion by value; use "
        f"np.where, a mask or arithmetic instead"
    )
