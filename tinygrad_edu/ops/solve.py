"""Equations and inverses.

The inverse's rule says it all: from ``x @ x^-1 = 1`` follows ``d(x^-1) = -x^-1 dx x^-1``. Solving
equations is the same without ever forming the inverse.
"""

from __future__ import annotations

from math import prod
from operator import index
from typing import Any

import numpy as np

from tinygrad_edu.cases import case
from tinygrad_edu.dispatch import implements
from tinygrad_edu.op import differentiable
from tinygrad_edu.ops.decompose import from_triangle, svdvals
from tinygrad_edu.ops.index import where
from tinygrad_edu.ops.linalg import adjoint, conj, matmul, real
from tinygrad_edu.ops.shape import as_array, clone, reshape, transpose

SQUARE = "the last two axes must be of one size: a square matrix, or a stack of them"
REGULAR = [[2.0, 1.0, 0.5], [-1.0, 3.0, 0.25], [0.5, -0.5, 1.5]]
STACK = [[[2.0, 1.0], [0.5, -1.0]], [[1.0, -0.5], [1.5, 2.0]]]
NOT_GIVEN = object()


# ----------------------------------------------------------------------- equations and inverses
def solve_a(dy: Any, y: Any, a: Any, b: Any) -> Any:
    """Minus the outer product of the gradient for ``b`` with the solution."""
    db = solve_b(dy, y, a, b)
    return -(db[..., None] * y[..., None, :]) if b.ndim == 1 else -matmul(db, y.mT)


def solve_b(dy: Any, y: Any, a: Any, b: Any) -> Any:
    """Solve the transposed equations."""
    if b.ndim == 1:
        return solve(a.mT, dy[..., None])[..., 0]
    return solve(a.mT, dy)


@implements(np.linalg.inv)
@differentiable(
    a=lambda dy, y, a: -matmul(y.mT, matmul(dy, y.mT)),
    cases=[case(REGULAR), case(STACK), case([[2.0]]), case([[[4.0]], [[-0.5]]]), case((0, 0)),
           case([[1.0, 2.0], [3.0, 5.0]]), case((0, 2, 2)), case([STACK, STACK])],
    hint=SQUARE,
)  # fmt: skip
def inv(a: Any) -> Any:
    """Inverse of every matrix in a stack, as ``np.linalg.inv``. A singular one is an error."""
    return np.linalg.inv(a)


@implements(np.linalg.solve)
@differentiable(
    a=solve_a,
    b=solve_b,
    cases=[case(REGULAR, (3,)), case(REGULAR, (3, 2)), case(STACK, (2, 2, 3)), case(STACK, (2,)),
           case(STACK, (2, 3)), case([[2.0]], (1,)), case(REGULAR, (4, 3, 1)), case((0, 0), (0,)),
           case(REGULAR, (3, 0))],
    hint="a is (..., n, n); b is (n,) or (..., n, k); a vector of each matrix's own is (..., n, 1)",
)  # fmt: skip
def solve(a: Any, b: Any) -> Any:
    """Solution ``x`` of ``a @ x = b``, as ``np.linalg.solve``; vectors only if ``b`` is (n,)."""
    return np.linalg.solve(a, b)


@implements(np.linalg.tensorsolve)
def tensorsolve(a: Any, b: Any, axes: Any = None) -> Any:
    """``np.linalg.tensorsolve``: ``x`` of ``tensordot(a, x, x.ndim) = b``."""
    a, b = as_array(a), as_array(b)
    if axes is not None:
        last = [axis % a.ndim for axis in axes]
        a = transpose(a, axes=(*(i for i in range(a.ndim) if i not in last), *last))
    shape = a.shape[b.ndim :]
    if prod(shape) != b.size or a.size != b.size**2:
        raise ValueError(
            f"tensorsolve: as a matrix, a of shape {a.shape} would be ({a.size // max(b.size, 1)}, "
            f"{prod(shape)}) for b of shape {b.shape}; it must be square"
        )
    return reshape(solve(reshape(a, shape=(b.size, b.size)), reshape(b, shape=(-1,))), shape=shape)


@implements(np.linalg.tensorinv)
def tensorinv(a: Any, ind: int = 2) -> Any:
    """``np.linalg.tensorinv``: the inverse of a matrix whose rows are the first ``ind`` axes."""
    a = as_array(a)
    if ind <= 0:
        raise ValueError(f"tensorinv: ind must be positive, not {ind}")
    columns, rows = a.shape[ind:], a.shape[:ind]
    return reshape(inv(reshape(a, shape=(prod(rows), prod(columns)))), shape=(*columns, *rows))


