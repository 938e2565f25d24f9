"""Matrix products, and what the other files on linear algebra share.

Their rules keep one convention for complex numbers: ``dy`` is the gradient with respect to the real
part of ``y`` minus ``i`` times the one with respect to its imaginary part. Then what is analytic
has the same rule for real and complex numbers, without a conjugate; see ``products.py``,
``einsum.py``, ``solve.py``, ``decompose.py``, ``norm.py`` and ``fft.py``.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.cases import case
from tinygrad_edu.dispatch import implements
from tinygrad_edu.op import differentiable


def conj(x: Any) -> Any:
    """Return the complex conjugate; a real ``x`` itself, without a copy or a record."""
    return np.conj(x) if x.dtype.kind == "c" else x


def real(x: Any) -> Any:
    """Return the real part; a real ``x`` itself."""
    return np.real(x) if x.dtype.kind == "c" else x


def adjoint(x: Any) -> Any:
    """Return the conjugate transpose of each matrix in a stack."""
    return conj(x.mT)


def matmul_a(dy: Any, y: Any, a: Any, b: Any) -> Any:
    """``dy @ b.T``; a vector ``b`` gives an outer product, a vector ``a`` is a single row."""
    if b.ndim == 1:
        return dy[..., None] * b
    if a.ndim == 1:
        return (dy[..., None, :] @ b.mT)[..., 0, :]
    return matmul(dy, b.mT)


def matmul_b(dy: Any, y: Any, a: Any, b: Any) -> Any:
    """``a.T @ dy``; a vector ``a`` gives an outer product, a vector ``b`` is a single column."""
    if b.ndim == 1:
        return a * dy[..., None]
    if a.ndim == 1:
        return a[:, None] * dy[..., None, :]
    return matmul(a.mT, dy)


@implements(np.matmul)
@differentiable(
    symbol="@",
    a=matmul_a,
    b=matmul_b,
    cases=[
        case((2, 3), (3, 4)),
        case((3,), (3,)),
        case((2, 3), (3,)),
        case((3,), (3, 2)),
        case((4, 2, 3), (4, 3, 2)),
        case((4, 2, 3), (3, 2)),
        case((2, 1, 2, 3), (4, 3, 1)),
        case((3,), (2, 3, 2)),
        case((2, 2, 3), (3,)),
        case((2, 0), (0, 3)),
    ],
    hint="the last axis of a must be as long as the second-to-last of b; is a .T missing?",
)
def matmul(a: Any, b: Any) -> Any:
    """Matrix product, as ``a @ b``; of stacks of matrices, and of vectors, as in NumPy."""
    if a.ndim == 2 == b.ndim:
        return a.dot(b)  # the same product; the way there is twice as short on small matrices
    return np.matmul(a, b)
