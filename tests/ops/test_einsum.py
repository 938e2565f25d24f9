"""einsum: every form of subscripts that NumPy takes, and its gradient."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg

SEED = 1
GENERATOR = np.random.default_rng(SEED)
CALLS = [
    ("ii->", [(3, 3)]),
    ("ii->i", [(3, 3)]),
    ("iij->ij", [(2, 2, 3)]),
    ("iji->j", [(2, 3, 2)]),
    ("iijj->ij", [(2, 2, 3, 3)]),
    ("iii->", [(2, 2, 2)]),
    ("ij,jk", [(2, 3), (3, 4)]),
    ("ij,jk->ik", [(2, 3), (3, 4)]),
    ("ij,jk->ki", [(2, 3), (3, 4)]),
    ("ba", [(2, 3)]),
    ("ij", [(2, 3)]),
    ("ii", [(3, 3)]),
    ("i,i->", [(3,), (3,)]),
    ("i,i->", [(1,), (3,)]),
    ("i,i->i", [(3,), (1,)]),
    ("ij,ij->j", [(2, 1), (1, 3)]),
    ("...ij,...jk", [(2, 3, 4), (2, 4, 2)]),
    ("...ij,...jk->...ik", [(5, 1, 2, 3), (2, 3, 2)]),
    ("...ij,jk->...ik", [(2, 2, 3), (3, 2)]),
    ("...,...", [(2, 3), (3,)]),
    ("...i->...", [(2, 3)]),
    ("i...->...", [(2, 3)]),
    ("i...j,j->i...", [(2, 3, 4), (4,)]),
    ("ij->...", [(2, 3)]),
    ("...", [(2, 3)]),
    ("ij->", [(2, 3)]),
    ("ij->i", [(2, 3)]),
    ("ij,k->i", [(2, 3), (2,)]),
    ("i,j->ij", [(2,), (3,)]),
    ("i,i,i->i", [(3,), (3,), (3,)]),
    ("ij,jk,kl->il", [(2, 3), (3, 2), (2, 3)]),
    ("bi,ijk,bk->bj", [(2, 3), (3, 2, 2), (2, 2)]),
    ("ii,i->i", [(2, 2), (2,)]),
    ("ii,jj->ij", [(2, 2), (3, 3)]),
    (",ij->ij", [(), (2, 3)]),
    ("->", [()]),
    ("ij,j->i", [(0, 3), (3,)]),
    ("ij,j->i", [(2, 0), (0,)]),
    ("i,i->", [(1,), (0,)]),
    (" i j , j k -> i k ", [(2, 3), (3, 2)]),
    ("Ab,bA->A", [(2, 3), (3, 2)]),
]


@pytest.fixture(autouse=True)
def same_numbers_in_any_order() -> None:
    GENERATOR.bit_generator.state = np.random.default_rng(SEED).bit_generator.state


def draw(shape: Any) -> Any:
    return GENERATOR.uniform(-2, 2, shape)


@pytest.mark.parametrize("optimize", [False, True, "greedy"])
@pytest.mark.parametrize(("subscripts", "shapes"), CALLS)
def test_einsum_is_numpys(subscripts: str, shapes: Any, optimize: Any) -> None:
    arrays = [draw(shape) for shape in shapes]
    expected = np.asarray(np.einsum(subscripts, *arrays))
    y = np.einsum(subscripts, *map(tg.Tensor, arrays), optimize=optimize)
    np.testing.assert_allclose(y.numpy(), expected, rtol=1e-12, atol=1e-14, strict=True)


@pytest.mark.parametrize(("subscripts", "shapes"), CALLS)
def test_einsum_is_differentiable_twice(subscripts: str, shapes: Any) -> None:
    assert tg.check_grad(lambda *x: np.einsum(subscripts, *x), *map(draw, shapes))


@pytest.mark.parametrize("subscripts", ["ii->i", "ij,jk->ik", "i,i->", "ij->"])
def test_einsum_of_complex_numbers_needs_no_conjugate(subscripts: str) -> None:
    shapes = [(3,) * len(term) for term in subscripts.split("->")[0].split(",")]
    arrays = [draw(shape) + 1j * draw(shape) for shape in shapes]
    assert tg.check_grad(lambda *x: np.einsum(subscripts, *x), *arrays)


def test_axes_may_be_numbered_instead_of_lettered() -> None:
    a, b = draw((2, 3)), draw((3, 4))
    x = tg.Tensor(a, requires_grad=True)
    for call in (
        lambda x: np.einsum(x, [0, 1], b, [1, 2], [0, 2]),
        lambda x: np.einsum(x, [0, 1], b, [1, 2]),
        lambda x: np.einsum(x, [30, 1], b, [1, 40], [30, 40]),
        lambda x: np.einsum(x, [Ellipsis, 1], b, [1, 2], [Ellipsis, 2]),
    ):
        np.testing.assert_allclose(call(x).numpy(), call(a), rtol=1e-13, strict=True)
        assert tg.check_grad(call, a)


def test_a_result_not_spelled_out_is_in_numpys_order_of_numbers() -> None:
    a = draw((2, 3, 4))
    x = tg.Tensor(a)
    np.testing.assert_array_equal(np.einsum(x, [30, 2, 27]).numpy(), np.einsum(a, [30, 2, 27]))
    np.testing.assert_array_equal(np.einsum("bAc", x).numpy(), np.einsum("bAc", a))


def test_a_given_order_of_contraction_is_used_forwards_and_does_no_harm_backwards() -> None:
    arrays = [draw((2, 3)), draw((3, 4)), draw((4, 2))]
    path = np.einsum_path("ij,jk,kl->il", *arrays)[0]
    assert np.einsum_path("ij,jk,kl->il", *map(tg.Tensor, arrays))[0] == path
    assert tg.check_grad(lambda *x: np.einsum("ij,jk,kl->il", *x, optimize=path), *arrays)


def test_the_gradient_of_a_trace_is_the_identity() -> None:
    x = tg.Tensor(draw((3, 3)), requires_grad=True)
    np.einsum("ii", x).backward()
    np.testing.assert_array_equal(x.grad.numpy(), np.eye(3))


def test_what_lies_off_the_diagonal_does_not_spoil_the_gradient() -> None:
    x = tg.Tensor([[1.0, np.inf], [np.nan, 2.0]], requires_grad=True)
    (np.einsum("ii->i", x) ** 2).sum().backward()
    np.testing.assert_array_equal(x.grad.numpy(), [[2, 0], [0, 4]])


def test_lists_numbers_and_arrays_may_stand_beside_tensors() -> None:
    x = tg.Tensor(draw((2,)), requires_grad=True)
    assert np.einsum("i,i->", x, [1.0, 2.0]).requires_grad
    assert np.einsum(",i->i", 2.0, x).requires_grad
    assert np.einsum("i,i", np.ones(2), x).requires_grad


def test_single_precision_stays_single() -> None:
    x = tg.Tensor(draw((3, 3)), requires_grad=True, dtype=np.float32)
    y = np.einsum("ii->i", x)
    y.sum().backward()
    assert y.dtype == x.grad.dtype == np.float32


@pytest.mark.parametrize(
    ("subscripts", "shapes"),
    [("ii", [(2, 3)]), ("ii->i", [(1, 3)]), ("ij,jk", [(2, 3)]), ("i", [(2, 3)]), ("ijk", [(2, 3)]),
     ("ij,jk", [(2, 3), (4, 5)]), ("...ij->ij", [(2, 3, 3)]), ("i->j", [(2,)]), ("i->ii", [(2,)]),
     ("i,i->ii", [(2,), (2,)]), ("...ijk", [(2, 3)]), ("i$->i", [(2, 3)])],
)  # fmt: skip
def test_subscripts_that_do_not_fit_are_a_value_error(subscripts: str, shapes: Any) -> None:
    arrays = [draw(shape) for shape in shapes]
    with pytest.raises(ValueError):  # noqa: PT011  # whatever NumPy says
        np.einsum(subscripts, *arrays)
    with pytest.raises(ValueError, match="einsum"):
        np.einsum(subscripts, *(tg.Tensor(a, requires_grad=True) for a in arrays))


@pytest.mark.parametrize("setting", [{"out": np.zeros(())}, {"dtype": float}, {"order": "C"}])
def test_arguments_that_make_no_sense_are_refused_by_name(setting: Any) -> None:
    with pytest.raises(TypeError, match=next(iter(setting))):
        np.einsum("i->", tg.Tensor(draw((2,)), requires_grad=True), **setting)
