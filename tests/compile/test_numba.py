"""Programs compiled to loops compute what eager does; what has no loop is left to NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import nn, optim
from tinygrad_edu.program.compiling import compile

numba = pytest.importorskip("numba", reason="numba is not installed")


def x(*shape: int, dtype: str = "f8") -> Any:
    return tg.Tensor(np.random.default_rng(3).uniform(-2, 2, shape).astype(dtype))


def broadcasting(a: Any) -> Any:
    return (a - a.mean(axis=1, keepdims=True)) / (a.sum(axis=0) + 10), a.T @ a, a.sum()


def choosing(a: Any) -> Any:
    return np.where(a > 0, np.exp(a), a**3) + tg.relu(a) - np.maximum(a, 0.5)


def layers(a: Any) -> Any:
    w = a.T.detach().requires_grad_()
    loss = (tg.sigmoid(a @ w) ** 2).sum()
    loss.backward()
    return loss.detach(), w.grad


@pytest.mark.parametrize("dtype", ["f8", "f4"])
@pytest.mark.parametrize("function", [broadcasting, choosing, layers])
def test_loops_compute_what_numpy_does(function: Any, dtype: str) -> None:
    a = x(4, 3, dtype=dtype)
    ours, theirs = compile(function, backend="numba")(a), function(a)
    for one, other in zip(*(r if isinstance(r, tuple) else (r,) for r in (ours, theirs))):
        assert one.dtype == other.dtype
        rtol = 1e-12 if dtype == "f8" else 1e-5
        np.testing.assert_allclose(one.numpy(), other.numpy(), rtol=rtol, atol=rtol)


def test_extreme_numbers_are_those_of_eager() -> None:
    a = tg.Tensor([np.inf, -np.inf, np.nan, 1000.0, -1000.0])

    def function(a: Any) -> Any:
        return tg.sigmoid(a) + tg.relu(a)

    ours = compile(function, backend="numba")(a).numpy()
    np.testing.assert_array_equal(ours, function(a).numpy())


@pytest.mark.parametrize("kind", ["SGD", "Adam"])
def test_a_training_step_trains_as_in_eager_and_can_be_repeated(kind: str) -> None:
    def train(wrap: Any, steps: Any) -> Any:
        tg.manual_seed(0)
        model = nn.Sequential(nn.Linear(3, 4), nn.Sigmoid(), nn.Linear(4, 1))
        optimizer = getattr(optim, kind)(model.parameters(), lr=0.1)
        a, b = x(5, 3), x(5, 1)

        def step() -> Any:
            optimizer.zero_grad()
            loss = ((model(a) - b) ** 2).sum()
            loss.backward()
            optimizer.step()
            return loss

        loss = steps(wrap(step))
        return [loss.numpy(), *(p.numpy() for p in model.parameters())]

    def ten_times(step: Any) -> Any:
        return [step() for _ in range(10)][-1]

    expected = train(lambda step: step, ten_times)
    for steps in (ten_times, lambda step: step.repeat(10)):
        for ours, theirs in zip(
            train(lambda step: compile(step, backend="numba"), steps), expected
        ):
            np.testing.assert_allclose(ours, theirs, rtol=1e-10)


def test_gradients_add_up_over_calls_and_stay_what_they_were_for_who_keeps_them() -> None:
    def run(wrap: Any) -> Any:
        w = tg.Tensor([1.0, 2.0, 3.0], requires_grad=True)

        def accumulate(a: Any) -> None:
            (w * w * a).sum().backward()

        step, kept = wrap(accumulate), []
        for i in range(4):
            step(tg.Tensor([1.0, i, 2.0]))
            kept.append(w.grad)
        return [each.numpy() for each in kept]

    ours = run(lambda step: compile(step, backend="numba"))
    np.testing.assert_allclose(ours, run(lambda step: step), rtol=1e-12)


def test_what_has_no_loop_is_left_to_numpy() -> None:
    compiled = compile(lambda a: np.linalg.inv(a), backend="numba")
    a = x(3, 3)
    np.testing.assert_array_equal(compiled(a).numpy(), np.linalg.inv(a.numpy()))
    assert "inv" in compiled.source
