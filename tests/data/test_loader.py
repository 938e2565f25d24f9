"""The loader: every sample once, in the order that was asked for, in batches of one size."""

from __future__ import annotations

from collections import namedtuple
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tinygrad_edu import Tensor
from tinygrad_edu.checkpoint import load, save
from tinygrad_edu.data import DataLoader, Dataset, Subset, TensorDataset, default_collate
from tinygrad_edu.random import get_rng_state, manual_seed, set_rng_state

Pair = namedtuple("Pair", "x y")


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
    plain, loader = DataLoader(range(5), 2), DataLoader(range(5), 2, num_workers=4, pin_memory=True)
    assert order(plain) == order(loader)
    assert loader.num_workers == 4


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"batch_size": 0}, ValueError, "batch_size must be 1 or more"),
        ({"batch_size": 1.5}, TypeError, "float"),
        ({"batch_size": None}, TypeError, "NoneType"),
        ({"num_workers": -1}, ValueError, "num_workers 0 or more"),
        ({"sampler": [1], "shuffle": True}, ValueError, "brings its own order"),
        ({"seed": 1, "generator": np.random.default_rng()}, ValueError, "leave out one"),
        ({"seed": 1.5}, TypeError, "float"),
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


BAD = {
    "another shape": ([np.ones(2), np.ones(2), np.ones(3)], r"shape of sample 2 is \(3,\), and of"),
    "another type": ([1.0, 2.0, "x"], "sample 2 is a str, and sample 0 a float"),
    "another length": ([(1, 2), (1, 2, 3)], "the length of sample 1 is 3, and of sample 0 2"),
    "other keys": ([{"a": 1}, {"b": 1}], r"the keys of sample 1 is \['b'\]"),
    "a shape within": ([{"a": (1, np.ones(1))}, {"a": (1, np.ones(2))}], r"sample 1\['a'\]\[1\]"),
    "nothing": ([None, None], "sample 0 is None, a NoneType, .*collate_fn"),
    "a set": ([{1}], "a set, of which no batch"),
    "a number and an array": ([1.0, np.ones(2)], "sample 1 is a ndarray, and sample 0 a float"),
}


@pytest.mark.parametrize("name", BAD)
def test_samples_that_do_not_fit_together_are_named(name: str) -> None:
    samples, message = BAD[name]
    with pytest.raises((TypeError, ValueError), match=message):
        list(DataLoader(samples, batch_size=3))
    with pytest.raises((TypeError, ValueError), match=message):
        default_collate(samples)


def test_the_number_of_the_bad_sample_is_its_own_and_not_its_place_in_the_batch() -> None:
    samples = [np.ones(2)] * 7 + [np.ones(3)]
    with pytest.raises(ValueError, match=r"sample 7 is .* sample 6"):
        list(DataLoader(samples, batch_size=2))


# ------------------------------------------------------------------------------ collate
@pytest.mark.parametrize(
    ("samples", "dtype", "values"),
    [
        ([1, 2], "int64", [1, 2]),
        ([1.5, 2], "float64", [1.5, 2.0]),
        ([True, False], "bool", [True, False]),
        ([np.float32(1), np.float32(2)], "float32", [1.0, 2.0]),
        ([np.ones(2, "u1")] * 2, "uint8", [[1, 1], [1, 1]]),
        ([Tensor([1.0]), Tensor([2.0])], "float64", [[1.0], [2.0]]),
    ],
)
def test_numbers_arrays_and_tensors_become_a_tensor(samples: Any, dtype: str, values: Any) -> None:
    batch = default_collate(samples)
    assert isinstance(batch, Tensor)
    assert (str(batch.dtype), batch.tolist()) == (dtype, values)


def test_what_holds_values_becomes_the_same_holding_batches() -> None:
    batch = default_collate([{"x": (1, [2.0]), "s": "a", "p": Pair(1, 2)} for _ in range(2)])
    assert batch["x"][0].tolist() == [1, 1]
    assert batch["x"][1][0].tolist() == [2.0, 2.0]
    assert batch["s"] == ["a", "a"]
    assert isinstance(batch["p"], Pair)
    assert batch["p"].y.tolist() == [2, 2]


def test_gradients_flow_through_samples_that_want_them() -> None:
    x = Tensor([1.0, 2.0], requires_grad=True)
    default_collate([x[0] * 3, x[1] * 5]).sum().backward()
    assert x.grad.tolist() == [3.0, 5.0]


def test_the_state_of_a_loaders_own_numbers_can_be_saved(tmp_path: Path) -> None:
    loader = DataLoader(range(50), 7, shuffle=True, seed=1)
    order(loader)
    save(loader.generator.bit_generator.state, tmp_path / "it.npz")
    expected = order(loader)
    loader.generator.bit_generator.state = load(tmp_path / "it.npz")
    assert order(loader) == expected
