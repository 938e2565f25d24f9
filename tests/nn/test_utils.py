"""Clipping gradients, and parameters as one vector."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tinygrad_edu import nn
from tinygrad_edu.nn.utils import (
    clip_grad_norm_,
    clip_grad_value_,
    parameters_to_vector,
    vector_to_parameters,
)
from tinygrad_edu.nn.utils.rnn import pad_sequence


def with_gradients(*gradients: Any) -> list[Any]:
    parameters = [nn.Parameter(np.zeros(np.shape(g))) for g in gradients]
    for parameter, gradient in zip(parameters, gradients):
        parameter.grad = np.array(gradient)
    return [*parameters, nn.Parameter([1.0])]  # the last one has none


@pytest.mark.parametrize("norm_type", [1, 2, 2.5, 3.0, np.inf])
def test_too_large_a_norm_becomes_the_largest_allowed(norm_type: float) -> None:
    gradients = np.array([3.0, -4.0]), np.array([[12.0]])
    parameters = with_gradients(*gradients)
    flat = np.array([3.0, -4.0, 12.0])
    expected = np.linalg.norm(flat, norm_type)
    norm = clip_grad_norm_(parameters, 2.0, norm_type)
    np.testing.assert_allclose(norm.numpy(), expected, rtol=1e-14)
    for parameter, gradient in zip(parameters, gradients):
        clipped = gradient * (2.0 / (expected + 1e-6))
        np.testing.assert_allclose(parameter.grad.numpy(), clipped, rtol=1e-14)
    assert parameters[-1].grad is None


def test_a_norm_that_is_small_enough_changes_nothing() -> None:
    parameters = with_gradients([3.0, 4.0])
    assert float(clip_grad_norm_(iter(parameters), 5.1)) == 5.0
    assert parameters[0].grad.tolist() == [3.0, 4.0]


def test_a_single_tensor_may_be_given_and_no_gradients_have_norm_0() -> None:
    (parameter, without) = with_gradients([3.0, 4.0])
    clip_grad_norm_(parameter, 1.0)
    assert np.linalg.norm(parameter.grad.numpy()) == pytest.approx(1.0, 1e-6)
    assert float(clip_grad_norm_(without, 1.0)) == 0.0


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_norm_that_is_not_finite_is_an_error_and_no_gradient_changes(bad: float) -> None:
    parameters = with_gradients([3.0, 4.0], [bad, 1.0])
    with pytest.raises(RuntimeError, match="1 of 2 gradients"):
        clip_grad_norm_(parameters, 1.0)
    assert parameters[0].grad.tolist() == [3.0, 4.0]
    assert parameters[1].grad.numpy()[1] == 1.0
    with np.errstate(invalid="ignore"):
        clip_grad_norm_(parameters, 1.0, error_if_nonfinite=False)
    assert not (parameters[0].grad.numpy() == [3.0, 4.0]).any()


def test_values_are_clipped_on_both_sides() -> None:
    parameters = with_gradients([3.0, -4.0, 0.5], [[1.0]])
    clip_grad_value_(parameters, 1.0)
    assert parameters[0].grad.tolist() == [1.0, -1.0, 0.5]
    assert parameters[1].grad.tolist() == [[1.0]]


def test_gradients_that_have_a_history_are_clipped_without_it() -> None:
    w = nn.Parameter([3.0, 4.0])
    (w * w).sum().backward(create_graph=True)
    assert w.grad.requires_grad
    clip_grad_norm_([w], 1.0)
    assert not w.grad.requires_grad
    assert np.linalg.norm(w.grad.numpy()) == pytest.approx(1.0, 1e-6)


@pytest.mark.parametrize("clip", [clip_grad_norm_, clip_grad_value_])
@pytest.mark.parametrize("bound", [-1.0, float("nan")])
def test_a_bound_below_0_is_refused(clip: Any, bound: float) -> None:
    with pytest.raises(ValueError, match="0 or more"):
        clip(with_gradients([1.0]), bound)


@pytest.mark.parametrize("clip", [clip_grad_norm_, clip_grad_value_])
def test_what_is_no_tensor_is_refused(clip: Any) -> None:
    with pytest.raises(TypeError, match="ndarray"):
        clip([np.ones(2)], 1.0)


def test_single_precision_stays_single() -> None:
    parameter = nn.Parameter(np.zeros(2, "float32"))
    parameter.grad = np.array([3.0, 4.0], "float32")
    clip_grad_norm_(parameter, 1.0)
    clip_grad_value_(parameter, 0.7)
    assert parameter.grad.dtype == np.float32


def test_parameters_become_a_vector_and_come_back() -> None:
    net = nn.Sequential(nn.Linear(3, 2), nn.Sigmoid(), nn.Linear(2, 1))
    vector = parameters_to_vector(net.parameters())
    assert vector.shape == (11,)
    before = net.state_dict()
    vector_to_parameters(vector * 2.0, net.parameters())
    assert all(np.array_equal(2 * before[name], v) for name, v in net.state_dict().items())
    vector_to_parameters(vector.numpy(), net.parameters())
    assert all(np.array_equal(before[name], value) for name, value in net.state_dict().items())


def test_gradients_flow_through_the_vector() -> None:
    layer = nn.Linear(2, 1)
    (parameters_to_vector(layer.parameters()) ** 2).sum().backward()
    np.testing.assert_allclose(layer.weight.grad.numpy(), 2 * layer.weight.numpy(), rtol=1e-15)


@pytest.mark.parametrize("vector", [np.ones(2), np.ones(4), np.ones((3, 1)), np.ones(3, complex)])
def test_a_vector_that_does_not_fit_changes_nothing(vector: Any) -> None:
    layer = nn.Linear(2, 1)
    before = layer.state_dict()
    with pytest.raises(ValueError, match=r"3 elements.*shape \(3,\)"):
        vector_to_parameters(vector, layer.parameters())
    assert all(np.array_equal(before[name], value) for name, value in layer.state_dict().items())


def test_no_parameters_make_no_vector() -> None:
    with pytest.raises(ValueError, match="no parameters"):
        parameters_to_vector([])


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: pad_sequence([]), r"have shapes \[\]"),
        (lambda: pad_sequence([[1.0], [[1.0]]]), "differ only in the first axis"),
        (lambda: pad_sequence([1.0]), "differ only in the first axis"),
        (lambda: pad_sequence([[1.0]], padding_side="top"), "'right' or 'left', not 'top'"),
    ],
)
def test_what_cannot_be_padded_is_refused(call: Callable[[], Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        call()
