"""The exercises of lesson 6, biases."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from lessons.judge import draw, leaf, parts, same

import tinygrad_edu as tg

pytestmark = pytest.mark.lesson06


def test_with_ones(answers: Any) -> None:
    x, weight, bias = draw(6, (5, 3), (3, 2), (1, 2))
    mine = answers.with_ones(x)
    same(mine, np.concatenate([x, np.ones((5, 1))], axis=1), "the result")
    same(mine @ np.vstack([weight, bias]), x @ weight + bias, "the layer's output")


def test_bias_gradient(answers: Any) -> None:
    x, weight, bias, wanted = draw(6, (5, 3), (3, 2), (2,), (5, 2))
    b = leaf(bias, "bias")
    s = tg.sigmoid(x @ weight + b)
    mine = answers.bias_gradient(s.numpy(), wanted)
    tg.check_backprop(mine, ((s - wanted) ** 2).sum(), b)


def test_backprop(answers: Any) -> None:
    for hidden, outputs in ((3, 3), (4, 1)):
        shapes = (3, hidden), (hidden,), (hidden, outputs), (outputs,)
        x, y, *arrays = draw(6, (4, 3), (4, outputs), *shapes)
        mine = parts(answers.backprop(x, y, *arrays), 4, "backprop")
        names = "weights1", "bias1", "weights2", "bias2"
        w1, b1, w2, b2 = leaves = [leaf(array, name) for array, name in zip(arrays, names)]
        output = tg.sigmoid(tg.sigmoid(x @ w1 + b1) @ w2 + b2)
        tg.check_backprop(mine, ((y - output) ** 2).sum(), leaves)
