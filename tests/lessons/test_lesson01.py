"""The exercises of lesson 1, a number that remembers how it was computed."""

from __future__ import annotations

import math
from typing import Any

import pytest
from lessons.judge import leaf, same

import tinygrad_edu as tg

pytestmark = pytest.mark.lesson01


def test_gradients_by_hand(answers: Any) -> None:
    numbers = 2.0, -3.0, 0.5
    a, b, c = (leaf(number, name) for number, name in zip(numbers, "abc"))
    tg.check_backprop(answers.gradients_by_hand(*numbers), (a + b) * c, (a, b, c))


def test_slope_by_nudging(answers: Any) -> None:
    for function, slope in ((math.sin, math.cos), (math.exp, math.exp)):
        for x in (0.3, -1.2):
            what = f"the slope of {function.__name__} at {x}"
            same(answers.slope_by_nudging(function, x), slope(x), what)


def test_count_calls(answers: Any) -> None:
    x = leaf(0.5, "x")
    a = x * 2
    twice = a * a
    tall = x
    for _ in range(5000):
        tall = tall + 1
    for result, count, what in (
        (a, 1, "x * 2"),
        (a + x, 2, "a + x, where a = x * 2"),
        (x + a, 2, "x + a, where a = x * 2"),
        ((x + 1) * (x * 2), 3, "(x + 1) * (x * 2)"),
        (twice + twice, 3, "b + b, where b = a * a and a = x * 2: each was computed once"),
        (tall, 5000, "x + 1 + 1 + ..., 5000 times"),
    ):
        same(answers.count_calls(result), count, f"the number of calls in {what}")
