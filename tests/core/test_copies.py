"""Leaves can be copied and pickled, with their gradients; results cannot, and say what to do.

Next: ``test_processes.py``, where pickles travel.
"""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg

COPIES: dict[str, Callable[[Any], Any]] = {
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    **{
        f"pickle {protocol}": lambda x, protocol=protocol: pickle.loads(  # noqa: S301  # our own
            pickle.dumps(x, protocol)
        )
        for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1)
    },
}
every_copy = pytest.mark.parametrize("make", COPIES.values(), ids=COPIES.keys())


def parameter() -> tg.Tensor:
    x = tg.Tensor(np.float32([[1, 2], [3, 4]]), requires_grad=True, name="weight")
    (x * x).sum().backward()
    return x


@every_copy
def test_a_copy_of_a_leaf_equals_it_in_memory_of_its_own(make: Callable[[Any], Any]) -> None:
    x = parameter()
    y = make(x)
    assert type(y) is tg.Tensor
    assert (y.tolist(), y.dtype, y.name) == (x.tolist(), x.dtype, x.name)
    assert y.requires_grad
    assert y.is_leaf
    assert y.grad is not None
    assert x.grad is not None
    assert y.grad.tolist() == x.grad.tolist()
    assert not np.shares_memory(x.data, y.data)
    y.data -= 1
    y.grad *= 7
    assert x.tolist() == [[1, 2], [3, 4]]
    assert x.grad.tolist() == [[2, 4], [6, 8]]


@every_copy
def test_a_copy_has_no_part_in_the_graph_of_the_original(make: Callable[[Any], Any]) -> None:
    x = tg.Tensor([1.0, 2.0], requires_grad=True)
    loss = (x * x).sum()
    y = make(x)
    with tg.no_grad():
        y *= 100
    loss.backward()
    assert x.grad is not None
    assert x.grad.tolist() == [2.0, 4.0]
    assert y.grad is None


@every_copy
def test_a_copy_learns_on_its_own(make: Callable[[Any], Any]) -> None:
    x = tg.Tensor([1.0, 2.0], requires_grad=True)
    with tg.no_grad():
        x += 1
    y = make(x)
    (y * y).sum().backward()
    assert y.grad is not None
    assert y.grad.tolist() == [4.0, 6.0]
    assert x.grad is None


@every_copy
@pytest.mark.parametrize(
    "values", [1.0, 3, True, [], [[1.0, 2.0]], np.float16([1]), np.array([1j]), np.zeros((0, 3))]
)
def test_every_kind_of_leaf_can_be_copied(make: Callable[[Any], Any], values: Any) -> None:
    x = tg.Tensor(values)
    y = make(x)
    assert y.dtype == x.dtype
    assert y.shape == x.shape
    assert type(y._array) is np.ndarray
    np.testing.assert_array_equal(y.numpy(), x.numpy())


@every_copy
def test_a_copy_of_a_result_is_refused_with_advice(make: Callable[[Any], Any]) -> None:
    y = np.exp(parameter())
    with pytest.raises(RuntimeError, match=r"exp.*detach\(\)"):
        make(y)
    assert make(y.detach()).tolist() == y.tolist()
    with tg.no_grad():
        unrecorded = np.exp(y)
    assert make(unrecorded).is_leaf


@pytest.mark.parametrize("make", [COPIES["deepcopy"], COPIES["pickle 5"]], ids=["deep", "pickle"])
def test_what_is_shared_stays_shared_in_a_deep_copy(make: Callable[[Any], Any]) -> None:
    x = parameter()
    a, b, c = make([x, x, {"again": x}])
    assert a is b is c["again"]
    assert a is not x


def test_the_graph_of_a_result_survives_an_attempt_to_copy_it() -> None:
    x = tg.Tensor([1.0], requires_grad=True)
    y = (x * 3).sum()
    with pytest.raises(RuntimeError, match="detach"):
        copy.deepcopy({"loss": y})
    y.backward()
    assert x.grad is not None
    assert x.grad.tolist() == [3.0]


def test_a_subclass_stays_a_subclass() -> None:
    for make in COPIES.values():
        assert type(make(Special([1.0]))) is Special


class Special(tg.Tensor):
    """A tensor of another class; at module level, so that pickle finds it."""

    __slots__ = ()
