"""Activations as modules."""

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import nn
from tinygrad_edu.nn import functional

PAIRS = [
    (nn.Sigmoid, functional.sigmoid, lambda x: 1 / (1 + np.exp(-x))),
    (nn.Tanh, functional.tanh, np.tanh),
    (nn.ReLU, functional.relu, lambda x: np.maximum(x, 0)),
]


@pytest.mark.parametrize(("module", "function", "formula"), PAIRS)
def test_the_module_is_the_function_and_both_follow_the_formula(module, function, formula):
    x = np.linspace(-3, 3, 12).reshape(3, 4)
    expected = formula(x)
    assert np.array_equal(module()(tg.Tensor(x)).numpy(), function(x))
    np.testing.assert_allclose(function(x), expected, rtol=1e-15)
    assert repr(module()) == f"{module.__name__}()"
    assert not module().state_dict()


@pytest.mark.parametrize(("module", "function", "formula"), PAIRS)
def test_very_large_inputs_give_finite_gradients_without_a_warning(module, function, formula):
    x = tg.Tensor([-1e4, 0.0, 1e4], requires_grad=True)
    module()(x).sum().backward()
    assert np.isfinite(x.grad.numpy()).all()
