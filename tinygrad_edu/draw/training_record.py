"""record_training: the same graph at several moments of a training, for the explorer's slider.

A graph is of one moment. What a learner wants to see as well is how values and gradients move while
the network learns. So the loop shows each loss to a recorder, which keeps every loss, and the whole
graph at a few chosen iterations.
"""

from __future__ import annotations

import os
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

import numpy as np

from tinygrad_edu.draw.read import graph as read_graph
from tinygrad_edu.draw.snapshot import Graph, GraphNode
from tinygrad_edu.tensor import Tensor

if TYPE_CHECKING:
    from pathlib import Path

MOST_LOSSES = 2000
"""The most points of the loss curve that are written into a page."""


def record_training(at: int | Collection[int] | None = None) -> TrainingRecord:
    """Begin to record a training, to look at it in the explorer afterwards.

    Show it every loss, after ``backward()`` and before the optimizer's step. It keeps the number,
    and at the chosen iterations the whole graph with all values and gradients.

    Parameters
    ----------
    at : the iterations, counted from 0, whose graphs are kept: a collection of them; a number, for
        every so many; by default 0, 1, 2, 5, 10, 20, 50 and so on, as most happens at first.

    Returns
    -------
    A `TrainingRecord`.

    Raises
    ------
    ValueError
        If ``at`` is a number below 1, or names no iteration.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.draw.training_record import record_training
    >>> w = tg.Tensor(3.0, requires_grad=True, name="w")
    >>> record = record_training()
    >>> for _ in range(12):
    ...     loss = w * w
    ...     w.grad = None
    ...     loss.backward()
    ...     record.see(loss)
    ...     w.data -= 0.1 * w.grad
    >>> record
    <TrainingRecord of 12 losses, with graphs at 0, 1, 2, 5, 10>
    """
    if isinstance(at, int) and at < 1:
        raise ValueError(f"at={at}: record every so many iterations, at least 1")
    if at is not None and not isinstance(at, int) and not at:
        raise ValueError("at names no iteration; leave it out for 0, 1, 2, 5, 10, 20, ...")
    return TrainingRecord(at)


class TrainingRecord:
    """The losses of a training, and its graph at some moments.

    Attributes
    ----------
    losses : the loss of every iteration.
    graphs : by iteration, the graphs that were kept.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> w = tg.Tensor(3.0, requires_grad=True, name="w")
    >>> record = tg.record_training(at=[0])
    >>> loss = w * w
    >>> loss.backward()
    >>> record.see(loss)
    >>> record.losses, list(record.graphs)
    ([9.0], [0])
    """

    def __init__(self, at: int | Collection[int] | None = None) -> None:
        self.at = at
        self.losses: list[float] = []
        self.graphs: dict[int, Graph] = {}
        self.predictions: dict[int, Any] = {}
        self.targets: Any = None

    def see(self, loss: Tensor, predictions: Any = None, targets: Any = None) -> None:
        """Take note of an iteration.

        Parameters
        ----------
        loss : a single number, with the graph that led to it.
        predictions, targets : what the model said and what was wanted, to be shown beside it.

        Raises
        ------
        ValueError
            If the loss is no single number, or the run was another than the first one recorded.
        """
        if loss.size != 1:
            raise ValueError(f"see() wants a loss of one number, not of shape {loss.shape}")
        iteration = len(self.losses)
        if self._is_chosen(iteration):
            graph = read_graph(loss)
            for first in list(self.graphs.values())[:1]:
                check_same_run(first, graph, f"iteration {iteration}")
            self.graphs[iteration] = graph
            self.predictions[iteration] = None if predictions is None else _copied(predictions)
            self.targets = None if targets is None else _copied(targets)
        self.losses.append(loss.item())

    def explore(self, path: str | os.PathLike[str], *, title: str | None = None) -> Path:
        """Write the explorer's page, which opens at the last moment recorded.

        Raises
        ------
        ValueError
            If no graph was recorded.
        OSError
            If the file cannot be written.
        """
        from tinygrad_edu.draw.explorer import explore

        if not self.graphs:
            raise ValueError("no graph was recorded; call see(loss) in the training loop")
        return explore(self.graphs[max(self.graphs)], path, training=self, title=title)

    def to_json(self, graph: Graph, full: int) -> dict[str, Any]:
        """Return the record as plain values, for a page that shows a graph of the same run.

        Parameters
        ----------
        graph : the one that is shown.
        full : arrays of up to so many elements are written out; of larger ones a summary.

        Raises
        ------
        ValueError
            If that is the graph of another run.
        """
        from tinygrad_edu.draw.as_json import array_to_json

        for iteration, kept in self.graphs.items():
            check_same_run(graph, kept, f"iteration {iteration}")
        stride = max(1, -(-len(self.losses) // MOST_LOSSES))
        return {
            "losses": [
                [i, _number(loss, "%.6g")] for i, loss in enumerate(self.losses) if i % stride == 0
            ],
            "targets": array_to_json(self.targets, full),
            "snapshots": [
                {
                    "iteration": iteration,
                    "loss": _number(self.losses[iteration]),
                    "predictions": array_to_json(self.predictions[iteration], full),
                    **_changes(kept.to_json(full), graph.to_json(full)),
                }
                for iteration, kept in self.graphs.items()
            ],
        }

    def _is_chosen(self, iteration: int) -> bool:
        if isinstance(self.at, int):
            return iteration % self.at == 0
        if self.at is None:
            digits = str(iteration)
            return iteration == 0 or (digits[0] in "125" and not digits[1:].strip("0"))
        return iteration in self.at

    def __repr__(self) -> str:
        moments = ", ".join(map(str, self.graphs)) or "no iteration"
        return f"<TrainingRecord of {len(self.losses)} losses, with graphs at {moments}>"


def check_same_run(one: Graph, other: Graph, which: str) -> None:
    """Refuse graphs of different runs: only the numbers may differ.

    Raises
    ------
    ValueError
        Naming the first node at which they part.
    """
    for a, b in zip(one.nodes, other.nodes):
        if a.op is not b.op or a.inputs != b.inputs or _shape(a) != _shape(b):
            raise ValueError(
                f"the graph of {which} is another one: {b.name} = {b.formula or b.role} of shape "
                f"{_shape(b)} stands where {a.name} = {a.formula or a.role} of shape "
                f"{_shape(a)} was; record one model on batches of one size"
            )
    if len(one.nodes) != len(other.nodes):
        raise ValueError(
            f"the graph of {which} is another one: it has {len(other.nodes)} values, and the "
            f"first had {len(one.nodes)}; record one model on batches of one size"
        )


def _shape(node: GraphNode) -> tuple[int, ...] | None:
    return None if node.value is None else node.value.shape


def _changes(then: dict[str, Any], now: dict[str, Any]) -> dict[str, Any]:
    """Collect the arrays of a moment that are not the same in the graph that is shown."""
    found: dict[str, Any] = {}
    for part, keys in (("nodes", ("value", "gradient")), ("edges", ("contribution",))):
        found[part] = {}
        for old, new in zip(then[part], now[part]):
            changed = {key: old[key] for key in keys if old[key] != new[key]}
            if changed:
                found[part][str(old["id"])] = changed
    return found


def _copied(values: Any) -> Any:
    return np.array(values.numpy() if isinstance(values, Tensor) else values)


def _number(x: float, form: str = "%r") -> float | str:
    """Return a number, as text if JSON has none like it."""
    return float(form % x) if np.isfinite(x) else str(x)
