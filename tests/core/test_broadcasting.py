"""A gradient has the shape of what it belongs to, whatever that was broadcast to.

The reference is to broadcast by hand first, and to sum by hand over what was repeated. Next:
``test_dtypes.py``.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from hypothesis.extra.numpy import BroadcastableShapes, mutually_broadcastable_shapes

import tinygrad_edu as tg

BINARY: dict[str, Any] = {
    "add": lambda a, b: a + b,
    "subtract": lambda a, b: a - b,
    "multiply": lambda a, b: a * b,
    "divide": lambda a, b: a / b,
    "power": lambda a, b: a**b,
    "maximum": np.maximum,
    "minimum": np.minimum,
}


def shapes(count: int) -> Any:
    return mutually_broadcastable_shapes(num_shapes=count, max_dims=4, min_side=0, max_side=3)


def summed_to(gradient: Any, shape: tuple[int, ...]) -> Any:
    """Undo broadcasting the slow way: one axis at a time."""
    while gradient.ndim > len(shape):
        gradient = gradient.sum(axis=0)
    for axis, size in enumerate(shape):
        if size == 1:
            gradient = gradient.sum(axis=axis, keepdims=True)
    return gradient


def compare(function: Any, arrays: list[Any], result_shape: tuple[int, ...], seed: int) -> None:
    leaves = [tg.Tensor(a, requires_grad=True) for a in arrays]
    wide = [tg.Tensor(np.broadcast_to(a, result_shape), requires_grad=True) for a in arrays]
    y, y_wide = function(*leaves), function(*wide)
    assert y.shape == result_shape
    dy = np.random.default_rng(seed).normal(size=result_shape)
    y.backward(gradient=dy)
    y_wide.backward(gradient=dy)
    for a, narrow, broad in zip(arrays, leaves, wide):
        assert narrow.grad is not None
        assert broad.grad is not None
        assert narrow.grad.shape == a.shape
        assert narrow.grad.dtype == a.dtype
        expected = summed_to(broad.grad.numpy(), a.shape)
        tolerance = 1e-12 if a.dtype == np.float64 else 1e-4
        np.testing.assert_allclose(narrow.grad.numpy(), expected, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("name", BINARY)
@settings(deadline=None, max_examples=25)
@given(given_shapes=shapes(2), seed=st.integers(0, 99), dtypes=st.tuples(*[st.booleans()] * 2))
def test_two_operands(
    name: str, given_shapes: BroadcastableShapes, seed: int, dtypes: tuple[bool, bool]
) -> None:
    generator = np.random.default_rng(seed)
    arrays = [
        generator.uniform(0.5, 2, shape).astype(np.float32 if single else np.float64)
        for shape, single in zip(given_shapes.input_shapes, dtypes)
    ]
    compare(BINARY[name], arrays, given_shapes.result_shape, seed)


@settings(deadline=None, max_examples=25)
@given(given_shapes=shapes(3), seed=st.integers(0, 99))
def test_a_choice_between_two_operands_by_a_third(
    given_shapes: BroadcastableShapes, seed: int
) -> None:
    generator = np.random.default_rng(seed)
    mask, *arrays = (generator.uniform(-1, 1, shape) for shape in given_shapes.input_shapes)
    compare(lambda a, b: np.where(mask > 0, a, b), arrays, given_shapes.result_shape, seed)


@settings(deadline=None, max_examples=40)
@given(given_shapes=shapes(4), seed=st.integers(0, 99))
def test_an_expression_of_four_operands(given_shapes: BroadcastableShapes, seed: int) -> None:
    generator = np.random.default_rng(seed)
    arrays = [generator.uniform(0.5, 2, shape) for shape in given_shapes.input_shapes]
    compare(lambda a, b, c, d: (a * b - c / d) * (a + d), arrays, given_shapes.result_shape, seed)


@settings(deadline=None, max_examples=25)
@given(given_shapes=shapes(2), seed=st.integers(0, 99))
def test_operands_that_want_no_gradient_broadcast_the_others_all_the_same(
    given_shapes: BroadcastableShapes, seed: int
) -> None:
    first, second = given_shapes.input_shapes
    x = tg.Tensor(np.ones(first), requires_grad=True)
    constant = np.random.default_rng(seed).normal(size=second)
    (x * constant).sum().backward()
    assert x.grad is not None
    expected = summed_to(np.broadcast_to(constant, given_shapes.result_shape), first)
    np.testing.assert_allclose(x.grad.numpy(), expected, atol=1e-12)


@settings(deadline=None, max_examples=25)
@given(given_shapes=shapes(2), seed=st.integers(0, 99))
def test_broadcasting_is_undone_to_second_order_too(
    given_shapes: BroadcastableShapes, seed: int
) -> None:
    """The second derivative of a² b² along a is 2 b²; what was repeated is summed."""
    generator = np.random.default_rng(seed)
    a, b = (generator.uniform(0.5, 2, shape) for shape in given_shapes.input_shapes)
    x, w = tg.Tensor(a, requires_grad=True), tg.Tensor(b, requires_grad=True)
    (x * x * w * w).sum().backward(create_graph=True)
    first = x.grad
    assert first is not None
    x.grad = w.grad = None
    first.sum().backward()
    assert x.grad is not None
    expected = summed_to(np.broadcast_to(2 * b * b, given_shapes.result_shape), a.shape)
    np.testing.assert_allclose(x.grad.numpy(), expected, rtol=1e-12)
    assert w.grad is not None
    expected = summed_to(np.broadcast_to(4 * a * b, given_shapes.result_shape), b.shape)
    np.testing.assert_allclose(w.grad.numpy(), expected, rtol=1e-12)
