"""Eigenvalues and eigenvectors; what has no derivative, and why, is said in ``decompose.py``."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.cases import case
from tinygrad_edu.dispatch import implements, plain
from tinygrad_edu.op import differentiable
from tinygrad_edu.ops.decompose import (
    STACK,
    SYMMETRIC,
    along_diagonal,
    diagonal_of,
    one_over_gaps,
    refuse_phase,
    to_triangle,
)
from tinygrad_edu.ops.index import where
from tinygrad_edu.ops.linalg import conj, matmul, real

SQUARE = "the last two axes must be of one size: a square matrix, or a stack of them"


# ---------------------------------------------------------------------- symmetric eigenvalues
def eigh_a(dy: Any, y: Any, a: Any, *, UPLO: str = "L") -> Any:
    """From ``v^H da v``: its diagonal moves the values, the rest turns the vectors."""
    w, v = y
    inner = along_diagonal(dy[0])
    if 1 in dy.arrived:
        turning = matmul(v.mT, dy[1])
        if v.dtype.kind == "c":
            refuse_phase(diagonal_of(plain(turning)).imag, turning, "eigenvectors")
        inner = inner + one_over_gaps(w, turning, "eigenvalues") * turning
    return to_triangle(matmul(conj(v), matmul(inner, v.mT)), UPLO.upper())


@implements(np.linalg.eigh)
@differentiable(
    a=eigh_a,
    cases=[case(SYMMETRIC), case(STACK), case([[2.0]]), case((3, 3)), case((3, 3), UPLO="U"),
           case((3, 3), UPLO="l"), case((2, 1, 2, 2)), case((0, 0)), case((0, 2, 2)),
           case([[2.0, 5.0], [0.5, -1.0]])],
    hint=SQUARE,
)  # fmt: skip
def eigh(a: Any, *, UPLO: Any = "L") -> Any:
    """Eigenvalues and eigenvectors of symmetric (Hermitian) matrices, as ``np.linalg.eigh``.

    Raises
    ------
    ValueError
        In the walk back, if the gradient depends on what is arbitrary in eigenvectors: which of
        those of equal values, or a complex one's phase.
    """
    return np.linalg.eigh(a, UPLO)


@implements(np.linalg.eigvalsh)
def eigvalsh(a: Any, UPLO: str = "L") -> Any:
    """``np.linalg.eigvalsh``: the values of `eigh`."""
    return eigh(a, UPLO=UPLO)[0]


# ------------------------------------------------------------------------- general eigenvalues
def eig_a(dy: Any, y: Any, a: Any) -> Any:
    """From ``v^-1 da v``, with the vectors kept at length 1 and their largest element real."""
    w, v = y
    if v.size and (np.linalg.cond(plain(v)) * np.finfo(v.dtype).eps * v.shape[-1] > 1).any():
        raise np.linalg.LinAlgError(
            "the eigenvectors do not span the space (the matrix is defective), and there "
            "eigenvalues have no derivative"
        )
    inner = along_diagonal(dy[0])
    if 1 in dy.arrived:
        turning = matmul(v.mT, at_fixed_length(dy[1], v))
        inner = inner + one_over_gaps(w, turning, "eigenvalues") * turning
    return np.linalg.solve(v.mT, matmul(inner, v.mT))


def at_fixed_length(dv: Any, v: Any) -> Any:
    """Take out of a gradient for eigenvectors what would stretch them, or turn their phases."""
    along = (dv * v).sum(axis=-2, keepdims=True)
    dv_turning = dv - conj(v) * real(along)
    if v.dtype.kind != "c" or not v.size:
        return dv_turning
    known = plain(v)
    size = np.abs(known) * (1 + (known.imag == 0))  # LAPACK leaves an exact 0 at the largest
    largest = np.argmax(size, axis=-2)[..., None, :] == np.arange(v.shape[-2])[:, None]
    return dv_turning - where(largest, 1j * np.imag(along) / where(largest, v, 1), 0)


@implements(np.linalg.eig)
@differentiable(
    a=eig_a,
    cases=[case([[1.0, 2.0], [0.5, -1.0]]), case([[[1.0, 2.0], [0.5, -1.0]]]), case([[2.0]]),
           case([[2.0, 1.0, 0.5], [0.25, -1.0, 0.5], [1.0, 0.5, 0.5]]), case((0, 0)),
           case([[[3.0]], [[1.0]]]), case((0, 2, 2)), case(SYMMETRIC),
           case([[1.0, 2.0], [-1.5, 0.5]])],
    hint=SQUARE,
)  # fmt: skip
def eig(a: Any) -> Any:
    """Eigenvalues and eigenvectors of square matrices, as ``np.linalg.eig``.

    They are complex as soon as one of them is (since NumPy 2.5, always). The derivative is that of
    LAPACK's choice, vectors of length 1 whose largest element is real.

    Raises
    ------
    ValueError, LinAlgError
        In the walk back, if a gradient reaches vectors of equal values, and if there are fewer
        independent vectors than values.
    """
    return np.linalg.eig(a)


@implements(np.linalg.eigvals)
def eigvals(a: Any) -> Any:
    """``np.linalg.eigvals``: the values of `eig`."""
    return eig(a)[0]
