"""How answers are compared with what is right, in words that help.

Gradients go to ``tg.check_backprop`` and ``tg.check_grad`` wherever there is a graph to
hold them against. This is for the rest: values, and counts.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import tinygrad_edu as tg
from tinygrad_edu.check import Mismatch
from tinygrad_edu.diagnose import likely_cause


def leaf(array: Any, name: str) -> tg.Tensor:
    """Make a Tensor that wants a gradient, under the name that messages shall use."""
    return tg.Tensor(np.asarray(array, dtype=float), requires_grad=True, name=name)


def draw(seed: int, *shapes: tuple[int, ...]) -> list[Any]:
    """Draw arrays of these shapes, the same ones each time."""
    generator = np.random.default_rng(seed)
    return [generator.normal(size=shape) for shape in shapes]


def values(given: Any) -> Any:
    return given.numpy() if isinstance(given, tg.Tensor) else np.asarray(given)


def same(given: Any, right: Any, what: str) -> None:
    """Raise an AssertionError that explains, unless ``given`` is ``right`` but for rounding."""
    if given is None:
        raise AssertionError(f"{what} is None: is a return missing?")
    mine, right = values(given), values(right)
    if mine.dtype.kind not in "biuf":
        raise AssertionError(f"{what} is a {type(given).__name__}, and no number or array")
    if mine.shape != right.shape:
        text = f"has shape {mine.shape}, and should have {right.shape}"
    else:
        mine, right = mine.astype(float), right.astype(float)
        scale = np.max(np.abs(right), initial=1e-12)
        wrong = ~(np.abs(mine - right) <= 1e-6 * scale)
        if not wrong.any():
            return
        if right.size == 1:
            text = f"is {mine.item():.8g}, and should be {right.item():.8g}"
        else:
            text = Mismatch(0, mine, right, wrong).describe("yours", "the right one")
    cause = likely_cause(mine, right) if right.size > 1 else None
    raise AssertionError(f"{what} {text}" + (f"; likely cause: {cause}" if cause else ""))


def parts(given: Any, count: int, name: str) -> Any:
    """Return what should be a tuple of so many parts."""
    if given is None:
        raise AssertionError(f"{name} has returned None: is a return missing?")
    if not isinstance(given, (tuple, list)) or len(given) != count:
        kind = f"{len(given)}" if isinstance(given, (tuple, list)) else f"a {type(given).__name__}"
        raise AssertionError(f"{name} should return {count} values, not {kind}")
    return given
