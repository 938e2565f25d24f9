"""Every element with every other: powers and grids. Products are in ``products.py``."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.dispatch import plain
from tinygrad_edu.ops.compose import composes
from tinygrad_edu.ops.shape import as_array, converted, reshape


@composes(np.vander)
def vander(x: Any, N: int | None = None, increasing: bool = False) -> Any:
    """``np.vander``: the powers of each element, in a row."""
    x = as_array(x)
    if x.ndim != 1:
        raise ValueError(f"vander takes a vector, not shape {x.shape}")
    x = converted(x, np.promote_types(x.dtype, int))
    powers = np.arange(len(x) if N is None else N, dtype=x.dtype)
    return reshape(x, shape=(-1, 1)) ** (powers if increasing else powers[::-1])


@composes(np.meshgrid)
def meshgrid(*xi: Any, copy: bool = True, sparse: bool = False, indexing: str = "xy") -> Any:
    """``np.meshgrid``: the coordinates of a grid's points, from those along its sides."""
    if indexing not in ("xy", "ij"):
        raise ValueError(f"the indexing of meshgrid is 'xy' or 'ij', not {indexing!r}")
    sides = [as_array(x) for x in xi]
    order = list(range(len(sides)))
    if indexing == "xy":
        order[:2] = order[:2][::-1]
    shapes = [tuple(-1 if i == place else 1 for i in range(len(sides))) for place in order]
    grids = [reshape(side, shape=shape) for side, shape in zip(sides, shapes)]
    return tuple(grids) if sparse else np.broadcast_arrays(*grids)


@composes(np.ix_)
def ix_(*args: Any) -> Any:
    """``np.ix_``: sequences along an axis each; of masks, the places where they hold."""
    sides = []
    for place, given in enumerate(args):
        side = as_array(given)
        if side.ndim != 1:
            raise ValueError(f"ix_ takes sequences, not shape {side.shape}")
        if side.dtype == bool:
            side = np.flatnonzero(plain(side))
        sides.append(reshape(side, shape=tuple(-1 if i == place else 1 for i in range(len(args)))))
    return tuple(sides)
