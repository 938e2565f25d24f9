"""Matrices taken apart: Cholesky, QR and singular values; the eigenvalues are in ``eigen.py``.

All their rules come about in one way. Differentiate the equation that defines the parts, such as
``a = q @ r``; solve it for the parts' changes, using what is known of them (``q`` stays orthogonal,
``r`` triangular); read the result backwards.

What has no derivative is an error, never a number:

- Vectors that belong to equal eigenvalues or singular values may turn into each other, and NumPy
  picks some of them. A gradient that reaches such vectors is refused. The values alone are fine.
- The phase of a complex vector is anybody's choice, so a function that depends on it has no
  derivative either. `eig` is the exception, as LAPACK documents its choice there.
- Vectors of the null space, which ``full_matrices=True`` and ``mode="complete"`` add, likewise.

`eigh` and `cholesky` read one triangle only, and so the whole gradient goes to that triangle: it is
what NumPy's function does when an element changes. For the symmetric gradient that other libraries
report, hand them a symmetric function of the argument, ``(a + a.mT) / 2``.

References
----------
Giles, An extended collection of matrix derivative results for forward and reverse mode algorithmic
differentiation (2008); Walter and Lehmann, Algorithmic differentiation of linear algebra functions
(2010), for QR; Murray, Differentiation of the Cholesky decomposition (2016); Townsend,
Differentiating the singular value decomposition (2016); Boeddeker et al., On the computation of
complex-valued gradients (2017).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.cases import case
from tinygrad_edu.dispatch import implements, plain
from tinygrad_edu.op import differentiable
from tinygrad_edu.ops.index import where
from tinygrad_edu.ops.linalg import adjoint, conj, matmul
from tinygrad_edu.ops.shape import as_array, concatenate

SYMMETRIC = [[4.0, 1.0, 0.5], [1.0, 3.0, -0.5], [0.5, -0.5, 2.0]]
STACK = [[[2.0, 0.5], [0.5, 1.0]], [[3.0, -1.0], [-1.0, 1.5]]]


# ---------------------------------------------------------------------------- triangles
def half_triangle(x: Any) -> Any:
    """Return the lower triangle, with half of the diagonal."""
    size = x.shape[-1]
    return where(np.tri(size, k=-1, dtype=bool), x, where(np.eye(size, dtype=bool), x / 2, 0))


def from_triangle(a: Any, uplo: str) -> Any:
    """Make the symmetric (Hermitian) matrix of which ``a`` holds one triangle."""
    half = half_triangle(a if uplo == "L" else adjoint(a))
    return half + adjoint(half)


def to_triangle(dx: Any, uplo: str) -> Any:
    """Bring the gradient for a symmetric matrix to the triangle that it is read from."""
    half = half_triangle(dx + adjoint(dx))
    return half if uplo == "L" else adjoint(half)


def along_diagonal(values: Any) -> Any:
    """Make diagonal matrices."""
    return where(np.eye(values.shape[-1], dtype=bool), values[..., None, :], 0)


# -------------------------------------------------------------- differences in the denominator
def one_over_gaps(values: Any, reached: Any, what: str) -> Any:
    """Return ``1 / (values[j] - values[i])``, and 0 where that is of no use.

    ``reached`` are the gradients that want to turn vector i into vector j. Between equal values
    (up to rounding) they must be 0, as the vectors are nobody's choice in particular there.
    """
    known, wanted = plain(values), plain(reached)
    size = known.shape[-1]
    scale = np.abs(known).max(axis=-1, initial=0)[..., None, None]
    distance = np.abs(known[..., None, :] - known[..., :, None])
    equal = distance <= size * np.finfo(known.dtype).eps * scale
    if (equal & (wanted != 0) & ~np.eye(size, dtype=bool)).any():
        raise ValueError(
            f"a gradient reaches the vectors of equal {what}, which may be turned into each other "
            f"freely and so have no derivative; use the {what} alone, or a function of the matrix "
            f"itself"
        )
    gaps = values[..., None, :] - values[..., :, None]
    return where(equal, 0, 1 / where(equal, 1, gaps))


def refuse_phase(turning: Any, scale: Any, what: str) -> None:
    """Refuse a gradient that would change if the vectors were multiplied by phases."""
    turning, scale = np.abs(plain(turning)), np.abs(plain(scale)).max(initial=0)
    if (turning > 1e4 * np.finfo(turning.dtype).eps * scale).any():
        raise ValueError(
            f"the result depends on the phase of complex {what}, which is arbitrary and so has no "
            f"derivative; use something that keeps its value when a vector is multiplied by "
            f"exp(i t), such as absolute values or v * conj(v)"
        )


def diagonal_of(x: Any) -> Any:
    """Return the diagonals of matrices."""
    return where(np.eye(x.shape[-1], dtype=bool), x, 0).sum(axis=-1)


# -------------------------------------------------------------------------------------- Cholesky
def cholesky_x(dy: Any, y: Any, x: Any) -> Any:
    """From ``y^-1 dx y^-H``, whose lower triangle with half the diagonal is ``y^-1 dy``."""
    inner = np.linalg.solve(y.mT, half_triangle(matmul(y.mT, dy)))
    return to_triangle(np.linalg.solve(adjoint(y), inner.mT).mT, "L")


@differentiable(
    name="cholesky",
    x=cholesky_x,
    cases=[case(SYMMETRIC), case(STACK), case([[2.0]]), case([[[4.0]], [[0.5]]]), case((0, 0)),
           case([[2.0, 9.0], [1.0, 3.0]]), case((0, 2, 2)), case([STACK, STACK])],
    hint="a must be symmetric (Hermitian) and positive definite; only its lower triangle is read",
)  # fmt: skip
def lower_cholesky(x: Any) -> Any:
    """Lower triangular ``y`` with ``y @ y^H = x``, of every matrix in a stack."""
    return np.linalg.cholesky(x)


@implements(np.linalg.cholesky)
def cholesky(a: Any, /, *, upper: bool = False) -> Any:
    """``np.linalg.cholesky``; with ``upper=True`` from and to the upper triangle."""
    return adjoint(lower_cholesky(adjoint(as_array(a)))) if upper else lower_cholesky(a)


# -------------------------------------------------------------------------------------------- QR
def qr_x(dy: Any, y: Any, x: Any, *, mode: str) -> Any:
    """From ``q^H dx r^-1``: below the diagonal it turns ``q``, above it changes ``r``."""
    (q, r), (dq, dr) = y, (dy[0], dy[1])
    rows, columns = x.shape[-2:]
    if mode == "complete" and rows > columns:
        if plain(dq[..., columns:]).any():
            raise ValueError(
                f"a gradient reaches the last {rows - columns} columns of q, which mode='complete' "
                f"fills up as it likes and which have no derivative; use mode='reduced'"
            )
        q, dq, r, dr = (
            q[..., :columns],
            dq[..., :columns],
            r[..., :columns, :],
            dr[..., :columns, :],
        )
    if rows >= columns:
        return tall_qr_x(dq, dr, q, r)
    right, dright = x[..., rows:], dr[..., rows:]  # r ends in q^H @ right
    dq = dq + conj(matmul(right, dright.mT))
    left = tall_qr_x(dq, dr[..., :rows], q, r[..., :rows])
    return concatenate(left, matmul(conj(q), dright), axis=-1)


def tall_qr_x(dq: Any, dr: Any, q: Any, r: Any) -> Any:
    """Walter and Lehmann's rule, for as many rows as columns or more."""
    half = half_triangle(adjoint(matmul(dr, r.mT) - matmul(q.mT, dq)))
    return np.linalg.solve(r, (dq + matmul(conj(q), half + adjoint(half))).mT).mT


