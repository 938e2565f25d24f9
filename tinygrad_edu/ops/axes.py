"""Moving, adding, dropping, turning and repeating axes: all of them views, made of four ops.

``reshape``, ``transpose``, ``broadcast_to`` and slicing have rules; these functions have none.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

from tinygrad_edu.dispatch import implements, plain
from tinygrad_edu.ops.compose import along, composes
from tinygrad_edu.ops.index import getitem
from tinygrad_edu.ops.refuse import refuse
from tinygrad_edu.ops.shape import (
    as_array,
    broadcast_to,
    clone,
    concatenate,
    reshape,
    transpose,
)
from tinygrad_edu.ops.unstack import unstack as layers


# --------------------------------------------------------------------------- the same elements
@implements(np.reshape)
def numpy_reshape(
    a: Any, /, shape: Any = None, order: str = "C", *, newshape: Any = None, copy: Any = None
) -> Any:
    """``np.reshape``, also in Fortran's order, in which the first index runs fastest."""
    if order == "C" and type(shape) is tuple and copy is None:
        return reshape(a, shape=shape)
    if copy is False:
        refuse("reshape", copy=copy)
    a = as_array(a)
    shape = newshape if shape is None else shape
    shape = (int(shape),) if np.ndim(shape) == 0 else tuple(int(n) for n in shape)
    if order == "A":
        order = "F" if plain(a).flags.fnc else "C"
    if order == "C":
        return reshape(a, shape=shape)
    if order != "F":
        raise ValueError(f"the order of a reshape is 'C', 'F' or 'A', not {order!r}")
    return transpose(reshape(transpose(a), shape=shape[::-1]))


@composes(np.ravel)
def ravel(a: Any, order: str = "C") -> Any:
    """``np.ravel``: all elements in one row."""
    return numpy_reshape(a, (-1,), order)


@composes(np.copy)
def copy(a: Any, order: str = "K", subok: bool = False) -> Any:
    """``np.copy``; the layout of memory is no part of a Tensor's value."""
    return clone(a)


if hasattr(np, "astype"):  # since NumPy 2.1

    @composes(np.astype)
    def numpy_astype(x: Any, dtype: Any, /, *, copy: bool = True, device: str | None = None) -> Any:
        """``np.astype``."""
        return x.astype(dtype)


# ------------------------------------------------------------------------------ which axis where
@composes(np.moveaxis)
def moveaxis(a: Any, source: Any, destination: Any) -> Any:
    """``np.moveaxis``: some axes to other places, the rest in their order."""
    a = as_array(a)
    sources = normalize_axis_tuple(source, a.ndim, "source")
    destinations = normalize_axis_tuple(destination, a.ndim, "destination")
    if len(sources) != len(destinations):
        raise ValueError(f"{len(sources)} axes to move, but {len(destinations)} places for them")
    order = [axis for axis in range(a.ndim) if axis not in sources]
    for place, axis in sorted(zip(destinations, sources)):
        order.insert(place, axis)
    return transpose(a, axes=tuple(order))


@composes(np.rollaxis)
def rollaxis(a: Any, axis: int, start: int = 0) -> Any:
    """``np.rollaxis``: one axis to the place before another."""
    a = as_array(a)
    axis = normalize_axis_index(axis, a.ndim)
    start = start + a.ndim if start < 0 else start
    if not 0 <= start <= a.ndim:
        raise np.exceptions.AxisError(f"start is {start}, of {a.ndim} axes")
    return moveaxis(a, axis, start - (axis < start))


@composes(np.swapaxes)
def swapaxes(a: Any, axis1: int, axis2: int) -> Any:
    """``np.swapaxes``."""
    a = as_array(a)
    order = list(range(a.ndim))
    i, j = normalize_axis_index(axis1, a.ndim), normalize_axis_index(axis2, a.ndim)
    order[i], order[j] = j, i
    return transpose(a, axes=tuple(order))


@composes(np.squeeze)
def squeeze(a: Any, axis: Any = None) -> Any:
    """``np.squeeze``: without axes of size 1."""
    a = as_array(a)
    if axis is None:
        return reshape(a, shape=tuple(n for n in a.shape if n != 1))
    axes = normalize_axis_tuple(axis, a.ndim) if a.ndim else ()
    if any(a.shape[i] != 1 for i in axes):
        raise ValueError(f"only axes of size 1 can be squeezed out: axis {axis} of {a.shape}")
    return reshape(a, shape=tuple(n for i, n in enumerate(a.shape) if i not in axes))


@composes(np.expand_dims)
def expand_dims(a: Any, axis: Any) -> Any:
    """``np.expand_dims``: with new axes of size 1."""
    a = as_array(a)
    count = a.ndim + (len(axis) if isinstance(axis, (tuple, list)) else 1)
    new = normalize_axis_tuple(axis, count)
    sizes = iter(a.shape)
    return reshape(a, shape=tuple(1 if i in new else next(sizes) for i in range(count)))


def at_least(ndim: int, widen: Callable[[Any], Any]) -> Any:
    """Make ``np.atleast_1d`` and its kind, which take one array or several."""

    def compute(*arys: Any) -> Any:
        arrays = [as_array(a) for a in arys]
        wide = tuple(a if a.ndim >= ndim else reshape(a, shape=widen(a)) for a in arrays)
        return wide[0] if len(wide) == 1 else wide

    return compute


