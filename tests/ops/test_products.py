"""NumPy's products of vectors, matrices and arrays, spelled in every way NumPy allows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg

SEED = 0
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


PRODUCTS = [
    ("dot", np.dot, [((), ()), ((3,), ()), ((), (2, 3)), ((3,), (3,)), ((2, 3), (3,)),
                     ((3,), (3, 2)), ((2, 3), (3, 4)), ((2, 2, 3), (3, 2)), ((2, 3), (2, 3, 2)),
                     ((2, 1, 3), (2, 3, 1)), ((4, 2, 3), (3,)), ((0, 3), (3, 2))]),
    ("vdot", np.vdot, [((3,), (3,)), ((2, 3), (2, 3)), ((2, 3), (6,)), ((), ()), ((0,), (0,))]),
    ("inner", np.inner, [((), ()), ((3,), ()), ((3,), (3,)), ((2, 3), (3,)), ((2, 3), (4, 3)),
                         ((2, 2, 3), (1, 3))]),
    ("outer", np.outer, [((2,), (3,)), ((2, 2), (3,)), ((), (3,)), ((0,), (3,))]),
    ("linalg.outer", np.linalg.outer, [((2,), (3,))]),
    ("kron", np.kron, [((2,), (3,)), ((2, 2), (1, 3)), ((2,), (2, 2)), ((2, 1, 2), (2, 2)),
                       ((), (3,)), ((0,), (2,))]),
    ("vecdot", np.vecdot, [((3,), (3,)), ((2, 3), (3,)), ((2, 1, 3), (4, 3))]),
    ("cross", np.cross, [((3,), (3,)), ((2, 3), (3,)), ((2, 1, 3), (4, 3)), ((0, 3), (3,))]),
    ("linalg.cross", np.linalg.cross, [((3,), (3,)), ((2, 3), (2, 3))]),
    ("linalg.matmul", np.linalg.matmul, [((2, 3), (3, 2)), ((2, 2, 3), (3, 1))]),
]  # fmt: skip
PRODUCTS += [
    (name, getattr(np, name), shapes)
    for name, shapes in [
        ("matvec", [((2, 3), (3,)), ((4, 2, 3), (3,)), ((2, 3), (4, 3))]),
        ("vecmat", [((2,), (2, 3)), ((2,), (4, 2, 3)), ((4, 2), (2, 3))]),
    ]
    if hasattr(np, name)
]
CALLS = [
    pytest.param(function, *shapes, id=f"{name}-{shapes}")
    for name, function, all_shapes in PRODUCTS
    for shapes in all_shapes
]


@pytest.mark.parametrize(("function", "of_a", "of_b"), CALLS)
@pytest.mark.parametrize("numbers", [draw, draw_complex])
def test_products_are_numpys_and_differentiable_twice(
    function: Any, of_a: Any, of_b: Any, numbers: Any
) -> None:
    a, b = numbers(*of_a), numbers(*of_b)
    y = function(tracked(a), tracked(b))
    np.testing.assert_allclose(y.numpy(), function(a, b), rtol=1e-13, atol=1e-14, strict=True)
    assert tg.check_grad(function, a, b)


@pytest.mark.parametrize(("function", "of_a", "of_b"), CALLS)
def test_a_tensor_meets_an_array_or_a_list_on_either_side(
    function: Any, of_a: Any, of_b: Any
) -> None:
    a, b = draw(*of_a), draw(*of_b)
    for left, right in [(tracked(a), b), (a, tracked(b)), (tracked(a), b.tolist())]:
        if np.shape(right) == b.shape:  # else it was empty, and a list does not tell its shape
            y = function(left, right)
            assert isinstance(y, tg.Tensor)
            assert y.requires_grad
            np.testing.assert_allclose(y.numpy(), function(a, b), rtol=1e-13, atol=1e-14)


def test_single_precision_stays_single() -> None:
    for _, function, shapes in PRODUCTS:
        a, b = (draw(*shape).astype(np.float32) for shape in shapes[0])
        x = tracked(a)
        y = function(x, b)
        y.sum().backward()
        assert y.dtype == x.grad.dtype == np.float32


@pytest.mark.parametrize(
    ("of_a", "of_b", "axes"),
    [((2, 3), (3, 4), 1), ((2, 3), (2, 3), 2), ((2,), (3,), 0),
     ((2, 3, 4), (4, 3), ([1, 2], [1, 0])),
     ((2, 3), (4, 3), (1, 1)), ((2, 3), (4, 3), (-1, -1)), ((2, 3), (3, 2), ((0, 1), (1, 0))),
     ((2, 3, 2), (2, 3, 2), 3), ((0, 3), (3, 2), 1), ((2, 0), (0, 3), 1)],
)  # fmt: skip
@pytest.mark.parametrize("function", [np.tensordot, np.linalg.tensordot])
def test_tensordot_sums_over_pairs_of_axes(function: Any, of_a: Any, of_b: Any, axes: Any) -> None:
    a, b = draw(*of_a), draw(*of_b)
    expected = np.tensordot(a, b, axes)
    np.testing.assert_allclose(
        function(tracked(a), b, axes=axes).numpy(), expected, rtol=1e-13, strict=True
    )
    assert tg.check_grad(lambda a, b: function(a, b, axes=axes), a, b)


def test_tensordot_refuses_axes_that_do_not_fit() -> None:
    a = tracked(draw(2, 3))
    with pytest.raises(ValueError, match=r"\(2, 3\).*\(4, 2\)"):
        np.tensordot(a, draw(4, 2), 1)
    with pytest.raises(np.exceptions.AxisError):
        np.tensordot(a, draw(3, 2), ([5], [0]))


def test_a_complex_vdot_conjugates_its_first_operand() -> None:
    a = tracked(np.array([1 + 2j, 3 - 1j]))
    y = np.vdot(a, a)
    assert y.numpy() == 15
    np.real(y).backward()  # |a|^2 has the gradient 2 conj(a), as d/dx - i d/dy
    np.testing.assert_array_equal(a.grad.numpy(), 2 * np.conj(a.numpy()))


def test_linalg_vecdot_takes_any_axis() -> None:
    a, b = draw(3, 2), draw(3, 2)
    y = np.linalg.vecdot(tracked(a), b, axis=0)
    np.testing.assert_allclose(y.numpy(), (a * b).sum(axis=0))
    assert tg.check_grad(lambda a, b: np.linalg.vecdot(a, b, axis=-2), a, b)


@pytest.mark.parametrize(
    "settings",
    [{"axisa": 0}, {"axisa": 0, "axisc": 0}, {"axisa": 0, "axisb": -1, "axisc": 1}],
)
def test_cross_takes_its_vectors_along_any_axis(settings: Any) -> None:
    a, b = draw(3, 2), draw(2, 3)
    expected = np.cross(a, b, **settings)
    np.testing.assert_allclose(np.cross(tracked(a), b, **settings).numpy(), expected, strict=True)
    assert tg.check_grad(lambda a, b: np.cross(a, b, **settings), a, b)
    np.testing.assert_allclose(
        np.cross(tracked(a), a + 1, axis=0).numpy(), np.cross(a, a + 1, axis=0)
    )


@pytest.mark.parametrize("function", [np.cross, np.linalg.cross])
@pytest.mark.parametrize("size", [2, 4])
def test_cross_refuses_vectors_that_are_not_in_space(function: Any, size: int) -> None:
    with pytest.raises(ValueError, match="size 3"):
        function(tracked(draw(size)), draw(size))


def test_linalg_outer_takes_vectors_only() -> None:
    with pytest.raises(ValueError, match=r"vectors.*\(2, 2\)"):
        np.linalg.outer(tracked(draw(2, 2)), draw(2))


@pytest.mark.parametrize(
    "shapes",
    [((2, 3), (3, 4)), ((2, 3), (3, 4), (4, 1)), ((3,), (3, 4), (4, 2), (2,)), ((3,), (3,)),
     ((2, 3), (3,)), ((5, 2), (2, 6), (6, 1), (1, 3), (3, 2)), ((3,), (3, 2), (2, 4))],
)  # fmt: skip
def test_multi_dot_is_the_product_of_all(shapes: Any) -> None:
    matrices = [draw(*shape) for shape in shapes]
    y = np.linalg.multi_dot([tracked(matrices[0]), *matrices[1:]])
    np.testing.assert_allclose(y.numpy(), np.linalg.multi_dot(matrices), rtol=1e-12, strict=True)
    assert tg.check_grad(lambda *m: np.linalg.multi_dot(m), *matrices)


def test_multi_dot_multiplies_in_the_cheapest_order() -> None:
    a, b, c = (tracked(draw(*shape)) for shape in ((10, 100), (100, 5), (5, 50)))
    y = np.linalg.multi_dot([a, b, c])
    assert y.node.arrays[0].shape == (10, 5)  # (a @ b) @ c takes 7500 products, a @ (b @ c) 75000


def test_multi_dot_refuses_one_matrix_and_stacks() -> None:
    with pytest.raises(ValueError, match="at least two"):
        np.linalg.multi_dot([tracked(draw(2, 2))])
    with pytest.raises(np.linalg.LinAlgError, match=r"\(2, 2, 2\)"):
        np.linalg.multi_dot([tracked(draw(2, 2)), draw(2, 2, 2), draw(2, 2)])


@pytest.mark.parametrize("function", [np.dot, np.outer])
def test_writing_into_an_array_is_refused_by_name(function: Any) -> None:
    with pytest.raises(TypeError, match="out"):
        function(tracked(draw(2)), draw(2), out=np.zeros(2))


def test_a_product_of_shapes_that_do_not_fit_names_them() -> None:
    with pytest.raises(ValueError, match=r"\(2, 3\).*\(2, 3\)"):
        np.dot(tracked(draw(2, 3)), draw(2, 3))
