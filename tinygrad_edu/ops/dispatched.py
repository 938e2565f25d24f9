"""Functions that arrays of another kind may have their own form of, as they have of NumPy's.

While a program is compiled, an op's forward is given what stands for arrays. That has forms of
NumPy's functions, by NumPy's protocol (NEP 18), and with this decorator of functions here.

Read next: ``special.py``, where `rarely` is used.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np


def dispatched(function: Callable[..., Any]) -> Callable[..., Any]:
    """Let the first argument, if it is no plain array, say what the function means for it."""

    @wraps(function)
    def call(*args: Any) -> Any:
        first = args[0]
        if type(first) is not np.ndarray and hasattr(first, "__array_function__"):
            return first.__array_function__(call, (type(first),), args, {})
        return function(*args)

    return call


@dispatched
def rarely(condition: Any, function: Callable[..., None], *arrays: Any) -> None:
    """Call a function, which writes into the first array, if a condition holds anywhere.

    That is an ``if``, but one that need not know the numbers: a program can have it as a line.
    """
    if condition.any():
        function(*arrays)
