"""Padding, in all of NumPy's modes.

Axis by axis, as NumPy does it. The modes that copy elements follow where NumPy would copy from; the
odd reflections are written down; the others put a number, a ramp or a statistic at either end.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tinygrad_edu.dispatch import plain
from tinygrad_edu.ops.compose import along, composes
from tinygrad_edu.ops.refuse import refuse
from tinygrad_edu.ops.shape import as_array, broadcast_to, concatenate, converted

STATISTICS: dict[str, Callable[..., Any]] = {
    "maximum": np.max,
    "mean": np.mean,
    "median": np.median,
    "minimum": np.min,
}
COPIES = ("edge", "reflect", "symmetric", "wrap")
SETTINGS = {
    "constant": {"constant_values"},
    "empty": set(),
    "linear_ramp": {"end_values"},
    **{name: {"stat_length"} for name in STATISTICS},
    "edge": set(),
    "wrap": set(),
    "reflect": {"reflect_type"},
    "symmetric": {"reflect_type"},
}


@composes(np.pad)
def pad(array: Any, pad_width: Any, mode: Any = "constant", **kwargs: Any) -> Any:
    """``np.pad``: more elements at both ends of every axis.

    Raises
    ------
    TypeError
        If ``mode`` is a function, as those fill arrays in place.
    ValueError
        If the mode or a setting is unknown, or a width negative.
    """
    x = as_array(array)
    if callable(mode):
        refuse("pad", mode=mode)
    if mode not in SETTINGS or not SETTINGS[mode] >= kwargs.keys():
        raise ValueError(f"pad knows no mode {mode!r} with settings {sorted(kwargs)}")
    widths = ends(pad_width, x.ndim)
    if any(width < 0 for pair in widths for width in pair):
        raise ValueError(f"a width to pad is negative: {pad_width}")
    given = [kwargs.get(name) for name in SETTINGS[mode]]
    settings = ends(given[0], x.ndim) if given and "reflect_type" not in kwargs else None
    for axis, width in enumerate(widths):
        if any(width) and not x.shape[axis] and mode not in ("constant", "empty"):
            raise ValueError(f"nothing to pad with along axis {axis} of shape {x.shape}")
        if mode in COPIES:
            x = copied(x, axis, width, mode, kwargs.get("reflect_type", "even"))
        elif any(width):
            pair = settings[axis] if settings else (None, None)
            x = concatenate(*beside(x, axis, width, mode, pair), axis=axis)
    return x


def ends(value: Any, ndim: int) -> list[tuple[Any, Any]]:
    """Give each axis its two values, from one for all, one pair for all, or a pair for each."""
    if value is None:
        return [(None, None)] * ndim
    if isinstance(value, dict):  # since NumPy 2.4: axis -> width
        pairs = {axis % ndim: pair for axis, pair in value.items()}
        return [ends(pairs.get(axis, 0), 1)[0] for axis in range(ndim)]
    value = as_array(value)
    pairs = broadcast_to(value, shape=(ndim, 2))
    if pairs.dtype.kind in "iu":
        return [(int(first), int(last)) for first, last in plain(pairs)]
    return [(pairs[axis, 0], pairs[axis, 1]) for axis in range(ndim)]


def beside(
    x: Any, axis: int, width: tuple[int, int], mode: str, pair: tuple[Any, Any]
) -> list[Any]:
    """Make what is put before ``x``, and behind it; with ``x`` in between."""
    parts = [x]
    for place, (count, value) in enumerate(zip(width, pair)):
        edge = along(axis, slice(0, 1) if place == 0 else slice(-1, None), x.ndim)
        shape = (*x.shape[:axis], count, *x.shape[axis + 1 :])
        if mode in STATISTICS:
            part = broadcast_to(statistic(x, axis, place, mode, value), shape=shape)
        elif mode == "linear_ramp":
            part = ramp(x[edge], axis, count, 0 if value is None else value, place)
        else:
            part = broadcast_to(as_array(0 if value is None else value), shape=shape)
        parts.insert(0 if place == 0 else len(parts), converted(part, x.dtype))
    return parts


def statistic(x: Any, axis: int, place: int, mode: str, length: Any) -> Any:
    """Return the largest, smallest, middle or average element of those at one end."""
    n = x.shape[axis]
    length = n if length is None else min(int(length), n)
    near = slice(0, length) if place == 0 else slice(n - length, n)
    return STATISTICS[mode](x[along(axis, near, x.ndim)], axis=axis, keepdims=True)


def ramp(edge: Any, axis: int, count: int, end: Any, place: int) -> Any:
    """Go in equal steps from the end value to the edge."""
    steps = np.arange(count).astype(edge.dtype) / (count or 1)
    steps = (steps if place == 0 else steps[::-1]).reshape((-1,) + (1,) * (edge.ndim - axis - 1))
    return end + (edge - end) * steps


def copied(x: Any, axis: int, width: tuple[int, int], mode: str, reflect_type: str) -> Any:
    """Pad with copies of the elements themselves, or with them reflected in the end points."""
    if reflect_type not in ("even", "odd"):
        raise ValueError(f"a reflection is 'even' or 'odd', not {reflect_type!r}")
    n = x.shape[axis]
    if reflect_type == "odd" and n > 1:
        return reflected(x, axis, np.arange(-width[0], n + width[1]), int(mode == "symmetric"))
    places = np.pad(np.arange(n), width, mode=mode)  # type: ignore[call-overload]  # mode is a str
    return x[along(axis, places, x.ndim)] if any(width) else x


def reflected(x: Any, axis: int, t: Any, twice: int) -> Any:
    """Continue ``x`` to the places ``t``, point-symmetric about its ends.

    ``f(t + period) = f(t) + 2 (last - first)``, and within a period what goes on behind the last
    element is ``2 last - f(mirrored t)``. ``twice`` says whether the ends themselves are repeated.
    """
    n = x.shape[axis]
    cycle, t = np.divmod(t, 2 * (n - 1 + twice))
    behind = t >= n
    places = np.where(behind, 2 * (n - 1) + twice - t, t)
    shape = (-1,) + (1,) * (x.ndim - axis - 1)
    sign, of_last, of_first = (
        k.reshape(shape).astype(x.dtype)
        for k in (np.where(behind, -1, 1), 2 * (cycle + behind), -2 * cycle)
    )
    first, last = x[along(axis, slice(0, 1), x.ndim)], x[along(axis, slice(-1, None), x.ndim)]
    return x[along(axis, places, x.ndim)] * sign + last * of_last + first * of_first
