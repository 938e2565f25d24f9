"""Functions that NumPy has not, computed into memory that is there: the log softmax of rows.

Each is made for one shape and dtype, and keeps the memory that it computes in.
"""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite
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
        self.others, self.total = np.empty(shape, dtype), np.empty((rows, 1), dtype)

    def __call__(self, x: Array, out: Array) -> None:
        """Write it into ``out``, which may be ``x``."""
        x.argmax(1, self.places)
        np.add(self.places, self.starts, self.places)
        x.reshape(-1).take(self.places, 0, self.top[:, 0], "wrap")
        if not isfinite(self.top.sum()):
            out[...] = self.forward(x, axis=1)
            return
        np.subtract(x, self.top, out)
        np.exp(out, self.others)
        self.others.reshape(-1)[self.places] = 0  # set aside, so that the sum keeps its digits
        np.add.reduce(self.others, 1, None, out=self.total, keepdims=True)
        np.log1p(self.total, self.total)
        np.subtract(out, self.total, out)
