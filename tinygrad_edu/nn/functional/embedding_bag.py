"""Bags of words: rows of a table, picked by integers, of which each bag makes one row."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.dispatch import plain
from tinygrad_edu.nn.functional.embedding import checked_indices, embedding, integers
from tinygrad_edu.op import Array
from tinygrad_edu.ops.index import put
from tinygrad_edu.ops.shape import as_array

MODES = ("sum", "mean", "max")


def embedding_bag(
    input: Any,
    weight: Any,
    offsets: Any = None,
    max_norm: float | None = None,
    norm_type: float = 2.0,
    scale_grad_by_freq: bool = False,
    mode: str = "mean",
    sparse: bool = False,
    per_sample_weights: Any = None,
    include_last_offset: bool = False,
    padding_idx: int | None = None,
) -> Any:
    """Sum, mean or maximum of the rows of a table that each bag picks; 0 for an empty bag.

    Shapes: ``input`` (B, n), integers, a row for each bag; or (n,) and ``offsets`` (B,), where each
    bag begins. ``weight`` (rows, d); the result (B, d).

    Parameters
    ----------
    max_norm, norm_type, scale_grad_by_freq : as for `embedding`.
    mode : ``"sum"``, ``"mean"`` or ``"max"``.
    sparse : accepted, and without effect.
    per_sample_weights : numbers of the input's shape to multiply the rows by, for sums only.
    include_last_offset : whether the last offset is the end of the last bag.
    padding_idx : this row is left out of its bag.

    Raises
    ------
    TypeError, IndexError
        As `embedding`.
    ValueError
        If offsets are missing, not needed, or do not go up from 0; or arguments contradict.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn.functional.embedding_bag import embedding_bag
    >>> weight = tg.Tensor([[0.0, 1.0], [2.0, 3.0], [4.0, 9.0]])
    >>> embedding_bag([0, 1, 2], weight, offsets=[0, 1]).tolist()
    [[0.0, 1.0], [3.0, 6.0]]
    """
    if mode not in MODES:
        raise ValueError(f"embedding_bag: mode is one of {', '.join(MODES)}, not {mode!r}")
    index = checked_indices("embedding_bag", input, weight.shape[0])
    bag, count = bags(index, offsets, include_last_offset)
    factors = None if per_sample_weights is None else as_array(per_sample_weights)
    if factors is not None and (mode != "sum" or factors.shape != index.shape):
        raise ValueError(
            f"embedding_bag: per_sample_weights are for mode='sum', and of the input's shape "
            f"{index.shape}; these are for {mode!r}, and of shape {factors.shape}"
        )
    index = index.ravel()
    if padding_idx is not None:
        kept = np.flatnonzero(index != padding_idx % weight.shape[0])
        index, bag = index[kept], bag[kept]
        factors = None if factors is None else factors.reshape(-1)[kept]
    rows = embedding(index, weight, None, max_norm, norm_type, scale_grad_by_freq)
    if mode == "max":
        return largest_rows(rows, bag, count)
    if factors is not None:
        rows = rows * factors.reshape((-1, 1))
    if mode == "mean":
        sizes = np.bincount(bag, minlength=count)[bag, None]
        rows = rows / sizes.astype(rows.dtype)
    return put(rows, index=bag, shape=(count, weight.shape[1]))


def bags(index: Array, offsets: Any, include_last: bool) -> tuple[Array, int]:
    """Say for each index which bag it is in, and how many bags there are."""
    if index.ndim == 2:
        if offsets is not None:
            raise ValueError("embedding_bag: an input of two axes is a bag a row, without offsets")
        return np.repeat(np.arange(len(index)), index.shape[1]), len(index)
    if index.ndim != 1 or offsets is None:
        raise ValueError(
            f"embedding_bag takes an input of two axes, or of one with offsets=, where each bag "
            f"begins; this one has shape {index.shape}" + (" and no offsets" * (offsets is None))
        )
    starts = integers("embedding_bag", offsets)
    if starts.ndim != 1 or starts.size <= include_last or starts[0] != 0:
        raise ValueError(f"embedding_bag: offsets begin with 0, unlike {starts.tolist()}")
    if (np.diff(starts) < 0).any() or starts[-1] > index.size:
        raise ValueError(
            f"embedding_bag: offsets go up to {index.size}, the size of the input, unlike "
            f"{starts.tolist()}"
        )
    ends = starts[1:] if include_last else np.append(starts[1:], index.size)
    bag = np.repeat(np.arange(len(ends)), ends - starts[: len(ends)])
    if bag.size < index.size:
        raise ValueError(
            f"embedding_bag: the last offset is {starts[-1]}, the input's size {index.size}, and "
            f"include_last_offset=True says that they are equal"
        )
    return bag, len(ends)


def largest_rows(rows: Any, bag: Array, count: int) -> Any:
    """Find the largest element of each column in each bag; of equal ones, the first."""
    values, places = np.asarray(plain(rows)), np.arange(rows.shape[1])
    found = np.full((count, rows.shape[1]), -1)
    for k, row in enumerate(values):
        best = found[bag[k]]
        better = (best < 0) | (row > values[best, places])
        found[bag[k], better] = k
    here = np.flatnonzero(np.bincount(bag, minlength=count))
    return put(rows[found[here], places], index=here, shape=(count, rows.shape[1]))
