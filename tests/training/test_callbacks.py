"""Stopping early gives the best weights; a run that was cut off goes on as if it had not been."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import nn, optim, training
from tinygrad_edu.checkpoint import CheckpointError
from tinygrad_edu.data import DataLoader, TensorDataset
from tinygrad_edu.optim import lr_scheduler


def parts(seed: int = 0) -> tuple[nn.Module, Any, Any, Any]:
    """Return a model with its own randomness, and all that trains it."""
    tg.manual_seed(seed)
    layers = nn.Linear(4, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.3), nn.Linear(8, 3)
    model = nn.Sequential(*layers)
    optimizer = optim.Adam(model.parameters(), lr=0.01)
    generator = np.random.default_rng(5)
    data = TensorDataset(generator.normal(size=(30, 4)), generator.integers(0, 3, 30))
    loader = DataLoader(data, batch_size=8, shuffle=True)
    return model, optimizer, lr_scheduler.StepLR(optimizer, 2), loader


def run(epochs: int, *callbacks: training.Callback, seed: int = 0) -> tuple[Any, Any]:
    model, optimizer, scheduler, loader = parts(seed)
    history = tg.fit(
        model, loader, nn.CrossEntropyLoss(), optimizer, epochs,
        scheduler=scheduler, callbacks=callbacks, progress=False,
    )  # fmt: skip
    return model, history


def weights(model: nn.Module) -> bytes:
    return b"".join(value.tobytes() for value in model.state_dict().values())


def test_a_run_that_was_cut_off_goes_on_bit_for_bit(tmp_path: Path) -> None:
    whole, whole_history = run(6)
    run(3, training.Checkpoint(tmp_path / "run.npz"))
    checkpoint = training.Checkpoint(tmp_path / "run.npz", resume=True)
    resumed, history = run(6, checkpoint, seed=99)  # everything random comes from the file
    assert weights(resumed) == weights(whole)
    assert history["loss"] == whole_history["loss"]
    assert history["lr"] == whole_history["lr"]


@pytest.mark.parametrize("own", ["loader", "dropout"])
def test_a_generator_of_its_own_goes_on_too(own: str, tmp_path: Path) -> None:
    def trained(epochs: int, checkpoint: training.Checkpoint | None, seed: int = 1) -> bytes:
        tg.manual_seed(0)
        generator = np.random.default_rng(seed)
        dropout = nn.Dropout(0.5, generator=generator if own == "dropout" else None)
        model = nn.Sequential(nn.Linear(2, 4), dropout, nn.Linear(4, 1))
        data = TensorDataset(np.eye(8, 2), np.ones((8, 1)))
        loader = DataLoader(data, 4, shuffle=True, generator=generator if own == "loader" else None)
        optimizer = optim.SGD(model.parameters(), lr=0.1)
        callbacks = [checkpoint] if checkpoint else []
        tg.fit(model, loader, nn.MSELoss(), optimizer, epochs, callbacks=callbacks, progress=False)
        return weights(model)

    path = tmp_path / "run.npz"
    whole = trained(4, None)
    trained(2, training.Checkpoint(path))
    assert trained(4, training.Checkpoint(path, resume=True), seed=7) == whole


def test_a_run_with_a_schedule_does_not_go_on_without(tmp_path: Path) -> None:
    run(1, training.Checkpoint(tmp_path / "run.npz"))
    model, optimizer, _, loader = parts()
    checkpoint = training.Checkpoint(tmp_path / "run.npz", resume=True)
    with pytest.raises(CheckpointError, match="what differs: scheduler"):
        tg.fit(model, loader, nn.CrossEntropyLoss(), optimizer, 2, callbacks=[checkpoint])


def test_resuming_without_a_file_begins_at_the_beginning(tmp_path: Path) -> None:
    _, history = run(2, training.Checkpoint(tmp_path / "new.npz", resume=True))
    assert len(history) == 2


class Fixed(training.Callback):
    """Make the figures of the history what the test says."""

    def __init__(self, losses: list[float]) -> None:
        self.losses = losses
        self.seen: list[bytes] = []

    def on_epoch(self, run: training.Run) -> None:
        run.history[-1]["loss"] = self.losses[len(run.history) - 1]
        self.seen.append(weights(run.model))


@pytest.mark.parametrize(
    ("losses", "settings", "epochs", "best"),
    [
        ([3, 2, 1, 1, 1, 1], {"patience": 2}, 5, 3),
        ([3, 2, 1, 1, 0, 1], {"patience": 2}, 6, 5),
        ([1, 2, 3, 3, 2, 1], {"patience": 1, "mode": "max"}, 4, 3),
        ([9, 8.5, 8, 7.5, 7, 6.5], {"patience": 2, "min_delta": 0.9}, 6, 5),
        ([3, 2, 1, 1, 1, 1], {"patience": 2, "restore_best": False}, 5, 5),
    ],
)
def test_early_stopping_waits_as_long_as_it_is_told_and_keeps_the_best_weights(
    losses: list[float], settings: dict[str, Any], epochs: int, best: int
) -> None:
    fixed = Fixed(losses)
    model, history = run(6, fixed, training.EarlyStopping("loss", **settings))
    assert len(history) == epochs
    assert weights(model) == fixed.seen[best - 1]
    assert (history.stopped is None) == (epochs == 6)


def test_a_resumed_run_remembers_its_best_weights(tmp_path: Path) -> None:
    def callbacks(resume: bool) -> tuple[training.Callback, ...]:
        checkpoint = training.Checkpoint(tmp_path / "run.npz", resume=resume)
        return Fixed([2, 1, 3, 3]), training.EarlyStopping("loss", patience=9), checkpoint

    first = callbacks(False)
    run(3, *first)
    model, _ = run(4, *callbacks(True), seed=1)
    assert weights(model) == first[0].seen[1]  # type: ignore[attr-defined]


def test_the_best_epoch_alone_is_saved_if_that_is_asked_for(tmp_path: Path) -> None:
    fixed = Fixed([3, 1, 2])
    run(3, fixed, training.Checkpoint(tmp_path / "best.npz", monitor="loss"))
    saved = tg.load(tmp_path / "best.npz")
    assert b"".join(value.tobytes() for value in saved["model"].values()) == fixed.seen[1]


def test_a_file_of_something_else_is_refused_and_nothing_changes(tmp_path: Path) -> None:
    tg.save({"weights": np.ones(3)}, tmp_path / "other.npz")
    model, optimizer, scheduler, loader = parts()
    before = weights(model)
    with pytest.raises(CheckpointError, match="no training run"):
        tg.fit(
            model, loader, nn.CrossEntropyLoss(), optimizer, 1, scheduler=scheduler,
            callbacks=[training.Checkpoint(tmp_path / "other.npz", resume=True)], progress=False,
        )  # fmt: skip
    assert weights(model) == before


def test_a_run_of_another_model_is_refused_and_nothing_changes(tmp_path: Path) -> None:
    run(1, training.Checkpoint(tmp_path / "run.npz"))
    other = nn.Linear(4, 3)
    before = weights(other)
    optimizer = optim.Adam(other.parameters())
    loader = parts()[3]
    with pytest.raises(RuntimeError, match="does not fit"):
        tg.fit(
            other, loader, nn.CrossEntropyLoss(), optimizer, 2,
            scheduler=lr_scheduler.StepLR(optimizer, 2),
            callbacks=[training.Checkpoint(tmp_path / "run.npz", resume=True)], progress=False,
        )  # fmt: skip
    assert weights(other) == before


def test_a_mode_that_is_neither_is_refused() -> None:
    with pytest.raises(ValueError, match="min"):
        training.EarlyStopping(mode="lowest")


def test_larger_is_better_for_an_accuracy_and_smaller_for_a_loss() -> None:
    assert training.EarlyStopping("validation_accuracy").mode == "max"
    assert training.Checkpoint("x.npz", "validation_loss").mode == "min"
    with pytest.raises(ValueError, match='"min" or "max" for \'f1\''):
        training.EarlyStopping("f1")


def test_a_figure_that_is_not_measured_is_named() -> None:
    with pytest.raises(KeyError, match=r"'val_acc' was not measured; there is epoch, loss"):
        run(1, training.EarlyStopping("val_acc", mode="max"))
