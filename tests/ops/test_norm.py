"""Norms of vectors and matrices, their gradient 0 at 0, and the numbers that describe a matrix."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg

SEED = 6
GENERATOR = np.random.default_rng(SEED)
INFINITY = np.inf


@pytest.fixture(autouse=True)
def same_numbers_in_any_order() -> None:
    GENERATOR.bit_generator.state = np.random.default_rng(SEED).bit_generator.state


def draw(*shape: int) -> Any:
    return GENERATOR.uniform(-2, 2, shape)


def draw_complex(*shape: int) -> Any:
    return draw(*shape) + 1j * draw(*shape)


def tracked(x: Any) -> tg.Tensor:
    return tg.Tensor(x, requires_grad=True)


CALLS: list[tuple[tuple[int, ...], dict[str, Any]]] = [
    ((3,), {}),
    ((2, 3), {}),
    ((2, 3, 2), {}),
    ((2, 3), {"keepdims": True}),
    *(((4,), {"ord": ord}) for ord in (None, 1, 2, 3, 2.5, 0.5, -1, -2, INFINITY, -INFINITY)),
    ((2, 3), {"axis": 0}),
    ((2, 3), {"axis": -1, "ord": 1, "keepdims": True}),
    ((2, 3), {"axis": (1,), "ord": 3}),
    ((2, 3, 2), {"axis": 1, "ord": INFINITY}),
    *(((3, 2), {"ord": ord}) for ord in ("fro", "nuc", 1, -1, 2, -2, INFINITY, -INFINITY)),
    ((2, 3, 2), {"axis": (0, 2)}),
    ((2, 3, 2), {"axis": (0, 2), "ord": "nuc"}),
    ((2, 3, 2), {"axis": (2, 0), "ord": 1}),
    ((2, 3, 2), {"axis": (-2, 0), "ord": INFINITY, "keepdims": True}),
    ((2, 3, 2), {"axis": (1, 2), "ord": 2, "keepdims": True}),
    ((0,), {}),
    ((0, 3), {"axis": 1}),
]


@pytest.mark.parametrize(("shape", "settings"), CALLS)
@pytest.mark.parametrize("numbers", [draw, draw_complex])
def test_norms_are_numpys_and_differentiable_twice(shape: Any, settings: Any, numbers: Any) -> None:
    x = numbers(*shape)
    expected = np.asarray(np.linalg.norm(x, **settings))
    y = np.linalg.norm(tracked(x), **settings)
    np.testing.assert_allclose(y.numpy(), expected, rtol=1e-12, strict=True)
    assert tg.check_grad(lambda x: np.linalg.norm(x, **settings), x)


@pytest.mark.parametrize("ord", [None, 1, 2, 3, 1.5, INFINITY, -INFINITY])
@pytest.mark.parametrize("numbers", [float, complex])
def test_the_gradient_of_a_vectors_norm_at_0_is_0(ord: Any, numbers: Any) -> None:
    x = tracked(np.zeros(3, numbers))
    np.linalg.norm(x, ord).backward()
    np.testing.assert_array_equal(x.grad.numpy(), np.zeros(3))


@pytest.mark.parametrize("ord", [None, "fro", "nuc", 1, -1, 2, -2, INFINITY, -INFINITY])
@pytest.mark.parametrize("shape", [(2, 2), (3, 2)])
def test_the_gradient_of_a_matrixs_norm_at_0_is_0(ord: Any, shape: Any) -> None:
    x = tracked(np.zeros(shape))
    np.linalg.norm(x, ord).backward()
    np.testing.assert_array_equal(x.grad.numpy(), np.zeros(shape))


def test_zero_rows_do_not_spoil_the_others() -> None:
    x = tracked([[0.0, 0.0], [3.0, 4.0]])
    np.linalg.norm(x, axis=1).sum().backward()
    np.testing.assert_array_equal(x.grad.numpy(), [[0, 0], [0.6, 0.8]])


def test_tied_largest_elements_share_the_gradient() -> None:
    x = tracked([2.0, -2.0, 1.0])
    np.linalg.norm(x, INFINITY).backward()
    np.testing.assert_array_equal(x.grad.numpy(), [0.5, -0.5, 0])


def test_counting_elements_has_no_gradient() -> None:
    y = np.linalg.norm(tracked([0.0, 2.0]), 0)
    assert y.numpy() == 1
    assert not y.requires_grad


@pytest.mark.parametrize(
    "settings",
    [{}, {"axis": 0}, {"axis": (0, 1), "ord": 3}, {"ord": 1, "keepdims": True}, {"ord": INFINITY}],
)
def test_vector_norm_takes_any_axes(settings: Any) -> None:
    x = draw(2, 3)
    expected = np.asarray(np.linalg.vector_norm(x, **settings))
    y = np.linalg.vector_norm(tracked(x), **settings)
    np.testing.assert_allclose(y.numpy(), expected, rtol=1e-12, strict=True)
    assert tg.check_grad(lambda x: np.linalg.vector_norm(x, **settings), x)


@pytest.mark.parametrize("ord", ["fro", "nuc", 1, -1, 2, -2, INFINITY, -INFINITY])
def test_matrix_norm_is_of_each_matrix_in_a_stack(ord: Any) -> None:
    x = draw(2, 3, 2)
    expected = np.linalg.matrix_norm(x, ord=ord, keepdims=True)
    y = np.linalg.matrix_norm(tracked(x), ord=ord, keepdims=True)
    np.testing.assert_allclose(y.numpy(), expected, rtol=1e-12, strict=True)
    assert tg.check_grad(lambda x: np.linalg.matrix_norm(x, ord=ord), x)


@pytest.mark.parametrize(
    ("shape", "settings"),
    [((3,), {"ord": "fro"}), ((2, 2), {"ord": 3}), ((2, 2), {"ord": "max"}),
     ((2, 2, 2), {"ord": 2}), ((2, 2), {"axis": (0, 0)}),
     ((2, 2), {"axis": 2}), ((2, 2), {"axis": (0, 1, 1)})],
)  # fmt: skip
def test_what_numpy_refuses_is_refused(shape: Any, settings: Any) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # whatever NumPy says
        np.linalg.norm(draw(*shape), **settings)
    with pytest.raises(ValueError, match=r"norm|axis"):
        np.linalg.norm(tracked(draw(*shape)), **settings)


@pytest.mark.parametrize("p", [None, 2, -2, 1, -1, INFINITY, -INFINITY, "fro", "nuc"])
def test_condition_numbers_are_numpys_and_differentiable_twice(p: Any) -> None:
    x = draw(2, 3, 3) + 3 * np.eye(3)
    y = np.linalg.cond(tracked(x), p)
    np.testing.assert_allclose(y.numpy(), np.linalg.cond(x, p), rtol=1e-12, strict=True)
    assert tg.check_grad(lambda x: np.linalg.cond(x, p), x)


def test_the_condition_number_of_a_singular_matrix_is_infinite() -> None:
    assert np.linalg.cond(tracked(np.zeros((2, 2)) + np.diag([1.0, 0.0]))).numpy() == np.inf


def test_the_rank_is_a_constant() -> None:
    rank = np.linalg.matrix_rank(tracked(np.ones((3, 3))))
    assert rank.numpy() == 1
    assert not rank.requires_grad


@pytest.mark.parametrize("offset", [0, 1, -2, 5])
def test_diagonals_and_traces_are_of_each_matrix_in_a_stack(offset: int) -> None:
    x = draw(2, 3, 4)
    for function in (np.linalg.diagonal, np.linalg.trace):
        y = function(tracked(x), offset=offset)
        np.testing.assert_allclose(y.numpy(), function(x, offset=offset), rtol=1e-14)
        assert tg.check_grad(lambda x, f=function: f(x, offset=offset), x)


def test_whole_numbers_and_single_precision_are_taken_as_numpy_takes_them() -> None:
    assert np.linalg.norm(tg.Tensor([3, 4])).numpy() == 5
    assert np.linalg.norm(tg.Tensor([3, 4]), 1).dtype == np.float64
    for ord in (None, 1, 3, INFINITY):
        x = tg.Tensor([3.0, 4.0], requires_grad=True, dtype=np.float32)
        y = np.linalg.norm(x, ord)
        y.backward()
        assert y.dtype == x.grad.dtype == np.float32
