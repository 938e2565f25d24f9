"""Putting arrays together and taking them apart.

``concatenate`` and slicing have rules; these functions are made of them, or follow positions
through NumPy's own function, see `rearranged`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from tinygrad_edu.dispatch import implements, is_tensor, plain, without_rule
from tinygrad_edu.ops.axes import atleast_1d, atleast_2d, atleast_3d
from tinygrad_edu.ops.compose import along, composes, rearranged
from tinygrad_edu.ops.shape import as_array, broadcast_to, concatenate, converted, join, reshape
from tinygrad_edu.tensor import Tensor


# -------------------------------------------------------------------------------- together
def joined_after(prepare: Callable[[Any], Any], axis: Callable[[Any], int]) -> Any:
    """Make ``np.hstack`` and its kind, which give every array enough axes, then join."""

    def compute(tup: Any, *, dtype: Any = None, casting: str = "same_kind") -> Any:
        arrays = [prepare(a) for a in tup]
        return join(arrays, axis(arrays), dtype)

    return compute


hstack = composes(np.hstack)(joined_after(atleast_1d, lambda arrays: int(arrays[0].ndim > 1)))
vstack = composes(np.vstack)(joined_after(atleast_2d, lambda arrays: 0))
dstack = composes(np.dstack)(joined_after(atleast_3d, lambda arrays: 2))
if hasattr(np, "row_stack"):  # until NumPy 2.4, another name of vstack
    composes(np.row_stack)(vstack)


@composes(np.column_stack)
def column_stack(tup: Any) -> Any:
    """``np.column_stack``: vectors, and the columns of matrices, as the columns of a matrix."""
    arrays = [as_array(a) for a in tup]
    return concatenate(*(a if a.ndim > 1 else reshape(a, shape=(-1, 1)) for a in arrays), axis=1)


@composes(np.block)
def block(arrays: Any) -> Any:
    """``np.block``: blocks in nested lists; the innermost lie side by side along the last axis."""
    depth = depth_of(arrays)
    ndim = max(depth, *(a.ndim for a in leaves_of(arrays)), 0)
    return fitted(arrays, depth, ndim)


def depth_of(arrays: Any) -> int:
    """Count how deep lists are nested."""
    return 1 + max(map(depth_of, arrays), default=0) if isinstance(arrays, list) else 0


def leaves_of(arrays: Any) -> list[Any]:
    """Collect the blocks in nested lists."""
    if isinstance(arrays, list):
        return [leaf for part in arrays for leaf in leaves_of(part)]
    return [as_array(arrays)]


def fitted(arrays: Any, depth: int, ndim: int) -> Any:
    """Join nested lists of blocks, the outermost along the axis ``-depth``."""
    if isinstance(arrays, list) != bool(depth) or (depth and not arrays):
        raise ValueError("the lists of blocks are not all nested equally deep, or one is empty")
    if depth:
        return concatenate(*(fitted(a, depth - 1, ndim) for a in arrays), axis=-depth)
    a = as_array(arrays)
    return reshape(a, shape=(1,) * (ndim - a.ndim) + a.shape)


@composes(np.append)
def append(arr: Any, values: Any, axis: int | None = None) -> Any:
    """``np.append``: one array behind the other."""
    return join((as_array(arr), as_array(values)), axis, None)


@composes(np.insert)
def insert(arr: Any, obj: Any, values: Any, axis: int | None = None) -> Any:
    """``np.insert``: values before the given places."""
    arr, values = as_array(arr), as_array(values)
    values = converted(values, arr.dtype)
    return rearranged(lambda a, v: np.insert(a, plain(obj), v, axis), arr, values)


@composes(np.delete)
def delete(arr: Any, obj: Any, axis: int | None = None) -> Any:
    """``np.delete``: without what is at the given places."""
    arr = as_array(arr)
    if axis is None:
        arr, axis = reshape(arr, shape=(-1,)), 0
    left = np.delete(np.arange(arr.shape[axis]), plain(obj))
    return arr[along(axis, left, arr.ndim)]


# ----------------------------------------------------------------------------------- apart
@composes(np.array_split)
def array_split(ary: Any, indices_or_sections: Any, axis: int = 0) -> list[Any]:
    """``np.array_split``: parts along an axis, as equal as can be, or cut at the given places."""
    ary = as_array(ary)
    axis = normalize_axis_index(axis, ary.ndim)
    parts = np.array_split(np.arange(ary.shape[axis]), plain(indices_or_sections))
    runs = [slice(int(p[0]), int(p[-1]) + 1) if p.size else slice(0, 0) for p in parts]
    return [ary[along(axis, run, ary.ndim)] for run in runs]


@composes(np.split)
def split(ary: Any, indices_or_sections: Any, axis: int = 0) -> Any:
    """``np.split``: equal parts along an axis, or cut at the given places."""
    n, sections = as_array(ary).shape[axis], plain(indices_or_sections)
    if np.ndim(sections) == 0 and n % sections:
        raise ValueError(f"{n} elements cannot be split into {sections} equal parts")
    return array_split(ary, sections, axis)


def split_along(axis: int, least: int, name: str) -> Any:
    """Make ``np.hsplit`` and its kind, which split along the second, first or third axis."""

    def compute(ary: Any, indices_or_sections: Any) -> Any:
        ary = as_array(ary)
        if ary.ndim < least:
            raise ValueError(f"{name} takes arrays of {least} axes or more, not shape {ary.shape}")
        return split(ary, indices_or_sections, min(axis, ary.ndim - 1))

    return compute


composes(np.hsplit)(split_along(1, 1, "hsplit"))
composes(np.vsplit)(split_along(0, 2, "vsplit"))
composes(np.dsplit)(split_along(2, 3, "dsplit"))


# -------------------------------------------------------------------------------- filled
@composes(np.full_like)
def full_like(
    a: Any,
    fill_value: Any,
    dtype: Any = None,
    order: str = "K",
    subok: bool = True,
    shape: Any = None,
    *,
    device: Any = None,
) -> Any:
    """``np.full_like``: one value everywhere, through which gradients flow."""
    a = as_array(a)
    shape = a.shape if shape is None else (tuple(shape) if np.iterable(shape) else (int(shape),))
    dtype = a.dtype if dtype is None else np.dtype(dtype)
    if not is_tensor(fill_value):
        return Tensor(np.full(shape, fill_value, dtype))
    return broadcast_to(converted(fill_value, dtype), shape=shape)


def in_place(function: Callable[..., Any], instead: str) -> Callable[..., Any]:
    """Let a function write into plain arrays only, and say how a Tensor is written into."""

    def compute(*args: Any, **settings: Any) -> Any:
        target = args[0] if args else next(iter(settings.values()))
        if not is_tensor(target):
            return without_rule(function, args, settings)
        raise TypeError(
            f"np.{function.__name__} writes into its argument, and a Tensor is a value that "
            f"nothing writes into unseen; write {instead}, which is recorded"
        )

    return compute


IN_PLACE: Sequence[tuple[Callable[..., Any], str]] = (
    (np.copyto, "t[...] = values"),
    (np.put, "t[index] = values"),
    (np.place, "t[mask] = values"),
    (np.putmask, "t[mask] = values[mask]"),
    (np.fill_diagonal, "t[range(n), range(n)] = value"),
)
for function, instead in IN_PLACE:
    implements(function)(in_place(function, instead))
