"""SGD: p -= lr * p.grad."""

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import nn, optim


def test_a_step_is_the_formula():
    values, gradient = np.array([1.0, -2.0, 3.0]), np.array([0.5, 1.5, -2.0])
    p = tg.Tensor(values, requires_grad=True)
    p.grad = gradient
    optim.SGD([p], lr=0.1).step()
    assert np.array_equal(p.numpy(), values - 0.1 * gradient)
    assert np.array_equal(p.grad.numpy(), gradient)


def test_the_learning_rate_is_a_thousandth_unless_given():
    p = tg.Tensor([1.0], requires_grad=True)
    p.grad = np.ones(1)
    optim.SGD([p]).step()
    assert p.item() == 0.999


def test_a_step_writes_into_the_parameters_own_memory():
    p = nn.Parameter([1.0, 2.0])
    array = p.data
    p.grad = np.ones(2)
    optim.SGD([p], lr=1.0).step()
    assert p.data is array
    assert array.tolist() == [0.0, 1.0]


@pytest.mark.parametrize("lr", [0.1, np.float64(0.1), np.float32(0.1), 1])
def test_the_step_is_computed_in_the_parameters_dtype_whatever_kind_of_number_lr_is(lr):
    values, gradient = np.random.default_rng(0).normal(size=(2, 100)).astype("float32")
    p = nn.Parameter(values)
    p.grad = gradient
    optim.SGD([p], lr=lr).step()
    assert p.dtype == np.float32
    assert np.array_equal(p.numpy(), values - np.float32(lr) * gradient)


def test_parameters_without_a_gradient_are_skipped():
    used, unused = nn.Parameter([1.0]), nn.Parameter([1.0])
    frozen = nn.Parameter([1.0], requires_grad=False)
    optimizer = optim.SGD([used, unused, frozen], lr=0.5)
    (used * frozen).backward()
    optimizer.step()
    assert [used.item(), unused.item(), frozen.item()] == [0.5, 1.0, 1.0]


def test_a_changed_setting_counts_from_the_next_step_on():
    p = nn.Parameter([1.0])
    optimizer = optim.SGD([p], lr=0.5)
    p.grad = np.ones(1)
    optimizer.param_groups[0]["lr"] = 0.25
    optimizer.step()
    assert p.item() == 0.75


def test_a_step_within_a_live_graph_is_noticed_by_backward():
    p = nn.Parameter([1.0, 2.0])
    optimizer = optim.SGD([p], lr=0.1)
    (p * p).sum().backward()
    loss = (p * p * p).sum()
    optimizer.step()
    with pytest.raises(RuntimeError, match="changed in place after multiply"):
        loss.backward()
    optimizer.zero_grad()
    (p * p * p).sum().backward()
    np.testing.assert_allclose(p.grad.numpy(), 3 * p.numpy() ** 2, rtol=1e-15)


def test_a_gradient_of_another_shape_is_refused():
    p = nn.Parameter(np.ones(1))
    (p * 2).backward()
    p.data = np.ones(3)
    with pytest.raises(ValueError, match=r"\(3,\).*\(1,\)"):
        optim.SGD([p]).step()
    assert p.tolist() == [1, 1, 1]


def test_training_with_modules_follows_the_same_training_by_hand():
    layer, loss = nn.Linear(2, 1), nn.MSELoss(reduction="sum")
    weight, bias = layer.weight.numpy().copy(), layer.bias.numpy().copy()
    x, target = np.array([[0.0, 1.0], [2.0, -1.0]]), np.array([[1.0], [0.5]])
    optimizer = optim.SGD(layer.parameters(), lr=0.05)
    for _ in range(50):
        optimizer.zero_grad()
        loss(layer(x), target).backward()
        optimizer.step()
        error = 2 * (x @ weight.T + bias - target)
        weight, bias = weight - 0.05 * (error.T @ x), bias - 0.05 * error.sum(axis=0)
    np.testing.assert_allclose(layer.weight.numpy(), weight, rtol=1e-12)
    np.testing.assert_allclose(layer.bias.numpy(), bias, rtol=1e-12)
    assert loss(layer(x), target).item() < 1e-2
