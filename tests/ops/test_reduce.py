"""Reductions are NumPy's, whichever of its arguments are given, and share gradients fairly."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg

CALLS: dict[str, tuple[Any, ...]] = {
    "sum(x)": (
        lambda x: np.sum(x),
        (2, 3, 4),
    ),
    "sum(x, 0)": (
        lambda x: np.sum(x, 0),
        (2, 3, 4),
    ),
    "sum(x, axis=(0, -1))": (
        lambda x: np.sum(x, axis=(0, -1)),
        (2, 3, 4),
    ),
    "sum(x, -1, keepdims=True)": (
        lambda x: np.sum(x, -1, keepdims=True),
        (2, 3, 4),
    ),
    "prod(x)": (
        lambda x: np.prod(x),
        (2, 3, 4),
    ),
    "prod(x, 0)": (
        lambda x: np.prod(x, 0),
        (2, 3, 4),
    ),
    "prod(x, axis=(0, -1))": (
        lambda x: np.prod(x, axis=(0, -1)),
        (2, 3, 4),
    ),
    "prod(x, -1, keepdims=True)": (
        lambda x: np.prod(x, -1, keepdims=True),
        (2, 3, 4),
    ),
    "mean(x)": (
        lambda x: np.mean(x),
        (2, 3, 4),
    ),
    "mean(x, 0)": (
        lambda x: np.mean(x, 0),
        (2, 3, 4),
    ),
    "mean(x, axis=(0, -1))": (
        lambda x: np.mean(x, axis=(0, -1)),
        (2, 3, 4),
    ),
    "mean(x, -1, keepdims=True)": (
        lambda x: np.mean(x, -1, keepdims=True),
        (2, 3, 4),
    ),
    "max(x)": (
        lambda x: np.max(x),
        (2, 3, 4),
    ),
    "max(x, 0)": (
        lambda x: np.max(x, 0),
        (2, 3, 4),
    ),
    "max(x, axis=(0, -1))": (
        lambda x: np.max(x, axis=(0, -1)),
        (2, 3, 4),
    ),
    "max(x, -1, keepdims=True)": (
        lambda x: np.max(x, -1, keepdims=True),
        (2, 3, 4),
    ),
    "min(x)": (
        lambda x: np.min(x),
        (2, 3, 4),
    ),
    "min(x, 0)": (
        lambda x: np.min(x, 0),
        (2, 3, 4),
    ),
    "min(x, axis=(0, -1))": (
        lambda x: np.min(x, axis=(0, -1)),
        (2, 3, 4),
    ),
    "min(x, -1, keepdims=True)": (
        lambda x: np.min(x, -1, keepdims=True),
        (2, 3, 4),
    ),
    "sum(x, 1, initial=3.0)": (
        lambda x: np.sum(x, 1, initial=3.0),
        (2, 3),
    ),
    "sum(x, 0, None, None, True, 2.0, x > 0)": (
        lambda x: np.sum(x, 0, None, None, True, 2.0, x > 0),
        (2, 3),
    ),
    "sum(x, where=[True, False, True])": (
        lambda x: np.sum(x, where=[True, False, True]),
        (2, 3),
    ),
    "sum(x, initial=float64(2))": (
        lambda x: np.sum(x, initial=np.float64(2)),
        (3,),
    ),
    "prod(x, 1, initial=3.0)": (
        lambda x: np.prod(x, 1, initial=3.0),
        (2, 3),
    ),
    "prod(x, 0, None, None, True, 2.0, x > 0)": (
        lambda x: np.prod(x, 0, None, None, True, 2.0, x > 0),
        (2, 3),
    ),
    "prod(x, where=[True, False, True])": (
        lambda x: np.prod(x, where=[True, False, True]),
        (2, 3),
    ),
    "prod(x, initial=float64(2))": (
        lambda x: np.prod(x, initial=np.float64(2)),
        (3,),
    ),
    "max(x, axis=1, initial=0.3)": (
        lambda x: np.max(x, axis=1, initial=0.3),
        (2, 3),
    ),
    "max(x, 0, initial=0.3, where=[[True], [False], [True]])": (
        lambda x: np.max(x, 0, initial=0.3, where=[[True], [False], [True]]),
        (3, 2),
    ),
    "max(x, 0, None, True)": (
        lambda x: np.max(x, 0, None, True),
        (2, 3),
    ),
    "min(x, axis=1, initial=0.3)": (
        lambda x: np.min(x, axis=1, initial=0.3),
        (2, 3),
    ),
    "min(x, 0, initial=0.3, where=[[True], [False], [True]])": (
        lambda x: np.min(x, 0, initial=0.3, where=[[True], [False], [True]]),
        (3, 2),
    ),
    "min(x, 0, None, True)": (
        lambda x: np.min(x, 0, None, True),
        (2, 3),
    ),
    "amax(x, axis=1, initial=0.3)": (
        lambda x: np.amax(x, axis=1, initial=0.3),
        (2, 3),
    ),
    "amax(x, 0, initial=0.3, where=[[True], [False], [True]])": (
        lambda x: np.amax(x, 0, initial=0.3, where=[[True], [False], [True]]),
        (3, 2),
    ),
    "amax(x, 0, None, True)": (
        lambda x: np.amax(x, 0, None, True),
        (2, 3),
    ),
    "amin(x, axis=1, initial=0.3)": (
        lambda x: np.amin(x, axis=1, initial=0.3),
        (2, 3),
    ),
    "amin(x, 0, initial=0.3, where=[[True], [False], [True]])": (
        lambda x: np.amin(x, 0, initial=0.3, where=[[True], [False], [True]]),
        (3, 2),
    ),
    "amin(x, 0, None, True)": (
        lambda x: np.amin(x, 0, None, True),
        (2, 3),
    ),
    "nanmax(x, axis=1, initial=0.3)": (
        lambda x: np.nanmax(x, axis=1, initial=0.3),
        (2, 3),
    ),
    "nanmax(x, 0, initial=0.3, where=[[True], [False], [True]])": (
        lambda x: np.nanmax(x, 0, initial=0.3, where=[[True], [False], [True]]),
        (3, 2),
    ),
    "nanmax(x, 0, None, True)": (
        lambda x: np.nanmax(x, 0, None, True),
        (2, 3),
    ),
    "nanmin(x, axis=1, initial=0.3)": (
        lambda x: np.nanmin(x, axis=1, initial=0.3),
        (2, 3),
    ),
    "nanmin(x, 0, initial=0.3, where=[[True], [False], [True]])": (
        lambda x: np.nanmin(x, 0, initial=0.3, where=[[True], [False], [True]]),
        (3, 2),
    ),
    "nanmin(x, 0, None, True)": (
        lambda x: np.nanmin(x, 0, None, True),
        (2, 3),
    ),
    "mean(x, 0, where=[[True, False], [True, True]])": (
        lambda x: np.mean(x, 0, where=[[True, False], [True, True]]),
        (2, 2),
    ),
    "mean(x, axis=(0, 2), keepdims=True, where=x > -1)": (
        lambda x: np.mean(x, axis=(0, 2), keepdims=True, where=x > -1),
        (2, 3, 4),
    ),
    "x.sum(0, None, None, True)": (
        lambda x: x.sum(0, None, None, True),
        (2, 3),
    ),
    "x.max(1, None, True)": (
        lambda x: x.max(1, None, True),
        (2, 3),
    ),
    "x.mean(axis=0, keepdims=True)": (
        lambda x: x.mean(axis=0, keepdims=True),
        (2, 3),
    ),
    "x.prod(1)": (
        lambda x: x.prod(1),
        (2, 3),
    ),
    "sum(a=x, axis=0)": (
        lambda x: np.sum(a=x, axis=0),
        (2, 3),
    ),
    "sum(x, 0) + max(y)": (
        lambda x, y: np.sum(x, 0) + np.max(y),
        (3,),
        (2,),
    ),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
def test_values_dtypes_and_derivatives_are_right(
    agrees_with_numpy: Callable[..., None], call: tuple[Any, ...]
) -> None:
    agrees_with_numpy(*call)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("count", [2, 3, 1000, 70_000])
@pytest.mark.parametrize("reduce", [np.max, np.min, np.nanmax, np.nanmin, np.mean])
def test_equal_elements_share_the_gradient_evenly_and_none_of_it_is_lost(
    reduce: Any, count: int, dtype: Any
) -> None:
    x = tg.Tensor(np.ones(count, dtype), requires_grad=True)
    reduce(x).backward(np.asarray(2, dtype))
    assert x.grad is not None
    shares = x.grad.numpy().astype(float)
    assert (shares == shares[0]).all()
    np.testing.assert_allclose(shares.sum(), 2, rtol=5e-3 if dtype == np.float16 else 1e-6)


@pytest.mark.parametrize("axis", [0, 1, (0, 1)])
def test_ties_are_counted_in_each_slice(axis: Any) -> None:
    x = tg.Tensor([[1.0, 1.0, 0.0], [1.0, 0.0, 0.0]], requires_grad=True)
    np.max(x, axis=axis).sum().backward()
    assert x.grad is not None
    expected = {0: [[0.5, 1, 0.5], [0.5, 0, 0.5]], 1: [[0.5, 0.5, 0], [1, 0, 0]]}
    third = [[1 / 3, 1 / 3, 0], [1 / 3, 0, 0]]
    np.testing.assert_allclose(x.grad.numpy(), expected.get(axis, third))


@pytest.mark.parametrize("reduce", [np.max, np.min])
def test_nan_wins_and_gets_the_gradient(reduce: Any) -> None:
    x = tg.Tensor([[1.0, np.nan, 3.0, np.nan], [1.0, 2.0, 2.0, 1.0]], requires_grad=True)
    y = reduce(x, axis=1)
    assert np.isnan(y.numpy()).tolist() == [True, False]
    y.backward(np.ones(2))
    assert x.grad is not None
    assert x.grad.numpy()[0].tolist() == [0.0, 0.5, 0.0, 0.5]
    assert x.grad.numpy()[1].sum() == 1.0


def test_where_all_are_nan_the_form_that_passes_over_nan_warns_and_is_nan() -> None:
    x = tg.Tensor([[np.nan, np.nan], [1.0, np.nan]], requires_grad=True)
    with pytest.warns(RuntimeWarning, match="All-NaN"):
        y = np.nanmax(x, axis=1)
    assert np.isnan(y.numpy()).tolist() == [True, False]
    y.backward(np.ones(2))
    assert x.grad is not None
    assert x.grad.tolist() == [[0.5, 0.5], [1.0, 0.0]]


@pytest.mark.parametrize(
    ("values", "gradient", "curvature"),
    [
        ([0.0, 2.0, 3.0], [6.0, 0.0, 0.0], [5.0, 3.0, 2.0]),
        ([0.0, 0.0, 3.0], [0.0, 0.0, 0.0], [3.0, 3.0, 0.0]),
        ([0.0, 0.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]),
    ],
)
def test_zeros_do_no_harm_to_the_gradient_of_a_product(
    values: list[float], gradient: list[float], curvature: list[float]
) -> None:
    x = tg.Tensor(values, requires_grad=True)
    np.prod(x).backward(create_graph=True)
    first = x.grad
    assert first is not None
    assert first.tolist() == gradient
    x.grad = None
    first.sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == curvature


def test_a_dtype_converts_first_and_the_gradient_comes_back_in_the_old_one() -> None:
    x = tg.Tensor(np.ones(3, np.float32), requires_grad=True)
    for reduce in (np.sum, np.prod, np.mean):
        y = reduce(x, dtype=np.float64)
        assert y.dtype == np.float64
        x.grad = None
        y.backward()
        assert x.grad is not None
        assert x.grad.dtype == np.float32


def test_the_largest_of_nothing_is_the_initial_value() -> None:
    x = tg.Tensor(np.zeros((0, 2)), requires_grad=True)
    y = np.max(x, axis=0, initial=3.0)
    assert y.tolist() == [3.0, 3.0]
    y.backward(np.ones(2))
    assert x.grad is not None
    assert x.grad.shape == (0, 2)


def test_the_mean_of_a_mask_that_leaves_nothing_warns() -> None:
    x = tg.Tensor([1.0, 2.0], requires_grad=True)
    with pytest.warns(RuntimeWarning, match="Mean of empty slice"):
        y = np.mean(x, where=[False, False])
    assert np.isnan(y.item())


@pytest.mark.parametrize("reduce", [np.sum, np.prod, np.mean, np.max, np.min, np.nanmax])
def test_writing_into_an_array_is_refused_by_name(reduce: Any) -> None:
    x = tg.Tensor([1.0, 2.0], requires_grad=True)
    with pytest.raises(TypeError, match="does not take out="):
        reduce(x, out=np.zeros(()))


def test_a_mask_without_an_initial_value_is_refused_as_all_may_be_masked() -> None:
    with pytest.raises(ValueError, match="initial"):
        np.max(tg.Tensor([1.0, 2.0], requires_grad=True), where=[True, False])


@pytest.mark.parametrize("dtype", [int, bool, np.uint8])
@pytest.mark.parametrize("reduce", [np.sum, np.prod, np.max, np.mean, np.var, np.nanmax])
def test_whole_numbers_are_reduced_as_numpy_does(reduce: Any, dtype: Any) -> None:
    values = np.array([[3, 0, 2], [1, 1, 5]]).astype(dtype)
    y = reduce(tg.Tensor(values), axis=1, keepdims=True)
    expected = reduce(values, axis=1, keepdims=True)
    assert y.dtype == expected.dtype
    np.testing.assert_array_equal(y.numpy(), expected)
