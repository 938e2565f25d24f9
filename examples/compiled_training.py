"""A training step is compiled, and does the same in less time.

For a small network most of a step is spent on recording what is computed and on walking back.
``tg.compile`` writes down once what a step does, and from then on runs just that. In a wide network
most of the time goes into products of matrices, which stay what they are. The losses have to be the
same to the last bit. What is measured is the processor's time: both take turns, and the best of
several turns counts.

Run it with ``python examples/compiled_training.py``; ``--quick`` measures for a moment only, and
``--out DIR`` says where the picture goes.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from time import process_time

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

import tinygrad_edu as tg
from tinygrad_edu import data, nn, optim

Step = Callable[[tg.Tensor, tg.Tensor], tg.Tensor]


def make_step(width: int, seed: int) -> Step:
    """Make a network, and return one step of its training: the same for the same seed."""
    tg.manual_seed(seed)
    network = nn.Sequential(
        nn.Linear(2, width), nn.Tanh(), nn.Linear(width, width), nn.Tanh(), nn.Linear(width, 2)
    )
    optimizer = optim.SGD(network.parameters(), lr=0.2)
    loss_function = nn.CrossEntropyLoss()

    def step(points: tg.Tensor, labels: tg.Tensor) -> tg.Tensor:
        loss = loss_function(network(points), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss

    return step


def measure(
    step: Step, batch: tuple[tg.Tensor, tg.Tensor], steps: int
) -> tuple[float, list[float]]:
    """Train; return the processor's seconds per step, and the losses."""
    start = process_time()
    losses = [step(*batch).item() for _ in range(steps)]
    return (process_time() - start) / steps, losses


def draw(times: dict[int, tuple[float, float]]) -> Figure:
    """Draw both times for every width of the network."""
    figure, axes = plt.subplots(figsize=(6.4, 4), dpi=150, layout="constrained")
    places = np.arange(len(times))
    recorded, compiled = 1e6 * np.array(list(times.values())).T
    axes.bar(places - 0.2, recorded, 0.4, label="recorded", color="#ff800e", hatch="//", ec="white")
    axes.bar(places + 0.2, compiled, 0.4, label="compiled", color="#006ba4")
    for place, slow, quick in zip(places, recorded, compiled):
        axes.text(place + 0.2, quick, f"{slow / quick:.1f}×", ha="center", va="bottom")
    axes.set(xlabel="width of the network", ylabel="microseconds per step")
    axes.set_xticks(places, [str(width) for width in times])
    axes.set_title("A step of training: how many times as fast when compiled")
    axes.legend(loc="upper left")
    return figure


def main(arguments: Sequence[str] | None = None) -> dict[int, tuple[float, float]]:
    """Measure; return the seconds per step, recorded and compiled, for each width."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="measure for a moment only")
    parser.add_argument(
        "--out", type=Path, default=Path("compiled-training"), help="folder for the picture"
    )
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    tg.manual_seed(options.seed)
    batch = data.moons(32)
    turns, steps = (3, 20) if options.quick else (20, 100)

    times = {}
    for width in (4, 16, 64, 256):
        recorded = make_step(width, options.seed)
        compiled = tg.compile(make_step(width, options.seed))
        slow, quick = [], []
        for _ in range(turns):
            seconds, losses = measure(recorded, batch, steps)
            slow.append(seconds)
            seconds, same_losses = measure(compiled, batch, steps)
            quick.append(seconds)
            if losses != same_losses:
                raise AssertionError("the compiled step has come to other losses")
        times[width] = min(slow), min(quick)
        print(
            f"width {width:3}: {1e6 * min(slow):4.0f} microseconds a step recorded, "
            f"{1e6 * min(quick):4.0f} compiled; every loss is the same"
        )

    options.out.mkdir(parents=True, exist_ok=True)
    draw(times).savefig(options.out / "compiled_training.png")
    print(f"the picture is in {options.out}")
    return times


if __name__ == "__main__":
    main()
