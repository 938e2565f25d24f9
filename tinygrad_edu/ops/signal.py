"""Signals and curves: convolution, interpolation, polynomials, phases.

A convolution's gradient is a correlation, and the other way about: to where ``a[k]`` had sent
``a[k] v[n-k]``, the gradient comes back weighted by the same ``v[n-k]``.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.cases import case
from tinygrad_edu.dispatch import plain
from tinygrad_edu.op import differentiable
from tinygrad_edu.ops.compose import as_floats, composes
from tinygrad_edu.ops.refuse import refuse
from tinygrad_edu.ops.shape import as_array, converted


def in_full(dy: Any, a: Any, v: Any, mode: str) -> Any:
    """Put the gradient of a part of a convolution back into the whole, with zeros around it."""
    shorter = min(len(a), len(v))
    cut = {"full": 0, "same": (shorter - 1) // 2, "valid": shorter - 1}[mode]
    rest = len(a) + len(v) - 1 - len(dy) - cut
    if not cut and not rest:
        return dy
    return np.concatenate([np.zeros(cut, dy.dtype), dy, np.zeros(rest, dy.dtype)])


@differentiable(
    a=lambda dy, y, a, v, *, mode="full": np.convolve(in_full(dy, a, v, mode), v[::-1], "valid"),
    v=lambda dy, y, a, v, *, mode="full": np.convolve(in_full(dy, a, v, mode), a[::-1], "valid"),
    cases=[
        case((4,), (3,)),
        case((2,), (5,)),
        case((5,), (2,), mode="same"),
        case((2,), (5,), mode="same"),
        case((5,), (3,), mode="valid"),
        case((3,), (6,), mode="valid"),
        case((1,), (1,)),
        case((4,), (4,), mode="same"),
        case((6,), (5,), mode="same"),
    ],
    hint="both are vectors of at least one element; mode is 'full', 'same' or 'valid'",
)
def convolve(a: Any, v: Any, *, mode: Any = "full") -> Any:
    """Discrete convolution of two vectors, ``y[n] = sum of a[k] v[n-k] over k``.

    Examples
    --------
    >>> import numpy as np
    >>> import tinygrad_edu as tg
    >>> a = tg.Tensor([1.0, 2.0], requires_grad=True)
    >>> np.convolve(a, [1.0, 10.0])[1].backward()
    >>> a.grad.tolist()
    [10.0, 1.0]
    """
    return np.convolve(a, v, mode)


@composes(np.convolve)
def numpy_convolve(a: Any, v: Any, mode: str = "full") -> Any:
    """``np.convolve``."""
    return convolve(np.atleast_1d(as_array(a)), np.atleast_1d(as_array(v)), mode=mode)


@composes(np.correlate)
def correlate(a: Any, v: Any, mode: str = "valid") -> Any:
    """``np.correlate``, ``c[k] = sum of a[n+k] conj(v[n])``: a convolution with v reversed."""
    a, v = np.atleast_1d(as_array(a)), np.atleast_1d(as_array(v))
    v = v.conj() if v.dtype.kind == "c" else v
    if len(a) < len(v):  # NumPy keeps the middle of the reversed result, off by one if even
        return convolve(v, a[::-1], mode=mode)[::-1]
    return convolve(a, v[::-1], mode=mode)


# ------------------------------------------------------------------------- curves
@composes(np.interp)
def interp(
    x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None, period: Any = None
) -> Any:
    """``np.interp``: on straight lines through the points (xp, fp); beyond them, the end values."""
    x, xp = as_array(x), as_array(xp)
    if "c" in (x.dtype.kind, xp.dtype.kind):
        raise TypeError("interp has complex values at real places, not the other way about")
    x, xp = converted(x, float), converted(xp, float)
    fp = converted(fp, np.result_type(as_array(fp).dtype, float))
    if xp.ndim != 1 or fp.shape != xp.shape or not len(xp):
        raise ValueError(f"interp goes through points, of shapes {xp.shape} and {fp.shape}")
    if period is not None:
        x, xp, fp, left, right = wound_up(x, xp, fp, abs(period))
    if len(xp) == 1:
        y = x * 0 + fp[0]
    else:
        i = np.clip(np.searchsorted(plain(xp), plain(x), side="right") - 1, 0, len(xp) - 2)
        slope = (fp[i + 1] - fp[i]) / (xp[i + 1] - xp[i])
        y = slope * (x - xp[i]) + fp[i]
    y = np.where(plain(x) >= plain(xp)[-1], fp[-1], y)
    y = np.where(plain(x) < plain(xp)[0], fp[0] if left is None else left, y)
    return y if right is None else np.where(plain(x) > plain(xp)[-1], right, y)


def wound_up(x: Any, xp: Any, fp: Any, period: Any) -> tuple[Any, ...]:
    """Bring all points into one period, in order, with one more at either end."""
    if period == 0:
        raise ValueError("a period of 0 has no points in it")
    x, xp = (z - period * np.floor(plain(z) / period) for z in (x, xp))
    order = np.argsort(plain(xp), kind="stable")
    xp, fp = xp[order], fp[order]
    xp = np.concatenate([xp[-1:] - period, xp, xp[:1] + period])
    return x, xp, np.concatenate([fp[-1:], fp, fp[:1]]), None, None


@differentiable(
    x=lambda dy, y, x, **settings: dy,
    cases=[
        case((3,)),
        case((9,), high=20),
        case((2, 5), high=20),
        case((5, 2), high=20, axis=0),
        case((6,), high=20, period=4.0),
        case((6,), high=20, discont=5.0),
        case((0,)),
    ],
    hint="an axis runs from 0 to n-1, or from -n to -1 counted from the end",
)
def unwrap(x: Any, *, discont: Any = None, axis: int = -1, period: float = 2 * np.pi) -> Any:
    """Phases without jumps: whole periods added, which do not change with the phases."""
    return np.unwrap(x, discont=discont, axis=axis, period=period)


@composes(np.unwrap)
def numpy_unwrap(p: Any, discont: Any = None, axis: int = -1, *, period: float = 2 * np.pi) -> Any:
    """``np.unwrap``."""
    return unwrap(as_array(p), discont=discont, axis=axis, period=period)


# ------------------------------------------------------------------------- polynomials
@composes(np.polyval)
def polyval(p: Any, x: Any) -> Any:
    """``np.polyval``: ``p[0] x**n + ... + p[n]``, by Horner's scheme."""
    p, x = as_array(p), as_array(x)
    y = np.zeros(x.shape, x.dtype)
    for coefficient in p:
        y = y * x + coefficient
    return y


