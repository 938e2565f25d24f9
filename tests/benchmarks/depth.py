"""One deep graph of up to a million ops ``t * c + d``: does an op cost the same however deep?

Every measurement has a fresh process, since memory that was once used stays with a process.
``python tests/benchmarks/depth.py --threads 1``
"""

from __future__ import annotations

import math
import statistics
import sys
import time
from typing import Any

from harness import (
    call_in_new_process,
    parse_options,
    peak_memory,
    print_heading,
    print_row,
    select,
)

DEPTHS = (10_000, 100_000, 1_000_000)
SCALE, SHIFT = 0.999999, 1e-6


def chain(t: Any, depth: int) -> Any:
    """Apply ``depth`` ops, one after the other."""
    for _ in range(depth // 2):
        t = t * SCALE
        t = t + SHIFT
    return t


def tinygrad_edu(depth: int) -> float:
    """Build the graph, walk it, and return the gradient."""
    import tinygrad_edu as tg

    x = tg.Tensor([1.0], requires_grad=True)
    chain(x, depth).sum().backward()
    return x.grad.item()


def torch(depth: int) -> float:
    """The same in eager PyTorch."""
    import torch

    x = torch.ones(1, dtype=torch.float64, requires_grad=True)
    chain(x, depth).sum().backward()
    return x.grad.item()


def measure(contender: Any, depth: int) -> tuple[float, float]:
    """Return the microseconds and the bytes of peak memory that one op takes."""
    contender(10)  # imports, and everything that happens only once
    memory, start = peak_memory(), time.process_time()
    gradient = contender(depth)
    seconds, memory = time.process_time() - start, peak_memory() - memory
    if not math.isclose(gradient, SCALE ** (depth // 2), rel_tol=1e-9):
        sys.exit(f"{contender.__name__} does other work: its gradient is {gradient}")
    return seconds / depth * 1e6, memory / depth


CONTENDERS = {"tinygrad_edu": tinygrad_edu, "torch": torch}


def main() -> None:
    """Measure every contender at every depth, in turn."""
    options = parse_options(rounds=3)
    measured: dict[Any, list[Any]] = {}
    chosen = select(CONTENDERS, options)
    for _ in range(options.rounds):
        for depth in DEPTHS:
            for name, (contender, tree) in chosen.items():
                result = call_in_new_process(measure, contender, depth, tree=tree)
                measured.setdefault((name, depth), []).append(result)
    print_heading("One op of a deep graph, forward and backward: CPU time and peak memory", options)
    print_row(["contender", *(f"{depth:,} ops" for depth in DEPTHS)])
    print_row(["---", *["---:"] * len(DEPTHS)])
    for name in chosen:
        print_row([name, *(summary(measured[name, depth]) for depth in DEPTHS)])


def summary(results: list[Any]) -> str:
    """Write the medians of some measurements down, or why there are none."""
    if isinstance(results[0], str):
        return results[0]
    microseconds, memory = map(statistics.median, zip(*results))
    return f"{microseconds:.2f} µs, {memory:.0f} bytes"


if __name__ == "__main__":
    main()
