"""Spread and weighted means, and the forms of every reduction that pass over NaN.

A spread of nothing has no slope: where all elements are equal, the standard deviation is at its
lowest, with a kink, and its gradient is promised to be 0.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from tinygrad_edu.cases import Kink, case
from tinygrad_edu.dispatch import plain
from tinygrad_edu.op import differentiable
from tinygrad_edu.ops.compose import composes
from tinygrad_edu.ops.reduce import HINT, counted, kept
from tinygrad_edu.ops.refuse import refuse
from tinygrad_edu.ops.shape import as_array, converted

CASES = (
    case((3,)),
    case((2, 3)),
    case((2, 3), axis=0),
    case((2, 3), axis=-1, keepdims=True),
    case((2, 3, 4), axis=(0, 2), ddof=1),
    case((2, 3, 4), axis=(1, -1), keepdims=True),
    case((4,), ddof=2),
    case((2, 2, 3), axis=None, keepdims=True, ddof=1.5),
    case((0, 3), axis=1),
)


def var_x(
    dy: Any, y: Any, x: Any, *, axis: Any = None, ddof: float = 0, keepdims: Any = False
) -> Any:
    """``2 (x - mean) / (n - ddof)``: what the mean itself adds cancels, as deviations sum to 0."""
    freedom = x.size / (y.size or 1) - ddof
    deviation = x - x.mean(axis=axis, keepdims=True)
    if x.dtype.kind == "c":
        deviation = deviation.conj()
    return kept(dy * (2 / freedom if freedom > 0 else np.nan), x, axis) * deviation


def std_x(
    dy: Any, y: Any, x: Any, *, axis: Any = None, ddof: float = 0, keepdims: Any = False
) -> Any:
    """The variance's gradient by ``2 std``, and 0 where all elements are equal."""
    flat = y == 0
    half = np.where(flat, 0, dy / np.where(flat, 1, y)) / 2
    return var_x(half, y, x, axis=axis, ddof=ddof, keepdims=keepdims)


@differentiable(x=var_x, cases=CASES, hint=HINT)
def var(x: Any, *, axis: Any = None, ddof: float = 0, keepdims: Any = False) -> Any:
    """Variance, ``sum(abs(x - mean)**2) / (n - ddof)``."""
    return x.var(axis=axis, ddof=ddof, keepdims=keepdims)


@differentiable(
    x=std_x,
    cases=CASES,
    hint=HINT,
    kinks=[Kink(at=([2.0, 2.0, 2.0],), gradients=([0.0, 0.0, 0.0],))],
)
def std(x: Any, *, axis: Any = None, ddof: float = 0, keepdims: Any = False) -> Any:
    """Standard deviation, the root of the variance; where that is 0 the gradient is 0.

    Examples
    --------
    >>> import numpy as np
    >>> import tinygrad_edu as tg
    >>> x = tg.Tensor([1.0, 3.0], requires_grad=True)
    >>> np.std(x).backward()
    >>> x.grad.tolist()
    [-0.5, 0.5]
    """
    return x.std(axis=axis, ddof=ddof, keepdims=keepdims)


def spread_of(op: Callable[..., Any], after: Callable[..., Any]) -> Any:
    """Give ``var`` or ``std`` all that NumPy's functions take."""

    def compute(
        a: Any,
        axis: Any = None,
        dtype: Any = None,
        out: Any = None,
        ddof: float = 0,
        keepdims: Any = False,
        *,
        where: Any = True,
        mean: Any = None,
        correction: Any = None,
    ) -> Any:
        refuse(op.__name__, out=out)
        if correction is not None:
            if ddof:
                raise ValueError("ddof and correction are two names for one thing: give one")
            ddof = correction
        a = as_array(a)
        if dtype is not None and a.dtype.kind == "c" != np.dtype(dtype).kind:
            refuse(op.__name__, dtype=dtype)
        a = converted(a, dtype)
        if where is True and mean is None:
            return op(a, axis=axis, ddof=ddof, keepdims=keepdims)
        return after(masked_var(a, axis, ddof, keepdims, where, mean))

    return compute


def masked_var(a: Any, axis: Any, ddof: float, keepdims: Any, where: Any, mean: Any) -> Any:
    """Variance of the elements under a mask, or about a mean that is known already."""
    freedom = counted(where, a, axis, keepdims) - ddof
    if (freedom <= 0).any():
        warnings.warn("Degrees of freedom <= 0 for slice", RuntimeWarning, stacklevel=3)
    if mean is None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            mean = np.mean(a, axis=axis, keepdims=True, where=where)
    deviation = np.where(where, np.where(where, a, 0) - mean, 0)
    square = deviation * deviation
    if a.dtype.kind == "c":
        square = (deviation * deviation.conj()).real
    with np.errstate(invalid="ignore", divide="ignore"):
        y = square.sum(axis=axis, keepdims=keepdims) / np.where(freedom > 0, freedom, np.nan)
    return converted(y, np.abs(np.empty(0, a.dtype)).dtype)


def safe_root(x: Any) -> Any:
    """The square root, with gradient 0 at 0."""
    return np.where(x == 0, 0, np.sqrt(np.where(x == 0, 1, x)))


composes(np.var)(spread_of(var, lambda y: y))
composes(np.std)(spread_of(std, safe_root))


