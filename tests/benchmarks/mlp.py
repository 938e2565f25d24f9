"""A network of three layers, 784-256-128-10, that learns to tell 10 classes, in single precision.

Batches of 128, ReLU, cross-entropy, plain gradient descent: large enough that matrix products take
nearly all the time, and what a library adds shows in copies and passes over the arrays.
``python tests/benchmarks/mlp.py --threads 1``

Every contender first trains in double precision, where the weights must agree to 9 digits; what is
timed is single precision, as one trains. Each run starts from the same weights.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from itertools import pairwise
from typing import Any

import numpy as np
from harness import Run, compare

STEPS = 300
BATCH, SIZES, LR = 128, (784, 256, 128, 10), 0.1
generator = np.random.default_rng(1)
INPUTS = generator.standard_normal((10, BATCH, SIZES[0]))
LABELS = generator.integers(0, SIZES[-1], (10, BATCH))

Batches = list[tuple[Any, Any]]
Train = Callable[[list[Any], Batches], Any]


def start(dtype: str) -> list[Any]:
    """Draw the weights and biases that training starts from; weights are (in, out)."""
    generator = np.random.default_rng(0)
    state = []
    for inputs, outputs in pairwise(SIZES):
        weight = generator.standard_normal((inputs, outputs)) * np.sqrt(2 / inputs)
        state += [weight.astype(dtype), np.zeros(outputs, dtype)]
    return state


def measured(train: Callable[[str], Train], wrap: Callable[[Any], Any] = np.asarray) -> Run:
    """Make a run: training in single precision; its result is the one in double precision."""

    def prepare(dtype: str) -> Callable[[int], Any]:
        batches = [(wrap(x.astype(dtype)), wrap(y)) for x, y in zip(INPUTS, LABELS)]
        training, state = train(dtype), start(dtype)
        return lambda steps: training(
            [array.copy() for array in state], [batches[i % 10] for i in range(steps)]
        )

    names = [f"{kind} {layer}" for layer in (1, 2, 3) for kind in ("weight", "bias")]
    result = dict(zip(names, map(np.array, prepare("float64")(5))))
    training = prepare("float32")

    def run() -> dict[str, Any]:
        training(STEPS)
        return result

    return run


def by_hand() -> Run:
    """The derivatives worked out on paper, in ordinary NumPy."""

    def train(state: list[Any], batches: Batches) -> list[Any]:
        w1, b1, w2, b2, w3, b3 = state
        rows, lr = np.arange(BATCH), w1.dtype.type(LR)
        for x, y in batches:
            h1 = np.maximum(x @ w1 + b1, 0)
            h2 = np.maximum(h1 @ w2 + b2, 0)
            z = h2 @ w3 + b3
            z -= z.max(axis=1, keepdims=True)
            d3 = np.exp(z)
            d3 /= d3.sum(axis=1, keepdims=True)
            d3[rows, y] -= 1
            d3 /= BATCH
            d2 = (d3 @ w3.T) * (h2 > 0)
            d1 = (d2 @ w2.T) * (h1 > 0)
            w3 = w3 - lr * (h2.T @ d3)
            b3 = b3 - lr * d3.sum(axis=0)
            w2 = w2 - lr * (h1.T @ d2)
            b2 = b2 - lr * d2.sum(axis=0)
            w1 = w1 - lr * (x.T @ d1)
            b1 = b1 - lr * d1.sum(axis=0)
        return [w1, b1, w2, b2, w3, b3]

    return measured(lambda dtype: train)


def tinygrad_edu() -> Run:
    """Modules, a loss and an optimizer."""
    import tinygrad_edu as tg
    from tinygrad_edu import nn, optim

    def prepare(dtype: str) -> Train:
        tg.set_default_dtype(dtype)
        a, b, c, d = SIZES
        model = nn.Sequential(
            nn.Linear(a, b), nn.ReLU(), nn.Linear(b, c), nn.ReLU(), nn.Linear(c, d)
        )
        loss_function, names = nn.CrossEntropyLoss(), list(model.state_dict())

        def train(state: list[Any], batches: Batches) -> list[Any]:
            model.load_state_dict(dict(zip(names, (array.T for array in state))))
            optimizer = optim.SGD(model.parameters(), lr=LR)
            for x, y in batches:
                optimizer.zero_grad()
                loss_function(model(x), y).backward()
                optimizer.step()
            return [array.T for array in model.state_dict().values()]

        return train

    return measured(prepare, lambda array: tg.Tensor(array))


def compiled_with(backend: str) -> Run:
    """Modules, a loss and an optimizer, with the whole step compiled; it leaves no gradients."""
    import tinygrad_edu as tg
    from tinygrad_edu import nn, optim
    from tinygrad_edu.program.compiling import compile

    def prepare(dtype: str) -> Train:
        tg.set_default_dtype(dtype)
        a, b, c, d = SIZES
        model = nn.Sequential(
            nn.Linear(a, b), nn.ReLU(), nn.Linear(b, c), nn.ReLU(), nn.Linear(c, d)
        )
        loss_function, names = nn.CrossEntropyLoss(), list(model.state_dict())
        optimizer = optim.SGD(model.parameters(), lr=LR)

        def train_on(x: Any, y: Any) -> None:
            loss_function(model(x), y).backward()
            optimizer.step()
            optimizer.zero_grad()

        step = compile(train_on, backend=backend)

        def train(state: list[Any], batches: Batches) -> list[Any]:
            model.load_state_dict(dict(zip(names, (array.T for array in state))))
            for x, y in batches:
                step(x, y)
            return [array.T for array in model.state_dict().values()]

        return train

    return measured(prepare, lambda array: tg.Tensor(array))


def tinygrad_edu_compiled() -> Run:
    """Compiled to NumPy calls that write into memory that is there."""
    return compiled_with("numpy")


def tinygrad_edu_compiled_by_numba() -> Run:
    """The same, with loops of machine code for elementwise calls that follow each other."""
    import_module("numba")
    return compiled_with("numba")


def tinygrad_edu_products() -> Run:
    """The same from matrix products and functions of NumPy, without a module."""
    import tinygrad_edu as tg

    def train(state: list[Any], batches: Batches) -> list[Any]:
        params = w1, b1, w2, b2, w3, b3 = [tg.Tensor(array, True) for array in state]
        rows = np.arange(BATCH)
        for x, y in batches:
            h1 = tg.relu(x @ w1 + b1)
            h2 = tg.relu(h1 @ w2 + b2)
            loss = -tg.special.log_softmax(h2 @ w3 + b3, axis=1)[rows, y].mean()
            loss.backward()
            for p in params:
                p.data -= LR * p.grad
                p.grad = None
        return [p.numpy() for p in params]

    return measured(lambda dtype: train)


def torch() -> Run:
    """Modules, a loss and an optimizer in eager PyTorch."""
    import torch
    from torch import nn

    def prepare(dtype: str) -> Train:
        a, b, c, d = SIZES
        model = nn.Sequential(
            nn.Linear(a, b), nn.ReLU(), nn.Linear(b, c), nn.ReLU(), nn.Linear(c, d)
        ).to(getattr(torch, dtype))
        loss_function = nn.CrossEntropyLoss()

        def train(state: list[Any], batches: Batches) -> list[Any]:
            with torch.no_grad():
                for p, array in zip(model.parameters(), state):
                    p.copy_(
                        torch.from_numpy(array).T if array.ndim > 1 else torch.from_numpy(array)
                    )
            optimizer = torch.optim.SGD(model.parameters(), lr=LR)
            for x, y in batches:
                optimizer.zero_grad()
                loss_function(model(x), y).backward()
                optimizer.step()
            return [p.detach().numpy().T for p in model.parameters()]

        return train

    return measured(prepare, torch.from_numpy)


def jax() -> Run:
    """JAX, with the training step compiled: not eager, but what its users write."""
    import jax

    jax.config.update("jax_enable_x64", True)

    def loss(state: Any, x: Any, y: Any) -> Any:
        w1, b1, w2, b2, w3, b3 = state
        h1 = jax.nn.relu(x @ w1 + b1)
        h2 = jax.nn.relu(h1 @ w2 + b2)
        return -jax.nn.log_softmax(h2 @ w3 + b3)[jax.numpy.arange(BATCH), y].mean()

    @jax.jit
    def step(state: Any, x: Any, y: Any) -> Any:
        return [p - LR * dp for p, dp in zip(state, jax.grad(loss)(state, x, y))]

    def train(state: list[Any], batches: Batches) -> Any:
        state = [jax.numpy.asarray(array) for array in state]
        for x, y in batches:
            state = step(state, x, y)
        return jax.block_until_ready(state)

    return measured(lambda dtype: train, jax.numpy.asarray)


def mygrad() -> Run:
    """MyGrad, with its memory guard off."""
    import mygrad as mg
    from mygrad.nnet.activations import relu
    from mygrad.nnet.losses import softmax_crossentropy

    mg.turn_memory_guarding_off()

    def train(state: list[Any], batches: Batches) -> list[Any]:
        params = w1, b1, w2, b2, w3, b3 = [mg.tensor(array) for array in state]
        for x, y in batches:
            h1 = relu(mg.matmul(x, w1) + b1)
            h2 = relu(mg.matmul(h1, w2) + b2)
            softmax_crossentropy(mg.matmul(h2, w3) + b3, y).backward()
            for p in params:
                p.data -= p.data.dtype.type(LR) * p.grad
                p.null_grad()
        return [p.data for p in params]

    return measured(lambda dtype: train)


def autograd() -> Run:
    """HIPS autograd, which records NumPy calls too."""
    import autograd.numpy as anp
    from autograd import grad

    def loss(state: Any, x: Any, y: Any) -> Any:
        w1, b1, w2, b2, w3, b3 = state
        h1 = anp.maximum(anp.dot(x, w1) + b1, 0)
        h2 = anp.maximum(anp.dot(h1, w2) + b2, 0)
        z = anp.dot(h2, w3) + b3
        z = z - anp.max(z, axis=1, keepdims=True)
        return anp.mean(anp.log(anp.sum(anp.exp(z), axis=1)) - z[np.arange(BATCH), y])

    def train(state: list[Any], batches: Batches) -> list[Any]:
        lr = state[0].dtype.type(LR)
        for x, y in batches:
            state = [p - lr * dp for p, dp in zip(state, grad(loss)(state, x, y))]
        return state

    return measured(lambda dtype: train)


CONTENDERS = {
    "NumPy by hand": by_hand,
    "tinygrad_edu": tinygrad_edu_products,
    "tinygrad_edu.nn": tinygrad_edu,
    "tinygrad_edu.nn compile": tinygrad_edu_compiled,
    "tinygrad_edu.nn compile numba": tinygrad_edu_compiled_by_numba,
    "torch.nn": torch,
    "autograd": autograd,
    "mygrad": mygrad,
    "jax.jit": jax,
}

if __name__ == "__main__":
    compare(
        f"A network of {'-'.join(map(str, SIZES))} with batches of {BATCH}, per step",
        CONTENDERS,
        references=("NumPy by hand", "torch.nn"),
        unit="ms",
        parts=STEPS,
    )
