"""Functions that NumPy has not, computed into memory that is there.

These are the log softmax of rows, and the two ways of an embedding: rows fetched by their numbers,
and rows added up by their numbers. Some keep the memory that they compute in.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tinygrad_edu.op import Array


class LogSoftmax:
    """``x - log(sum(exp(x)))``, by rows, bit for bit as the op in ``ops/special.py`` computes it.

    The op itself is called if the largest element of a row is not finite.
    """

    def __init__(self, forward: Callable[..., Any], shape: tuple[int, int], dtype: Any) -> None:
        rows, columns = shape
        self.forward = forward
        self.starts = np.arange(rows) * columns
        self.places, self.top = np.empty(rows, np.intp), np.empty((rows, 1), dtype)
        self.finite = np.empty((rows, 1), bool)
        self.others, self.total = np.empty(shape, dtype), np.empty((rows, 1), dtype)

    def __call__(self, x: Array, out: Array) -> None:
        """Write it into ``out``, which may be ``x``."""
        x, out = x.reshape(self.others.shape), out.reshape(self.others.shape)
        x.argmax(1, self.places)
        np.add(self.places, self.starts, self.places)
        x.reshape(-1).take(self.places, 0, self.top[:, 0], "wrap")
        if not np.isfinite(self.top, self.finite).all():
            out[...] = self.forward(x, axis=1)
            return
        np.subtract(x, self.top, out)
        np.exp(out, self.others)
        self.others.reshape(-1)[self.places] = 0  # set aside, so that the sum keeps its digits
        np.add.reduce(self.others, 1, None, out=self.total, keepdims=True)
        np.log1p(self.total, self.total)
        np.subtract(out, self.total, out)


def fetch_rows(x: Array, rows: Array, out: Array) -> None:
    """Write ``x[rows]`` into ``out``."""
    if rows.size and (rows.min() < -len(x) or rows.max() >= len(x)):
        x[rows]  # which says what is wrong
    x.take(rows, 0, out, "wrap")


class AddRows:
    """Zeros, with ``x[i]`` added to row ``rows[i]``, as ``added_rows`` in ``ops/index.py``."""

    def __init__(self, shape: tuple[int, ...], dtype: Any) -> None:
        self.sorted, self.sums = np.empty(shape, dtype), np.empty(shape, dtype)

    def __call__(self, x: Array, rows: Array, out: Array) -> None:
        """Write it into ``out``."""
        out.fill(0)
        if rows.size == 0:
            return
        rows = rows.astype(np.intp).ravel()
        rows[rows < 0] += len(out)
        order = rows.argsort(kind="stable")
        rows = rows[order]
        starts = np.flatnonzero(np.concatenate([[True], rows[1:] != rows[:-1]]))
        x.reshape(self.sorted.shape).take(order, 0, self.sorted, "wrap")
        sums = self.sums[: len(starts)]
        np.add.reduceat(self.sorted, starts, 0, None, sums)
        out[rows[starts]] = sums
