"""Which activation learns XOR, and how fast? The same small network with eight of them.

Each network has 2 inputs, 4 hidden units and 1 output, and is trained from several random starts.
Without an activation it is a straight line, which cannot tell the four corners apart. An
activation need not come from the library: ``np.sin`` does as well.

Run it with ``python examples/xor_activations.py``; ``--quick`` takes fewer starts and steps, and
``--out DIR`` says where the pictures go.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

import tinygrad_edu as tg
from tinygrad_edu import data, nn, optim

ACTIVATIONS: dict[str, Callable[[Any], Any]] = {
    "none": nn.Identity(),
    "sigmoid": nn.Sigmoid(),
    "tanh": nn.Tanh(),
    "ReLU": nn.ReLU(),
    "leaky ReLU": nn.LeakyReLU(0.1),
    "GELU": nn.GELU(),
    "softplus": nn.Softplus(),
    "sine": np.sin,
}
LEARNT = 0.1  # the loss below which all four corners are told for certain


def train(network: nn.Module, steps: int) -> list[float]:
    """Train on the four corners; return the course of the loss."""
    corners, labels = data.xor()
    wanted = labels.reshape(4, 1).astype(float)
    optimizer = optim.Adam(network.parameters(), lr=0.05)
    loss_function = nn.BCEWithLogitsLoss()
    losses = []
    for _ in range(steps):
        loss = loss_function(network(corners), wanted)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def draw_losses(losses: dict[str, np.ndarray]) -> Figure:
    """Draw the loss of every start, and of the middle one, for each activation."""
    figure, panels = plt.subplots(
        2, 4, figsize=(6.8, 4.2), dpi=150, layout="constrained", sharex=True, sharey=True
    )
    for axes, (name, runs) in zip(panels.flat, losses.items()):
        axes.plot(runs.T, color="#a2c8ec", linewidth=0.8)
        axes.plot(np.median(runs, axis=0), color="#006ba4", linewidth=2)
        axes.axhline(LEARNT, color="#c85200", linestyle=":", linewidth=1)
        axes.set_title(name, fontsize=10)
    figure.supxlabel("step")
    figure.supylabel("loss: cross-entropy")
    figure.suptitle("Learning XOR from several starts: below the dotted line, it is learnt")
    return figure


def draw_surfaces(networks: dict[str, nn.Module]) -> Figure:
    """Draw what each network says about every point of the plane."""
    x0, x1 = np.meshgrid(np.linspace(-0.5, 1.5, 60), np.linspace(-0.5, 1.5, 60))
    points = np.stack([x0.ravel(), x1.ravel()], axis=1)
    figure, panels = plt.subplots(
        2, 4, figsize=(6.8, 4.2), dpi=150, layout="constrained", sharex=True, sharey=True
    )
    for axes, (name, network) in zip(panels.flat, networks.items()):
        with tg.no_grad():
            chance = tg.sigmoid(network(points)).numpy().reshape(x0.shape)
        shades = axes.contourf(x0, x1, chance, np.linspace(0, 1, 11), cmap="PuOr", alpha=0.8)
        axes.plot([0, 1], [0, 1], "ws", markeredgecolor="black", label="0")
        axes.plot([0, 1], [1, 0], "ko", markeredgecolor="white", label="1")
        axes.set(title=name, aspect="equal", xticks=[0, 1], yticks=[0, 1])
        axes.title.set_fontsize(10)
    figure.colorbar(shades, ax=panels, label="probability of 1", ticks=[0, 0.5, 1])
    figure.suptitle("What the network says: wanted are 0 at the squares, 1 at the dots")
    return figure


def main(arguments: Sequence[str] | None = None) -> dict[str, np.ndarray]:
    """Train with every activation; return the losses: a row for each start."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer starts and steps")
    parser.add_argument(
        "--out", type=Path, default=Path("xor-activations"), help="folder for the pictures"
    )
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    tg.manual_seed(options.seed)
    starts, steps = (3, 200) if options.quick else (10, 500)

    losses: dict[str, np.ndarray] = {}
    networks: dict[str, nn.Module] = {}
    print("activation   learnt from   steps needed (median)")
    for name, activation in ACTIVATIONS.items():
        runs = []
        for _ in range(starts):
            network = nn.Sequential(nn.Linear(2, 4), activation, nn.Linear(4, 1))
            runs.append(train(network, steps))
            if runs[-1][-1] == min(run[-1] for run in runs):
                networks[name] = network  # the best one is drawn
        losses[name] = np.array(runs)
        learnt = losses[name][losses[name][:, -1] < LEARNT]
        needed = f"{np.median((learnt > LEARNT).sum(axis=1)):.0f}" if len(learnt) else "-"
        print(f"{name:12} {len(learnt):3} of {starts:2}   {needed:>12}")

    options.out.mkdir(parents=True, exist_ok=True)
    draw_losses(losses).savefig(options.out / "losses.png")
    draw_surfaces(networks).savefig(options.out / "surfaces.png")
    print(f"the pictures are in {options.out}")
    return losses


if __name__ == "__main__":
    main()
