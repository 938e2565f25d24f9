"""Cholesky, QR and singular values: derivatives where they exist, errors where they do not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg

SEED = 4
GENERATOR = np.random.default_rng(SEED)
SHAPES = [(3, 3), (4, 2), (2, 4), (2, 3, 2), (2, 2, 2), (1, 3), (3, 1), (0, 2), (0, 3, 2)]


@pytest.fixture(autouse=True)
def same_numbers_in_any_order() -> None:
    GENERATOR.bit_generator.state = np.random.default_rng(SEED).bit_generator.state


def draw(*shape: int) -> Any:
    return GENERATOR.uniform(-2, 2, shape)


def draw_complex(*shape: int) -> Any:
    return draw(*shape) + 1j * draw(*shape)


def tracked(x: Any) -> tg.Tensor:
    return tg.Tensor(x, requires_grad=True)


def positive(*shape: int, numbers: Any = draw) -> Any:
    """Make positive definite matrices, with something else in the triangle that is not read."""
    a = numbers(*shape)
    return np.tril(a @ np.conj(a.mT) + np.eye(shape[-1])) + np.triu(draw(*shape), 1)


# -------------------------------------------------------------------------------------- Cholesky
@pytest.mark.parametrize("shape", [(3, 3), (2, 3, 3), (1, 1), (0, 0), (0, 2, 2)])
@pytest.mark.parametrize("numbers", [draw, draw_complex])
def test_cholesky_is_numpys_and_differentiable_twice(shape: Any, numbers: Any) -> None:
    a = positive(*shape, numbers=numbers)
    y = np.linalg.cholesky(tracked(a))
    np.testing.assert_array_equal(y.numpy(), np.linalg.cholesky(a), strict=True)
    assert tg.check_grad(np.linalg.cholesky, a)


@pytest.mark.parametrize("numbers", [draw, draw_complex])
def test_upper_cholesky_reads_and_fills_the_upper_triangle(numbers: Any) -> None:
    a = np.conj(positive(3, 3, numbers=numbers).mT)
    y = np.linalg.cholesky(tracked(a), upper=True)
    np.testing.assert_allclose(y.numpy(), np.linalg.cholesky(a, upper=True), rtol=1e-12)
    assert tg.check_grad(lambda a: np.linalg.cholesky(a, upper=True), a)


def test_cholesky_sends_the_whole_gradient_to_the_triangle_that_it_reads() -> None:
    a = tracked([[4.0, 1.0], [1.0, 3.0]])
    np.linalg.cholesky(a).sum().backward()
    assert a.grad.numpy()[0, 1] == 0
    b = tracked([[4.0, 1.0], [1.0, 3.0]])
    np.linalg.cholesky((b + b.mT) / 2).sum().backward()  # as documented: then it is symmetric
    np.testing.assert_allclose(b.grad.numpy(), b.grad.numpy().T)
    np.testing.assert_allclose(b.grad.numpy() + b.grad.numpy().T, a.grad.numpy() + a.grad.numpy().T)


def test_cholesky_of_an_indefinite_matrix_is_an_error() -> None:
    with pytest.raises(np.linalg.LinAlgError, match="positive definite"):
        np.linalg.cholesky(tracked([[1.0, 2.0], [2.0, 1.0]]))


# -------------------------------------------------------------------------------------------- QR
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("numbers", [draw, draw_complex])
def test_qr_is_numpys_and_differentiable_twice(shape: Any, numbers: Any) -> None:
    a = numbers(*shape)
    y, expected = np.linalg.qr(tracked(a)), np.linalg.qr(a)
    np.testing.assert_array_equal(y.Q.numpy(), expected.Q, strict=True)
    np.testing.assert_array_equal(y.R.numpy(), expected.R, strict=True)
    assert tg.check_grad(np.linalg.qr, a)


def test_r_alone_is_differentiable_twice() -> None:
    a = draw(4, 2)
    np.testing.assert_allclose(np.linalg.qr(tracked(a), "r").numpy(), np.linalg.qr(a, "r"))
    assert tg.check_grad(lambda a: np.linalg.qr(a, mode="r"), a)


def test_complete_qr_has_a_gradient_but_for_what_it_fills_up() -> None:
    a = draw(3, 2)
    assert tg.check_grad(lambda a: np.linalg.qr(a, "complete").R, a)
    assert tg.check_grad(lambda a: np.linalg.qr(a, "complete").Q[:, :2], a)
    assert tg.check_grad(lambda a: np.linalg.qr(a, "complete"), draw(2, 3))
    with pytest.raises(ValueError, match="mode='reduced'"):
        np.linalg.qr(tracked(a), "complete").Q.sum().backward()


def test_qr_of_dependent_columns_has_no_gradient() -> None:
    a = tracked([[1.0, 0.0], [0.0, 0.0]])
    with pytest.raises(np.linalg.LinAlgError, match="qr"):
        np.linalg.qr(a).R.sum().backward()


def test_qr_refuses_a_mode_that_has_no_derivative_by_name() -> None:
    with pytest.raises(TypeError, match="'raw'"):
        np.linalg.qr(tracked(draw(2, 2)), "raw")


# ------------------------------------------------------------------------------ singular values
def invariant(u: Any, s: Any, vh: Any) -> tuple[Any, ...]:
    """Make of singular vectors what does not depend on their common phases."""
    return s, np.einsum("...ij,...jk->...ijk", u[..., : s.shape[-1]], vh[..., : s.shape[-1], :])


@pytest.mark.parametrize("shape", SHAPES)
def test_svd_is_numpys_and_differentiable_twice(shape: Any) -> None:
    a = draw(*shape)
    y, expected = np.linalg.svd(tracked(a), False), np.linalg.svd(a, False)
    for ours, numpys in zip((y.U, y.S, y.Vh), expected):
        np.testing.assert_array_equal(ours.numpy(), numpys, strict=True)
    assert tg.check_grad(lambda a: np.linalg.svd(a, full_matrices=False), a)


@pytest.mark.parametrize("shape", SHAPES)
def test_complex_svd_is_differentiable_twice_where_phases_do_not_matter(shape: Any) -> None:
    a = draw_complex(*shape)
    assert tg.check_grad(lambda a: invariant(*np.linalg.svd(a, full_matrices=False)), a)


def test_a_gradient_that_depends_on_phases_is_refused() -> None:
    a = tracked(draw_complex(2, 2))
    u, _, _ = np.linalg.svd(a)
    with pytest.raises(ValueError, match="phase"):
        np.real(u).sum().backward()


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("numbers", [draw, draw_complex])
def test_singular_values_alone_are_differentiable_twice(shape: Any, numbers: Any) -> None:
    a = numbers(*shape)
    s = np.linalg.svd(a, compute_uv=False)
    np.testing.assert_allclose(np.linalg.svdvals(tracked(a)).numpy(), s, rtol=1e-12)
    np.testing.assert_allclose(np.linalg.svd(tracked(a), compute_uv=False).numpy(), s, rtol=1e-12)
    assert tg.check_grad(np.linalg.svdvals, a)


def test_full_matrices_have_a_gradient_but_for_what_they_fill_up() -> None:
    a = draw(3, 2)
    assert tg.check_grad(lambda a: invariant(*np.linalg.svd(a)), a)
    with pytest.raises(ValueError, match="full_matrices=False"):
        np.linalg.svd(tracked(a)).U.sum().backward()
    with pytest.raises(ValueError, match="full_matrices=False"):
        np.linalg.svd(tracked(a.T)).Vh.sum().backward()


def test_equal_singular_values_have_a_gradient_but_their_vectors_have_not() -> None:
    a = tracked(np.eye(2))
    s = np.linalg.svdvals(a)
    s.sum().backward()  # the sum of singular values is smooth here
    np.testing.assert_allclose(a.grad.numpy(), np.eye(2), atol=1e-15)
    with pytest.raises(ValueError, match="equal singular values"):
        np.linalg.svd(a).U.sum().backward()


def test_vectors_of_other_values_do_not_mind_equal_ones() -> None:
    def first(a: Any) -> Any:
        u, _, vh = np.linalg.svd(a)
        return np.outer(u[:, 0], vh[0])

    assert tg.check_grad(first, np.diag([3.0, 1.0, 1.0]), order=1)


def test_vectors_of_the_value_zero_have_no_gradient() -> None:
    a = tracked([[1.0, 0.0], [0.0, 0.0], [0.0, 0.0]])
    with pytest.raises(ValueError, match="singular value 0"):
        np.linalg.svd(a, full_matrices=False).U.sum().backward()


def test_svd_of_a_symmetric_matrix_reads_the_lower_triangle() -> None:
    a = np.array([[2.0, 99.0], [0.5, -1.0]])
    u, s, vh = np.linalg.svd(tracked(a), hermitian=True)
    np.testing.assert_allclose(((u * s) @ vh).numpy(), [[2.0, 0.5], [0.5, -1.0]], atol=1e-14)
    assert tg.check_grad(lambda a: np.linalg.svd(a, hermitian=True)[1], a)


def test_single_precision_stays_single() -> None:
    for function in (
        lambda a: np.linalg.svd(a)[0],
        lambda a: np.linalg.qr(a)[0],
        np.linalg.svdvals,
    ):
        a = tg.Tensor(draw(3, 3), requires_grad=True, dtype=np.float32)
        y = function(a)
        y.sum().backward()
        assert y.dtype == a.grad.dtype == np.float32
