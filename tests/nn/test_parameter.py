"""Parameter: a Tensor that asks for a gradient from the start."""

import copy
import pickle

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import nn


def test_a_parameter_requires_grad_unless_told_otherwise():
    assert nn.Parameter([1.0]).requires_grad
    assert not nn.Parameter([1.0], requires_grad=False).requires_grad


def test_lists_take_the_default_dtype_and_arrays_keep_theirs():
    try:
        tg.set_default_dtype("float32")
        assert nn.Parameter([1.0]).dtype == np.float32
        assert nn.Parameter(np.ones(2)).dtype == np.float64
    finally:
        tg.set_default_dtype("float64")
    assert nn.Parameter([1.0]).dtype == np.float64
    assert nn.Parameter([1.0], dtype="float32").dtype == np.float32


def test_a_parameter_copies_what_it_is_made_from():
    array = np.ones(3)
    from_array, from_tensor = nn.Parameter(array), nn.Parameter(tg.Tensor(array, copy=False))
    array[:] = 0
    assert from_array.tolist() == from_tensor.tolist() == [1, 1, 1]


def test_what_is_computed_from_a_parameter_is_a_plain_tensor():
    parameter = nn.Parameter([1.0, 2.0])
    for result in (parameter * 2, parameter.sum(), parameter[0], parameter.detach(), -parameter):
        assert type(result) is tg.Tensor


def test_integers_cannot_be_learnt():
    with pytest.raises(TypeError, match="int64"):
        nn.Parameter([1, 2])


def test_a_history_is_not_dropped():
    with pytest.raises(TypeError, match="history"):
        nn.Parameter(tg.Tensor([1.0], requires_grad=True) * 2)


def pickled_and_back(parameter):
    return pickle.loads(pickle.dumps(parameter))  # noqa: S301  # our own bytes


@pytest.mark.parametrize("duplicate", [copy.deepcopy, copy.copy, pickled_and_back])
def test_a_copy_is_an_equal_parameter_in_memory_of_its_own(duplicate):
    parameter = nn.Parameter([1.0, 2.0], name="scale")
    (parameter * parameter).sum().backward()
    other = duplicate(parameter)
    assert type(other) is nn.Parameter
    assert other.requires_grad
    assert other.name == "scale"
    assert np.array_equal(other.data, parameter.data)
    assert np.array_equal(other.grad, parameter.grad)
    assert not np.shares_memory(other.data, parameter.data)


def test_printing_says_that_it_is_a_parameter():
    assert repr(nn.Parameter([1.0])).startswith("Parameter containing:\nTensor([1.]")
