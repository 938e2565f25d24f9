"""Determinants: right for singular matrices, and to second order."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu.ops.determinant import cofactor

SEED = 3
GENERATOR = np.random.default_rng(SEED)


@pytest.fixture(autouse=True)
def same_numbers_in_any_order() -> None:
    GENERATOR.bit_generator.state = np.random.default_rng(SEED).bit_generator.state


def draw(*shape: int) -> Any:
    return GENERATOR.uniform(-2, 2, shape)


def of_rank(rank: int, size: int) -> Any:
    return draw(size, rank) @ draw(rank, size)


MATRICES = [
    pytest.param(draw(3, 3), id="regular"),
    pytest.param(draw(2, 2, 2), id="stack"),
    pytest.param(draw(3, 3) + 1j * draw(3, 3), id="complex"),
    pytest.param(of_rank(2, 3), id="rank one too low"),
    pytest.param(of_rank(2, 4), id="rank two too low"),
    pytest.param(of_rank(1, 4), id="rank three too low"),
    pytest.param(of_rank(2, 3) * (1 + 1j), id="singular complex"),
    pytest.param(np.zeros((3, 3)), id="zeros"),
    pytest.param(np.eye(3), id="identity"),
    pytest.param(np.stack([np.eye(2), np.ones((2, 2))]), id="regular and singular"),
    pytest.param(np.array([[2.0]]), id="one element"),
    pytest.param(np.array([[0.0]]), id="one zero"),
    pytest.param(np.zeros((0, 0)), id="empty"),
    pytest.param(np.zeros((0, 2, 2)), id="none"),
]


@pytest.mark.parametrize("a", MATRICES)
def test_determinants_are_differentiable_twice_whatever_the_rank(a: Any) -> None:
    y = np.linalg.det(tg.Tensor(a, requires_grad=True))
    np.testing.assert_array_equal(y.numpy(), np.linalg.det(a), strict=True)
    assert tg.check_grad(np.linalg.det, a)


def test_cofactors_are_determinants_of_what_is_left() -> None:
    a = of_rank(3, 4)
    expected = np.empty((4, 4))
    for i, j in np.ndindex(4, 4):
        rest = np.delete(np.delete(a, i, 0), j, 1)
        expected[i, j] = (-1) ** (i + j) * np.linalg.det(rest)
    np.testing.assert_allclose(cofactor(a), expected, rtol=1e-10, atol=1e-12)


def test_cofactors_of_a_regular_matrix_are_the_textbooks() -> None:
    a = draw(2, 3, 3)
    textbook = np.linalg.det(a)[:, None, None] * np.linalg.inv(a).mT
    np.testing.assert_allclose(cofactor(a), textbook, rtol=1e-10)


@pytest.mark.parametrize("a", [draw(3, 3), draw(2, 2, 2), draw(3, 3) + 1j * draw(3, 3), np.eye(2),
                               np.zeros((0, 0))])  # fmt: skip
def test_slogdet_keeps_its_names_and_is_differentiable_twice(a: Any) -> None:
    y = np.linalg.slogdet(tg.Tensor(a, requires_grad=True))
    expected = np.linalg.slogdet(a)
    np.testing.assert_array_equal(y.sign.numpy(), expected.sign, strict=True)
    np.testing.assert_array_equal(y.logabsdet.numpy(), expected.logabsdet, strict=True)
    assert tg.check_grad(np.linalg.slogdet, a)


def test_a_real_sign_is_constant() -> None:
    a = tg.Tensor(draw(2, 2), requires_grad=True)
    np.linalg.slogdet(a).sign.backward()
    assert not a.grad.numpy().any()


def test_slogdet_of_a_singular_matrix_is_minus_infinity_and_has_no_gradient() -> None:
    a = tg.Tensor(np.ones((2, 2)), requires_grad=True)
    sign, logabsdet = np.linalg.slogdet(a)
    assert sign.numpy() == 0
    assert logabsdet.numpy() == -np.inf
    with pytest.raises(np.linalg.LinAlgError, match="slogdet"):
        logabsdet.backward()
    assert a.grad is None


def test_single_precision_stays_single() -> None:
    a = tg.Tensor(draw(3, 3), requires_grad=True, dtype=np.float32)
    y = np.linalg.det(a) + np.linalg.slogdet(a)[1]
    y.backward()
    assert y.dtype == a.grad.dtype == np.float32


def test_what_is_not_square_is_an_error_that_names_the_shape() -> None:
    with pytest.raises(np.linalg.LinAlgError, match=r"\(2, 3\)"):
        np.linalg.det(tg.Tensor(draw(2, 3), requires_grad=True))
