"""Going through batches without learning from them, and the means of what is measured."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from numbers import Real
from operator import length_hint
from typing import Any

import numpy as np

from tinygrad_edu.dispatch import plain
from tinygrad_edu.nn.module import Module
from tinygrad_edu.recording import no_grad
from tinygrad_edu.training.metrics import accuracy

Metric = Callable[[Any, Any], float]


def evaluate(
    model: Module,
    loader: Iterable[Any],
    loss: Callable[[Any, Any], Any],
    metric: Metric | None = None,
) -> dict[str, float]:
    """Measure a model on batches, in evaluation mode and without recording.

    Returns
    -------
    ``{"loss": ...}`` and the metric under its name, as means over the samples.

    Raises
    ------
    TypeError, ValueError
        If a batch has no data and targets, or there is no batch.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn, training
    >>> batch = tg.Tensor([[1.0, 3.0], [2.0, 0.0]]), tg.Tensor([[1.0, 1.0], [2.0, 0.0]])
    >>> training.evaluate(nn.Identity(), [batch], nn.MSELoss())
    {'loss': 1.0}
    """
    mode, means = model.training, Means(metric)
    model.eval()
    try:
        with no_grad():
            for inputs, targets in pairs(loader):
                outputs = model(inputs)
                means.add(float(loss(outputs, targets)), outputs, inputs, targets)
    finally:
        model.train(mode)
    return means.figures()


class Means:
    """The means of the loss and of the metric over the samples so far."""

    def __init__(self, metric: Metric | None) -> None:
        self.metric = metric
        self.samples = self.last = 0
        self.sums: dict[str, float] = {}

    def add(self, loss: float, outputs: Any, inputs: Any, targets: Any) -> None:
        """Count in a batch."""
        self.last = count(inputs, targets)
        self.samples += self.last
        measured = {"loss": loss}
        metric = self.metric
        if metric is None and _are_classes(outputs, targets):
            metric = accuracy
        if metric is not None:
            with no_grad():
                measured[getattr(metric, "__name__", "metric")] = float(metric(outputs, targets))
        for name, value in measured.items():
            self.sums[name] = self.sums.get(name, 0.0) + value * self.last

    def figures(self) -> dict[str, float]:
        """Return the means."""
        return {name: total / self.samples for name, total in self.sums.items()}


def count(*parts: Any) -> int:
    """Count the samples of a batch: the length of the first array in it, however it is nested."""
    for part in parts:
        if isinstance(part, Mapping):
            found = count(*part.values())
        elif isinstance(part, (tuple, list)) and not all(isinstance(x, Real) for x in part):
            found = count(*part)
        else:
            found = len(part) if np.ndim(plain(part)) else 0
        if found:
            return found
    return 0 if not parts else 1


def _are_classes(outputs: Any, targets: Any) -> bool:
    kind = getattr(getattr(targets, "dtype", None), "kind", "")
    return kind in ("i", "u") and targets.ndim == 1 and getattr(outputs, "ndim", 0) == 2


def check_repeats(loader: Any, name: str, epochs: int) -> None:
    """Refuse batches that are not there, or will not be there in the second epoch."""
    if isinstance(loader, Iterator) and epochs > 1:
        raise ValueError(
            f"the {name} is a {type(loader).__name__}, which gives its batches only once, and "
            f"{epochs} epochs need them anew: pass a list, or a DataLoader"
        )
    if not length_hint(loader, 1):  # a stream cannot tell its length
        raise ValueError(f"the {name} has no batches")


def pairs(loader: Iterable[Any]) -> Iterator[tuple[Any, Any]]:
    """Go through the batches of a loader, and refuse what cannot be trained on."""
    none = True
    for batch in loader:
        none = False
        if not isinstance(batch, (tuple, list)) or len(batch) != 2:
            raise TypeError(
                f"every batch must be a pair (inputs, targets); this one is a "
                f"{type(batch).__name__}"
                + (f" of {len(batch)}" if hasattr(batch, "__len__") else "")
                + "; a single batch is written [(inputs, targets)]"
            )
        inputs, targets = batch
        yield inputs, targets
    if none:
        raise ValueError(
            "the loader gave no batches; a generator gives them only once: pass a list, or a "
            "DataLoader, which begins anew in every epoch"
        )
