"""Picking elements by NumPy's functions, and choosing between arrays.

All of them end in ``getitem`` or ``where``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from tinygrad_edu.dispatch import implements, is_tensor, plain, values_of
from tinygrad_edu.ops.compose import along, composes, rearranged
from tinygrad_edu.ops.index import getitem, setitem
from tinygrad_edu.ops.refuse import refuse
from tinygrad_edu.ops.shape import as_array, converted, reshape
from tinygrad_edu.tensor import Tensor


@composes(np.take)
def take(
    a: Any, indices: Any, axis: int | None = None, out: Any = None, mode: Any = "raise"
) -> Any:
    """``np.take``: the elements, or the layers along an axis, at the given places."""
    refuse("take", out=out)
    a = as_array(a)
    if axis is None or a.ndim == 0:
        a, axis = reshape(a, shape=(-1,)), 0
    axis = normalize_axis_index(axis, a.ndim)
    places = np.take(np.arange(a.shape[axis]), plain(indices), mode=mode)
    return getitem(a, index=along(axis, np.asarray(places), a.ndim))


def everywhere_but(axis: int, indices: Any, shape: tuple[int, ...]) -> tuple[Any, ...]:
    """Make the index that differs along one axis, and is every place in turn along the others."""
    if indices.dtype.kind not in "iu":
        raise IndexError(f"the indices along an axis are integers, not {indices.dtype}")
    if indices.ndim != len(shape):
        raise ValueError(f"indices of shape {indices.shape} do not stand beside shape {shape}")
    grid = np.ogrid[tuple(slice(n) for n in shape)]
    return tuple(indices if i == axis else places for i, places in enumerate(grid))


@composes(np.take_along_axis)
def take_along_axis(arr: Any, indices: Any, axis: int | None = -1) -> Any:
    """``np.take_along_axis``: in each row along an axis, other places."""
    arr, indices = as_array(arr), values_of(indices)
    if axis is None:
        arr, axis = reshape(arr, shape=(-1,)), 0
    axis = normalize_axis_index(axis, arr.ndim)
    return getitem(arr, index=everywhere_but(axis, indices, arr.shape))


@implements(np.put_along_axis)
def put_along_axis(arr: Any, indices: Any, values: Any, axis: int | None) -> None:
    """``np.put_along_axis``: as ``arr[...] = values`` at other places in each row; recorded."""
    if not is_tensor(arr):
        raise TypeError("put_along_axis of a Tensor into a plain array would lose its history")
    indices = values_of(indices)
    if axis is None:
        arr[np.unravel_index(indices, arr.shape)] = values
    else:
        arr[everywhere_but(normalize_axis_index(axis, arr.ndim), indices, arr.shape)] = values


@composes(np.compress)
def compress(condition: Any, a: Any, axis: int | None = None, out: Any = None) -> Any:
    """``np.compress``: the layers along an axis for which the condition holds."""
    refuse("compress", out=out)
    condition = values_of(condition)
    if condition.ndim != 1:
        raise ValueError(f"the condition of compress has one axis, not shape {condition.shape}")
    return take(a, np.flatnonzero(condition), axis)


@composes(np.extract)
def extract(condition: Any, arr: Any) -> Any:
    """``np.extract``: the elements for which the condition holds, in one row."""
    return take(arr, np.flatnonzero(values_of(condition)))


@composes(np.select)
def select(condlist: Any, choicelist: Any, default: Any = 0) -> Any:
    """``np.select``: for each element the choice whose condition holds first."""
    if len(condlist) != len(choicelist) or not len(condlist):
        raise ValueError(f"{len(condlist)} conditions for {len(choicelist)} choices")
    conditions = [values_of(condition) for condition in condlist]
    for condition in conditions:
        if condition.dtype != bool:
            raise TypeError(f"the conditions of select are truth values, not {condition.dtype}")
    dtype = np.result_type(*plain(list(choicelist)), plain(default))
    result = converted(default, dtype)
    for condition, choice in zip(conditions[::-1], choicelist[::-1]):
        result = np.where(condition, converted(choice, dtype), result)
    return result


@composes(np.choose)
def choose(a: Any, choices: Any, out: Any = None, mode: Any = "raise") -> Any:
    """``np.choose``: for each element the choice of that number."""
    refuse("choose", out=out)
    return rearranged(lambda *arrays: np.choose(plain(a), arrays, mode=mode), *choices)


@implements(np.piecewise)
def piecewise(x: Any, condlist: Any, funclist: Any, *args: Any, **kw: Any) -> Any:
    """``np.piecewise``: each function applied where its condition holds; the last one elsewhere."""
    x = as_array(x)
    conditions = values_of(condlist, bool)
    if np.ndim(condlist) == 0 or (conditions.ndim == x.ndim and x.ndim):
        conditions = conditions[None]
    if len(funclist) == len(conditions) + 1:
        conditions = np.concatenate([conditions, ~conditions.any(axis=0, keepdims=True)])
    if len(funclist) != len(conditions):
        raise ValueError(f"{len(funclist)} functions for {len(conditions)} conditions")
    y = Tensor(np.zeros(x.shape, x.dtype))
    for condition, function in zip(conditions, funclist):
        if condition.any():
            value = function(x[condition], *args, **kw) if callable(function) else function
            y = setitem(y, value, index=condition)
    return y


# ------------------------------------------------------------------------------- row by row
@implements(np.apply_along_axis)
def apply_along_axis(
    func1d: Callable[..., Any], axis: int, arr: Any, *args: Any, **kwargs: Any
) -> Any:
    """``np.apply_along_axis``: a function of one row, applied to each."""
    arr = as_array(arr)
    axis = normalize_axis_index(axis, arr.ndim)
    rows = np.moveaxis(arr, axis, -1)
    results = [
        as_array(func1d(rows[place], *args, **kwargs)) for place in np.ndindex(rows.shape[:-1])
    ]
    if not results:
        raise ValueError(f"no row along axis {axis} of shape {arr.shape} to apply a function to")
    y = np.stack(results).reshape(rows.shape[:-1] + results[0].shape)
    new = range(results[0].ndim)
    return np.moveaxis(y, [rows.ndim - 1 + i for i in new], [axis + i for i in new])


@implements(np.apply_over_axes)
def apply_over_axes(func: Callable[..., Any], a: Any, axes: Any) -> Any:
    """``np.apply_over_axes``: a reduction, along one axis after the other, which stay as size 1."""
    y = as_array(a)
    ndim = y.ndim
    for axis in np.atleast_1d(plain(axes)).tolist():
        reduced = func(y, axis)
        y = reduced if reduced.ndim == ndim else np.expand_dims(reduced, axis)
    return y
