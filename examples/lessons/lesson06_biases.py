"""Lesson 6: biases: what a neuron says where all its inputs are 0.

Look for: without a bias, a neuron says 0.5 at the origin, whatever it learns. A column
of ones among the inputs does the same as a bias; the article's third input is one.

Read next in the source: ``tinygrad_edu/ops/linear.py``, weighted sum and bias as one
op.

Run it with ``python examples/lessons/lesson06_biases.py``; ``--out DIR`` keeps the
picture.
"""

import argparse
import tempfile
from pathlib import Path

import numpy as np

import tinygrad_edu as tg
from tinygrad_edu import nn, optim

POINTS = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=float)
WANTED = np.array([[1], [1], [0], [0]], dtype=float)  # 1 where the first input is 0


def train(neuron, inputs):
    """Let a single neuron learn, starting from weights of 0; return what it says."""
    for parameter in neuron.parameters():
        nn.init.zeros_(parameter)
    model = nn.Sequential(neuron, nn.Sigmoid())
    optimizer = optim.SGD(model.parameters(), lr=1.0)
    for _ in range(1000):
        output = model(tg.Tensor(inputs))
        loss = nn.functional.mse_loss(output, tg.Tensor(WANTED), reduction="sum")
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return output.numpy()


def draw_lines(neurons, path):
    try:
        from matplotlib.figure import Figure
    except ImportError:
        print("no picture: it needs Matplotlib, pip install 'tinygrad_edu[plot]'")
        return
    figure = Figure(figsize=(7, 3.5), layout="constrained")
    across = np.linspace(-0.5, 1.5, 100)
    grid = np.stack(np.meshgrid(across, across), axis=-1)
    for place, (title, neuron) in enumerate(neurons.items(), start=1):
        axes = figure.add_subplot(1, 2, place, title=title, aspect="equal")
        with tg.no_grad():
            says = tg.sigmoid(neuron(tg.Tensor(grid))).numpy()[..., 0]
        axes.contourf(across, across, says, levels=np.linspace(0, 1, 11), cmap="RdBu")
        axes.contour(across, across, says, levels=[0.5], colors="black")
        axes.scatter(*POINTS.T, c=WANTED[:, 0], cmap="RdBu", edgecolors="black", s=90, zorder=3)
    figure.savefig(path)
    print("the picture:", path)


def main(arguments=None):
    parser = argparse.ArgumentParser(description="Biases.")
    parser.add_argument("--out", type=Path, help="folder for the picture")
    options = parser.parse_args(arguments)

    without, with_bias = nn.Linear(2, 1, bias=False), nn.Linear(2, 1)
    with_ones = nn.Linear(3, 1, bias=False)
    columns = [
        train(without, POINTS),
        train(with_bias, POINTS),
        train(with_ones, np.hstack([POINTS, np.ones((4, 1))])),
    ]
    print("inputs   wanted   no bias   bias    a column of ones")
    for point, wanted, *says in zip(POINTS, WANTED, *columns):
        one, two, three = (each[0] for each in says)
        print(f"{point}   {wanted[0]:.0f}        {one:.3f}     {two:.3f}   {three:.3f}")
    bias, weight_of_ones = with_bias.bias[0].item(), with_ones.weight[0, 2].item()
    print(f"the bias: {bias:.4f}, the weight of the ones: {weight_of_ones:.4f}")

    folder = options.out or Path(tempfile.mkdtemp())
    folder.mkdir(parents=True, exist_ok=True)
    draw_lines({"without a bias": without, "with a bias": with_bias}, folder / "lesson06.png")


if __name__ == "__main__":
    main()
