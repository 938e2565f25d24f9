"""An ``if`` for what hardly ever happens, such as a number that is not finite.

Read next: ``special.py``, which has such cases.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def rarely(condition: Any, function: Callable[..., None], *arrays: Any) -> None:
    """Call a function, which writes into the first array, if a condition holds anywhere.

    That is an ``if``; but what stands for an array while a program is compiled has no numbers to
    decide by, and writes the ``if`` down.
    """
    if hasattr(condition, "rarely"):
        condition.rarely(function, arrays)
    elif condition.any():
        function(*arrays)
