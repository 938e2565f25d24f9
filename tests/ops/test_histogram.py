"""Counting and weighing in bins, against NumPy's own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
import tinygrad_edu.ops.everything
import tinygrad_edu.ops.histogram

DATA = np.array([0.1, 0.5, 0.9, 0.3, 0.37, -0.2])
PAIRS = np.random.default_rng(0).random((8, 2))
X, Y = PAIRS.T
EDGES = [-0.2, 0.0, 0.3, 0.9]
CALLS: dict[str, Any] = {
    "bincount": (lambda w: np.bincount([0, 2, 2, 1], w), (4,)),
    "bincount(minlength=)": (lambda w: np.bincount([0, 1], weights=w, minlength=5), (2,)),
    "histogram(weights=)": (lambda w: np.histogram(DATA, 4, weights=w)[0], (6,)),
    "histogram(range=)": (lambda w: np.histogram(DATA, 4, (0, 0.5), weights=w)[0], (6,)),
    "histogram at edges": (lambda w: np.histogram(DATA, EDGES, weights=w)[0], (6,)),
    "density of weights": (lambda w: np.histogram(DATA, EDGES, None, True, w)[0], (6,)),
    "edges": (lambda a: np.histogram(a, 4)[1], DATA),
    "density of data": (lambda a: np.histogram(a, 4, density=True)[0], DATA),
    "density by edges": (lambda e: np.histogram(DATA, e, density=True), [-0.25, 0.0, 0.33, 0.95]),
    "edges by a rule": (lambda a: np.histogram_bin_edges(a, "fd"), (20,)),
    "edges in a range": (lambda a: np.histogram_bin_edges(DATA, 4, (a, 1)), -0.3),
    "histogramdd(weights=)": (lambda w: np.histogramdd(PAIRS, 3, weights=w)[0], (8,)),
    "histogramdd edges": (lambda a: np.histogramdd(a, (2, 3))[1], PAIRS),
    "histogramdd density": (lambda a: np.histogramdd(a, 3, density=True)[0], PAIRS),
    "histogram2d edges": (lambda a, b: np.histogram2d(a, b, [EDGES, 3])[2], X, Y),
    "histogram2d(weights=)": (lambda w: np.histogram2d(X, Y, EDGES, weights=w)[0], (8,)),
}


@pytest.mark.parametrize("name", CALLS)
def test_values_and_derivatives_are_right(
    agrees_with_numpy: Callable[..., None], name: str
) -> None:
    function, *inputs = CALLS[name]
    agrees_with_numpy(
        lambda *x: y[1] if isinstance(y := function(*x), tuple) and len(y) == 3 else y, *inputs
    )


COUNTS: dict[str, Any] = {
    "histogram": lambda a: np.histogram(a, 3)[0],
    "histogram2d": lambda a: np.histogram2d(a, X[:6], 3)[0],
    "histogramdd": lambda a: np.histogramdd([a, X[:6]], 3)[0],
}


@pytest.mark.parametrize("name", COUNTS)
def test_counts_have_no_history(name: str) -> None:
    got = COUNTS[name](tg.Tensor(DATA, requires_grad=True))
    np.testing.assert_array_equal(got.numpy(), COUNTS[name](DATA))
    assert not got.requires_grad


def test_equal_data_have_bins_around_them() -> None:
    x = tg.Tensor([2.0, 2.0], requires_grad=True)
    assert np.histogram(x, 2)[1].tolist() == [1.5, 2.0, 2.5]


def test_what_cannot_be_is_refused() -> None:
    w = tg.Tensor([1.0, 2.0], requires_grad=True)
    with pytest.raises(ValueError, match="the same shape"):
        np.histogram(DATA, 3, weights=w)
    with pytest.raises(ValueError, match="monotonically"):
        np.histogram([0.0, 1.0], [2.0, 1.0], weights=w)
    with pytest.raises(ValueError, match="3 bins"):
        np.histogramdd(PAIRS[:2], (1, 2, 3), weights=w)
    with pytest.raises(TypeError, match="int64"):
        np.bincount(w)
