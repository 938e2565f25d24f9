"""``np.emath``: roots and logarithms that become complex where real numbers have none.

Outside the real domain the same function is taken of the same number, as a complex one.
"""

from __future__ import annotations

from collections.abc import Callable
from math import pi
from typing import Any

import numpy as np

from tinygrad_edu.dispatch import plain
from tinygrad_edu.ops.compose import as_floats, composes
from tinygrad_edu.ops.order import sort
from tinygrad_edu.ops.shape import as_array, converted


def widened(x: Any, outside: Callable[[Any], Any]) -> Any:
    """Make numbers complex if one of them is outside of where a real function is defined."""
    x = as_floats(x)
    if x.dtype.kind != "c" and outside(plain(x)).any():
        return converted(x, np.result_type(x.dtype, np.complex64))
    return x


def negative(x: Any) -> Any:
    """Tell where there is no real root or logarithm."""
    return x < 0


def beyond_one(x: Any) -> Any:
    """Tell where nothing real has this sine."""
    return abs(x) > 1


def extended(function: Callable[..., Any], outside: Callable[[Any], Any]) -> Callable[..., Any]:
    """Make the function of ``np.emath`` that extends another one."""
    return lambda x: function(widened(x, outside))


for ours, function, outside in (
    (np.emath.sqrt, np.sqrt, negative),
    (np.emath.log, np.log, negative),
    (np.emath.log2, np.log2, negative),
    (np.emath.log10, np.log10, negative),
    (np.emath.arctanh, np.arctanh, beyond_one),
):
    composes(ours)(extended(function, outside))


@composes(np.emath.logn)
def logn(n: Any, x: Any) -> Any:
    """``np.emath.logn``: the logarithm of x to base n."""
    return np.log(widened(x, negative)) / np.log(widened(n, negative))


@composes(np.emath.power)
def power(x: Any, p: Any) -> Any:
    """``np.emath.power``: x to the power of p."""
    return np.power(widened(x, negative), p)


@composes(np.emath.arcsin)
def arcsin(x: Any) -> Any:
    """``np.emath.arcsin``; beyond 1, ``pi / 2 + i arccosh(x)``."""
    x = as_floats(x)
    if x.dtype.kind == "c" or not beyond_one(plain(x)).any():
        return np.arcsin(x)
    outside = beyond_one(plain(x))
    within = np.arcsin(np.where(outside, 0, x))
    beyond = np.sign(plain(x)) * (pi / 2) + 1j * np.arccosh(np.where(outside, abs(x), 2))
    return np.where(outside, beyond, within)


@composes(np.emath.arccos)
def arccos(x: Any) -> Any:
    """``np.emath.arccos``: what is missing from the `arcsin` to a right angle."""
    x = as_floats(x)
    return pi / 2 - arcsin(x) if beyond_one(plain(x)).any() else np.arccos(x)


# ------------------------------------------------------------------------ complex in any case
@composes(np.sort_complex)
def sort_complex(a: Any) -> Any:
    """``np.sort_complex``: in order of the real parts, then of the imaginary ones."""
    a = as_array(a)
    return converted(sort(a), None if a.dtype.kind == "c" else complex)
