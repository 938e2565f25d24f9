"""Making one batch of many samples: what a sample is made of is stacked, piece by piece.

Read next: ``sampler.py``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from tinygrad_edu.messages import explain
from tinygrad_edu.tensor import Tensor

NUMBERS = (bool, int, float, np.generic)
TEXT = (str, bytes)


def default_collate(batch: Sequence[Any]) -> Any:
    """Make one batch of a list of samples that are alike.

    Numbers become a Tensor of them (whole ones stay whole), arrays and Tensors of one shape a
    Tensor with one more axis in front, strings a list; and dicts, tuples and lists of all these a
    dict, tuple or list of the same length.

    Raises
    ------
    TypeError, ValueError
        Naming the first sample that is not like the one before, or that cannot be stacked.

    Examples
    --------
    >>> from tinygrad_edu import data
    >>> data.default_collate([(0.5, 1), (1.5, 0)])
    (Tensor([0.5, 1.5], shape=(2,), dtype=float64), Tensor([1, 0], shape=(2,), dtype=int64))
    """
    return collate(batch, range(len(batch)))


def default_convert(sample: Any) -> Any:
    """Make Tensors of the arrays of numbers in a sample, and leave all else as it is.

    This is done to what no batch is made of: where a loader has ``batch_size=None``.

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_edu import data
    >>> data.default_convert({"x": np.ones(2), "name": "a"})
    {'x': Tensor([1., 1.], shape=(2,), dtype=float64), 'name': 'a'}
    """
    if isinstance(sample, Mapping):
        return {key: default_convert(value) for key, value in sample.items()}
    if isinstance(sample, (tuple, list)):
        return _like(sample, [default_convert(value) for value in sample])
    is_array = isinstance(sample, (np.ndarray, np.generic)) and sample.dtype.kind in "biufc"
    return Tensor(sample) if is_array else sample


def collate(batch: Sequence[Any], indices: Sequence[Any]) -> Any:
    """Make one batch of samples; errors name them by these indices."""
    return _collate(batch, indices, "")


def stack_samples(dataset: Any, indices: Sequence[int]) -> Any:
    """Ask a dataset for its samples one by one, and make a batch of them."""
    return collate(samples(dataset, indices), indices)


def samples(dataset: Any, indices: Sequence[int]) -> list[Any]:
    """Ask a dataset for its samples one by one; an error names the one that it is about."""
    found = []
    for index in indices:
        try:
            found.append(dataset[index])
        except Exception as error:
            raise explain(error, f"sample {index} of {type(dataset).__name__}") from error
    return found


def _collate(values: Sequence[Any], indices: Sequence[int], where: str) -> Any:
    """Collate what stands at one place of each sample; ``where`` says at which."""
    first = values[0]
    if isinstance(first, TEXT):
        _check_alike(values, indices, where, str if isinstance(first, str) else bytes)
        return list(values)
    if isinstance(first, NUMBERS):
        _check_alike(values, indices, where, NUMBERS)
        return Tensor(np.array(values) if isinstance(first, np.generic) else values)
    _check_alike(values, indices, where, Tensor if isinstance(first, Tensor) else type(first))
    if isinstance(first, (Tensor, np.ndarray)):
        return _stack(values, indices, where)
    if isinstance(first, Mapping):
        _check_equal([list(value) for value in values], indices, where, "the keys")
        return {
            key: _collate([value[key] for value in values], indices, f"{where}[{key!r}]")
            for key in first
        }
    if isinstance(first, (tuple, list)):
        _check_equal([len(value) for value in values], indices, where, "the length")
        parts = [
            _collate(part, indices, f"{where}[{position}]")
            for position, part in enumerate(zip(*values))
        ]
        return _like(first, parts)
    raise _unknown(first, f"sample {indices[0]}{where}")


def _like(first: Any, parts: list[Any]) -> Any:
    """Put parts into a tuple or list of the same kind, with names or without."""
    return type(first)(*parts) if hasattr(first, "_fields") else type(first)(parts)


def _unknown(value: Any, where: str) -> TypeError:
    return TypeError(
        f"{where} is {value!r:.80}, a {type(value).__name__}, of which no batch "
        f"can be made; samples consist of arrays, Tensors, numbers, strings, dicts, tuples and "
        f"lists; for others, pass the loader a collate_fn of your own"
    )


def _stack(values: Sequence[Any], indices: Sequence[int], where: str) -> Tensor:
    _check_equal([value.shape for value in values], indices, where, "the shape")
    if any(isinstance(value, Tensor) and value.requires_grad for value in values):
        recorded: Tensor = np.stack(values)  # type: ignore[assignment]
        return recorded
    arrays = [value._array if isinstance(value, Tensor) else np.asarray(value) for value in values]
    return Tensor(np.stack(arrays), copy=False)


def _check_alike(values: Sequence[Any], indices: Sequence[int], where: str, kind: Any) -> None:
    for value, index in zip(values, indices):
        if not isinstance(value, kind):
            raise TypeError(
                f"sample {index}{where} is a {type(value).__name__}, and sample {indices[0]}{where}"
                f" a {type(values[0]).__name__}, so no batch can be made of them"
            )


def _check_equal(found: list[Any], indices: Sequence[int], where: str, what: str) -> None:
    for each, index in zip(found, indices):
        if each != found[0]:
            raise ValueError(
                f"{what} of sample {index}{where} is {each}, and of sample {indices[0]}{where} "
                f"{found[0]}, so no batch can be made of them; to pair inputs with targets, pass "
                f"a TensorDataset(x, y), not the tuple (x, y)"
            )
