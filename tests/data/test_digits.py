"""The digits that need no file."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pytest

from tinygrad_edu.data import digits, random_split
from tinygrad_edu.random import get_rng_state


@pytest.fixture(params=["drawn", "scikit-learn's"])
def dataset(request: pytest.FixtureRequest) -> Any:
    if request.param != "drawn":
        pytest.importorskip("sklearn", reason="scikit-learn is not installed")
    return digits(drawn=request.param == "drawn")


def test_they_are_1797_images_from_0_to_1_of_all_ten_digits(dataset: Any) -> None:
    images, labels = dataset.tensors
    assert (images.shape, images.dtype) == ((1797, 1, 8, 8), np.float64)
    assert (labels.shape, labels.dtype) == ((1797,), np.int64)
    assert (images.numpy().min(), images.numpy().max()) == (0.0, 1.0)
    assert np.bincount(labels.numpy()).min() > 170


def test_they_are_always_the_same_and_take_no_random_numbers() -> None:
    before = get_rng_state()
    first, second = digits(drawn=True), digits(drawn=True)
    assert np.array_equal(first.tensors[0].numpy(), second.tensors[0].numpy())
    assert get_rng_state() == before


def test_they_can_be_told_apart_but_are_not_all_alike(dataset: Any) -> None:
    images, labels = (t.numpy() for t in dataset.tensors)
    flat = images.reshape(len(images), -1)

    def nearest(points: Any) -> Any:
        return ((points**2).sum(axis=1) - 2 * flat[1000:] @ points.T).argmin(axis=1)

    by_neighbour = labels[:1000][nearest(flat[:1000])]
    assert (by_neighbour == labels[1000:]).mean() > 0.9
    by_mean_image = nearest(np.stack([flat[labels == label].mean(axis=0) for label in range(10)]))
    assert (by_mean_image == labels[1000:]).mean() < 0.95


def test_without_scikit_learn_they_are_drawn_and_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sklearn", None)
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    assert digits().source == "drawn by this program"
    assert repr(digits()) == "Digits(1797 images, drawn by this program)"
    with pytest.raises(ImportError, match=r"tinygrad_edu\[digits\]"):
        digits(drawn=False)


def test_with_scikit_learn_they_are_its_own() -> None:
    pytest.importorskip("sklearn", reason="scikit-learn is not installed")
    assert "scikit-learn" in digits().source


def test_they_can_be_split() -> None:
    parts = random_split(digits(drawn=True), [0.8, 0.2], np.random.default_rng(0))
    assert [len(part) for part in parts] == [1438, 359]
