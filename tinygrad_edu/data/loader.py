"""DataLoader: a dataset in batches, in order or shuffled anew in every epoch."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from operator import index as whole
from typing import Any

import numpy as np

from tinygrad_edu.data.collate import samples
from tinygrad_edu.data.dataset import stacked
from tinygrad_edu.data.sampler import RandomSampler, SequentialSampler


class DataLoader:
    """Go through a dataset in batches: ``for x, y in loader``.

    Shuffled orders are drawn from the package's random numbers (`tinygrad_edu.manual_seed`), and so
    belong to the state that ``get_rng_state()`` returns; or from numbers of the loader's own, if it
    is given a seed or a generator.

    Parameters
    ----------
    dataset : what has a length and a sample for every index: a `Dataset`, a list, an array.
    batch_size : how many samples make a batch.
    shuffle : whether every epoch has a random order of its own.
    sampler : indices in the order in which they shall be taken, in place of ``shuffle``.
    num_workers, pin_memory : how PyTorch is to fetch the samples; accepted, and without effect,
        since every batch is made here when it is asked for. The batches are the same.
    collate_fn : makes a batch of a list of samples, in place of `default_collate`.
    drop_last : whether a last batch that would be smaller is left out.
    seed : a whole number, with which shuffled orders are the same in every run.
    generator : where random numbers come from, in place of ``seed``.

    Raises
    ------
    TypeError, ValueError
        If an argument is none of this. While batches are made, errors name the sample.

    Examples
    --------
    >>> from tinygrad_edu import data
    >>> loader = data.DataLoader(range(5), batch_size=2)
    >>> [batch.tolist() for batch in loader]
    [[0, 1], [2, 3], [4]]
    >>> len(loader)
    3
    """

    def __init__(
        self,
        dataset: Any,
        batch_size: int = 1,
        shuffle: bool = False,
        sampler: Iterable[int] | None = None,
        *,
        num_workers: int = 0,
        collate_fn: Callable[[list[Any]], Any] | None = None,
        pin_memory: bool = False,
        drop_last: bool = False,
        seed: int | None = None,
        generator: np.random.Generator | None = None,
    ) -> None:
        if whole(batch_size) < 1 or whole(num_workers) < 0:
            raise ValueError(
                f"batch_size must be 1 or more, and num_workers 0 or more, not {batch_size} and "
                f"{num_workers}"
            )
        if sampler is not None and shuffle:
            raise ValueError("a sampler brings its own order: leave out shuffle=True, or sampler=")
        if seed is not None and generator is not None:
            raise ValueError("seed= makes a generator: leave out one of seed= and generator=")
        self.dataset, self.batch_size, self.drop_last = dataset, whole(batch_size), drop_last
        self.num_workers, self.pin_memory, self.collate_fn = num_workers, pin_memory, collate_fn
        self.generator = generator if seed is None else np.random.default_rng(whole(seed))
        if sampler is not None:
            self.sampler: Any = sampler
        elif shuffle:
            self.sampler = RandomSampler(dataset, generator=self.generator)
        else:
            self.sampler = SequentialSampler(dataset)

    def __iter__(self) -> Iterator[Any]:
        return self._batches(iter(self.sampler))  # the order is drawn now

    def _batches(self, order: Iterator[int]) -> Iterator[Any]:
        while indices := list(islice(order, self.batch_size)):
            if self.drop_last and len(indices) < self.batch_size:
                return
            if self.collate_fn is None:
                yield stacked(self.dataset, indices)
            else:
                yield self.collate_fn(samples(self.dataset, indices))

    def __len__(self) -> int:
        full, rest = divmod(len(self.sampler), self.batch_size)
        return full + (rest > 0 and not self.drop_last)
