"""fit: the training loop, written once.

For every batch: compute the loss, walk back, let the optimizer take a step. Everything around it is
what such loops are found to lack: figures while it runs, validation, a stop at a loss that is no
number with the last good weights kept, and a place for callbacks.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from math import isfinite
from operator import index
from typing import Any

import numpy as np

from tinygrad_edu.nn.module import Module
from tinygrad_edu.optim.lr_scheduler import CyclicLR, OneCycleLR, ReduceLROnPlateau
from tinygrad_edu.optim.optimizer import Optimizer
from tinygrad_edu.tensor import Tensor
from tinygrad_edu.training.callbacks import Callback, Checkpoint
from tinygrad_edu.training.history import History
from tinygrad_edu.training.measure import Means, Metric, check_repeats, count, evaluate, pairs
from tinygrad_edu.training.progress import display

EVERY_BATCH = (CyclicLR, OneCycleLR)
"""The schedules that move with every batch; the others move with every epoch."""


class NonFiniteLossError(FloatingPointError):
    """The loss has become NaN or infinite. ``.history`` has the epochs that ended before.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn, optim, training
    >>> model, batch = nn.Linear(1, 1), (tg.Tensor([[float("inf")]]), tg.Tensor([[0.0]]))
    >>> optimizer = optim.SGD(model.parameters(), lr=0.1)
    >>> try:
    ...     tg.fit(model, [batch], nn.MSELoss(), optimizer, progress=False)
    ... except training.NonFiniteLossError as error:
    ...     print(len(error.history), "epochs ended before")
    0 epochs ended before
    """

    history: History


class Run:
    """One call of `fit`, as its callbacks see it; ``stop(reason)`` ends it after this epoch.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn, optim, training
    >>> class Enough(training.Callback):
    ...     def on_epoch(self, run):
    ...         run.stop("one epoch is enough")
    >>> model, batch = nn.Linear(1, 1), (tg.Tensor([[1.0]]), tg.Tensor([[0.0]]))
    >>> optimizer = optim.SGD(model.parameters(), lr=0.1)
    >>> options = {"callbacks": [Enough()], "progress": False}
    >>> len(tg.fit(model, [batch], nn.MSELoss(), optimizer, epochs=5, **options))
    1
    """

    def __init__(
        self,
        model: Module,
        optimizer: Optimizer,
        scheduler: Any,
        loader: Any,
        epochs: int,
        validation: Any = None,
    ) -> None:
        self.model = model
        self.optimizer = optimizer
        self.scheduler = scheduler
        self.loader = loader
        self.validation = validation
        self.epochs = epochs
        self.callbacks: list[Callback] = []
        self.history = History()

    def stop(self, reason: str) -> None:
        """Let no further epoch begin."""
        self.history.stopped = reason


def fit(
    model: Module,
    loader: Iterable[Any],
    loss: Callable[[Any, Any], Any],
    optimizer: Optimizer,
    epochs: int = 1,
    *,
    validation: Iterable[Any] | None = None,
    metric: Metric | None = None,
    scheduler: Any = None,
    callbacks: Sequence[Callback] = (),
    progress: bool | None = None,
) -> History:
    """Train a model and return the history of the figures.

    Parameters
    ----------
    model : the module to train; it is in training mode meanwhile, and in evaluation mode while it
        is validated. At the end it is in the mode it had.
    loader : what gives batches ``(inputs, targets)`` anew for every epoch: a `DataLoader`, a list.
    loss : called as ``loss(model(inputs), targets)``.
    optimizer : holds the model's parameters.
    epochs : how many times to go through the loader, epochs before a resumption included.
    validation : batches that are not learnt from, to measure on after every epoch.
    metric : called as ``metric(model(inputs), targets)``; by default `accuracy` where the targets
        are classes.
    scheduler : moves after every epoch; `OneCycleLR` and `CyclicLR` move after every batch, and
        `ReduceLROnPlateau` looks at the validation loss, or else at the loss.
    callbacks : see `Callback`.
    progress : ``True`` for a bar, ``False`` for silence; by default a bar on a terminal or in a
        notebook, and a line for every epoch elsewhere.

    Returns
    -------
    A `History`; losses and metrics are means over the samples.

    Raises
    ------
    NonFiniteLossError
        At a loss that is NaN or infinite, naming epoch and batch. The model has the weights with
        which the loss was last finite.
    TypeError, ValueError
        If the model is no module, the optimizer has none of its parameters, or the loader gives no
        batches or something else than pairs.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn, optim
    >>> generator = tg.manual_seed(0)
    >>> x, y = tg.Tensor([[0.0], [1.0], [2.0]]), tg.Tensor([[1.0], [3.0], [5.0]])
    >>> model = nn.Linear(1, 1)
    >>> optimizer = optim.SGD(model.parameters(), lr=0.2)
    >>> history = tg.fit(model, [(x, y)], nn.MSELoss(), optimizer, epochs=200, progress=False)
    >>> history["loss"][-1] < 1e-6
    True
    """
    epochs = _checked(model, loss, optimizer, epochs, callbacks)
    check_repeats(loader, "loader", epochs)
    if validation is not None:
        check_repeats(validation, "validation loader", epochs)
    run = Run(model, optimizer, scheduler, loader, epochs, validation)
    run.callbacks = sorted(callbacks, key=lambda each: isinstance(each, Checkpoint))  # those last
    mode = model.training
    for callback in run.callbacks:
        callback.on_start(run)
    good = Snapshot(model)
    shown = display(progress, epochs, _samples(loader, epochs - len(run.history)))
    try:
        while len(run.history) < epochs and run.history.stopped is None:
            row = _train(run, loss, metric, shown, good)
            if validation is not None:
                measured = evaluate(model, validation, loss, metric)
                row.update({f"validation_{name}": value for name, value in measured.items()})
            if not (good.finite() and isfinite(row.get("validation_loss", 0.0))):
                good.restore()
                raise _not_finite(
                    run, f"the last step of epoch {row['epoch']} has ruined the weights"
                )
            _move_schedule(scheduler, row)
            run.history.append(row)
            shown.epoch(row)
            for callback in run.callbacks:
                callback.on_epoch(run)
    finally:
        shown.close()
        model.train(mode)
    for callback in run.callbacks:
        callback.on_end(run)
    return run.history


def _train(
    run: Run, loss: Any, metric: Metric | None, shown: Any, good: Snapshot
) -> dict[str, float]:
    """Go through the training data once."""
    run.model.train()
    epoch, means = len(run.history) + 1, Means(metric)
    lr, began = run.optimizer.param_groups[0]["lr"], time.perf_counter()
    for number, (inputs, targets) in enumerate(pairs(run.loader), start=1):
        outputs = run.model(inputs)
        value = _single_number(loss(outputs, targets))
        if not isfinite(value):
            good.restore()
            what = f"the loss became {float(value)} in epoch {epoch}, batch {number}"
            raise _not_finite(run, what)
        good.take()
        run.optimizer.zero_grad()
        value.backward()
        run.optimizer.step()
        if isinstance(run.scheduler, EVERY_BATCH):
            run.scheduler.step()
        means.add(float(value), outputs, inputs, targets)
        shown.batch(epoch, means.last, means.figures())
    seconds = time.perf_counter() - began
    figures: dict[str, float] = {"epoch": epoch, **means.figures(), "lr": lr}
    return {**figures, "seconds": seconds, "per_second": means.samples / max(seconds, 1e-9)}


class Snapshot:
    """A copy of all that a model has learnt, kept in the same memory from step to step."""

    def __init__(self, model: Module) -> None:
        self.tensors = [tensor for _, tensor in model._named_state()]
        self.arrays = [tensor._array.copy() for tensor in self.tensors]

    def take(self) -> None:
        """Copy the present values."""
        for array, tensor in zip(self.arrays, self.tensors):
            np.copyto(array, tensor._array)

    def restore(self) -> None:
        """Write the copied values back."""
        for array, tensor in zip(self.arrays, self.tensors):
            tensor._touch()
            np.copyto(tensor._array, array)

    def finite(self) -> bool:
        """Tell whether the present values are all numbers."""
        return all(bool(np.isfinite(tensor._array).all()) for tensor in self.tensors)


def _single_number(value: Any) -> Tensor:
    """Refuse what a loss function may return by mistake."""
    if not isinstance(value, Tensor):
        raise TypeError(
            f"the loss must be a Tensor, computed from the model's output, not a "
            f"{type(value).__name__}"
        )
    if value.size != 1:
        raise ValueError(
            f"the loss must be a single number, not of shape {value.shape}; let the loss function "
            f'reduce it, with reduction="mean" or .mean()'
        )
    return value


def _not_finite(run: Run, what: str) -> NonFiniteLossError:
    error = NonFiniteLossError(
        f"{what}; the model has the weights with which the loss was last finite (the optimizer's "
        f"memory is lost: make a new one). Try a smaller learning rate than "
        f"{run.optimizer.param_groups[0]['lr']:g}, or look for the cause with tg.detect_anomaly()"
    )
    error.history = run.history
    return error


def _move_schedule(scheduler: Any, row: dict[str, float]) -> None:
    """Let a schedule that moves with every epoch do so."""
    if isinstance(scheduler, ReduceLROnPlateau):
        scheduler.step(row.get("validation_loss", row["loss"]))
    elif scheduler is not None and not isinstance(scheduler, EVERY_BATCH):
        scheduler.step()


def _samples(loader: Any, epochs: int) -> int | None:
    """Count the samples to come, for the time left; ``None`` if the loader cannot tell."""
    sampler: Any = getattr(loader, "sampler", None)  # None where a dataset is a stream
    if getattr(loader, "batch_size", None) and hasattr(sampler, "__len__"):
        left_out = len(sampler) % loader.batch_size if loader.drop_last else 0
        return (len(sampler) - left_out) * epochs
    if isinstance(loader, Sequence):
        return sum(count(inputs, targets) for inputs, targets in pairs(loader)) * epochs
    return None


def _checked(model: Any, loss: Any, optimizer: Any, epochs: Any, callbacks: Any) -> int:
    """Refuse what cannot be trained before anything has changed; return the number of epochs."""
    if not isinstance(model, Module):
        raise TypeError(f"fit trains an nn.Module, not a {type(model).__name__}")
    if not callable(loss):
        raise TypeError(
            f"the loss must be a function, called as loss(outputs, targets), not a "
            f"{type(loss).__name__}; the order is fit(model, loader, loss, optimizer)"
        )
    if isinstance(epochs, bool) or not hasattr(epochs, "__index__") or index(epochs) < 1:
        raise ValueError(f"epochs must be a whole number of at least 1, not {epochs!r}")
    proper = isinstance(callbacks, (list, tuple))
    if not (proper and all(isinstance(each, Callback) for each in callbacks)):
        raise TypeError(
            f"callbacks is a list of objects whose classes are made from training.Callback, "
            f"such as [training.EarlyStopping()], not a {type(callbacks).__name__}"
        )
    if not isinstance(optimizer, Optimizer):
        raise TypeError(f"optimizer must be an Optimizer, not a {type(optimizer).__name__}")
    held: set[int] = {id(p) for group in optimizer.param_groups for p in group["params"]}
    if not any(id(parameter) in held for parameter in model.parameters()):
        raise ValueError(
            "the optimizer has none of the model's parameters; make it with model.parameters()"
        )
    return index(epochs)
