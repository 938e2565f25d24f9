"""Polynomials from their roots, and through points; roots of polynomials; division.

Coefficients begin with that of the highest power. Sums, products and values of polynomials are in
``signal.py``; what is here is made of eigenvalues and least squares.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.dispatch import plain
from tinygrad_edu.ops.compose import as_floats, composes
from tinygrad_edu.ops.refuse import refuse
from tinygrad_edu.ops.shape import as_array, concatenate, converted, stack


@composes(np.trim_zeros)
def trim_zeros(filt: Any, trim: str = "fb", axis: Any = None) -> Any:
    """``np.trim_zeros``: without the zeros in front and at the back, along some axes or all."""
    filt, trim = as_array(filt), trim.lower()
    found: Any = np.argwhere(plain(filt))
    axes = range(filt.ndim) if axis is None else np.atleast_1d(axis) % filt.ndim
    parts = [slice(None)] * filt.ndim
    for i in axes:
        low, high = (found[:, i].min(), found[:, i].max() + 1) if found.size else (0, 0)
        parts[i] = slice(low if "f" in trim else None, high if "b" in trim else None)
    return filt[tuple(parts)]


@composes(np.poly)
def poly(seq_of_zeros: Any) -> Any:
    """``np.poly``: the polynomial with these roots, or with a matrix's eigenvalues for roots."""
    zeros = np.atleast_1d(as_array(seq_of_zeros))
    if zeros.ndim == 2 and zeros.shape[0] == zeros.shape[1] != 0:
        zeros = np.linalg.eigvals(zeros)
    if zeros.ndim != 1:
        raise ValueError(f"poly takes a vector or a square matrix, not shape {zeros.shape}")
    if not zeros.size:
        return 1.0
    p = np.ones(1, zeros.dtype)
    for zero in zeros:
        p = np.convolve(p, stack(np.ones((), zeros.dtype), -zero))
    values = plain(zeros)
    if zeros.dtype.kind == "c" and (np.sort(values) == np.sort(values.conj())).all():
        return np.real(p)  # roots in conjugate pairs
    return p


@composes(np.roots)
def roots(p: Any) -> Any:
    """``np.roots``: the eigenvalues of the companion matrix.

    A root that occurs twice has no derivative, and is refused in the walk back.

    References
    ----------
    Horn and Johnson, Matrix Analysis, 3.3.12.
    """
    p = np.atleast_1d(as_array(p))
    if p.ndim != 1:
        raise ValueError(f"roots takes the coefficients as a vector, not shape {p.shape}")
    kept, found = np.flatnonzero(plain(p)), converted(p[:0], float)
    if not kept.size:
        return found
    at_zero = len(p) - kept[-1] - 1  # each 0 at the end is a root at 0
    p = as_floats(p[kept[0] : kept[-1] + 1])
    if len(p) > 1:
        shift = np.eye(len(p) - 2, len(p) - 1, dtype=p.dtype)
        found = np.linalg.eigvals(concatenate((-p[1:] / p[0])[None], shift))
        if p.dtype.kind == "f" and not np.any(plain(found).imag):
            found = np.real(found)
    return concatenate(found, np.zeros(at_zero, found.dtype))


@composes(np.polydiv)
def polydiv(u: Any, v: Any) -> tuple[Any, Any]:
    """``np.polydiv``: quotient and remainder, by long division."""
    u, v = np.atleast_1d(as_floats(u)), np.atleast_1d(as_floats(v))
    dtype = np.result_type(u.dtype, v.dtype)
    rest, v = converted(u, dtype), converted(v, dtype)
    quotient = []
    for _ in range(len(u) - len(v) + 1):
        quotient.append(rest[0] / v[0])
        rest = concatenate(rest[1 : len(v)] - quotient[-1] * v[1:], rest[len(v) :])
    q = stack(*quotient) if quotient else np.zeros(1, dtype)
    length = len(np.polydiv(plain(u), plain(v))[1])  # NumPy drops what is nearly 0 in front
    rest = concatenate(np.zeros(max(length - len(rest), 0), dtype), rest)
    return q, rest[len(rest) - length :]


@composes(np.polyfit)
def polyfit(
    x: Any,
    y: Any,
    deg: Any,
    rcond: Any = None,
    full: Any = False,
    w: Any = None,
    cov: Any = False,
) -> Any:
    """``np.polyfit``: the polynomial that is closest to the points, in least squares."""
    refuse("polyfit", full=full or None)
    x, y, order = as_floats(x), as_floats(y), int(deg) + 1
    if order < 1 or x.ndim != 1 or not x.size or y.ndim not in (1, 2) or len(x) != len(y):
        raise ValueError(
            f"polyfit goes through points of shapes (n,) and (n,) or (n, k), not {x.shape} and "
            f"{y.shape}, with a degree of at least 0, not {deg}"
        )
    left, right = np.vander(x, order), y
    if w is not None:
        w = as_floats(w)
        left, right = left * w[:, None], right * (w[:, None] if y.ndim == 2 else w)
    scale = np.sqrt((left * left).sum(axis=0))
    rcond = len(x) * np.finfo(x.dtype).eps if rcond is None else rcond
    c, residuals, _, _ = np.linalg.lstsq(left / scale, right, rcond)
    c = (c.T / scale).T
    if not cov:
        return c
    spread = np.linalg.inv((left / scale).T @ (left / scale)) / np.outer(scale, scale)
    if isinstance(cov, str) and cov == "unscaled":
        return c, spread
    if len(x) <= order:
        raise ValueError(f"{len(x)} points leave nothing to estimate {order} errors from")
    spread = spread if y.ndim == 1 else spread[:, :, None]
    return c, spread * (residuals / (len(x) - order))
