"""``retain_grad`` keeps the gradient of a computed tensor in ``.grad``, as that of a leaf is."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg


def leaf(values: Any) -> tg.Tensor:
    return tg.Tensor(values, requires_grad=True)


def grad_of(x: tg.Tensor) -> Any:
    assert x.grad is not None
    return x.grad.tolist()


def test_a_computed_tensor_keeps_its_gradient_only_if_it_is_asked_to() -> None:
    x = leaf([3.0])
    y, z = x * 1, x * 1
    y.retain_grad()
    (y * y * z).sum().backward()
    assert grad_of(y) == [18]
    assert z.grad is None
    assert y.retains_grad
    assert not z.retains_grad


def test_the_loss_itself_can_keep_its_gradient() -> None:
    loss = leaf(3.0) * 2
    loss.retain_grad()
    loss.backward()
    assert grad_of(loss) == 1


def test_gradients_add_up_as_those_of_leaves_do() -> None:
    x = leaf(3.0)
    y = x * 1
    y.retain_grad()
    loss = y * y
    loss.backward(retain_graph=True)
    loss.backward()
    assert grad_of(y) == grad_of(x) == 12


def test_it_is_kept_as_it_is_after_all_hooks() -> None:
    x = leaf(3.0)
    y = x * 1
    y.retain_grad()
    y.register_hook(lambda gradient: gradient * 10)
    (y * 2).backward()
    assert grad_of(y) == grad_of(x) == 20


def test_it_shares_memory_with_nothing() -> None:
    x = leaf([1.0, 2.0])
    y = x + 0
    y.retain_grad()
    seed = np.ones(2)
    y.backward(seed)
    assert x.grad is not None
    assert y.grad is not None
    for other in (x.grad.numpy(), seed):
        assert not np.shares_memory(y.grad.numpy(), other)


def test_a_recorded_gradient_is_kept_with_its_history() -> None:
    x = leaf(2.0)
    y = x * 1
    y.retain_grad()
    (y**3).backward(create_graph=True)
    assert y.grad is not None
    (found,) = tg.autograd.grad(y.grad, x)
    assert found is not None
    assert float(found) == 12


def test_it_follows_a_tensor_that_changes_in_place() -> None:
    x = leaf([1.0, 2.0])
    y = x * 1
    y.retain_grad()
    y *= 3
    assert y.retains_grad
    (y * y).sum().backward()
    assert grad_of(y) == [6, 12]


def test_on_a_leaf_it_changes_nothing() -> None:
    x = leaf(3.0)
    x.retain_grad()
    (x * x).backward()
    assert grad_of(x) == 6
    assert not x.retains_grad


def test_gradients_that_are_returned_are_not_kept() -> None:
    x = leaf(3.0)
    y = x * 1
    y.retain_grad()
    tg.autograd.grad(y * y, x)
    assert y.grad is None


def test_a_tensor_that_is_gone_keeps_nothing() -> None:
    gc.disable()
    try:
        x = leaf(3.0)
        y = x * 1
        y.retain_grad()
        gone = weakref.ref(y)
        loss = y * y
        del y
        assert gone() is None
        loss.backward()
        assert grad_of(x) == 6
    finally:
        gc.enable()


def test_a_failed_walk_keeps_nothing() -> None:
    @tg.differentiable(x=lambda dy, y, x: 1 // 0)
    def broken(x: Any) -> Any:
        return x * 1

    x = leaf(3.0)
    y = broken(x) * 1
    y.retain_grad()
    with pytest.raises(ZeroDivisionError):
        (y * 2).backward()
    assert y.grad is None


def test_a_tensor_without_a_gradient_is_refused() -> None:
    with pytest.raises(RuntimeError, match=r"retain_grad.*no gradient flows to"):
        tg.Tensor([1.0]).retain_grad()
