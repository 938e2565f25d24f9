"""The exercises of lesson 2, the chain rule."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from lessons.judge import leaf, same

import tinygrad_edu as tg

pytestmark = pytest.mark.lesson02

STEPS = [
    (np.sin, np.cos),
    (np.exp, np.exp),
    (lambda x: x * x, lambda x: 2 * x),
    (lambda x: 3 * x + 1, lambda x: 3.0),
]


def test_along_one_way(answers: Any) -> None:
    for number in (0.7, -1.3):
        x = leaf(number, "x")
        tg.check_backprop(answers.along_one_way(number), np.sin(x * x), x)


def test_along_two_ways(answers: Any) -> None:
    for number in (0.7, -1.3):
        x = leaf(number, "x")
        tg.check_backprop(answers.along_two_ways(number), np.exp(x) * np.sin(x), x)


def test_along_a_chain(answers: Any) -> None:
    def chain(x: Any, steps: list[Any]) -> Any:
        for function, _ in steps:
            x = function(x)
        return x

    for count in (1, 2, 4, 0):
        for steps in (STEPS[:count], STEPS[:count][::-1]):
            right = tg.grad(chain)(0.7, steps)
            what = f"the slope of a chain of {count} steps"
            same(answers.along_a_chain(steps, 0.7), right, what)
