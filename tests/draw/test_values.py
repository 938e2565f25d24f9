"""Arrays as text: few numbers in full, many by their spread, and never a number that misleads."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

from tinygrad_edu.draw.values import describe


@pytest.mark.parametrize(
    ("values", "lines"),
    [
        (3.0, ["3"]),
        ([0.5, 1 / 3], ["0.500 0.333"]),
        ([[1.0, -2.0], [30.0, -0.0]], [" 1 -2", "30  0"]),
        ([[0.1], [0.2]], ["0.100", "0.200"]),
        ([0.12345, 0.00012], ["0.1235 0.0001"]),
        ([1.5, 1e-9], ["1.50e+00 1.00e-09"]),
        ([1.5, 12345.0], ["1.50e+00 1.23e+04"]),
        ([np.nan, np.inf, -np.inf, 0.25], ["  nan   inf  -inf 0.250"]),
        ([np.nan], ["nan"]),
        ([1, -20], ["  1 -20"]),
        ([True, False], [" True False"]),
        ([1 + 2j, 0.12345j], ["    1+2j 0+0.123j"]),
        (np.zeros((0, 3)), ["empty"]),
        (np.float32([0.1]), ["0.100"]),
    ],
)
def test_small_arrays_show_every_number(values: Any, lines: list[str]) -> None:
    assert describe(np.asarray(values)) == lines


@pytest.mark.parametrize("shape", [(5,), (1, 5), (5, 1), (1, 1, 1), (2, 2, 2)])
def test_larger_arrays_show_their_spread(shape: tuple[int, ...]) -> None:
    array = np.arange(np.prod(shape), dtype=float).reshape(shape)
    words = [line.split() for line in describe(array)]
    assert [word for word, _ in words] == ["smallest", "mean", "largest"]
    np.testing.assert_allclose(
        [float(number) for _, number in words], [array.min(), array.mean(), array.max()]
    )


def test_the_spread_of_complex_numbers_is_of_their_size() -> None:
    assert describe(np.full(9, 3 + 4j))[0] == "smallest size 5"


def test_a_spread_that_is_not_a_number_says_so_without_a_warning() -> None:
    assert describe(np.array([1.0, np.nan, np.inf, -np.inf, 2.0]))[1].split() == ["mean", "nan"]


def test_the_mean_of_small_floats_does_not_overflow() -> None:
    assert describe(np.full(10_000, 60_000, np.float16))[1].split() == ["mean", "60000"]


@given(st.lists(st.floats(width=32), min_size=1, max_size=4))
def test_no_number_that_is_not_zero_looks_like_zero_and_columns_are_even(values: Any) -> None:
    (line,) = describe(np.array(values))
    texts = line.split()
    assert len(texts) == len(values)
    for text, value in zip(texts, values):
        assert (float(text) == 0) == (value == 0)
        if np.isfinite(value) and value:
            assert abs(float(text) / value - 1) < 0.6
    assert len(line) == len(texts) * (max(map(len, texts)) + 1) - 1
