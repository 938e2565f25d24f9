"""Inverses and equations, of one matrix and of stacks, real and complex."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg

SEED = 2
GENERATOR = np.random.default_rng(SEED)


@pytest.fixture(autouse=True)
def same_numbers_in_any_order() -> None:
    GENERATOR.bit_generator.state = np.random.default_rng(SEED).bit_generator.state


def draw(*shape: int) -> Any:
    return GENERATOR.uniform(-2, 2, shape)


def regular(*shape: int) -> Any:
    """Make matrices that are far from singular."""
    return draw(*shape) / shape[-1] + 2 * np.eye(shape[-1])


def tracked(x: Any) -> tg.Tensor:
    return tg.Tensor(x, requires_grad=True)


MATRICES = [
    pytest.param(regular(3, 3), id="one"),
    pytest.param(regular(2, 3, 3), id="stack"),
    pytest.param(regular(2, 1, 2, 2), id="stack of stacks"),
    pytest.param(regular(3, 3) + 1j * draw(3, 3) / 3, id="complex"),
    pytest.param(np.zeros((0, 2, 2)), id="none"),
    pytest.param(np.zeros((0, 0)), id="empty"),
]


@pytest.mark.parametrize("a", MATRICES)
def test_inverses_are_numpys_and_differentiable_twice(a: Any) -> None:
    np.testing.assert_array_equal(np.linalg.inv(tracked(a)).numpy(), np.linalg.inv(a), strict=True)
    assert tg.check_grad(np.linalg.inv, a)


@pytest.mark.parametrize(
    ("of_a", "of_b"),
    [((3, 3), (3,)), ((3, 3), (3, 2)), ((2, 3, 3), (3,)), ((2, 3, 3), (3, 3)),
     ((2, 3, 3), (2, 3, 1)), ((3, 3), (2, 3, 2)), ((2, 1, 2, 2), (3, 2, 2)),
     ((0, 0), (0,)), ((3, 3), (3, 0))],
)  # fmt: skip
@pytest.mark.parametrize("unit", [0, 0.3j])
def test_solutions_are_numpys_and_differentiable_twice(of_a: Any, of_b: Any, unit: Any) -> None:
    a, b = regular(*of_a) + unit * draw(*of_a), draw(*of_b) + unit * draw(*of_b)
    expected = np.linalg.solve(a, b)
    np.testing.assert_array_equal(
        np.linalg.solve(tracked(a), tracked(b)).numpy(), expected, strict=True
    )
    assert tg.check_grad(np.linalg.solve, a, b)


def test_a_singular_matrix_has_no_inverse() -> None:
    with pytest.raises(np.linalg.LinAlgError, match=r"inv.*Singular"):
        np.linalg.inv(tracked(np.ones((2, 2))))
    with pytest.raises(np.linalg.LinAlgError, match=r"solve.*Singular"):
        np.linalg.solve(tracked(np.ones((2, 2))), np.ones(2))


def test_what_is_not_square_is_an_error_that_names_the_shape() -> None:
    with pytest.raises(np.linalg.LinAlgError, match=r"\(2, 3\)"):
        np.linalg.inv(tracked(draw(2, 3)))


@pytest.mark.parametrize("shape", [(3, 3), (4, 2), (2, 4), (2, 3, 2), (1, 1), (0, 2)])
@pytest.mark.parametrize("unit", [0, 1j])
def test_pseudoinverses_are_numpys_and_differentiable_twice(shape: Any, unit: Any) -> None:
    a = draw(*shape) + unit * draw(*shape) + 3 * np.eye(*shape[-2:])
    np.testing.assert_array_equal(
        np.linalg.pinv(tracked(a)).numpy(), np.linalg.pinv(a), strict=True
    )
    assert tg.check_grad(np.linalg.pinv, a)


def test_a_pseudoinverse_is_differentiable_along_matrices_of_its_rank() -> None:
    def of_rank_one(u: Any, v: Any) -> Any:
        return np.linalg.pinv(np.outer(u, v), rcond=1e-8)

    assert tg.check_grad(of_rank_one, draw(3), draw(2))


def test_pinv_takes_its_cutoff_under_both_names() -> None:
    a = np.diag([1.0, 0.1])
    for settings in ({"rcond": 0.5}, {"rtol": 0.5}):
        y = np.linalg.pinv(tracked(a), **settings)
        np.testing.assert_array_equal(y.numpy(), np.linalg.pinv(a, **settings))
    y = np.linalg.pinv(tracked(a), rtol=None)
    np.testing.assert_array_equal(y.numpy(), np.linalg.pinv(a))
    with pytest.raises(ValueError, match="rtol"):
        np.linalg.pinv(tracked(a), 0.5, rtol=0.5)


def test_pinv_of_a_symmetric_matrix_reads_the_lower_triangle() -> None:
    a = np.array([[2.0, 99.0], [0.5, -1.0]])
    y = np.linalg.pinv(tracked(a), hermitian=True)
    np.testing.assert_allclose(y.numpy(), np.linalg.inv([[2.0, 0.5], [0.5, -1.0]]), rtol=1e-13)
    assert tg.check_grad(lambda a: np.linalg.pinv(a, hermitian=True), a)


@pytest.mark.parametrize(("of_a", "of_b"), [((4, 2), (4,)), ((4, 2), (4, 3)), ((3, 3), (3,)),
                                            ((2, 4), (2,))])  # fmt: skip
@pytest.mark.parametrize("unit", [0, 1j])
def test_least_squares_are_numpys_and_differentiable_twice(of_a: Any, of_b: Any, unit: Any) -> None:
    a, b = draw(*of_a) + unit * draw(*of_a), draw(*of_b) + unit * draw(*of_b)
    ours, numpys = np.linalg.lstsq(tracked(a), b), np.linalg.lstsq(a, b)
    for mine, theirs in zip(ours, numpys):
        values = mine.numpy() if isinstance(mine, tg.Tensor) else mine  # the rank is a number
        np.testing.assert_allclose(values, theirs, rtol=1e-10)
    assert tg.check_grad(lambda a, b: np.linalg.lstsq(a, b)[0], a, b)
    if of_a[0] > of_a[1]:
        assert tg.check_grad(lambda a, b: np.linalg.lstsq(a, b)[1], a, b)


def test_least_squares_of_dependent_columns_have_no_residuals() -> None:
    a = np.ones((3, 2))
    x, residuals, rank, _ = np.linalg.lstsq(tracked(a), np.array([1.0, 2.0, 3.0]))
    np.testing.assert_allclose(x.numpy(), [1, 1])
    assert residuals.shape == (0,)
    assert rank == 1


def test_tensor_equations_are_numpys_and_differentiable_twice() -> None:
    a = regular(6, 6)
    assert tg.check_grad(lambda a: np.linalg.tensorinv(a, ind=2), a.reshape(2, 3, 6))
    assert tg.check_grad(lambda a: np.linalg.tensorinv(a, 1), a.reshape(6, 2, 3))
    assert tg.check_grad(np.linalg.tensorsolve, a.reshape(2, 3, 6), draw(2, 3))
    moved = a.reshape(6, 2, 3).transpose(1, 0, 2)
    b = draw(6)
    y = np.linalg.tensorsolve(tracked(moved), b, axes=(0, 2))
    expected = np.linalg.tensorsolve(moved, b, axes=(0, 2))
    np.testing.assert_allclose(y.numpy(), expected, rtol=1e-12, strict=True)
    with pytest.raises(ValueError, match="square"):
        np.linalg.tensorsolve(tracked(draw(2, 3, 5)), draw(2, 3))
    with pytest.raises(ValueError, match="ind"):
        np.linalg.tensorinv(tracked(draw(2, 2)), 0)


@pytest.mark.parametrize("power", [0, 1, 2, 3, 5, 10, -1, -3])
@pytest.mark.parametrize("shape", [(2, 2), (3, 2, 2)])
def test_matrix_powers_are_numpys_and_differentiable_twice(power: int, shape: Any) -> None:
    a = regular(*shape) / 2
    x = tracked(a)
    y = np.linalg.matrix_power(x, power)
    expected = np.linalg.matrix_power(a, power)
    np.testing.assert_allclose(y.numpy(), expected, rtol=1e-11, strict=True)
    assert tg.check_grad(lambda a: np.linalg.matrix_power(a, power), a)
    assert y is not x  # t += 1 must not change what it was computed from


def test_matrix_power_refuses_fractions_and_rectangles() -> None:
    with pytest.raises(TypeError, match="integer"):
        np.linalg.matrix_power(tracked(draw(2, 2)), 0.5)
    with pytest.raises(np.linalg.LinAlgError, match=r"\(2, 3\)"):
        np.linalg.matrix_power(tracked(draw(2, 3)), 2)


def test_single_precision_stays_single() -> None:
    a = regular(2, 2).astype(np.float32)
    for function in (np.linalg.inv, np.linalg.pinv, lambda x: np.linalg.solve(x, a)):
        x = tracked(a)
        y = function(x)
        y.sum().backward()
        assert y.dtype == x.grad.dtype == np.float32
