"""DataLoader: a dataset in batches, in order or shuffled anew in every epoch.

Read next: ``generator_state.py``, with which shuffling goes on where it stood.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from operator import index as whole
from typing import Any

import numpy as np

from tinygrad_edu.data import generator_state
from tinygrad_edu.data.collate import collate, default_convert, samples
from tinygrad_edu.data.dataset import stacked
from tinygrad_edu.data.sampler import BatchSampler, RandomSampler, SequentialSampler, pieces
from tinygrad_edu.data.stream import IterableDataset


class DataLoader:
    """Go through a dataset in batches: ``for x, y in loader``.

    Shuffled orders are drawn from the package's random numbers (`tinygrad_edu.manual_seed`), and so
    belong to the state that ``get_rng_state()`` returns; or from numbers of the loader's own, if it
    is given a seed or a generator, which belong to ``loader.state_dict()``.

    Parameters
    ----------
    dataset : what has a length and a sample for every index: a `Dataset`, a list, an array; or an
        `IterableDataset`.
    batch_size : how many samples make a batch; ``None`` to get samples instead of batches.
    shuffle : whether every epoch has a random order of its own.
    sampler : indices in the order in which they shall be taken, in place of ``shuffle``.
    batch_sampler : lists of indices, one for each batch, in place of all that says the same.
    collate_fn : makes a batch of a list of samples, in place of `default_collate`; or changes a
        sample, in place of `default_convert`, where there are no batches.
    drop_last : whether a last batch that would be smaller is left out.
    seed : a whole number, with which shuffled orders are the same in every run.
    generator : where random numbers come from, in place of ``seed``.
    num_workers, pin_memory, timeout, worker_init_fn, multiprocessing_context, prefetch_factor,
    persistent_workers : how PyTorch is to fetch the samples; accepted, and without effect, since
        every batch is made here when it is asked for. The batches are the same.

    Raises
    ------
    TypeError, ValueError
        If an argument is none of this, two contradict each other, or the dataset has no length.
        While batches are made, errors name the sample.

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
        batch_size: int | None = 1,
        shuffle: bool | None = False,
        sampler: Iterable[Any] | None = None,
        batch_sampler: Iterable[Sequence[Any]] | None = None,
        num_workers: int = 0,
        collate_fn: Callable[[Any], Any] | None = None,
        pin_memory: bool = False,
        drop_last: bool = False,
        timeout: float = 0,
        worker_init_fn: Callable[[int], None] | None = None,
        multiprocessing_context: Any = None,
        generator: np.random.Generator | None = None,
        *,
        prefetch_factor: int | None = None,
        persistent_workers: bool = False,
        seed: int | None = None,
    ) -> None:
        self.num_workers, self.pin_memory, self.timeout = whole(num_workers), pin_memory, timeout
        self.worker_init_fn, self.prefetch_factor = worker_init_fn, prefetch_factor
        self.persistent_workers = persistent_workers
        self.multiprocessing_context = multiprocessing_context
        if seed is not None and generator is not None:
            raise ValueError("seed= makes a generator: leave out one of seed= and generator=")
        self.generator = generator if seed is None else np.random.default_rng(whole(seed))
        self.dataset, self.collate_fn, self.drop_last = dataset, collate_fn, drop_last
        self.batch_size = None if batch_size is None else whole(batch_size)
        self._check(shuffle, sampler, batch_sampler)
        self.sampler: Any = self._order(shuffle) if sampler is None else sampler
        self.batch_sampler: Any = batch_sampler
        if batch_sampler is not None:
            self.batch_size = None
        elif self.batch_size is not None and self.sampler is not None:
            self.batch_sampler = BatchSampler(self.sampler, self.batch_size, drop_last)

    def _check(self, shuffle: Any, sampler: Any, batch_sampler: Any) -> None:
        """Refuse numbers that are none, and settings that contradict each other."""
        if (self.batch_size is not None and self.batch_size < 1) or self.num_workers < 0:
            raise ValueError(
                f"batch_size must be 1 or more, and num_workers 0 or more, not {self.batch_size} "
                f"and {self.num_workers}"
            )
        if sampler is not None and shuffle:
            raise ValueError("a sampler brings its own order: leave out shuffle=True, or sampler=")
        if self.batch_size is None and self.drop_last:
            raise ValueError("without batches there is no last one to drop: set a batch_size=")
        order = bool(shuffle) or sampler is not None
        if batch_sampler is not None and (order or self.batch_size != 1 or self.drop_last):
            raise ValueError(
                "a batch_sampler brings its own batches: leave out batch_size=, shuffle=, "
                "sampler= and drop_last=, or batch_sampler="
            )
        _check_dataset(self.dataset, order, sampler is not None or batch_sampler is not None)

    def _order(self, shuffle: Any) -> Any:
        """Return the order of the samples where no sampler brings one."""
        if isinstance(self.dataset, IterableDataset):
            return None
        if shuffle:
            return RandomSampler(self.dataset, generator=self.generator)
        return SequentialSampler(self.dataset)

    def __iter__(self) -> Iterator[Any]:
        convert = self.collate_fn or default_convert
        if self.sampler is None:
            stream = iter(self.dataset)
            return map(convert, stream) if self.batch_size is None else self._stream(stream)
        if self.batch_sampler is not None:
            return self._batches(iter(self.batch_sampler))  # the order is drawn now
        return (convert(samples(self.dataset, [index])[0]) for index in iter(self.sampler))

    def _batches(self, batches: Iterator[Sequence[Any]]) -> Iterator[Any]:
        for indices in batches:
            if self.collate_fn is None:
                yield stacked(self.dataset, indices)
            else:
                yield self.collate_fn(samples(self.dataset, indices))

    def _stream(self, stream: Iterator[Any]) -> Iterator[Any]:
        size: Any = self.batch_size
        for number, batch in enumerate(pieces(stream, size, self.drop_last)):
            if self.collate_fn is None:
                yield collate(batch, range(number * size, number * size + len(batch)))
            else:
                yield self.collate_fn(batch)

    def __len__(self) -> int:
        if self.batch_sampler is not None:
            return len(self.batch_sampler)
        if self.sampler is not None:
            return len(self.sampler)
        count: int = len(self.dataset)
        size = self.batch_size or 1
        return count // size if self.drop_last else -(-count // size)

    # ------------------------------------------------------------------- its state
    def state_dict(self) -> dict[str, Any]:
        """Return where the loader's own random numbers stand, between two epochs.

        They are those of the sampler, or of the one that it wraps, or else of the loader, if one
        has a ``generator`` of its own; where a sampler of yours keeps one, call it that. What a
        dataset draws from numbers of its own is not known here.
        The form is ``{"generator": state}``; or ``{"generator": None}``, where all is drawn from
        the package's numbers, or nothing.

        Examples
        --------
        >>> from tinygrad_edu import data
        >>> loader = data.DataLoader(range(9), batch_size=9, shuffle=True, seed=1)
        >>> state = loader.state_dict()
        >>> first = next(iter(loader)).tolist()
        >>> loader.load_state_dict(state)
        >>> next(iter(loader)).tolist() == first
        True
        """
        bits = self._own_bits()
        return {"generator": None if bits is None else dict(bits.state)}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Go on with the random numbers from where they stood, if they are of the same kind.

        Raises
        ------
        ValueError
            If this is no such state, or only one of both, the loader that was saved and this one,
            has random numbers of its own, or they have different kinds. Nothing has changed then.
        """
        generator_state.take_over(self._own_bits(), state_dict)

    def _own_bits(self) -> Any:
        order = self.sampler if self.batch_sampler is None else self.batch_sampler
        return generator_state.of(order, self.generator)


def _check_dataset(dataset: Any, order: bool, sampled: bool) -> None:
    """Refuse a dataset whose samples cannot be taken in the order that is asked for."""
    name = type(dataset).__name__
    if isinstance(dataset, IterableDataset):
        if order or sampled:
            raise ValueError(
                f"{name} gives its samples in its own order: leave out shuffle=, sampler= and "
                f"batch_sampler="
            )
    elif not sampled and not hasattr(type(dataset), "__len__"):
        can_iterate = hasattr(type(dataset), "__iter__")
        hint = "make it an IterableDataset or a list" if can_iterate else "write one"
        raise TypeError(f"{name} has no __len__, so its samples cannot be numbered; {hint}")
