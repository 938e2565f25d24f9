"""Image classification: a small convolutional network learns to read digits.

It shows the whole way: images from files, batches, a network composed of modules, training on
images moved a little, with a learning rate that rises and falls, and pictures of what the network
has learnt. With MNIST's files (the 10 000 test images are enough), ``python
examples/image_classification.py --root DIR`` tells about 99 of 100 held-out digits right, in about
a minute. Without files it takes smaller digits.

Run it with ``python examples/image_classification.py``; ``--quick`` trains for a moment only, and
``--out DIR`` says where the pictures go.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np

import tinygrad_edu as tg
from tinygrad_edu import data, nn, optim, training
from tinygrad_edu.images import pictures
from tinygrad_edu.images.shifted import Shifted


def read(root: Path | None) -> tuple[np.ndarray, np.ndarray]:
    """Return images (N, 1, side, side) with values from 0 to 1, and their labels (N,)."""
    if root is None:
        images, labels = data.digits()[:]
        return images.numpy(), labels.numpy()
    mnist = data.MNIST(root, train=False)
    return mnist.data[:, None] / 255, mnist.targets


def network(side: int) -> nn.Sequential:
    """Look through windows of 5 by 5 pixels, two times; then weigh what was seen."""
    return nn.Sequential(
        nn.Conv2d(1, 8, 5, padding="same"), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(8, 16, 5, padding="same"), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(side * side, 10),
    )  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> float:
    """Train, and return the share of the held-out images that are told right."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, help="folder with MNIST's test files")
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--quick", action="store_true", help="a few epochs on few images")
    parser.add_argument(
        "--out", type=Path, default=Path("image-classification"), help="folder for the pictures"
    )
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)

    tg.set_default_dtype("float32")
    tg.manual_seed(options.seed)
    images, labels = read(options.root)
    if options.quick:
        images, labels, options.epochs = images[:1000], labels[:1000], 5
    dataset = data.TensorDataset(tg.Tensor(images, dtype="float32"), tg.Tensor(labels))
    held = len(dataset) // 5
    train, held_out = data.random_split(dataset, [len(dataset) - held, held])
    batches = data.DataLoader(train, 64, shuffle=True, drop_last=True)

    model = network(images.shape[-1])
    print(tg.summary(model, tg.Tensor(images[:1], dtype="float32")))
    optimizer = optim.Adam(model.parameters(), lr=0.01)
    schedule = optim.lr_scheduler.OneCycleLR(
        optimizer, max_lr=0.01, epochs=options.epochs, steps_per_epoch=len(batches)
    )
    history = tg.fit(
        model, Shifted(batches), nn.CrossEntropyLoss(), optimizer, options.epochs,
        validation=data.DataLoader(held_out, 500), scheduler=schedule,
    )  # fmt: skip

    x, y = held_out[:]
    model.eval()
    with tg.no_grad():
        scores = model(x)
    print(training.confusion_matrix(scores, y))
    options.out.mkdir(parents=True, exist_ok=True)
    history.plot(options.out / "training.png")
    pictures.draw_all(options.out, model, x.numpy(), scores.numpy(), y.numpy(), "0123456789")
    print(f"the pictures are in {options.out}")
    accuracy: float = history["validation_accuracy"][-1]
    return accuracy


if __name__ == "__main__":
    main()
