"""Lesson 11: MNIST: a network that looks at images, batch by batch.

Look for: the images that are held out tell whether it has learnt digits or only these
images. The loss starts near log(10) = 2.3, which is guessing.

It needs no download: without files, it takes 8 by 8 digits, scikit-learn's if that is
installed. With MNIST's files in a folder (the 10 000 test images are enough), say
``--root DIR``.

Read next in the source: ``tinygrad_edu/training/loop.py``, the loop below with all that
it lacks.

Run it with ``python examples/lessons/lesson11_mnist.py``; ``--out DIR`` keeps the
picture, ``--quick`` takes few images.
"""

import argparse
import tempfile
from pathlib import Path

import numpy as np

import tinygrad_edu as tg
from tinygrad_edu import data, nn, optim


def read(root):
    """Return images (N, 1, side, side) with values from 0 to 1, and their labels (N,)."""
    if root is None:
        digits = data.digits()
        print("the images:", digits.source)
        return digits[:]
    mnist = data.MNIST(root, train=False)
    return tg.Tensor(mnist.data[:, None] / 255), tg.Tensor(mnist.targets)


def draw(images, taken_for, path):
    try:
        from matplotlib.figure import Figure
    except ImportError:
        print("no picture: it needs Matplotlib, pip install 'tinygrad_edu[plot]'")
        return
    figure = Figure(figsize=(8, 2.6), layout="constrained")
    for axes, image, answer in zip(figure.subplots(2, 8).flat, images, taken_for):
        axes.imshow(image[0], cmap="gray_r")
        axes.set_title(str(answer))
        axes.set_axis_off()
    figure.savefig(path)
    print("the picture:", path)


def main(arguments=None):
    parser = argparse.ArgumentParser(description="MNIST.")
    parser.add_argument("--root", type=Path, help="folder with MNIST's test files")
    parser.add_argument("--quick", action="store_true", help="take few images")
    parser.add_argument("--out", type=Path, help="folder for the picture")
    options = parser.parse_args(arguments)

    tg.manual_seed(0)
    images, labels = read(options.root)
    count = 400 if options.quick else len(images)
    held = count // 5
    train = data.TensorDataset(images[held:count], labels[held:count])
    batches = data.DataLoader(train, batch_size=32, shuffle=True)

    side = images.shape[-1] // 2
    look = nn.Sequential(nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2))
    model = nn.Sequential(look, nn.Flatten(), nn.Linear(16 * side * side, 10))
    optimizer = optim.Adam(model.parameters(), lr=0.01)
    for epoch in range(1, 6):
        for x, y in batches:
            loss = nn.functional.cross_entropy(model(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        with tg.no_grad():
            scores = model(images[:held])
            held_out = nn.functional.cross_entropy(scores, labels[:held])
        taken_for = np.argmax(scores.numpy(), axis=1)
        right = np.mean(taken_for == labels.numpy()[:held])
        print(f"epoch {epoch}: loss on held-out images {held_out.item():.3f}, {right:.1%} right")

    folder = options.out or Path(tempfile.mkdtemp())
    folder.mkdir(parents=True, exist_ok=True)
    draw(images.numpy()[:16], taken_for[:16], folder / "lesson11.png")


if __name__ == "__main__":
    main()
