"""Losses of choices: between classes, and between yes and no."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu.nn import classification_loss as modules
from tinygrad_edu.nn.functional import classification_loss as functions
from tinygrad_edu.ops import special
from tinygrad_edu.ops.loss import nll

LOGITS = np.random.default_rng(0).normal(size=(4, 3))
LABELS = np.array([2, 0, 1, 2])
WEIGHT = np.array([0.2, 1.5, 0.7])
OPTIONS: list[dict[str, Any]] = [
    {},
    {"weight": WEIGHT},
    {"ignore_index": 2},
    {"label_smoothing": 0.3, "weight": WEIGHT, "ignore_index": 0},
]


def gradient(loss: Any, x: tg.Tensor) -> Any:
    loss.backward()
    assert x.grad is not None
    return x.grad.numpy()


# ------------------------------------------------------------------------------ cross entropy
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("options", OPTIONS)
def test_cross_entropy_is_right_to_second_order(options: dict[str, Any], reduction: str) -> None:
    assert tg.check_grad(
        lambda x: functions.cross_entropy(x, LABELS, reduction=reduction, **options), LOGITS
    )


def test_cross_entropy_is_the_composition_that_it_is_quicker_than() -> None:
    x = tg.Tensor(LOGITS, requires_grad=True)
    composed = -special.log_softmax(x, axis=1)[np.arange(4), LABELS].mean()
    expected = gradient(composed, x)
    x.grad = None
    loss = functions.cross_entropy(x, LABELS)
    np.testing.assert_allclose(loss.numpy(), composed.numpy(), rtol=1e-14)
    np.testing.assert_allclose(gradient(loss, x), expected, rtol=1e-13)


def test_the_gradient_is_softmax_minus_target() -> None:
    x = tg.Tensor(LOGITS, requires_grad=True)
    dx = gradient(functions.cross_entropy(x, LABELS, reduction="sum"), x)
    np.testing.assert_allclose(dx, special.softmax(LOGITS, axis=1) - np.eye(3)[LABELS], atol=1e-15)


def test_nll_is_minus_the_weighted_sum_of_what_is_picked() -> None:
    x = tg.Tensor(LOGITS, requires_grad=True)
    weight = np.array([0.5, 2.0])
    y = nll(x, index=([0, 3], [1, 1]), weight=weight)
    assert y.item() == -(LOGITS[[0, 3], [1, 1]] * weight).sum()
    y.backward()
    assert x.grad is not None
    assert x.grad.tolist() == [[0, -0.5, 0], [0, 0, 0], [0, 0, 0], [0, -2, 0]]


def test_enormous_logits_give_finite_losses_and_gradients() -> None:
    for size in (1e4, 1e308):
        x = tg.Tensor([[size, -size], [size, -size], [0.0, 1e-300]], requires_grad=True)
        if size == 1e4:
            losses = functions.cross_entropy(x, [0, 1, 0], reduction="none")
            np.testing.assert_allclose(losses.numpy(), [0, 2e4, np.log(2)], atol=1e-15)
        loss = functions.cross_entropy(x, [0, 0, 0])
        np.testing.assert_allclose(loss.item(), np.log(2) / 3)
        np.testing.assert_allclose(gradient(loss, x) * 3, [[0, 0], [0, 0], [-0.5, 0.5]])


def test_a_sure_and_right_prediction_keeps_the_digits_of_its_small_loss() -> None:
    loss = functions.cross_entropy(np.array([[50.0, 0.0]]), [0])
    np.testing.assert_allclose(loss, np.exp(-50), rtol=1e-12)


@pytest.mark.parametrize("make", [list, np.array, lambda v: np.array(v, np.uint8), tg.Tensor])
def test_class_numbers_may_be_lists_arrays_or_tensors(make: Any) -> None:
    target = make(LABELS.tolist())
    assert functions.cross_entropy(LOGITS, target) == functions.cross_entropy(LOGITS, LABELS)
    assert modules.CrossEntropyLoss()(tg.Tensor(LOGITS), target).shape == ()


@pytest.mark.parametrize("options", [*OPTIONS, {"label_smoothing": 1.0}])
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_single_precision_stays_single(options: dict[str, Any], reduction: str) -> None:
    x = tg.Tensor(LOGITS, requires_grad=True, dtype="float32")
    for target in (LABELS, np.eye(3, dtype=np.float32)[LABELS]):
        y = functions.cross_entropy(x, target, reduction=reduction, **options)
        assert y.dtype == np.float32
        assert gradient(y.sum(), x).dtype == np.float32


# ------------------------------------------------------------------------------ its options
def test_class_probabilities_of_one_class_are_that_class() -> None:
    for options in ({}, {"label_smoothing": 0.3}):
        shares = functions.cross_entropy(LOGITS, np.eye(3)[LABELS], reduction="none", **options)
        labels = functions.cross_entropy(LOGITS, LABELS, reduction="none", **options)
        np.testing.assert_allclose(shares, labels, rtol=1e-13)


def test_smoothed_labels_still_add_up_to_one() -> None:
    """So the gradient of each sample, softmax minus target, adds up to 0."""
    for smoothing in (0.0, 0.1, 0.5, 1.0):
        x = tg.Tensor(LOGITS, requires_grad=True)
        loss = functions.cross_entropy(x, LABELS, label_smoothing=smoothing, reduction="sum")
        target = special.softmax(LOGITS, axis=1) - gradient(loss, x)
        np.testing.assert_allclose(target.sum(axis=1), 1, rtol=1e-14)
        np.testing.assert_allclose(target.min(axis=1), smoothing / 3, atol=1e-15)


def test_an_ignored_label_contributes_nothing_even_if_it_is_no_class() -> None:
    target = np.array([2, -100, 1, -100])
    x = tg.Tensor(LOGITS, requires_grad=True)
    loss = functions.cross_entropy(x, target)
    assert loss.item() == functions.cross_entropy(LOGITS[[0, 2]], target[[0, 2]])
    assert not gradient(loss, x)[[1, 3]].any()
    losses = functions.cross_entropy(LOGITS, target, reduction="none")
    assert losses[[1, 3]].tolist() == [0, 0]


def test_ignored_log_probabilities_may_be_minus_infinity() -> None:
    x = tg.Tensor([[-np.inf, -np.inf], [-1.0, -2.0]], requires_grad=True)
    for reduction in ("mean", "sum", "none"):
        x.grad = None
        loss = functions.nll_loss(x, [-100, 1], reduction=reduction)
        assert gradient(loss.sum(), x).tolist() == [[0, 0], [0, -1]]


def test_one_sample_needs_no_batch() -> None:
    for reduction in ("mean", "sum", "none"):
        alone = functions.cross_entropy(tg.Tensor(LOGITS[0]), 2, reduction=reduction)
        assert alone.shape == ()
        assert alone.item() == functions.cross_entropy(LOGITS[:1], [2])


def test_the_weight_is_part_of_the_state() -> None:
    module = modules.CrossEntropyLoss(weight=[1.0, 2.0, 3.0])
    assert module.state_dict()["weight"].tolist() == [1, 2, 3]
    assert modules.CrossEntropyLoss().state_dict() == {}


# --------------------------------------------------------------------------------- refusals
@pytest.mark.parametrize("function", [functions.cross_entropy, functions.nll_loss])
@pytest.mark.parametrize(
    ("target", "error", "words"),
    [
        ([0, -1, 0, 0], IndexError, r"label at \(1,\) is -1, and there are 3 classes"),
        ([0, 1, 2, 3], IndexError, r"label at \(3,\) is 3, .*from 0 to 2"),
        ([0.0, 1.0, 2.0, 0.0], TypeError, r"integers, not float64; use \.astype\(int\)"),
        ([True, False, True, True], TypeError, "integers, not bool"),
        ([0, 1, 2], ValueError, r"\(4, 3\) and target \(3,\); class numbers have shape \(4,\)"),
        ([[0], [1], [2], [0]], ValueError, r"\(4, 3\) and target \(4, 1\)"),
        ([[0, 0, 1]] * 4, ValueError, r"\(4, 3\) and target \(4, 3\); class numbers"),
        ([-100] * 4, ValueError, "all 4 labels are to be ignored"),
    ],
)
def test_labels_that_are_none_are_refused(
    function: Any, target: Any, error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        function(LOGITS, target)


def test_a_wrong_label_of_a_pixel_is_found() -> None:
    labels = np.zeros((2, 4, 5), int)
    labels[1, 2, 3] = 7
    with pytest.raises(IndexError, match=r"label at \(1, 2, 3\) is 7, and there are 3 classes"):
        functions.cross_entropy(np.zeros((2, 3, 4, 5)), labels)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: functions.cross_entropy(np.zeros((0, 3)), []), ValueError, r"empty.*\(0, 3\)"),
        (lambda: functions.cross_entropy(np.zeros(()), 0), ValueError, "no axis of classes"),
        (
            lambda: functions.cross_entropy(LOGITS, LABELS, [1.0, 2.0]),
            ValueError,
            r"weight has shape \(2,\).*\(3,\)",
        ),
        (
            lambda: functions.cross_entropy(LOGITS, LABELS, tg.Tensor(WEIGHT, requires_grad=True)),
            TypeError,
            "no gradient reaches weight=",
        ),
        (
            lambda: functions.cross_entropy(LOGITS, LABELS, [0.0, 0.0, 0.0]),
            ValueError,
            "all 4 labels are of classes with weight 0",
        ),
        (
            lambda: functions.cross_entropy(LOGITS, LABELS, label_smoothing=1.5),
            ValueError,
            "from 0 to 1, not 1.5",
        ),
        (
            lambda: functions.cross_entropy(LOGITS, LABELS, reduction="all"),
            ValueError,
            "not 'all'",
        ),
        (
            lambda: functions.binary_cross_entropy(np.array([1.5]), np.array([1.0])),
            ValueError,
            "between 1.5 and 1.5; apply sigmoid",
        ),
        (
            lambda: functions.binary_cross_entropy(np.array([np.nan]), np.array([1.0])),
            ValueError,
            "between nan and nan",
        ),
        (
            lambda: functions.binary_cross_entropy_with_logits(
                LOGITS, LOGITS, weight=np.ones((2, 4, 3))
            ),
            ValueError,
            r"\(2, 4, 3\) does not broadcast to losses of \(4, 3\)",
        ),
        (lambda: modules.KLDivLoss("batch"), ValueError, "not 'batch'"),
    ],
)
def test_what_makes_no_sense_is_refused(call: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        call()


@pytest.mark.parametrize(
    "name", ["binary_cross_entropy", "binary_cross_entropy_with_logits", "kl_div"]
)
def test_elementwise_losses_refuse_to_broadcast_and_to_average_nothing(name: str) -> None:
    with pytest.raises(ValueError, match=rf"{name}.*\(4, 1\).*\(4,\).*reshape\(4, 1\)"):
        getattr(functions, name)(np.ones((4, 1)), np.ones(4))
    with pytest.raises(ValueError, match=rf"{name}: an empty batch, of shape \(0, 2\)"):
        getattr(functions, name)(np.ones((0, 2)), np.ones((0, 2)))


# ------------------------------------------------------------------------------- yes or no
def test_logits_that_are_enormous_and_wrong_cost_as_much_as_they_are_large() -> None:
    x = tg.Tensor([1000.0, -1000.0], requires_grad=True)
    loss = functions.binary_cross_entropy_with_logits(x, [0.0, 1.0])
    assert loss.item() == 1000
    assert gradient(loss, x).tolist() == [0.5, -0.5]


def test_logits_and_probabilities_agree() -> None:
    target = np.random.default_rng(1).uniform(size=(4, 3))
    by_logits = functions.binary_cross_entropy_with_logits(LOGITS, target)
    by_shares = functions.binary_cross_entropy(1 / (1 + np.exp(-LOGITS)), target)
    np.testing.assert_allclose(by_logits, by_shares, rtol=1e-13)


@pytest.mark.parametrize("size", [1e-300, 1e4, 1e308])
def test_logits_of_any_size_give_finite_losses(size: float) -> None:
    x = tg.Tensor([size, -size, size, -size], requires_grad=True)
    losses = functions.binary_cross_entropy_with_logits(x, [0, 0, 1, 1], reduction="none")
    losses.backward(np.ones(4))
    assert x.grad is not None
    assert np.isfinite(losses.numpy()).all()
    assert np.isfinite(x.grad.numpy()).all()


def test_probabilities_of_0_and_1_cost_at_most_100() -> None:
    p = tg.Tensor([0.0, 1.0, 0.0, 1.0], requires_grad=True)
    losses = functions.binary_cross_entropy(p, [0, 1, 1, 0], reduction="none")
    assert losses.tolist() == [0, 0, 100, 100]
    np.testing.assert_allclose(gradient(losses.sum(), p), [0, 0, -1e12, 1e12])


def test_targets_may_be_truth_values() -> None:
    yes = np.array([True, False, True])
    for function in (functions.binary_cross_entropy, functions.binary_cross_entropy_with_logits):
        x = tg.Tensor([0.2, 0.5, 0.7], dtype="float32")
        assert function(x, yes).dtype == np.float32
        assert function(x, yes).item() == function(x, yes.astype(np.float32)).item()


SHARES = np.random.default_rng(2).uniform(0.1, 0.9, size=(4, 3))


@pytest.mark.parametrize(
    ("name", "x", "settings"),
    [
        ("binary_cross_entropy", SHARES, {"weight": WEIGHT}),
        ("binary_cross_entropy_with_logits", LOGITS, {"weight": WEIGHT, "pos_weight": 1 / WEIGHT}),
        ("kl_div", LOGITS, {}),
        ("kl_div", LOGITS, {"log_target": True}),
    ],
)
def test_both_arguments_have_right_derivatives_to_second_order(
    name: str, x: Any, settings: dict[str, Any]
) -> None:
    function = getattr(functions, name)
    assert tg.check_grad(lambda x, t: function(x, t, **settings), x, SHARES[::-1])


def test_the_divergence_of_what_is_equal_is_0_and_of_a_certainty_finite() -> None:
    shares = np.array([[0.5, 0.5], [1.0, 0.0]])
    logs = np.log(np.array([[0.5, 0.5], [0.5, 0.5]]))
    loss = functions.kl_div(logs, shares, reduction="batchmean")
    np.testing.assert_allclose(loss, np.log(2) / 2)
    np.testing.assert_allclose(functions.kl_div(logs, logs, log_target=True), 0, atol=1e-16)
