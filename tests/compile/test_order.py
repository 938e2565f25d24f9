"""A compiled program adds up in the order of eager, so that every bit is the same.

NumPy lays out a result with the axes in the order of the operands, and in C's where these disagree;
a later sum goes through it in that order.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import nn, optim
from tinygrad_edu.program.compiling import compile

SHAPE = (7, 6, 5, 4)


def gradients(function: Callable[..., Any], wrap: Any) -> list[Any]:
    """Sum what a function makes of two arrays, the first with its axes in another order."""
    rng = np.random.default_rng(0)
    x, y = (tg.Tensor(rng.normal(size=shape), True) for shape in ((6, 7, 5, 4), SHAPE))

    def run(x: Any, y: Any) -> Any:
        z = function((x * 1.5).swapaxes(0, 1), y * 1.5)
        w = np.cos(z)
        loss = (w.sum(axis=0) ** 2).sum() + (w.sum(axis=-1) ** 3).sum()
        loss.backward()
        found = [z.detach(), loss.detach(), x.grad, y.grad]
        x.grad = y.grad = None
        return found

    return [np.array(each) for each in wrap(run)(x, y)]


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "choice": lambda x, y: np.where(x > 0, x, x * x) + y.sum(),
    "astype": lambda x, y: x.astype(np.float32) * y.astype(np.float32).sum(),
    "products of matrices": lambda x, y: x @ y[0, 0].mT,
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_axes_in_another_order_are_added_up_as_in_eager(name: str) -> None:
    expected = gradients(FUNCTIONS[name], lambda function: function)
    for ours, theirs in zip(gradients(FUNCTIONS[name], compile), expected, strict=True):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("batch_first", [True, False])
def test_a_transformer_trains_bit_for_bit(batch_first: bool) -> None:
    """The bias of the keys has a gradient of 0 but for rounding, of which Adam makes full steps."""

    def train(wrap: Any) -> Any:
        tg.manual_seed(0)
        layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=batch_first)
        model = nn.TransformerEncoder(layer, 2)
        optimizer = optim.AdamW(model.parameters(), lr=0.01)

        @wrap
        def step(x: Any) -> Any:
            optimizer.zero_grad()
            loss = ((model(x) - x) ** 2).mean()
            loss.backward()
            optimizer.step()
            return loss

        x = tg.Tensor(np.random.default_rng(0).normal(size=(5, 3, 8)))
        losses = [step(x).item() for _ in range(8)]
        return [losses, *(p.numpy() for p in model.parameters())]

    for ours, theirs in zip(train(compile), train(lambda step: step), strict=True):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize(
    "function",
    [
        lambda x: x.transpose(tuple(np.argsort([1, 0, 2]))) + 1,
        lambda x: x.sum(axis=np.int64(1)),
        lambda x: x.mean(axis=(np.int64(1), np.int64(0))),
        lambda x: np.flip(x, np.int64(1)),
    ],
)
def test_an_axis_may_be_a_number_of_numpy(function: Callable[..., Any]) -> None:
    x = tg.Tensor(np.arange(24.0).reshape(2, 3, 4))
    np.testing.assert_array_equal(compile(function)(x), function(x))
