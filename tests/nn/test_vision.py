"""Images rearranged: what is undone by what, second derivatives, errors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu.nn.functional.pad import pad
from tinygrad_edu.nn.functional.vision import (
    fold,
    interpolate,
    pixel_shuffle,
    pixel_unshuffle,
    unfold,
)

X = np.random.default_rng(0).normal(size=(2, 4, 6, 8))


@pytest.mark.parametrize("shape", [(4, 6, 8), (2, 4, 6, 8), (2, 3, 4, 6, 8), (0, 4, 6, 8)])
def test_unshuffling_undoes_shuffling(shape: Any) -> None:
    x = np.random.default_rng(0).normal(size=shape)
    y = pixel_shuffle(x, 2)
    assert y.shape == (*shape[:-3], 1, 12, 16)
    np.testing.assert_array_equal(pixel_unshuffle(y, 2), x)


def test_folding_counts_the_windows_that_cover_an_element() -> None:
    settings = {"kernel_size": 3, "padding": 1, "stride": 2}
    counts = fold(unfold(np.ones_like(X), **settings), X.shape[2:], **settings)
    np.testing.assert_allclose(fold(unfold(X, **settings), X.shape[2:], **settings), counts * X)


@pytest.mark.parametrize("mode", ["nearest", "nearest-exact", "bilinear", "area"])
def test_the_same_size_is_the_same_image(mode: str) -> None:
    np.testing.assert_allclose(interpolate(X, X.shape[2:], mode=mode), X, rtol=1e-15)


@pytest.mark.parametrize("align_corners", [False, True])
def test_a_constant_stays_constant_and_corners_stay_where_they_are_said_to(
    align_corners: bool,
) -> None:
    larger = interpolate(np.full((1, 1, 3, 4), 2.5), (7, 9), mode="bilinear")
    np.testing.assert_allclose(larger, 2.5, rtol=1e-12)
    y = interpolate(X, (11, 17), mode="bilinear", align_corners=True)
    corners = y[..., [0, 0, -1, -1], [0, -1, 0, -1]]
    np.testing.assert_allclose(corners, X[..., [0, 0, -1, -1], [0, -1, 0, -1]], rtol=1e-12)


@pytest.mark.parametrize(
    "function",
    [
        lambda x: interpolate(x, scale_factor=2) ** 2,
        lambda x: interpolate(x, (3, 4), mode="bilinear") ** 2,
        lambda x: pixel_shuffle(x, 2) ** 2,
        lambda x: pixel_unshuffle(x, 2) ** 2,
        lambda x: unfold(x, 2, padding=1) ** 2,
        lambda x: fold(unfold(x, 2), (2, 2), 2) ** 2,
        lambda x: pad(x, (1, 1, 1, 0), "reflect") ** 2,
        lambda x: pad(x, (1, -1), "circular") ** 2,
    ],
)
def test_derivatives_agree_with_numbers_to_second_order(function: Any) -> None:
    assert tg.check_grad(function, X[:1, :, :2, :2])


def test_single_precision_stays_single() -> None:
    x = X.astype(np.float32)
    for y in (interpolate(x, 9, mode="bilinear"), interpolate(x, 9), pad(x, (1, 2)), unfold(x, 2)):
        assert y.dtype == np.float32


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: interpolate(X), ["size or a scale_factor"]),
        (lambda: interpolate(X, 3, 2), ["size or a scale_factor"]),
        (lambda: interpolate(X, 3, mode="cubic"), ["bilinear", "'cubic'"]),
        (lambda: interpolate(X, 3, mode="linear"), ["length", "(2, 4, 6, 8)"]),
        (lambda: interpolate(X, 3, align_corners=True), ["align_corners", "'nearest'"]),
        (lambda: interpolate(X, scale_factor=0.1), ["0.1", "(6, 8)"]),
        (lambda: interpolate(X, scale_factor=(1, 2, 3)), ["(1, 2, 3)", "(6, 8)"]),
        (lambda: interpolate(X, 3, recompute_scale_factor=True), ["recompute_scale_factor"]),
        (lambda: interpolate(X[0, 0], 3), ["(6, 8)"]),
        (lambda: pixel_shuffle(X, 3), ["3 * 3", "(2, 4, 6, 8)"]),
        (lambda: pixel_shuffle(X, 0), ["at least 1", "0"]),
        (lambda: pixel_unshuffle(X, 4), ["multiples of 4", "(2, 4, 6, 8)"]),
        (lambda: unfold(X, 9), ["kernel (9, 9)", "(6, 8)"]),
        (lambda: fold(X[0], (6, 8), 2), ["(5, 7) places", "(4, 6, 8)"]),
        (lambda: pad(X, (1, 2, 3)), ["(1, 2, 3)", "two numbers"]),
        (lambda: pad(X, (8, 0), "reflect"), ["8 elements", "'reflect'", "axis 3", "7 to copy"]),
        (lambda: pad(X, (0, 9), "circular"), ["9 elements", "8 to copy"]),
        (lambda: pad(X, (1, 1), "edge"), ["replicate", "'edge'"]),
        (lambda: pad(X, (1, 1), "reflect", 1.0), ["takes no value=1.0"]),
    ],
)
def test_what_cannot_be_is_named_with_the_numbers(call: Any, words: Any) -> None:
    with pytest.raises(ValueError, match=r"pixel|interpolate|pad|fold|window") as raised:
        call()
    assert all(word in str(raised.value) for word in words), raised.value


def test_widths_are_integers() -> None:
    with pytest.raises(TypeError, match="tuple of integers"):
        pad(X, (1.5, 2))
