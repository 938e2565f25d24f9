"""A training that was interrupted goes on as if nothing had happened, to the last bit.

A checkpoint holds all that a run depends on: the weights, the optimizer's memory, the schedule, the
order of the samples, the random numbers (the network has dropout), the history. One run goes
through. Another ends half way, and a third, with other random numbers, goes on from its file. The
weights at the end are the same.

Run it with ``python examples/resume_training.py``; ``--quick`` trains for a moment only, and
``--out DIR`` says where the checkpoint and the picture go.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

import tinygrad_edu as tg
from tinygrad_edu import data, nn, optim, training


def run(
    dataset: data.TensorDataset, seed: int, epochs: int, of: int, *callbacks: training.Callback
) -> tuple[nn.Module, training.History]:
    """Make everything anew, as a program does when it starts, and train for a part of the way."""
    tg.manual_seed(seed)
    network = nn.Sequential(nn.Linear(2, 32), nn.Tanh(), nn.Dropout(0.1), nn.Linear(32, 2))
    optimizer = optim.Adam(network.parameters(), lr=0.02)
    schedule = optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=of)
    history = tg.fit(
        network, data.DataLoader(dataset, 32, shuffle=True), nn.CrossEntropyLoss(), optimizer,
        epochs, scheduler=schedule, callbacks=callbacks, progress=False,
    )  # fmt: skip
    return network, history


def draw(losses: dict[str, list[float]]) -> Figure:
    """Draw all courses of the loss into one picture."""
    figure, axes = plt.subplots(figsize=(6.4, 4), dpi=150, layout="constrained")
    lines = [("-", 7, "#ababab"), ("-", 2.5, "#006ba4"), (":", 2.5, "#c85200")]
    for (name, course), (style, width, colour) in zip(losses.items(), lines):
        axes.plot(
            range(1, 1 + len(course)), course, style, linewidth=width, color=colour, label=name
        )
    axes.set(xlabel="epoch", ylabel="loss: cross-entropy", title="Interrupted, and resumed")
    axes.grid(color="#dddddd")
    axes.legend()
    return figure


def main(arguments: Sequence[str] | None = None) -> tuple[nn.Module, nn.Module]:
    """Train once through and once with a break; return both networks."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="train for a moment only")
    parser.add_argument(
        "--out", type=Path, default=Path("resume-training"), help="folder for the files"
    )
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    tg.manual_seed(options.seed)
    epochs = 6 if options.quick else 60
    dataset = data.TensorDataset(*data.moons(200, noise=0.15))
    options.out.mkdir(parents=True, exist_ok=True)
    file = options.out / "run.npz"

    through, whole = run(dataset, options.seed, epochs, epochs)
    _, first = run(dataset, options.seed, epochs // 2, epochs, training.Checkpoint(file))
    resume = training.Checkpoint(file, resume=True)
    resumed, both = run(dataset, options.seed + 1, epochs, epochs, resume)

    same = all(
        np.array_equal(one.numpy(), other.numpy())
        for one, other in zip(through.parameters(), resumed.parameters())
    )
    print(f"loss after {epochs} epochs: {whole['loss'][-1]:.6f}, resumed: {both['loss'][-1]:.6f}")
    print(f"all weights are the same, bit for bit: {same}")
    losses = {
        "in one go": whole["loss"], "interrupted": first["loss"], "resumed": both["loss"],
    }  # fmt: skip
    draw(losses).savefig(options.out / "resume_training.png")
    print(f"the picture is in {options.out}")
    return through, resumed


if __name__ == "__main__":
    main()
