"""Digits are squeezed through two numbers, and drawn again from these.

An autoencoder has a network that describes each image by two numbers, and another that draws the
image from the two. Nobody tells it which digit is which; that images of one digit come to lie
together is what it finds itself. It is measured against principal components: the best that can be
done with two numbers without bending anything.

Run it with ``python examples/autoencoder.py``; ``--quick`` trains for a moment only, and ``--out
DIR`` says where the pictures go.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

import tinygrad_edu as tg
from tinygrad_edu import data, nn, optim


def principal_components(pixels: np.ndarray, count: int) -> np.ndarray:
    """Return the images as they come out of the best linear description by so many numbers."""
    mean = pixels.mean(axis=0)
    _, _, directions = np.linalg.svd(pixels - mean, full_matrices=False)
    kept = directions[:count]
    return mean + (pixels - mean) @ kept.T @ kept


def draw_places(places: np.ndarray, labels: np.ndarray) -> Figure:
    """Draw each image as its digit, at the two numbers that describe it."""
    figure, axes = plt.subplots(figsize=(6.4, 6), dpi=150, layout="constrained")
    axes.scatter(places[:, 0], places[:, 1], s=0)  # so that the axes know what they have to hold
    for (x, y), label in zip(places[:600], labels):
        axes.text(x, y, str(label), color=f"C{label}", size=8, ha="center", va="center")
    axes.set(xlabel="first number", ylabel="second number", title="Where the digits come to lie")
    return figure


def draw_images(rows: dict[str, np.ndarray]) -> Figure:
    """Draw images above what has become of them."""
    count = len(next(iter(rows.values())))
    figure, panels = plt.subplots(
        len(rows), count, figsize=(6.4, 2.2), dpi=150, layout="constrained"
    )
    for line, (name, images) in zip(panels, rows.items()):
        for axes, image in zip(line, images):
            axes.imshow(image.reshape(8, 8), cmap="gray_r", vmin=0, vmax=1)
            axes.set(xticks=[], yticks=[])
        line[0].set_ylabel(name, rotation=0, ha="right", va="center")
    return figure


def main(arguments: Sequence[str] | None = None) -> tuple[float, float]:
    """Train; return the mean squared errors of the network and of the principal components."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="train for a moment only")
    parser.add_argument(
        "--out", type=Path, default=Path("autoencoder"), help="folder for the pictures"
    )
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    tg.manual_seed(options.seed)

    digits = data.digits()
    images, labels = digits[:]
    pixels = images.reshape(-1, 64)
    batches = data.DataLoader(data.TensorDataset(pixels, pixels), 64, shuffle=True)
    encoder = nn.Sequential(
        nn.Linear(64, 64), nn.GELU(), nn.Linear(64, 32), nn.GELU(), nn.Linear(32, 2)
    )
    decoder = nn.Sequential(
        nn.Linear(2, 32), nn.GELU(), nn.Linear(32, 64), nn.GELU(), nn.Linear(64, 64), nn.Sigmoid()
    )
    model = nn.Sequential(encoder, decoder)
    epochs = 15 if options.quick else 80
    optimizer = optim.Adam(model.parameters())
    schedule = optim.lr_scheduler.OneCycleLR(
        optimizer, max_lr=0.01, epochs=epochs, steps_per_epoch=len(batches)
    )
    tg.fit(model, batches, nn.MSELoss(), optimizer, epochs, scheduler=schedule, progress=False)

    with tg.no_grad():
        places, drawn = encoder(pixels).numpy(), model(pixels).numpy()
    wanted = pixels.numpy()
    linear = principal_components(wanted, 2)
    error = float(np.mean((drawn - wanted) ** 2))
    linear_error = float(np.mean((linear - wanted) ** 2))
    print(f"the images: {digits}")
    print(f"mean squared error: {error:.4f}; of two principal components: {linear_error:.4f}")

    options.out.mkdir(parents=True, exist_ok=True)
    draw_places(places, labels.numpy()).savefig(options.out / "places.png")
    rows = {"image": wanted[:10], "from two\nnumbers": drawn[:10], "linear": linear[:10]}
    draw_images(rows).savefig(options.out / "images.png")
    print(f"the pictures are in {options.out}")
    return error, linear_error


if __name__ == "__main__":
    main()
