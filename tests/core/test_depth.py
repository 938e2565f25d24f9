"""A graph may be as long as memory allows: nothing in recording, walking or freeing recurses.

Freeing is tested in a process of its own, because a stack that overflows there would take the
whole test run with it. Next: ``test_backward.py``.
"""

from __future__ import annotations

import copy
import subprocess
import sys

import numpy as np
import pytest

import tinygrad_edu as tg

FREE_A_LONG_CHAIN = """
import tinygrad_edu as tg
x = tg.Tensor([1.0, 2.0], requires_grad=True)
y = x
for _ in range(150_000):
    y = y + y * 1e-6
y.sum().backward()
grad = x.grad.tolist()
del y
for _ in range(100_000):
    x = x + 1
del x
print(grad)
"""


def test_a_chain_of_100_000_ops_goes_forward_and_back() -> None:
    limit = sys.getrecursionlimit()
    x = tg.Tensor([1.0, 2.0], requires_grad=True)
    y = x
    for _ in range(100_000):
        y = y + 1
    y.sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [1.0, 1.0]
    assert sys.getrecursionlimit() == limit


def test_freeing_a_long_chain_does_not_crash_the_process() -> None:
    run = subprocess.run(
        [sys.executable, "-c", FREE_A_LONG_CHAIN], capture_output=True, text=True, timeout=120
    )
    assert run.returncode == 0, run.stderr
    expected = (1 + 1e-6) ** 150_000
    np.testing.assert_allclose(eval(run.stdout), [expected] * 2, rtol=1e-9)  # noqa: S307  # our own list


def test_a_chain_of_in_place_additions_is_as_deep_as_any() -> None:
    x = tg.Tensor(1.0, requires_grad=True)
    total = tg.Tensor(0.0)
    for _ in range(20_000):
        total += x
    total.backward()
    assert x.grad is not None
    assert float(x.grad) == 20_000


def test_copying_the_end_of_a_deep_graph_is_refused_without_recursion() -> None:
    y = tg.Tensor(1.0, requires_grad=True)
    for _ in range(100_000):
        y = y + 1
    with pytest.raises(RuntimeError, match=r"detach\(\)"):
        copy.deepcopy(y)


def test_the_second_derivative_of_a_deep_graph_needs_no_recursion() -> None:
    x = tg.Tensor(1.0, requires_grad=True)
    y = x
    for _ in range(5_000):
        y = y * 1.0
    (y * y).backward(create_graph=True)
    first = x.grad
    assert first is not None
    x.grad = None
    first.backward()
    assert x.grad is not None
    assert float(x.grad) == 2
