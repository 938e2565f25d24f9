"""The article's network: composed by hand, trained, drawn, and its backpropagation derived.

The network is two products of matrices and two sigmoids, written down as in NumPy. Beside it stand
the derivatives as one works them out with pencil and paper. They are held against what the
recorded graph says, the graph is drawn, and the graph writes its own derivation.

Run it with ``python examples/article.py``; ``--quick`` trains for a few steps only, and ``--out
DIR`` says where the pictures go.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

import tinygrad_edu as tg


def main(arguments: Sequence[str] | None = None) -> list[float]:
    """Train, compare, draw and derive; return the course of the loss."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="train for a few steps only")
    parser.add_argument("--out", type=Path, default=Path("article"), help="folder for the pictures")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)

    # Four samples, and the first weights.
    x = tg.Tensor([[0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 1]], dtype=float, name="x")
    y = tg.Tensor([[0], [1], [1], [0]], dtype=float, name="y")
    rng = np.random.default_rng(options.seed)
    weights1 = tg.Tensor(rng.random((3, 4)), requires_grad=True, name="weights1")
    weights2 = tg.Tensor(rng.random((4, 1)), requires_grad=True, name="weights2")

    def forward() -> tuple[tg.Tensor, tg.Tensor, tg.Tensor]:
        """Compute the hidden layer, the output, and the loss."""
        layer1 = tg.sigmoid(x @ weights1)
        output = tg.sigmoid(layer1 @ weights2)
        return layer1, output, ((y - output) ** 2).sum()

    # The training: forward, back, and a step.
    losses = []
    for _ in range(100 if options.quick else 1500):
        layer1, output, loss = forward()
        loss.backward()
        with tg.no_grad():
            for weights in (weights1, weights2):
                weights -= weights.grad
                weights.grad = None
        losses.append(loss.item())
    print("predictions:", output.numpy().ravel().round(4), " wanted:", y.numpy().ravel())
    print(f"loss: {losses[0]:.4f} at first, {losses[-1]:.4f} after {len(losses)} steps\n")

    # The derivatives by hand: from the loss back through both sigmoids and both products.
    layer1, output, loss = forward()
    h, o, w2 = layer1.numpy(), output.numpy(), weights2.numpy()
    at_output = -2 * (y.numpy() - o) * o * (1 - o)
    at_layer1 = at_output @ w2.T * h * (1 - h)
    by_hand = [x.numpy().T @ at_layer1, h.T @ at_output]
    if tg.check_backprop(by_hand, loss, [weights1, weights2]):
        print("the derivatives by hand are those of the recorded graph\n")

    # The same, written down by the graph itself; with names it is easier to read.
    layer1.name, output.name = "layer1", "output"
    print(tg.derive(loss))

    # The graph with all its values and gradients, the neurons, and the course of the loss.
    loss.backward()
    options.out.mkdir(parents=True, exist_ok=True)
    tg.draw(loss, direction="TB").render(options.out / "graph.svg")
    tg.draw_network([weights1, weights2], weights=True).render(options.out / "network.svg")
    figure, axes = plt.subplots(figsize=(6.4, 4), dpi=150, layout="constrained")
    axes.plot(losses, color="#006ba4", linewidth=2)
    axes.set(xlabel="iteration", ylabel="loss: sum of squared errors", ylim=(0, None))
    axes.set_title("Training the article's network")
    axes.grid(color="#dddddd")
    figure.savefig(options.out / "loss.png")
    print(f"the pictures are in {options.out}")
    return losses


if __name__ == "__main__":
    main()
