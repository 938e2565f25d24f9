"""Single numbers stay arrays of shape (), and no elements at all are a case like any other.

NumPy turns many results of shape () into scalars, which are not arrays: they cannot be written
into and have no read-only view. A tensor never holds one. Next: ``test_numerics.py``.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from samples import real_calls

import tinygrad_edu as tg
from tinygrad_edu.cases import Case
from tinygrad_edu.op import Op

CALLS = real_calls()


def leaf(values: Any) -> tg.Tensor:
    return tg.Tensor(values, requires_grad=True)


def is_array(x: Any) -> bool:
    """Tell whether a tensor, or its gradient, holds a true array that can be looked at."""
    return x is not None and type(x._array) is np.ndarray and x.numpy().shape == x.shape


@pytest.mark.parametrize("create_graph", [False, True])
@pytest.mark.parametrize(("op", "case"), CALLS)
def test_outputs_and_gradients_of_every_op_are_arrays_of_the_right_shape(
    op: Op, case: Case, create_graph: bool, generator: np.random.Generator
) -> None:
    inputs = [leaf(a) if a.dtype.kind == "f" else a for a in case.draw(generator)]
    y = tg.Tensor.__record__(op, tuple(inputs), dict(case.settings))
    assert is_array(y)
    y.backward(gradient=np.ones(y.shape), create_graph=create_graph)
    for x in inputs:
        if isinstance(x, tg.Tensor):
            assert is_array(x.grad)
            assert x.grad is not None
            assert x.grad.shape == x.shape


@pytest.mark.parametrize(
    "function",
    [
        lambda x: x + x,
        lambda x: x * x,
        lambda x: x * 2 + x * 3,
        lambda x: (x * x) * (x * x),
        lambda x: x / (1 + x * x),
        lambda x: np.maximum(x, x),
        lambda x: x[()] + x[...],
        lambda x: x[None][0] * x,
        lambda x: np.stack([x, x]).sum(),
        lambda x: np.where(True, x, x),
        lambda x: (x.reshape(1, 1) @ x.reshape(1, 1)).reshape(()),
    ],
)
@pytest.mark.parametrize("create_graph", [False, True])
def test_a_number_used_twice_has_a_gradient_that_is_an_array(
    function: Any, create_graph: bool
) -> None:
    x = leaf(2.0)
    function(x).backward(create_graph=create_graph, retain_graph=True)
    assert is_array(x.grad)
    x.grad = None
    function(x).backward()
    function(x).backward()
    assert is_array(x.grad)
    x.grad *= 0.5
    assert is_array(x.grad)


def test_numbers_are_arrays_whatever_made_them() -> None:
    x = leaf(2.0)
    made = [x, tg.Tensor(1), tg.Tensor(np.float32(1)), x.detach(), x.clone(), x + 1, 1 - x]
    made += [x.sum(), leaf([1.0, 2.0])[1], leaf([1.0]).max(), abs(x), -x, x > 1, np.argmax(x)]
    made += [x.reshape(()), x.T, x[()], tg.Tensor(1.0) * 2, x.astype(np.float32), x**0]
    for tensor in made:
        assert is_array(tensor)
        assert tensor.shape == ()


def test_single_numbers_reduce_over_no_axes_as_in_numpy() -> None:
    for reduce in (np.sum, np.mean, np.max, np.min):
        for axis in (None, ()) if reduce is np.mean else (None, (), 0, -1):
            x = leaf(3.0)  # whether the mean over axis 0 is allowed depends on NumPy's version
            reduce(x, axis=axis).backward()
            assert x.grad is not None
            assert float(x.grad) == 1.0


def test_reducing_over_the_empty_tuple_of_axes_reduces_nothing() -> None:
    for reduce in (np.sum, np.mean, np.max, np.min):
        x = leaf([[1.0, 2.0]])
        y = reduce(x, axis=())
        assert y.shape == (1, 2)
        y.backward(gradient=np.array([[5.0, 7.0]]))
        assert x.grad is not None
        assert x.grad.tolist() == [[5.0, 7.0]]


def test_the_sum_of_nothing_is_zero() -> None:
    x = leaf(np.zeros((0, 3)))
    y = x.sum()
    y.backward()
    assert float(y) == 0.0
    assert x.grad is not None
    assert x.grad.shape == (0, 3)


@pytest.mark.parametrize("axis", [0, 1, (0, 1), None])
@pytest.mark.parametrize("keepdims", [False, True])
def test_sums_along_an_axis_without_elements(axis: Any, keepdims: bool) -> None:
    x = leaf(np.zeros((0, 3)))
    y = x.sum(axis=axis, keepdims=keepdims)
    assert y.shape == np.zeros((0, 3)).sum(axis=axis, keepdims=keepdims).shape
    y.backward(gradient=np.ones(y.shape))
    assert x.grad is not None
    assert x.grad.shape == (0, 3)


def test_the_mean_of_nothing_warns_as_numpys_does() -> None:
    with pytest.raises(RuntimeWarning, match="Mean of empty slice"):
        leaf(np.zeros((0, 3))).mean()


@pytest.mark.filterwarnings("ignore:.*")
@pytest.mark.parametrize("axis", [None, 0])
def test_the_mean_of_nothing_has_an_empty_gradient_all_the_same(axis: Any) -> None:
    x = leaf(np.zeros((0, 3)))
    y = x.mean(axis=axis)
    assert np.isnan(y.numpy()).all()
    y.backward(gradient=np.ones(y.shape))
    assert x.grad is not None
    assert x.grad.shape == (0, 3)


@pytest.mark.parametrize("reduce", [np.mean, np.max, np.min, np.sum])
def test_reducing_no_rows_of_three_gives_no_numbers(reduce: Any) -> None:
    x = leaf(np.zeros((0, 3)))
    y = reduce(x, axis=1)
    assert y.shape == (0,)
    y.backward(gradient=np.ones(0))
    assert x.grad is not None
    assert x.grad.shape == (0, 3)


@pytest.mark.parametrize("name", ["max", "min"])
def test_the_largest_of_nothing_is_an_error_that_names_the_op(name: str) -> None:
    with pytest.raises(ValueError, match=rf"{name}\(x: \(0, 3\)"):
        getattr(leaf(np.zeros((0, 3))), name)()


def test_a_product_over_an_axis_without_elements_is_zero() -> None:
    a, b = leaf(np.zeros((2, 0))), leaf(np.zeros((0, 3)))
    y = a @ b
    assert y.tolist() == [[0.0] * 3] * 2
    y.backward(gradient=np.ones((2, 3)))
    assert a.grad is not None
    assert b.grad is not None
    assert a.grad.shape == (2, 0)
    assert b.grad.shape == (0, 3)


def test_numbers_broadcast_to_a_size_given_as_a_number() -> None:
    for start in (1.0, [1.0]):
        x = leaf(start)
        np.broadcast_to(x, 3).sum().backward()
        assert x.grad is not None
        assert x.grad.sum().item() == 3.0
