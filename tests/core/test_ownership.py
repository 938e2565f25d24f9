"""No two gradients, seeds or values lie in the same memory, and nobody's array is written into.

Next: ``test_in_place.py``, on writing into a leaf's memory on purpose.
"""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg


def leaf(values: Any) -> tg.Tensor:
    return tg.Tensor(values, requires_grad=True)


def test_a_tensor_copies_the_array_it_is_made_of() -> None:
    source = np.arange(64.0)
    x = leaf(source)
    y = (x * x).sum()
    source[:] = 0
    y.backward()
    assert x.grad is not None
    np.testing.assert_array_equal(x.grad.numpy(), 2 * np.arange(64.0))


def test_gradients_seed_and_data_are_all_separate() -> None:
    x, y = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    seed = np.array([1.0, 1.0])
    (x + y).backward(gradient=seed)
    for a, b in combinations([x.grad, y.grad, seed, x.data, y.data], 2):
        assert not np.shares_memory(a, b)
    x.grad *= 7
    assert y.grad is not None
    assert y.grad.tolist() == seed.tolist() == [1.0, 1.0]
    x.grad = y.grad = None
    (2 * x + 3 * y).sum().backward()
    assert x.grad.tolist() == [2.0, 2.0]
    assert y.grad.tolist() == [3.0, 3.0]


def test_gradients_through_another_path_of_the_same_graph_add_up() -> None:
    x, y = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    (x + y).backward(gradient=np.ones(2))
    (2 * x + 3 * y).sum().backward()
    assert x.grad is not None
    assert y.grad is not None
    assert x.grad.tolist() == [3.0, 3.0]
    assert y.grad.tolist() == [4.0, 4.0]


@pytest.mark.parametrize(
    "through",
    [
        lambda x: x.reshape(4),
        lambda x: x.T,
        lambda x: x[:],
        lambda x: np.broadcast_to(x, (2, 2)),
        lambda x: x.clone(),
        lambda x: x.astype(float),
        lambda x: np.concatenate([x]),
        lambda x: x.mT[0:2],
        lambda x: x + np.zeros((2, 2)),
    ],
)
def test_a_gradient_that_a_rule_passes_through_is_copied_for_the_leaf(through: Any) -> None:
    x = leaf([[1.0, 2.0], [3.0, 4.0]])
    y = through(x)
    seed = np.arange(1.0, 5.0).reshape(y.shape)
    kept = seed.copy()
    y.backward(gradient=seed)
    assert x.grad is not None
    assert not np.shares_memory(x.grad, seed)
    x.grad *= 7
    np.testing.assert_array_equal(seed, kept)


def test_gradients_of_inputs_of_one_concatenation_are_separate() -> None:
    parts = [leaf([1.0, 2.0]), leaf([3.0])]
    np.concatenate(parts).backward(gradient=np.ones(3))
    assert not np.shares_memory(parts[0].grad, parts[1].grad)
    assert parts[0].grad is not None
    assert parts[0].grad.data.base is None


def test_a_rule_that_returns_the_same_array_twice_gives_separate_gradients() -> None:
    ones = np.ones(2)

    @tg.differentiable(x=lambda dy, y, x: ones)
    def total(x: Any) -> Any:
        return x.sum()

    a, b = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    total(a).backward()
    total(b).backward()
    assert a.grad is not None
    assert b.grad is not None
    a.grad *= 7
    assert ones.tolist() == [1.0, 1.0]
    assert b.grad.tolist() == [1.0, 1.0]


@pytest.mark.parametrize("order", [1, 2])
def test_a_rule_that_returns_an_input_gives_a_gradient_of_its_own(order: int) -> None:
    @tg.differentiable(x=lambda dy, y, x, w: w, w=lambda dy, y, x, w: x)
    def product(x: Any, w: Any) -> Any:
        return (x * w).sum()

    x, w = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    product(x, w).backward(create_graph=order == 2)
    for a, b in combinations([x.grad, w.grad, x.data, w.data], 2):
        values = [t._array if isinstance(t, tg.Tensor) else t for t in (a, b)]
        assert not np.shares_memory(*values)


def test_a_gradient_set_by_hand_is_not_written_into_by_backward() -> None:
    x = leaf([1.0, 2.0])
    given = np.array([10.0, 20.0])
    x.grad = given
    (x * 3).sum().backward()
    assert x.grad.tolist() == [13.0, 23.0]
    assert given.tolist() == [10.0, 20.0]


def test_one_tensor_set_as_the_gradient_of_two_leaves_is_not_shared() -> None:
    a, b = leaf([1.0]), leaf([2.0])
    given = tg.Tensor([3.0])
    a.grad, b.grad = given, given
    a.grad *= 7
    assert b.grad.tolist() == [3.0]


def test_a_gradient_set_by_hand_must_fit_the_leaf() -> None:
    x = leaf([1.0, 2.0])
    for wrong in (np.ones(3), tg.Tensor(1.0), tg.Tensor(np.float32([1, 2]))):
        with pytest.raises(ValueError, match=r"\(2,\)"):
            x.grad = wrong
    assert x.grad is None


def test_detach_and_clone_give_memory_of_their_own() -> None:
    x = leaf([1.0, 2.0])
    for other in (x.detach(), x.clone(), (x * 1).detach(), tg.Tensor(x.detach())):
        assert not np.shares_memory(other._array, x._array)
    free = x.detach()
    free += 5
    assert x.tolist() == [1.0, 2.0]


def test_numpy_and_the_data_of_a_result_are_read_only() -> None:
    x = leaf([1.0, 2.0])
    y = x * 2
    for view in (x.numpy(), y.numpy(), y.data, np.asarray(x.detach())):
        with pytest.raises(ValueError, match="read-only"):
            view[0] = 9


def test_the_parts_that_numpy_splits_a_tensor_into_do_not_write_through() -> None:
    x = leaf([1.0, 2.0])
    y = np.exp(x)
    with tg.no_grad():
        for part in np.split(y, 2):
            try:
                part[...] = 0
            except ValueError as error:
                assert "read-only" in str(error)  # noqa: PT017  # refusing is as good as copying
    y.sum().backward()
    assert x.grad is not None
    np.testing.assert_array_equal(x.grad.numpy(), np.exp([1.0, 2.0]))
