"""The exercises of lesson 8, learning rates compared."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from lessons.judge import draw, leaf, same, values

import tinygrad_edu as tg
from tinygrad_edu import optim

pytestmark = pytest.mark.lesson08

CURVATURES = np.array([1.0, 4.0, 0.5])


def bowl(w: Any) -> Any:
    return (CURVATURES / 2 * w * w).sum() + np.sin(w).sum()


def slope(w: Any) -> Any:
    return tg.grad(bowl)(values(w)).numpy()


def compare(function: Any, name: str, settings: list[Any], **of_sgd: float) -> None:
    """Let the optimizer of the library go the same way."""
    (start,) = draw(8, (3,))
    w = leaf(start, "w")
    optimizer = optim.SGD([w], lr=0.2, **of_sgd)
    for steps in range(5):
        mine = function(slope, start.copy(), 0.2, *settings, steps)
        same(mine, w, f"where {name} is after {steps} steps")
        optimizer.zero_grad()
        bowl(w).backward()
        optimizer.step()


def test_descend(answers: Any) -> None:
    compare(answers.descend, "descend", [])


def test_largest_rate(answers: Any) -> None:
    for curvatures in (CURVATURES, np.array([3.0])):
        rate = float(values(answers.largest_rate(curvatures)))
        for share, goes in ((0.99, "closer to"), (1.01, "further from")):
            w = np.ones(len(curvatures))
            for _ in range(200):
                w = w - share * rate * curvatures * w
            assert (np.abs(w).max() < 1) == (share < 1), (
                f"for curvatures {curvatures}, you say {rate:.4g}; but with {share} times that "
                f"rate, descent does not go {goes} the bottom"
            )


def test_momentum_descend(answers: Any) -> None:
    for momentum in (0.9, 0.5):
        compare(answers.momentum_descend, "momentum_descend", [momentum], momentum=momentum)
