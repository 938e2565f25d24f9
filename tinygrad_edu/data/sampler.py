"""Samplers: in which order the samples are taken.

Each time that one is iterated, it draws a new order. Random ones draw from the package's generator
unless they have been given one, so that the order is part of the random state.

Read next: ``loader.py``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from operator import index as whole
from typing import Any

import numpy as np

from tinygrad_edu.random import default_generator


class Sampler:
    """The base of samplers: write ``__iter__``, which goes through indices, and ``__len__``.

    Examples
    --------
    >>> from tinygrad_edu import data
    >>> class Backwards(data.Sampler):
    ...     def __iter__(self):
    ...         return iter([2, 1, 0])
    ...
    ...     def __len__(self):
    ...         return 3
    >>> [batch.tolist() for batch in data.DataLoader([7, 8, 9], sampler=Backwards())]
    [[9], [8], [7]]
    """

    def __iter__(self) -> Iterator[Any]:
        raise NotImplementedError(f"{type(self).__name__} has no __iter__; write one")


class SequentialSampler(Sampler):
    """All samples, in their own order.

    Examples
    --------
    >>> from tinygrad_edu import data
    >>> list(data.SequentialSampler("abc"))
    [0, 1, 2]
    """

    def __init__(self, data_source: Any) -> None:
        self.data_source = data_source

    def __iter__(self) -> Iterator[int]:
        return iter(range(len(self.data_source)))

    def __len__(self) -> int:
        return len(self.data_source)


class RandomSampler(Sampler):
    """All samples, in random order; or as many as are asked for, with replacement.

    Raises
    ------
    ValueError
        If more samples are asked for than there are, without replacement.

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_edu import data
    >>> sorted(data.RandomSampler("abc"))
    [0, 1, 2]
    """

    def __init__(
        self,
        data_source: Any,
        replacement: bool = False,
        num_samples: int | None = None,
        generator: np.random.Generator | None = None,
    ) -> None:
        self.data_source, self.replacement, self.generator = data_source, replacement, generator
        self.num_samples = len(data_source) if num_samples is None else num_samples
        most = self.num_samples if replacement and len(data_source) else len(data_source)
        if not 0 <= self.num_samples <= most:
            how = "with" if replacement else "without"
            raise ValueError(
                f"{num_samples} samples cannot be taken from {len(data_source)} {how} replacement"
            )

    def __iter__(self) -> Iterator[int]:
        generator, size = default_generator(self.generator), len(self.data_source)
        if self.replacement:
            return iter(generator.integers(0, size, self.num_samples).tolist())
        return iter(generator.permutation(size)[: self.num_samples].tolist())

    def __len__(self) -> int:
        return self.num_samples


class SubsetRandomSampler(Sampler):
    """Some samples, by their indices, in random order.

    Examples
    --------
    >>> from tinygrad_edu import data
    >>> sorted(data.SubsetRandomSampler([7, 3]))
    [3, 7]
    """

    def __init__(
        self, indices: Sequence[int], generator: np.random.Generator | None = None
    ) -> None:
        self.indices, self.generator = indices, generator

    def __iter__(self) -> Iterator[int]:
        order = default_generator(self.generator).permutation(len(self.indices)).tolist()
        return iter([self.indices[position] for position in order])

    def __len__(self) -> int:
        return len(self.indices)


class WeightedRandomSampler(Sampler):
    """Samples at random, each as likely as its weight says.

    Raises
    ------
    ValueError
        If the weights are not one axis of finite numbers from 0 on, of which some are positive, or
        too few are to take so many samples without replacement.

    Examples
    --------
    >>> from tinygrad_edu import data
    >>> list(data.WeightedRandomSampler([0.0, 2.0], 3))
    [1, 1, 1]
    """

    def __init__(
        self,
        weights: Any,
        num_samples: int,
        replacement: bool = True,
        generator: np.random.Generator | None = None,
    ) -> None:
        self.weights = np.asarray(weights, dtype=np.float64)
        good = self.weights.ndim == 1 and np.isfinite(self.weights).all()
        if not good or (self.weights < 0).any() or not self.weights.any():
            raise ValueError(
                f"the weights must be finite, from 0 on and not all 0: {weights!r:.80}"
            )
        if not replacement and np.count_nonzero(self.weights) < num_samples:
            raise ValueError(
                f"{num_samples} samples cannot be taken without replacement from "
                f"{np.count_nonzero(self.weights)} that have a weight"
            )
        self.num_samples, self.replacement, self.generator = num_samples, replacement, generator

    def __iter__(self) -> Iterator[int]:
        p = self.weights / self.weights.sum()
        drawn = default_generator(self.generator).choice(
            len(p), self.num_samples, self.replacement, p
        )
        return iter(drawn.tolist())

    def __len__(self) -> int:
        return self.num_samples


def pieces(stream: Iterator[Any], size: int, drop_last: bool) -> Iterator[list[Any]]:
    """Cut a stream into lists of one length, but for the last, which may be left out."""
    while piece := list(islice(stream, size)):
        if drop_last and len(piece) < size:
            return
        yield piece


class BatchSampler(Sampler):
    """What another sampler gives, a list of it at a time.

    Parameters
    ----------
    sampler : indices in the order in which they shall be taken.
    batch_size : how many make a list.
    drop_last : whether a last list that would be shorter is left out.

    Raises
    ------
    TypeError, ValueError
        If ``batch_size`` is no whole number from 1 on.

    Examples
    --------
    >>> from tinygrad_edu import data
    >>> list(data.BatchSampler(range(5), 2, drop_last=False))
    [[0, 1], [2, 3], [4]]
    """

    def __init__(self, sampler: Iterable[Any], batch_size: int, drop_last: bool) -> None:
        if whole(batch_size) < 1:
            raise ValueError(f"batch_size must be 1 or more, not {batch_size}")
        self.sampler: Any = sampler
        self.batch_size, self.drop_last = whole(batch_size), drop_last

    def __iter__(self) -> Iterator[list[Any]]:
        return pieces(iter(self.sampler), self.batch_size, self.drop_last)  # order is drawn now

    def __len__(self) -> int:
        full, rest = divmod(len(self.sampler), self.batch_size)
        return full + (rest > 0 and not self.drop_last)
