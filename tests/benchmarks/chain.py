"""A chain of 999 elementwise ops on ten numbers, forward and backward: the cost of one op.

``python tests/benchmarks/chain.py --threads 1``
"""

from __future__ import annotations

from typing import Any

import numpy as np
from harness import Run, compare

OPS = 999
X = np.linspace(-1, 1, 10)
SCALE, SHIFT = 1.1, 0.05


def by_hand() -> Run:
    """Forward and backward written out; only what the derivative needs is kept."""

    def run() -> dict[str, Any]:
        t, kept = X, []
        for _ in range(OPS // 3):
            t = np.tanh(t)
            kept.append(t)
            t = t * SCALE
            t = t + SHIFT
        dt = np.ones_like(t)
        for y in reversed(kept):
            dt = dt * SCALE
            dt = dt * (1 - y * y)
        return {"y": t.sum(), "gradient": dt}

    return run


def tinygrad_edu() -> Run:
    """NumPy's own function on a Tensor, and operators."""
    import tinygrad_edu as tg

    def run() -> dict[str, Any]:
        x = t = tg.Tensor(X, requires_grad=True)
        for _ in range(OPS // 3):
            t = np.tanh(t)
            t = t * SCALE
            t = t + SHIFT
        y = t.sum()
        y.backward()
        return {"y": y.item(), "gradient": np.array(x.grad)}

    return run


def compiled_with(backend: str) -> Run:
    """The same function, compiled."""
    import tinygrad_edu as tg
    from tinygrad_edu.program.compiling import compile

    def value_and_gradient(x):
        x = t = x.detach().requires_grad_()
        for _ in range(OPS // 3):
            t = np.tanh(t)
            t = t * SCALE
            t = t + SHIFT
        y = t.sum()
        y.backward()
        return y.detach(), x.grad

    function, x = compile(value_and_gradient, backend=backend), tg.Tensor(X)

    def run() -> dict[str, Any]:
        y, gradient = function(x)
        return {"y": y.item(), "gradient": gradient.numpy()}

    return run


def tinygrad_edu_compiled() -> Run:
    """Compiled to NumPy calls that write into memory that is there."""
    return compiled_with("numpy")


def tinygrad_edu_numba() -> Run:
    """Compiled to loops."""
    import numba  # noqa: F401  # to say so if it is not installed

    return compiled_with("numba")


def torch() -> Run:
    """The same in eager PyTorch."""
    import torch

    def run() -> dict[str, Any]:
        x = t = torch.from_numpy(X).clone().requires_grad_()
        for _ in range(OPS // 3):
            t = torch.tanh(t)
            t = t * SCALE
            t = t + SHIFT
        y = t.sum()
        y.backward()
        return {"y": y.item(), "gradient": x.grad.numpy()}

    return run


CONTENDERS = {
    "NumPy by hand": by_hand,
    "tinygrad_edu": tinygrad_edu,
    "tinygrad_edu.compile": tinygrad_edu_compiled,
    "tinygrad_edu.compile numba": tinygrad_edu_numba,
    "torch": torch,
}

if __name__ == "__main__":
    compare(
        f"One op of a chain of {OPS} on 10 float64 elements, forward and backward",
        CONTENDERS,
        references=("NumPy by hand", "torch"),
        unit="µs",
        parts=OPS,
    )
