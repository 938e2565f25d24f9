"""Determinants, right for singular matrices too.

The derivative of a determinant is the matrix of cofactors. Textbooks write ``det(a) * inv(a).T``,
which a singular matrix turns into 0 times infinity though its cofactors are ordinary numbers.
Singular values give them without a division; see `cofactor`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.cases import case
from tinygrad_edu.dispatch import implements
from tinygrad_edu.op import differentiable
from tinygrad_edu.ops.decompose import svd
from tinygrad_edu.ops.index import where
from tinygrad_edu.ops.linalg import adjoint, conj, matmul
from tinygrad_edu.ops.solve import REGULAR, SQUARE, STACK, inv

SINGULAR = [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]]
NOTHING = [[0.0, 0.0], [0.0, 0.0]]
CASES = [case(REGULAR), case(STACK), case([[2.0]]), case(SINGULAR), case(NOTHING),
         case([[1.0, 0.0], [0.0, 1.0]]), case((0, 2, 2)), case((0, 0)),
         case((2, 4, 4))]  # fmt: skip


def cofactor_a(dy: Any, y: Any, a: Any) -> Any:
    """Second derivatives of the determinant, in the basis where ``a`` is diagonal.

    There only those exist that belong to two diagonal elements, ``(i, i)`` and ``(k, k)``, or to
    two that mirror each other, ``(i, k)`` and ``(k, i)``: plus or minus the product of all singular
    values but the i-th and the k-th.
    """
    u, s, vh = svd(a)
    same = np.eye(a.shape[-1], dtype=bool)
    left_out = same[:, None, :] | same[None, :, :]
    others = np.prod(where(left_out, 1, s[..., None, None, :]), axis=-1)
    others = where(same, 0, others)
    there = matmul(matmul(adjoint(u), dy), adjoint(vh))
    diagonal = where(same, there, 0).sum(axis=-1, keepdims=True)
    there = where(same, matmul(others, diagonal), -others * there.mT)
    return unit_determinant(u, vh) * matmul(matmul(conj(u), there), conj(vh))


def unit_determinant(u: Any, vh: Any) -> Any:
    """Return the determinant of ``u @ vh``, of absolute value 1, with two more axes."""
    return (det(u) * det(vh))[..., None, None]


@differentiable(
    a=cofactor_a,
    cases=[case(REGULAR), case(STACK), case([[2.0]]), case(SINGULAR),
           case([[0.0, 1.0], [0.0, 0.0]]), case((0, 2, 2)), case((0, 0)), case((2, 4, 4)),
           case((2, 1, 3, 3))],
    hint=SQUARE,
)  # fmt: skip
def cofactor(a: Any) -> Any:
    """Matrix of cofactors: what the determinant gains for each element that grows by 1.

    For a regular matrix it is ``det(a) * inv(a).mT``. This is the same without a division, and so
    right for singular ones: with ``a = u @ diag(s) @ vh``, the products of all singular values but
    one, ``det(u @ vh) * conj(u) @ diag(prod(s) / s) @ conj(vh)``.

    Its own derivative is exact for every matrix as well; the one after that goes through `svd`, and
    is an error where singular values are equal.

    References
    ----------
    Giles, An extended collection of matrix derivative results for forward and reverse mode
    algorithmic differentiation (2008), section 2.2.4, for the regular case.
    """
    u, s, vh = np.linalg.svd(a)
    others = np.prod(np.where(np.eye(a.shape[-1], dtype=bool), 1, s[..., None, :]), axis=-1)
    product = np.matmul(u.conj() * others[..., None, :], vh.conj())
    return (np.linalg.det(u) * np.linalg.det(vh))[..., None, None] * product


@implements(np.linalg.det)
@differentiable(
    a=lambda dy, y, a: dy[..., None, None] * cofactor(a),
    cases=CASES,
    hint=SQUARE,
)
def det(a: Any) -> Any:
    """Determinant of every matrix in a stack, as ``np.linalg.det``; singular ones included."""
    return np.linalg.det(a)


def slogdet_a(dy: Any, y: Any, a: Any) -> Any:
    """The logarithm's derivative is the inverse; a complex sign turns with its imaginary part."""
    sign, _ = y
    dlog = dy[1]
    if a.dtype.kind == "c":
        dlog = dlog + 1j * np.imag(sign * dy[0])
    return dlog[..., None, None] * inv(a).mT


@implements(np.linalg.slogdet)
@differentiable(
    a=slogdet_a,
    cases=[case(REGULAR), case(STACK), case([[2.0]]), case([[[4.0]], [[-0.5]]]), case((0, 0)),
           case([[1.0, 2.0], [3.0, 5.0]]), case((0, 2, 2))],
    hint=SQUARE,
)  # fmt: skip
def slogdet(a: Any) -> Any:
    """Sign and logarithm of the determinant's absolute value, as ``np.linalg.slogdet``.

    Of a singular matrix they are 0 and minus infinity; the gradient there is infinite, and asking
    for it is a LinAlgError.
    """
    return np.linalg.slogdet(a)
