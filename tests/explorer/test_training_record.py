"""A recorded training keeps what was there at each moment, and refuses what does not belong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu.draw.read import graph
from tinygrad_edu.draw.training_record import MOST_LOSSES, TrainingRecord, record_training


def trained(steps: int, at: Any = None) -> tuple[TrainingRecord, list[float]]:
    """Record the descent of one weight; return the record and where the weight was."""
    w = tg.Tensor(3.0, requires_grad=True, name="w")
    record, course = record_training(at), []
    for _ in range(steps):
        loss = w * w
        w.grad = None
        loss.backward()
        record.see(loss)
        course.append(w.item())
        w.data -= 0.1 * w.grad
    return record, course


@pytest.mark.parametrize(
    ("at", "kept"),
    [(None, [0, 1, 2, 5, 10, 20]), (7, [0, 7, 14, 21]), ([3, 4, 99], [3, 4]), ({0}, [0])],
)
def test_the_graph_is_kept_at_the_chosen_iterations(at: Any, kept: list[int]) -> None:
    record, course = trained(25, at)
    assert list(record.graphs) == kept
    assert len(record.losses) == 25
    for iteration in kept:
        node = record.graphs[iteration].nodes[0]
        assert node.value == course[iteration]
        assert node.gradient == 2 * course[iteration]


def test_what_is_recorded_does_not_change_when_training_goes_on() -> None:
    record, course = trained(1, 1)
    before = json.dumps(record.graphs[0].to_json())
    more, _ = trained(3, 1)
    assert json.dumps(record.graphs[0].to_json()) == before
    assert more.graphs[0].nodes[0].value == course[0]


def test_predictions_and_targets_are_those_of_their_moment() -> None:
    w = tg.Tensor([1.0, 2.0], requires_grad=True)
    record, targets = record_training(at=1), np.zeros(2)
    for _ in range(2):
        output = w * 2
        loss = output.sum()
        loss.backward()
        record.see(loss, output, targets)
        w.data -= 1.0
    found = record.to_json(record.graphs[1], 100)
    predictions = [each["predictions"]["values"] for each in found["snapshots"]]
    assert predictions == [[2.0, 4.0], [0.0, 2.0]]
    assert found["targets"]["values"] == [0.0, 0.0]


def test_only_what_changes_is_written_for_each_moment() -> None:
    record, _ = trained(3, 1)
    first, *_, last = record.to_json(record.graphs[2], 100)["snapshots"]
    assert last["nodes"] == {}
    assert last["edges"] == {}
    assert set(first["nodes"]["0"]) == {"value", "gradient"}


def test_a_long_loss_curve_is_thinned_out() -> None:
    record, _ = trained(2)
    record.losses *= 5000
    points = record.to_json(record.graphs[1], 100)["losses"]
    assert len(points) <= MOST_LOSSES
    assert points[0] == [0, 9.0]


def test_losses_that_are_no_numbers_can_be_written_down() -> None:
    record, _ = trained(2)
    record.losses[1] = float("nan")
    found = record.to_json(record.graphs[1], 100)
    assert json.loads(json.dumps(found, allow_nan=False))["losses"][1] == [1, "nan"]


def test_another_run_is_refused_and_leaves_the_record_as_it_was() -> None:
    record, _ = trained(2)
    x = tg.Tensor([1.0, 2.0], requires_grad=True, name="x")
    with pytest.raises(ValueError, match=r"iteration 2 is another one: x .* of shape \(2,\)"):
        record.see((x * x).sum())
    assert len(record.losses) == 2
    with pytest.raises(ValueError, match="is another one"):
        record.to_json(graph((x * x).sum()), 100)


def test_a_longer_run_is_refused() -> None:
    record, _ = trained(2)
    w = tg.Tensor(3.0, requires_grad=True)
    with pytest.raises(ValueError, match="it has 4 values, and the first had 2"):
        record.see(w * w * 2)


@pytest.mark.parametrize("at", [0, -3, [], ()])
def test_iterations_that_cannot_be_are_refused(at: Any) -> None:
    with pytest.raises(ValueError, match="at"):
        record_training(at)


def test_a_loss_of_several_numbers_is_refused() -> None:
    with pytest.raises(ValueError, match=r"shape \(2,\)"):
        record_training().see(tg.Tensor([1.0, 2.0]))


def test_a_page_of_nothing_recorded_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no graph was recorded"):
        record_training().explore(tmp_path / "x.html")
    assert not list(tmp_path.iterdir())
