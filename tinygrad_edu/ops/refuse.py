"""Refusing by name what a function of Tensors does not do.

Functions made of ops keep NumPy's signatures, so that a learner's code runs as it is. An argument
that would change what is computed and is not understood is refused, never ignored. So are the
functions that have no meaning for Tensors at all.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tinygrad_edu.dispatch import any_tracked, implements, name_of, on_values

WHY = {"out": "a Tensor is a value and nothing is written into it; use the result instead"}
DATES = "works on dates, and a Tensor holds numbers"

REFUSED: dict[Callable[..., Any], str] = {
    np.busday_count: DATES,
    np.busday_offset: DATES,
    np.datetime_as_string: DATES,
    np.is_busday: DATES,
}
"""Functions that no Tensor with a gradient may be given to, and why."""


def refuse(function: str, **given: Any) -> None:
    """Raise a TypeError that names the first of these arguments that is not ``None``."""
    for name, value in given.items():
        if value is not None:
            why = WHY.get(name, "leave it out, or compute on t.detach() if no gradient is wanted")
            raise TypeError(f"np.{function} of a Tensor does not take {name}={value!r}: {why}")


def refusing(function: Callable[..., Any], why: str) -> Callable[..., Any]:
    """Make the function that takes plain values only, and says why."""

    def compute(*args: Any, **settings: Any) -> Any:
        if any_tracked(args) or any_tracked(settings):
            raise TypeError(f"{name_of(function)} {why}; pass t.detach() if its values are meant")
        return on_values(function, args, settings)

    return compute


for function, why in REFUSED.items():
    implements(function)(refusing(function, why))
