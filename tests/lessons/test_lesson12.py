"""The exercises of lesson 12, a character-level model."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from lessons.judge import draw, leaf, parts, same

import tinygrad_edu as tg

pytestmark = pytest.mark.lesson12


def states(x: Any, w: Any, u: Any, start: float) -> list[Any]:
    found, h = [], start
    for each in x:
        h = np.tanh(w * float(each) + u * h)
        found.append(h)
    return found


def test_windows(answers: Any) -> None:
    codes = np.array([3, 1, 4, 1, 5])
    seen, following = parts(answers.windows(codes, 2), 2, "windows")
    same(seen, [[3, 1], [1, 4], [4, 1]], "what is seen in 3 1 4 1 5, by twos,")
    same(following, [4, 1, 5], "what comes next in 3 1 4 1 5, after two,")


def test_embedding_backprop(answers: Any) -> None:
    codes = np.array([2, 0, 2, 1, 2])
    start, dy = draw(12, (4, 3), (5, 3))
    table = leaf(start, "table")
    mine = answers.embedding_backprop(codes, dy, 4)
    tg.check_backprop(mine, (table[codes] * dy).sum(), table)


def test_run(answers: Any) -> None:
    (x,) = draw(12, (6,))
    right = states(x, 0.7, -1.2, 0.3)
    same(answers.run(x, 0.7, -1.2, 0.3), np.array(right), "what run returns")


def test_run_backprop(answers: Any) -> None:
    for length in (1, 2, 6):
        x, dh = draw(12, (length,), (length,))
        w, u = leaf(0.7, "w"), leaf(-1.2, "u")
        mine = parts(answers.run_backprop(x, 0.7, -1.2, 0.3, dh), 2, "run_backprop")
        loss = sum(h * float(each) for h, each in zip(states(x, w, u, 0.3), dh))
        assert isinstance(loss, tg.Tensor)
        tg.check_backprop(mine, loss, (w, u))
