"""Lesson 4: a layer: weighted sums, and a bend.

Look for: a layer is two steps, and its backprop is the same two steps in reverse.
``nn.Linear`` and ``nn.Sigmoid`` compute nothing else; a Linear keeps its weight as
(outputs, inputs).

Read next in the source: ``tinygrad_edu/nn/linear.py``, then ``sigmoid`` in
``ops/activation.py``.

Run it with ``python examples/lessons/lesson04_layer.py``; ``--out DIR`` keeps the
picture.
"""

import argparse
import tempfile
from pathlib import Path

import numpy as np

import tinygrad_edu as tg
from tinygrad_edu import nn
from tinygrad_edu.draw import RenderError


def forward(x, weight, bias):
    return 1 / (1 + np.exp(-(x @ weight.T + bias)))


def backprop(x, weight, s, ds):
    """Go back through the bend, then through the weighted sums. ``s`` is the layer's output."""
    dy = ds * s * (1 - s)
    return dy @ weight, dy.T @ x, dy.sum(axis=0)


def main(arguments=None):
    parser = argparse.ArgumentParser(description="A layer: weighted sums, and a bend.")
    parser.add_argument("--out", type=Path, help="folder for the picture")
    options = parser.parse_args(arguments)

    tg.manual_seed(0)
    layer = nn.Sequential(nn.Linear(3, 2), nn.Sigmoid())
    print(layer)
    weight, bias = layer.parameters()
    x = tg.Tensor([[0.0, 0.5, 1.0], [1.0, -1.0, 0.5]], requires_grad=True, name="x")

    s = layer(x)
    mine = forward(x.numpy(), weight.numpy(), bias.numpy())
    print("\nthe module: ", s.numpy().round(6).tolist())
    print("by hand:    ", mine.round(6).tolist())

    wanted = np.array([[0.0, 1.0], [1.0, 0.0]])
    loss = ((s - wanted) ** 2).sum()
    loss.backward()
    gradients = backprop(x.numpy(), weight.numpy(), mine, ds=2 * (mine - wanted))
    print("\n         the largest difference between by hand and recorded")
    for name, tensor, gradient in zip(("x", "weight", "bias"), (x, weight, bias), gradients):
        print(f"{name:8} {np.abs(tensor.grad.numpy() - gradient).max():.1e}")

    folder = options.out or Path(tempfile.mkdtemp())
    folder.mkdir(parents=True, exist_ok=True)
    try:
        print("\nthe picture:", tg.draw(loss).render(folder / "lesson04.svg"))
    except RenderError as reason:
        print("\nno picture:", reason)


if __name__ == "__main__":
    main()
