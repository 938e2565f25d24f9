"""The exercises of lesson 4, a layer."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from lessons.judge import draw, leaf, parts, same

import tinygrad_edu as tg
from tinygrad_edu import nn

pytestmark = pytest.mark.lesson04

SHAPES = [(3, 3, 3), (5, 3, 2)]  # with square matrices, a missing transpose is recognised


def test_sigmoid_slope(answers: Any) -> None:
    x = leaf([-2.0, -0.5, 0.0, 1.0, 3.0], "x")
    s = tg.sigmoid(x)
    tg.check_backprop(answers.sigmoid_slope(s.numpy()), s.sum(), x)


def test_linear(answers: Any) -> None:
    for n, inputs, units in SHAPES:
        layer = nn.Linear(inputs, units)
        weight, bias = (parameter.numpy() for parameter in layer.parameters())
        (x,) = draw(4, (n, inputs))
        what = f"the result for {inputs} inputs and {units} units"
        same(answers.linear(x, weight, bias), layer(tg.Tensor(x)), what)


def test_layer_backprop(answers: Any) -> None:
    for n, inputs, units in SHAPES:
        x, weight, bias, ds = draw(4, (n, inputs), (units, inputs), (units,), (n, units))
        x, weight, bias = leaf(x, "x"), leaf(weight, "weight"), leaf(bias, "bias")
        s = tg.sigmoid(nn.functional.linear(x, weight, bias))
        mine = answers.layer_backprop(x.numpy(), weight.numpy(), s.numpy(), ds)
        mine = parts(mine, 3, "layer_backprop")
        tg.check_backprop(mine, (s * ds).sum(), (x, weight, bias))


def test_gated_backprop(answers: Any) -> None:
    for n, inputs, units in SHAPES:
        x, weight, gate, dy = draw(4, (n, inputs), (units, inputs), (units, inputs), (n, units))
        mine = parts(answers.gated_backprop(x, weight, gate, dy), 2, "gated_backprop")
        weight, gate = leaf(weight, "weight"), leaf(gate, "gate")
        y = np.tanh(nn.functional.linear(x, weight)) * tg.sigmoid(nn.functional.linear(x, gate))
        tg.check_backprop(mine, (y * dy).sum(), (weight, gate))
