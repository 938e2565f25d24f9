"""Lesson 7: activations compared: what is at the bend decides what comes back.

Look for: the slope of the sigmoid is never above 1/4, that of tanh is 1 in the middle,
relu's is 1 or 0. The same network with the same weights learns at different speeds, for
that reason alone.

Read next in the source: ``tinygrad_edu/ops/activation.py``, one function and one rule
each.

Run it with ``python examples/lessons/lesson07_activations.py``; ``--out DIR`` keeps the
picture, ``--quick`` trains for 100 steps only.
"""

import argparse
import tempfile
from pathlib import Path

import numpy as np

import tinygrad_edu as tg
from tinygrad_edu import nn, optim
from tinygrad_edu.article import X, Y

ACTIVATIONS = {"sigmoid": tg.sigmoid, "tanh": tg.tanh, "relu": tg.relu, "silu": tg.silu}


def train(activation, steps):
    """Train the article's network with another bend between its layers; return the losses."""
    tg.manual_seed(4)  # the same first weights for all
    model = nn.Sequential(nn.Linear(3, 8), activation, nn.Linear(8, 1), nn.Sigmoid())
    optimizer = optim.SGD(model.parameters(), lr=0.5)
    losses = []
    for _ in range(steps):
        loss = nn.functional.mse_loss(model(tg.Tensor(X)), tg.Tensor(Y), reduction="sum")
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def draw(places, curves, losses, path):
    try:
        from matplotlib.figure import Figure
    except ImportError:
        print("no picture: it needs Matplotlib, pip install 'tinygrad_edu[plot]'")
        return
    figure = Figure(figsize=(9, 3), layout="constrained")
    panels = figure.subplots(1, 3)
    for name, (values, slopes) in curves.items():
        panels[0].plot(places, values, label=name)
        panels[1].plot(places, slopes)
        panels[2].plot(losses[name])
    for axes, title in zip(panels, ("the activation", "its slope", "the loss, step by step")):
        axes.set_title(title)
    panels[0].legend()
    figure.savefig(path)
    print("the picture:", path)


def main(arguments=None):
    parser = argparse.ArgumentParser(description="Activations compared.")
    parser.add_argument("--quick", action="store_true", help="train for 100 steps only")
    parser.add_argument("--out", type=Path, help="folder for the picture")
    options = parser.parse_args(arguments)

    places = np.linspace(-4, 4, 161)
    curves, losses = {}, {}
    print("          largest slope   slope at 4   loss at the end")
    for name, activation in ACTIVATIONS.items():
        slopes = tg.elementwise_grad(activation)(places).numpy()
        curves[name] = activation(places), slopes
        losses[name] = train(activation, 100 if options.quick else 1000)
        print(f"{name:8}  {slopes.max():13.3f}   {slopes[-1]:10.4f}   {losses[name][-1]:.5f}")

    folder = options.out or Path(tempfile.mkdtemp())
    folder.mkdir(parents=True, exist_ok=True)
    draw(places, curves, losses, folder / "lesson07.png")


if __name__ == "__main__":
    main()
