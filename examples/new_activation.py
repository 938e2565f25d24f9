"""An activation function of one's own, in four lines, and all that works from then on.

Swish was found in 2017 by trying out formulas: ``x * sigmoid(x)``, smooth, and bent downwards a
little left of 0. Here it is written as the package writes its own activations, derivative and
function side by side. No further step is needed for what follows: its derivatives are checked to
second order, it takes its place in the article's network between two layers, the network learns
with it, and the picture shows it under its own name.

The command line takes it, too, from the folder of this file:

    tinygrad-edu --activation new_activation:swish --learning-rate 0.5

Run it with ``python examples/new_activation.py``; ``--quick`` trains for a few steps only, and
``--out DIR`` says where the picture goes.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

import tinygrad_edu as tg
from tinygrad_edu import nn, optim
from tinygrad_edu.article import X, Y
from tinygrad_edu.draw import RenderError


# These are the four lines. The rule: the derivative of x * sigmoid(x) is sigmoid(x) * (1 + x - y).
@tg.differentiable(x=lambda dy, y, x: dy * (tg.sigmoid(x) * (1 + x - y)))
def swish(x: Any) -> Any:
    """Compute ``x * sigmoid(x)``, elementwise."""
    return x * tg.sigmoid(x)


def train(network: nn.Module, steps: int) -> list[float]:
    """Train on the article's four samples; return the course of the loss."""
    inputs, wanted = tg.Tensor(X, name="x"), tg.Tensor(Y, name="y")
    optimizer = optim.SGD(network.parameters(), lr=0.5)
    losses = []
    for _ in range(steps):
        loss = nn.MSELoss(reduction="sum")(network(inputs), wanted)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def picture(loss: tg.Tensor, folder: Path) -> Path:
    """Draw how the loss was computed; as text, where Graphviz is missing."""
    drawing = tg.draw(loss, direction="TB")
    try:
        return drawing.render(folder / "new_activation.svg")
    except RenderError:
        return drawing.render(folder / "new_activation.dot")


def main(arguments: Sequence[str] | None = None) -> list[float]:
    """Check it, train with it, and draw it; return the course of the loss."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="train for a few steps only")
    parser.add_argument(
        "--out", type=Path, default=Path("new-activation"), help="folder for the picture"
    )
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)

    tg.check_grad(swish, np.linspace(-5.0, 5.0, 11))
    print("first and second derivative agree with numbers")

    tg.manual_seed(options.seed)
    network = nn.Sequential(
        nn.Linear(3, 4, bias=False), swish, nn.Linear(4, 1, bias=False), nn.Sigmoid()
    )
    print(network)
    losses = train(network, steps=20 if options.quick else 1500)
    print(f"loss: {losses[0]:.4f} at first, {losses[-1]:.4f} after {len(losses)} steps")

    loss = nn.MSELoss(reduction="sum")(network(tg.Tensor(X, name="x")), tg.Tensor(Y, name="y"))
    network.zero_grad()
    loss.backward()
    options.out.mkdir(parents=True, exist_ok=True)
    print(f"drew {picture(loss, options.out)}")
    return losses


if __name__ == "__main__":
    main()
