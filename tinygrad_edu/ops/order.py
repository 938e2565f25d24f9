"""Putting elements in order, and what stands at a given place in it: medians and quantiles.

Sorting moves elements about, and the gradient takes the same way back. Elements that are equal
could have been put in any order among themselves; they share what comes back in even parts.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from tinygrad_edu.cases import Kink, case
from tinygrad_edu.dispatch import any_tracked, plain
from tinygrad_edu.op import differentiable
from tinygrad_edu.ops.compose import composes
from tinygrad_edu.ops.index import put
from tinygrad_edu.ops.reduce import reduced_axes
from tinygrad_edu.ops.refuse import refuse
from tinygrad_edu.ops.shape import as_array, reshape, transpose

HINT = "an axis runs from 0 to n-1, or from -n to -1 counted from the end"


def back_in_place(dy: Any, y: Any, x: Any, *, axis: int = -1, kth: Any = None) -> Any:
    """Send each gradient to the place that its element came from.

    Both orders are compared with the sorted one: the i-th smallest of ``y`` was that of ``x``.
    """
    before, after = np.moveaxis(plain(x), axis, -1), np.moveaxis(plain(y), axis, -1)
    ranked = np.argsort(after, axis=-1, kind="stable")
    rank = np.argsort(np.argsort(before, axis=-1, kind="stable"), axis=-1)
    dy = np.take_along_axis(np.moveaxis(dy, axis, -1), ranked, axis=-1)
    dy = evenly(dy, np.take_along_axis(after, ranked, axis=-1))
    return np.moveaxis(np.take_along_axis(dy, rank, axis=-1), -1, axis)


def evenly(dy: Any, ordered: Any) -> Any:
    """Give equal elements, which are neighbours in the order, equal parts of their gradients."""
    tied = np.zeros(ordered.shape, bool)
    here, previous = ordered[..., 1:], ordered[..., :-1]
    tied[..., 1:] = (here == previous) | (np.isnan(here) & np.isnan(previous))
    if not tied.any():
        return dy
    group = np.cumsum(~tied) - 1
    sizes = np.bincount(group)
    dy = dy.astype(np.result_type(dy.dtype, float))  # the sum of many must not overflow
    shares = put(dy.reshape(-1), index=group, shape=sizes.shape) / sizes
    return shares[group].reshape(dy.shape)


@differentiable(
    x=back_in_place,
    cases=[
        case((3,)),
        case((2, 3)),
        case((3, 2), axis=0),
        case((2, 3, 2), axis=1),
        case((1,)),
        case((5,), axis=0),
        case((0, 3)),
    ],
    hint=HINT,
    kinks=[Kink(at=([2.0, 1.0, 2.0],), gradients=([1.0, 1.0, 1.0],))],
)
def sort(x: Any, *, axis: int = -1) -> Any:
    """The elements in ascending order along an axis; tied ones share their gradients.

    Examples
    --------
    >>> import numpy as np
    >>> import tinygrad_edu as tg
    >>> x = tg.Tensor([3.0, 1.0, 2.0], requires_grad=True)
    >>> np.sort(x).backward(np.array([10.0, 20.0, 30.0]))
    >>> x.grad.tolist()
    [30.0, 10.0, 20.0]
    """
    return np.sort(x, axis=axis)


@differentiable(
    x=back_in_place,
    cases=[
        case((3,), kth=1),
        case((2, 5), kth=2),
        case((3, 2), kth=-1, axis=0),
        case((2, 3, 2), kth=0, axis=1),
        case((1,), kth=0),
        case((6,), kth=(1, 4)),
        case((0, 3), kth=1),
    ],
    hint=HINT,
)
def partition(x: Any, *, kth: Any, axis: int = -1) -> Any:
    """The ``kth`` smallest at its place, smaller ones before it and larger ones behind."""
    return np.partition(x, kth, axis=axis)


@composes(np.sort)
def numpy_sort(
    a: Any, axis: Any = -1, kind: Any = None, order: Any = None, *, stable: Any = None
) -> Any:
    """``np.sort``; no kind of sorting gives other values than another."""
    refuse("sort", order=order)
    a = as_array(a)
    return sort(reshape(a, shape=(-1,)) if axis is None else a, axis=-1 if axis is None else axis)


@composes(np.partition)
def numpy_partition(
    a: Any, kth: Any, axis: Any = -1, kind: str = "introselect", order: Any = None
) -> Any:
    """``np.partition``."""
    refuse("partition", order=order)
    a, kth = as_array(a), np.asarray(plain(kth))
    kth = kth.item() if kth.ndim == 0 else tuple(kth.tolist())
    a = reshape(a, shape=(-1,)) if axis is None else a
    return partition(a, kth=kth, axis=-1 if axis is None else axis)


# -------------------------------------------------------------------------- medians, quantiles
def in_rows(a: Any, axis: Any) -> tuple[Any, tuple[int, ...], tuple[int, ...]]:
    """Lay out all that is reduced along one last axis; also say the result's shape, kept or not."""
    reduced = reduced_axes(a, axis)
    others = tuple(i for i in range(a.ndim) if i not in reduced)
    shape = tuple(a.shape[i] for i in others)
    length = int(np.prod([a.shape[i] for i in reduced], dtype=int))
    rows = reshape(transpose(a, axes=others + reduced), shape=(*shape, length))
    return rows, tuple(1 if i in reduced else n for i, n in enumerate(a.shape)), shape


