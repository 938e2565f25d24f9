"""The exercises of lesson 9, deeper networks and vanishing gradients."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from lessons.judge import draw, leaf, parts, same, values

import tinygrad_edu as tg

pytestmark = pytest.mark.lesson09


def chain(x: Any, weights: Any) -> Any:
    for weight in weights:
        x = tg.sigmoid(weight * x)
    return x


def test_bound(answers: Any) -> None:
    for weights in ([2.0], [3.0, -2.0, 1.5], [-8.0] * 6):
        limit = float(values(answers.bound(np.array(weights))))
        slopes = tg.elementwise_grad(chain)(np.linspace(-3, 3, 61), weights).numpy()
        assert np.abs(slopes).max() <= limit * (1 + 1e-12), (
            f"for weights {weights} you say {limit:.4g}, but a slope of "
            f"{np.abs(slopes).max():.4g} is there"
        )
        same(limit, abs(np.prod(np.array(weights))) / 4 ** len(weights), f"the bound for {weights}")


def test_deep_backprop(answers: Any) -> None:
    for sizes in ((3, 3, 3, 3), (2, 5, 4, 1)):
        x, dy, *weights = draw(9, (4, sizes[0]), (4, sizes[-1]), *pairwise(sizes))
        mine = parts(answers.deep_backprop(x, list(weights), dy), len(weights), "deep_backprop")
        leaves = [leaf(each, f"weights[{i}]") for i, each in enumerate(weights)]
        for each in leaves:
            x = np.tanh(x @ each)
        tg.check_backprop(mine, (x * dy).sum(), leaves)


def test_residual_backprop(answers: Any) -> None:
    x, w, dy = draw(9, (4, 3), (3, 3), (4, 3))
    mine = parts(answers.residual_backprop(x, w, dy), 2, "residual_backprop")
    x, w = leaf(x, "x"), leaf(w, "w")
    tg.check_backprop(mine, ((x + np.tanh(x @ w)) * dy).sum(), (x, w))
