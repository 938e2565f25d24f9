"""Datasets: what has a length, and a sample for every index below it.

Read next: ``collate.py``; ``stream.py`` has those without a length.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate
from operator import index as whole
from typing import Any

import numpy as np

from tinygrad_edu.data.collate import stack_samples
from tinygrad_edu.op import Array
from tinygrad_edu.random import default_generator
from tinygrad_edu.tensor import Tensor


class Dataset:
    """The base of datasets: write ``__len__`` and ``__getitem__``.

    Examples
    --------
    >>> from tinygrad_edu import data
    >>> class Squares(data.Dataset):
    ...     def __len__(self):
    ...         return 4
    ...
    ...     def __getitem__(self, index):
    ...         return float(index), float(index**2)
    >>> next(iter(data.DataLoader(Squares(), batch_size=4)))[1]
    Tensor([0., 1., 4., 9.], shape=(4,), dtype=float64)
    """

    def __getitem__(self, index: Any) -> Any:
        """Return the sample of this index."""
        raise NotImplementedError(f"{type(self).__name__} has no __getitem__; write one")

    def __add__(self, other: Dataset) -> ConcatDataset:
        return ConcatDataset([self, other])


def stacked(dataset: Any, indices: Sequence[int]) -> Any:
    """Return the samples of these indices as one batch, at once where the dataset can do that.

    It can if it has ``_stacked``, unless a class derived from it changes what a sample is.
    """
    for kind in type(dataset).__mro__:
        if "_stacked" in vars(kind):
            return dataset._stacked(indices)
        if "__getitem__" in vars(kind):
            break
    return stack_samples(dataset, indices)


def rows(indices: Sequence[int]) -> Array:
    """Return indices as NumPy takes them, if they are whole numbers: it would cut off the rest.

    Raises
    ------
    TypeError
        Naming the first that is none.
    """
    array: Array = np.asarray(indices)
    if array.dtype.kind == "i":
        return array
    for index in indices:
        if not hasattr(index, "__index__"):
            raise TypeError(f"samples are numbered by whole numbers, not {index!r:.80}")
    return np.array([whole(index) for index in indices], dtype=np.intp)


class TensorDataset(Dataset):
    """Samples that are the rows of one or more Tensors or arrays.

    Parameters
    ----------
    tensors : of equal length: such as one of shape (n, ...) for inputs and one (n,) for labels.

    Raises
    ------
    ValueError
        If there are none, or their lengths differ.

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_edu import data
    >>> dataset = data.TensorDataset(np.eye(3), np.arange(3))
    >>> len(dataset)
    3
    >>> dataset[1][0]
    Tensor([0., 1., 0.], shape=(3,), dtype=float64)
    """

    def __init__(self, *tensors: Any) -> None:
        self.tensors = tuple(t if isinstance(t, Tensor) else Tensor(t) for t in tensors)
        shapes = [t.shape for t in self.tensors]
        if not shapes or () in shapes or len({shape[0] for shape in shapes}) > 1:
            shown = ", ".join(map(str, shapes)) or "none"
            raise ValueError(f"a TensorDataset takes tensors of one length; the shapes are {shown}")

    def __getitem__(self, index: Any) -> tuple[Any, ...]:
        return tuple(t[index] for t in self.tensors)

    def _stacked(self, indices: Sequence[int]) -> tuple[Any, ...]:
        wanted = rows(indices)
        return tuple(t[wanted] for t in self.tensors)

    def __len__(self) -> int:
        return int(self.tensors[0].shape[0])


class Subset(Dataset):
    """Some samples of a dataset, in an order of their own.

    Raises
    ------
    TypeError
        If the indices are no whole numbers.

    Examples
    --------
    >>> from tinygrad_edu import data
    >>> subset = data.Subset("abcdef", [4, 0])
    >>> len(subset), subset[0]
    (2, 'e')
    """

    def __init__(self, dataset: Any, indices: Sequence[int]) -> None:
        self.dataset = dataset
        self.indices = [whole(index) for index in indices]

    def __getitem__(self, index: Any) -> Any:
        return self.dataset[self.indices[index]]

    def _stacked(self, indices: Sequence[int]) -> Any:
        return stacked(self.dataset, [self.indices[index] for index in rows(indices).tolist()])

    def __len__(self) -> int:
        return len(self.indices)


class ConcatDataset(Dataset):
    """The samples of several datasets, one after the other; ``a + b`` makes one, too.

    Raises
    ------
    ValueError
        If there is no dataset.

    Examples
    --------
    >>> from tinygrad_edu import data
    >>> both = data.ConcatDataset(["abc", "de"])
    >>> len(both), both[3], both[-1]
    (5, 'd', 'e')
    """

    def __init__(self, datasets: Iterable[Any]) -> None:
        self.datasets = list(datasets)
        if not self.datasets:
            raise ValueError("a ConcatDataset takes one dataset or more, and got none")
        self.cumulative_sizes = list(accumulate(map(len, self.datasets)))

    def __getitem__(self, index: int) -> Any:
        size = len(self)
        if not -size <= index < size:
            raise IndexError(f"index {index} is out of bounds for {size} samples")
        index %= size
        number = bisect_right(self.cumulative_sizes, index)
        start = self.cumulative_sizes[number - 1] if number else 0
        return self.datasets[number][index - start]

    def __len__(self) -> int:
        return self.cumulative_sizes[-1]


class StackDataset(Dataset):
    """Samples made of one sample of each of several datasets: tuples, or dicts if they have names.

    Raises
    ------
    ValueError
        If there is no dataset, some have names and some not, or their lengths differ.

    Examples
    --------
    >>> from tinygrad_edu import data
    >>> data.StackDataset("abc", [1, 2, 3])[1]
    ('b', 2)
    >>> data.StackDataset(letter="abc", number=[1, 2, 3])[1]
    {'letter': 'b', 'number': 2}
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if bool(args) == bool(kwargs):
            raise ValueError(
                f"a StackDataset takes datasets without names, or datasets with names, and got "
                f"{len(args)} without and {len(kwargs)} with"
            )
        self.datasets: Any = kwargs or args
        self._all = tuple(kwargs.values()) or args
        lengths = [len(dataset) for dataset in self._all]
        if len(set(lengths)) > 1:
            raise ValueError(f"a StackDataset takes datasets of one length, not of {lengths}")

    def _joined(self, parts: tuple[Any, ...]) -> Any:
        named = isinstance(self.datasets, dict)
        return dict(zip(self.datasets, parts)) if named else parts

    def __getitem__(self, index: int) -> Any:
        return self._joined(tuple(dataset[index] for dataset in self._all))

    def _stacked(self, indices: Sequence[int]) -> Any:
        return self._joined(tuple(stacked(dataset, indices) for dataset in self._all))

    def __len__(self) -> int:
        return len(self._all[0])


