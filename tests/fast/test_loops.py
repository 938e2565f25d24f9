"""Compiled loops give the same numbers as NumPy, and leave to it what they cannot do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import fast
from tinygrad_edu.ops.pool import COMPILED, max_pool

numba = pytest.importorskip("numba", reason="numba is not installed")
WINDOW = {"kernel": (2, 2), "stride": (2, 2), "padding": ((0, 0), (0, 0)), "dilation": (1, 1)}
INNERMOST_CHANNELS = (2, 0, 3, 1)


@pytest.fixture(autouse=True)
def _off_afterwards() -> Iterator[None]:
    yield
    fast.disable()


def images(shape: Any, dtype: Any, ties: bool = True) -> Any:
    x = np.random.default_rng(0).normal(size=shape)
    x = np.maximum(x, 0.3) if ties else x
    return x.astype(dtype).transpose(INNERMOST_CHANNELS).copy().transpose((1, 3, 0, 2))


def gradient(data: Any, window: Any) -> Any:
    x = tg.Tensor(data, requires_grad=True, copy=False)
    y = max_pool(x, **window)
    y.backward(np.random.default_rng(1).normal(size=y.shape).astype(data.dtype))
    return x.grad.numpy()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", [(3, 8, 6, 4), (2, 16, 5, 7), (0, 8, 4, 4), (1, 3, 4, 4)])
@pytest.mark.parametrize("change", [{}, {"kernel": (3, 2)}, {"padding": ((1, 0), (0, 0))}])
@pytest.mark.parametrize("data", ["ties", "no ties", "nan", "rows innermost"])
def test_gradients_are_bit_for_bit_those_of_numpy(
    dtype: Any, shape: Any, change: Any, data: str
) -> None:
    x = images(shape, dtype, ties=data != "no ties")
    if data == "nan":
        x[np.random.default_rng(2).random(shape) < 0.1] = np.nan
    if data == "rows innermost":
        x = np.ascontiguousarray(x)
    expected = gradient(x, {**WINDOW, **change})
    fast.enable()
    np.testing.assert_array_equal(gradient(x, {**WINDOW, **change}), expected)


def test_the_usual_pooling_uses_the_loop(monkeypatch: Any) -> None:
    fast.enable()
    used = []
    loop = COMPILED["max_pool_x"]
    spy = lambda *arrays, **window: used.append(loop(*arrays, **window)) or used[-1]
    monkeypatch.setitem(COMPILED, "max_pool_x", spy)
    gradient(images((2, 8, 4, 4), np.float32), WINDOW)
    gradient(images((2, 3, 4, 4), np.float32), WINDOW)
    assert [result is not None for result in used] == [True, False]


def test_second_derivatives_are_left_to_numpy() -> None:
    fast.enable()
    assert tg.check_grad(lambda x: max_pool(x, **WINDOW) ** 2, images((1, 8, 2, 2), float, False))
