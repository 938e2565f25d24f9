"""A run goes on from its file with all that it consisted of, or is refused and left alone."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import data, nn, optim, training


def pairs() -> data.TensorDataset:
    generator = np.random.default_rng(5)
    return data.TensorDataset(generator.normal(size=(24, 4)), generator.integers(0, 3, 24))


def parts(seed: int) -> dict[str, Any]:
    tg.manual_seed(seed)
    model = nn.Sequential(nn.Linear(4, 8), nn.Dropout(0.3), nn.Linear(8, 3))
    optimizer = optim.Adam(model.parameters(), lr=0.05)
    loader = data.DataLoader(pairs(), 8, shuffle=True)
    return {"model": model, "loader": loader, "loss": nn.CrossEntropyLoss(), "optimizer": optimizer}


def weights(model: nn.Module) -> bytes:
    return b"".join(value.tobytes() for value in model.state_dict().values())


def test_the_order_of_the_validation_data_goes_on_too(tmp_path: Path) -> None:
    def run(epochs: int, path: Path, seed: int, resume: bool) -> Any:
        validation = data.DataLoader(pairs(), 5, shuffle=True, drop_last=True, seed=seed)
        checkpoint = training.Checkpoint(path, resume=resume)
        return tg.fit(
            **parts(seed), epochs=epochs, validation=validation, callbacks=[checkpoint],
            progress=False,
        )["validation_loss"]  # fmt: skip

    whole = run(4, tmp_path / "whole.npz", 1, False)
    run(2, tmp_path / "run.npz", 1, False)
    assert run(4, tmp_path / "run.npz", 2, True) == whole


WRONG = [("history", 5), ("history", [1]), ("random", None), ("loader", 3), ("optimizer", {})]


@pytest.mark.parametrize(("name", "wrong"), WRONG)
def test_a_file_of_which_one_part_is_wrong_changes_no_part(
    tmp_path: Path, name: str, wrong: Any
) -> None:
    path = tmp_path / "run.npz"
    callbacks = [training.EarlyStopping("loss"), training.Checkpoint(path)]
    tg.fit(**parts(1), epochs=2, callbacks=callbacks, progress=False)
    tg.save({**tg.load(path), name: wrong}, path)
    stopping, own = training.EarlyStopping("loss"), parts(2)
    before = weights(own["model"]), tg.get_rng_state(), len(own["optimizer"].state)
    callbacks = [stopping, training.Checkpoint(path, resume=True)]
    with pytest.raises((TypeError, ValueError)):
        tg.fit(**own, epochs=3, callbacks=callbacks, progress=False)
    assert (weights(own["model"]), tg.get_rng_state(), len(own["optimizer"].state)) == before
    assert stopping.best is None


def test_a_history_of_any_length_can_be_saved_and_comes_back_as_it_was(tmp_path: Path) -> None:
    row = {"epoch": 1, "loss": 0.5, "lr": 0.1, "seconds": 1.5, "accuracy": math.inf}
    history = training.History([row] * 20_000 + [{"epoch": 2, "validation_loss": 0.25}])
    tg.save(history.state_dict(), tmp_path / "it.npz")
    loaded = training.History()
    loaded.load_state_dict(tg.load(tmp_path / "it.npz"))
    assert loaded.rows == history.rows
    assert type(loaded[0]["epoch"]) is int


def test_an_epoch_whose_figure_is_no_number_is_never_the_best(tmp_path: Path) -> None:
    class Told(training.Callback):
        def on_epoch(self, run: training.Run) -> None:
            run.history[-1]["figure"] = [math.nan, 3.0, 2.0, 1.0][len(run.history) - 1]

    stopping = training.EarlyStopping("figure", patience=2, mode="min")
    history = tg.fit(**parts(1), epochs=4, callbacks=[Told(), stopping], progress=False)
    assert (len(history), stopping.best_epoch) == (4, 4)


class Stream(data.IterableDataset):
    def __iter__(self) -> Any:
        return iter(list(pairs()))


@pytest.mark.parametrize(
    ("loader", "samples"),
    [
        (data.DataLoader(Stream(), 8), None),
        (data.DataLoader(pairs(), 8, sampler=[1] * 10), 10),
        (data.DataLoader(pairs(), 7, drop_last=True), 21),
        (data.DataLoader(pairs(), 7), 24),
        (data.DataLoader(pairs(), batch_sampler=[[1, 2]]), None),
    ],
)
def test_the_samples_to_come_are_those_that_will_come(loader: Any, samples: int | None) -> None:
    from tinygrad_edu.training.loop import _samples

    assert _samples(loader, 2) == (None if samples is None else 2 * samples)
    tg.fit(**{**parts(1), "loader": loader}, epochs=1, progress=False)
