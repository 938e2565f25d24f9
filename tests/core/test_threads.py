"""Threads may build and walk graphs at once, even over the same leaves.

Next: ``test_processes.py``.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import tinygrad_edu as tg

THREADS = 8


@pytest.fixture(autouse=True)
def _switch_threads_often() -> Iterator[None]:
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


def test_threads_walk_graphs_of_their_own() -> None:
    def work(number: int) -> bool:
        for step in range(100):
            x = tg.Tensor([float(number), float(step)], requires_grad=True)
            y = x
            for _ in range(5):
                y = y * 2 + x
            y.sum().backward()
            if x.grad is None or x.grad.tolist() != [63.0, 63.0]:
                return False
        return True

    with ThreadPoolExecutor(THREADS) as pool:
        assert all(pool.map(work, range(THREADS)))


def test_threads_that_add_to_one_leaf_lose_nothing() -> None:
    shared = tg.Tensor(np.zeros(3), requires_grad=True)

    def work(number: int) -> None:
        for _ in range(150):
            (shared * float(number + 1)).sum().backward()

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(work, range(THREADS)))
    assert shared.grad is not None
    assert shared.grad.tolist() == [150.0 * sum(range(1, THREADS + 1))] * 3


def test_threads_may_walk_back_into_one_shared_graph() -> None:
    x = tg.Tensor([1.0, 2.0], requires_grad=True)
    hidden = np.exp(x) * 2

    def work(number: int) -> None:
        for _ in range(50):
            (hidden * 1.0).sum().backward()

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(work, range(THREADS)))
    assert x.grad is not None
    np.testing.assert_allclose(x.grad.numpy(), 50 * THREADS * 2 * np.exp([1.0, 2.0]), rtol=1e-12)


def test_a_change_in_one_thread_is_noticed_in_another() -> None:
    x = tg.Tensor([1.0], requires_grad=True)
    y = np.exp(x).sum()

    def update() -> None:
        with tg.no_grad():
            x.data -= 1

    with ThreadPoolExecutor(1) as pool:
        pool.submit(update).result()
        with pytest.raises(RuntimeError, match="exp"):
            pool.submit(y.backward).result()
