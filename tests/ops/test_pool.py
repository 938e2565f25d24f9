"""Pooling and unfolding as ops: ties, NaN, and that pairs of ops are each other's transposes."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu.ops.conv import conv
from tinygrad_edu.ops.conv_unfold import fold, unfold
from tinygrad_edu.ops.conv_window import places
from tinygrad_edu.ops.pool import first_largest, max_pick, max_pool, max_unpool
from tinygrad_edu.ops.pool_mean import sum_pool, sum_unpool

WINDOWS = [
    {"kernel": kernel, "stride": stride, "padding": padding, "dilation": dilation}
    for kernel, stride, padding, dilation in product(
        [(2, 2), (3, 1), (1, 1)],
        [(2, 2), (1, 3)],
        [((0, 0), (0, 0)), ((1, 0), (0, 1))],
        [(1, 1), (2, 1)],
    )
    if kernel != (1, 1) or not any(map(any, padding))  # then windows would hold padding alone
]
TWO_BY_TWO = {"kernel": (2, 2), "stride": (2, 2), "padding": ((0, 0),) * 2, "dilation": (1, 1)}
LAYOUTS = {"rows": (0, 1, 2, 3), "channels last": (0, 2, 3, 1), "rows outermost": (2, 0, 3, 1)}


def image(seed: int = 0, ties: bool = False) -> Any:
    generator = np.random.default_rng(seed)
    shape = (2, 3, 6, 7)
    return generator.integers(0, 3, shape).astype(float) if ties else generator.normal(size=shape)


def windows_of(x: Any, window: dict[str, Any], fill: float) -> Any:
    """Copy every window into the last axis, by walking over the places."""
    kernel, stride, padding, dilation = window.values()
    size = places(x.shape[2:], kernel, stride, padding, dilation)
    xp = np.pad(x, ((0, 0), (0, 0), *padding), constant_values=fill)
    found = np.empty((*x.shape[:2], *size, kernel[0] * kernel[1]))
    for i, j in np.ndindex(size):
        a, b = i * stride[0], j * stride[1]
        rows = slice(a, a + dilation[0] * (kernel[0] - 1) + 1, dilation[0])
        columns = slice(b, b + dilation[1] * (kernel[1] - 1) + 1, dilation[1])
        found[:, :, i, j] = xp[:, :, rows, columns].reshape(*x.shape[:2], -1)
    return found


@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize("ties", [False, True])
def test_values_and_first_largest_are_those_of_every_window(window: Any, ties: bool) -> None:
    x = image(ties=ties)
    found = windows_of(x, window, -np.inf)
    y = max_pool(x, **window)
    np.testing.assert_array_equal(y, found.max(axis=-1))
    np.testing.assert_array_equal(first_largest(x, y, **window), found.argmax(axis=-1))
    np.testing.assert_allclose(
        sum_pool(x, **window), windows_of(x, window, 0).sum(axis=-1), rtol=1e-12, atol=1e-12
    )
    taps = unfold(x, **window).reshape(*x.shape[:2], -1, *y.shape[2:])
    np.testing.assert_array_equal(np.moveaxis(taps, 2, -1), windows_of(x, window, 0))


@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_with_ties_all_of_the_gradient_goes_to_one_element(window: Any, dtype: Any) -> None:
    x = tg.Tensor(image(ties=True).astype(dtype), requires_grad=True)
    y = max_pool(x, **window)
    dy = np.random.default_rng(1).integers(1, 9, y.shape).astype(dtype)
    y.backward(dy)
    expected = np.zeros(x.shape)
    which = windows_of(x.numpy(), window, -np.inf).argmax(axis=-1)
    kernel, stride, padding, dilation = window.values()
    for n, c, i, j in np.ndindex(y.shape):
        tap = np.unravel_index(which[n, c, i, j], kernel)
        row = i * stride[0] + tap[0] * dilation[0] - padding[0][0]
        column = j * stride[1] + tap[1] * dilation[1] - padding[1][0]
        expected[n, c, row, column] += dy[n, c, i, j]
    np.testing.assert_array_equal(x.grad.numpy(), expected)
    assert x.grad.dtype == dtype
    assert x.grad.numpy().sum() == dy.sum()


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("other", LAYOUTS)
def test_the_order_in_memory_does_not_matter(layout: str, other: str) -> None:
    def ordered(a: Any, axes: Any) -> Any:
        return a.transpose(axes).copy().transpose(np.argsort(axes))

    x = image(ties=True)
    expected = tg.grad(lambda t: (max_pool(t, **TWO_BY_TWO) ** 2).sum())(x)
    y = tg.Tensor(ordered(x, LAYOUTS[layout]), requires_grad=True, copy=False)
    pooled = max_pool(y, **TWO_BY_TWO)
    pooled.backward(ordered(2 * pooled.numpy(), LAYOUTS[other]))
    np.testing.assert_array_equal(y.grad.numpy(), np.asarray(expected))


def test_nan_wins_and_gets_the_gradient() -> None:
    x = tg.Tensor(np.array([[[[1.0, np.nan, 2.0, 0.0], [5.0, 3.0, 2.0, 2.0]]]]), requires_grad=True)
    y = max_pool(x, **TWO_BY_TWO)
    np.testing.assert_array_equal(y.numpy(), [[[[np.nan, 2.0]]]])
    y.backward(np.array([[[[1.0, 10.0]]]]))
    np.testing.assert_array_equal(x.grad.numpy(), [[[[0, 1, 10, 0], [0, 0, 0, 0]]]])


def test_what_is_minus_infinity_everywhere_still_gets_its_gradient() -> None:
    window = {**TWO_BY_TWO, "padding": ((1, 1), (1, 1))}
    x = tg.Tensor(np.full((1, 1, 2, 2), -np.inf), requires_grad=True)
    max_pool(x, **window).backward(np.ones((1, 1, 2, 2)))
    np.testing.assert_array_equal(x.grad.numpy(), np.ones((1, 1, 2, 2)))


@pytest.mark.parametrize("window", WINDOWS[::3])
def test_derivatives_agree_with_numbers_to_second_order(window: Any) -> None:
    x = image()[:1, :1]
    for function in (max_pool, sum_pool, unfold):
        assert tg.check_grad(lambda t, f=function: f(t, **window) ** 2, x)


@pytest.mark.parametrize("window", WINDOWS)
def test_putting_back_is_the_transpose_of_fetching(window: Any) -> None:
    x = image(1)
    draw, size = np.random.default_rng(2).normal, x.shape[2:]
    which = first_largest(x, max_pool(x, **window), **window)
    z, w = draw(size=which.shape), draw(size=unfold(x, **window).shape)
    for fetched, put in [
        (max_pick(x, which, **window) * z, max_unpool(z, which, size=size, **window) * x),
        (sum_pool(x, **window) * z, sum_unpool(z, size=size, **window) * x),
        (unfold(x, **window) * w, fold(w, size=size, **window) * x),
    ]:
        np.testing.assert_allclose(fetched.sum(), put.sum(), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("window", WINDOWS)
def test_a_sum_is_a_convolution_with_ones(window: Any) -> None:
    x, kernel = image(), window["kernel"]
    settings = {key: window[key] for key in ("stride", "padding", "dilation")}
    y = conv(x, np.ones((3, 1, *kernel)), groups=3, **settings)
    np.testing.assert_allclose(sum_pool(x, **window), y, rtol=1e-12, atol=1e-12)


def test_whole_numbers_are_pooled_too() -> None:
    x = np.array([[[[-5, -7], [-9, -5]]]])
    window = {**TWO_BY_TWO, "padding": ((1, 0), (0, 0))}
    assert max_pool(x, **window).tolist() == [[[[-5]]]]
    assert sum_pool(x, **window).tolist() == [[[[-12]]]]


@pytest.mark.parametrize("function", [max_pool, sum_pool, unfold])
def test_a_window_that_does_not_fit_is_refused_with_the_numbers(function: Any) -> None:
    with pytest.raises(ValueError, match=r"kernel \(7, 2\).*\(6, 7\)"):
        function(tg.Tensor(image()), **{**TWO_BY_TWO, "kernel": (7, 2)})


def test_windows_that_are_not_those_of_the_image_are_refused() -> None:
    with pytest.raises(ValueError, match=r"\(4, 4\).*\(2, 2\) places"):
        fold(tg.Tensor(np.ones((1, 1, 2, 2, 3, 3))), size=(4, 4), **TWO_BY_TWO)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dtype", [np.float32, np.int32])
@pytest.mark.parametrize(
    "kernel", [(6, 10), (6, 5), (3, 10), (1, 10), (6, 1), (3, 5), (2, 2), (3, 2)]
)
def test_blocks_without_overlap_are_summed_as_windows_are(
    kernel: Any, dtype: Any, layout: str
) -> None:
    x = np.random.default_rng(0).integers(-9, 9, (2, 3, 6, 10)).astype(dtype)
    order = LAYOUTS[layout]
    x = np.ascontiguousarray(x.transpose(order)).transpose(np.argsort(order))
    window = {"kernel": kernel, "stride": kernel, "padding": ((0, 0),) * 2, "dilation": (1, 1)}
    y = sum_pool(x, **window)
    expected = windows_of(x, window, 0).sum(axis=-1)
    np.testing.assert_array_equal(y, expected)
    assert y.dtype == dtype
    back = sum_unpool(y, size=(6, 10), **window)
    np.testing.assert_array_equal(back, expected.repeat(kernel[0], 2).repeat(kernel[1], 3))
    assert back.dtype == dtype
