"""Counting and weighing what falls into bins: ``np.bincount``, ``np.histogram`` and its kin.

A count does not change while the data change a little. But the weights that are added up have a
derivative, and so have edges that are laid out between the least and the greatest of the data, and
with them the densities.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.dispatch import any_tracked, plain
from tinygrad_edu.ops.compose import composes
from tinygrad_edu.ops.index import put
from tinygrad_edu.ops.shape import as_array, converted, reshape, stack
from tinygrad_edu.ops.space import linspace
from tinygrad_edu.tensor import unrecorded


def flat(x: Any) -> Any:
    """Return all elements in one row."""
    return reshape(as_array(x), shape=(-1,))


@composes(np.bincount)
def bincount(x: Any, /, weights: Any = None, minlength: Any = 0) -> Any:
    """``np.bincount``: the sum of the weights that each number has."""
    if weights is None:
        return np.bincount(plain(x), minlength=minlength)  # refuses what are no whole numbers
    weights = converted(weights, float)
    length = len(np.bincount(plain(x), plain(weights), minlength))
    return put(weights, index=np.asarray(plain(x)), shape=(length,))


def outer_edges(a: Any, limits: Any) -> tuple[Any, Any]:
    """Return where the bins begin and end: at the limits, or at the least and greatest."""
    if limits is not None:
        low, high = limits
    elif a.size == 0:
        low, high = 0.0, 1.0
    else:
        low, high = np.min(a), np.max(a)
    return (low - 0.5, high + 0.5) if plain(low) == plain(high) else (low, high)


@composes(np.histogram_bin_edges)
def histogram_bin_edges(
    a: Any,
    bins: Any = 10,
    range: Any = None,  # NumPy's name
    weights: Any = None,
) -> Any:
    """``np.histogram_bin_edges``; how many there are is constant, where they are need not be."""
    limits = None if range is None else tuple(range)
    found = np.histogram_bin_edges(plain(a), plain(bins), plain(limits), plain(weights))
    if np.ndim(plain(bins)) == 1:
        return as_array(bins)
    a = flat(a)
    a = a if a.dtype.kind == "f" else a.astype(float)
    return converted(linspace(*outer_edges(a, limits), len(found)), found.dtype)


def places(edges: Any, values: Any) -> Any:
    """Find the bin of each value, -1 if there is none; the last bin has both of its ends."""
    edges, values = plain(edges), plain(values)
    found = np.searchsorted(edges, values, side="right") - 1
    found[values == edges[-1]] = len(edges) - 2
    found[(values < edges[0]) | ~(values <= edges[-1])] = -1
    return found


@composes(np.histogram)
def histogram(
    a: Any,
    bins: Any = 10,
    range: Any = None,  # NumPy's name
    density: Any = None,
    weights: Any = None,
) -> tuple[Any, Any]:
    """``np.histogram``: the sums of the weights in each bin, and the bins' edges."""
    edges = histogram_bin_edges(a, bins, range, weights)
    if any_tracked(weights):
        found = places(edges, flat(a))
        counts = put(flat(weights)[found >= 0], index=found[found >= 0], shape=(len(edges) - 1,))
    else:
        counts = unrecorded(np.histogram, (a, edges), {"weights": weights})[0]
    if density:
        counts = counts / np.diff(edges) / counts.sum()
    return counts, edges


@composes(np.histogramdd)
def histogramdd(
    sample: Any,
    bins: Any = 10,
    range: Any = None,  # NumPy's name
    density: Any = None,
    weights: Any = None,
) -> tuple[Any, Any]:
    """``np.histogramdd``: the same in several dimensions, the columns of the sample."""
    if isinstance(sample, (list, tuple)) or sample.ndim != 2:
        sample = np.atleast_2d(as_array(sample)).T
    dimensions = sample.shape[1]
    bins = bins if np.iterable(bins) else [bins] * dimensions
    limits = [None] * dimensions if range is None else range
    if not len(bins) == len(limits) == dimensions:
        raise ValueError(f"{len(bins)} bins and {len(limits)} ranges for {dimensions} dimensions")
    columns = [sample[:, i] for i in np.arange(dimensions)]
    edges = tuple(histogram_bin_edges(c, b, r) for c, b, r in zip(columns, bins, limits))
    if any_tracked(weights):
        found = [places(e, c) for e, c in zip(edges, columns)]
        inside = np.all([f >= 0 for f in found], axis=0)
        index, shape = tuple(f[inside] for f in found), tuple(len(e) - 1 for e in edges)
        counts = put(converted(weights, float)[inside], index=index, shape=shape)
    else:
        counts = unrecorded(np.histogramdd, (sample, edges), {"weights": weights})[0]
    if density:
        counts = counts / counts.sum()
        for axis, e in enumerate(edges):
            counts = counts / np.diff(e).reshape((-1,) + (1,) * (dimensions - axis - 1))
    return counts, edges


@composes(np.histogram2d)
def histogram2d(
    x: Any,
    y: Any,
    bins: Any = 10,
    range: Any = None,  # NumPy's name
    density: Any = None,
    weights: Any = None,
) -> tuple[Any, Any, Any]:
    """``np.histogram2d``: of pairs; also the edges along both sides."""
    if np.iterable(bins) and len(list(bins)) not in (1, 2):
        bins = [bins, bins]  # the same edges along both sides
    sample = stack(as_array(x), as_array(y), axis=1)
    counts, edges = histogramdd(sample, bins, range, density, weights)
    return counts, *edges