@differentiable(
    name="qr",
    x=qr_x,
    cases=[*(case(shape, mode="reduced")
             for shape in ((3, 3), (4, 2), (2, 4), (2, 3, 2), (1, 3), (0, 2), (2, 1, 2, 4))),
           case((2, 3), mode="complete"), case((2, 2, 2), mode="complete")],
    hint="the last two axes are the matrix",
)  # fmt: skip
def orthogonal_triangular(x: Any, *, mode: Any) -> Any:
    """Orthonormal ``q`` and upper triangular ``r`` with ``q @ r = x``."""
    return np.linalg.qr(x, mode)


@implements(np.linalg.qr)
def qr(a: Any, mode: str = "reduced") -> Any:
    """``np.linalg.qr``, in the modes "reduced", "complete" and "r".

    The derivative needs independent columns (the leading ones, of a wide matrix): a singular ``r``
    is a LinAlgError.
    """
    if mode == "r":
        return orthogonal_triangular(a, mode="reduced")[1]
    if mode not in ("reduced", "complete"):
        raise TypeError(f"qr of a Tensor takes mode='reduced', 'complete' or 'r', not {mode!r}")
    return orthogonal_triangular(a, mode=mode)


# ------------------------------------------------------------------------------ singular values
def svd_x(dy: Any, y: Any, x: Any, *, full_matrices: bool) -> Any:
    """From ``u^H dx v``: its diagonal moves the values, the rest turns the vectors."""
    (u, s, vh), (du, ds, dvh) = y, (dy[0], dy[1], dy[2])
    rows, columns = x.shape[-2:]
    size = min(rows, columns)
    inner = along_diagonal(ds)
    if not {0, 2} & set(dy.arrived):
        return matmul(conj(u[..., :size]), matmul(inner, conj(vh[..., :size, :])))
    if plain(du[..., size:]).any() or plain(dvh[..., size:, :]).any():
        raise ValueError(
            "a gradient reaches vectors of the null space, which full_matrices=True fills up as it "
            "likes and which have no derivative; use full_matrices=False"
        )
    u, du, vh, dvh = u[..., :size], du[..., :size], vh[..., :size, :], dvh[..., :size, :]
    left, right = matmul(u.mT, du), -matmul(dvh, vh.mT)
    over_gaps = one_over_gaps(s, abs(plain(left)) + abs(plain(right)), "singular values")
    sums = s[..., None, :] + s[..., :, None]
    over_gaps = over_gaps / where(plain(sums) == 0, 1, sums)
    left_turn, right_turn = over_gaps * left, over_gaps * right
    inner = inner + (left_turn + adjoint(left_turn)) * s[..., None, :]
    inner = inner + (right_turn + adjoint(right_turn)) * s[..., :, None]
    if rows == columns and x.dtype.kind != "c":
        return matmul(conj(u), matmul(inner, conj(vh)))
    over_s = 1 / safe_singular_values(s)
    if x.dtype.kind == "c":
        phases = diagonal_of(np.imag(left)), diagonal_of(np.imag(right))
        scale = np.append(plain(du), plain(dvh))
        refuse_phase(plain(phases[0] + phases[1]), scale, "singular vectors")
        inner = inner + along_diagonal(1j * (phases[0] - phases[1]) * over_s / 2)
    dx = matmul(conj(u), matmul(inner, conj(vh)))
    if rows > columns:
        dx = dx + matmul((du - matmul(conj(u), left)) * over_s[..., None, :], conj(vh))
    elif rows < columns:
        dx = dx + matmul(conj(u), over_s[..., :, None] * (dvh + matmul(right, conj(vh))))
    return dx


