"""Datasets: their lengths, their samples, and how they are taken apart and put together."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tinygrad_edu import Tensor
from tinygrad_edu.data import (
    ConcatDataset,
    DataLoader,
    Dataset,
    Subset,
    TensorDataset,
    random_split,
)
from tinygrad_edu.random import manual_seed


def numbered(n: int = 10) -> TensorDataset:
    return TensorDataset(np.arange(2.0 * n).reshape(n, 2), np.arange(n))


def test_a_tensor_dataset_gives_rows() -> None:
    dataset = numbered()
    x, y = dataset[3]
    assert x.tolist() == [6.0, 7.0]
    assert (y.item(), y.dtype, y.shape) == (3, np.int64, ())
    assert len(dataset) == 10
    assert dataset[2:4][1].tolist() == [2, 3]
    assert dataset[-1][1].item() == 9


def test_a_tensor_dataset_keeps_tensors_and_copies_arrays() -> None:
    x, y = Tensor([1.0, 2.0]), np.array([1, 2])
    dataset = TensorDataset(x, y)
    y[:] = 0
    assert dataset.tensors[0] is x
    assert dataset.tensors[1].tolist() == [1, 2]


@pytest.mark.parametrize(
    ("arrays", "shown"),
    [
        ((), "none"),
        ((np.ones(2), np.ones((3, 1))), r"\(2,\), \(3, 1\)"),
        ((np.ones(()),), r"\(\)"),
    ],
)
def test_a_tensor_dataset_wants_tensors_of_one_length(arrays: Any, shown: str) -> None:
    with pytest.raises(ValueError, match=f"of one length; the shapes are {shown}"):
        TensorDataset(*arrays)


def test_gradients_flow_through_the_batches_of_a_tensor_that_wants_them() -> None:
    x = Tensor([1.0, 2.0, 3.0], requires_grad=True)
    for (batch,) in DataLoader(TensorDataset(x), batch_size=2):
        (batch * batch).sum().backward()
    assert x.grad.tolist() == [2.0, 4.0, 6.0]


def test_a_dataset_without_samples_says_so() -> None:
    class Empty(Dataset):
        pass

    with pytest.raises(NotImplementedError, match="Empty has no __getitem__"):
        Empty()[0]


def test_a_subset_has_its_own_order_and_may_repeat() -> None:
    subset = Subset("abcdef", np.array([5, 0, 0]))
    assert [subset[i] for i in range(len(subset))] == ["f", "a", "a"]
    assert Subset(subset, [2, 0])[1] == "f"
    with pytest.raises(IndexError):
        subset[3]


@pytest.mark.parametrize("indices", [[0.5], [None], "a"])
def test_the_indices_of_a_subset_are_whole_numbers(indices: Any) -> None:
    with pytest.raises(TypeError):
        Subset("abc", indices)


def test_concatenated_datasets_follow_each_other() -> None:
    both = ConcatDataset(["ab", "", "cde"])
    assert [both[i] for i in range(len(both))] == list("abcde")
    assert [both[i] for i in range(-5, 0)] == list("abcde")
    assert both.cumulative_sizes == [2, 2, 5]
    for index in (5, -6):
        with pytest.raises(IndexError, match=f"index {index} is out of bounds for 5"):
            both[index]
    with pytest.raises(ValueError, match="got none"):
        ConcatDataset([])


def test_a_sum_of_datasets_is_their_concatenation() -> None:
    both = numbered(2) + numbered(3)
    assert [sample[1].item() for sample in both] == [0, 1, 0, 1, 2]


@pytest.mark.parametrize(
    ("size", "lengths", "expected"),
    [
        (10, [7, 3], [7, 3]),
        (10, [0.7, 0.3], [7, 3]),
        (10, [1 / 3, 1 / 3, 1 / 3], [4, 3, 3]),
        (11, [0.5, 0.25, 0.25], [6, 3, 2]),
        (1, [1], [1]),
        (5, [1.0], [5]),
        (5, [1], [5]),
        (5, [5, 0], [5, 0]),
        (0, [0.5, 0.5], [0, 0]),
    ],
)
def test_a_split_has_the_lengths_asked_for_and_every_sample_once(
    size: int, lengths: list[float], expected: list[int]
) -> None:
    parts = random_split(range(size), lengths, np.random.default_rng(0))
    assert [len(part) for part in parts] == expected
    assert sorted(sample for part in parts for sample in part.indices) == list(range(size))


@pytest.mark.parametrize(
    "lengths", [[5], [5, 6], [11, -1], [0.5, 0.4], [1.5, -0.5], [2.5, 7.5], [], [np.nan, 0.5]]
)
def test_a_split_that_does_not_add_up_is_refused(lengths: list[float]) -> None:
    with pytest.raises(ValueError, match=r"add up to 10|NaN to integer"):
        random_split(range(10), lengths)


def test_a_split_is_random_and_the_same_with_the_same_numbers() -> None:
    def split(generator: Any = None) -> list[int]:
        return random_split(range(100), [50, 50], generator)[0].indices

    first = split(np.random.default_rng(0))
    assert first == split(np.random.default_rng(0)) != split(np.random.default_rng(1))
    assert first != sorted(first)
    manual_seed(3)
    own = split()
    manual_seed(3)
    assert split() == own
