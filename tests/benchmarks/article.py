"""The article's network, 3-4-1 with sigmoids, trained for 1500 iterations: the first workload.

The arrays are tiny, so nearly all the time goes into what a library does *around* the arithmetic.
``python tests/benchmarks/article.py --threads 1``
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from harness import Run, compare

ITERATIONS = 1500
X = np.array([[0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 1]], float)
Y = np.array([[0], [1], [1], [0]], float)


def training(train: Callable[..., Any]) -> Run:
    """Make a run: train from the same weights every time, and return the trained ones."""

    def run() -> dict[str, Any]:
        generator = np.random.default_rng(0)
        weights1, weights2 = train(generator.random((3, 4)), generator.random((4, 1)))
        return {"weights1": np.array(weights1), "weights2": np.array(weights2)}

    return run


def by_hand() -> Run:
    """The article's own lines, which add minus the gradient."""

    def sigmoid(x):
        return 1.0 / (1 + np.exp(-x))

    def sigmoid_derivative(s):
        return s * (1.0 - s)

    def train(weights1, weights2):
        for _ in range(ITERATIONS):
            layer1 = sigmoid(np.dot(X, weights1))
            output = sigmoid(np.dot(layer1, weights2))
            d_weights2 = np.dot(layer1.T, (2 * (Y - output) * sigmoid_derivative(output)))
            d_weights1 = np.dot(
                X.T,
                np.dot(2 * (Y - output) * sigmoid_derivative(output), weights2.T)
                * sigmoid_derivative(layer1),
            )
            weights1 += d_weights1
            weights2 += d_weights2
        return weights1, weights2

    return training(train)


def tinygrad_edu() -> Run:
    """Plain matrix products on Tensors, and the update of every from-scratch course."""
    import tinygrad_edu as tg

    x, y = tg.Tensor(X), tg.Tensor(Y)

    def train(start1, start2):
        weights1, weights2 = tg.Tensor(start1, True), tg.Tensor(start2, True)
        for _ in range(ITERATIONS):
            output = tg.sigmoid(tg.sigmoid(x @ weights1) @ weights2)
            loss = ((y - output) ** 2).sum()
            loss.backward()
            for weights in weights1, weights2:
                weights.data -= weights.grad
                weights.grad = None
        return weights1.data, weights2.data

    return training(train)


