"""lr_range_test: try all learning rates in one short run, and see where the loss falls fastest.

The learning rate grows by the same factor from batch to batch, over many powers of ten. Too small
rates change nothing, fitting ones make the loss fall, too large ones make it jump. After L. N.
Smith (2015), "Cyclical learning rates for training neural networks", section 3.3.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from math import isfinite
from os import PathLike
from typing import Any

import numpy as np

from tinygrad_edu.figure import figure as new_figure
from tinygrad_edu.op import Array
from tinygrad_edu.optim.optimizer import Optimizer
from tinygrad_edu.optim.sgd import SGD
from tinygrad_edu.random import default_generator
from tinygrad_edu.tensor import Tensor

WIDTH = 0.05
"""The loss is smoothed over this part of the run, to either side."""


@dataclass
class RangeTest:
    """What a range test has found; see `lr_range_test`.

    Attributes
    ----------
    learning_rates, losses : those of each step.

    Examples
    --------
    >>> from tinygrad_edu.optim import RangeTest
    >>> found = RangeTest([0.1, 0.2, 0.4, 0.8], [1.0, 0.9, 0.4, 3.0])
    >>> found.losses[found.learning_rates.index(0.4)]
    0.4
    """

    learning_rates: list[float]
    losses: list[float]

    @property
    def smoothed(self) -> Array:
        """The losses, each averaged with its neighbours, of which the near ones weigh more."""
        width = max(1, round(WIDTH * len(self.losses)))
        weights = np.bartlett(2 * width + 3)[1:-1]
        losses = np.pad(self.losses, width, constant_values=0.0)
        there = np.pad(np.ones(len(self.losses)), width, constant_values=0.0)
        averages: Array = np.convolve(losses, weights, "valid") / np.convolve(
            there, weights, "valid"
        )
        return averages

    @property
    def suggestion(self) -> float:
        """The learning rate at which the smoothed loss falls fastest.

        Raises
        ------
        ValueError
            If it never falls.
        """
        place = self._steepest()
        if place is None:
            raise ValueError(
                f"the loss fell at none of {len(self.losses)} learning rates up to "
                f"{self.learning_rates[-1]:.2g}; try more steps, a larger lr_max or larger batches"
            )
        return self.learning_rates[place]

    def _steepest(self) -> int | None:
        """Find where the loss falls fastest, on the way to its lowest point."""
        losses = self.smoothed
        lowest = int(np.argmin(losses))
        if len(losses) < 2 or lowest == 0:
            return None
        slopes = np.gradient(losses, np.log(self.learning_rates))[: lowest + 1]
        place = int(np.argmin(slopes))
        return place if slopes[place] < 0 else None

    def plot(self, target: str | PathLike[str] | Any = None) -> Any:
        """Draw the loss over the learning rate, and mark the suggestion.

        Parameters
        ----------
        target : where to write the picture; or Matplotlib's axes to draw into. Without, only the
            figure is returned, which a notebook shows.

        Returns
        -------
        Matplotlib's figure.

        Raises
        ------
        ImportError
            If Matplotlib is not installed.
        """
        try:
            from matplotlib.axes import Axes  # imported late: it takes long
        except ImportError as error:
            raise ImportError(
                "the curve is drawn by Matplotlib: pip install 'tinygrad_edu[plot]'"
            ) from error
        if isinstance(target, Axes):
            self._draw(target)
            return target.figure
        figure = new_figure(figsize=(6.4, 4), dpi=150, layout="constrained")
        self._draw(figure.add_subplot())
        if target is not None:
            figure.savefig(target)
        return figure

    def _draw(self, axes: Any) -> None:
        smoothed, place = self.smoothed, self._steepest()
        axes.plot(self.learning_rates, self.losses, color="#b8c9d9", linewidth=1, label="loss")
        axes.plot(self.learning_rates, smoothed, color="#1f4e79", linewidth=2, label="smoothed")
        if place is not None:
            lr = self.learning_rates[place]
            axes.axvline(lr, color="#b03a2e", linestyle=":", linewidth=1)
            label = f"falls fastest at {lr:.2g}"
            axes.plot(lr, smoothed[place], "o", color="#b03a2e", markersize=8, label=label)
        low, high = min(self.losses), smoothed[: int(np.argmin(smoothed)) + 1].max()
        room = (high - low) or abs(high) or 1.0
        axes.set_ylim(low - 0.1 * room, high + 0.5 * room)  # what comes after may be of any size
        axes.set_xscale("log")
        axes.set_xlabel("learning rate")
        axes.set_ylabel("loss")
        axes.set_title("Where the loss falls fastest")
        axes.grid(color="#dddddd")
        axes.legend(frameon=False)
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)


def lr_range_test(
    model: Any,
    data: Iterable[Any],
    loss: Callable[[Any, Any], Any] | None = None,
    optimizer: Optimizer | None = None,
    lr_min: float = 1e-7,
    lr_max: float = 10.0,
    steps: int = 100,
) -> RangeTest:
    """Train for a few steps with ever larger learning rates, and take it all back.

    The rate of step ``k`` is ``lr_min * (lr_max / lr_min)**(k / (steps - 1))``, in all groups. The
    test ends early when the loss is not finite, or four times what it was at first.

    Parameters
    ----------
    model : the module to train.
    data : batches ``(inputs, targets)``, such as a `DataLoader` or a list; gone through again when
        there are fewer than ``steps``.
    loss : called as ``loss(model(inputs), targets)``. By default cross-entropy if the targets are
        whole numbers, and so classes; else the mean squared error.
    optimizer : whose steps to try; plain `SGD` by default.
    lr_min, lr_max : the first and the last learning rate.
    steps : how many to try.

    Returns
    -------
    A `RangeTest`, with ``.learning_rates``, ``.losses``, ``.suggestion`` and ``.plot()``. The
    model, its gradients and modes, the optimizer and the random numbers, those of the data too, are
    as they were.

    Raises
    ------
    TypeError, ValueError
        If a setting makes no sense, the data runs out or does not consist of pairs, or the loss is
        not finite at the first step already.

    References
    ----------
    L. N. Smith (2015), "Cyclical learning rates for training neural networks".

    Examples
    --------
    >>> import numpy as np
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> from tinygrad_edu.optim.range_test import lr_range_test
    >>> x = np.linspace(-1, 1, 20).reshape(20, 1)
    >>> result = lr_range_test(nn.Linear(1, 1), [(x, 3 * x + 1)])
    >>> 0.01 < result.suggestion < 2
    True
    """
    optimizer = SGD(model.parameters()) if optimizer is None else optimizer
    if not 0 < lr_min < lr_max < np.inf:
        raise ValueError(f"learning rates grow from lr_min={lr_min} to lr_max={lr_max}: not so")
    if steps < 2:
        raise ValueError(f"steps must be at least 2, not {steps}")
    result = RangeTest([], [])
    with _taken_back(model, optimizer, data), closing(_endless(data)) as batches:
        model.train()
        for lr in np.geomspace(lr_min, lr_max, steps).tolist():
            value = _step(model, next(batches), loss, optimizer, lr)
            if not isfinite(value):
                break
            result.learning_rates.append(lr)
            result.losses.append(value)
            if value > result.losses[0] + 3 * abs(result.losses[0]):
                break
    if not result.losses:
        raise ValueError(f"the loss is {value} before anything is learnt")
    return result


def _step(model: Any, batch: Any, loss: Any, optimizer: Optimizer, lr: float) -> float:
    """Compute the loss of a batch, and take one step."""
    if not isinstance(batch, (tuple, list)) or len(batch) != 2:
        raise TypeError(f"a batch must be a pair (inputs, targets), not a {type(batch).__name__}")
    inputs, targets = batch
    for group in optimizer.param_groups:
        group["lr"] = lr
    with np.errstate(over="ignore", invalid="ignore"):  # it goes on until it diverges
        value = (_usual_loss(targets) if loss is None else loss)(model(inputs), targets)
        optimizer.zero_grad()
        value.backward()
        optimizer.step()
    return float(value)


def _usual_loss(targets: Any) -> Callable[[Any, Any], Any]:
    # From the package that is built upon this one, and so only now.
    from tinygrad_edu.nn.functional.classification_loss import cross_entropy
    from tinygrad_edu.nn.functional.loss import mse_loss

    values = targets._array if isinstance(targets, Tensor) else np.asarray(targets)
    return cross_entropy if values.dtype.kind in "iu" else mse_loss


def _endless(data: Iterable[Any]) -> Generator[Any, None, None]:
    """Go through the data again and again."""
    count = 0
    while True:
        before = count
        for batch in data:
            count += 1
            yield batch
        if count == before:
            raise ValueError(
                f"the data ran out after {count} batches; pass what can be gone through again, "
                f"such as a list or a DataLoader"
            )


@contextmanager
def _taken_back(model: Any, optimizer: Optimizer, data: Any) -> Iterator[None]:
    """Leave model, gradients, modes, optimizer and random numbers as they were, come what may."""
    learnt = dict(enumerate(p for group in optimizer.param_groups for p in group["params"]))

    def tensors() -> dict[Any, Tensor]:
        return {**learnt, **dict(model.named_parameters()), **dict(model.named_buffers())}

    values = {name: tensor._array.copy() for name, tensor in tensors().items()}
    gradients = [(tensor, tensor._grad) for tensor in tensors().values()]
    modes = [(module, module.training) for module in model.modules()]
    states = [(g, g.bit_generator.state) for g in _generators(model, data)]
    position = data.state_dict() if hasattr(data, "state_dict") else None
    saved, has_stepped = optimizer.state_dict(), optimizer.has_stepped
    try:
        yield
    finally:
        for name, tensor in tensors().items():
            tensor._touch()
            np.copyto(tensor._array, values[name])
        for tensor, gradient in gradients:
            tensor._grad = gradient
        for module, mode in modes:
            module.training = mode
        if position is not None:
            data.load_state_dict(position)
        for generator, state in states:
            generator.bit_generator.state = state
        optimizer.load_state_dict(saved)
        optimizer.has_stepped = has_stepped


def _generators(model: Any, data: Any) -> list[np.random.Generator]:
    """List the random number generators that a training step may draw from."""
    found = [default_generator()]
    for owner in (data, *model.modules()):
        for value in getattr(owner, "__dict__", {}).values():
            if isinstance(value, np.random.Generator) and not any(g is value for g in found):
                found.append(value)
    return found