# -------------------------------------------------------------------------------- least squares
def pinv_a(dy: Any, y: Any, a: Any, *, rcond: Any = None) -> Any:
    """Golub and Pereyra's derivative, in which the rank stays as it is."""
    g, h = dy.mT, adjoint(y)
    of_rows = matmul(g - matmul(a, matmul(y, g)), matmul(y, h))
    of_columns = matmul(matmul(h, y), g - matmul(matmul(g, y), a))
    return conj(of_rows + of_columns) - matmul(matmul(y.mT, dy), y.mT)


@differentiable(
    name="pinv",
    a=pinv_a,
    cases=[case(REGULAR), case((3, 2)), case((2, 3)), case((2, 4, 2)), case((1, 3)), case((3, 1)),
           case((2, 1, 2, 3)), case((0, 3)), case((3, 2), rcond=1e-10)],
    hint="the last two axes are the matrix",
)  # fmt: skip
def pseudoinverse(a: Any, *, rcond: Any = None) -> Any:
    """Moore-Penrose inverse of every matrix in a stack.

    Its derivative is the one along matrices of the same rank, as nothing else has one: the inverse
    jumps where the rank does.

    References
    ----------
    Golub and Pereyra, The differentiation of pseudo-inverses and nonlinear least squares problems
    whose variables separate, SIAM J. Numer. Anal. 10 (1973), equation 4.12.
    """
    return np.linalg.pinv(a, rcond)


@implements(np.linalg.pinv)
def pinv(a: Any, rcond: Any = None, hermitian: bool = False, *, rtol: Any = NOT_GIVEN) -> Any:
    """``np.linalg.pinv``; with ``hermitian=True`` only the lower triangle is read."""
    a = as_array(a)
    if rcond is not None and rtol is not NOT_GIVEN:
        raise ValueError("pinv takes rcond or rtol, not both: they are two names of one thing")
    if rcond is None:
        rcond = 1e-15 if rtol is NOT_GIVEN else rtol
    if rcond is None:
        rcond = rounding(a)
    return pseudoinverse(from_triangle(a, "L") if hermitian else a, rcond=rcond)


def rounding(a: Any) -> Any:
    """Return the share of the largest singular value that rounding may leave of a zero."""
    return max(a.shape[-2:]) * np.finfo(np.result_type(a.dtype, np.float32)).eps


@implements(np.linalg.lstsq)
def lstsq(a: Any, b: Any, rcond: float | None = None) -> tuple[Any, Any, int, Any]:
    """``np.linalg.lstsq``: the ``x`` for which ``|a @ x - b|`` is least, by the pseudoinverse.

    Returns
    -------
    x, residuals, rank, singular values; the sums of squared residuals are empty, as in NumPy, if
    ``a`` has not full rank or no more rows than columns.
    """
    a, b = as_array(a), as_array(b)
    if a.ndim != 2 or b.ndim not in (1, 2):
        raise np.linalg.LinAlgError(
            f"lstsq takes a matrix and a vector or matrix, not shapes {a.shape} and {b.shape}"
        )
    if rcond is None or rcond < 0:
        rcond = rounding(a)
    x, s = matmul(pinv(a, rcond), b), svdvals(a)
    rank = int((s > rcond * s[:1]).sum())
    if rank < a.shape[1] or a.shape[0] <= a.shape[1]:
        return x, s[:0], rank, s
    wrong = b - matmul(a, x)
    return x, real(wrong * conj(wrong)).sum(axis=0).reshape(-1), rank, s


# -------------------------------------------------------------------------------------- powers
@implements(np.linalg.matrix_power)
def matrix_power(a: Any, n: int) -> Any:
    """``np.linalg.matrix_power``, by repeated squaring; a negative power inverts first."""
    a, n = as_array(a), index(n)
    if a.ndim < 2 or a.shape[-1] != a.shape[-2]:
        raise np.linalg.LinAlgError(f"matrix_power takes square matrices, not shape {a.shape}")
    if n == 0:  # chosen, not made, so that the result still knows where its gradient of 0 goes
        return where(True, np.eye(a.shape[-1], dtype=a.dtype), a)
    square = inv(a) if n < 0 else clone(a)
    result, n = None, abs(n)
    while True:
        if n % 2:
            result = square if result is None else matmul(result, square)
        n //= 2
        if n == 0:
            return result
        square = matmul(square, square)
