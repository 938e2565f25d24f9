"""Losses with a margin, bags of vectors, padding and random choices refuse what makes no sense."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu.nn import margin_loss, padding
from tinygrad_edu.nn.embedding_bag import EmbeddingBag
from tinygrad_edu.nn.functional.embedding_bag import embedding_bag
from tinygrad_edu.nn.functional.gumbel import gumbel_softmax
from tinygrad_edu.nn.functional.margin_loss import (
    multi_margin_loss,
    multilabel_soft_margin_loss,
    soft_margin_loss,
)

X, TABLE = np.ones((2, 3)), np.ones((4, 2))


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: soft_margin_loss(X, X[0]), ValueError, r"\(2, 3\) and target \(3,\)"),
        (lambda: soft_margin_loss(X, 0 * X), ValueError, "1 and -1, and one is 0"),
        (lambda: soft_margin_loss(X, X, "all"), ValueError, "not 'all'"),
        (lambda: multi_margin_loss(X, [0]), ValueError, r"shape \(2, 3\) and target \(1,\)"),
        (lambda: multi_margin_loss(X, [0, 3]), IndexError, "index 3 at position"),
        (lambda: multi_margin_loss(X, [0.0, 1.0]), TypeError, "integers"),
        (lambda: multi_margin_loss(X, [0, 1], p=3), ValueError, "p is 1 or 2, not 3"),
        (lambda: multi_margin_loss(X[:0], []), ValueError, "not empty"),
        (lambda: margin_loss.MultiMarginLoss(p=3), ValueError, "p is 1 or 2, not 3"),
        (lambda: multilabel_soft_margin_loss(X, X[:1]), ValueError, r"target \(1, 3\)"),
        (lambda: multilabel_soft_margin_loss(X, X, np.ones(2)), ValueError, "weight"),
        (lambda: embedding_bag([[0, 4]], TABLE), IndexError, "index 4"),
        (lambda: embedding_bag([[0]], TABLE, mode="min"), ValueError, "not 'min'"),
        (lambda: embedding_bag([[0]], TABLE, [0]), ValueError, "without offsets"),
        (lambda: embedding_bag([0], TABLE), ValueError, "and no offsets"),
        (lambda: embedding_bag([0], TABLE, [1]), ValueError, r"begin with 0, unlike \[1\]"),
        (lambda: embedding_bag([0], TABLE, []), ValueError, r"begin with 0, unlike \[\]"),
        (lambda: embedding_bag([0], TABLE, [0, 2]), ValueError, r"up to 1, .* \[0, 2\]"),
        (lambda: embedding_bag([0, 1], TABLE, [0, 1], include_last_offset=True), ValueError,
         "last offset is 1, the input's size 2"),
        (lambda: embedding_bag([[0]], TABLE, per_sample_weights=[[1.0]]), ValueError, "for 'mean'"),
        (lambda: EmbeddingBag(4, 2, mode="min"), ValueError, "not 'min'"),
        (lambda: EmbeddingBag(4, 2, padding_idx=4), ValueError, "EmbeddingBag: padding_idx=4"),
        (lambda: EmbeddingBag.from_pretrained([1.0]), ValueError, r"shape \(1,\)"),
        (lambda: padding.ReflectionPad1d(1)(np.ones(3)), ValueError, r"not \(3,\)"),
        (lambda: padding.ZeroPad2d((1, 2, 3)), ValueError, "one number, or 4"),
        (lambda: padding.ZeroPad1d(0.5), TypeError, "padding is an integer"),
        (lambda: gumbel_softmax(X, tau=0), ValueError, "must be positive, not 0"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(
    call: Callable[[], Any], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        call()


def test_second_derivatives_of_margin_losses_are_right() -> None:
    x = np.random.default_rng(0).normal(size=(3, 4))
    signs = np.where(np.random.default_rng(1).normal(size=x.shape) > 0, 1.0, -1.0)
    assert tg.check_grad(lambda x: soft_margin_loss(x, signs), x)
    assert tg.check_grad(lambda x: multi_margin_loss(x, [0, 3, 1], p=2), x)
    assert tg.check_grad(lambda x: multilabel_soft_margin_loss(x, signs > 0), x)


@pytest.mark.parametrize("mode", ["sum", "mean", "max"])
def test_second_derivatives_of_bags_are_right(mode: str) -> None:
    table = np.random.default_rng(0).normal(size=(4, 2))
    assert tg.check_grad(lambda w: embedding_bag([0, 2, 2, 1], w, [0, 3, 3], mode=mode) ** 3, table)


@pytest.mark.parametrize("mode", ["sum", "mean", "max"])
def test_a_bag_of_nothing_is_0(mode: str) -> None:
    assert embedding_bag([3], TABLE, [0, 1], mode=mode).tolist() == [[1, 1], [0, 0]]
    assert embedding_bag([3], TABLE, [0], mode=mode, padding_idx=-1).tolist() == [[0, 0]]


def test_vectors_that_are_there_already_make_bags() -> None:
    layer = EmbeddingBag.from_pretrained(TABLE, mode="sum", padding_idx=0)
    assert layer([[0, 1, 2]]).tolist() == [[2, 2]]
    assert not layer.weight.requires_grad


# ------------------------------------------------------------------------------- random choices
def test_gumbel_chooses_as_often_as_softmax_says() -> None:
    shares = np.array([0.1, 0.6, 0.3])
    logits = np.broadcast_to(np.log(shares), (20_000, 3))
    y = gumbel_softmax(logits, hard=True, generator=np.random.default_rng(0))
    np.testing.assert_array_equal(np.unique(y), [0, 1])
    np.testing.assert_allclose(y.mean(axis=0), shares, atol=4 * 0.5 / np.sqrt(20_000))


@pytest.mark.parametrize("axis", [0, -1])
def test_a_hard_choice_has_the_gradient_of_the_soft_one(axis: int) -> None:
    x, weights = np.random.default_rng(0).normal(size=(2, 3, 4))

    def gradient(hard: bool) -> Any:
        leaf, generator = tg.Tensor(x, requires_grad=True), np.random.default_rng(1)
        y = gumbel_softmax(leaf, tau=0.5, hard=hard, dim=axis, generator=generator)
        np.testing.assert_allclose(y.numpy().sum(axis=axis), 1, rtol=1e-12)
        (y * weights).sum().backward()
        assert leaf.grad is not None
        return leaf.grad.numpy()

    np.testing.assert_allclose(gradient(hard=True), gradient(hard=False), rtol=1e-12)


def test_a_choice_keeps_single_precision() -> None:
    assert gumbel_softmax(np.ones(3, np.float32), hard=True).dtype == np.float32