def tinygrad_edu_nn() -> Run:
    """Modules, a loss and an optimizer."""
    import tinygrad_edu as tg
    from tinygrad_edu import nn, optim

    x, y = tg.Tensor(X), tg.Tensor(Y)

    def train(start1, start2):
        model = nn.Sequential(
            nn.Linear(3, 4, bias=False), nn.Sigmoid(), nn.Linear(4, 1, bias=False), nn.Sigmoid()
        )
        model.load_state_dict({"0.weight": start1.T, "2.weight": start2.T})
        loss_function = nn.MSELoss(reduction="sum")
        optimizer = optim.SGD(model.parameters(), lr=1.0)
        for _ in range(ITERATIONS):
            loss = loss_function(model(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        return (weights.data.T for weights in model.parameters())

    return training(train)


def compiled_with(backend: str, repeated: bool = False) -> Run:
    """The same step as `tinygrad_edu`, compiled."""
    import tinygrad_edu as tg
    from tinygrad_edu.program.compiling import compile

    x, y = tg.Tensor(X), tg.Tensor(Y)
    weights1, weights2 = tg.Tensor(np.zeros((3, 4)), True), tg.Tensor(np.zeros((4, 1)), True)

    def step() -> None:
        output = tg.sigmoid(tg.sigmoid(x @ weights1) @ weights2)
        loss = ((y - output) ** 2).sum()
        loss.backward()
        for weights in weights1, weights2:
            weights.data -= weights.grad
            weights.grad = None

    compiled = compile(step, backend=backend)

    def train(start1, start2):
        weights1.data[...], weights2.data[...] = start1, start2
        if repeated:
            compiled.repeat(ITERATIONS)
        else:
            for _ in range(ITERATIONS):
                compiled()
        return weights1.data, weights2.data

    return training(train)


def tinygrad_edu_compiled() -> Run:
    """Compiled to NumPy calls that write into memory that is there."""
    return compiled_with("numpy")


def tinygrad_edu_numba() -> Run:
    """Compiled to loops."""
    import numba  # noqa: F401  # to say so if it is not installed

    return compiled_with("numba")


def tinygrad_edu_numba_repeated() -> Run:
    """Compiled to loops, with the loop over the iterations around them."""
    import numba  # noqa: F401  # to say so if it is not installed

    return compiled_with("numba", repeated=True)


def tinygrad_edu_nn_compiled() -> Run:
    """The same step as `tinygrad_edu_nn`, compiled."""
    import tinygrad_edu as tg
    from tinygrad_edu import nn, optim
    from tinygrad_edu.program.compiling import compile

    x, y = tg.Tensor(X), tg.Tensor(Y)
    model = nn.Sequential(
        nn.Linear(3, 4, bias=False), nn.Sigmoid(), nn.Linear(4, 1, bias=False), nn.Sigmoid()
    )
    loss_function = nn.MSELoss(reduction="sum")
    optimizer = optim.SGD(model.parameters(), lr=1.0)

    def step() -> None:
        loss = loss_function(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    compiled = compile(step)

    def train(start1, start2):
        model.load_state_dict({"0.weight": start1.T, "2.weight": start2.T})
        for _ in range(ITERATIONS):
            compiled()
        return (weights.data.T for weights in model.parameters())

    return training(train)


def torch() -> Run:
    """Plain matrix products in eager PyTorch."""
    import torch

    x, y = torch.from_numpy(X), torch.from_numpy(Y)

    def train(start1, start2):
        weights1 = torch.from_numpy(start1).requires_grad_()
        weights2 = torch.from_numpy(start2).requires_grad_()
        for _ in range(ITERATIONS):
            output = torch.sigmoid(torch.sigmoid(x @ weights1) @ weights2)
            loss = ((y - output) ** 2).sum()
            loss.backward()
            with torch.no_grad():
                for weights in weights1, weights2:
                    weights -= weights.grad
                    weights.grad = None
        return weights1.detach(), weights2.detach()

    return training(train)


def torch_nn() -> Run:
    """Modules, a loss and an optimizer in eager PyTorch."""
    import torch
    from torch import nn

    x, y = torch.from_numpy(X), torch.from_numpy(Y)

    def train(start1, start2):
        model = nn.Sequential(
            nn.Linear(3, 4, bias=False), nn.Sigmoid(), nn.Linear(4, 1, bias=False), nn.Sigmoid()
        ).double()
        start = {"0.weight": torch.from_numpy(start1.T), "2.weight": torch.from_numpy(start2.T)}
        model.load_state_dict(start)
        loss_function = nn.MSELoss(reduction="sum")
        optimizer = torch.optim.SGD(model.parameters(), lr=1.0)
        for _ in range(ITERATIONS):
            loss = loss_function(model(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        return (weights.detach().T for weights in model.parameters())

    return training(train)


def autograd() -> Run:
    """HIPS autograd, which records NumPy calls too."""
    import autograd.numpy as anp
    from autograd import grad

    def loss(weights):
        layer1 = 1.0 / (1.0 + anp.exp(-anp.dot(X, weights[0])))
        output = 1.0 / (1.0 + anp.exp(-anp.dot(layer1, weights[1])))
        return anp.sum((Y - output) ** 2)

    gradients = grad(loss)

    def train(*weights):
        for _ in range(ITERATIONS):
            weights = tuple(w - dw for w, dw in zip(weights, gradients(weights)))
        return weights

    return training(train)


def mygrad() -> Run:
    """MyGrad, with its guards against writing into recorded memory."""
    import mygrad as mg
    from mygrad.nnet.activations import sigmoid

    def train(*start):
        weights1, weights2 = map(mg.tensor, start)
        for _ in range(ITERATIONS):
            output = sigmoid(mg.matmul(sigmoid(mg.matmul(X, weights1)), weights2))
            ((Y - output) ** 2).sum().backward()
            weights1 = mg.tensor(weights1.data - weights1.grad)
            weights2 = mg.tensor(weights2.data - weights2.grad)
        return weights1.data, weights2.data

    return training(train)


def jax() -> Run:
    """JAX, with the training step compiled: not eager, but what its users write."""
    import jax

    jax.config.update("jax_enable_x64", True)

    @jax.jit
    def step(weights):
        def loss(weights):
            output = jax.nn.sigmoid(jax.nn.sigmoid(X @ weights[0]) @ weights[1])
            return ((Y - output) ** 2).sum()

        return [w - dw for w, dw in zip(weights, jax.grad(loss)(weights))]

    def train(*start):
        weights = [jax.numpy.asarray(w) for w in start]
        for _ in range(ITERATIONS):
            weights = step(weights)
        return weights

    return training(train)


CONTENDERS = {
    "NumPy by hand": by_hand,
    "tinygrad_edu": tinygrad_edu,
    "tinygrad_edu.nn": tinygrad_edu_nn,
    "tinygrad_edu.compile": tinygrad_edu_compiled,
    "tinygrad_edu.nn compile": tinygrad_edu_nn_compiled,
    "tinygrad_edu.compile numba": tinygrad_edu_numba,
    "tinygrad_edu.compile numba repeat": tinygrad_edu_numba_repeated,
    "torch": torch,
    "torch.nn": torch_nn,
    "autograd": autograd,
    "mygrad": mygrad,
    "jax.jit": jax,
}

if __name__ == "__main__":
    compare(
        f"The article's network, {ITERATIONS} iterations",
        CONTENDERS,
        references=("NumPy by hand", "torch"),
        unit="ms",
    )
