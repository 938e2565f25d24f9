"""Spreads, weighted means, and reductions that pass over NaN."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg

HOLES = np.array([[0, 0, np.nan], [np.nan, 0, 0]], np.float32)
CALLS: dict[str, tuple[Any, ...]] = {
    "var(x)": (
        lambda x: np.var(x),
        (2, 3, 4),
    ),
    "var(x, 0)": (
        lambda x: np.var(x, 0),
        (2, 3, 4),
    ),
    "var(x, (0, -1))": (
        lambda x: np.var(x, (0, -1)),
        (2, 3, 4),
    ),
    "var(x, -1, ddof=1, keepdims=True)": (
        lambda x: np.var(x, -1, ddof=1, keepdims=True),
        (2, 3, 4),
    ),
    "var(x, axis=1, correction=1)": (
        lambda x: np.var(x, axis=1, correction=1),
        (2, 3, 4),
    ),
    "var(x, 1, None, None, 1, True)": (
        lambda x: np.var(x, 1, None, None, 1, True),
        (2, 3, 4),
    ),
    "var(x, 0, where=[[True], [False], [True]])": (
        lambda x: np.var(x, 0, where=[[True], [False], [True]]),
        (3, 2),
    ),
    "var(x, 1, ddof=1, where=x > -1)": (
        lambda x: np.var(x, 1, ddof=1, where=x > -1),
        (2, 5),
    ),
    "var(x, axis=1, mean=x.mean(axis=1, keepdims=True))": (
        lambda x: np.var(x, axis=1, mean=x.mean(axis=1, keepdims=True)),
        (2, 3),
    ),
    "x.var(0, ddof=1)": (
        lambda x: x.var(0, ddof=1),
        (3, 2),
    ),
    "std(x)": (
        lambda x: np.std(x),
        (2, 3, 4),
    ),
    "std(x, 0)": (
        lambda x: np.std(x, 0),
        (2, 3, 4),
    ),
    "std(x, (0, -1))": (
        lambda x: np.std(x, (0, -1)),
        (2, 3, 4),
    ),
    "std(x, -1, ddof=1, keepdims=True)": (
        lambda x: np.std(x, -1, ddof=1, keepdims=True),
        (2, 3, 4),
    ),
    "std(x, axis=1, correction=1)": (
        lambda x: np.std(x, axis=1, correction=1),
        (2, 3, 4),
    ),
    "std(x, 1, None, None, 1, True)": (
        lambda x: np.std(x, 1, None, None, 1, True),
        (2, 3, 4),
    ),
    "std(x, 0, where=[[True], [False], [True]])": (
        lambda x: np.std(x, 0, where=[[True], [False], [True]]),
        (3, 2),
    ),
    "std(x, 1, ddof=1, where=x > -1)": (
        lambda x: np.std(x, 1, ddof=1, where=x > -1),
        (2, 5),
    ),
    "std(x, axis=1, mean=x.mean(axis=1, keepdims=True))": (
        lambda x: np.std(x, axis=1, mean=x.mean(axis=1, keepdims=True)),
        (2, 3),
    ),
    "x.std(0, ddof=1)": (
        lambda x: x.std(0, ddof=1),
        (3, 2),
    ),
    "nansum(x + HOLES)": (
        lambda x: np.nansum(x + HOLES),
        (2, 3),
    ),
    "nansum(x + HOLES, 0)": (
        lambda x: np.nansum(x + HOLES, 0),
        (2, 3),
    ),
    "nansum(x + HOLES, axis=-1)": (
        lambda x: np.nansum(x + HOLES, axis=-1),
        (2, 3),
    ),
    "nanprod(x + HOLES)": (
        lambda x: np.nanprod(x + HOLES),
        (2, 3),
    ),
    "nanprod(x + HOLES, 0)": (
        lambda x: np.nanprod(x + HOLES, 0),
        (2, 3),
    ),
    "nanprod(x + HOLES, axis=-1)": (
        lambda x: np.nanprod(x + HOLES, axis=-1),
        (2, 3),
    ),
    "nanmean(x + HOLES)": (
        lambda x: np.nanmean(x + HOLES),
        (2, 3),
    ),
    "nanmean(x + HOLES, 0)": (
        lambda x: np.nanmean(x + HOLES, 0),
        (2, 3),
    ),
    "nanmean(x + HOLES, axis=-1)": (
        lambda x: np.nanmean(x + HOLES, axis=-1),
        (2, 3),
    ),
    "nanvar(x + HOLES)": (
        lambda x: np.nanvar(x + HOLES),
        (2, 3),
    ),
    "nanvar(x + HOLES, 0)": (
        lambda x: np.nanvar(x + HOLES, 0),
        (2, 3),
    ),
    "nanvar(x + HOLES, axis=-1)": (
        lambda x: np.nanvar(x + HOLES, axis=-1),
        (2, 3),
    ),
    "nanstd(x + HOLES)": (
        lambda x: np.nanstd(x + HOLES),
        (2, 3),
    ),
    "nanstd(x + HOLES, 0)": (
        lambda x: np.nanstd(x + HOLES, 0),
        (2, 3),
    ),
    "nanstd(x + HOLES, axis=-1)": (
        lambda x: np.nanstd(x + HOLES, axis=-1),
        (2, 3),
    ),
    "nanmax(x + HOLES)": (
        lambda x: np.nanmax(x + HOLES),
        (2, 3),
    ),
    "nanmax(x + HOLES, 0)": (
        lambda x: np.nanmax(x + HOLES, 0),
        (2, 3),
    ),
    "nanmax(x + HOLES, axis=-1)": (
        lambda x: np.nanmax(x + HOLES, axis=-1),
        (2, 3),
    ),
    "nanmin(x + HOLES)": (
        lambda x: np.nanmin(x + HOLES),
        (2, 3),
    ),
    "nanmin(x + HOLES, 0)": (
        lambda x: np.nanmin(x + HOLES, 0),
        (2, 3),
    ),
    "nanmin(x + HOLES, axis=-1)": (
        lambda x: np.nanmin(x + HOLES, axis=-1),
        (2, 3),
    ),
    "nanmedian(x + HOLES)": (
        lambda x: np.nanmedian(x + HOLES),
        (2, 3),
    ),
    "nanmedian(x + HOLES, 0)": (
        lambda x: np.nanmedian(x + HOLES, 0),
        (2, 3),
    ),
    "nanmedian(x + HOLES, axis=-1)": (
        lambda x: np.nanmedian(x + HOLES, axis=-1),
        (2, 3),
    ),
    "nancumsum(x + HOLES)": (
        lambda x: np.nancumsum(x + HOLES),
        (2, 3),
    ),
    "nancumsum(x + HOLES, 0)": (
        lambda x: np.nancumsum(x + HOLES, 0),
        (2, 3),
    ),
    "nancumsum(x + HOLES, axis=-1)": (
        lambda x: np.nancumsum(x + HOLES, axis=-1),
        (2, 3),
    ),
    "nancumprod(x + HOLES)": (
        lambda x: np.nancumprod(x + HOLES),
        (2, 3),
    ),
    "nancumprod(x + HOLES, 0)": (
        lambda x: np.nancumprod(x + HOLES, 0),
        (2, 3),
    ),
    "nancumprod(x + HOLES, axis=-1)": (
        lambda x: np.nancumprod(x + HOLES, axis=-1),
        (2, 3),
    ),
    "nansum(x + HOLES, 1, keepdims=True)": (
        lambda x: np.nansum(x + HOLES, 1, keepdims=True),
        (2, 3),
    ),
    "nanmean(x + HOLES, 1, keepdims=True)": (
        lambda x: np.nanmean(x + HOLES, 1, keepdims=True),
        (2, 3),
    ),
    "nanvar(x + HOLES, 1, keepdims=True)": (
        lambda x: np.nanvar(x + HOLES, 1, keepdims=True),
        (2, 3),
    ),
    "nansum(x + HOLES, 1, initial=2.0)": (
        lambda x: np.nansum(x + HOLES, 1, initial=2.0),
        (2, 3),
    ),
    "nanmean(x + HOLES, where=[True, True, False])": (
        lambda x: np.nanmean(x + HOLES, where=[True, True, False]),
        (2, 3),
    ),
    "nanstd(x + HOLES, 1, ddof=1)": (
        lambda x: np.nanstd(x + HOLES, 1, ddof=1),
        (2, 3),
    ),
    "ptp(x)": (
        lambda x: np.ptp(x),
        (2, 3),
    ),
    "ptp(x, 0)": (
        lambda x: np.ptp(x, 0),
        (2, 3),
    ),
    "ptp(x, axis=(0, 1), keepdims=True)": (
        lambda x: np.ptp(x, axis=(0, 1), keepdims=True),
        (2, 3),
    ),
    "average(x)": (
        lambda x: np.average(x),
        (2, 3),
    ),
    "average(x, 1, exp(y))": (
        lambda x, y: np.average(x, 1, np.exp(y)),
        (2, 3),
        (3,),
    ),
    "average(x, weights=exp(y))": (
        lambda x, y: np.average(x, weights=np.exp(y)),
        (2, 3),
        (2, 3),
    ),
    "average(x, 1, exp(y), True)": (
        lambda x, y: np.average(x, 1, np.exp(y), True),
        (2, 3),
        (3,),
    ),
    "average(x, (0, 2), exp(y), keepdims=True)": (
        lambda x, y: np.average(x, (0, 2), np.exp(y), keepdims=True),
        (2, 3, 4),
        (2, 4),
    ),
    "average(x, 0, [1, 2])": (
        lambda x: np.average(x, 0, [1, 2]),
        (2, 3),
    ),
    "cov(x)": (
        lambda x: np.cov(x),
        (2, 5),
    ),
    "cov(x, y)": (
        lambda x, y: np.cov(x, y),
        (5,),
        (5,),
    ),
    "cov(x, ddof=2)": (
        lambda x: np.cov(x, ddof=2),
        (5,),
    ),
    "cov(x, rowvar=False, ddof=0)": (
        lambda x: np.cov(x, rowvar=False, ddof=0),
        (5, 2),
    ),
    "cov(x, bias=True)": (
        lambda x: np.cov(x, bias=True),
        (2, 5),
    ),
    "corrcoef(x)": (
        lambda x: np.corrcoef(x),
        (3, 5),
    ),
    "corrcoef(x, y)": (
        lambda x, y: np.corrcoef(x, y),
        (5,),
        (5,),
    ),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
def test_values_dtypes_and_derivatives_are_right(
    agrees_with_numpy: Callable[..., None], call: tuple[Any, ...]
) -> None:
    agrees_with_numpy(*call)


@pytest.mark.parametrize("spread", [np.std, np.var, np.nanstd, np.ptp])
@pytest.mark.parametrize("values", [[2.0, 2.0, 2.0], [1e8, 1e8], [0.0, 0.0]])
def test_what_does_not_spread_has_gradient_zero(spread: Any, values: list[float]) -> None:
    x = tg.Tensor(values, requires_grad=True)
    spread(x).backward(create_graph=True)
    first = x.grad
    assert first is not None
    assert first.tolist() == [0.0] * len(values)
    if spread in (np.std, np.nanstd):
        x.grad = None
        first.sum().backward()
        assert x.grad is not None
        assert np.isfinite(x.grad.numpy()).all()


def test_rows_that_do_not_spread_leave_the_others_alone() -> None:
    values = np.array([[1.0, 1.0, 1.0], [1.0, 2.0, 4.0]])
    x = tg.Tensor(values, requires_grad=True)
    np.std(x, axis=1).sum().backward()
    assert x.grad is not None
    deviation = values[1] - values[1].mean()
    np.testing.assert_allclose(x.grad.numpy(), [[0, 0, 0], deviation / (3 * values[1].std())])


def test_too_few_elements_warn_and_give_nan() -> None:
    x = tg.Tensor([[1.0, np.nan], [1.0, 2.0]], requires_grad=True)
    with pytest.warns(RuntimeWarning, match="Degrees of freedom"):
        y = np.nanvar(x, axis=1, ddof=1)
    assert np.isnan(y.numpy()).tolist() == [True, False]
    with pytest.warns(RuntimeWarning, match="Degrees of freedom"):
        np.cov(tg.Tensor([[1.0], [2.0]], requires_grad=True))


def test_nan_gets_no_gradient_where_it_is_passed_over() -> None:
    for reduce in (np.nansum, np.nanprod, np.nanmean, np.nanvar, np.nanmax, np.nanmedian):
        x = tg.Tensor([3.0, np.nan, 1.0], requires_grad=True)
        reduce(x).backward()
        assert x.grad is not None
        assert x.grad.tolist()[1] == 0.0
        assert np.isfinite(x.grad.numpy()).all()


def test_weights_that_cannot_be_normalized_are_refused() -> None:
    x = tg.Tensor(np.ones((2, 3)), requires_grad=True)
    with pytest.raises(ZeroDivisionError, match="normalized"):
        np.average(x, weights=np.zeros((2, 3)))
    with pytest.raises(TypeError, match="axis="):
        np.average(x, weights=[1.0, 2.0, 3.0])
    with pytest.raises(ValueError, match=r"\(2,\)"):
        np.average(x, axis=1, weights=[1.0, 2.0])


def test_two_names_for_one_thing_are_refused() -> None:
    with pytest.raises(ValueError, match="correction"):
        np.var(tg.Tensor([1.0, 2.0], requires_grad=True), ddof=1, correction=1)


def test_weights_of_observations_are_refused_by_name() -> None:
    with pytest.raises(TypeError, match="aweights"):
        np.cov(tg.Tensor([1.0, 2.0], requires_grad=True), aweights=[1.0, 2.0])
