"""Pooling layers and functions: arguments and errors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import nn
from tinygrad_edu.nn import pooling
from tinygrad_edu.nn.functional.adaptive import adaptive_avg_pool2d, adaptive_max_pool2d
from tinygrad_edu.nn.functional.pooling import (
    avg_pool1d,
    avg_pool2d,
    max_pool1d,
    max_pool2d,
)

X = np.random.default_rng(0).normal(size=(2, 3, 6, 7))


@pytest.mark.parametrize(
    "layer",
    [pooling.MaxPool2d(2), pooling.AvgPool2d(3, 2), pooling.AdaptiveAvgPool2d((2, 5)),
     pooling.AdaptiveMaxPool2d((4, None))],
)  # fmt: skip
def test_a_single_image_is_a_batch_of_one(layer: Any) -> None:
    np.testing.assert_array_equal(layer(X[1]), layer(X)[1])
    np.testing.assert_array_equal(layer(X[1].tolist()), layer(X)[1])


def test_the_stride_is_as_large_as_the_window_unless_it_is_given() -> None:
    np.testing.assert_array_equal(max_pool2d(X, (2, 3)), max_pool2d(X, (2, 3), stride=(2, 3)))
    assert max_pool2d(X, 2).shape == (2, 3, 3, 3)
    assert max_pool2d(X, 2, stride=1).shape == (2, 3, 5, 6)


@pytest.mark.parametrize("batch", [True, False])
@pytest.mark.parametrize("pool", ["plain", "adaptive", "adaptive, even"])
def test_the_indices_say_where_the_values_are(batch: bool, pool: str) -> None:
    x = X if batch else X[0]
    if pool == "plain":
        y, indices = max_pool2d(x, 3, 2, padding=1, dilation=(1, 2), return_indices=True)
    else:
        y, indices = adaptive_max_pool2d(x, 3 if "even" in pool else 4, return_indices=True)
    rows = x.reshape(*x.shape[:-2], -1)
    flat = indices.reshape(*x.shape[:-2], -1)
    np.testing.assert_array_equal(np.take_along_axis(rows, flat, -1).reshape(y.shape), y)


def test_a_window_beyond_the_end_counts_in_ceil_mode() -> None:
    x = np.arange(5.0)[None]
    assert max_pool1d(x, 2).tolist() == [[1.0, 3.0]]
    assert max_pool1d(x, 2, ceil_mode=True).tolist() == [[1.0, 3.0, 4.0]]
    assert avg_pool1d(x, 2, ceil_mode=True).tolist() == [[0.5, 2.5, 4.0]]
    assert max_pool1d(x, 1, stride=3, ceil_mode=True).tolist() == [[0.0, 3.0]]


def test_padding_counts_in_a_mean_unless_it_is_asked_not_to() -> None:
    x = np.full((1, 1, 2), 6.0)
    assert avg_pool2d(x, (1, 2), 1, (0, 1)).tolist() == [[[3.0, 6.0, 3.0]]]
    y = avg_pool2d(x, (1, 2), 1, (0, 1), count_include_pad=False)
    assert y.tolist() == [[[6.0, 6.0, 6.0]]]
    assert avg_pool2d(x, (1, 2), divisor_override=3).tolist() == [[[4.0]]]


def test_pooling_to_one_is_the_mean_or_the_largest_of_all() -> None:
    np.testing.assert_allclose(adaptive_avg_pool2d(X, 1)[..., 0, 0], X.mean(axis=(2, 3)))
    np.testing.assert_array_equal(adaptive_max_pool2d(X, 1)[..., 0, 0], X.max(axis=(2, 3)))


def test_pooling_to_the_same_size_changes_nothing() -> None:
    np.testing.assert_array_equal(adaptive_avg_pool2d(X, (None, 7)), X)
    np.testing.assert_array_equal(adaptive_max_pool2d(X, None), X)


def test_pooling_to_a_larger_size_repeats() -> None:
    x = np.array([[[1.0, 2.0]]])
    assert adaptive_avg_pool2d(x, (2, 4)).tolist() == [[[1.0, 1.0, 2.0, 2.0]] * 2]
    assert adaptive_max_pool2d(x, (1, 3)).tolist() == [[[1.0, 2.0, 2.0]]]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: max_pool2d(X, 0), ["kernel_size must be at least 1", "0"]),
        (lambda: max_pool2d(X, 2, 0), ["stride must be at least 1", "0"]),
        (lambda: max_pool2d(X, 2, padding=-1), ["padding must be at least 0", "-1"]),
        (lambda: max_pool2d(X, 2, padding=2), ["padding=2", "half", "kernel_size=2"]),
        (lambda: max_pool2d(X, 8), ["kernel (8, 8)", "(6, 7)"]),
        (lambda: max_pool2d(X, (2, 2, 2)), ["kernel_size", "(2, 2, 2)"]),
        (lambda: max_pool2d(X[0, 0], 2), ["(images, channels, height, width)", "(6, 7)"]),
        (lambda: avg_pool2d(X, 2, divisor_override=0), ["divisor_override=0"]),
        (lambda: avg_pool2d(X, 7), ["kernel (7, 7)", "(6, 7)"]),
        (lambda: adaptive_avg_pool2d(X, 0), ["output_size must be at least 1"]),
        (lambda: adaptive_avg_pool2d(X, (1, 2, 3)), ["output_size", "(1, 2, 3)"]),
        (lambda: adaptive_max_pool2d(X[:, :, :0], 1), ["(0, 7)", "nothing to pool"]),
    ],
)
def test_what_cannot_be_is_named_with_the_numbers(call: Any, words: Any) -> None:
    with pytest.raises(ValueError, match=r"pool|window") as raised:
        call()
    assert all(word in str(raised.value) for word in words), raised.value


def test_no_images_at_all_are_pooled_into_none() -> None:
    x = tg.Tensor(np.zeros((0, 2, 3, 3)), requires_grad=True)
    y = nn.AdaptiveMaxPool2d((2, 2))(x)
    assert y.shape == (0, 2, 2, 2)
    y.sum().backward()
    assert x.grad is not None
    assert x.grad.shape == x.shape
