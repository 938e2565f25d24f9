"""Datasets without a number for every sample: they can only be gone through, from the beginning.

Files that are read line by line and samples that are made as they are needed are of this kind.

Read next: ``collate.py``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

from tinygrad_edu.data.dataset import Dataset


class IterableDataset(Dataset):
    """The base of datasets without indices: write ``__iter__``, which gives the samples.

    A loader goes through it in its own order, so that there is nothing to shuffle or to sample.

    Examples
    --------
    >>> from tinygrad_edu import data
    >>> class Countdown(data.IterableDataset):
    ...     def __iter__(self):
    ...         return iter([3, 2, 1])
    >>> [batch.tolist() for batch in data.DataLoader(Countdown(), batch_size=2)]
    [[3, 2], [1]]
    """

    def __iter__(self) -> Iterator[Any]:
        raise NotImplementedError(f"{type(self).__name__} has no __iter__; write one")

    def __getitem__(self, index: Any) -> Any:
        """Refuse: there are no indices."""
        raise TypeError(
            f"a sample of {type(self).__name__} has no index; go through them: iter(it)"
        )

    def __add__(self, other: Any) -> Any:
        return ChainDataset([self, other])


class ChainDataset(IterableDataset):
    """The samples of several streams, one after the other; ``a + b`` makes one, too.

    Examples
    --------
    >>> from tinygrad_edu import data
    >>> list(data.ChainDataset(["ab", "c"]))
    ['a', 'b', 'c']
    """

    def __init__(self, datasets: Iterable[Any]) -> None:
        self.datasets = list(datasets)

    def __iter__(self) -> Iterator[Any]:
        return chain.from_iterable(self.datasets)

    def __len__(self) -> int:
        return sum(map(len, self.datasets))
