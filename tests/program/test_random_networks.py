"""Networks that nobody has chosen: derived, printed, and run where there is only NumPy.

Shapes, depth, activations and losses are drawn; so is which weights are shared, and where there is
broadcasting, an einsum, a choice, a concatenation, an index.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy_alone import run_with_numpy_alone

import tinygrad_edu as tg
from tinygrad_edu import nn
from tinygrad_edu.nn import functional
from tinygrad_edu.program import derive
from tinygrad_edu.program.derivation import Derivation

COUNT = 60
ACTIVATIONS: tuple[Callable[[Any], Any], ...] = (
    tg.sigmoid, np.tanh, tg.relu, np.sin, functional.gelu, functional.softplus, functional.elu,
    functional.silu, lambda h: h * tg.sigmoid(h), np.abs, lambda h: np.exp(-h * h),
    lambda h: np.log1p(h * h), lambda h: h / (1 + np.abs(h)), lambda h: functional.softmax(h, 1),
    lambda h: np.clip(h, -0.7, 0.8), lambda h: np.maximum(h, 0.1 * h),
)  # fmt: skip


class Network:
    """One network: its parameters, and a loss."""

    def __init__(self, seed: int) -> None:
        self.draw = np.random.default_rng(seed)
        tg.manual_seed(seed)
        self.leaves: list[tg.Tensor] = []
        self.by_shape: dict[Any, tg.Tensor] = {}
        rows, width = (int(n) for n in self.draw.integers(1, 6, 2))
        h: Any = tg.Tensor(self.draw.normal(size=(rows, width)), name="x")
        for _ in range(self.draw.integers(1, 6)):
            kinds = (self.dense, self.dense, self.scaled, self.einsum, self.chosen, self.joined,
                     self.picked, self.residual, self.normalized, self.layer)  # fmt: skip
            h = kinds[self.draw.integers(len(kinds))](h)
            h = ACTIVATIONS[self.draw.integers(len(ACTIVATIONS))](h)
        self.loss = self.reduced(self.dense(h))

    def weight(self, *shape: int) -> tg.Tensor:
        """Return a parameter: one that there is already, every third time."""
        if shape in self.by_shape and self.draw.random() < 1 / 3:
            return self.by_shape[shape]
        name = f"w{len(self.leaves) + 1}" if self.draw.random() < 0.7 else None
        leaf = tg.Tensor(self.draw.normal(size=shape) / 2, requires_grad=True, name=name)
        self.leaves.append(leaf)
        self.by_shape[shape] = leaf
        return leaf

    def dense(self, h: Any) -> Any:
        width = int(self.draw.integers(1, 6))
        return h @ self.weight(h.shape[1], width) + self.weight(width)

    def scaled(self, h: Any) -> Any:
        return h * self.weight(h.shape[0], 1) - self.weight(1, h.shape[1]) / 3

    def einsum(self, h: Any) -> Any:
        return np.einsum("ij,jk,k->ik", h, self.weight(h.shape[1], 3), self.weight(3))

    def chosen(self, h: Any) -> Any:
        return np.where(h > 0.1, h * self.weight(h.shape[1]), 0.5 * h)

    def joined(self, h: Any) -> Any:
        return np.concatenate([h, h @ self.weight(h.shape[1], 2)], axis=1)

    def picked(self, h: Any) -> Any:
        index = self.draw.integers(0, h.shape[0], h.shape[0] + 1)
        return h[index] * h[:, -1:].mean() + h[0, ::-1]

    def residual(self, h: Any) -> Any:
        w = self.weight(h.shape[1], h.shape[1])
        return h + (h @ w) @ w.T

    def normalized(self, h: Any) -> Any:
        away = h - h.mean(axis=0, keepdims=True)
        return away / np.sqrt(away.var(axis=0) + 0.1)

    def layer(self, h: Any) -> Any:
        layer = nn.Linear(h.shape[1], 3, bias=bool(self.draw.integers(2)))
        self.leaves += layer.parameters()
        return layer(h)

    def reduced(self, h: Any) -> tg.Tensor:
        target = tg.Tensor(self.draw.normal(size=h.shape), name="y")
        labels = tg.Tensor(self.draw.integers(0, h.shape[1], h.shape[0]))
        losses: tuple[Callable[[], Any], ...] = (
            lambda: ((h - target) ** 2).sum(),
            lambda: functional.mse_loss(h, target),
            lambda: functional.cross_entropy(h, labels),
            lambda: functional.huber_loss(h, target),
            lambda: functional.binary_cross_entropy_with_logits(h, tg.sigmoid(target)),
            lambda: -(tg.special.log_softmax(h) * target).mean(),
            lambda: np.abs(h - target).max(axis=1).sum() / 7,
        )
        loss: tg.Tensor = losses[self.draw.integers(len(losses))]()
        return loss


@pytest.fixture(scope="module")
def derivations() -> list[Derivation]:
    return [derive(Network(seed).loss) for seed in range(COUNT)]


@pytest.fixture(scope="module")
def executed(
    derivations: list[Derivation], tmp_path_factory: pytest.TempPathFactory
) -> list[list[Any]]:
    """Run all that is printed in a process that cannot import this package."""
    return run_with_numpy_alone(derivations, tmp_path_factory.mktemp("printed"))


@pytest.mark.parametrize("seed", range(COUNT))
def test_the_printed_program_computes_what_backward_does(
    seed: int, derivations: list[Derivation], executed: list[list[Any]]
) -> None:
    """Bit for bit, where no pass has put a sum in another order."""
    derivation, network = derivations[seed], Network(seed)
    network.loss.backward()
    again = derive(network.loss)
    assert again.numpy() == derivation.numpy()
    assert executed[seed][0] == network.loss.numpy()
    for ours, key in zip(executed[seed][1:], again.wrt):
        theirs = key.grad.numpy()
        limit = 0 if derivation.program.exact else 1e-15 * np.abs(theirs).max(initial=0)
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=limit, strict=True)
    used = [leaf for leaf in network.leaves if leaf.grad is not None]
    assert {id(leaf) for leaf in used} == {id(key) for key in again.wrt}


@pytest.mark.parametrize("seed", range(COUNT))
def test_no_line_is_too_long_to_read(seed: int, derivations: list[Derivation]) -> None:
    text = derivations[seed].numpy()
    assert max(map(len, text[text.rindex("def ") :].splitlines())) <= 120