def safe_singular_values(s: Any) -> Any:
    """Return singular values to divide by, or refuse if one is 0."""
    known = plain(s)
    rounding = known.shape[-1] * np.finfo(known.dtype).eps
    if (known <= rounding * known.max(axis=-1, initial=0, keepdims=True)).any():
        raise ValueError(
            "a gradient reaches the vectors of a singular value 0, which are arbitrary and have no "
            "derivative; use the singular values alone"
        )
    return s


@differentiable(
    name="svd",
    x=svd_x,
    cases=[case((3, 3), full_matrices=True), case((3, 2), full_matrices=False),
           case((2, 3), full_matrices=False), case((2, 3, 2), full_matrices=False),
           case((1, 1), full_matrices=True), case((1, 3), full_matrices=False),
           case((0, 2), full_matrices=False), case((0, 2, 2), full_matrices=False),
           case((2, 1, 3, 2), full_matrices=False)],
    hint="the last two axes are the matrix",
)  # fmt: skip
def singular_values_and_vectors(x: Any, *, full_matrices: bool) -> Any:
    """Orthonormal ``u`` and ``vh`` and non-negative ``s`` with ``u @ diag(s) @ vh = x``."""
    return np.linalg.svd(x, full_matrices)


@implements(np.linalg.svd)
def svd(
    a: Any, full_matrices: bool = True, compute_uv: bool = True, hermitian: bool = False
) -> Any:
    """``np.linalg.svd``; with ``hermitian=True`` only the lower triangle is read.

    Raises
    ------
    ValueError
        In the walk back, if the gradient depends on what is arbitrary in singular vectors: which
        of those of equal values or of the value 0, or the common phase of complex ones.
    """
    a = from_triangle(as_array(a), "L") if hermitian else a
    parts = singular_values_and_vectors(a, full_matrices=full_matrices and compute_uv)
    return parts if compute_uv else parts[1]


@implements(np.linalg.svdvals)
def svdvals(x: Any, /) -> Any:
    """``np.linalg.svdvals``: the values of `svd`."""
    return svd(x, compute_uv=False)
