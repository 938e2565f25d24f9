"""Logarithms and exponentials that neither overflow nor lose digits: softmax, logsumexp and kin.

Each is a short formula that fails in floating point when written down as it stands, and the same
formula rearranged. They are finite and without warnings for all finite arguments.

Where a choice is to be made between minus infinities only, there is none: `softmax` gives 0
everywhere, `logsumexp` minus infinity, and its gradient is 0. (PyTorch gives NaN.)
"""

from __future__ import annotations

from math import log as ln
from typing import Any

import numpy as np

from tinygrad_edu.cases import Kink, case
from tinygrad_edu.op import differentiable
from tinygrad_edu.ops.activation import sigmoid
from tinygrad_edu.ops.arithmetic import HINT, pairs
from tinygrad_edu.ops.dispatched import rarely
from tinygrad_edu.ops.elementwise import elements
from tinygrad_edu.ops.reduce import kept

expit = sigmoid


# ------------------------------------------------------------------------------- elementwise
@differentiable(x=lambda dy, y, x: dy * sigmoid(x), cases=elements())
def softplus(x: Any) -> Any:
    """Smooth version of relu, elementwise: ``log(1 + exp(x))``, as ``np.logaddexp(0, x)``.

    References
    ----------
    Dugas et al., Incorporating second-order functional knowledge for better option pricing, NIPS
    (2000).

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.special.softplus(tg.Tensor([-1000.0, 0.0, 1000.0]))
    Tensor([0.00000000e+00, 6.93147181e-01, 1.00000000e+03], shape=(3,), dtype=float64)
    """
    if x.dtype.kind != "f":
        return np.logaddexp(0, x)
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))  # np.logaddexp takes 12 times as long


@differentiable(x=lambda dy, y, x: dy * sigmoid(-x), cases=elements())
def log_sigmoid(x: Any) -> Any:
    """Logarithm of `sigmoid`, elementwise: ``-log(1 + exp(-x))``.

    Source: minus `softplus` of ``-x``.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.special.log_sigmoid(tg.Tensor([-1000.0, 0.0]))
    Tensor([-1.00000000e+03, -6.93147181e-01], shape=(2,), dtype=float64)
    """
    if x.dtype.kind != "f":
        return -np.logaddexp(0, -1.0 * x)
    return np.minimum(x, 0) - np.log1p(np.exp(-np.abs(x)))


@differentiable(x=lambda dy, y, x: dy / (x * (1 - x)), cases=elements(low=0.1, high=0.9))
@np.errstate(divide="ignore")  # of 0 and 1, it is infinite
def logit(x: Any) -> Any:
    """Inverse of `sigmoid`, elementwise: ``log(x / (1 - x))``.

    Near 1/2, where it is 0, it is computed as ``2 arctanh(2x - 1)``.

    References
    ----------
    Berkson, Application of the logistic function to bio-assay, J. Amer. Statist. Assoc. 39 (1944).

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.special.logit(tg.Tensor([0.0, 0.5, 0.9]))
    Tensor([      -inf, 0.        , 2.19722458], shape=(3,), dtype=float64)
    """
    middle = (x > 0.25) & (x < 0.75)
    return np.where(
        middle, 2 * np.arctanh(2 * np.where(middle, x, 0.5) - 1), np.log(x) - np.log1p(-x)
    )


@differentiable(x=lambda dy, y, x: dy * np.exp(-x - y), cases=elements(low=0.1, high=3))
@np.errstate(divide="ignore")  # of 0, it is minus infinity
def log1mexp(x: Any) -> Any:
    """``log(1 - exp(-x))``, elementwise, for x >= 0.

    References
    ----------
    Mächler, Accurately computing ``log(1 - exp(-|a|))``, the R package Rmpfr (2012).

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.special.log1mexp(tg.Tensor([0.0, 1e-10, 50.0]))
    Tensor([           -inf, -2.30258509e+01, -1.92874985e-22], shape=(3,), dtype=float64)
    """
    near = x < ln(2)
    return np.where(
        near,
        np.log(-np.expm1(-np.where(near, x, 1))),
        np.log1p(-np.exp(-np.where(near, 1, x))),
    )


