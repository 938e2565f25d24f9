"""Reading elements by index, writing them, and choosing between two arrays.

Reading and putting back are each other's transposes: the gradient of ``x[i]`` is put back at
``i``, and the gradient of putting is read at ``i``. What is picked twice counts twice.
"""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from tinygrad_edu.cases import case
from tinygrad_edu.dispatch import implements, plain
from tinygrad_edu.op import differentiable

HINT = "an index runs from -n to n-1 along an axis of size n; a mask has the shape of what it masks"


def picks_once(index: Any) -> bool:
    """Tell whether an index surely picks no element twice: numbers, slices and masks do not."""
    parts = index if isinstance(index, tuple) else (index,)
    return all(
        part is None
        or part is ...
        or isinstance(part, (slice, int, np.integer, np.bool_))
        or (isinstance(part, np.ndarray) and (part.dtype == bool or part.ndim == 0))
        for part in parts
    )


def written_last(index: Any, shape: tuple[int, ...]) -> Any:
    """Mark which of the values written at ``index`` stay when later ones overwrite earlier."""
    writer = np.zeros(shape, int)
    order = np.arange(writer[index].size).reshape(writer[index].shape)
    writer[index] = order
    return writer[index] == order


def added_rows(x: Any, rows: Any, shape: tuple[int, ...]) -> Any:
    """Zeros of a shape, with ``x[i]`` added to row ``rows[i]``: what is equal is brought together.

    Twice as fast as ``np.add.at``, which adds element by element.
    """
    y = np.zeros(shape, x.dtype)
    if rows.size == 0:
        return y
    rows = rows.astype(np.intp).ravel()
    rows[rows < 0] += shape[0]
    order = rows.argsort(kind="stable")
    rows = rows[order]
    starts = np.flatnonzero(np.concatenate([[True], rows[1:] != rows[:-1]]))
    y[rows[starts]] = np.add.reduceat(x.reshape((rows.size, *shape[1:]))[order], starts, axis=0)
    return y


def getitem_x(dy: Any, y: Any, x: Any, *, index: Any) -> Any:
    """Put the gradient back where it was read."""
    return put(dy, index=index, shape=x.shape)


def setitem_x(dy: Any, y: Any, x: Any, value: Any, *, index: Any) -> Any:
    """What reaches ``x``: the gradient where nothing was written over it."""
    return setitem(dy, 0.0, index=index)


def setitem_value(dy: Any, y: Any, x: Any, value: Any, *, index: Any) -> Any:
    """What reaches the values written: the gradient where they were written and not overwritten."""
    dvalue = dy[index] if picks_once(index) else dy[index] * written_last(index, x.shape)
    leading = value.ndim - dvalue.ndim  # NumPy lets a value of shape (1, 3) into a place of (3,)
    return dvalue.reshape((1,) * leading + dvalue.shape) if leading > 0 else dvalue


@implements(operator.getitem)
@differentiable(
    x=getitem_x,
    cases=[
        case((3,), index=1),
        case((4,), index=slice(None, None, -2)),
        case((2, 3), index=(..., 0)),
        case((2, 3), index=(None, 1)),
        case((3,), index=[0, 0, 1]),
        case((3, 4), index=([0, 2, 2], slice(1, 3))),
        case((2, 2), index=[[True, False], [True, True]]),
        case((3,), index=slice(0, 0)),
        case((3,), index=np.array([0, 0, 1])),
        case((2, 2), index=np.array([[True, False], [True, True]])),
        case((3, 4), index=(np.array(1), slice(None))),
    ],
    hint=HINT,
)
def getitem(x: Any, *, index: Any) -> Any:
    """The elements at an index: ``x[index]``."""
    return x[index]


@differentiable(
    x=lambda dy, y, x, *, index, shape: dy[index],
    cases=[
        case((), index=1, shape=(3,)),
        case((2,), index=slice(None, None, -2), shape=(4,)),
        case((2,), index=(..., 0), shape=(2, 3)),
        case((1, 3), index=(None, 1), shape=(2, 3)),
        case((3,), index=[0, 0, 1], shape=(3,)),
        case((3, 2), index=([0, 2, 2], slice(1, 3)), shape=(3, 4)),
        case((3,), index=[[True, False], [True, True]], shape=(2, 2)),
        case((3,), index=np.array([0, 0, 1]), shape=(3,)),
        case((3,), index=np.array([[True, False], [True, True]]), shape=(2, 2)),
        case((4,), index=(np.array(1), slice(None)), shape=(3, 4)),
    ],
    hint=HINT,
)
def put(x: Any, *, index: Any, shape: Any) -> Any:
    """Zeros of a shape, with ``x`` added at an index: the transpose of ``getitem``."""
    if isinstance(index, np.ndarray) and index.dtype.kind in "iu" and 0 < index.ndim < x.ndim:
        return added_rows(x, index, shape)
    y = np.zeros_like(x, order="C", shape=shape)
    if picks_once(index):
        y[index] = x
    else:
        np.add.at(y, index, x)
    return y


@implements(operator.setitem)
@differentiable(
    x=setitem_x,
    value=setitem_value,
    cases=[
        case((3,), (), index=1),
        case((4,), (2,), index=slice(None, 2)),
        case((2, 3), (3,), index=1),
        case((2, 3), (), index=(slice(None), 1)),
        case((3,), (3,), index=[0, 0, 1]),
        case((2, 2), (3,), index=[[True, False], [True, True]]),
        case((3, 3), (1, 3), index=0),
        case((3, 3), (1, 1, 3), index=0),
        case((3,), (3,), index=np.array([0, 0, 1])),
        case((3,), (2, 2), index=np.array([[0, 0], [1, 0]])),
        case((2, 2), (3,), index=np.array([[True, False], [True, True]])),
    ],
    hint=HINT,
)
def setitem(x: Any, value: Any, *, index: Any) -> Any:
    """A copy of ``x`` with ``value`` written at an index; the last of several writes stays."""
    y = x.copy()
    y[index] = value
    return y


@differentiable(
    condition=None,
    a=lambda dy, y, condition, a, b: np.where(condition, dy, 0),
    b=lambda dy, y, condition, a, b: np.where(condition, 0, dy),
    cases=[
        case([True, False, True], (3,), (3,)),
        case([True, False, True], (2, 3), ()),
        case([[True], [False]], (2, 3), (3,)),
        case(True, (2,), (2,)),
        case([True, False], (), ()),
        case([[True, False]], (3, 1), (3, 2)),
        case([False, False], (2,), (2,)),
    ],
    hint="the condition and both choices must broadcast to one shape",
)
def where(condition: Any, a: Any, b: Any) -> Any:
    """``a`` where the condition holds, else ``b``.

    Both sides are computed everywhere, and a side that is infinite or NaN where it is not chosen
    still spoils the gradient, as 0 times infinity is NaN. Make it harmless first:
    ``where(x > 0, sqrt(where(x > 0, x, 1)), 0)``.
    """
    return np.where(condition, a, b)


@implements(np.where)
def numpy_where(condition: Any, *choices: Any) -> Any:
    """``np.where``: with one argument, the indices where it holds."""
    return where(condition, *choices) if choices else np.nonzero(plain(condition))
