"""Making one batch of many samples, or naming the first that does not fit."""

from __future__ import annotations

from collections import namedtuple
from typing import Any

import numpy as np
import pytest

from tinygrad_edu import Tensor, no_grad
from tinygrad_edu.data import DataLoader, default_collate

Pair = namedtuple("Pair", "x y")

BAD = {
    "another shape": ([np.ones(2), np.ones(2), np.ones(3)], r"shape of sample 2 is \(3,\), and of"),
    "another type": ([1.0, 2.0, "x"], "sample 2 is a str, and sample 0 a float"),
    "another length": ([(1, 2), (1, 2, 3)], "the length of sample 1 is 3, and of sample 0 2"),
    "other keys": ([{"a": 1}, {"b": 1}], r"the keys of sample 1 is \['b'\]"),
    "a shape within": ([{"a": (1, np.ones(1))}, {"a": (1, np.ones(2))}], r"sample 1\['a'\]\[1\]"),
    "nothing": ([None, None], "sample 0 is None, a NoneType, .*collate_fn"),
    "a set": ([{1}], "a set, of which no batch"),
    "a number and an array": ([1.0, np.ones(2)], "sample 1 is a ndarray, and sample 0 a float"),
}


@pytest.mark.parametrize("name", BAD)
def test_samples_that_do_not_fit_together_are_named(name: str) -> None:
    samples, message = BAD[name]
    with pytest.raises((TypeError, ValueError), match=message):
        list(DataLoader(samples, batch_size=3))
    with pytest.raises((TypeError, ValueError), match=message):
        default_collate(samples)


def test_the_number_of_the_bad_sample_is_its_own_and_not_its_place_in_the_batch() -> None:
    samples = [np.ones(2)] * 7 + [np.ones(3)]
    with pytest.raises(ValueError, match=r"sample 7 is .* sample 6"):
        list(DataLoader(samples, batch_size=2))


@pytest.mark.parametrize(
    ("samples", "dtype", "values"),
    [
        ([1, 2], "int64", [1, 2]),
        ([1.5, 2], "float64", [1.5, 2.0]),
        ([True, False], "bool", [True, False]),
        ([np.float32(1), np.float32(2)], "float32", [1.0, 2.0]),
        ([np.ones(2, "u1")] * 2, "uint8", [[1, 1], [1, 1]]),
        ([Tensor([1.0]), Tensor([2.0])], "float64", [[1.0], [2.0]]),
    ],
)
def test_numbers_arrays_and_tensors_become_a_tensor(samples: Any, dtype: str, values: Any) -> None:
    batch = default_collate(samples)
    assert isinstance(batch, Tensor)
    assert (str(batch.dtype), batch.tolist()) == (dtype, values)


def test_what_holds_values_becomes_the_same_holding_batches() -> None:
    batch = default_collate([{"x": (1, [2.0]), "s": "a", "p": Pair(1, 2)} for _ in range(2)])
    assert batch["x"][0].tolist() == [1, 1]
    assert batch["x"][1][0].tolist() == [2.0, 2.0]
    assert batch["s"] == ["a", "a"]
    assert isinstance(batch["p"], Pair)
    assert batch["p"].y.tolist() == [2, 2]


def test_gradients_flow_through_samples_that_want_them() -> None:
    x = Tensor([1.0, 2.0], requires_grad=True)
    default_collate([x[0] * 3, x[1] * 5]).sum().backward()
    assert x.grad.tolist() == [3.0, 5.0]


@pytest.mark.parametrize(
    "words", [[np.str_("a"), "b"], ["a", np.str_("b")], [b"a", np.bytes_(b"b")]]
)
def test_texts_of_numpy_are_texts(words: Any) -> None:
    assert default_collate(words) == words


def test_tensors_and_arrays_and_texts_and_bytes_are_told_apart() -> None:
    for values in ([Tensor([1.0]), np.ones(1)], ["a", b"a"], [np.str_("a"), 1]):
        with pytest.raises(TypeError, match="sample 1 is a"):
            default_collate(values)


def test_a_batch_of_tensors_keeps_their_values_dtype_and_order_and_shares_no_memory() -> None:
    values = [Tensor(np.asfortranarray(np.full((2, 3), i, "f4"))) for i in range(4)]
    batch = default_collate(values)
    assert (batch.shape, batch.dtype) == ((4, 2, 3), np.float32)
    assert np.array_equal(batch.numpy(), np.stack([value.numpy() for value in values]))
    assert not any(np.shares_memory(batch.numpy(), value.numpy()) for value in values)
    assert not batch.requires_grad


def test_samples_that_want_gradients_are_not_recorded_where_nothing_is() -> None:
    x = Tensor([1.0, 2.0], requires_grad=True)
    with no_grad():
        assert not default_collate([x, x]).requires_grad
