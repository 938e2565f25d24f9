"""Arrays as a few short lines of text: the numbers if they are few, else how they are spread."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.op import Array

SIDE = 4
"""The longest row and column that is written out."""


def describe(value: Any, precision: int = 3) -> list[str]:
    """Write the numbers of an array of up to 4 by 4, or the smallest, mean and largest of more.

    Numbers have ``precision`` decimals, and up to two more if some would else be zeros.

    All rows are equally long, so that the columns stay below each other when rows are centred.

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_edu.draw.values import describe
    >>> describe(np.array([[0.25, -1.0], [10.0, 0.0]]))
    [' 0.250 -1.000', '10.000  0.000']
    >>> describe(np.arange(101.0))
    ['smallest   0', 'mean      50', 'largest  100']
    """
    array = np.asarray(value)
    if array.size == 0:
        return ["empty"]
    if array.ndim <= 2 and max(array.shape, default=1) <= SIDE:
        return _grid(np.atleast_2d(array), precision)
    return _spread(array, precision)


def _grid(array: Array, precision: int) -> list[str]:
    """Write a matrix row by row, its numbers right-aligned."""
    texts = _texts(array.ravel().tolist(), precision)
    width = max(map(len, texts))
    cells = [text.rjust(width) for text in texts]
    step = array.shape[1]
    return [" ".join(cells[i : i + step]) for i in range(0, len(cells), step)]


def _spread(array: Array, precision: int) -> list[str]:
    """Say how many numbers are spread."""
    label = "smallest", "mean", "largest"
    if array.dtype.kind == "c":
        array, label = np.abs(array), ("smallest size", "mean size", "largest size")
    with np.errstate(all="ignore"):
        three = [array.min(), array.mean(), array.max()]
    texts = _texts([float(number) for number in three], precision)
    left, right = max(map(len, label)), max(map(len, texts))
    return [f"{word.ljust(left)} {text.rjust(right)}" for word, text in zip(label, texts)]


def _texts(numbers: list[Any], precision: int) -> list[str]:
    """Write numbers with as many decimals as the smallest of them needs, and no more than that."""
    if not isinstance(numbers[0], float):
        return [f"{x:.{precision}g}" if isinstance(x, complex) else str(x) for x in numbers]
    sizes = [abs(x) for x in numbers if x and np.isfinite(x)]
    if all(size.is_integer() and size < 1e6 for size in sizes):
        return [f"{x + 0.0:.0f}" for x in numbers]  # + 0.0 turns -0.0 into 0.0
    if max(sizes) < 1e4:
        for decimals in range(precision, precision + 3):
            if min(sizes) >= 10**-decimals:
                return [f"{x + 0.0:.{decimals}f}" for x in numbers]
    return [f"{x + 0.0:.{precision - 1}e}" for x in numbers]