def random_split(
    dataset: Any, lengths: Sequence[float], generator: np.random.Generator | None = None
) -> list[Subset]:
    """Split a dataset into parts at random.

    Parameters
    ----------
    dataset : what has a length.
    lengths : the numbers of samples, or fractions that add up to 1; what rounding leaves over goes
        to the first parts, one each.
    generator : where the random numbers come from, if not from the package's own generator.

    Raises
    ------
    ValueError
        If the lengths do not add up to that of the dataset, or one is negative.

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_edu import data
    >>> parts = data.random_split(range(10), [0.8, 0.2], np.random.default_rng(0))
    >>> [len(part) for part in parts]
    [8, 2]
    """
    size = len(dataset)
    counts = [int(length) for length in lengths]
    if math.isclose(sum(lengths), 1) and min(lengths) >= 0:
        counts = [math.floor(size * fraction) for fraction in lengths]
        for number in range(size - sum(counts)):
            counts[number] += 1
    elif counts != list(lengths) or min(counts, default=0) < 0 or sum(counts) != size:
        raise ValueError(
            f"the parts {list(lengths)} must be whole numbers of samples that add up to {size}, "
            f"or fractions that add up to 1"
        )
    order = default_generator(generator).permutation(size).tolist()
    return [
        Subset(dataset, order[end - count : end]) for end, count in zip(accumulate(counts), counts)
    ]
