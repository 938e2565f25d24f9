"""Losses of predicted numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import nn
from tinygrad_edu.nn import functional, loss
from tinygrad_edu.nn.functional import loss as functions

INPUT = np.array([[1.0, 2.0], [3.0, 4.0]])
TARGET = np.array([[1.0, 0.0], [2.0, 1.0]])  # squared errors 0, 4, 1, 9


@pytest.mark.parametrize(
    ("reduction", "expected"), [("mean", 3.5), ("sum", 14.0), ("none", [[0, 4], [1, 9]])]
)
def test_mse_is_the_squared_error_reduced_as_asked(reduction: str, expected: Any) -> None:
    loss = nn.MSELoss(reduction=reduction)(tg.Tensor(INPUT), tg.Tensor(TARGET))
    assert loss.tolist() == expected
    assert functional.mse_loss(INPUT, TARGET, reduction=reduction).tolist() == expected


def test_the_mean_is_the_default() -> None:
    assert nn.MSELoss()(INPUT, TARGET) == functional.mse_loss(INPUT, TARGET) == 3.5


def test_gradients_reach_input_and_target_with_opposite_signs() -> None:
    x, t = tg.Tensor(INPUT, requires_grad=True), tg.Tensor(TARGET, requires_grad=True)
    nn.MSELoss(reduction="sum")(x, t).backward()
    assert np.array_equal(x.grad.numpy(), 2 * (INPUT - TARGET))
    assert np.array_equal(t.grad.numpy(), -2 * (INPUT - TARGET))


def test_a_target_may_be_a_plain_array_or_list() -> None:
    x = tg.Tensor(INPUT, requires_grad=True)
    assert nn.MSELoss()(x, TARGET).item() == nn.MSELoss()(x, TARGET.tolist()).item() == 3.5


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_shapes_that_would_broadcast_are_refused_with_the_reshape_that_helps(
    reduction: str,
) -> None:
    x, t = tg.Tensor(np.ones((4, 1))), tg.Tensor(np.ones(4))
    with pytest.raises(ValueError, match=r"\(4, 1\).*\(4,\).*target\.reshape\(4, 1\)"):
        nn.MSELoss(reduction=reduction)(x, t)
    with pytest.raises(ValueError, match=r"\(4,\).*\(4, 1\).*target\.reshape\(4,\)"):
        nn.MSELoss(reduction=reduction)(t, x)


def test_shapes_of_different_sizes_are_refused_without_a_reshape() -> None:
    with pytest.raises(ValueError, match=r"\(4, 1\).*\(3, 1\)") as raised:
        nn.MSELoss()(np.ones((4, 1)), np.ones((3, 1)))
    assert "reshape" not in str(raised.value)
    with pytest.raises(ValueError, match=r"\(4, 1\).*\(\)"):
        nn.MSELoss()(tg.Tensor(np.ones((4, 1))), 1.0)


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_an_empty_batch_has_no_loss(reduction: str) -> None:
    with pytest.raises(ValueError, match=r"empty batch.*\(0, 2\)"):
        nn.MSELoss(reduction=reduction)(tg.Tensor(np.ones((0, 2))), np.ones((0, 2)))


def test_an_unknown_reduction_is_refused_when_it_is_given() -> None:
    with pytest.raises(ValueError, match="mean, sum, none, not 'average'"):
        nn.MSELoss(reduction="average")
    with pytest.raises(ValueError, match="mean, sum, none, not 'average'"):
        functional.mse_loss(INPUT, TARGET, reduction="average")


# ----------------------------------------------------------------------------- the other ones
A, B = (np.random.default_rng(seed).normal(size=(3, 2)) for seed in (0, 1))
POSITIVE = np.random.default_rng(2).uniform(0.1, 2, size=(3, 2))
SMOOTH = [
    ("mse_loss", (A, B), {}),
    ("huber_loss", (A, B), {"delta": 0.7}),
    ("smooth_l1_loss", (A, B), {"beta": 0.7}),
    ("l1_loss", (A, B), {}),
    ("poisson_nll_loss", (A, POSITIVE), {"full": True}),
    ("poisson_nll_loss", (POSITIVE, POSITIVE + 1), {"log_input": False}),
    ("gaussian_nll_loss", (A, B, POSITIVE), {"full": True}),
]


@pytest.mark.parametrize(("name", "inputs", "settings"), SMOOTH)
def test_the_derivatives_agree_with_numbers_to_second_order(
    name: str, inputs: tuple[Any, ...], settings: dict[str, Any]
) -> None:
    function = getattr(functions, name)
    assert tg.check_grad(lambda *x: function(*x, **settings, reduction="none"), *inputs)


@pytest.mark.parametrize(("name", "inputs", "settings"), SMOOTH)
def test_single_precision_stays_single(
    name: str, inputs: tuple[Any, ...], settings: dict[str, Any]
) -> None:
    single = [tg.Tensor(x, requires_grad=True, dtype="float32") for x in inputs]
    y = getattr(functions, name)(*single, **settings)
    y.backward()
    assert y.dtype == np.float32
    assert all(x.grad is not None and x.grad.dtype == np.float32 for x in single)


@pytest.mark.parametrize(("name", "inputs", "settings"), SMOOTH)
def test_every_loss_refuses_to_broadcast_and_to_average_nothing(
    name: str, inputs: tuple[Any, ...], settings: dict[str, Any]
) -> None:
    function, rest = getattr(functions, name), [1.0] * (len(inputs) - 2)
    with pytest.raises(ValueError, match=rf"{name}.*\(4, 1\).*\(4,\).*reshape\(4, 1\)"):
        function(np.ones((4, 1)), np.ones(4), *rest)
    with pytest.raises(ValueError, match=rf"{name}: an empty batch, of shape \(0, 2\)"):
        function(np.ones((0, 2)), np.ones((0, 2)), *rest)
    with pytest.raises(ValueError, match="mean, sum, none, not 'batchmean'"):
        function(A, A, *rest, reduction="batchmean")


@pytest.mark.parametrize("name", ["l1_loss", "huber_loss", "smooth_l1_loss"])
def test_straight_losses_stay_finite_for_enormous_errors(name: str) -> None:
    x = tg.Tensor([-1e308, -1e4, -1e-300, 0.0, 1e-300, 1e4, 1e308], requires_grad=True)
    losses = getattr(functions, name)(x, np.zeros(7), reduction="none")
    losses.backward(np.ones(7))
    assert np.isfinite(losses.numpy()).all()
    assert x.grad is not None
    slopes = x.grad.numpy()
    assert slopes[[0, 1, 3, 5, 6]].tolist() == [-1, -1, 0, 1, 1]


def test_huber_is_a_parabola_that_goes_on_straight_without_a_kink() -> None:
    errors = np.array([-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0])
    x = tg.Tensor(errors, requires_grad=True)
    losses = functions.huber_loss(x, np.zeros(7), "none", delta=2.0)
    assert losses.tolist() == [4.0, 2.0, 0.5, 0.0, 0.5, 2.0, 4.0]
    losses.sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == np.clip(errors, -2, 2).tolist()
    smooth = functions.smooth_l1_loss(errors, np.zeros(7), "none", beta=2.0)
    assert smooth.tolist() == [2.0, 1.0, 0.25, 0.0, 0.25, 1.0, 2.0]


def test_a_variance_below_the_least_one_still_learns() -> None:
    var = tg.Tensor([0.0, 1e-9], requires_grad=True)
    functions.gaussian_nll_loss(tg.Tensor([1.0, 1.0]), [1.0, 1.0], var).backward()
    assert var.grad is not None
    np.testing.assert_allclose(var.grad.numpy(), 0.25 / 1e-6)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: functions.huber_loss(A, B, delta=0.0), "delta must be positive, not 0.0"),
        (lambda: functions.smooth_l1_loss(A, B, beta=-1.0), "beta must not be negative"),
        (lambda: functions.gaussian_nll_loss(A, B, -1.0), "a variance is negative, -1.0"),
        (lambda: functions.gaussian_nll_loss(A, B, np.ones(2)), r"\(2,\), and input \(3, 2\)"),
        (lambda: loss.L1Loss(reduction="average"), "mean, sum, none, not 'average'"),
    ],
)
def test_settings_that_make_no_sense_are_refused(call: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        call()
