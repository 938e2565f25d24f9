"""Lesson 5: the article's network: two layers, backpropagation by hand, 1500 steps.

Look for: the gradients derived by hand and the recorded ones agree in every step, so
the two networks stay the same. The loss falls below 0.01, and the four samples are told
right.

Read next in the source: ``tinygrad_edu/article/by_hand.py``, where nothing is recorded.

Run it with ``python examples/lessons/lesson05_article_network.py``; ``--out DIR`` keeps
the picture, ``--quick`` trains for 100 steps only.
"""

import argparse
import tempfile
from pathlib import Path

import numpy as np

import tinygrad_edu as tg

X = np.array([[0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 1]], dtype=float)
Y = np.array([[0], [1], [1], [0]], dtype=float)


def backprop_by_hand(weights1, weights2):
    """Forwards as in the article, and then from the loss back to both weights."""
    layer1 = 1 / (1 + np.exp(-(X @ weights1)))
    output = 1 / (1 + np.exp(-(layer1 @ weights2)))
    d_sum2 = 2 * (output - Y) * output * (1 - output)
    d_sum1 = (d_sum2 @ weights2.T) * layer1 * (1 - layer1)
    return X.T @ d_sum1, layer1.T @ d_sum2


def draw_losses(losses, path):
    try:
        from matplotlib.figure import Figure
    except ImportError:
        print("no picture: it needs Matplotlib, pip install 'tinygrad_edu[plot]'")
        return
    figure = Figure(figsize=(6, 3.5), layout="constrained")
    axes = figure.add_subplot(xlabel="step", ylabel="loss", title="the article's network learns")
    axes.plot(losses)
    figure.savefig(path)
    print("the picture:", path)


def main(arguments=None):
    parser = argparse.ArgumentParser(description="The article's network.")
    parser.add_argument("--quick", action="store_true", help="train for 100 steps only")
    parser.add_argument("--out", type=Path, help="folder for the picture")
    options = parser.parse_args(arguments)

    generator = np.random.default_rng(1)
    weights1 = tg.Tensor(generator.random((3, 4)), requires_grad=True, name="weights1")
    weights2 = tg.Tensor(generator.random((4, 1)), requires_grad=True, name="weights2")
    losses, largest = [], 0.0
    for _ in range(100 if options.quick else 1500):
        output = tg.sigmoid(tg.sigmoid(X @ weights1) @ weights2)
        loss = ((Y - output) ** 2).sum()
        losses.append(loss.item())
        mine = backprop_by_hand(weights1.numpy(), weights2.numpy())
        weights1.grad = weights2.grad = None  # else backward() would add to the last step's
        loss.backward()
        for weights, by_hand in zip((weights1, weights2), mine):
            largest = max(largest, np.abs(weights.grad.numpy() - by_hand).max())
            with tg.no_grad():
                weights -= weights.grad  # the learning rate is 1

    print(f"the loss: {losses[0]:.4f} at first, {losses[-1]:.4f} after {len(losses)} steps")
    print(f"by hand and recorded gradients differ by {largest:.0e} at most")
    for sample, prediction, wanted in zip(X, output.numpy(), Y):
        print(f"{sample}: {prediction[0]:.3f}, wanted {wanted[0]:.0f}")
    folder = options.out or Path(tempfile.mkdtemp())
    folder.mkdir(parents=True, exist_ok=True)
    draw_losses(losses, folder / "lesson05.png")


if __name__ == "__main__":
    main()
