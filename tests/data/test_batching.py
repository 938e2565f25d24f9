"""Batches that a sampler makes, no batches at all, and datasets that can only be gone through."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from tinygrad_edu import Tensor, data, nn, optim
from tinygrad_edu.data import BatchSampler, DataLoader, StackDataset, TensorDataset
from tinygrad_edu.utils import data as utils_data


class Count(data.IterableDataset):
    def __init__(self, end: int) -> None:
        self.end = end

    def __iter__(self) -> Iterator[int]:
        return iter(range(self.end))


class Counted(Count):
    def __len__(self) -> int:
        return self.end


def lists(loader: Any) -> list[Any]:
    return [batch.tolist() if isinstance(batch, Tensor) else batch for batch in loader]


# ------------------------------------------------------------------------ batch samplers
@pytest.mark.parametrize("drop_last", [False, True])
@pytest.mark.parametrize(("size", "batch_size"), [(5, 2), (4, 2), (3, 5), (0, 1)])
def test_a_batch_sampler_makes_the_batches_that_the_settings_make(
    size: int, batch_size: int, drop_last: bool
) -> None:
    sampler = BatchSampler(range(size), batch_size, drop_last)
    loader = DataLoader(range(size), batch_sampler=sampler)
    plain = DataLoader(range(size), batch_size, drop_last=drop_last)
    assert lists(loader) == lists(plain) == list(sampler)
    assert len(loader) == len(plain) == len(sampler) == len(list(sampler))


def test_any_lists_of_indices_are_batches() -> None:
    loader = DataLoader("abcd", batch_sampler=[[3], (0, 0, 1)])
    assert lists(loader) == lists(loader) == [["d"], ["a", "a", "b"]]


@pytest.mark.parametrize("size", [0, -1])
def test_a_batch_without_samples_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match="1 or more"):
        BatchSampler(range(3), size, False)


# --------------------------------------------------------------------------- no batches
def test_without_a_batch_size_there_are_samples() -> None:
    samples = [{"x": np.ones(2, "f4"), "n": 1, "s": "a", "p": (1.5, [np.zeros(1)])}]
    (sample,) = DataLoader(samples, batch_size=None)
    assert isinstance(sample["x"], Tensor)
    assert sample["x"].dtype == np.float32
    assert (sample["n"], sample["s"], sample["p"][0]) == (1, "a", 1.5)
    assert isinstance(sample["p"][1][0], Tensor)
    assert len(DataLoader(range(5), batch_size=None)) == 5


@pytest.mark.parametrize(
    "sample",
    ["a", b"a", np.str_("a"), np.array(["a"]), np.array([None]), 1, 1.5, None, Tensor(1.0)],
)
def test_what_is_no_array_of_numbers_is_left_as_it_is(sample: Any) -> None:
    assert data.default_convert(sample) is sample


@pytest.mark.parametrize("dtype", ["?", "u1", "i8", "f4", "c16"])
def test_arrays_and_numbers_of_numpy_become_tensors_of_their_dtype(dtype: str) -> None:
    for sample in (np.ones((2, 1), dtype), np.dtype(dtype).type(1)):
        converted = data.default_convert(sample)
        assert isinstance(converted, Tensor)
        assert (converted.shape, converted.dtype) == (sample.shape, sample.dtype)


def test_without_a_batch_size_an_index_may_be_many() -> None:
    dataset = TensorDataset(np.arange(10, 15))
    loader = DataLoader(dataset, None, sampler=BatchSampler(range(5), 2, False))
    assert [x.tolist() for (x,) in loader] == [[10, 11], [12, 13], [14]]


def test_without_a_batch_size_a_collate_fn_gets_one_sample() -> None:
    assert list(DataLoader("ab", None, collate_fn=str.upper)) == ["A", "B"]
    assert list(DataLoader(Count(3), None, collate_fn=str)) == ["0", "1", "2"]


def test_without_a_batch_size_a_sample_that_fails_is_named() -> None:
    with pytest.raises(IndexError, match="sample 7 of list"):
        list(DataLoader([1], None, sampler=[7]))


# ------------------------------------------------------------------------------- streams
@pytest.mark.parametrize(
    ("settings", "batches"),
    [
        ({}, [[0], [1], [2], [3], [4]]),
        ({"batch_size": 2}, [[0, 1], [2, 3], [4]]),
        ({"batch_size": 2, "drop_last": True}, [[0, 1], [2, 3]]),
        ({"batch_size": None}, [0, 1, 2, 3, 4]),
        ({"batch_size": 2, "collate_fn": sum}, [1, 5, 4]),
    ],
)
def test_a_stream_comes_in_its_own_order(settings: Any, batches: Any) -> None:
    loader = DataLoader(Counted(5), **settings)
    assert lists(loader) == lists(loader) == batches  # and anew each time
    assert len(loader) == len(batches)
    assert lists(DataLoader(Count(5), **settings)) == batches


@pytest.mark.parametrize(
    "settings", [{"shuffle": True}, {"sampler": [1]}, {"batch_sampler": [[1]]}]
)
def test_a_stream_cannot_be_sampled(settings: Any) -> None:
    with pytest.raises(ValueError, match="Count gives its samples in its own order"):
        DataLoader(Count(5), **settings)
    with pytest.raises(TypeError, match="no index"):
        Count(5)[0]


def test_the_length_of_an_endless_stream_is_not_known() -> None:
    with pytest.raises(TypeError, match=r"Count.*len"):
        len(DataLoader(Count(5), 2))


def test_a_bad_sample_of_a_stream_is_named_by_its_number() -> None:
    class Odd(data.IterableDataset):
        def __iter__(self) -> Iterator[Any]:
            yield from [np.ones(2)] * 3
            yield np.ones(3)

    with pytest.raises(ValueError, match=r"sample 3 is \(3,\), and of sample 2 \(2,\)"):
        list(DataLoader(Odd(), 2))


def test_streams_one_after_the_other_are_a_stream() -> None:
    assert lists(DataLoader(Count(2) + Count(3), 5)) == [[0, 1, 0, 1, 2]]
    assert len(Counted(2) + Counted(3)) == 5


def test_a_stream_that_gives_nothing_says_what_it_lacks() -> None:
    with pytest.raises(NotImplementedError, match="__iter__"):
        iter(data.IterableDataset())


# -------------------------------------------------------------------------------- stacks
def test_a_stack_is_batched_at_once_as_sample_by_sample() -> None:
    x, y = TensorDataset(np.arange(6.0).reshape(3, 2)), [7, 8, 9]
    ((a,), b) = next(iter(DataLoader(StackDataset(x, y), 2)))
    assert (a.tolist(), b.tolist()) == ([[0.0, 1.0], [2.0, 3.0]], [7, 8])
    named = StackDataset(x=x, y=y)
    at_once, one_by_one = next(iter(DataLoader(named, 3))), data.default_collate(list(named))
    assert at_once["x"][0].tolist() == one_by_one["x"][0].tolist()
    assert at_once["y"].tolist() == one_by_one["y"].tolist() == [7, 8, 9]


@pytest.mark.parametrize(("args", "kwargs"), [((), {}), (("a",), {"b": "b"}), (("a", "bc"), {})])
def test_a_stack_that_does_not_fit_together_is_refused(args: Any, kwargs: Any) -> None:
    with pytest.raises(ValueError, match="a StackDataset takes"):
        StackDataset(*args, **kwargs)


# -------------------------------------------------------------- as ported programs say it
def test_the_names_of_pytorch_are_the_same_objects_in_both_places() -> None:
    for name in utils_data.__all__:
        assert getattr(utils_data, name) is getattr(data, name)
    sets = {"MNIST", "FashionMNIST", "Digits", "digits", "read_idx"}
    assert set(data.__all__) - set(utils_data.__all__) - sets == {
        *("blobs", "circles", "moons", "spirals", "xor")
    }


def test_the_loop_of_a_ported_program_runs() -> None:
    from tinygrad_edu.utils.data import DataLoader, TensorDataset

    dataset = TensorDataset(Tensor(np.eye(4)), Tensor(np.ones((4, 1))))
    model = nn.Linear(4, 1)
    optimizer = optim.SGD(model.parameters(), lr=0.5)
    losses = []
    for _ in range(20):
        for x, y in DataLoader(dataset, batch_size=2, shuffle=True, num_workers=2, timeout=0):
            optimizer.zero_grad()
            loss = nn.MSELoss()(model(x), y)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    assert losses[-1] < losses[0] / 10
