"""The exercises of lesson 14, second derivatives."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from lessons.judge import draw, leaf, same

import tinygrad_edu as tg

pytestmark = pytest.mark.lesson14


def hilly(p: Any) -> Any:
    return (p**4).sum() + np.sin(p[0] * p[1]) + p[0] * p[2] ** 2 + 5 * (p**2).sum()


def test_sigmoid_curvature(answers: Any) -> None:
    x = leaf([-2.0, -0.5, 0.3, 1.0], "x")
    mine = answers.sigmoid_curvature(tg.sigmoid(x).numpy())
    tg.check_backprop(mine, tg.elementwise_grad(tg.sigmoid)(x).sum(), x)


def test_newton_step(answers: Any) -> None:
    (p,) = draw(14, (3,))
    bowl = np.array([[3.0, 1.0, 0.0], [1.0, 2.0, 0.5], [0.0, 0.5, 1.0]])
    bottom = np.array([1.0, -2.0, 0.5])
    mine = answers.newton_step(lambda q: (q - bottom) @ bowl @ (q - bottom), p.copy())
    same(mine, bottom, "where one step in a bowl leads, which should be its bottom,")
    step = np.linalg.solve(tg.hessian(hilly)(p).numpy(), tg.grad(hilly)(p).numpy())
    same(answers.newton_step(hilly, p.copy()), p - step, "where a step on a hilly ground leads")


def test_hessian_times(answers: Any) -> None:
    p, v = draw(14, (3,), (3,))
    mine = answers.hessian_times(hilly, p, v)
    same(mine, tg.hessian(hilly)(p).numpy() @ v, "the Hessian, multiplied with v,")