# ------------------------------------------------------------------------------- two operands
def xlogy_x(dy: Any, y: Any, x: Any, a: Any) -> Any:
    """Log a, and 0 at x = 0 where there is no logarithm."""
    return dy * np.log(np.where((x == 0) & (a <= 0), 1, a))


def xlogy_y(dy: Any, y: Any, x: Any, a: Any) -> Any:
    """X / a, and 0 where both are 0."""
    return dy * (x / np.where((x == 0) & (a == 0), 1, a))


@differentiable(
    x=xlogy_x,
    y=xlogy_y,
    cases=pairs(low=0.1),
    hint=HINT,
    kinks=[
        Kink(at=(0.0, 0.0), gradients=(0.0, 0.0)),
        Kink(at=(0.0, 0.5), gradients=(np.log(0.5), 0.0)),
        Kink(at=(0.0, 2.0), gradients=(np.log(2.0), 0.0)),
    ],
)
def xlogy(x: Any, y: Any) -> Any:
    """``x * log(y)``, elementwise, and 0 where x is 0, even if y is.

    Source: as ``scipy.special.xlogy``.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.special.xlogy(tg.Tensor([0.0, 1.0]), tg.Tensor([0.0, 1.0]))
    Tensor([0., 0.], shape=(2,), dtype=float64)
    """
    dtype = np.result_type(x, y)
    x, y = (
        a.astype(dtype, copy=False) if hasattr(a, "dtype") else np.asarray(a, dtype) for a in (x, y)
    )
    return x * np.log(np.where((x == 0) & (y == y), 1, y))  # unless y is NaN


# ----------------------------------------------------------------------------- along an axis
AXES = [
    case((3,), axis=-1), case((2, 3), axis=0), case((2, 3), axis=-1), case((2, 3, 2), axis=1),
    case((2, 3, 2), axis=(0, 2)), case((2, 3), axis=None), case((0, 3), axis=1),
    case((1, 3), axis=0),
]  # fmt: skip
AXIS_HINT = "the axes of an array of n axes are 0 to n-1, or -n to -1 counted from the end"


def below_the_top(x: Any, axis: Any) -> tuple[Any, Any]:
    """Return ``x`` minus its largest element, and that element; its own difference is 0.

    If the largest is minus infinity, so are all differences.
    """
    top = x.max(axis=axis, keepdims=True, initial=-np.inf)
    with np.errstate(over="ignore", invalid="ignore"):
        difference = np.subtract(x, top, out=np.empty_like(x))
    rarely(~np.isfinite(top), below_infinity, difference, x, top)
    return difference, top


def below_infinity(difference: Any, x: Any, top: Any) -> None:
    """Mend the differences from what is infinite."""
    difference[...] = np.where(x == top, np.where(top == -np.inf, x, 0), difference)


def log_of_sum(difference: Any, axis: Any) -> Any:
    """Log of the sum of the exponentials; the largest, each of them 1, are counted beforehand."""
    is_top = difference == 0
    count = np.maximum(is_top.sum(axis=axis, keepdims=True, dtype=difference.dtype), 1)
    others = np.where(is_top, 0, np.exp(difference)).sum(axis=axis, keepdims=True)
    return np.log(count) + np.log1p(others / count)


def floats(x: Any) -> Any:
    """``x`` as an array of real floating-point numbers."""
    x = x if hasattr(x, "dtype") else np.asarray(x)
    if x.dtype.kind == "c":
        raise TypeError("complex numbers have no largest among them")
    return x if x.dtype.kind == "f" else x.astype(np.float64)


def logsumexp_x(dy: Any, y: Any, x: Any, *, axis: Any = None, keepdims: bool = False) -> Any:
    """To each element, its share of the sum."""
    return kept(dy, x, axis) * softmax(x, axis=axis)


