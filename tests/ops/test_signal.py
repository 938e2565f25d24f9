"""Convolutions, curves through points, polynomials, and phases."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg

CALLS: dict[str, tuple[Any, ...]] = {
    "interp(x, [0.0, 1.0, 2.5, 4.0], y)": (
        lambda x, y: np.interp(x, [0.0, 1.0, 2.5, 4.0], y),
        [[-1.0, 0.3], [2.2, 5.0]],
        (4,),
    ),
    "interp(x, y, z)": (
        lambda x, y, z: np.interp(x, y, z),
        [-1.0, 0.3, 2.2, 5.0],
        [0.0, 1.0, 2.5, 4.0],
        (4,),
    ),
    "interp(x, y, z, left=-5.0, right=7.0)": (
        lambda x, y, z: np.interp(x, y, z, left=-5.0, right=7.0),
        [-1.0, 0.3, 5.0],
        [0.0, 1.0, 2.5, 4.0],
        (4,),
    ),
    "interp(x, y, z, period=5.0)": (
        lambda x, y, z: np.interp(x, y, z, period=5.0),
        [-1.0, 0.3, 6.2, 12.4],
        [3.0, 1.0, 0.1],
        (3,),
    ),
    "interp(x, [1.0], y) * x": (
        lambda x, y: np.interp(x, [1.0], y) * x,
        (3,),
        (1,),
    ),
    "interp(x, [0.0, 1.0], y)": (
        lambda x, y: np.interp(x, [0.0, 1.0], y),
        (),
        (2,),
    ),
    "unwrap(x)": (
        lambda x: np.unwrap(x),
        [0.0, 3.0, -3.0, 0.5, 7.0, -5.0],
    ),
    "unwrap(x, axis=0, period=3.0)": (
        lambda x: np.unwrap(x, axis=0, period=3.0),
        [[0.0, 1.0], [2.0, -3.0], [5.0, 0.0]],
    ),
    "unwrap(x, 4.0)": (
        lambda x: np.unwrap(x, 4.0),
        [0.0, 3.0, -3.0, 0.5, 7.0, -5.0],
    ),
    "polyval(x, y)": (
        lambda x, y: np.polyval(x, y),
        (4,),
        (2, 3),
    ),
    "polyval([1, 2, 3], x)": (
        lambda x: np.polyval([1, 2, 3], x),
        (3,),
    ),
    "polyval(x, 2)": (
        lambda x: np.polyval(x, 2),
        (3,),
    ),
    "polyadd(x, y)": (
        lambda x, y: np.polyadd(x, y),
        (3,),
        (2,),
    ),
    "polysub(x, y)": (
        lambda x, y: np.polysub(x, y),
        (2,),
        (4,),
    ),
    "polymul(x, y)": (
        lambda x, y: np.polymul(x, y),
        (3,),
        (2,),
    ),
    "polymul([0, 0, 1], x)": (
        lambda x: np.polymul([0, 0, 1], x),
        (3,),
    ),
    "polyder(x)": (
        lambda x: np.polyder(x),
        (4,),
    ),
    "polyder(x, 2)": (
        lambda x: np.polyder(x, 2),
        (4,),
    ),
    "polyint(x, 2)": (
        lambda x: np.polyint(x, 2),
        (3,),
    ),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
def test_values_dtypes_and_derivatives_are_right(
    agrees_with_numpy: Callable[..., None], call: tuple[Any, ...]
) -> None:
    agrees_with_numpy(*call)


@pytest.mark.parametrize("mode", ["full", "same", "valid"])
@pytest.mark.parametrize(
    ("n", "m"), [(5, 3), (3, 5), (4, 2), (2, 4), (5, 2), (2, 5), (4, 4), (1, 3), (1, 1), (6, 4)]
)
def test_convolutions_and_correlations_of_all_lengths(
    agrees_with_numpy: Callable[..., None], n: int, m: int, mode: Any
) -> None:
    agrees_with_numpy(lambda a, v: np.convolve(a, v, mode), (n,), (m,))
    agrees_with_numpy(lambda a, v: np.correlate(a, v, mode=mode), (n,), (m,))


def test_a_correlation_is_the_gradient_of_a_convolution() -> None:
    generator = np.random.default_rng(0)
    a = tg.Tensor(generator.normal(size=6), requires_grad=True)
    v, dy = generator.normal(size=3), generator.normal(size=8)
    np.convolve(a, v).backward(dy)
    assert a.grad is not None
    np.testing.assert_allclose(a.grad.numpy(), np.correlate(dy, v, "valid"), rtol=1e-12)


def test_beyond_the_last_point_a_curve_is_flat() -> None:
    x = tg.Tensor([-1.0, 0.5, 3.0], requires_grad=True)
    np.interp(x, [0.0, 1.0, 2.0], [0.0, 10.0, 30.0]).sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [0.0, 10.0, 0.0]


def test_leading_zeros_are_no_part_of_a_product_of_polynomials() -> None:
    x = tg.Tensor([0.0, 0.0, 2.0, 3.0], requires_grad=True)
    y = np.polymul(x, [1.0, 1.0])
    np.testing.assert_array_equal(y.numpy(), np.polymul(x.numpy(), [1.0, 1.0]))
    zero = tg.Tensor([0.0, 0.0], requires_grad=True)
    assert np.polymul(zero, [1.0, 1.0]).tolist() == [0.0, 0.0]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda x: np.convolve(x, x[:0]), ValueError, "convolve"),
        (lambda x: np.convolve(x, x[None]), ValueError, "convolve"),
        (lambda x: np.convolve(x, x, "half"), ValueError, "mode"),
        (lambda x: np.interp(x, [0.0, 1.0], [1.0]), ValueError, "points"),
        (lambda x: np.interp(x, [0.0, 1.0], [1.0, 2.0], period=0), ValueError, "period"),
        (lambda x: np.polyint(x, k=1.0), TypeError, "k="),
    ],
)
def test_what_makes_no_sense_is_refused(call: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call(tg.Tensor([1.0, 2.0, 3.0], requires_grad=True))
