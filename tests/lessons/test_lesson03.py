"""The exercises of lesson 3, matrices."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from lessons.judge import draw, leaf, parts

import tinygrad_edu as tg

pytestmark = pytest.mark.lesson03

SHAPES = [(3, 3, 3), (5, 3, 2)]  # with square matrices, a missing transpose is recognised


def test_bias_backprop(answers: Any) -> None:
    x, bias, dy = draw(3, (5, 3), (3,), (5, 3))
    b = leaf(bias, "b")
    tg.check_backprop(answers.bias_backprop(dy), ((x + b) * dy).sum(), b)


def test_matmul_backprop(answers: Any) -> None:
    for n, inputs, units in SHAPES:
        x, w, dy = draw(3, (n, inputs), (inputs, units), (n, units))
        mine = parts(answers.matmul_backprop(x, w, dy), 2, "matmul_backprop")
        x, w = leaf(x, "x"), leaf(w, "w")
        tg.check_backprop(mine, ((x @ w) * dy).sum(), (x, w))


def test_squared_error_backprop(answers: Any) -> None:
    for n, inputs, units in SHAPES:
        x, w, wanted = draw(3, (n, inputs), (inputs, units), (n, units))
        mine = answers.squared_error_backprop(x, w, wanted)
        w = leaf(w, "w")
        tg.check_backprop(mine, np.mean((x @ w - wanted) ** 2), w)


def test_scores_backprop(answers: Any) -> None:
    for n, m, size in SHAPES:
        queries, keys, dy = draw(3, (n, size), (m, size), (n, m))
        mine = parts(answers.scores_backprop(queries, keys, dy), 2, "scores_backprop")
        queries, keys = leaf(queries, "queries"), leaf(keys, "keys")
        tg.check_backprop(mine, ((queries @ keys.T) * dy).sum(), (queries, keys))
