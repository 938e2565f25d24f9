"""Clipping gradients within what is compiled, as in eager."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import nn, optim
from tinygrad_edu.nn.utils import clip_grad_norm_, clip_grad_value_
from tinygrad_edu.program.compiling import compile

CLIPS: dict[str, Callable[[Any], Any]] = {
    "norm": lambda p: clip_grad_norm_(p, 0.5),
    "never": lambda p: clip_grad_norm_(p, 1e6),
    "largest": lambda p: clip_grad_norm_(p, 0.1, norm_type=float("inf")),
    "sum": lambda p: clip_grad_norm_(p, 0.1, norm_type=1.0, error_if_nonfinite=False),
    "value": lambda p: clip_grad_value_(p, 0.05),
}


def steps(clip: Any, dtype: str, wrap: Any, scales: Any = (1.0, 5.0, 0.1, 20.0)) -> list[Any]:
    tg.manual_seed(0)
    x = np.random.default_rng(0).normal(size=(8, 4)).astype(dtype)
    model = nn.Sequential(nn.Linear(4, 5, dtype=dtype), nn.Tanh(), nn.Linear(5, 2, dtype=dtype))
    optimizer = optim.Adam(model.parameters(), lr=0.05)

    @wrap
    def step(x: Any) -> Any:
        optimizer.zero_grad()
        loss = (model(x) ** 2).mean()
        loss.backward()
        total = clip(model.parameters())
        optimizer.step()
        return loss.detach(), 0 if total is None else total

    found = [
        np.asarray(each) for scale in scales for each in step(tg.Tensor(x * x.dtype.type(scale)))
    ]
    return [
        *found,
        *(p.numpy() for p in model.parameters()),
        *(p.grad.numpy() for p in model.parameters()),
    ]


@pytest.mark.parametrize("dtype", ["f8", "f4"])
@pytest.mark.parametrize("name", CLIPS)
def test_a_clipped_step_is_that_of_eager(name: str, dtype: str) -> None:
    ours, theirs = (steps(CLIPS[name], dtype, wrap) for wrap in (compile, lambda step: step))
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12 if dtype == "f8" else 1e-5)


def test_an_infinite_norm_is_told_as_in_eager() -> None:
    with pytest.raises(RuntimeError, match="norm of the gradients is"), np.errstate(all="ignore"):
        steps(CLIPS["norm"], "f8", compile, scales=(1.0, np.inf))


def test_the_norm_is_added_up_in_the_same_order() -> None:
    def norm(model: Any, wrap: Any) -> Any:
        def clipped(x: Any) -> Any:
            model.zero_grad()
            (model(x) ** 2).sum().backward()
            return clip_grad_norm_(model.parameters(), 0.1)

        return wrap(clipped)(tg.Tensor(np.random.default_rng(0).normal(size=(6, 5))))

    for seed in range(20):
        tg.manual_seed(seed)
        model = nn.Linear(5, 4)
        assert norm(model, compile).item() == norm(model, lambda function: function).item()
