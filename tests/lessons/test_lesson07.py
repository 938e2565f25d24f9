"""The exercises of lesson 7, activations compared."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from lessons.judge import draw, leaf, same

import tinygrad_edu as tg
from tinygrad_edu import nn

pytestmark = pytest.mark.lesson07


def test_tanh_backprop(answers: Any) -> None:
    array, dy = draw(7, (4, 3), (4, 3))
    x = leaf(array, "x")
    t = np.tanh(x)
    tg.check_backprop(answers.tanh_backprop(t.numpy(), dy), (t * dy).sum(), x)


def test_leaky_relu_backprop(answers: Any) -> None:
    array, dy = draw(7, (4, 3), (4, 3))
    for slope in (0.1, 0.3):
        x = leaf(array, "x")
        y = nn.functional.leaky_relu(x, slope)
        mine = answers.leaky_relu_backprop(array, dy, slope)
        tg.check_backprop(mine, (y * dy).sum(), x)


def test_softplus(answers: Any) -> None:
    places = np.array([-3.0, -0.5, 0.4, 2.0])
    same(answers.softplus(places), np.log(1 + np.exp(places)), "softplus")
    same(answers.softplus(np.array([1000.0, 1.0])), [1000.0, np.log1p(np.e)], "softplus of 1000")
    tg.check_grad(answers.softplus, places)


def test_swish_backprop(answers: Any) -> None:
    array, dy = draw(7, (4, 3), (4, 3))
    x = leaf(array, "x")
    tg.check_backprop(answers.swish_backprop(array, dy), (x * tg.sigmoid(x) * dy).sum(), x)
