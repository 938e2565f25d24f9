"""Modules that change nothing but the shape: between convolutions and weighted sums."""

from __future__ import annotations

from math import prod
from operator import index
from typing import Any

import numpy as np

from tinygrad_edu.nn.functional.checks import shape_of
from tinygrad_edu.nn.module import Module


class Flatten(Module):
    """Lay out some of the axes, by default all but the batch, as one.

    Shapes: ``(N, C, H, W)`` becomes ``(N, C * H * W)``, the last axis running fastest.

    Source: the conventions are PyTorch's.

    Parameters
    ----------
    start_dim, end_dim : the first and the last of the axes that become one.

    Raises
    ------
    IndexError
        When called, if the input has no such axes.
    ValueError
        When called, if the first of them comes after the last.

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_edu.nn.flatten import Flatten
    >>> Flatten()(np.ones((2, 3, 4))).shape
    (2, 12)
    """

    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        super().__init__()
        self.start_dim = start_dim
        self.end_dim = end_dim

    def forward(self, input: Any) -> Any:
        """Reshape the input."""
        shape = shape_of(input)
        start, end = (self._axis(axis, shape) for axis in (self.start_dim, self.end_dim))
        if start > end:
            raise ValueError(f"{self}: of an input of shape {shape}, axis {start} is behind {end}")
        return np.reshape(input, (*shape[:start], prod(shape[start : end + 1]), *shape[end + 1 :]))

    def _axis(self, axis: int, shape: tuple[int, ...]) -> int:
        if not -len(shape) <= axis < len(shape):
            raise IndexError(f"{self}: an input of shape {shape} has no axis {axis}")
        return axis % len(shape)

    def extra_repr(self) -> str:
        """Name the axes."""
        return f"start_dim={self.start_dim}, end_dim={self.end_dim}"


class Unflatten(Module):
    """Split one axis into several: the opposite of `Flatten`.

    Shapes: ``(N, C * L)`` becomes ``(N, C, L)`` with ``Unflatten(1, (C, L))``.

    Source: the conventions are PyTorch's.

    Parameters
    ----------
    dim : which axis.
    unflattened_size : the sizes of the axes that it becomes; one may be -1, for what is left.

    Raises
    ------
    TypeError
        If the axis or the sizes are not integers.
    IndexError
        When called, if the input has no such axis.
    ValueError
        When called, if the sizes do not multiply to that of the axis.

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_edu.nn.flatten import Unflatten
    >>> Unflatten(1, (3, -1))(np.ones((2, 12))).shape
    (2, 3, 4)
    """

    def __init__(self, dim: int, unflattened_size: Any) -> None:
        super().__init__()
        self.dim = index(dim)
        if not isinstance(unflattened_size, (tuple, list)):
            raise TypeError(f"Unflatten takes a tuple of integers, not {unflattened_size!r}")
        self.unflattened_size = tuple(map(index, unflattened_size))

    def forward(self, input: Any) -> Any:
        """Reshape the input."""
        shape, sizes = shape_of(input), self.unflattened_size
        if not -len(shape) <= self.dim < len(shape):
            raise IndexError(f"{self}: an input of shape {shape} has no axis {self.dim}")
        axis = self.dim % len(shape)
        known = prod(size for size in sizes if size != -1)
        free = sizes.count(-1)
        if free > 1 or known < 1 or (shape[axis] % known if free else shape[axis] != known):
            raise ValueError(
                f"{self}: axis {self.dim} of an input of shape {shape} has size {shape[axis]}, "
                f"which cannot be split into {sizes}"
            )
        sizes = tuple(shape[axis] // known if size == -1 else size for size in sizes)
        return np.reshape(input, (*shape[:axis], *sizes, *shape[axis + 1 :]))

    def extra_repr(self) -> str:
        """Name the axis and what it becomes."""
        return f"dim={self.dim}, unflattened_size={self.unflattened_size}"
