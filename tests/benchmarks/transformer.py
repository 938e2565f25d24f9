"""One block of a transformer's encoder, forward and backward, in single precision.

Width 128, 4 heads, 16 sequences of 64, feed-forward width 512; no dropout, whose draws could not be
compared. ``python tests/benchmarks/transformer.py --threads 1``

Every contender first does the work in double precision, where results must agree to 9 digits; what
is timed is single precision, as one trains.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from harness import Run, compare

BATCH, LENGTH, WIDTH, HEADS, HIDDEN = 16, 64, 128, 4, 512
SHAPES = {
    "self_attn.in_proj_weight": (3 * WIDTH, WIDTH), "self_attn.in_proj_bias": (3 * WIDTH,),
    "self_attn.out_proj.weight": (WIDTH, WIDTH), "self_attn.out_proj.bias": (WIDTH,),
    "linear1.weight": (HIDDEN, WIDTH), "linear1.bias": (HIDDEN,),
    "linear2.weight": (WIDTH, HIDDEN), "linear2.bias": (WIDTH,),
    "norm1.weight": (WIDTH,), "norm1.bias": (WIDTH,),
    "norm2.weight": (WIDTH,), "norm2.bias": (WIDTH,),
}  # fmt: skip

Step = Callable[[], dict[str, Any]]


def data(dtype: str) -> tuple[dict[str, Any], Any, Any]:
    """Draw parameters, an input, and the gradient of the output."""
    generator = np.random.default_rng(0)
    shape = (BATCH, LENGTH, WIDTH)
    state = {name: generator.uniform(-0.1, 0.1, size) for name, size in SHAPES.items()}
    x, dy = generator.normal(size=shape), generator.normal(size=shape)
    return {name: a.astype(dtype) for name, a in state.items()}, x.astype(dtype), dy.astype(dtype)


def measured(prepare: Callable[[str], Step]) -> Run:
    """Make a run: the work in single precision; its result, the one in double precision."""
    result = prepare("float64")()
    step = prepare("float32")

    def run() -> dict[str, Any]:
        step()
        return result

    return run


def tinygrad_edu(activation: str) -> Run:
    """Our layer, from the modules that everybody uses."""
    import tinygrad_edu as tg
    from tinygrad_edu.nn.transformer import TransformerEncoderLayer

    def prepare(dtype: str) -> Step:
        state, x, dy = data(dtype)
        block = TransformerEncoderLayer(
            WIDTH, HEADS, HIDDEN, dropout=0.0, activation=activation, batch_first=True, dtype=dtype
        )
        block.load_state_dict(state)
        inputs = tg.Tensor(x, requires_grad=True)

        def step() -> dict[str, Any]:
            block.zero_grad()
            inputs.grad = None
            y = block(inputs)
            y.backward(dy)
            grads = {name: p.grad.numpy() for name, p in block.named_parameters()}
            return {"y": y.numpy(), "x": inputs.grad.numpy(), **grads}

        return step

    return measured(prepare)


def torch(activation: str) -> Run:
    """The layer of eager PyTorch."""
    import torch

    def prepare(dtype: str) -> Step:
        state, x, dy = data(dtype)
        block = torch.nn.TransformerEncoderLayer(
            WIDTH, HEADS, HIDDEN, dropout=0.0, activation=activation, batch_first=True,
            dtype=getattr(torch, dtype),
        )  # fmt: skip
        block.load_state_dict({name: torch.from_numpy(a) for name, a in state.items()})
        inputs, upstream = torch.from_numpy(x).requires_grad_(), torch.from_numpy(dy)

        def step() -> dict[str, Any]:
            block.zero_grad()
            inputs.grad = None
            y = block(inputs)
            y.backward(upstream)
            grads = {name: p.grad.numpy() for name, p in block.named_parameters()}
            return {"y": y.detach().numpy(), "x": inputs.grad.numpy(), **grads}

        return step

    return measured(prepare)


def jax(activation: str) -> Run:
    """JAX, with forward and backward compiled together: not eager, but what its users write."""
    import jax

    jax.config.update("jax_enable_x64", True)
    np_ = jax.numpy
    activations = {"relu": jax.nn.relu, "gelu": partial(jax.nn.gelu, approximate=False)}

    def norm(x, weight, bias):
        center = x - x.mean(-1, keepdims=True)
        return center / np_.sqrt((center * center).mean(-1, keepdims=True) + 1e-5) * weight + bias

    def block(p, x):
        qkv = x @ p["self_attn.in_proj_weight"].T + p["self_attn.in_proj_bias"]
        heads = qkv.reshape(BATCH, LENGTH, 3, HEADS, WIDTH // HEADS).transpose(2, 0, 3, 1, 4)
        weights = jax.nn.softmax(heads[0] @ heads[1].mT / (WIDTH // HEADS) ** 0.5)
        y = (weights @ heads[2]).transpose(0, 2, 1, 3).reshape(x.shape)
        y = y @ p["self_attn.out_proj.weight"].T + p["self_attn.out_proj.bias"]
        x = norm(x + y, p["norm1.weight"], p["norm1.bias"])
        hidden = x @ p["linear1.weight"].T + p["linear1.bias"]
        y = activations[activation](hidden) @ p["linear2.weight"].T + p["linear2.bias"]
        return norm(x + y, p["norm2.weight"], p["norm2.bias"])

    def prepare(dtype: str) -> Step:
        state, x, dy = data(dtype)

        @jax.jit
        def gradients(state, x):
            y, pull = jax.vjp(block, state, x)
            return y, *pull(np_.asarray(dy))

        def step() -> dict[str, Any]:
            y, grads, dx = jax.block_until_ready(gradients(state, x))
            return {"y": y, "x": dx, **grads}

        return step

    return measured(prepare)


CONTENDERS = {"torch": torch, "tinygrad_edu": tinygrad_edu, "jax.jit": jax}

if __name__ == "__main__":
    for name in ("relu", "gelu"):
        compare(
            f"A transformer block with {name}, forward and backward",
            {contender: partial(setup, name) for contender, setup in CONTENDERS.items()},
            references=("torch",),
            unit="ms",
        )
