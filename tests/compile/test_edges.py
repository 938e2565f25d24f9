"""Compiled functions at the edges: what users write seldom, and what went wrong once.

All run three times: as they are, compiled to NumPy's calls, and with the calls that follow each
other in one loop, run by Python.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from compiled_runs import run_loops_by_python

import tinygrad_edu as tg
from tinygrad_edu import nn, optim
from tinygrad_edu.program.compiling import compile
from tinygrad_edu.random import default_generator

X = np.arange(12.0).reshape(3, 4) / 7
Wrap = Callable[[Any], Any]


@pytest.fixture(params=["numpy", "numba"])
def wrap(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Wrap:
    run_loops_by_python(monkeypatch)
    return lambda function: compile(function, backend=request.param)


# -------------------------------------------------------------------------- random numbers
def clipped(wrap: Wrap) -> list[float]:
    """Train with dropout and clipping, whose check comes before the rest; once with infinity."""
    tg.manual_seed(0)
    w, v, drop = nn.Parameter(X.copy()), nn.Parameter(X.copy()), nn.Dropout(0.5)

    def step(x: Any) -> Any:
        w.grad = v.grad = None
        loss = (drop(w * x) + drop(v) * 2.0).sum()
        loss.backward()
        nn.utils.clip_grad_norm_([w, v], 1.0)
        return loss

    call, losses = wrap(step), []
    for x in (X, X, X * np.inf, X):
        try:
            losses.append(call(tg.Tensor(x)).item())
        except RuntimeError:
            losses.append(-1.0)
    return losses


def test_draws_before_a_check_are_those_of_eager(wrap: Wrap) -> None:
    with np.errstate(all="ignore"):
        expected = clipped(lambda function: function)
        assert expected[2] == -1.0
        assert clipped(wrap) == expected


GRADIENTS: list[Callable[[Any], Any]] = [
    lambda x: tg.Tensor(default_generator().standard_normal(4)),
    lambda x: default_generator().standard_normal(4) * tg.Tensor(1.0),
    lambda x: tg.Tensor(x.numpy()),
]


@pytest.mark.parametrize("gradient", GRADIENTS)
def test_a_gradient_that_is_put_there_is_no_constant(gradient: Any, wrap: Wrap) -> None:
    def run(wrap: Wrap) -> list[Any]:
        tg.manual_seed(3)
        w = nn.Parameter(np.arange(4.0))

        def function(x: Any) -> None:
            w.grad = None
            (w * x).sum().backward()
            w.grad = gradient(x)

        call, found = wrap(function), []
        for size in (1.0, 2.0, 3.0):
            call(tg.Tensor(np.full(4, size)))
            assert w.grad is not None
            found.append(w.grad.numpy().copy())
        return found

    np.testing.assert_array_equal(run(wrap), run(lambda function: function))


# -------------------------------------------------------------------------- views of memory
def test_views_of_what_is_updated(wrap: Wrap) -> None:
    def run(wrap: Wrap) -> Any:
        w = nn.Parameter(np.arange(20.0).reshape(4, 5))
        optimizer = optim.SGD([w], lr=0.01)

        def step(x: Any) -> Any:
            optimizer.zero_grad()
            ((x * w) ** 2).sum().backward()
            optimizer.step()
            return (w[1:] * 2 - w[:-1]) * 3

        call = wrap(step)
        return [call(tg.Tensor(np.ones((4, 5)))).numpy() for _ in range(3)]

    np.testing.assert_array_equal(run(wrap), run(lambda function: function))


STRIDED, BACKWARDS = X[:, 1], np.arange(4.0)[::-1]
FUNCTIONS: list[Callable[[Any], Any]] = [
    lambda x: STRIDED * (x[:, 0] * 2) + 1,
    lambda x: BACKWARDS[::-1] * (x[0] * 2) + 1,
    lambda x: ((x * 2 > 0) + (x * 2 > 1)) * (x * 2),
    lambda x: (x * 1).astype(np.int64) * 2.0 + x,
    lambda x: (x * 1).astype(bool) * x,
    lambda x: np.minimum(x * 2, np.float64(np.inf)) * 2,
    lambda x: np.where(x > 1, x, -np.inf) * 2,
    lambda x: np.ldexp(x, 3) + 1,
    lambda x: (x * 10).astype(np.uint8) > 300,
    lambda x: (x * 10).astype(np.uint8) + np.uint8(250),
    lambda x: (x.T * 2 + 1).sum(axis=0),
    lambda x: np.where(x.T > 1, x.T, 0).sum(axis=1),
    lambda x: (x.astype(np.float32) * 0.1).astype(float) * 0.5,
]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_numbers_of_all_kinds(function: Any, wrap: Wrap) -> None:
    fast = wrap(function)
    for x in (X, -X, X + 1):
        with np.errstate(all="ignore"):
            ours, theirs = fast(tg.Tensor(x)), function(tg.Tensor(x))
        assert ours.dtype == theirs.dtype
        np.testing.assert_array_equal(ours.numpy(), theirs.numpy())
