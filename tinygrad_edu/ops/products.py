"""Products of vectors, matrices and arrays under NumPy's many names.

None of them needs a rule: each is a few reshapes around a matrix product or an elementwise one, and
those have theirs. Where NumPy conjugates the first operand (`vdot`, `vecdot`, `vecmat`), so does
the composition.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np

from tinygrad_edu.dispatch import implements
from tinygrad_edu.ops.linalg import conj, matmul
from tinygrad_edu.ops.refuse import refuse
from tinygrad_edu.ops.shape import (
    as_array,
    matrix_transpose,
    reshape,
    stack,
    transpose,
)


def flat(x: Any) -> Any:
    """Return the elements in one row."""
    return reshape(x, shape=(-1,))


def axis_to_end(x: Any, axis: int) -> Any:
    """Return ``x`` with one axis moved behind all the others."""
    axis = axis_number(axis, x.ndim)
    if axis == x.ndim - 1:
        return x
    return transpose(x, axes=(*range(axis), *range(axis + 1, x.ndim), axis))


def axis_from_end(x: Any, axis: int) -> Any:
    """Undo `axis_to_end`."""
    axis = axis_number(axis, x.ndim)
    if axis == x.ndim - 1:
        return x
    return transpose(x, axes=(*range(axis), x.ndim - 1, *range(axis, x.ndim - 1)))


def axis_number(axis: int, ndim: int) -> int:
    """Count an axis from the front, and refuse one that is not there."""
    if not -ndim <= axis < ndim:
        raise np.exceptions.AxisError(axis, ndim)
    return axis % ndim


implements(np.linalg.matmul)(matmul)
implements(np.linalg.matrix_transpose)(matrix_transpose)


# ------------------------------------------------------------------------- sums of products
@implements(np.dot)
def dot(a: Any, b: Any, out: Any = None) -> Any:
    """``np.dot``: over the last axis of ``a`` and the second-to-last of ``b``.

    Shapes: (..., k) and (k,) to (...); (..., k) and (*rest, k, n) to (..., *rest, n); a number
    multiplies.

    Examples
    --------
    >>> import numpy as np
    >>> import tinygrad_edu as tg
    >>> np.dot(tg.Tensor([1.0, 2.0]), [3.0, 4.0])
    Tensor(11., shape=(), dtype=float64)
    """
    refuse("dot", out=out)
    a, b = as_array(a), as_array(b)
    if a.ndim == 0 or b.ndim == 0:
        return a * b
    return matmul(a, b) if b.ndim <= 2 else tensordot(a, b, axes=(-1, -2))


@implements(np.vdot)
def vdot(a: Any, b: Any) -> Any:
    """``np.vdot``: the sum of ``conj(a) * b`` over all the elements, in rows."""
    return matmul(conj(flat(as_array(a))), flat(as_array(b)))


@implements(np.inner)
def inner(a: Any, b: Any) -> Any:
    """``np.inner``: over the last axes of both; a number multiplies."""
    a, b = as_array(a), as_array(b)
    return a * b if a.ndim == 0 or b.ndim == 0 else tensordot(a, b, axes=(-1, -1))


def vecdot(a: Any, b: Any) -> Any:
    """``np.vecdot``: the sum of ``conj(a) * b`` over the last axes, which broadcast before it."""
    a, b = as_array(a), as_array(b)
    return matmul(conj(a)[..., None, :], b[..., None])[..., 0, 0]


def matvec(a: Any, x: Any) -> Any:
    """``np.matvec``: every matrix of a stack times its vector."""
    return matmul(as_array(a), as_array(x)[..., None])[..., 0]


def vecmat(x: Any, a: Any) -> Any:
    """``np.vecmat``: every vector, conjugated, times its matrix of a stack."""
    return matmul(conj(as_array(x))[..., None, :], as_array(a))[..., 0, :]


implements(np.vecdot)(vecdot)
for name, ours in (("matvec", matvec), ("vecmat", vecmat)):  # NumPy has them since 2.2
    if hasattr(np, name):
        implements(getattr(np, name))(ours)


@implements(np.linalg.vecdot)
def linalg_vecdot(x1: Any, x2: Any, /, *, axis: int = -1) -> Any:
    """``np.linalg.vecdot``: `vecdot` along any one axis."""
    return vecdot(axis_to_end(as_array(x1), axis), axis_to_end(as_array(x2), axis))


@implements(np.tensordot, np.linalg.tensordot)
def tensordot(a: Any, b: Any, axes: Any = 2) -> Any:
    """``np.tensordot``: over pairs of axes, or the last of ``a`` and the first of ``b``.

    The axes that are summed over become one, at the end of ``a`` and the start of ``b``; the rest
    is a matrix product.

    Raises
    ------
    ValueError
        If the axes do not come in pairs of the same size.
    """
    a, b = as_array(a), as_array(b)
    if not np.iterable(axes):
        axes = (range(-axes, 0), range(axes))
    of_a, of_b = (
        [axis_number(axis, x.ndim) for axis in (given if np.iterable(given) else (given,))]
        for given, x in zip(axes, (a, b))
    )
    summed = [a.shape[axis] for axis in of_a]
    if summed != [b.shape[axis] for axis in of_b]:
        raise ValueError(
            f"tensordot sums over axes {of_a} of shape {a.shape} and {of_b} of shape {b.shape}, "
            f"whose sizes differ"
        )
    free_a = [axis for axis in range(a.ndim) if axis not in of_a]
    free_b = [axis for axis in range(b.ndim) if axis not in of_b]
    rows, columns = [a.shape[axis] for axis in free_a], [b.shape[axis] for axis in free_b]
    left = reshape(arranged(a, free_a + of_a), shape=(prod(rows), prod(summed)))
    right = reshape(arranged(b, of_b + free_b), shape=(prod(summed), prod(columns)))
    return reshape(matmul(left, right), shape=(*rows, *columns))


def arranged(x: Any, axes: list[int]) -> Any:
    """Return ``x`` with its axes in this order; ``x`` itself if that is the order they are in."""
    return x if axes == list(range(x.ndim)) else transpose(x, axes=tuple(axes))


@implements(np.linalg.multi_dot)
def multi_dot(arrays: Sequence[Any], *, out: Any = None) -> Any:
    """``np.linalg.multi_dot``: a product of matrices, in the order that takes the least work.

    The first and the last may be vectors.

    References
    ----------
    Cormen, Leiserson, Rivest, Stein, Introduction to Algorithms, section 15.2.
    """
    refuse("linalg.multi_dot", out=out)
    factors = [as_array(x) for x in arrays]
    if len(factors) < 2:
        raise ValueError(f"multi_dot takes at least two matrices, not {len(factors)}")
    if any(x.ndim != 2 for x in factors[1:-1]) or not {factors[0].ndim, factors[-1].ndim} <= {1, 2}:
        raise np.linalg.LinAlgError(
            f"multi_dot takes matrices, and vectors as first and last, not shapes "
            f"{', '.join(str(x.shape) for x in factors)}"
        )
    first = factors[0].shape if factors[0].ndim == 2 else (1, *factors[0].shape)
    sizes = [*first, *(x.shape[-1] if x.ndim == 2 else 1 for x in factors[1:])]
    best: dict[tuple[int, int], tuple[int, int]] = {(i, i): (0, i) for i in range(len(factors))}
    for length in range(1, len(factors)):
        for i in range(len(factors) - length):
            j = i + length
            best[i, j] = min(
                (best[i, k][0] + best[k + 1, j][0] + sizes[i] * sizes[k + 1] * sizes[j + 1], k)
                for k in range(i, j)
            )

    def product(i: int, j: int) -> Any:
        k = best[i, j][1]
        return factors[i] if i == j else matmul(product(i, k), product(k + 1, j))

    return product(0, len(factors) - 1)


# -------------------------------------------------------- all products of the one and the other
@implements(np.outer)
def outer(a: Any, b: Any, out: Any = None) -> Any:
    """``np.outer``: every element of ``a``, as a column, times every one of ``b``, as a row."""
    refuse("outer", out=out)
    return flat(as_array(a))[:, None] * flat(as_array(b))


@implements(np.linalg.outer)
def linalg_outer(x1: Any, x2: Any, /) -> Any:
    """``np.linalg.outer``: `outer` of two vectors."""
    x1, x2 = as_array(x1), as_array(x2)
    if x1.ndim != 1 or x2.ndim != 1:
        raise ValueError(f"linalg.outer takes vectors, not shapes {x1.shape} and {x2.shape}")
    return outer(x1, x2)


@implements(np.kron)
def kron(a: Any, b: Any) -> Any:
    """``np.kron``: blocks of ``b``, one for each element of ``a``."""
    a, b = as_array(a), as_array(b)
    ndim = max(a.ndim, b.ndim)
    of_a = (1,) * (ndim - a.ndim) + a.shape
    of_b = (1,) * (ndim - b.ndim) + b.shape
    spread_a = reshape(a, shape=tuple(size for n in of_a for size in (n, 1)))
    spread_b = reshape(b, shape=tuple(size for n in of_b for size in (1, n)))
    return reshape(spread_a * spread_b, shape=tuple(n * m for n, m in zip(of_a, of_b)))


# ------------------------------------------------------------------------------ cross product
@implements(np.cross)
def cross(
    a: Any, b: Any, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None
) -> Any:
    """``np.cross``: the vector at right angles to two, as long as the area they span.

    Shapes: the axes of the vectors have size 3, the others broadcast. (Vectors of size 2, which
    NumPy gave up in 2.0, are refused.)
    """
    if axis is not None:
        axisa = axisb = axisc = axis
    a, b = axis_to_end(as_array(a), axisa), axis_to_end(as_array(b), axisb)
    if a.shape[-1] != 3 or b.shape[-1] != 3:
        raise ValueError(f"cross takes vectors of size 3, not {a.shape[-1]} and {b.shape[-1]}")
    (a0, a1, a2), (b0, b1, b2) = ((x[..., 0], x[..., 1], x[..., 2]) for x in (a, b))
    y = stack(a1 * b2 - a2 * b1, a2 * b0 - a0 * b2, a0 * b1 - a1 * b0, axis=-1)
    return axis_from_end(y, axisc)


@implements(np.linalg.cross)
def linalg_cross(x1: Any, x2: Any, /, *, axis: int = -1) -> Any:
    """``np.linalg.cross``: `cross` along one axis of both."""
    return cross(x1, x2, axis=axis)
