"""Eigenvalues and eigenvectors: derivatives where they exist, errors where they do not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg

SEED = 5
GENERATOR = np.random.default_rng(SEED)


@pytest.fixture(autouse=True)
def same_numbers_in_any_order() -> None:
    GENERATOR.bit_generator.state = np.random.default_rng(SEED).bit_generator.state


def draw(*shape: int) -> Any:
    return GENERATOR.uniform(-2, 2, shape)


def draw_complex(*shape: int) -> Any:
    return draw(*shape) + 1j * draw(*shape)


def tracked(x: Any) -> tg.Tensor:
    return tg.Tensor(x, requires_grad=True)


def projections(w: Any, v: Any) -> tuple[Any, ...]:
    """Make of eigenvectors what does not depend on their phases: v v^H of each."""
    return w, np.einsum("...ik,...jk->...ijk", v, np.conj(v))


SHAPES = [(3, 3), (2, 3, 3), (2, 1, 2, 2), (1, 1), (0, 0), (0, 2, 2)]


# --------------------------------------------------------------------------------- symmetric
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("uplo", ["L", "U", "l"])
def test_eigh_is_numpys_and_differentiable_twice(shape: Any, uplo: str) -> None:
    a = draw(*shape)
    y, expected = np.linalg.eigh(tracked(a), uplo), np.linalg.eigh(a, uplo)
    np.testing.assert_array_equal(y.eigenvalues.numpy(), expected.eigenvalues, strict=True)
    np.testing.assert_array_equal(y.eigenvectors.numpy(), expected.eigenvectors, strict=True)
    assert tg.check_grad(lambda a: np.linalg.eigh(a, UPLO=uplo), a)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("uplo", ["L", "U"])
def test_complex_eigh_is_differentiable_twice_where_phases_do_not_matter(
    shape: Any, uplo: str
) -> None:
    assert tg.check_grad(lambda a: projections(*np.linalg.eigh(a, uplo)), draw_complex(*shape))


def test_a_gradient_that_depends_on_phases_is_refused() -> None:
    with pytest.raises(ValueError, match="phase"):
        np.real(np.linalg.eigh(tracked(draw_complex(3, 3)))[1]).sum().backward()


@pytest.mark.parametrize("numbers", [draw, draw_complex])
@pytest.mark.parametrize("uplo", ["L", "U"])
def test_eigvalsh_is_the_values_of_eigh(numbers: Any, uplo: str) -> None:
    a = numbers(3, 3)
    y = np.linalg.eigvalsh(tracked(a), uplo)
    np.testing.assert_allclose(y.numpy(), np.linalg.eigvalsh(a, uplo), rtol=1e-12)
    assert tg.check_grad(lambda a: np.linalg.eigvalsh(a, UPLO=uplo), a)


def test_the_whole_gradient_goes_to_the_triangle_that_is_read() -> None:
    a = tracked([[1.0, 0.5], [0.5, 2.0]])
    np.linalg.eigvalsh(a)[0].backward()
    assert a.grad.numpy()[0, 1] == 0
    assert a.grad.numpy()[1, 0] != 0


def test_equal_eigenvalues_have_a_gradient_but_their_vectors_have_not() -> None:
    a = tracked(np.eye(3))
    w, v = np.linalg.eigh(a)
    w.sum().backward(retain_graph=True)
    np.testing.assert_allclose(a.grad.numpy(), np.eye(3), atol=1e-15)
    with pytest.raises(ValueError, match="equal eigenvalues"):
        v.sum().backward()


def test_eigenvalues_that_are_equal_up_to_rounding_count_as_equal() -> None:
    q = np.linalg.qr(draw(3, 3)).Q
    a = tracked(q @ np.diag([1.0, 1.0, 2.0]) @ q.T)
    with pytest.raises(ValueError, match="equal eigenvalues"):
        np.linalg.eigh(a)[1].sum().backward()


def test_a_function_of_a_degenerate_matrix_through_its_vectors_is_refused_not_wrong() -> None:
    w, v = np.linalg.eigh(tracked(np.eye(2)))
    with pytest.raises(ValueError, match="function of the matrix"):
        ((v * np.sqrt(w)) @ v.mT).sum().backward()


def test_vectors_of_other_values_do_not_mind_equal_ones() -> None:
    def last(a: Any) -> Any:
        v = np.linalg.eigh(a)[1][:, 2]
        return np.outer(v, v)

    assert tg.check_grad(last, np.diag([1.0, 1.0, 3.0]), order=1)


# ----------------------------------------------------------------------------------- general
REAL_SPECTRUM = np.array([[2.0, 1.0, 0.5], [0.25, -1.0, 0.5], [1.0, 0.5, 0.5]])
COMPLEX_SPECTRUM = np.array([[1.0, 2.0, 0.3], [-1.5, 0.5, 0.2], [0.4, -0.6, 2.0]])


@pytest.mark.parametrize(
    "a",
    [REAL_SPECTRUM, COMPLEX_SPECTRUM, np.stack([REAL_SPECTRUM, COMPLEX_SPECTRUM]),
     draw_complex(3, 3), draw_complex(2, 2, 2), np.array([[2.0]]), np.zeros((0, 0)),
     np.zeros((0, 2, 2))],
)  # fmt: skip
def test_eig_is_numpys_and_differentiable_twice(a: Any) -> None:
    y, expected = np.linalg.eig(tracked(a)), np.linalg.eig(a)
    np.testing.assert_array_equal(y.eigenvalues.numpy(), expected.eigenvalues, strict=True)
    np.testing.assert_array_equal(y.eigenvectors.numpy(), expected.eigenvectors, strict=True)
    assert tg.check_grad(np.linalg.eig, a)
    assert tg.check_grad(np.linalg.eigvals, a)


@pytest.mark.parametrize("a", [REAL_SPECTRUM, COMPLEX_SPECTRUM])
def test_eigvals_are_real_where_numpys_are(a: Any) -> None:
    y = np.linalg.eigvals(tracked(a))
    assert y.dtype == np.linalg.eigvals(a).dtype  # which depends on NumPy's version, too
    np.testing.assert_allclose(y.numpy(), np.linalg.eigvals(a), rtol=1e-12)


def test_eigenvectors_of_equal_values_have_no_gradient() -> None:
    a = tracked(np.eye(2))
    w, v = np.linalg.eig(a)
    with pytest.raises(ValueError, match="equal eigenvalues"):
        v.sum().backward(retain_graph=True)
    w.sum().backward()
    np.testing.assert_allclose(a.grad.numpy(), np.eye(2))


def test_eigenvalues_of_a_defective_matrix_have_no_gradient() -> None:
    with pytest.raises(np.linalg.LinAlgError, match="defective"):
        np.linalg.eigvals(tracked([[1.0, 1.0], [0.0, 1.0]]))[0].backward()


def test_single_precision_stays_single() -> None:
    for function in (np.linalg.eigvalsh, lambda a: np.linalg.eigh(a)[1], np.linalg.eigvals):
        a = tg.Tensor(REAL_SPECTRUM, requires_grad=True, dtype=np.float32)
        y = function(a)
        y.sum().backward()
        assert y.dtype in (np.float32, np.complex64)
        assert a.grad.dtype == np.float32


def test_what_is_not_square_is_an_error_that_names_the_shape() -> None:
    for function in (np.linalg.eig, np.linalg.eigh):
        with pytest.raises(np.linalg.LinAlgError, match=r"\(2, 3\)"):
            function(tracked(draw(2, 3)))
