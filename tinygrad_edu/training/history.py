"""History: what became of the loss, and of all else that was measured, epoch by epoch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from os import PathLike
from typing import Any

import numpy as np

from tinygrad_edu.figure import figure as new_figure

Row = dict[str, float]


class History:
    """The measured figures of every epoch, in order.

    ``history["loss"]`` is a column, ``history[-1]`` a row, ``history.plot()`` the curves. There is
    always ``epoch``, ``loss``, ``lr``, ``seconds`` and ``per_second`` (samples), and, where asked
    for, the metric, and both for the validation data.

    Examples
    --------
    >>> from tinygrad_edu.training import History
    >>> history = History([{"epoch": 1, "loss": 0.5}, {"epoch": 2, "loss": 0.25}])
    >>> history["loss"], history[-1]["epoch"], len(history)
    ([0.5, 0.25], 2, 2)
    """

    def __init__(self, rows: list[Row] | None = None) -> None:
        self.rows: list[Row] = list(rows or [])
        self.stopped: str | None = None  # why training ended early, if it did

    def state_dict(self) -> dict[str, Any]:
        """Return all of it, by columns: the numbers of the rows that have it, and its values."""
        columns = {}
        for name in self.columns():
            rows = [number for number, row in enumerate(self.rows) if name in row]
            columns[name] = {"rows": np.array(rows), "values": np.array(self[name])}
        return {"count": len(self), "columns": columns, "stopped": self.stopped}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take over what ``state_dict()`` returned: all of it, or nothing.

        Raises
        ------
        ValueError
            If it is none.
        """
        try:
            rows: list[Row] = [{} for _ in range(state["count"])]
            for name, column in state["columns"].items():
                for number, value in zip(column["rows"].tolist(), column["values"].tolist()):
                    rows[number][name] = value
            self.rows, self.stopped = rows, state["stopped"]
        except (AttributeError, IndexError, KeyError, TypeError) as error:
            raise ValueError(f"this is no state of a History: {error!r}") from error

    def append(self, row: Mapping[str, float]) -> None:
        """Add an epoch."""
        self.rows.append(dict(row))

    def columns(self) -> list[str]:
        """Return the names of all that was measured."""
        return list(dict.fromkeys(name for row in self.rows for name in row))

    def __getitem__(self, key: str | int) -> Any:
        if isinstance(key, int):
            return self.rows[key]
        if key not in self.columns():
            raise KeyError(f"{key!r} was not measured; there is {', '.join(self.columns())}")
        return [row[key] for row in self.rows if key in row]

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def plot(self, path: str | PathLike[str] | None = None) -> Any:
        """Draw the curves: the losses, and beside them the metric, if there is one.

        Parameters
        ----------
        path : where to write the picture; the format goes by the suffix. Without, only the figure
            is returned, which a notebook shows.

        Raises
        ------
        ValueError
            If there is no epoch to draw.
        ImportError
            If Matplotlib is not installed.
        """
        if not self.rows:
            raise ValueError("there is nothing to draw: no epoch has ended")
        try:
            from matplotlib.ticker import MaxNLocator
        except ImportError as error:
            raise ImportError(
                "curves are drawn by Matplotlib: pip install 'tinygrad_edu[plot]'"
            ) from error
        measured = [n for n in self.columns() if n not in ("epoch", "lr", "seconds", "per_second")]
        kinds = list(dict.fromkeys(name.removeprefix("validation_") for name in measured))
        figure = new_figure(figsize=(5.2 * len(kinds), 3.6), dpi=120, layout="constrained")
        for position, kind in enumerate(kinds, start=1):
            axes = figure.add_subplot(1, len(kinds), position)
            for name, style in ((kind, "-"), (f"validation_{kind}", "--")):
                points = [(row["epoch"], row[name]) for row in self.rows if name in row]
                if points:
                    label = "validation" if name != kind else "training"
                    axes.plot(*zip(*points), style, marker=".", label=label, color="#1f4e79")
            axes.set_xlabel("epoch")
            axes.set_ylabel(kind)
            axes.grid(color="#dddddd")
            axes.legend(frameon=False)
            axes.xaxis.set_major_locator(MaxNLocator(integer=True))
            for side in ("top", "right"):
                axes.spines[side].set_visible(False)
        if path is not None:
            figure.savefig(path)
        return figure

    def __repr__(self) -> str:
        if not self.rows:
            return "History of no epoch"
        last = ", ".join(f"{name} {value:.4g}" for name, value in self.rows[-1].items())
        return f"History of {len(self)} epochs, the last: {last}"

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{escape(name)}</th>" for name in self.columns())
        body = "".join(
            "<tr>"
            + "".join(f"<td>{_cell(row.get(name))}</td>" for name in self.columns())
            + "</tr>"
            for row in self.rows
        )
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _cell(value: Any) -> str:
    return (
        "" if value is None else escape(f"{value:.5g}" if isinstance(value, float) else str(value))
    )
