"""Linear algebra and Fourier transforms against PyTorch: the same gradients, to 1e-10.

PyTorch's gradient of a real number with respect to a complex one is the conjugate of ours, and it
is symmetric for a function of symmetric matrices: those are given a symmetric function of the leaf.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg

torch = pytest.importorskip("torch", reason="parity with PyTorch needs PyTorch")

SEED = 8
GENERATOR = np.random.default_rng(SEED)


@pytest.fixture(autouse=True)
def same_numbers_in_any_order() -> None:
    GENERATOR.bit_generator.state = np.random.default_rng(SEED).bit_generator.state


def draw(*shape: int) -> Any:
    return GENERATOR.uniform(-2, 2, shape)


def draw_complex(*shape: int) -> Any:
    return draw(*shape) + 1j * draw(*shape)


def symmetric(x: Any) -> Any:
    return (x + x.mT) / 2


def positive(x: Any) -> Any:
    return x @ x.mT


def hermitian(x: Any) -> Any:
    return (x + x.mT.conj()) / 2 if torch.is_tensor(x) else (x + np.conj(x.mT)) / 2


def real_number(y: Any, weights: Any) -> Any:
    """Combine outputs, which may be several and complex, into one real number."""
    outputs = y if isinstance(y, tuple) else (y,)
    total = 0.0
    for output, weight in zip(outputs, weights):
        if torch.is_tensor(output):
            part = (output * torch.tensor(weight)).sum()
        else:
            part = (output * weight).sum()
        is_complex = part.is_complex() if torch.is_tensor(part) else part.dtype.kind == "c"
        if is_complex:
            part = part.real if torch.is_tensor(part) else np.real(part)
        total = total + part
    return total


def assert_same(ours: Any, theirs: Any, *arrays: Any) -> None:
    leaves = [tg.Tensor(a, requires_grad=True) for a in arrays]
    others = [torch.tensor(a, requires_grad=True) for a in arrays]
    y, expected = ours(*leaves), theirs(*others)
    outputs = tuple(y) if isinstance(y, tuple) else (y,)
    expected = tuple(expected) if isinstance(expected, tuple) else (expected,)
    for output, other in zip(outputs, expected):
        np.testing.assert_allclose(
            output.numpy(),
            other.detach().resolve_conj().numpy(),
            rtol=1e-10,
            atol=1e-10,
            strict=True,
        )
    weights = [
        draw(*output.shape) if output.dtype.kind == "f" else draw_complex(*output.shape)
        for output in outputs
    ]
    real_number(outputs, weights).backward()
    real_number(expected, weights).backward()
    for leaf, other in zip(leaves, others):
        np.testing.assert_allclose(
            leaf.grad.numpy(), other.grad.conj().resolve_conj().numpy(), rtol=1e-10, atol=1e-10
        )


SAME_NAME = [
    ("inv", [(3, 3)]), ("inv", [(2, 3, 3)]), ("det", [(3, 3)]), ("det", [(2, 2, 2)]),
    ("slogdet", [(3, 3)]), ("solve", [(3, 3), (3,)]), ("solve", [(2, 3, 3), (2, 3, 2)]),
    ("pinv", [(4, 2)]), ("pinv", [(2, 2, 3)]), ("svdvals", [(4, 2)]), ("eigvals", [(3, 3)]),
    ("tensorinv", [(2, 3, 6)]), ("multi_dot", [(2, 3), (3, 4), (4, 2)]),
    ("cross", [(2, 3), (2, 3)]), ("vecdot", [(2, 3), (2, 3)]), ("norm", [(3,)]), ("norm", [(2, 3)]),
    ("vector_norm", [(2, 3)]),
    ("matrix_norm", [(2, 3, 2)]), ("cond", [(3, 3)]), ("qr", [(4, 2)]), ("qr", [(2, 4)]),
    ("qr", [(3, 3)]), ("diagonal", [(2, 3, 3)]),
]  # fmt: skip


@pytest.mark.parametrize("numbers", [draw, draw_complex])
@pytest.mark.parametrize(("name", "shapes"), SAME_NAME)
def test_functions_of_the_same_name_have_the_same_gradient(
    name: str, shapes: Any, numbers: Any
) -> None:
    ours, theirs = getattr(np.linalg, name), getattr(torch.linalg, name)
    if name == "multi_dot":
        assert_same(lambda *x: ours(x), lambda *x: theirs(x), *(numbers(*s) for s in shapes))
    elif name == "eigvals":  # in whatever order
        assert_same(
            lambda x: (ours(x) ** 3).sum(), lambda x: (theirs(x) ** 3).sum(), draw_complex(3, 3)
        )
    else:
        assert_same(ours, theirs, *(numbers(*s) for s in shapes))


@pytest.mark.parametrize("ord", ["fro", "nuc", 1, -1, 2, -2, np.inf, -np.inf])
def test_matrix_norms_have_the_same_gradient(ord: Any) -> None:
    assert_same(lambda x: np.linalg.norm(x, ord), lambda x: torch.linalg.norm(x, ord), draw(3, 2))


@pytest.mark.parametrize("ord", [1, 2, 3, 2.5, 0.5, -1, np.inf, -np.inf])
@pytest.mark.parametrize("numbers", [draw, draw_complex])
def test_vector_norms_have_the_same_gradient(ord: Any, numbers: Any) -> None:
    assert_same(lambda x: np.linalg.norm(x, ord), lambda x: torch.linalg.norm(x, ord), numbers(4))


def test_functions_of_symmetric_matrices_have_the_same_gradient() -> None:
    a = draw(3, 3)
    assert_same(
        lambda x: np.linalg.cholesky(positive(x)), lambda x: torch.linalg.cholesky(positive(x)), a
    )
    assert_same(
        lambda x: np.linalg.eigvalsh(symmetric(x)), lambda x: torch.linalg.eigvalsh(symmetric(x)), a
    )
    assert_same(  # squares, as the two need not agree on signs
        lambda x: np.linalg.eigh(symmetric(x))[1] ** 2,
        lambda x: torch.linalg.eigh(symmetric(x))[1] ** 2,
        a,
    )
    c = draw_complex(3, 3)
    assert_same(
        lambda x: np.abs(np.linalg.eigh(hermitian(x))[1]),
        lambda x: torch.linalg.eigh(hermitian(x))[1].abs(),
        c,
    )


@pytest.mark.parametrize("shape", [(3, 3), (4, 2), (2, 4), (2, 3, 2)])
def test_singular_vectors_have_the_same_gradient(shape: Any) -> None:
    a = draw(*shape)
    assert_same(
        lambda x: tuple(part**2 for part in np.linalg.svd(x, full_matrices=False)),
        lambda x: tuple(part**2 for part in torch.linalg.svd(x, full_matrices=False)),
        a,
    )


def test_general_eigenvectors_have_the_same_gradient_where_phases_do_not_matter() -> None:
    a = np.diag([3.0, 1.0, -2.0]) + draw(3, 3) / 4  # three real values, far apart
    assert_same(
        lambda x: (lambda w, v: ((v**2) * w).sum(axis=-1))(*np.linalg.eig(x)),
        lambda x: (lambda w, v: ((v**2) * w).sum(dim=-1).real)(*torch.linalg.eig(x)),
        a,
    )


def test_least_squares_have_the_same_gradient() -> None:
    assert_same(
        lambda a, b: np.linalg.lstsq(a, b)[0],
        lambda a, b: torch.linalg.lstsq(a, b).solution,
        draw(4, 2),
        draw(4, 3),
    )


@pytest.mark.parametrize(
    ("subscripts", "shapes"),
    [("ij,jk->ik", [(2, 3), (3, 4)]), ("ii->i", [(3, 3)]), ("ii", [(3, 3)]), ("ij->", [(2, 3)]),
     ("bij,bjk->bik", [(2, 2, 3), (2, 3, 2)]), ("...ij,...jk", [(2, 2, 3), (3, 2)]),
     ("i,j,k->ijk", [(2,), (3,), (2,)]), ("iij->ij", [(2, 2, 3)])],
)  # fmt: skip
@pytest.mark.parametrize("numbers", [draw, draw_complex])
def test_einsum_has_the_same_gradient(subscripts: str, shapes: Any, numbers: Any) -> None:
    assert_same(
        lambda *x: np.einsum(subscripts, *x),
        lambda *x: torch.einsum(subscripts, *x),
        *(numbers(*shape) for shape in shapes),
    )


def test_kron_and_tensordot_have_the_same_gradient() -> None:
    assert_same(np.kron, torch.kron, draw(2, 3), draw(3, 2))
    assert_same(
        lambda a, b: np.tensordot(a, b, ([0], [1])),
        lambda a, b: torch.tensordot(a, b, ([0], [1])),
        draw(2, 3),
        draw(3, 2),
    )


@pytest.mark.parametrize("norm", ["backward", "ortho", "forward"])
@pytest.mark.parametrize("n", [None, 3, 6])
@pytest.mark.parametrize(
    ("name", "numbers"),
    [("fft", draw_complex), ("ifft", draw_complex), ("fft", draw), ("rfft", draw), ("ihfft", draw),
     ("irfft", draw_complex), ("hfft", draw_complex)],
)  # fmt: skip
def test_fourier_transforms_have_the_same_gradient(
    name: str, numbers: Any, n: Any, norm: Any
) -> None:
    ours, theirs = getattr(np.fft, name), getattr(torch.fft, name)
    assert_same(lambda x: ours(x, n, 0, norm), lambda x: theirs(x, n, 0, norm), numbers(4, 2))


@pytest.mark.parametrize(
    ("name", "numbers"),
    [("fft2", draw_complex), ("ifftn", draw_complex), ("rfft2", draw), ("rfftn", draw),
     ("irfft2", draw_complex), ("irfftn", draw_complex)],
)  # fmt: skip
def test_fourier_transforms_over_axes_have_the_same_gradient(name: str, numbers: Any) -> None:
    ours, theirs = getattr(np.fft, name), getattr(torch.fft, name)
    settings: dict[str, Any] = {"s": (3, 4)}
    axes = {"axes": (-2, -1)}  # what NumPy wants to be told with s, and PyTorch calls dim
    assert_same(
        lambda x: ours(x, **settings, **axes), lambda x: theirs(x, **settings), numbers(2, 3, 3)
    )
