"""Compiled programs compute in memory that they have, and no more of it than by hand."""

from __future__ import annotations

import threading
import tracemalloc
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import nn, optim
from tinygrad_edu.program.compiling import compile

WIDTH = 256  # so that an array is larger than the 8192 elements that NumPy converts at a time


def trained(optimizer: Any, loss: Any = None) -> Any:
    model = nn.Sequential(nn.Linear(WIDTH, WIDTH), nn.ReLU(), nn.Linear(WIDTH, WIDTH), nn.Sigmoid())
    opt = optimizer(model.parameters())
    loss_function = loss or nn.MSELoss()

    def step(x: Any, y: Any) -> None:
        opt.zero_grad()
        loss_function(model(x), y).backward()
        opt.step()

    return step


def batch() -> tuple[tg.Tensor, tg.Tensor]:
    generator = np.random.default_rng(0)
    return tg.Tensor(generator.random((WIDTH, WIDTH))), tg.Tensor(generator.random((WIDTH, WIDTH)))


def peak(call: Any, *args: Any) -> int:
    """Measure the most memory that a call has had at a time, beyond what there was before."""
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        call(*args)
        return tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "optimizer",
    [
        lambda p: optim.SGD(p, lr=0.1),
        lambda p: optim.SGD(p, lr=0.1, momentum=0.9),
        lambda p: optim.Adam(p),
    ],
)
def test_a_step_asks_for_no_array_after_the_first(optimizer: Any) -> None:
    step, (x, y) = compile(trained(optimizer)), batch()
    for _ in range(4):
        step(x, y)
    one_array = WIDTH * WIDTH * 8
    assert peak(step, x, y) < one_array / 4
    assert peak(trained(optimizer), x, y) > 3 * one_array  # eager: so the measure measures


def images(*shape: int) -> tg.Tensor:
    return tg.Tensor(np.random.default_rng(0).normal(size=shape))


NETWORKS: dict[str, Any] = {
    "convolutions": (
        lambda: nn.Sequential(
            nn.Conv2d(3, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(2),
            nn.Dropout(0.2), nn.Conv2d(8, 16, 3, groups=2), nn.GELU(), nn.AvgPool2d(2),
            nn.Flatten(), nn.Linear(16 * 7 * 7, 10),
        ),
        images(32, 3, 32, 32), tg.Tensor(np.arange(32) % 10), nn.CrossEntropyLoss(),
    ),
    "transposed": (
        lambda: nn.Sequential(
            nn.ConvTranspose2d(4, 8, 3, stride=2), nn.SiLU(), nn.Conv2d(8, 4, 3, dilation=2),
            nn.InstanceNorm2d(4), nn.Softplus(), nn.Softmax(1),
        ),
        images(32, 4, 16, 16), images(32, 4, 29, 29), nn.MSELoss(),
    ),
    "attention": (
        lambda: nn.TransformerEncoderLayer(64, 4, 128, dropout=0.1),
        images(20, 16, 64), images(20, 16, 64), nn.HuberLoss(),
    ),
    "embedding": (
        lambda: nn.Sequential(nn.Embedding(100, 64), nn.LayerNorm(64), nn.Linear(64, 32)),
        tg.Tensor(np.arange(64 * 16).reshape(64, 16) % 100), images(64, 16, 32), nn.L1Loss(),
    ),
}  # fmt: skip
OF_NUMPY = 4 * 8192 * 8
"""Bytes in which NumPy converts numbers, 8192 at a time, whatever the size of an array."""


@pytest.mark.parametrize("name", NETWORKS)
def test_nor_does_a_step_of_other_networks(name: str) -> None:
    build, x, y, loss = NETWORKS[name]
    model = build()
    optimizer = optim.AdamW(model.parameters())

    def step(x: Any, y: Any) -> None:
        optimizer.zero_grad()
        loss(model(x), y).backward()
        optimizer.step()

    fast = compile(step)
    for _ in range(4):
        fast(x, y)
    assert peak(fast, x, y) < OF_NUMPY
    assert peak(step, x, y) > 8 * OF_NUMPY  # eager


def test_buffers_have_the_axes_in_the_order_that_eager_gives_them() -> None:
    """A convolution leaves its channels innermost, and what comes after is quicker like that."""
    layers = nn.Sequential(nn.Conv2d(1, 8, 3, padding=1), nn.ReLU())
    x = tg.Tensor(np.random.default_rng(0).normal(size=(4, 1, 8, 8)))
    eager, ours = layers(x), compile(layers)(x)
    assert ours.numpy().strides == eager.numpy().strides
    np.testing.assert_array_equal(ours.numpy(), eager.numpy())


def by_hand(x: Any, y: Any, w: Any, b: Any, v: Any, c: Any) -> Any:
    h = np.maximum(x @ w + b, 0)
    o = 1 / (1 + np.exp(-(h @ v + c)))
    d2 = (2 / o.size) * (o - y) * (o * (1 - o))
    d1 = (d2 @ v.T) * (h > 0)
    return (
        w - 0.1 * (x.T @ d1), b - 0.1 * d1.sum(axis=0),
        v - 0.1 * (h.T @ d2), c - 0.1 * d2.sum(axis=0),
    )  # fmt: skip


def test_all_the_memory_of_a_step_is_no_more_than_numpy_by_hand_takes() -> None:
    step, (x, y) = compile(trained(lambda p: optim.SGD(p, lr=0.1))), batch()
    step(x, y)
    r = np.random.default_rng(1)
    w, v, b = r.random((WIDTH, WIDTH)), r.random((WIDTH, WIDTH)), r.random(WIDTH)
    assert step.latest.program.size <= peak(by_hand, x.numpy(), y.numpy(), w, b, v, b)


@pytest.mark.parametrize("activation", [np.exp, tg.sigmoid])
def test_threads_take_turns(activation: Any) -> None:
    function = compile(lambda x: activation(x * 2).sum(axis=0) + x)
    inputs = [tg.Tensor(np.full((50, 50), i / 10)) for i in range(8)]
    expected = [function.function(x).numpy() for x in inputs]
    wrong: list[int] = []

    def work(number: int) -> None:
        for _ in range(50):
            if not np.allclose(function(inputs[number]).numpy(), expected[number], rtol=1e-12):
                wrong.append(number)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert not wrong
