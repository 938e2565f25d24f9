"""Learning rates compared: too small, right, too large, and how to find the right one beforehand.

A range test raises the learning rate from step to step in one short run, and takes it all back. It
names the rate at which the loss falls fastest. Then the same network is trained from the same
start with that rate, and with others that are smaller and larger.

Run it with ``python examples/learning_rates.py``; ``--quick`` trains for a moment only, and
``--out DIR`` says where the picture goes.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

import tinygrad_edu as tg
from tinygrad_edu import data, nn, optim

Batch = tuple[tg.Tensor, tg.Tensor]


def make_network(seed: int) -> nn.Sequential:
    """Make the same network with the same first weights every time."""
    tg.manual_seed(seed)
    return nn.Sequential(
        nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 16), nn.Tanh(), nn.Linear(16, 2)
    )


def train(network: nn.Module, batch: Batch, lr: float, steps: int) -> list[float]:
    """Train with plain gradient descent; return the course of the loss."""
    points, labels = batch
    optimizer = optim.SGD(network.parameters(), lr=lr)
    loss_function = nn.CrossEntropyLoss()
    losses = []
    for _ in range(steps):
        loss = loss_function(network(points), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def draw(search: optim.range_test.RangeTest, losses: dict[float, list[float]]) -> Figure:
    """Draw the range test, and below, what came of each rate."""
    figure, (above, below) = plt.subplots(2, figsize=(6.4, 7.2), dpi=150, layout="constrained")
    search.plot(above)
    styles = [
        (":", "#595959"),
        ("--", "#595959"),
        ("-", "#006ba4"),
        ("-.", "#c85200"),
        ("-", "#ffbc79"),
    ]
    for (lr, course), (style, colour) in zip(losses.items(), styles):
        width = 3 if lr == search.suggestion else 1.2
        below.plot(course, style, color=colour, linewidth=width, label=f"{lr:.2g}")
    below.set(xlabel="step", ylabel="loss: cross-entropy", yscale="log")
    below.set_title("Training with the rate that was found, and with others")
    below.grid(color="#dddddd")
    below.legend(title="learning rate", ncols=5, loc="upper center", bbox_to_anchor=(0.5, -0.2))
    return figure


def main(arguments: Sequence[str] | None = None) -> dict[float, list[float]]:
    """Search, compare, draw; return the losses by learning rate: the third is the one found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="train for a moment only")
    parser.add_argument(
        "--out", type=Path, default=Path("learning-rates"), help="folder for the picture"
    )
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)

    tg.manual_seed(options.seed)
    moons = data.moons(200, noise=0.15)
    search = tg.lr_range_test(make_network(options.seed), [moons], lr_min=1e-3, lr_max=100)
    print(f"the loss falls fastest at a learning rate of {search.suggestion:.2g}")

    losses = {}
    for factor in (0.01, 0.1, 1, 10, 100):
        lr = factor * search.suggestion
        losses[lr] = train(make_network(options.seed), moons, lr, 60 if options.quick else 500)
        print(f"learning rate {lr:8.2g}: the loss ends at {losses[lr][-1]:.2g}")

    options.out.mkdir(parents=True, exist_ok=True)
    draw(search, losses).savefig(options.out / "learning_rates.png")
    print(f"the picture is in {options.out}")
    return losses


if __name__ == "__main__":
    main()