atleast_1d = composes(np.atleast_1d)(at_least(1, lambda a: (1,)))
atleast_2d = composes(np.atleast_2d)(at_least(2, lambda a: (1, *(a.shape or (1,)))))
atleast_3d = composes(np.atleast_3d)(
    at_least(3, lambda a: (1, *(a.shape or (1,)), 1) if a.ndim < 2 else (*a.shape, 1))
)


# ------------------------------------------------------------------------------------- turning
@composes(np.flip)
def flip(m: Any, axis: Any = None) -> Any:
    """``np.flip``: from last to first along some axes, or all."""
    m = as_array(m)
    axes = range(m.ndim) if axis is None else normalize_axis_tuple(axis, m.ndim)
    return getitem(m, index=tuple(slice(None, None, -1 if i in axes else 1) for i in range(m.ndim)))


@composes(np.fliplr)
def fliplr(m: Any) -> Any:
    """``np.fliplr``: columns from last to first."""
    return flip(m, 1)


@composes(np.flipud)
def flipud(m: Any) -> Any:
    """``np.flipud``: rows from last to first."""
    return flip(m, 0)


@composes(np.rot90)
def rot90(m: Any, k: int = 1, axes: Any = (0, 1)) -> Any:
    """``np.rot90``: quarter turns from the first of two axes towards the second."""
    m = as_array(m)
    first, second = normalize_axis_tuple(axes, m.ndim)
    if k % 4 == 2:
        return flip(m, (first, second))
    if k % 4 == 1:
        return swapaxes(flip(m, second), first, second)
    return flip(swapaxes(m, first, second), second) if k % 4 else m


@composes(np.roll)
def roll(a: Any, shift: Any, axis: Any = None) -> Any:
    """``np.roll``: what is shifted out at one end comes in at the other."""
    a = as_array(a)
    if axis is None:
        return reshape(roll(reshape(a, shape=(-1,)), shift, 0), shape=a.shape)
    for by, i in zip(*np.broadcast_arrays(shift, normalize_axis_tuple(axis, a.ndim, None, True))):
        a = concatenate(*turned(a, int(by), int(i)), axis=int(i))
    return a


def turned(a: Any, shift: int, axis: int) -> tuple[Any, Any]:
    """Cut off the end that is to come first."""
    cut = -(shift % a.shape[axis]) if a.shape[axis] else 0
    cut = a.shape[axis] + cut
    return a[along(axis, slice(cut, None), a.ndim)], a[along(axis, slice(0, cut), a.ndim)]


# ----------------------------------------------------------------------------------- repeating
@composes(np.broadcast_arrays)
def broadcast_arrays(*args: Any, subok: bool = False) -> Any:
    """``np.broadcast_arrays``: all of them in their common shape."""
    arrays = [as_array(a) for a in args]
    shape = np.broadcast_shapes(*(a.shape for a in arrays))
    return tuple(broadcast_to(a, shape=shape) for a in arrays)


@composes(np.tile)
def tile(A: Any, reps: Any) -> Any:
    """``np.tile``: the whole array several times along each axis."""
    a = as_array(A)
    times = tuple(int(n) for n in np.atleast_1d(plain(reps)))
    ndim = max(a.ndim, len(times))
    times, sizes = (1,) * (ndim - len(times)) + times, (1,) * (ndim - a.ndim) + a.shape
    apart = reshape(a, shape=tuple(k for n in sizes for k in (1, n)))
    wide = broadcast_to(apart, shape=tuple(k for pair in zip(times, sizes) for k in pair))
    return reshape(wide, shape=tuple(m * n for m, n in zip(times, sizes)))


@composes(np.repeat)
def repeat(a: Any, repeats: Any, axis: int | None = None) -> Any:
    """``np.repeat``: each element several times in a row."""
    a = as_array(a)
    a, axis = (reshape(a, shape=(-1,)), 0) if axis is None else (a, axis)
    axis = normalize_axis_index(axis, a.ndim)
    repeats = np.asarray(plain(repeats))
    if repeats.size != 1:
        return a[along(axis, np.repeat(np.arange(a.shape[axis]), repeats), a.ndim)]
    times, head, tail = int(repeats.item()), a.shape[: axis + 1], a.shape[axis + 1 :]
    wide = broadcast_to(reshape(a, shape=(*head, 1, *tail)), shape=(*head, times, *tail))
    return reshape(wide, shape=(*head[:-1], head[-1] * times, *tail))


@composes(np.resize)
def resize(a: Any, new_shape: Any) -> Any:
    """``np.resize``: over and over again, until the new shape is full."""
    flat = reshape(as_array(a), shape=(-1,))
    if flat.size == 0:  # of nothing, NumPy makes zeros
        flat = concatenate(flat, np.zeros(1, flat.dtype))
    return getitem(flat, index=np.resize(np.arange(flat.size), plain(new_shape)))


if hasattr(np, "unstack"):  # since NumPy 2.1

    @composes(np.unstack)
    def unstack(x: Any, /, *, axis: int = 0) -> Any:
        """``np.unstack``: the layers along an axis."""
        return layers(as_array(x), axis=axis)
