"""The exercises of lesson 5, the article's network."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from lessons.judge import draw, leaf, parts, same

import tinygrad_edu as tg
from tinygrad_edu import optim
from tinygrad_edu.article import X, Y

pytestmark = pytest.mark.lesson05

SIZES = [(3, 3, 3), (3, 4, 1)]  # with square matrices, a missing transpose is recognised


def samples(inputs: int, hidden: int, outputs: int) -> list[Any]:
    """Return inputs, wanted outputs, and two weights: the article's data, or random ones."""
    x, y, *weights = draw(5, (4, inputs), (4, outputs), (inputs, hidden), (hidden, outputs))
    return [X, Y, *weights] if outputs == 1 else [x, y, *weights]


def loss_of(x: Any, y: Any, weights: list[Any]) -> Any:
    for each in weights:
        x = tg.sigmoid(x @ each)
    return ((y - x) ** 2).sum()


def test_feedforward(answers: Any) -> None:
    for sizes in SIZES:
        x, _, weights1, weights2 = samples(*sizes)
        mine = parts(answers.feedforward(x, weights1, weights2), 2, "feedforward")
        layer1 = tg.sigmoid(x @ weights1)
        same(mine[0], layer1, "layer1")
        same(mine[1], tg.sigmoid(layer1 @ weights2), "output")


def test_backprop(answers: Any) -> None:
    for sizes in SIZES:
        x, y, weights1, weights2 = samples(*sizes)
        mine = answers.backprop(x, y, weights1, weights2)
        w1, w2 = leaf(weights1, "weights1"), leaf(weights2, "weights2")
        tg.check_backprop(mine, loss_of(x, y, [w1, w2]), (w1, w2))


def test_train(answers: Any) -> None:
    x, y, weights1, weights2 = samples(3, 4, 1)
    before = weights1.copy(), weights2.copy()
    w1, w2 = leaf(weights1, "weights1"), leaf(weights2, "weights2")
    optimizer = optim.SGD([w1, w2], lr=0.5)
    for steps in range(4):
        mine = parts(answers.train(x, y, weights1, weights2, 0.5, steps), 2, "train")
        for array, old in zip((weights1, weights2), before):
            same(array, old, "the array that you were given (work on a copy: it has changed) now")
        same(mine[0], w1, f"weights1 after {steps} steps")
        same(mine[1], w2, f"weights2 after {steps} steps")
        optimizer.zero_grad()
        loss_of(x, y, [w1, w2]).backward()
        optimizer.step()


def test_deep_backprop(answers: Any) -> None:
    for sizes in ((3, 3, 3, 3), (3, 5, 4, 2, 1), (3, 1)):
        x, y, *weights = draw(5, (4, sizes[0]), (4, sizes[-1]), *pairwise(sizes))
        mine = answers.deep_backprop(x, y, list(weights))
        leaves = [leaf(each, f"weights[{i}]") for i, each in enumerate(weights)]
        mine = parts(mine, len(weights), "deep_backprop")
        tg.check_backprop(mine, loss_of(x, y, leaves), leaves)
