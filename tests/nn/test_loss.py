"""Losses."""

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import nn
from tinygrad_edu.nn import functional

INPUT = np.array([[1.0, 2.0], [3.0, 4.0]])
TARGET = np.array([[1.0, 0.0], [2.0, 1.0]])  # squared errors 0, 4, 1, 9


@pytest.mark.parametrize(
    ("reduction", "expected"), [("mean", 3.5), ("sum", 14.0), ("none", [[0, 4], [1, 9]])]
)
def test_mse_is_the_squared_error_reduced_as_asked(reduction, expected):
    loss = nn.MSELoss(reduction=reduction)(tg.Tensor(INPUT), tg.Tensor(TARGET))
    assert loss.tolist() == expected
    assert functional.mse_loss(INPUT, TARGET, reduction=reduction).tolist() == expected


def test_the_mean_is_the_default():
    assert nn.MSELoss()(INPUT, TARGET) == functional.mse_loss(INPUT, TARGET) == 3.5


def test_gradients_reach_input_and_target_with_opposite_signs():
    x, t = tg.Tensor(INPUT, requires_grad=True), tg.Tensor(TARGET, requires_grad=True)
    nn.MSELoss(reduction="sum")(x, t).backward()
    assert np.array_equal(x.grad.numpy(), 2 * (INPUT - TARGET))
    assert np.array_equal(t.grad.numpy(), -2 * (INPUT - TARGET))


def test_a_target_may_be_a_plain_array_or_list():
    x = tg.Tensor(INPUT, requires_grad=True)
    assert nn.MSELoss()(x, TARGET).item() == nn.MSELoss()(x, TARGET.tolist()).item() == 3.5


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_shapes_that_would_broadcast_are_refused_with_the_reshape_that_helps(reduction):
    x, t = tg.Tensor(np.ones((4, 1))), tg.Tensor(np.ones(4))
    with pytest.raises(ValueError, match=r"\(4, 1\).*\(4,\).*target\.reshape\(4, 1\)"):
        nn.MSELoss(reduction=reduction)(x, t)
    with pytest.raises(ValueError, match=r"\(4,\).*\(4, 1\).*target\.reshape\(4,\)"):
        nn.MSELoss(reduction=reduction)(t, x)


def test_shapes_of_different_sizes_are_refused_without_a_reshape():
    with pytest.raises(ValueError, match=r"\(4, 1\).*\(3, 1\)") as raised:
        nn.MSELoss()(np.ones((4, 1)), np.ones((3, 1)))
    assert "reshape" not in str(raised.value)
    with pytest.raises(ValueError, match=r"\(4, 1\).*\(\)"):
        nn.MSELoss()(tg.Tensor(np.ones((4, 1))), 1.0)


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_an_empty_batch_has_no_loss(reduction):
    with pytest.raises(ValueError, match=r"empty batch.*\(0, 2\)"):
        nn.MSELoss(reduction=reduction)(tg.Tensor(np.ones((0, 2))), np.ones((0, 2)))


def test_an_unknown_reduction_is_refused_when_it_is_given():
    with pytest.raises(ValueError, match="mean, sum, none, not 'average'"):
        nn.MSELoss(reduction="average")
    with pytest.raises(ValueError, match="mean, sum, none, not 'average'"):
        functional.mse_loss(INPUT, TARGET, reduction="average")
