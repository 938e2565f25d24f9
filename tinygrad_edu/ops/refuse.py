"""Refusing by name what a function of Tensors does not do.

Functions made of ops keep NumPy's signatures, so that a learner's code runs as it is. An argument
that would change what is computed and is not understood is refused, never ignored.
"""

from __future__ import annotations

from typing import Any

WHY = {"out": "a Tensor is a value and nothing is written into it; use the result instead"}


def refuse(function: str, **given: Any) -> None:
    """Raise a TypeError that names the first of these arguments that is not ``None``."""
    for name, value in given.items():
        if value is not None:
            why = WHY.get(name, "leave it out, or compute on t.detach() if no gradient is wanted")
            raise TypeError(f"np.{function} of a Tensor does not take {name}={value!r}: {why}")
