"""Lesson 9: deeper networks and vanishing gradients.

Look for: on its way back through ten sigmoids, the gradient shrinks by a factor at
every layer, and hardly anything arrives at the first. With tanh, relu, or a way around
each layer, more arrives.

Read next in the source: ``tinygrad_edu/nn/init/scaled.py``, first weights that keep
signals alive.

Run it with ``python examples/lessons/lesson09_vanishing_gradients.py``; ``--out DIR``
keeps the picture.
"""

import argparse
import tempfile
from pathlib import Path

import numpy as np

import tinygrad_edu as tg
from tinygrad_edu import nn

DEPTH, WIDTH = 10, 32


class Around(nn.Module):
    """A layer and a way around it: ``x + bend(layer(x))``."""

    def __init__(self, bend):
        super().__init__()
        self.layer, self.bend = nn.Linear(WIDTH, WIDTH), bend

    def forward(self, x):
        """Compute the layer, and add what went in."""
        return x + self.bend(self.layer(x))


def deep(bend, gain, around=False):
    """Build ten layers, each with its bend; the first weights are Xavier's, times the gain."""
    tg.manual_seed(0)
    layers = []
    for _ in range(DEPTH):
        layers += [Around(bend)] if around else [nn.Linear(WIDTH, WIDTH), bend]
    model = nn.Sequential(*layers)
    for parameter in model.parameters():
        if parameter.ndim == 2:
            nn.init.xavier_normal_(parameter, gain)
    return model


def sizes(model):
    """Return the typical size of the gradient for each layer's weight, the first layer first."""
    x = tg.Tensor(np.random.default_rng(1).normal(size=(64, WIDTH)))
    (model(x) ** 2).mean().backward()
    return [float(np.abs(p.grad.numpy()).mean()) for p in model.parameters() if p.ndim == 2]


def draw(found, path):
    try:
        from matplotlib.figure import Figure
    except ImportError:
        print("no picture: it needs Matplotlib, pip install 'tinygrad_edu[plot]'")
        return
    figure = Figure(figsize=(6, 3.5), layout="constrained")
    axes = figure.add_subplot(xlabel="layer", ylabel="size of the gradient", yscale="log")
    for name, each in found.items():
        axes.plot(range(1, DEPTH + 1), each, marker="o", label=name)
    axes.legend()
    figure.savefig(path)
    print("the picture:", path)


def main(arguments=None):
    parser = argparse.ArgumentParser(description="Deeper networks and vanishing gradients.")
    parser.add_argument("--out", type=Path, help="folder for the picture")
    options = parser.parse_args(arguments)

    found = {
        "sigmoid": sizes(deep(tg.sigmoid, 1.0)),
        "tanh": sizes(deep(tg.tanh, 5 / 3)),
        "relu": sizes(deep(tg.relu, 2**0.5)),
        "sigmoid, and a way around": sizes(deep(tg.sigmoid, 1.0, around=True)),
    }
    print("the gradient's size, first layer against last:")
    for name, each in found.items():
        print(f"{name:26} {each[0]:.1e} : {each[-1]:.1e} = {each[0] / each[-1]:.1e}")

    folder = options.out or Path(tempfile.mkdtemp())
    folder.mkdir(parents=True, exist_ok=True)
    draw(found, folder / "lesson09.png")


if __name__ == "__main__":
    main()
