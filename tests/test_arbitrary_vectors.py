"""Eigenvectors have a derivative or not, and that does not depend on how large the matrix is.

Those of equal values may turn into each other, and complex ones may have any phase. What "equal"
means is a matter of rounding, and so of the matrix's own size. Next: ``test_kinks.py``.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg

APART = np.array([[2.0, 1.0, 0.5], [1.0, -3.0, 0.25], [0.5, 0.25, 1.0]])
TURN = np.linalg.qr(np.arange(9.0).reshape(3, 3) ** 2 + np.eye(3))[0]


def gradient_of_vectors(a: Any, dv: Any) -> Any:
    x = tg.Tensor(a, requires_grad=True)
    np.linalg.eigh(x)[1].backward(dv)
    assert x.grad is not None
    return x.grad.numpy()


def test_a_matrix_that_is_small_or_large_has_eigenvectors_like_any_other() -> None:
    dv = np.random.default_rng(0).normal(size=(3, 3))
    expected = gradient_of_vectors(APART, dv)
    scales = np.array([1e-20, 1.0, 1e20])[:, None, None]
    together = gradient_of_vectors(scales * APART, np.broadcast_to(dv, (3, 3, 3)))
    np.testing.assert_allclose(together * scales, np.broadcast_to(expected, (3, 3, 3)), rtol=1e-9)


@pytest.mark.parametrize("values", [(1.0, 1.0, 2.0), (-1.0, -1.0, -2.0), (-1e9, -1e9, -3e9)])
def test_the_vectors_of_values_that_are_equal_but_for_rounding_are_refused(values: Any) -> None:
    with pytest.raises(ValueError, match="equal eigenvalues"):
        gradient_of_vectors((TURN * np.array(values)) @ TURN.T, np.arange(9.0).reshape(3, 3))


def test_the_vectors_of_nothing_are_refused() -> None:
    with pytest.raises(ValueError, match="equal eigenvalues"):
        gradient_of_vectors(np.zeros((2, 2)), np.arange(4.0).reshape(2, 2))


@pytest.mark.parametrize("size", [1.0, 1e-20])
def test_a_gradient_that_depends_on_a_phase_is_refused_however_small_it_is(size: float) -> None:
    hermitian = APART + 1j * (np.triu(APART, 1) - np.tril(APART, -1))
    with pytest.raises(ValueError, match="phase"):
        gradient_of_vectors(hermitian, size * 1j * np.arange(9.0).reshape(3, 3))


@pytest.mark.parametrize("part", [0, 2])
def test_singular_vectors_of_one_side_may_be_used_without_the_other(part: int) -> None:
    a = APART + 1j * np.arange(9.0).reshape(3, 3)
    assert tg.check_grad(lambda x: np.abs(np.linalg.svd(x)[part]), a, order=1)


def test_the_values_of_a_matrix_of_less_than_full_rank_have_a_gradient() -> None:
    x = tg.Tensor([[1.0, 2.0], [2.0, 4.0], [3.0, 6.0]], requires_grad=True)
    np.linalg.svd(x)[1][0].backward()
    assert x.grad is not None
    np.testing.assert_allclose(x.grad.numpy(), x.numpy() / np.linalg.norm(x.numpy()), rtol=1e-12)


@pytest.mark.parametrize("shape", [(2, 3), (3, 2), (2, 3, 2), (2, 2, 4)])
def test_the_vectors_that_a_full_decomposition_adds_may_be_left_alone(shape: Any) -> None:
    def used(x: Any) -> Any:
        u, s, vh = np.linalg.svd(x)
        return u[..., : s.shape[-1]], s, vh[..., : s.shape[-1], :]

    a = np.random.default_rng(0).normal(size=shape)
    assert tg.check_grad(used, a, order=1)
    assert tg.check_grad(lambda x: np.linalg.svd(x)[1], a, order=1)


@pytest.mark.parametrize("part", [0, 2])
def test_the_vectors_of_equal_singular_values_are_refused_on_either_side(part: int) -> None:
    x = tg.Tensor(np.eye(2), requires_grad=True)
    y = np.linalg.svd(x)[part]
    for start in ([[0.0, 1.0], [0.0, 0.0]], [[0.0, -1.0], [0.0, 0.0]]):
        with pytest.raises(ValueError, match="equal singular values"):
            y.backward(np.array(start), retain_graph=True)