@differentiable(
    x=logsumexp_x,
    cases=[*AXES[:-1], case((2, 3), axis=0, keepdims=True), case(())],
    hint=AXIS_HINT,
)
def logsumexp(x: Any, *, axis: Any = None, keepdims: bool = False) -> Any:
    """``log(sum(exp(x)))`` over the given axes; minus infinity if there is nothing to sum.

    With the largest element split off, ``m + log(count) + log1p(sum of the others / count)``.

    Shapes: any; the result without the given axes, or with 1 in their places (``keepdims``).

    Raises
    ------
    TypeError
        If the numbers are complex.

    References
    ----------
    Blanchard, Higham and Higham, Accurately computing the log-sum-exp and softmax functions,
    IMA J. Numer. Anal. 41 (2021).

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.special.logsumexp(tg.Tensor([1e4, 1e4, -1e4]))
    Tensor(10000.69314718, shape=(), dtype=float64)
    """
    x = floats(x)
    difference, top = below_the_top(x, axis)
    y = top + log_of_sum(difference, axis)
    return y if keepdims else np.squeeze(y, axis=axis)


def softmax_x(dy: Any, y: Any, x: Any, *, axis: Any = -1) -> Any:
    """Y times what is left of dy when its average, weighted with y, is taken away."""
    return y * (dy - (dy * y).sum(axis=axis, keepdims=True))


@differentiable(x=softmax_x, cases=AXES, hint=AXIS_HINT)
def softmax(x: Any, *, axis: Any = -1) -> Any:
    """``exp(x) / sum(exp(x))`` over the given axes: positive numbers that add up to 1.

    Shapes: any; the result alike.

    Raises
    ------
    TypeError
        If the numbers are complex.

    References
    ----------
    Bridle, Probabilistic interpretation of feedforward classification network outputs (1990).

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.special.softmax(tg.Tensor([1e4, 1e4, -1e4]))
    Tensor([0.5, 0.5, 0. ], shape=(3,), dtype=float64)
    """
    y = np.exp(below_the_top(floats(x), axis)[0])
    total = y.sum(axis=axis, keepdims=True)
    return y / np.where(total == 0, 1, total)


def log_softmax_of_rows(x: Any) -> Any:
    """`log_softmax` of the rows of a matrix, or None if the largest element of one is not finite.

    Less general, and quicker: 14 microseconds instead of 24 for (128, 10). One of the largest
    elements is set aside, so that the sum of the others' exponentials keeps its digits.
    """
    rows, top = np.arange(len(x)), x.argmax(axis=1)
    largest = x[rows, top]
    if not np.isfinite(largest).all():
        return None
    with np.errstate(over="ignore"):
        y = x - largest[:, None]
    others = np.exp(y)
    others[rows, top] = 0
    y -= np.log1p(others.sum(axis=1, keepdims=True))
    return y


def log_softmax_x(dy: Any, y: Any, x: Any, *, axis: Any = -1) -> Any:
    """Dy less its sum, shared out by softmax."""
    return dy - np.exp(y) * dy.sum(axis=axis, keepdims=True)


@differentiable(x=log_softmax_x, cases=AXES, hint=AXIS_HINT)
def log_softmax(x: Any, *, axis: Any = -1) -> Any:
    """Logarithm of `softmax`: ``x - logsumexp(x)`` over the given axes.

    Shapes: any; the result alike.

    Raises
    ------
    TypeError
        If the numbers are complex.

    References
    ----------
    Blanchard, Higham and Higham; see `logsumexp`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.special.log_softmax(tg.Tensor([0.0, -1000.0]))
    Tensor([    0., -1000.], shape=(2,), dtype=float64)
    """
    x = floats(x)
    if x.size and axis in (-1, x.ndim - 1):
        y = log_softmax_of_rows(x.reshape(-1, x.shape[-1]))
        if y is not None:
            return y.reshape(x.shape)
    difference, _ = below_the_top(x, axis)
    return difference - log_of_sum(difference, axis)
