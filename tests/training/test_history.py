"""What is measured can be read, drawn and shown."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import training
from tinygrad_edu.training import History

ROWS = [
    {"epoch": 1, "loss": 2.0, "validation_loss": 2.5, "accuracy": 0.5},
    {"epoch": 2, "loss": 1.0, "validation_loss": 2.0, "accuracy": 0.75},
]


def test_columns_and_rows() -> None:
    history = History([dict(row) for row in ROWS])
    assert history["loss"] == [2.0, 1.0]
    assert history[-1]["accuracy"] == 0.75
    assert [row["epoch"] for row in history] == [1, 2]
    with pytest.raises(KeyError, match="there is epoch, loss"):
        history["speed"]


@pytest.mark.parametrize("suffix", ["png", "svg"])
def test_the_curves_are_drawn(tmp_path: Path, suffix: str) -> None:
    pytest.importorskip("matplotlib", reason="the curves are drawn by Matplotlib")
    path = tmp_path / f"curves.{suffix}"
    figure = History([dict(row) for row in ROWS]).plot(path)
    assert path.stat().st_size > 1000
    assert [axes.get_ylabel() for axes in figure.axes] == ["loss", "accuracy"]
    assert len(figure.axes[0].lines) == 2


def test_nothing_cannot_be_drawn() -> None:
    with pytest.raises(ValueError, match="no epoch"):
        History().plot()


def test_a_notebook_shows_a_table_of_plain_text() -> None:
    html = History([{"epoch": 1, "<b>": 0.5}])._repr_html_()
    assert "<th>&lt;b&gt;</th>" in html
    assert "<td>0.5</td>" in html


def test_accuracy_and_confusion_count_the_same_samples() -> None:
    generator = np.random.default_rng(0)
    logits, targets = generator.normal(size=(50, 4)), generator.integers(0, 4, 50)
    counts = training.confusion_matrix(tg.Tensor(logits), tg.Tensor(targets))
    assert counts.sum() == 50
    assert counts.trace() / 50 == training.accuracy(logits, targets)
    np.testing.assert_array_equal(counts.sum(axis=1), np.bincount(targets, minlength=4))


@pytest.mark.parametrize("targets", [[0.0, 1.0], [[0], [1]], [0, 1, 1], []])
def test_targets_that_are_no_classes_are_refused(targets: list[float]) -> None:
    with pytest.raises(ValueError, match="logits"):
        training.accuracy(np.zeros((2, 3)), np.asarray(targets))


def test_a_target_beyond_the_classes_is_refused() -> None:
    with pytest.raises(ValueError, match="3 classes"):
        training.confusion_matrix(np.zeros((2, 3)), [0, 3])
