"""Arrays as sets: ``np.unique``, unions, intersections, differences.

A set holds every value once. It is sorted, so the values are fetched from ``sort``, and elements
that are equal share the gradient of the one value that stands for them in even parts.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tinygrad_edu.dispatch import any_tracked, plain
from tinygrad_edu.ops.compose import along, composes
from tinygrad_edu.ops.order import sort
from tinygrad_edu.ops.shape import as_array, concatenate, reshape
from tinygrad_edu.tensor import unrecorded


def flat(x: Any) -> Any:
    """Return all elements in one row."""
    return reshape(as_array(x), shape=(-1,))


def as_set(x: Any, equal_nan: bool = True) -> Any:
    """Return each value once, in order."""
    s = sort(flat(x))
    _, counts = np.unique(plain(s), return_counts=True, equal_nan=equal_nan)
    return s[np.cumsum(counts) - counts]


@composes(np.unique)
def unique(
    ar: Any,
    return_index: bool = False,
    return_inverse: bool = False,
    return_counts: bool = False,
    axis: Any = None,
    *,
    equal_nan: bool = True,
    sorted: bool = True,  # NumPy's name, since 2.3: whatever the order, it is one
) -> Any:
    """``np.unique``; of equal layers along an axis, the first has the gradient."""
    wanted = {
        "return_index": return_index,
        "return_inverse": return_inverse,
        "return_counts": return_counts,
    }
    ar = as_array(ar)
    settings: dict[str, Any] = {"axis": axis, "equal_nan": equal_nan}
    if axis is None:
        values = as_set(ar, equal_nan)
    else:
        first = np.unique(plain(ar), return_index=True, **settings)[1]
        values = ar[along(axis, first, ar.ndim)]
    if not any(wanted.values()):
        return values
    return (values, *unrecorded(np.unique, (ar,), {**wanted, **settings})[1:])


def all_of(function: Callable[..., Any]) -> Callable[..., Any]:
    """Make ``np.unique_all`` or one of its kind, in which NaN is never equal to NaN."""

    def compute(x: Any) -> Any:
        found = unrecorded(function, (x,), {})
        values = as_set(x, equal_nan=False)
        return found._replace(values=values) if hasattr(found, "_replace") else values

    return compute


for function in (np.unique_all, np.unique_counts, np.unique_inverse, np.unique_values):
    composes(function)(all_of(function))


@composes(np.union1d)
def union1d(ar1: Any, ar2: Any) -> Any:
    """``np.union1d``: what is in one of them or in both."""
    return as_set(concatenate(flat(ar1), flat(ar2)))


def together(ar1: Any, ar2: Any, assume_unique: bool) -> Any:
    """Return what is in either, in order; what is in both, twice."""
    sets = [flat(x) if assume_unique else as_set(x) for x in (ar1, ar2)]
    return sort(concatenate(*sets))


@composes(np.intersect1d)
def intersect1d(
    ar1: Any, ar2: Any, assume_unique: bool = False, return_indices: bool = False
) -> Any:
    """``np.intersect1d``: what is in both; they share the gradient."""
    s = together(ar1, ar2, assume_unique)
    values = s[:-1][plain(s[1:] == s[:-1])]
    if not return_indices:
        return values
    return (values, *unrecorded(np.intersect1d, (ar1, ar2, assume_unique, True), {})[1:])


@composes(np.setxor1d)
def setxor1d(ar1: Any, ar2: Any, assume_unique: bool = False) -> Any:
    """``np.setxor1d``: what is in one of them, but not in both."""
    s = together(ar1, ar2, assume_unique)
    new = np.concatenate([[True], plain(s[1:] != s[:-1]), [True]])
    return s[new[1:] & new[:-1]] if s.size else s


@composes(np.setdiff1d)
def setdiff1d(ar1: Any, ar2: Any, assume_unique: bool = False) -> Any:
    """``np.setdiff1d``: what is in the first, but not in the second."""
    if not any_tracked(ar1):  # the second only decides what stays
        return unrecorded(np.setdiff1d, (ar1, ar2, assume_unique), {})
    values = flat(ar1) if assume_unique else as_set(ar1)
    return values[~np.isin(plain(values), plain(ar2))]