def pick(s: Any, v: Any) -> tuple[Any, Any]:
    """Fetch the elements of sorted rows just below and just above these places."""
    low, high = np.floor(v).astype(int), np.ceil(v).astype(int)
    return np.take_along_axis(s, low, axis=-1), np.take_along_axis(s, high, axis=-1)


def spots(s: Any, locate: Callable[[int], Any], skip_nan: bool) -> Any:
    """Find the places to look at in each sorted row; where NaN decides, the place of one."""
    nan = np.isnan(plain(s))
    counts = (~nan).sum(axis=-1)
    if skip_nan and s.shape[-1] and (counts == 0).any():
        warnings.warn("All-NaN slice encountered", RuntimeWarning, stacklevel=4)
    ends = np.zeros_like(counts) if skip_nan else np.full_like(counts, s.shape[-1] - 1)
    by_nan = counts == 0 if skip_nan else counts < s.shape[-1]
    found = np.empty((*counts.shape, np.size(locate(max(s.shape[-1], 1)))))
    found[by_nan] = ends[by_nan][..., None]
    for n in np.unique(counts[~by_nan]):
        found[~by_nan & (counts == n)] = locate(int(n))
    return found


def median_of(skip_nan: bool) -> Any:
    """Make ``np.median``, or the form of it that passes over NaN."""

    def compute(
        a: Any,
        axis: Any = None,
        out: Any = None,
        overwrite_input: bool = False,
        keepdims: Any = False,
    ) -> Any:
        refuse("median", out=out)
        a = as_array(a)
        rows, kept, dropped = in_rows(a, axis)
        if rows.shape[-1] == 0:
            return np.mean(a, axis=axis, keepdims=keepdims)
        s = sort(rows)
        low, high = pick(s, spots(s, lambda n: np.array([(n - 1) / 2]), skip_nan))
        return reshape((low + high) / 2, shape=kept if keepdims else dropped)

    return compute


composes(np.median)(median_of(skip_nan=False))
composes(np.nanmedian)(median_of(skip_nan=True))


def quantile_of(function: Callable[..., Any], whole: int, skip_nan: bool) -> Any:
    """Make ``np.quantile`` or ``np.percentile``, or the form that passes over NaN.

    Where between its neighbours a quantile lies is known by that of 0, 1, 2, ..., n - 1.
    """

    def compute(
        a: Any,
        q: Any,
        axis: Any = None,
        out: Any = None,
        overwrite_input: bool = False,
        method: str = "linear",
        keepdims: Any = False,
        *,
        weights: Any = None,
    ) -> Any:
        refuse(function.__name__, out=out, weights=weights)
        a, levels = as_array(a), as_array(q)
        if any_tracked(levels) and (method != "linear" or skip_nan):
            refuse(function.__name__, q="a Tensor that requires grad")
        rows, kept, dropped = in_rows(a, axis)
        flat = plain(levels).reshape(-1)
        s = sort(rows)
        v = spots(s, lambda n: function(np.arange(float(n)), flat, method=method), skip_nan)
        dtype = function(np.zeros(1, a.dtype), plain(q), method=method).dtype
        part = (v - np.floor(v)).astype(dtype)
        if any_tracked(levels):
            part = levels.reshape(-1) / whole * (rows.shape[-1] - 1) - np.floor(v).astype(dtype)
        y = between(*pick(s, v), part)
        return reshape(np.moveaxis(y, -1, 0), shape=levels.shape + (kept if keepdims else dropped))

    return compute


def between(low: Any, high: Any, part: Any) -> Any:
    """Go a part of the way from one number to another, starting from the nearer."""
    return np.where(plain(part) < 0.5, low + (high - low) * part, high - (high - low) * (1 - part))


composes(np.quantile)(quantile_of(np.quantile, 1, skip_nan=False))
composes(np.percentile)(quantile_of(np.percentile, 100, skip_nan=False))
composes(np.nanquantile)(quantile_of(np.quantile, 1, skip_nan=True))
composes(np.nanpercentile)(quantile_of(np.percentile, 100, skip_nan=True))
