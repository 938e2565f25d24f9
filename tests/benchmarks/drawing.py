"""How long does a picture take, from the recorded run to the file, and where is the limit?

Every measurement is of a task as a user has it, layout by Graphviz included, on the wall's clock.
``python tests/benchmarks/drawing.py --threads 1``
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from harness import parse_options, print_heading, print_row


def article(folder: Path) -> Callable[[], None]:
    """Draw the article's network, with values and gradients, as SVG."""
    import tinygrad_edu as tg
    from tinygrad_edu.article import HandDerivedNetwork, RawNetwork

    loss = RawNetwork(HandDerivedNetwork()).loss()
    loss.backward()
    return lambda: tg.draw(loss).render(folder / "article.svg") and None


def folded(folder: Path) -> Callable[[], None]:
    """Draw a transformer of 1000 values with its layers folded, as SVG."""
    import numpy as np

    from tinygrad_edu import nn
    from tinygrad_edu.draw import graph

    layer = nn.TransformerEncoderLayer(8, 2, 16, dropout=0.0, batch_first=True)
    model = nn.TransformerEncoder(layer, 24)
    loss = model(np.ones((2, 5, 8))).sum()
    loss.backward()
    count = len(graph(loss).nodes)
    if count < 1000:
        raise SystemExit(f"this run has {count} values only")
    return lambda: graph(loss).render(folder / "folded.svg", depth=1) and None


def chain(length: int) -> Any:
    """Compute something in so many calls."""
    import tinygrad_edu as tg

    w = tg.Tensor([1.0, 2.0], requires_grad=True)
    y = w
    for _ in range(length // 2):
        y = y * 0.999 + w
    return y


def large(folder: Path) -> Callable[[], None]:
    """Read a run of 10 000 calls, with all of its gradients."""
    from tinygrad_edu.draw import graph

    y = chain(10_000)
    return lambda: graph(y) and None


def refused(folder: Path) -> Callable[[], None]:
    """Refuse a run of 100 000 calls."""
    from tinygrad_edu.draw import graph

    y = chain(100_000)

    def run() -> None:
        try:
            graph(y)
        except ValueError:
            return
        raise SystemExit("a run of 100 000 calls was not refused")

    return run


TASKS = {
    "the article's network as SVG": (article, 0.3),
    "1 000 values, modules folded, as SVG": (folded, 2.0),
    "a Graph of 10 000 calls": (large, 1.0),
    "100 000 calls refused": (refused, 1.0),
}
"""What is measured, and how many seconds it may take."""


def main() -> None:
    """Measure every task, and print a table."""
    options = parse_options(rounds=5)
    print_heading("Drawing: from the recorded run to the file", options)
    print_row(["task", "median s", "slowest s", "limit s"])
    print_row(["---", "---:", "---:", "---:"])
    with tempfile.TemporaryDirectory() as folder:
        for title, (prepare, limit) in TASKS.items():
            run = prepare(Path(folder))
            run()  # imports, and everything that happens only once
            seconds = []
            for _ in range(options.rounds):
                start = time.perf_counter()
                run()
                seconds.append(time.perf_counter() - start)
            median, slowest = statistics.median(seconds), max(seconds)
            print_row([title, f"{median:.3f}", f"{slowest:.3f}", f"{limit:g}"])


if __name__ == "__main__":
    main()
