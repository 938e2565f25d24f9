"""Images of another size: each axis by itself, and along an axis by a matrix.

Average pooling to a given size and linear interpolation are linear, and work on one axis after the
other. So a small matrix says all about one axis: row ``i`` holds what each old element contributes
to the new element ``i``. The matrix product has its derivatives already.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.op import Array


def resized(x: Any, matrices: list[Array]) -> Any:
    """Multiply each of the last axes with its matrix, of shape (new size, old size)."""
    dtype = x.dtype if x.dtype.kind in "fc" else float
    for axis, matrix in enumerate(matrices, start=x.ndim - len(matrices)):
        if not np.array_equal(matrix, np.eye(len(matrix))):
            rows = np.moveaxis(x, axis, -1) @ matrix.T.astype(dtype)
            x = np.moveaxis(rows, -1, axis)
    return x


def bounds(old: int, new: int) -> tuple[Array, Array]:
    """Cut an axis into ``new`` stretches, as equal as can be; they overlap if they must."""
    place = np.arange(new)
    return place * old // new, -((place + 1) * old // -new)


def averaging(old: int, new: int) -> Array:
    """Make the matrix that averages each of ``new`` stretches of an axis."""
    starts, ends = bounds(old, new)
    place = np.arange(old)
    covered = (place >= starts[:, None]) & (place < ends[:, None])
    return np.asarray(covered / covered.sum(axis=1, keepdims=True))


def sources(old: int, new: int, scale: float | None, align_corners: bool) -> Array:
    """Say where in the old axis each new element lies; elements are unit intervals, or points.

    With ``align_corners`` they are points, and the first and the last stay where they are. Without,
    they are intervals of which the middle counts, and all of both axes covers the same length.
    """
    place = np.arange(new)
    if align_corners:
        return np.asarray(place * ((old - 1) / (new - 1) if new > 1 else 0.0))
    step = old / new if scale is None else 1 / scale
    return np.asarray(np.maximum((place + 0.5) * step - 0.5, 0))


def interpolating(old: int, new: int, scale: float | None, align_corners: bool) -> Array:
    """Make the matrix that interpolates an axis linearly between neighbours."""
    source = sources(old, new, scale, align_corners)
    left = np.minimum(source.astype(int), old - 1)
    right = np.minimum(left + 1, old - 1)
    matrix = np.zeros((new, old))
    np.add.at(matrix, (np.arange(new), left), 1 - (source - left))
    np.add.at(matrix, (np.arange(new), right), source - left)
    return matrix


def nearest(old: int, new: int, scale: float | None, exact: bool) -> Array:
    """Say which old element each new one copies: the one that its middle lies in.

    Without ``exact`` it is the one that its beginning lies in, as older libraries have it.
    """
    step = old / new if scale is None else 1 / scale
    middle = np.arange(new) + (0.5 if exact else 0.0)
    return np.asarray(np.minimum((middle * step).astype(int), old - 1))