@composes(np.polyadd)
def polyadd(a1: Any, a2: Any) -> Any:
    """``np.polyadd``: coefficients, of the highest power first, added from the last one on."""
    a1, a2 = np.atleast_1d(as_array(a1)), np.atleast_1d(as_array(a2))
    n = max(len(a1), len(a2))
    a1, a2 = (np.concatenate([np.zeros(n - len(a), a.dtype), a]) for a in (a1, a2))
    return a1 + a2


@composes(np.polysub)
def polysub(a1: Any, a2: Any) -> Any:
    """``np.polysub``."""
    return polyadd(a1, -as_array(a2))


@composes(np.polymul)
def polymul(a1: Any, a2: Any) -> Any:
    """``np.polymul``: the coefficients of a product are a convolution."""
    return numpy_convolve(without_leading_zeros(a1), without_leading_zeros(a2))


def without_leading_zeros(p: Any) -> Any:
    """Begin with the first coefficient that is not 0, or with the last one."""
    p = np.atleast_1d(as_array(p))
    return p[int(np.argmax(plain(p) != 0)) :] if plain(p).any() else p[-1:]


@composes(np.polyder)
def polyder(p: Any, m: int = 1) -> Any:
    """``np.polyder``: the coefficients of the derivative."""
    p = as_array(p)
    for _ in range(m):
        p = p[:-1] * np.arange(len(p) - 1, 0, -1)
    return p


@composes(np.polyint)
def polyint(p: Any, m: int = 1, k: Any = None) -> Any:
    """``np.polyint``: the coefficients of an antiderivative."""
    refuse("polyint", k=k)
    p = as_floats(p)
    for _ in range(m):
        divided = p / np.arange(len(p), 0, -1)
        p = np.concatenate([divided, np.zeros(1)])
    return p
