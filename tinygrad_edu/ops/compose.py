"""What functions made of ops share, and how they take their place.

Most of NumPy's functions are short compositions of a few ops and need no rule of their own. A
composition steps in where a gradient may be wanted; where none is, NumPy itself is asked.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np

from tinygrad_edu.dispatch import any_tracked, implements
from tinygrad_edu.ops.index import getitem
from tinygrad_edu.ops.shape import as_array, clone, concatenate, reshape
from tinygrad_edu.tensor import unrecorded

ITSELF = (np.array, np.asarray, np.ascontiguousarray)
"""The functions that may return what they were given; all others return what is new."""


def composes(*functions: Callable[..., Any]) -> Callable[[Callable[..., Any]], Any]:
    """Say that the decorated composition stands in for these functions of NumPy."""

    def register(ours: Callable[..., Any]) -> Any:
        @wraps(ours)
        def compute(*args: Any, **settings: Any) -> Any:
            if any_tracked(args) or any_tracked(settings):
                result = ours(*args, **settings)
                same = functions[0] not in ITSELF and any(result is each for each in args)
                return clone(result) if same else result
            return unrecorded(functions[0], args, settings)

        return implements(*functions)(compute)

    return register


def as_floats(x: Any) -> Any:
    """As `as_array`, of floating-point numbers."""
    x = as_array(x)
    return x if x.dtype.kind in "fc" else x.astype(float)


def along(axis: int, index: Any, ndim: int) -> tuple[Any, ...]:
    """Make the index that is ``index`` along one axis, and takes all of the others."""
    return (slice(None),) * (axis % ndim) + (index,)


def rearranged(function: Callable[..., Any], *arrays: Any) -> Any:
    """Fetch elements to where a NumPy function moves them.

    Whatever the function does to the elements, it does to their positions too; so it is given the
    positions, and the elements are fetched from where those say. This follows NumPy in every corner
    case. An element that is fetched twice counts twice.
    """
    arrays = tuple(map(as_array, arrays))
    starts = np.cumsum([0, *(a.size for a in arrays)])
    numbered = [
        np.arange(start, start + a.size).reshape(a.shape) for start, a in zip(starts, arrays)
    ]
    flat = [reshape(a, shape=(-1,)) for a in arrays]
    return getitem(
        concatenate(*flat) if len(flat) > 1 else flat[0], index=np.array(function(*numbered), int)
    )
