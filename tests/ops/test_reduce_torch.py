"""Reductions, orders and rearrangements have PyTorch's values and gradients."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg

torch = pytest.importorskip("torch", reason="compares with PyTorch")

SHAPE = (3, 4, 5)
CALLS: dict[str, tuple[Any, Any]] = {
    "sum": (lambda x: np.sum(x, (0, 2)), lambda x: x.sum((0, 2))),
    "mean": (lambda x: np.mean(x, 1), lambda x: x.mean(1)),
    "prod": (lambda x: np.prod(x, 1), lambda x: x.prod(1)),
    "amax": (lambda x: np.max(x, (0, 1)), lambda x: x.amax((0, 1))),
    "amin": (lambda x: np.min(x, -1), lambda x: x.amin(-1)),
    "var": (lambda x: np.var(x, (0, 1), ddof=1), lambda x: x.var((0, 1))),
    "std": (lambda x: np.std(x, 2), lambda x: x.std(2, correction=0)),
    "nansum": (lambda x: np.nansum(x, 0), lambda x: x.nansum(0)),
    "nanmean": (lambda x: np.nanmean(x, 0), lambda x: x.nanmean(0)),
    "cumsum": (lambda x: np.cumsum(x, 1), lambda x: x.cumsum(1)),
    "cumprod": (lambda x: np.cumprod(x, 1), lambda x: x.cumprod(1)),
    "diff": (lambda x: np.diff(x, 2), lambda x: x.diff(2)),
    "trapezoid": (lambda x: np.trapezoid(x, dx=0.3), lambda x: torch.trapezoid(x, dx=0.3)),
    "gradient": (lambda x: np.gradient(x, 0.5, axis=1),
                 lambda x: torch.gradient(x, spacing=0.5, dim=1)[0]),
    "sort": (lambda x: np.sort(x, 1), lambda x: x.sort(1)[0]),
    "quantile": (lambda x: np.quantile(x, [0.2, 0.7], 1),
                 lambda x: x.quantile(torch.tensor([0.2, 0.7], dtype=x.dtype), 1)),
    "median": (lambda x: np.median(x, 0), lambda x: x.median(0)[0]),
    "flip": (lambda x: np.flip(x, (0, 2)), lambda x: x.flip((0, 2))),
    "roll": (lambda x: np.roll(x, (1, -2), (0, 1)), lambda x: x.roll((1, -2), (0, 1))),
    "rot90": (lambda x: np.rot90(x, 3), lambda x: x.rot90(3)),
    "tile": (lambda x: np.tile(x, (2, 1, 3)), lambda x: x.tile((2, 1, 3))),
    "repeat": (lambda x: np.repeat(x, 2, 1), lambda x: x.repeat_interleave(2, 1)),
    "moveaxis": (lambda x: np.moveaxis(x, 0, 2), lambda x: x.moveaxis(0, 2)),
    "diagonal": (lambda x: np.diagonal(x, 1, 0, 2), lambda x: x.diagonal(1, 0, 2)),
    "tril": (lambda x: np.tril(x, -1), lambda x: x.tril(-1)),
    "triu": (lambda x: np.triu(x, 1), lambda x: x.triu(1)),
    "take": (lambda x: np.take(x, [2, 0, 2], 1), lambda x: x[:, [2, 0, 2]]),
    "pad": (lambda x: np.pad(x, ((0, 0), (0, 0), (2, 3)), "reflect"),
            lambda x: torch.nn.functional.pad(x, (2, 3), "reflect")),
    "kron": (lambda x: np.kron(x[0], x[1]), lambda x: torch.kron(x[0], x[1])),
    "cov": (lambda x: np.cov(x[0]), lambda x: torch.cov(x[0])),
    "corrcoef": (lambda x: np.corrcoef(x[0]), lambda x: torch.corrcoef(x[0])),
    "integers apart": (lambda x: x[[0, 0], :, [1, 1]], lambda x: x[[0, 0], :, [1, 1]]),
}  # fmt: skip


def both(ours: Any, theirs: Any, values: Any) -> tuple[Any, Any, Any, Any]:
    x = tg.Tensor(values, requires_grad=True)
    t = torch.tensor(values, requires_grad=True)
    y, z = ours(x), theirs(t)
    weights = np.random.default_rng(1).normal(size=y.shape)
    y.backward(weights)
    z.backward(torch.tensor(weights))
    assert x.grad is not None
    return y.numpy(), z.detach().numpy(), x.grad.numpy(), t.grad.numpy()


@pytest.mark.parametrize(("ours", "theirs"), CALLS.values(), ids=CALLS.keys())
def test_values_and_gradients_equal_pytorchs(ours: Any, theirs: Any) -> None:
    y, z, dx, dt = both(ours, theirs, np.random.default_rng(0).normal(size=SHAPE))
    np.testing.assert_allclose(y, z, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(dx, dt, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("name", ["amax", "amin", "prod", "cumprod"])
@pytest.mark.parametrize("value", [0.0, 1.0])
def test_ties_and_zeros_are_treated_as_pytorch_treats_them(name: str, value: float) -> None:
    values = np.random.default_rng(0).integers(0, 3, SHAPE) * 1.0 + value
    y, z, dx, dt = both(*CALLS[name], values)
    np.testing.assert_allclose(y, z, rtol=1e-10)
    np.testing.assert_allclose(dx, dt, rtol=1e-10, atol=1e-12)
