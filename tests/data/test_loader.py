"""The loader: every sample once, in the order that was asked for, in batches of one size."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tinygrad_edu import Tensor
from tinygrad_edu.data import DataLoader, Dataset, Subset, TensorDataset
from tinygrad_edu.random import get_rng_state, manual_seed, set_rng_state


def order(loader: DataLoader) -> list[int]:
    return [int(i) for batch in loader for i in batch]


# ---------------------------------------------------------------------------- the batches
@pytest.mark.parametrize(
    ("size", "batch_size", "drop_last", "lengths"),
    [
        (5, 2, False, [2, 2, 1]),
        (5, 2, True, [2, 2]),
        (4, 2, False, [2, 2]),
        (4, 2, True, [2, 2]),
        (3, 5, False, [3]),
        (3, 5, True, []),
        (0, 5, False, []),
    ],
)
@pytest.mark.parametrize("shuffle", [False, True])
def test_every_sample_comes_once_and_the_length_is_the_number_of_batches(
    size: int, batch_size: int, drop_last: bool, lengths: list[int], shuffle: bool
) -> None:
    loader = DataLoader(range(size), batch_size, shuffle, drop_last=drop_last)
    batches = list(loader)
    assert [len(batch) for batch in batches] == lengths
    assert len(loader) == len(lengths)
    seen = sorted(int(i) for batch in batches for i in batch)
    assert len(set(seen)) == len(seen) == sum(lengths)


def test_labels_stay_whole_and_images_keep_their_dtype() -> None:
    dataset = TensorDataset(np.ones((4, 2), "f4"), np.arange(4))
    x, y = next(iter(DataLoader(dataset, batch_size=3)))
    assert (x.dtype, x.shape, y.dtype, y.shape) == (np.float32, (3, 2), np.int64, (3,))


class ByHand(Dataset):
    """The samples of another dataset, one by one."""

    def __init__(self, dataset: Any) -> None:
        self.dataset = dataset

    def __getitem__(self, index: int) -> Any:
        return self.dataset[index]

    def __len__(self) -> int:
        return len(self.dataset)


@pytest.mark.parametrize("subset", [False, True])
def test_taking_a_batch_at_once_gives_the_same_as_sample_by_sample(subset: bool) -> None:
    generator = np.random.default_rng(0)
    dataset: Any = TensorDataset(generator.standard_normal((9, 2, 3)), np.arange(9), np.arange(9.0))
    if subset:
        dataset = Subset(Subset(dataset, [8, 1, 5, 5, 0]), [4, 2, 1, -1])
    for fast, slow in zip(DataLoader(dataset, 2), DataLoader(ByHand(dataset), 2)):
        assert len(fast) == len(slow)
        for a, b in zip(fast, slow):
            assert np.array_equal(a.numpy(), b.numpy())
            assert a.dtype == b.dtype


def test_a_dataset_that_changes_its_samples_is_asked_for_each_of_them() -> None:
    class Doubled(TensorDataset):
        def __getitem__(self, index: int) -> Any:
            return 2 * self.tensors[0][index]

    class Negative(Subset):
        def __getitem__(self, index: int) -> Any:
            return -super().__getitem__(index)

    assert order(DataLoader(Doubled(np.arange(4)), 3)) == [0, 2, 4, 6]
    assert order(DataLoader(Negative(Doubled(np.arange(4)), [3, 1]), 2)) == [-6, -2]


def test_a_loader_does_not_lend_the_datasets_memory() -> None:
    dataset = TensorDataset(np.zeros((4, 2)))
    (batch,) = next(iter(DataLoader(dataset, batch_size=4)))
    assert not np.shares_memory(batch.numpy(), dataset.tensors[0].numpy())


def test_a_collate_fn_gets_the_samples_as_they_are() -> None:
    assert list(DataLoader("abc", 2, collate_fn="".join)) == ["ab", "c"]


# ------------------------------------------------------------------------------ the order
def test_the_order_is_new_in_every_epoch_and_the_same_with_the_same_seed() -> None:
    def epochs(**settings: Any) -> list[list[int]]:
        loader = DataLoader(range(50), 7, True, **settings)
        return [order(loader) for _ in range(3)]

    first = epochs(seed=1)
    assert first == epochs(seed=1) == epochs(generator=np.random.default_rng(1))
    assert first != epochs(seed=2)
    assert first[0] != first[1] != first[2]
    manual_seed(5)
    own = epochs()
    manual_seed(5)
    assert epochs() == own


def test_the_order_is_part_of_the_random_state() -> None:
    loader = DataLoader(range(50), 7, shuffle=True)
    manual_seed(0)
    order(loader)
    state = get_rng_state()
    expected = order(loader)
    set_rng_state(state)
    assert order(loader) == expected


def test_the_order_of_a_loader_with_a_seed_takes_nothing_from_the_package() -> None:
    manual_seed(0)
    before = get_rng_state()
    order(DataLoader(range(50), 7, shuffle=True, seed=3))
    assert get_rng_state() == before


def test_the_order_does_not_change_with_what_is_drawn_between_two_batches() -> None:
    def run(disturb: bool) -> list[int]:
        generator = np.random.default_rng(0)
        found = []
        for batch in DataLoader(range(20), 4, shuffle=True, generator=generator):
            found += batch.tolist()
            if disturb:
                generator.random(5)
        return found

    assert run(True) == run(False)


def test_two_walks_through_one_loader_do_not_disturb_each_other() -> None:
    loader = DataLoader(range(6), 2)
    assert [(a.tolist(), b.tolist()) for a in loader for b in loader][3][1] == [0, 1]


def test_a_sampler_says_what_is_taken() -> None:
    loader = DataLoader(range(10), 2, sampler=[7, 7, 1])
    assert order(loader) == [7, 7, 1]
    assert len(loader) == 2


def test_the_workers_of_pytorch_change_nothing() -> None:
    def never(worker: int) -> None:
        raise AssertionError

    settings = {"num_workers": 4, "pin_memory": True, "timeout": 5.0, "persistent_workers": True}
    loader = DataLoader(
        range(5), 2, **settings, prefetch_factor=2, worker_init_fn=never,
        multiprocessing_context="fork",
    )  # fmt: skip
    assert order(loader) == order(DataLoader(range(5), 2))
    assert {name: getattr(loader, name) for name in settings} == settings


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"batch_size": 0}, ValueError, "batch_size must be 1 or more"),
        ({"batch_size": 1.5}, TypeError, "float"),
        ({"batch_size": "2"}, TypeError, "str"),
        ({"num_workers": -1}, ValueError, "num_workers 0 or more"),
        ({"sampler": [1], "shuffle": True}, ValueError, "brings its own order"),
        ({"seed": 1, "generator": np.random.default_rng()}, ValueError, "leave out one"),
        ({"seed": 1.5}, TypeError, "float"),
        ({"batch_size": None, "drop_last": True}, ValueError, "no last one to drop"),
        ({"batch_sampler": [[1]], "batch_size": 2}, ValueError, "brings its own batches"),
        ({"batch_sampler": [[1]], "batch_size": None}, ValueError, "brings its own batches"),
        ({"batch_sampler": [[1]], "shuffle": True}, ValueError, "brings its own batches"),
        ({"batch_sampler": [[1]], "sampler": [1]}, ValueError, "brings its own batches"),
        ({"batch_sampler": [[1]], "drop_last": True}, ValueError, "brings its own batches"),
        ({"workers": 1}, TypeError, "workers"),
    ],
)
def test_a_setting_that_is_none_is_refused(settings: Any, error: Any, message: str) -> None:
    with pytest.raises(error, match=message):
        DataLoader(range(5), **settings)


def test_a_generator_that_is_none_is_refused() -> None:
    with pytest.raises(TypeError, match=r"numpy\.random\.Generator"):
        iter(DataLoader(range(5), shuffle=True, generator=0))  # type: ignore[arg-type]


# -------------------------------------------------------------------------- bad samples
class Broken(Dataset):
    def __getitem__(self, index: int) -> Any:
        if index == 3:
            raise KeyError("no such file")
        return index

    def __len__(self) -> int:
        return 5


@pytest.mark.parametrize("collate_fn", [None, list])
def test_a_sample_that_fails_is_named_and_the_error_keeps_its_type(collate_fn: Any) -> None:
    loader = iter(DataLoader(Broken(), 2, collate_fn=collate_fn))
    next(loader)
    with pytest.raises(KeyError, match="sample 3 of Broken: 'no such file'"):
        next(loader)


def test_a_sample_of_a_subset_is_named_by_its_index_in_the_dataset() -> None:
    with pytest.raises(KeyError, match="sample 3 of Broken"):
        list(DataLoader(Subset(Broken(), [0, 3]), 2))


def test_an_index_beyond_the_dataset_is_an_index_error() -> None:
    for dataset in (TensorDataset(np.arange(3)), [1, 2, 3]):
        with pytest.raises(IndexError):
            list(DataLoader(dataset, sampler=[5]))


@pytest.mark.parametrize(
    ("sampler", "named"),
    [([1.5], "1.5"), ([0, 1.0], "1.0"), ([np.float32(1)], "1.0"), (["1"], "'1'"), ([None], "None")],
)
@pytest.mark.parametrize("part", [False, True])
def test_an_index_that_is_no_whole_number_takes_no_sample(
    sampler: Any, named: str, part: bool
) -> None:
    dataset: Any = TensorDataset(np.arange(3))
    loader = DataLoader(Subset(dataset, range(3)) if part else dataset, sampler=sampler)
    with pytest.raises(TypeError, match=f"by whole numbers, not .*{named}"):
        list(loader)


@pytest.mark.parametrize("kind", [int, np.uint8, np.int32, np.uint64, Tensor])
def test_whole_numbers_of_any_kind_are_indices(kind: Any) -> None:
    loader = DataLoader(TensorDataset(np.arange(10, 15)), 2, sampler=map(kind, (3, 0, 4)))
    assert [y for (x,) in loader for y in x.tolist()] == [13, 10, 14]


def test_an_index_that_is_too_large_does_not_become_a_negative_one() -> None:
    dataset = TensorDataset(np.arange(3))
    with pytest.raises((IndexError, OverflowError)):
        list(DataLoader(dataset, sampler=[np.uint64(2**64 - 1)]))


class Unnumbered(Dataset):
    def __getitem__(self, index: int) -> Any:
        return index


class Walkable:
    def __iter__(self) -> Any:
        return iter([1, 2])


@pytest.mark.parametrize("shuffle", [False, True])
def test_a_dataset_without_a_length_is_told_what_it_lacks(shuffle: bool) -> None:
    with pytest.raises(TypeError, match=r"Unnumbered has no __len__.*write one"):
        DataLoader(Unnumbered(), shuffle=shuffle)
    with pytest.raises(TypeError, match=r"Walkable has no __len__.*IterableDataset"):
        DataLoader(Walkable(), shuffle=shuffle)
    assert order(DataLoader(Unnumbered(), 2, sampler=[4, 9, 4])) == [4, 9, 4]
    assert order(DataLoader(Unnumbered(), batch_sampler=[[4], [9, 4]])) == [4, 9, 4]
