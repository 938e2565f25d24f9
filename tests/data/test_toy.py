"""Toy sets: their shapes, their points without noise, and their numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tinygrad_edu import get_default_dtype, set_default_dtype
from tinygrad_edu.data import blobs, circles, moons, spirals, xor
from tinygrad_edu.random import get_rng_state, manual_seed

TOYS = [xor, moons, circles, spirals, blobs]


@pytest.mark.parametrize("toy", TOYS)
@pytest.mark.parametrize("n", [1, 2, 7, 100])
def test_there_are_as_many_points_as_asked_for_and_every_class_has_its_share(
    toy: Any, n: int
) -> None:
    x, y = toy(n, noise=0.1, generator=np.random.default_rng(0))
    assert (x.shape, y.shape) == ((n, 2), (n,))
    assert (x.dtype, y.dtype) == (np.float64, np.int64)
    counts = np.bincount(y.numpy())
    assert counts.max() - counts[counts > 0].min() <= 2
    assert np.isfinite(x.numpy()).all()


@pytest.mark.parametrize("toy", TOYS)
def test_the_same_numbers_give_the_same_points(toy: Any) -> None:
    def points(seed: int) -> Any:
        return toy(20, noise=0.1, generator=np.random.default_rng(seed))[0].numpy()

    assert np.array_equal(points(0), points(0))
    assert not np.array_equal(points(0), points(1))
    manual_seed(4)
    own = toy(20, noise=0.1)[0].numpy()
    manual_seed(4)
    assert np.array_equal(toy(20, noise=0.1)[0].numpy(), own)


@pytest.mark.parametrize("toy", TOYS)
def test_noise_is_what_is_added_to_points_that_are_always_the_same(toy: Any) -> None:
    before = get_rng_state()
    clean = toy(1000, noise=0.0)[0].numpy()
    assert np.array_equal(clean, toy(1000, noise=0.0)[0].numpy())
    assert get_rng_state() == before
    noisy = toy(1000, noise=0.3, generator=np.random.default_rng(0))[0].numpy()
    assert (noisy - clean).std() == pytest.approx(0.3, rel=0.1)


@pytest.mark.parametrize("toy", TOYS)
def test_points_are_of_the_default_dtype(toy: Any) -> None:
    before = get_default_dtype()
    set_default_dtype("float32")
    try:
        assert toy(5)[0].dtype == np.float32
    finally:
        set_default_dtype(before)


def test_xor_is_labelled_by_whether_the_coordinates_differ() -> None:
    x, y = xor(40, noise=0.1, generator=np.random.default_rng(0))
    assert np.array_equal(y.numpy(), (x.numpy() > 0.5).sum(axis=1) == 1)


def test_the_moons_are_half_circles_of_radius_1() -> None:
    x, y = (t.numpy() for t in moons(50, noise=0.0))
    assert np.allclose(np.hypot(*x[y == 0].T), 1)
    assert np.allclose(np.hypot(*(x[y == 1] - [1.0, 0.5]).T), 1)
    assert x[y == 0][:, 1].min() >= 0
    assert x[y == 1][:, 1].max() <= 0.5


@pytest.mark.parametrize("classes", [2, 3, 5])
def test_the_arms_of_the_spirals_are_turned_copies_of_one(classes: int) -> None:
    x, y = (t.numpy() for t in spirals(20 * classes, noise=0.0, classes=classes))
    first = x[y == 0] @ [1, 1j]
    for label in range(classes):
        turned = first * np.exp(2j * np.pi * label / classes)
        assert np.allclose(x[y == label] @ [1, 1j], turned)


def test_blobs_are_clouds_around_centres_on_a_circle() -> None:
    x, y = (t.numpy() for t in blobs(4000, generator=np.random.default_rng(0), classes=4))
    for label, centre in enumerate([[2, 0], [0, 2], [-2, 0], [0, -2]]):
        assert np.allclose(x[y == label].mean(axis=0), centre, atol=0.1)


@pytest.mark.parametrize("toy", TOYS)
@pytest.mark.parametrize("settings", [{"n": 0}, {"n": -1}, {"noise": -0.1}, {"noise": np.nan}])
def test_no_points_and_negative_noise_are_refused(toy: Any, settings: Any) -> None:
    with pytest.raises(ValueError, match=r"a toy set has|the noise is"):
        toy(**settings)


@pytest.mark.parametrize("toy", [spirals, blobs])
def test_no_classes_are_refused(toy: Any) -> None:
    with pytest.raises(ValueError, match="a class at least"):
        toy(classes=0)
