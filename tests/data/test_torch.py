"""Loaders, splits and batches are those that PyTorch makes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tinygrad_edu import data

torch = pytest.importorskip("torch", reason="PyTorch is not installed")
theirs = torch.utils.data


def plain(batch: Any) -> Any:
    """Make lists of whatever a batch consists of."""
    if isinstance(batch, dict):
        return {key: plain(value) for key, value in batch.items()}
    if isinstance(batch, (list, tuple)):
        return [plain(part) for part in batch]
    return (str(batch.numpy().dtype), batch.tolist()) if hasattr(batch, "numpy") else batch


SETS: dict[str, list[Any]] = {
    "numbers": [0.5, 1.5, 2.5, 3.5, 4.5],
    "pairs": [(i, float(i)) for i in range(5)],
    "lists": [[i, [i]] for i in range(5)],
    "dicts": [{"x": np.full(2, i, "f4"), "y": i, "name": str(i)} for i in range(5)],
    "truth values": [True, False, True, True, False],
}


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("batch_size", [1, 2, 5, 7])
@pytest.mark.parametrize("drop_last", [False, True])
def test_batches_and_their_number_are_the_same(name: str, batch_size: int, drop_last: bool) -> None:
    ours = data.DataLoader(SETS[name], batch_size=batch_size, drop_last=drop_last)
    expected = theirs.DataLoader(SETS[name], batch_size=batch_size, drop_last=drop_last)
    assert len(ours) == len(expected)
    assert [plain(batch) for batch in ours] == [plain(batch) for batch in expected]


@pytest.mark.parametrize("drop_last", [False, True])
def test_batches_of_tensors_are_the_same(drop_last: bool) -> None:
    x, y = np.arange(14.0).reshape(7, 2), np.arange(7)
    ours = data.DataLoader(data.TensorDataset(x, y), 3, drop_last=drop_last)
    tensors = torch.from_numpy(x), torch.from_numpy(y)
    expected = theirs.DataLoader(theirs.TensorDataset(*tensors), 3, drop_last=drop_last)
    assert [plain(batch) for batch in ours] == [plain(batch) for batch in expected]


@pytest.mark.parametrize("drop_last", [False, True])
def test_batch_samplers_make_the_same_batches(drop_last: bool) -> None:
    def batches(of: Any) -> Any:
        sampler = of.BatchSampler(of.SequentialSampler(range(7)), 3, drop_last)
        loader = of.DataLoader(range(7), batch_sampler=sampler)
        return len(sampler), list(sampler), len(loader), loader.batch_size, list(map(plain, loader))

    assert batches(data) == batches(theirs)


@pytest.mark.parametrize("name", SETS)
def test_samples_without_batches_are_the_same(name: str) -> None:
    def batches(of: Any) -> Any:
        loader = of.DataLoader(SETS[name], batch_size=None)
        return len(loader), list(map(plain, loader))

    assert batches(data) == batches(theirs)


@pytest.mark.parametrize("batch_size", [None, 1, 2, 7])
@pytest.mark.parametrize("sized", [False, True])
def test_streams_come_in_the_same_batches(batch_size: int | None, sized: bool) -> None:
    def batches(of: Any) -> Any:
        class Stream(of.IterableDataset):
            def __iter__(self) -> Any:
                return iter(SETS["pairs"])

        class Sized(Stream):
            def __len__(self) -> int:
                return 5

        loader = of.DataLoader((Sized if sized else Stream)(), batch_size)
        if not sized:
            with pytest.raises(TypeError, match="has no len"):
                len(loader)
        chained = of.DataLoader(Stream() + Stream(), batch_size)
        return sized and len(loader), list(map(plain, loader)), list(map(plain, chained))

    assert batches(data) == batches(theirs)


def test_stacks_are_the_same() -> None:
    def batches(of: Any) -> Any:
        pair = of.StackDataset(range(5), SETS["numbers"])
        named = of.StackDataset(n=range(5), x=SETS["numbers"])
        return (
            len(pair),
            pair[3],
            named[3],
            [list(map(plain, of.DataLoader(s, 2))) for s in (pair, named)],
        )

    assert batches(data) == batches(theirs)


@pytest.mark.parametrize(
    "settings",
    [
        {"batch_size": None, "drop_last": True},
        {"sampler": [1], "shuffle": True},
        *(
            {"batch_sampler": [[1]], **more}
            for more in (
                {"batch_size": 2},
                {"shuffle": True},
                {"sampler": [1]},
                {"drop_last": True},
            )
        ),
    ],
)
def test_settings_that_contradict_each_other_are_refused_by_both(settings: Any) -> None:
    for of in (theirs, data):
        with pytest.raises(ValueError):  # noqa: PT011  # each has its own words
            of.DataLoader(range(5), **settings)


@pytest.mark.parametrize("lengths", [[6, 4], [0.5, 0.5], [1 / 3] * 3, [0.7, 0.2, 0.1], [1.0]])
@pytest.mark.parametrize("size", [10, 11])
def test_splits_have_the_same_lengths_or_are_refused_by_both(
    size: int, lengths: list[float]
) -> None:
    try:
        expected = [len(part) for part in theirs.random_split(range(size), lengths)]
    except ValueError:
        with pytest.raises(ValueError, match="add up"):
            data.random_split(range(size), lengths)
    else:
        assert [len(part) for part in data.random_split(range(size), lengths)] == expected
