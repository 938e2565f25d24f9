"""What can be hung into the training loop: stopping early, and saving so that one can go on."""

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tinygrad_edu.data.generator_state import take_over
from tinygrad_edu.random import default_generator
from tinygrad_edu.training.history import History

if TYPE_CHECKING:
    from tinygrad_edu.training.loop import Run


class Callback:
    """Something that `fit` tells how it goes; override what is wanted.

    Examples
    --------
    >>> from tinygrad_edu import training
    >>> class Printer(training.Callback):
    ...     def on_epoch(self, run):
    ...         print(run.history[-1])
    """

    def on_start(self, run: Run) -> None:
        """Before the first epoch."""

    def on_epoch(self, run: Run) -> None:
        """After every epoch, when ``run.history[-1]`` has its figures."""

    def on_end(self, run: Run) -> None:
        """After the last epoch; not if training ended with an error."""

    def state_dict(self) -> dict[str, Any]:
        """Return what has to be saved with a run for it to go on as if nothing had happened."""
        return {}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take over what ``state_dict()`` returned."""


class EarlyStopping(Callback):
    """End the training when a figure has not become better for a while.

    Parameters
    ----------
    monitor : which figure of the history; by default the validation loss, or else the loss.
    patience : for how many epochs to wait.
    min_delta : by how much the figure must become better to count.
    mode : ``"min"`` if smaller is better, ``"max"`` if larger is; by default what goes without
        saying for a loss or an accuracy.
    restore_best : whether the model shall end with the weights of the best epoch.

    Raises
    ------
    KeyError
        After the first epoch, if that figure is not measured.
    ValueError
        If it does not go without saying which way that figure becomes better.

    Examples
    --------
    >>> from tinygrad_edu import training
    >>> stopping = training.EarlyStopping("validation_accuracy", patience=2)
    """

    def __init__(
        self,
        monitor: str | None = None,
        patience: int = 3,
        min_delta: float = 0.0,
        mode: str | None = None,
        restore_best: bool = True,
    ) -> None:
        self.monitor = monitor
        self.patience = patience
        self.min_delta = min_delta
        self.mode = _mode(mode, monitor)
        self.restore_best = restore_best
        self.best: dict[str, Any] | None = None
        self.best_epoch = 0

    def on_epoch(self, run: Run) -> None:
        """Compare the newest figure with the best."""
        epoch = _best_epoch(run.history, self.monitor, self.mode, self.min_delta)
        if epoch == len(run.history):
            self.best_epoch = epoch
            self.best = run.model.state_dict() if self.restore_best else None
        elif len(run.history) - epoch >= self.patience:
            name = _monitored(run.history, self.monitor)
            run.stop(f"{name} has not become better since epoch {epoch}")

    def on_end(self, run: Run) -> None:
        """Give the model its best weights."""
        if self.best is not None:
            run.model.load_state_dict(self.best)

    def state_dict(self) -> dict[str, Any]:
        """Return the best weights so far."""
        return {"best": self.best, "best_epoch": self.best_epoch}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take over the best weights so far."""
        self.best, self.best_epoch = state["best"], state["best_epoch"]


class Checkpoint(Callback):
    """Save the whole run after every epoch, so that it can go on after a crash, bit for bit.

    Model, optimizer, schedule, the order of the data, the random state, the history and the other
    callbacks are all in the file; see `save`.

    Parameters
    ----------
    path : the file, which is replaced in one step: either the old one is there, or the new one.
    monitor : save only the epochs in which this figure of the history is the best so far.
    mode : as for `EarlyStopping`.
    resume : begin where the file ends, if there is one.

    Raises
    ------
    CheckpointError
        If the file is damaged, or is no checkpoint of a run.

    Examples
    --------
    >>> from tinygrad_edu import training
    >>> checkpoint = training.Checkpoint("run.npz", resume=True)
    """

    def __init__(
        self,
        path: str | PathLike[str],
        monitor: str | None = None,
        mode: str | None = None,
        resume: bool = False,
    ) -> None:
        self.path = Path(path)
        self.monitor = monitor
        self.mode = _mode(mode, monitor)
        self.resume = resume

    def on_start(self, run: Run) -> None:
        """Go on with a saved run."""
        if self.resume and self.path.exists():
            load_run(run, self.path)

    def on_epoch(self, run: Run) -> None:
        """Save."""
        best = _best_epoch(run.history, self.monitor, self.mode) if self.monitor else None
        if best in (None, len(run.history)):
            save_run(run, self.path)


class _Numbers:
    """Random numbers that are neither a loader's nor the only ones of the package, as a part."""

    def __init__(self, generator: Any) -> None:
        self.bits = generator.bit_generator

    def state_dict(self) -> dict[str, Any]:
        return {"generator": dict(self.bits.state)}

    def load_state_dict(self, state: Any) -> None:
        take_over(self.bits, state)


def _parts(run: Run) -> dict[str, Any]:
    """List everything that a run needs to go on, by its name in the file."""
    parts = {"model": run.model, "optimizer": run.optimizer, "scheduler": run.scheduler}
    parts |= {"loader": run.loader, "validation": run.validation}
    parts |= {"random": _Numbers(default_generator())}
    for path, each in run.model.named_modules():
        if getattr(each, "generator", None) is not None:
            parts[f"generator of {path}"] = _Numbers(each.generator)
    stateful = [each for each in run.callbacks if each.state_dict()]
    parts |= {f"callback {number}": each for number, each in enumerate(stateful)}
    parts |= {"history": run.history}
    return {name: part for name, part in parts.items() if hasattr(part, "state_dict")}


def save_run(run: Run, path: Path) -> None:
    """Write all that a run needs to go on."""
    from tinygrad_edu.checkpoint import save

    save({name: part.state_dict() for name, part in _parts(run).items()}, path)


def load_run(run: Run, path: Path) -> None:
    """Read a run back into its parts: into all of them, or, if one does not fit, into none."""
    from tinygrad_edu.checkpoint import CheckpointError, load

    state, parts = load(path), _parts(run)
    if not isinstance(state, dict) or not {"model", "optimizer", "history"} <= state.keys():
        raise CheckpointError(f"{path} holds no training run; was it saved by hand?")
    if parts.keys() != state.keys():
        differ = ", ".join(sorted(parts.keys() ^ state.keys()))
        raise CheckpointError(f"{path} is of a run with other parts; what differs: {differ}")
    before = [(part, part.state_dict()) for part in parts.values()]
    try:
        for name, part in parts.items():
            part.load_state_dict(state[name])
    except Exception:
        for part, earlier in before:
            part.load_state_dict(earlier)
        raise


def _mode(mode: str | None, monitor: str | None) -> str:
    """Say whether smaller or larger is better."""
    if mode is None and (monitor is None or monitor.endswith("loss")):
        return "min"
    if mode is None and str(monitor).endswith("accuracy"):
        return "max"
    if mode not in ("min", "max"):
        raise ValueError(f'mode must be "min" or "max" for {monitor!r}, not {mode!r}')
    return mode


def _monitored(history: History, monitor: str | None) -> str:
    return monitor or ("validation_loss" if "validation_loss" in history[-1] else "loss")


def _best_epoch(history: History, monitor: str | None, mode: str, min_delta: float = 0.0) -> int:
    """Return the number of the best epoch; of equals, the first."""
    sign = 1 if mode == "min" else -1
    best, number = float("inf"), 0
    for position, value in enumerate(history[_monitored(history, monitor)], start=1):
        if sign * value < best - min_delta or not number:
            best, number = (sign * value if value == value else best), position
    return number
