"""The job behind ``tinygrad-edu mnist``: read images, train, measure on others, draw."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from tinygrad_edu import data, nn, optim
from tinygrad_edu.images.network import network
from tinygrad_edu.images.pictures import draw_all
from tinygrad_edu.images.shifted import Shifted
from tinygrad_edu.op import Array
from tinygrad_edu.random import manual_seed
from tinygrad_edu.recording import no_grad
from tinygrad_edu.staging import publish, staging
from tinygrad_edu.tensor import Tensor
from tinygrad_edu.training import History, confusion_matrix, fit


@dataclass(frozen=True)
class Options:
    """What can be asked of the job.

    Examples
    --------
    >>> from tinygrad_edu.images import Options
    >>> Options(epochs=3).batch_size
    64
    """

    root: Path | None = None
    fashion: bool = False
    download: bool = False
    epochs: int = 12
    batch_size: int = 64
    learning_rate: float = 0.01
    seed: int = 0
    out: Path = Path("mnist-run")


class Images(NamedTuple):
    """Images to train with and images held out, with their labels; and where they are from.

    Shapes: (N, 1, side, side) float32, (N,) int64.
    """

    images: Array
    labels: Array
    held_out_images: Array
    held_out_labels: Array
    classes: tuple[str, ...]
    source: str


def read_images(options: Options) -> Images:
    """Read the images from ``options.root``, or take some that need no file.

    With the files of both parts, training is done on one and measuring on the other. With the test
    files alone, a fifth of them is held out, always the same. Without a root, it is digits of 8 by
    8 pixels.

    Raises
    ------
    FileNotFoundError, ValueError
        If the files are not there, or are damaged.
    """
    if options.root is None:
        small = data.digits()
        images, labels = small[:]
        return _split(images.numpy(), labels.numpy(), tuple("0123456789"), f"digits {small.source}")
    kind = data.FashionMNIST if options.fashion else data.MNIST
    test = kind(options.root, train=False, download=options.download)
    try:
        train = kind(options.root, train=True, download=options.download)
    except FileNotFoundError:
        return _split(_pixels(test), test.targets, tuple(test.classes), f"the test files of {test}")
    return Images(
        _pixels(train), train.targets, _pixels(test), test.targets, tuple(test.classes), str(train)
    )


def _pixels(dataset: data.MNIST) -> Array:
    pixels: Array = np.divide(dataset.data[:, None], 255, dtype=np.float32)
    return pixels


def _split(images: Array, labels: Array, classes: tuple[str, ...], source: str) -> Images:
    """Hold out a fifth, the same in every run."""
    order = np.random.default_rng(0).permutation(len(labels))
    kept, held = np.sort(order[: -(len(order) // 5)]), np.sort(order[-(len(order) // 5) :])
    pixels = images.astype(np.float32)
    return Images(pixels[kept], labels[kept], pixels[held], labels[held], classes, source)


def run(options: Options) -> float:
    """Train, print what came out, write the pictures, and return the held-out accuracy.

    Raises
    ------
    FileNotFoundError, ValueError
        If the images are not there, or are damaged.
    OSError
        If the pictures cannot be written.

    Examples
    --------
    >>> from tinygrad_edu.images import Options, run
    >>> run(Options(fashion=True))
    Traceback (most recent call last):
        ...
    ValueError: --fashion and --download need --root, the folder of the files
    """
    check_options(options)
    manual_seed(options.seed)
    images = read_images(options)
    if options.root is None:
        print("no --root given, so these are not MNIST images:", end=" ")
    print(
        f"{images.source}; {len(images.labels)} to train with, "
        f"{len(images.held_out_labels)} held out"
    )
    began = time.perf_counter()
    model = network(images.images.shape[-1], len(images.classes)).float()
    history = train(model, images, options)
    seconds = time.perf_counter() - began
    scores = scores_of(model, images.held_out_images)
    counts = confusion_matrix(scores, images.held_out_labels)
    accuracy = float(counts.trace() / counts.sum())
    print(table(counts, images.classes))
    print(f"\n{accuracy:.2%} of the held-out images are told right, after {seconds:.1f} s")
    with staging(options.out) as folder:
        notes = draw_pictures(folder, model, images, scores, history)
        files = publish(folder, options.out)
    print("\n".join([*(f"wrote {file}" for file in files), *notes]))
    return accuracy


def check_options(options: Options) -> None:
    """Refuse what cannot be done before anything is done."""
    for name in ("epochs", "batch_size"):
        if getattr(options, name) < 1:
            raise ValueError(f"--{name.replace('_', '-')} must be at least 1")
    if options.seed < 0:
        raise ValueError(f"--seed must not be negative, and is {options.seed}")
    if options.root is None and (options.fashion or options.download):
        raise ValueError("--fashion and --download need --root, the folder of the files")


def train(model: nn.Sequential, images: Images, options: Options) -> History:
    """Train with Adam, the learning rate rising and falling once, on images moved a little."""
    dataset = data.TensorDataset(Tensor(images.images), Tensor(images.labels))
    loader = data.DataLoader(dataset, options.batch_size, shuffle=True, drop_last=True)
    held_out = data.TensorDataset(Tensor(images.held_out_images), Tensor(images.held_out_labels))
    optimizer = optim.Adam(model.parameters(), lr=options.learning_rate)
    schedule = optim.lr_scheduler.OneCycleLR(
        optimizer, options.learning_rate, epochs=options.epochs, steps_per_epoch=len(loader)
    )
    return fit(
        model, Shifted(loader), nn.CrossEntropyLoss(), optimizer, options.epochs,
        validation=data.DataLoader(held_out, 500), scheduler=schedule,
    )  # fmt: skip


def scores_of(model: nn.Sequential, images: Array, part: int = 500) -> Array:
    """Return the trained model's scores, (N, classes), a part of the images at a time."""
    model.eval()
    with no_grad():
        parts = [images[start : start + part] for start in range(0, len(images), part)]
        return np.concatenate([model(Tensor(each)).numpy() for each in parts])


def table(counts: Array, classes: tuple[str, ...]) -> str:
    """Write the confusion matrix down: a row for each class, a column for each answer."""
    width = max(5, *(len(name) + 1 for name in classes))
    lines = ["", "rows: what it is; columns: what it was taken for"]
    lines.append(" " * width + "".join(f"{name[:5]:>6}" for name in classes))
    for name, row in zip(classes, counts):
        lines.append(f"{name:>{width}}" + "".join(f"{n or '.':>6}" for n in row.tolist()))
    return "\n".join(lines)


def draw_pictures(
    folder: Path, model: nn.Sequential, images: Images, scores: Array, history: History
) -> list[str]:
    """Draw the pictures; return a note if that was not possible."""
    try:
        history.plot(folder / "training.png")
        held_out = images.held_out_images, scores, images.held_out_labels
        draw_all(folder, model, *held_out, images.classes)
    except ImportError:
        return ["no pictures: they need Matplotlib, pip install 'tinygrad_edu[plot]'"]
    return []
