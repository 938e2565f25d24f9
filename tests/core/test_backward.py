"""What ``backward()`` starts from, how often it may be called, and what it adds to ``.grad``.

Next: ``test_ownership.py``, on whose memory a gradient lies in.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg


def leaf(values: Any) -> tg.Tensor:
    return tg.Tensor(values, requires_grad=True)


def grad(x: tg.Tensor) -> Any:
    assert x.grad is not None
    return x.grad.tolist()


def test_a_second_backward_is_refused_with_advice() -> None:
    x = leaf([1.0, 2.0])
    loss = (x * x).sum()
    loss.backward()
    with pytest.raises(RuntimeError, match="retain_graph"):
        loss.backward()
    assert grad(x) == [2.0, 4.0]


def test_backward_with_retain_graph_adds_the_same_gradient_each_time() -> None:
    x = leaf([0.1, 0.2])
    loss = np.exp(x).sum()
    loss.backward(retain_graph=True)
    once = np.array(grad(x))
    loss.backward(retain_graph=True)
    np.testing.assert_array_equal(grad(x), 2 * once)
    loss.backward()
    np.testing.assert_array_equal(grad(x), once + once + once)
    with pytest.raises(RuntimeError, match="retain_graph"):
        loss.backward()


def test_create_graph_keeps_the_graph_unless_told_otherwise() -> None:
    x = leaf([1.0])
    loss = (x * x).sum()
    loss.backward(create_graph=True)
    loss.backward(retain_graph=False, create_graph=True)
    with pytest.raises(RuntimeError, match="retain_graph"):
        loss.backward()


def test_two_losses_may_share_what_they_were_computed_from() -> None:
    x = leaf([1.0])
    shared = x * 3
    (shared * 2).sum().backward()
    (shared * 5).sum().backward()
    assert grad(x) == [21.0]


def test_a_failed_backward_may_be_tried_again() -> None:
    x = leaf([1.0, 2.0])
    y = x * x
    with pytest.raises(RuntimeError, match=r"\(2,\).*gradient="):
        y.backward()
    with pytest.raises(ValueError, match=r"\(3,\).*\(2,\)"):
        y.backward(gradient=np.ones(3))
    y.backward(gradient=np.ones(2))
    assert grad(x) == [2.0, 4.0]


@pytest.mark.parametrize("shape", [(), (1,), (1, 1)])
def test_backward_starts_from_a_single_number_of_any_shape(shape: tuple[int, ...]) -> None:
    x = leaf(np.ones(shape))
    (x * 3).backward()
    assert x.grad is not None
    np.testing.assert_array_equal(x.grad.numpy(), np.full(shape, 3.0))


def test_backward_from_a_leaf_is_one() -> None:
    x = leaf(5.0)
    x.backward()
    x.backward()
    assert grad(x) == 2.0


def test_backward_from_a_leaf_takes_a_gradient() -> None:
    x = leaf([5.0, 6.0])
    seed = np.array([3.0, 4.0])
    x.backward(gradient=seed)
    assert grad(x) == [3.0, 4.0]
    assert not np.shares_memory(x.grad, seed)


def test_nothing_to_differentiate_is_an_error() -> None:
    for tensor in (tg.Tensor(1.0), tg.Tensor(1), tg.Tensor(True), leaf(1.0) > 0):
        with pytest.raises(RuntimeError, match="requires_grad=True"):
            tensor.backward()


def test_backward_from_no_elements_asks_for_a_reduction_or_a_gradient() -> None:
    x = leaf(np.zeros((0, 3)))
    y = x * 2
    with pytest.raises(RuntimeError, match=r"\(0, 3\)"):
        y.backward()
    y.backward(gradient=np.zeros((0, 3)))
    assert x.grad is not None
    assert x.grad.shape == (0, 3)


@pytest.mark.parametrize(
    "seed",
    [[1, 2], (1.0, 2.0), np.array([1, 2]), np.float32([1, 2]), tg.Tensor([1.0, 2.0])],
    ids=["ints", "tuple", "int array", "float32", "tensor"],
)
def test_the_gradient_to_start_from_may_be_anything_like_an_array(seed: Any) -> None:
    x = leaf([1.0, 1.0])
    (x * 3).backward(gradient=seed)
    assert grad(x) == [3.0, 6.0]


@pytest.mark.parametrize(
    "seed",
    ["ab", [None, None], np.array(["a", "b"]), 1.0, [1.0], [[1.0, 2.0]], {"a": 1}],
    ids=["text", "nothing", "texts", "number", "short", "nested", "dict"],
)
def test_a_gradient_of_another_shape_or_kind_is_refused(seed: Any) -> None:
    x = leaf([1.0, 1.0])
    with pytest.raises((TypeError, ValueError), match="gradient="):
        (x * 3).backward(gradient=seed)
    assert x.grad is None


def test_a_complex_gradient_of_a_real_tensor_is_refused() -> None:
    x = leaf([1.0])
    with pytest.raises((TypeError, ValueError), match="complex"):
        (x * 3).backward(gradient=np.array([1j]))


def test_none_of_the_leaves_changes_when_backward_fails() -> None:
    x, w = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    loss = (np.exp(x) * w).sum()
    with tg.no_grad():
        x *= 2
    with pytest.raises(RuntimeError, match="in place"):
        loss.backward()
    assert x.grad is None
    assert w.grad is None


def test_freezing_a_leaf_after_recording_does_not_spoil_the_gradients_of_others() -> None:
    x, w = leaf([2.0]), leaf([3.0])
    loss = (x * w).sum()
    x.requires_grad = False
    loss.backward()
    assert grad(w) == [2.0]