@composes(np.ptp)
def ptp(a: Any, axis: Any = None, out: Any = None, keepdims: Any = False) -> Any:
    """``np.ptp``: the largest element less the smallest."""
    refuse("ptp", out=out)
    return np.max(a, axis=axis, keepdims=keepdims) - np.min(a, axis=axis, keepdims=keepdims)


@composes(np.average)
def average(
    a: Any, axis: Any = None, weights: Any = None, returned: bool = False, *, keepdims: Any = False
) -> Any:
    """``np.average``: ``sum(weights * a) / sum(weights)``."""
    a = as_array(a)
    if weights is None:
        y = np.mean(a, axis=axis, keepdims=keepdims)
        return (y, np.ones_like(y) * (a.size / (y.size or 1))) if returned else y
    w = as_array(weights)
    if w.shape != a.shape:
        w = w.reshape(beside(a, axis, w))
    scale = w.sum(axis=axis, keepdims=keepdims)
    if (plain(scale) == 0).any():
        raise ZeroDivisionError("the weights of an average sum to zero, and cannot be normalized")
    y = (a * w).sum(axis=axis, keepdims=keepdims) / scale
    return (y, np.broadcast_to(scale, y.shape)) if returned else y


def beside(a: Any, axis: Any, weights: Any) -> tuple[int, ...]:
    """Find the shape in which weights for some axes stand beside the whole array."""
    if axis is None:
        raise TypeError(
            f"weights of shape {weights.shape} for {a.shape}: say which axis= they are for"
        )
    axes = axis if isinstance(axis, tuple) else (axis,)
    shape = [1] * a.ndim
    for i, n in zip(axes, weights.shape):
        shape[i] = n
    if weights.shape != tuple(a.shape[i] for i in axes):
        raise ValueError(f"weights of shape {weights.shape} do not fit axes {axes} of {a.shape}")
    return tuple(shape)


# ------------------------------------------------------------------------------ without NaN
def number(x: Any) -> Any:
    """Mark what is not NaN."""
    return ~np.isnan(plain(x))


def without_nan(function: Callable[..., Any], neutral: int) -> Any:
    """Make the form of ``np.sum`` or ``np.prod`` in which NaN changes nothing."""

    def compute(a: Any, *args: Any, **settings: Any) -> Any:
        a = as_array(a)
        return function(np.where(number(a), a, neutral), *args, **settings)

    return compute


def under_mask(function: Callable[..., Any]) -> Any:
    """Make the form of ``np.mean``, ``np.var`` or ``np.std`` that passes over NaN."""

    def compute(a: Any, *args: Any, where: Any = True, **settings: Any) -> Any:
        a = as_array(a)
        return function(a, *args, where=number(a) & plain(where), **settings)

    return compute


composes(np.nansum)(without_nan(np.sum, 0))
composes(np.nanprod)(without_nan(np.prod, 1))
composes(np.nanmean)(under_mask(np.mean))
composes(np.nanvar)(under_mask(np.var))
composes(np.nanstd)(under_mask(np.std))


# ----------------------------------------------------------------------- how two things vary
@composes(np.cov)
def cov(
    m: Any,
    y: Any = None,
    rowvar: bool = True,
    bias: bool = False,
    ddof: Any = None,
    fweights: Any = None,
    aweights: Any = None,
    *,
    dtype: Any = None,
) -> Any:
    """``np.cov``: how every two variables vary together, ``x @ x.T / (n - ddof)`` of deviations."""
    refuse("cov", fweights=fweights, aweights=aweights)
    x = variables(m, rowvar, dtype)
    if y is not None:
        x = np.concatenate([x, variables(y, rowvar, dtype)], axis=0)
    ddof = (0 if bias else 1) if ddof is None else ddof
    freedom = x.shape[1] - ddof
    if freedom <= 0:
        warnings.warn("Degrees of freedom <= 0 for slice", RuntimeWarning, stacklevel=2)
    deviation = x - x.mean(axis=1, keepdims=True)
    other = deviation.conj() if x.dtype.kind == "c" else deviation
    with np.errstate(invalid="ignore"):
        return (deviation @ other.T * (1 / freedom if freedom > 0 else np.inf)).squeeze()


A_ROW_STAYS = np.cov(np.eye(2)[:1], rowvar=False, bias=True).ndim == 0
"""NumPy did not transpose a matrix of one row, whatever ``rowvar`` said, until it was mended."""


def variables(m: Any, rowvar: bool, dtype: Any) -> Any:
    """Lay variables out as the rows of a matrix of floats."""
    m = as_array(m)
    m = converted(m, dtype or np.result_type(m.dtype, float))
    if m.ndim > 2:
        raise ValueError(f"cov takes rows of observations, not shape {m.shape}")
    if m.ndim < 2:
        return m.reshape((1, -1))
    return m if rowvar or (m.shape[0] == 1 and A_ROW_STAYS) else m.T


@composes(np.corrcoef)
def corrcoef(x: Any, y: Any = None, rowvar: bool = True, *, dtype: Any = None) -> Any:
    """``np.corrcoef``: the covariances, divided by both standard deviations."""
    c = cov(x, y, rowvar, dtype=dtype)
    if c.ndim == 0:
        return c / c
    variance = np.diagonal(c)
    scale = np.sqrt(variance.real if c.dtype.kind == "c" else variance)
    return c / scale[:, None] / scale[None, :]
