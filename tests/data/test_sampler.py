"""Samplers: which samples are taken, and how often."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tinygrad_edu import Tensor, data


def test_a_random_sampler_with_replacement_takes_as_many_as_asked_for() -> None:
    sampler = data.RandomSampler("ab", True, 100, np.random.default_rng(0))
    assert len(sampler) == len(list(sampler)) == 100
    assert set(sampler) == {0, 1}
    few = data.RandomSampler(range(50), num_samples=5, generator=np.random.default_rng(0))
    assert len(few) == len(set(few)) == 5


def test_a_weighted_sampler_takes_what_is_heavy_more_often() -> None:
    weights = Tensor([0.0, 1.0, 3.0])
    drawn = list(data.WeightedRandomSampler(weights, 4000, generator=np.random.default_rng(0)))
    counts = np.bincount(drawn, minlength=3)
    assert counts[0] == 0
    assert abs(counts[2] - 3000) < 4 * np.sqrt(4000 * 0.75 * 0.25)
    once = data.WeightedRandomSampler([0.0, 1.0, 3.0], 2, replacement=False)
    assert sorted(once) == [1, 2]


@pytest.mark.parametrize(
    "make",
    [
        lambda: data.RandomSampler("ab", num_samples=3),
        lambda: data.RandomSampler("", replacement=True, num_samples=3),
        lambda: data.RandomSampler("ab", num_samples=-1),
        lambda: data.WeightedRandomSampler([1.0, -1.0], 1),
        lambda: data.WeightedRandomSampler([0.0, 0.0], 1),
        lambda: data.WeightedRandomSampler([1.0, np.nan], 1),
        lambda: data.WeightedRandomSampler([1.0, 0.0], 2, replacement=False),
        lambda: data.WeightedRandomSampler([[1.0]], 1),
    ],
)
def test_a_sampler_that_cannot_do_what_is_asked_for_is_refused(make: Any) -> None:
    with pytest.raises(ValueError, match=r"cannot be taken|weights must be"):
        make()


def test_a_sampler_of_ones_own_says_what_it_lacks() -> None:
    with pytest.raises(NotImplementedError, match="__iter__"):
        iter(data.Sampler())


def test_a_subset_sampler_draws_from_its_indices_in_a_new_order_each_time() -> None:
    sampler = data.SubsetRandomSampler(range(100, 150), np.random.default_rng(0))
    first, second = list(sampler), list(sampler)
    assert sorted(first) == sorted(second) == list(range(100, 150))
    assert first != second
    assert len(sampler) == 50
