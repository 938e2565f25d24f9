"""Lengths of vectors and matrices, and what else a matrix has a number for.

A norm has a kink at 0. The gradient promised there is 0, of all norms.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.cases import Kink, case
from tinygrad_edu.dispatch import implements
from tinygrad_edu.op import differentiable
from tinygrad_edu.ops.constant import constant
from tinygrad_edu.ops.decompose import svdvals
from tinygrad_edu.ops.diagonal import numpy_diagonal, trace as numpy_trace
from tinygrad_edu.ops.index import where
from tinygrad_edu.ops.linalg import conj
from tinygrad_edu.ops.products import arranged, axis_number
from tinygrad_edu.ops.reduce import kept
from tinygrad_edu.ops.shape import as_array, reshape
from tinygrad_edu.ops.solve import inv


def as_floats(x: Any) -> Any:
    """Return an array or a Tensor of floating-point numbers."""
    x = as_array(x)
    return x if x.dtype.kind in "fc" else x.astype(float)


def extreme(x: Any, ord: float, **settings: Any) -> Any:
    """Return the largest elements, of a positive order, or the smallest, of a negative one."""
    return x.max(**settings) if ord > 0 else x.min(**settings)


# --------------------------------------------------------------------------------------- vectors
def p_norm_x(
    dy: Any, y: Any, x: Any, *, axis: Any = None, keepdims: bool = False, ord: float = 2
) -> Any:
    """``conj(x) |x|^(p-2) / y^(p-1)``, and 0 where that is 0/0."""
    length = kept(y, x, axis)
    share = kept(dy, x, axis) * (conj(x) / where(length == 0, 1, length))
    if ord == 2:
        return share
    zero = (x == 0) | (length == 0)
    part = abs(where(zero, 1, x)) / where(length == 0, 1, length)
    return where(zero, 0, share * part ** (ord - 2))


@differentiable(
    name="norm",
    x=p_norm_x,
    cases=[case((3,)), case((2, 3)), case((2, 3), axis=0), case((2, 3), axis=(0, 1)),
           case((2, 3), axis=-1, keepdims=True), case((2, 3, 2), axis=(0, 2)), case((0, 3), axis=1),
           case([1.0, -2.0, 0.5], ord=3), case([[1.0, -2.0], [0.5, -1.5]], axis=1, ord=1.5),
           case([1.0, -2.0, 0.5], ord=-1)],
    hint="the axes of an array of n axes are 0 to n-1, or -n to -1 counted from the end",
    kinks=[Kink(at=([0.0, 0.0],), gradients=([0.0, 0.0],))],
)  # fmt: skip
def p_norm(x: Any, *, axis: Any = None, keepdims: bool = False, ord: float = 2) -> Any:
    """``sum(|x|^p)^(1/p)`` over the given axes; its gradient at 0 is promised to be 0."""
    return np.linalg.vector_norm(x, axis=axis, keepdims=keepdims, ord=ord)


@implements(np.linalg.vector_norm)
def vector_norm(
    x: Any, /, *, axis: Any = None, keepdims: bool = False, ord: float | None = 2
) -> Any:
    """``np.linalg.vector_norm``: of the elements along one axis, several, or all.

    Tied largest or smallest elements share the gradient of ``ord=inf`` and ``ord=-inf``; ``ord=0``
    counts elements and has none.

    Examples
    --------
    >>> import numpy as np
    >>> import tinygrad_edu as tg
    >>> x = tg.Tensor([3.0, 4.0], requires_grad=True)
    >>> np.linalg.vector_norm(x).backward()
    >>> x.grad
    Tensor([0.6, 0.8], shape=(2,), dtype=float64)
    """
    x = as_floats(x)
    if isinstance(ord, str):
        raise ValueError(f"Invalid norm order {ord!r} for vectors")
    if ord == 0:
        return constant(np.linalg.vector_norm)(x, axis=axis, keepdims=keepdims, ord=ord)
    if ord == 1:
        return abs(x).sum(axis=axis, keepdims=keepdims)
    if ord in (np.inf, -np.inf):
        return extreme(abs(x), ord, axis=axis, keepdims=keepdims)
    return p_norm(x, axis=axis, keepdims=keepdims, ord=2 if ord is None else ord)


# ---------------------------------------------------------------------------------------- matrices
@implements(np.linalg.matrix_norm)
def matrix_norm(x: Any, /, *, keepdims: bool = False, ord: Any = "fro") -> Any:
    """``np.linalg.matrix_norm``: of every matrix in a stack.

    Orders: ``fro``; 1, -1, inf, -inf, the largest or smallest sum of absolute values of a column or
    row; 2, -2, ``nuc``, the largest or smallest singular value or their sum.
    """
    x = as_floats(x)
    if ord in (None, "fro"):
        return vector_norm(x, axis=(-2, -1), keepdims=keepdims)
    if ord in (2, -2, "nuc"):
        s = svdvals(x)
        s = where(s == 0, 0, s)  # a zero matrix shall have the gradient 0
        y = s.sum(axis=-1) if ord == "nuc" else extreme(s, ord, axis=-1)
    elif ord in (1, -1, np.inf, -np.inf):
        sums = abs(x).sum(axis=-2 if abs(ord) == 1 else -1)
        y = extreme(sums, ord, axis=-1)
    else:
        raise ValueError(f"Invalid norm order {ord!r} for matrices")
    return reshape(y, shape=(*y.shape, 1, 1)) if keepdims else y


@implements(np.linalg.norm)
def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    """``np.linalg.norm``: a vector's if there is one axis, a matrix's if there are two.

    Without ``ord``, the square root of the sum of squares over the given axes, or all. The gradient
    at 0 is 0.
    """
    x = as_array(x)
    if axis is None:
        if ord is None:
            return vector_norm(x, keepdims=keepdims)
        axes = tuple(range(x.ndim))
    else:
        axes = tuple(axis_number(a, x.ndim) for a in (axis if np.iterable(axis) else (axis,)))
    if len(axes) == 1:
        return vector_norm(x, axis=axes[0], keepdims=keepdims, ord=ord)
    if len(axes) != 2:
        raise ValueError(f"norm is of vectors or matrices, not over {len(axes)} axes")
    if axes[0] == axes[1]:
        raise ValueError("norm: the two axes of a matrix must differ")
    others = [a for a in range(x.ndim) if a not in axes]
    y = matrix_norm(arranged(x, [*others, *axes]), ord=ord)
    if keepdims:
        return reshape(y, shape=tuple(1 if a in axes else n for a, n in enumerate(x.shape)))
    return y


@implements(np.linalg.cond)
def cond(x: Any, p: Any = None) -> Any:
    """``np.linalg.cond``: how much a matrix stretches some vectors more than others.

    The quotient of the largest and smallest singular value for ``p`` None, 2 and -2 (then the other
    way round); else ``norm(x, p) * norm(inv(x), p)``, and a LinAlgError for a singular matrix.
    """
    x = as_array(x)
    if x.ndim < 2 or 0 in x.shape[-2:]:
        raise np.linalg.LinAlgError(f"cond takes matrices that are not empty, not shape {x.shape}")
    if p not in (None, 2, -2):
        return matrix_norm(x, ord=p) * matrix_norm(inv(x), ord=p)
    s = svdvals(x)
    with np.errstate(divide="ignore"):
        return s[..., -1] / s[..., 0] if p == -2 else s[..., 0] / s[..., -1]


# ---------------------------------------------------------------------------------------- diagonals
@implements(np.linalg.diagonal)
def diagonal(x: Any, /, *, offset: int = 0) -> Any:
    """``np.linalg.diagonal``, of every matrix in a stack."""
    return numpy_diagonal(x, offset, -2, -1)


@implements(np.linalg.trace)
def trace(x: Any, /, *, offset: int = 0, dtype: Any = None) -> Any:
    """``np.linalg.trace``, the sum of the diagonal, of every matrix in a stack."""
    return numpy_trace(x, offset, -2, -1, dtype)
