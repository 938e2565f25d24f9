"""Losses of distances and angles between vectors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu.nn import distance_loss as modules
from tinygrad_edu.nn.functional import distance_loss as functions

A, B, C = (np.random.default_rng(seed).normal(size=(4, 3)) for seed in range(3))
SIGNS = np.array([1, -1, -1, 1])
GRID = np.where(C > 0, 1, -1)
CALLS: dict[str, tuple[tuple[Any, ...], Any]] = {
    "hinge_embedding_loss": ((np.abs(A),), lambda x: functions.hinge_embedding_loss(x, GRID, 0.4)),
    "margin_ranking_loss": ((A, B), lambda a, b: functions.margin_ranking_loss(a, b, GRID, 0.1)),
    "cosine_embedding_loss": ((A, B), lambda a, b: functions.cosine_embedding_loss(a, b, SIGNS)),
    "triplet_margin_loss": ((A, B, C), functions.triplet_margin_loss),
    "swapped": ((A, B, C), lambda *x: functions.triplet_margin_loss(*x, p=3, swap=True)),
    "cosine_similarity": ((A, B), functions.cosine_similarity),
    "pairwise_distance": ((A, B), functions.pairwise_distance),
    "normalize": ((A,), functions.normalize),
}


@pytest.mark.parametrize("name", CALLS)
def test_the_derivatives_agree_with_numbers_to_second_order(name: str) -> None:
    inputs, function = CALLS[name]
    assert tg.check_grad(function, *inputs)


@pytest.mark.parametrize("name", CALLS)
def test_single_precision_stays_single(name: str) -> None:
    inputs, function = CALLS[name]
    single = [tg.Tensor(x, requires_grad=True, dtype="float32") for x in inputs]
    y = function(*single)
    y.sum().backward()
    assert y.dtype == np.float32
    assert all(x.grad is not None and x.grad.dtype == np.float32 for x in single)


def test_vectors_of_length_0_give_finite_gradients() -> None:
    zero = np.zeros((2, 3))
    for function in (
        functions.cosine_similarity,
        functions.pairwise_distance,
        lambda a, b: functions.cosine_embedding_loss(a, b, [1, -1]),
        lambda a, b: functions.triplet_margin_loss(a, b, a, eps=0.0),
    ):
        a, b = (tg.Tensor(zero, requires_grad=True) for _ in range(2))
        function(a, b).sum().backward()
        assert a.grad is not None
        assert b.grad is not None
        assert np.isfinite(a.grad.numpy()).all()
        assert np.isfinite(b.grad.numpy()).all()


def test_pulling_together_and_apart_have_the_right_directions() -> None:
    near, far = tg.Tensor([[1.0, 0.0]]), tg.Tensor([[0.0, 1.0]])
    anchor = tg.Tensor([[0.6, 0.5]], requires_grad=True)
    modules.TripletMarginLoss()(anchor, near, far).backward()
    assert anchor.grad is not None
    step = -anchor.grad.numpy()[0]
    assert step[0] > 0 > step[1]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: functions.hinge_embedding_loss(A, np.zeros((4, 3))), "1 and -1, and one is 0"),
        (lambda: functions.margin_ranking_loss(A, B, 2 * GRID), r"1 and -1, and one is -?2$"),
        (lambda: functions.hinge_embedding_loss(A, SIGNS), r"\(4, 3\) and target \(4,\)"),
        (lambda: functions.margin_ranking_loss(A, B[:1], GRID), r"\(4, 3\) and target \(1, 3\)"),
        (lambda: functions.cosine_embedding_loss(A, B, GRID), r"\(4, 3\).*\(4, 3\).*\(N,\)"),
        (lambda: functions.triplet_margin_loss(A, B, C[0]), r"\(4, 3\) and target \(3,\)"),
        (lambda: functions.triplet_margin_loss(A, B, C, margin=0.0), "positive, not 0.0"),
        (lambda: functions.hinge_embedding_loss(A[:0], GRID[:0]), r"empty batch.*\(0, 3\)"),
        (lambda: functions.cosine_similarity(A, B, dim=2), r"no axis 2 in shape \(4, 3\)"),
        (lambda: modules.MarginRankingLoss(reduction="all"), "not 'all'"),
    ],
)
def test_what_makes_no_sense_is_refused(call: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        call()
