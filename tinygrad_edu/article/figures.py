"""The article's figures, drawn from real runs: the two that are curves and tables of numbers.

Read next: ``descent.py`` and ``chain_rule.py``; ``gallery.py`` makes all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike

from tinygrad_edu.op import Array


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


def predictions_table(
    inputs: Array, predictions: Array, targets: Array, path: str | PathLike[str]
) -> None:
    """Draw the table of what the network says about every sample, beside what was wanted.

    Parameters
    ----------
    inputs : a row for each sample.
    predictions, targets : a number for each sample.

    Raises
    ------
    ImportError
        If Matplotlib is not installed.
    """
    from matplotlib.figure import Figure

    rows = [
        [", ".join(f"{x:g}" for x in sample), f"{prediction:.4f}", f"{target:g}"]
        for sample, prediction, target in zip(inputs, predictions.ravel(), targets.ravel())
    ]
    figure = Figure(figsize=(5.2, 0.36 * (len(rows) + 2)), dpi=150, layout="constrained")
    axes = figure.add_subplot()
    axes.set_axis_off()
    axes.set_title("Predictions after training")
    table = axes.table(
        rows, colLabels=["inputs", "prediction", "wanted"], loc="center", cellLoc="center"
    )
    table.scale(1, 1.5)
    for (row, column), cell in table.get_celld().items():
        cell.set_edgecolor("#cccccc")
        if row == 0:
            cell.set_text_props(weight="bold")
        elif column == 1:
            share = min(1.0, max(0.0, float(predictions.ravel()[row - 1])))
            cell.set_facecolor((1 - 0.45 * share, 1 - 0.2 * share, 1.0))
    figure.savefig(path)
