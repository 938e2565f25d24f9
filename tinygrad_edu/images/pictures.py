"""Pictures of what a network for images has learnt, and of what it has not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tinygrad_edu import nn
from tinygrad_edu.figure import figure as new_figure
from tinygrad_edu.op import Array
from tinygrad_edu.ops.special import softmax
from tinygrad_edu.recording import no_grad
from tinygrad_edu.tensor import Tensor

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

RIGHT, WRONG = "#2a6f3c", "#b3261e"


def draw_all(
    folder: Path,
    model: nn.Sequential,
    images: Array,
    scores: Array,
    labels: Array,
    classes: Sequence[str],
) -> None:
    """Draw all the pictures of a trained network into a folder.

    Shapes: ``images`` (N, 1, side, side), the model's ``scores`` for them (N, classes), ``labels``
    (N,) whole numbers.

    Raises
    ------
    ImportError
        If Matplotlib is not installed.
    """
    predicted = scores.argmax(axis=1)
    chances = np.asarray(softmax(scores))[np.arange(len(scores)), predicted]
    wrong = np.flatnonzero(predicted != labels)
    surest = wrong[np.argsort(-chances[wrong])]

    def shown(chosen: Array) -> list[tuple[str, bool]]:
        names = [(classes[labels[i]], classes[predicted[i]], chances[i]) for i in chosen]
        return [(f"{is_} → {told} ({p:.0%})", is_ == told) for is_, told, p in names]

    for name, chosen, title in (
        ("predictions", np.arange(min(40, len(labels))), "held-out images"),
        ("mistakes", surest[:40], f"all mistakes: {len(wrong)} of {len(labels)} images"),
    ):
        title = f"{title}: what it is → what it was taken for (with what probability)"
        gallery(images[chosen, 0], shown(chosen), title).savefig(folder / f"{name}.png")
    filters(model[0].weight.numpy()).savefig(folder / "filters.png")
    feature_maps(model, images[:1]).savefig(folder / "features.png")


def gallery(images: Array, captions: Iterable[tuple[str, bool]], title: str) -> Figure:
    """Show images in rows, each with its caption, which is green where it is right.

    Shapes: ``images`` (N, height, width).
    """
    columns, side = 8, images.shape[-1]
    rows = max(1, -(-len(images) // columns))
    figure = _figure((columns * 1.35, rows * 1.7 + 0.4), title)
    axes, step = figure.add_subplot(), (side * 5 // 4, side * 9 // 8)
    _show(axes, mosaic(images, columns, step), "gray_r", 0, 1)
    for position, (text, right) in enumerate(captions):
        row, column = divmod(position, columns)
        place = column * step[1] + side / 2, row * step[0] + side * 9 / 8
        axes.text(*place, text, size=9, ha="center", va="center", color=RIGHT if right else WRONG)
    return figure


def filters(weight: Array) -> Figure:
    """Show the windows through which a first convolution looks: blue is minus, red is plus.

    Shapes: ``weight`` (filters, 1, height, width).
    """
    figure = _figure((1.5 * len(weight), 2.1), "what the first convolution looks for")
    strongest = float(np.abs(weight).max())
    tiles = mosaic(weight[:, 0], len(weight), (weight.shape[2] + 1, weight.shape[3] + 1))
    _show(figure.add_subplot(), tiles, "RdBu_r", -strongest, strongest)
    return figure


def feature_maps(model: nn.Sequential, image: Array) -> Figure:
    """Show one image, and what is left of it behind every convolution, each map in full range.

    Shapes: ``image`` (1, 1, side, side).
    """
    maps, x = [], Tensor(image)
    with no_grad():
        for step in model:
            x = step(x)
            if isinstance(step, nn.ReLU):
                maps.append(x.numpy()[0])
    columns = len(maps[0])
    heights = [len(each) // columns for each in maps]
    figure = _figure((1.35 * (columns + 1), 1.35 * sum(heights) + 0.5), "what the network sees")
    grid = figure.add_gridspec(sum(heights), columns + 1)
    _show(figure.add_subplot(grid[0, 0]), image[0, 0], "gray_r")
    row = 0
    for each, height in zip(maps, heights):
        strongest = np.maximum(each.max(axis=(1, 2), keepdims=True), 1e-30)
        tiles = mosaic(each / strongest, columns, tuple(n + n // 14 + 1 for n in each.shape[1:]))
        _show(figure.add_subplot(grid[row : row + height, 1:]), tiles, "viridis", 0, 1)
        row += height
    return figure


def mosaic(images: Array, columns: int, step: tuple[int, ...]) -> Array:
    """Lay images out in rows on one canvas, ``step`` pixels apart, NaN in between.

    Shapes: ``images`` (N, height, width). One picture is drawn 30 times as fast as 40 small ones.
    """
    rows = max(1, -(-len(images) // columns))
    canvas = np.full((rows * step[0], columns * step[1]), np.nan, dtype=images.dtype)
    for position, image in enumerate(images):
        top, left = position // columns * step[0], position % columns * step[1]
        canvas[top : top + image.shape[0], left : left + image.shape[1]] = image
    return canvas


def _figure(size: tuple[float, float], title: str) -> Figure:
    figure: Figure = new_figure(figsize=size, dpi=120, layout="constrained")
    figure.suptitle(title, fontsize=11)
    return figure


def _show(axes: Axes, image: Any, colors: str, low: Any = None, high: Any = None) -> None:
    axes.imshow(image, cmap=colors, vmin=low, vmax=high, interpolation="nearest")
    axes.set_axis_off()
