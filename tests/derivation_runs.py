"""Runs to derive: losses of small networks, and of their derivatives."""

from __future__ import annotations

from typing import Any

import numpy as np

import tinygrad_edu as tg
from tinygrad_edu import nn, special


def draw(*shape: int) -> Any:
    return np.random.default_rng(sum(shape) + len(shape)).normal(size=shape)


def parameter(name: str | None, *shape: int) -> tg.Tensor:
    return tg.Tensor(draw(*shape), requires_grad=True, name=name)


def mlp() -> tg.Tensor:
    model = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1))
    return nn.MSELoss()(model(tg.Tensor(draw(5, 3), name="x")), tg.Tensor(draw(5, 1), name="y"))


def cross_entropy() -> tg.Tensor:
    logits = tg.Tensor(draw(5, 3), name="x") @ parameter("W", 3, 4) + parameter("b", 4)
    return -special.log_softmax(logits)[np.arange(5), [0, 2, 1, 1, 0]].mean()


def layer_norm() -> tg.Tensor:
    x = parameter("x", 5, 3)
    away = x - x.mean(axis=-1, keepdims=True)
    y = away / np.sqrt((away**2).mean(axis=-1, keepdims=True) + 1e-5)
    return ((parameter("gamma", 3) * y + parameter("beta", 3)) ** 3).sum()


def rnn() -> tg.Tensor:
    u, v = parameter("U", 3, 3), parameter("V", 4, 3)
    state = tg.Tensor(np.zeros((2, 3)), name="start")
    for step in range(3):
        state = np.tanh(tg.Tensor(draw(2, 4), name=f"x{step}") @ v + state @ u)
    return (state * state).sum()


def second_derivative() -> tg.Tensor:
    x = parameter("x", 3)
    (slope,) = tg.autograd.grad((x**3).sum(), x, create_graph=True)
    return slope.sum()


def second_derivative_of_a_network() -> tg.Tensor:
    w, x = parameter("w", 3, 4), tg.Tensor(draw(5, 3), name="x")
    (slope,) = tg.autograd.grad((tg.sigmoid(x @ w) ** 2).sum(), w, create_graph=True)
    return (slope * slope).sum()


def product_of_hessian_and_vector() -> tg.Tensor:
    w, x = parameter("w", 3, 1), tg.Tensor(draw(5, 3), name="x")
    error = tg.sigmoid(x @ w) - tg.Tensor(draw(5, 1) > 0, name="y")
    (slope,) = tg.autograd.grad((error**2).mean(), w, create_graph=True)
    return (slope * tg.Tensor(draw(3, 1), name="v")).sum()


def penalty_on_a_gradient() -> tg.Tensor:
    x, w, u = parameter("x", 4, 2), parameter("W", 2, 3), parameter("u", 3, 1)
    (slope,) = tg.autograd.grad((np.tanh(x @ w) @ u).sum(), x, create_graph=True)
    return ((slope**2).sum(axis=1) ** 0.5).mean()


def second_derivative_of_modules() -> tg.Tensor:
    model = nn.Sequential(nn.Linear(2, 3), nn.Sigmoid(), nn.LayerNorm(3), nn.Linear(3, 4))
    x, labels = tg.Tensor(draw(5, 2), name="x"), tg.Tensor(np.array([0, 2, 1, 3, 0]))
    loss = nn.CrossEntropyLoss()(model(x), labels)
    slopes = tg.autograd.grad(loss, list(model.parameters()), create_graph=True)
    total: Any = sum((slope * slope).sum() for slope in slopes)
    return total  # type: ignore[no-any-return]


def second_derivative_of_a_convolution() -> tg.Tensor:
    image = parameter("image", 1, 1, 3, 3)
    (slope,) = tg.autograd.grad((nn.Conv2d(1, 2, 2)(image) ** 3).sum(), image, create_graph=True)
    return (slope * slope).sum()


def third_derivative() -> tg.Tensor:
    x = parameter("x", 3)
    (first,) = tg.autograd.grad((np.sin(x) * x**3).sum(), x, create_graph=True)
    (second,) = tg.autograd.grad(first.sum(), x, create_graph=True)
    return second.sum()


def whole_numbers() -> tg.Tensor:
    counts, keep = tg.Tensor([1, 2, 3], name="counts"), tg.Tensor([True, False, True], name="keep")
    return (parameter("x", 3) * counts * 2.0 * keep + counts * 2.0 + keep * 1.0).sum()


def relu_network() -> tg.Tensor:
    hidden = tg.relu(tg.Tensor(draw(5, 3), name="x") @ parameter("W", 3, 4))
    return (hidden @ parameter("v", 4)).mean()


def largest() -> tg.Tensor:
    return (parameter("x", 4, 3).max(axis=1) ** 2).sum()


def single_precision() -> tg.Tensor:
    x = tg.Tensor(draw(4, 3).astype(np.float32), name="x")
    w = tg.Tensor(draw(3, 2).astype(np.float32), requires_grad=True, name="w")
    return (tg.sigmoid(x @ w) * 0.1).mean()


def stack_of_matrices() -> tg.Tensor:
    model = nn.Sequential(nn.Linear(3, 4), nn.Sigmoid(), nn.Linear(4, 2, bias=False))
    return (model(tg.Tensor(draw(2, 5, 3), name="x")) ** 2).mean()


def several_outputs() -> tg.Tensor:
    _, s, vh = np.linalg.svd(parameter("a", 3, 3))
    return s.sum() + (vh * vh)[0, 0]


RUNS = [
    mlp, cross_entropy, layer_norm, rnn, second_derivative, second_derivative_of_a_network,
    relu_network, largest, single_precision,
    stack_of_matrices, several_outputs, penalty_on_a_gradient,
    second_derivative_of_modules, second_derivative_of_a_convolution, third_derivative,
    whole_numbers,
]  # fmt: skip
