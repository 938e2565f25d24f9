"""The article's figures, drawn from real runs."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike


def loss_curve(losses: Sequence[float], path: str | PathLike[str]) -> None:
    """Draw the loss of every iteration into a picture file.

    Raises
    ------
    ImportError
        If Matplotlib is not installed.
    """
    from matplotlib.figure import Figure  # imported late: it takes longer than all the training

    figure = Figure(figsize=(6.4, 4), dpi=150, layout="constrained")
    axes = figure.add_subplot()
    axes.plot(range(len(losses)), losses, color="#1f4e79", linewidth=2)
    axes.set_xlabel("iteration")
    axes.set_ylabel("loss: sum of squared errors")
    axes.set_title("Training the article's network")
    axes.set_xlim(0, max(1, len(losses) - 1))
    axes.set_ylim(bottom=0)
    axes.grid(color="#dddddd")
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    axes.annotate(
        f"{losses[-1]:.4f}",
        (len(losses) - 1, losses[-1]),
        xytext=(-8, 12),
        textcoords="offset points",
        horizontalalignment="right",
    )
    figure.savefig(path)
