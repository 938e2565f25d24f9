"""What training leaves behind when the garbage collector never runs, and how much work it is given.

A graph without cycles is freed by reference counts alone: after 1000 steps nothing more is alive
than before. And the fewer objects an op leaves for the collector to track, the less often it runs.
``python tests/benchmarks/memory.py``
"""

from __future__ import annotations

import gc
from typing import Any

import numpy as np
from harness import (
    call_in_new_process,
    parse_options,
    peak_memory,
    print_heading,
    print_row,
    select,
)

STEPS = 1000
X = np.array([[0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 1]], float)
Y = np.array([[0], [1], [1], [0]], float)


def tinygrad_edu() -> tuple[Any, Any]:
    """Return a function that makes a training step and one that applies an op to a Tensor."""
    import tinygrad_edu as tg

    x, y = tg.Tensor(X), tg.Tensor(Y)
    weights1 = tg.Tensor(np.full((3, 4), 0.5), requires_grad=True)
    weights2 = tg.Tensor(np.full((4, 1), 0.5), requires_grad=True)

    def step() -> None:
        loss = ((y - tg.sigmoid(tg.sigmoid(x @ weights1) @ weights2)) ** 2).sum()
        loss.backward()
        for weights in weights1, weights2:
            weights.data -= weights.grad
            weights.grad = None

    return step, weights1


def torch() -> tuple[Any, Any]:
    """The same in eager PyTorch."""
    import torch

    x, y = torch.from_numpy(X), torch.from_numpy(Y)
    weights1 = torch.full((3, 4), 0.5, dtype=torch.float64, requires_grad=True)
    weights2 = torch.full((4, 1), 0.5, dtype=torch.float64, requires_grad=True)

    def step() -> None:
        loss = ((y - torch.sigmoid(torch.sigmoid(x @ weights1) @ weights2)) ** 2).sum()
        loss.backward()
        with torch.no_grad():
            for weights in weights1, weights2:
                weights -= weights.grad
                weights.grad = None

    return step, weights1


def measure(contender: Any) -> tuple[int, float, float]:
    """Count objects kept, kilobytes grown, and objects that the collector tracks for an op."""
    step, weights = contender()
    for _ in range(10):
        step()
    gc.collect()
    gc.disable()
    objects, memory = len(gc.get_objects()), peak_memory()
    for _ in range(STEPS):
        step()
    kept, grown = len(gc.get_objects()) - objects, peak_memory() - memory
    objects, t = len(gc.get_objects()), weights
    for _ in range(STEPS):
        t = t * 1.5
    tracked = (len(gc.get_objects()) - objects) / STEPS
    return kept, grown / 1024, tracked


CONTENDERS = {"tinygrad_edu": tinygrad_edu, "torch": torch}


def main() -> None:
    """Measure every contender in a fresh process."""
    options = parse_options(rounds=1)
    print_heading(f"{STEPS} training steps with the garbage collector off", options)
    print_row(["contender", "objects kept", "peak memory grown by", "tracked objects an op leaves"])
    print_row(["---", "---:", "---:", "---:"])
    for name, (contender, tree) in select(CONTENDERS, options).items():
        result = call_in_new_process(measure, contender, tree=tree)
        if isinstance(result, str):
            print_row([name, result])
        else:
            print_row([name, f"{result[0]}", f"{result[1]:.0f} KiB", f"{result[2]:.2f}"])


if __name__ == "__main__":
    main()
