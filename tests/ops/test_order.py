"""Sorting, and what stands at a given place in the order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg

HOLES = np.array([[0, 0, np.nan], [np.nan, 0, 0]], np.float32)
CALLS: dict[str, tuple[Any, ...]] = {
    "sort(x)": (
        lambda x: np.sort(x),
        (2, 3),
    ),
    "sort(x, axis=0)": (
        lambda x: np.sort(x, axis=0),
        (3, 2),
    ),
    "sort(x, None)": (
        lambda x: np.sort(x, None),
        (2, 3),
    ),
    "sort(x, kind='stable')": (
        lambda x: np.sort(x, kind="stable"),
        (4,),
    ),
    "partition(x, 2)": (
        lambda x: np.partition(x, 2),
        (2, 6),
    ),
    "partition(x, (1, 3), 0)": (
        lambda x: np.partition(x, (1, 3), 0),
        (6, 2),
    ),
    "partition(x, 3, axis=None)": (
        lambda x: np.partition(x, 3, axis=None),
        (2, 4),
    ),
    "median(x)": (
        lambda x: np.median(x),
        (2, 3),
    ),
    "median(x, 0)": (
        lambda x: np.median(x, 0),
        (4, 3),
    ),
    "median(x, axis=(0, 2), keepdims=True)": (
        lambda x: np.median(x, axis=(0, 2), keepdims=True),
        (2, 3, 2),
    ),
    "nanmedian(x + HOLES, 1)": (
        lambda x: np.nanmedian(x + HOLES, 1),
        (2, 3),
    ),
    "nanmedian(x + HOLES)": (
        lambda x: np.nanmedian(x + HOLES),
        (2, 3),
    ),
    "quantile(x, 0.3)": (
        lambda x: np.quantile(x, 0.3),
        (2, 3),
    ),
    "quantile(x, 0)": (
        lambda x: np.quantile(x, 0),
        (5,),
    ),
    "quantile(x, 1.0)": (
        lambda x: np.quantile(x, 1.0),
        (5,),
    ),
    "quantile(x, [[0.1, 0.2], [0.5, 0.9]], 1)": (
        lambda x: np.quantile(x, [[0.1, 0.2], [0.5, 0.9]], 1),
        (2, 7),
    ),
    "quantile(x, [0.25, 0.5], (0, 2), keepdims=True)": (
        lambda x: np.quantile(x, [0.25, 0.5], (0, 2), keepdims=True),
        (2, 3, 4),
    ),
    "percentile(x, 33)": (
        lambda x: np.percentile(x, 33),
        (7,),
    ),
    "percentile(x, [10, 90], axis=0)": (
        lambda x: np.percentile(x, [10, 90], axis=0),
        (5, 2),
    ),
    "nanquantile(x + HOLES, [0.1, 0.5, 0.77], 1)": (
        lambda x: np.nanquantile(x + HOLES, [0.1, 0.5, 0.77], 1),
        (2, 3),
    ),
    "nanquantile(x + HOLES, 0.3)": (
        lambda x: np.nanquantile(x + HOLES, 0.3),
        (2, 3),
    ),
    "nanpercentile(x + HOLES, 30, 0)": (
        lambda x: np.nanpercentile(x + HOLES, 30, 0),
        (2, 3),
    ),
    "quantile(x, y)": (
        lambda x, y: np.quantile(x, y),
        (7,),
        [0.22, 0.61],
    ),
    "percentile(x, y, axis=0)": (
        lambda x, y: np.percentile(x, y, axis=0),
        (5, 2),
        33.0,
    ),
    "quantile(x, 0.37, 1, method='inverted_cdf')": (
        lambda x: np.quantile(x, 0.37, 1, method="inverted_cdf"),
        (2, 7),
    ),
    "quantile(x, 0.37, 1, method='averaged_inverted_cdf')": (
        lambda x: np.quantile(x, 0.37, 1, method="averaged_inverted_cdf"),
        (2, 7),
    ),
    "quantile(x, 0.37, 1, method='closest_observation')": (
        lambda x: np.quantile(x, 0.37, 1, method="closest_observation"),
        (2, 7),
    ),
    "quantile(x, 0.37, 1, method='interpolated_inverted_cdf')": (
        lambda x: np.quantile(x, 0.37, 1, method="interpolated_inverted_cdf"),
        (2, 7),
    ),
    "quantile(x, 0.37, 1, method='hazen')": (
        lambda x: np.quantile(x, 0.37, 1, method="hazen"),
        (2, 7),
    ),
    "quantile(x, 0.37, 1, method='weibull')": (
        lambda x: np.quantile(x, 0.37, 1, method="weibull"),
        (2, 7),
    ),
    "quantile(x, 0.37, 1, method='median_unbiased')": (
        lambda x: np.quantile(x, 0.37, 1, method="median_unbiased"),
        (2, 7),
    ),
    "quantile(x, 0.37, 1, method='normal_unbiased')": (
        lambda x: np.quantile(x, 0.37, 1, method="normal_unbiased"),
        (2, 7),
    ),
    "quantile(x, 0.37, 1, method='lower')": (
        lambda x: np.quantile(x, 0.37, 1, method="lower"),
        (2, 7),
    ),
    "quantile(x, 0.37, 1, method='higher')": (
        lambda x: np.quantile(x, 0.37, 1, method="higher"),
        (2, 7),
    ),
    "quantile(x, 0.37, 1, method='midpoint')": (
        lambda x: np.quantile(x, 0.37, 1, method="midpoint"),
        (2, 7),
    ),
    "quantile(x, 0.37, 1, method='nearest')": (
        lambda x: np.quantile(x, 0.37, 1, method="nearest"),
        (2, 7),
    ),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
def test_values_dtypes_and_derivatives_are_right(
    agrees_with_numpy: Callable[..., None], call: tuple[Any, ...]
) -> None:
    agrees_with_numpy(*call)


def gradient(function: Callable[[Any], Any], values: Any) -> Any:
    x = tg.Tensor(values, requires_grad=True)
    y = function(x)
    y.backward(np.ones(y.shape))
    assert x.grad is not None
    return x.grad.numpy()


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("count", [2, 1000, 70_000])
@pytest.mark.parametrize(
    "pick",
    [np.median, np.nanmedian, lambda x: np.quantile(x, 0.3), lambda x: np.sort(x)[-1],
     lambda x: np.partition(x, 1)[0]],
)  # fmt: skip
def test_equal_elements_share_the_gradient_evenly_and_none_of_it_is_lost(
    pick: Any, count: int, dtype: Any
) -> None:
    shares = gradient(pick, np.ones(count, dtype)).astype(float)
    assert (shares == shares[0]).all()
    np.testing.assert_allclose(shares.sum(), 1, rtol=5e-3 if dtype == np.float16 else 1e-6)


def test_only_equal_elements_of_one_row_share() -> None:
    values = [[2.0, 1.0, 2.0], [2.0, 3.0, 4.0]]
    np.testing.assert_array_equal(
        gradient(lambda x: np.sort(x)[:, -1], values), [[0.5, 0, 0.5], [0, 0, 1]]
    )


def test_a_sum_of_sorted_elements_has_gradient_one_whatever_is_tied() -> None:
    assert (gradient(np.sort, np.ones(70_000, np.float16)) == 1).all()


def test_nan_sorts_last_decides_the_median_and_gets_its_gradient() -> None:
    values = [1.0, np.nan, 3.0, np.nan]
    assert gradient(lambda x: np.sort(x)[:2], values).tolist() == [1.0, 0.0, 1.0, 0.0]
    for pick in (np.median, lambda x: np.quantile(x, 0.1)):
        assert np.isnan(pick(tg.Tensor(values, requires_grad=True)).item())
        assert gradient(pick, values).tolist() == [0.0, 0.5, 0.0, 0.5]


def test_rows_of_nothing_but_nan_warn() -> None:
    x = tg.Tensor([[np.nan, np.nan], [1.0, 2.0]], requires_grad=True)
    with pytest.warns(RuntimeWarning, match="All-NaN"):
        y = np.nanmedian(x, axis=1)
    assert np.isnan(y.numpy()).tolist() == [True, False]


def test_partition_sends_gradients_to_where_its_elements_came_from() -> None:
    values = np.random.default_rng(0).normal(size=200)
    x = tg.Tensor(values, requires_grad=True)
    y = np.partition(x, 50)
    np.testing.assert_array_equal(y.numpy(), np.partition(values, 50))
    weights = np.arange(200.0)
    y.backward(weights)
    assert x.grad is not None
    came_from = [int(np.flatnonzero(values == number)[0]) for number in y.numpy()]
    np.testing.assert_array_equal(x.grad.numpy()[came_from], weights)


def test_sorting_in_place_is_recorded() -> None:
    x = tg.Tensor([3.0, 1.0, 2.0], requires_grad=True)
    y = x * 1
    y.sort()
    assert y.tolist() == [1.0, 2.0, 3.0]
    y.backward(np.array([10.0, 20.0, 30.0]))
    assert x.grad is not None
    assert x.grad.tolist() == [30.0, 10.0, 20.0]
    with pytest.raises(RuntimeError, match="in place"):
        x.sort()


def test_places_in_the_order_have_no_gradient() -> None:
    x = tg.Tensor([3.0, 1.0, 2.0], requires_grad=True)
    for places in (x.argsort(), np.argpartition(x, 1), np.searchsorted(np.sort(x), 2.5)):
        assert isinstance(places, tg.Tensor)
        assert not places.requires_grad


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda x: np.sort(x, order="name"), TypeError, "order="),
        (lambda x: np.median(x, out=np.zeros(())), TypeError, "out="),
        (lambda x: np.quantile(x, 1.5), ValueError, "range"),
        (lambda x: np.quantile(x, 0.5, weights=[1.0, 1.0, 1.0], method="inverted_cdf"),
         TypeError, "weights="),
        (lambda x: np.quantile([1.0, 2.0], x / 3, method="hazen"), TypeError, "q="),
        (lambda x: np.sort(x, axis=1), np.exceptions.AxisError, "axis 1"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(call: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call(tg.Tensor([3.0, 1.0, 2.0], requires_grad=True))
