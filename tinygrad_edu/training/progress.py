"""What one sees while a model is trained: a bar on a terminal, else a line for every epoch."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

Row = Mapping[str, float]


def display(progress: bool | None, epochs: int, samples: int | None) -> Lines | Bar | Silence:
    """Choose what to show: ``None`` leaves it to where the program runs."""
    if progress is False:
        return Silence()
    interactive = sys.stderr.isatty() or _in_notebook()
    if progress or interactive:
        try:
            from tqdm.auto import tqdm  # which knows terminals from notebooks
        except ImportError as error:
            if progress:
                raise ImportError(
                    "the progress bar is drawn by tqdm: pip install 'tinygrad_edu[progress]'"
                ) from error
        else:
            return Bar(tqdm(total=samples, unit=" samples", unit_scale=True), epochs)
    return Lines(epochs)


def _in_notebook() -> bool:
    """Tell whether a notebook's kernel runs this program."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return shell is not None and hasattr(shell, "kernel")


class Silence:
    """Show nothing."""

    def batch(self, epoch: int, samples: int, row: Row) -> None:
        """After every batch: how many samples it had, and the figures so far."""

    def epoch(self, row: Row) -> None:
        """After every epoch: its figures."""

    def close(self) -> None:
        """At the end, however it comes."""


class Lines(Silence):
    """Print one line for every epoch, for logs and pipes."""

    def __init__(self, epochs: int) -> None:
        self.epochs = epochs

    def epoch(self, row: Row) -> None:
        """Print the figures."""
        print(f"epoch {row['epoch']}/{self.epochs}: {_figures(row)}", flush=True)


class Bar(Silence):
    """Keep one bar up to date, which counts samples over all epochs and knows the time left."""

    def __init__(self, bar: Any, epochs: int) -> None:
        self.bar = bar
        self.epochs = epochs
        self.validated = ""

    def batch(self, epoch: int, samples: int, row: Row) -> None:
        """Move on."""
        self.bar.set_description(f"epoch {epoch}/{self.epochs}", refresh=False)
        self.bar.set_postfix_str(_figures(row) + self.validated, refresh=False)
        self.bar.update(samples)

    def epoch(self, row: Row) -> None:
        """Remember how the validation went, to show it during the next epoch."""
        names = [name for name in row if name.startswith("validation_")]
        self.validated = "".join(f", {name} {row[name]:.4g}" for name in names)
        self.bar.set_postfix_str(_figures(row))

    def close(self) -> None:
        """Leave the bar as it is."""
        self.bar.close()


def _figures(row: Row) -> str:
    shown = {name: value for name, value in row.items() if name not in ("epoch", "per_second")}
    figures = [f"{name} {value:.4g}" for name, value in shown.items() if name != "seconds"]
    if "seconds" in row:
        figures.append(f"{row['seconds']:.1f} s, {row['per_second']:.0f} samples/s")
    return ", ".join(figures)
