"""Lesson 8: learning rates compared: too short a step, a good one, one too far.

Look for: on a bowl of curvature c, each step multiplies the distance to the bottom by 1
- rate * c, so beyond 2 / c every step leads further away. A network's loss is no bowl,
but has a limit as well.

Read next in the source: ``tinygrad_edu/optim/sgd.py``.

Run it with ``python examples/lessons/lesson08_learning_rates.py``; ``--out DIR`` keeps
the picture, ``--quick`` trains for 100 steps only.
"""

import argparse
import tempfile
from pathlib import Path

import numpy as np

import tinygrad_edu as tg
from tinygrad_edu import optim
from tinygrad_edu.article import X, Y

CURVATURE = 4.0


def bowl(w):
    return CURVATURE / 2 * w * w


def descend(rate, steps=5):
    """Go down the bowl from 1; return the places that it comes through."""
    w = tg.Tensor(1.0, requires_grad=True)
    places = []
    for _ in range(steps):
        w = w - rate * tg.grad(bowl)(w)
        places.append(w.item())
    return places


def train(rate, steps):
    """Train the article's network; return the losses."""
    generator = np.random.default_rng(1)
    weights1 = tg.Tensor(generator.random((3, 4)), requires_grad=True)
    weights2 = tg.Tensor(generator.random((4, 1)), requires_grad=True)
    optimizer = optim.SGD([weights1, weights2], lr=rate)
    losses = []
    for _ in range(steps):
        loss = ((Y - tg.sigmoid(tg.sigmoid(X @ weights1) @ weights2)) ** 2).sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def draw(curves, path):
    try:
        from matplotlib.figure import Figure
    except ImportError:
        print("no picture: it needs Matplotlib, pip install 'tinygrad_edu[plot]'")
        return
    figure = Figure(figsize=(6, 3.5), layout="constrained")
    axes = figure.add_subplot(xlabel="step", ylabel="loss", yscale="log")
    for rate, losses in curves.items():
        axes.plot(losses, label=f"rate {rate:g}")
    axes.legend()
    figure.savefig(path)
    print("the picture:", path)


def main(arguments=None):
    parser = argparse.ArgumentParser(description="Learning rates compared.")
    parser.add_argument("--quick", action="store_true", help="train for 100 steps only")
    parser.add_argument("--out", type=Path, help="folder for the picture")
    options = parser.parse_args(arguments)

    print(f"a bowl of curvature {CURVATURE:g}: 2 / {CURVATURE:g} is the limit")
    for rate in (0.05, 0.25, 0.45, 0.5, 0.55):
        print(f"rate {rate:<5} goes through", *(f"{w:7.3f}" for w in descend(rate)))

    print("\nthe article's network")
    curves = {rate: train(rate, 100 if options.quick else 1500) for rate in (0.1, 1, 10, 100)}
    for rate, losses in curves.items():
        print(f"rate {rate:<5} from {losses[0]:.4f} to {losses[-1]:.4f}, at most {max(losses):.4f}")

    folder = options.out or Path(tempfile.mkdtemp())
    folder.mkdir(parents=True, exist_ok=True)
    draw(curves, folder / "lesson08.png")


if __name__ == "__main__":
    main()
