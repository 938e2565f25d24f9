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
