"""Hooks see a gradient once, when all of it has arrived, and may replace it; as in PyTorch.

Next: ``test_retain_grad.py``.
"""

from __future__ import annotations

import copy
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


def test_a_hook_is_called_once_with_the_sum_over_all_uses() -> None:
    x = leaf([2.0])
    y = x * 3
    seen: list[Any] = []
    for tensor in (x, y):
        tensor.register_hook(lambda gradient: seen.append(gradient.tolist()))
    (y * 2 + y * 5 + x).sum().backward()
    assert seen == [[7], [22]]
    assert grad_of(x) == [22]


def test_what_a_hook_returns_goes_on_in_place_of_the_gradient() -> None:
    x = leaf([1.0, 2.0])
    y = x * x
    y.register_hook(lambda gradient: gradient * 10)
    y.sum().backward()
    assert grad_of(x) == [20, 40]


@pytest.mark.parametrize(
    "replacement", [lambda g: np.array([3.0, 4.0]), lambda g: [3, 4], lambda g: tg.Tensor([3, 4])]
)
def test_a_replacement_may_be_anything_like_an_array(replacement: Any) -> None:
    x = leaf(np.ones(2, np.float32))
    x.register_hook(replacement)
    x.sum().backward()
    assert grad_of(x) == [3, 4]
    assert x.grad is not None
    assert x.grad.dtype == np.float32


def test_hooks_run_in_the_order_of_registration_each_on_what_the_last_returned() -> None:
    x = leaf(1.0)
    x.register_hook(lambda gradient: gradient + 1)
    x.register_hook(lambda gradient: gradient * 10)
    (x * 2).backward()
    assert grad_of(x) == 30


def test_a_leaf_hook_sees_this_walk_only_and_not_what_grad_held_before() -> None:
    x = leaf(1.0)
    seen: list[float] = []
    x.register_hook(lambda gradient: seen.append(float(gradient)))
    for _ in range(2):
        (x * 3).backward()
    assert seen == [3, 3]
    assert grad_of(x) == 6


def test_a_removed_hook_is_not_called_and_removing_twice_does_nothing() -> None:
    x = leaf(1.0)
    keep = x.register_hook(lambda gradient: gradient + 1)
    handle = x.register_hook(lambda gradient: gradient * 100)
    handle.remove()
    handle.remove()
    (x * 2).backward()
    assert grad_of(x) == 3
    keep.remove()
    (x * 2).backward()
    assert grad_of(x) == 5


def test_a_hook_may_remove_itself() -> None:
    x = leaf(1.0)
    calls: list[int] = []

    def once(gradient: tg.Tensor) -> None:
        calls.append(1)
        handle.remove()

    handle = x.register_hook(once)
    for _ in range(2):
        (x * 2).backward()
    assert calls == [1]


def test_a_change_in_place_counts_and_touches_nothing_else() -> None:
    x, w = leaf([1.0, 2.0]), leaf([1.0, 2.0])
    total = x + w
    seed = np.ones(2)

    def doubled(gradient: tg.Tensor) -> None:
        gradient *= 2

    x.register_hook(doubled)
    total.backward(seed)
    assert grad_of(x) == [2, 2]
    assert grad_of(w) == [1, 1]
    assert seed.tolist() == [1, 1]


def test_the_hook_of_a_result_that_is_gone_is_called_all_the_same() -> None:
    x = leaf(2.0)
    y = x * 3
    y.register_hook(lambda gradient: gradient * 10)
    z = y * 1
    del y
    z.backward()
    assert grad_of(x) == 30


def test_the_result_that_is_walked_from_and_a_leaf_walked_from_itself_have_hooks_too() -> None:
    x = leaf(2.0)
    y = x * 3
    y.register_hook(lambda gradient: gradient * 10)
    y.backward()
    assert grad_of(x) == 30
    x.grad = None
    x.register_hook(lambda gradient: gradient * 7)
    x.backward()
    assert grad_of(x) == 7


def test_hooks_take_part_in_gradients_that_are_returned() -> None:
    """PyTorch leaves out the hook of a step on the way if something behind it is asked for too."""
    x = leaf(2.0)
    y = x * 3
    x.register_hook(lambda gradient: gradient + 1)
    y.register_hook(lambda gradient: gradient * 10)
    dy, dx = tg.autograd.grad(y * 1, [y, x])
    assert (float(dy), float(dx)) == (10, 31)  # type: ignore[arg-type]  # both are used
    assert x.grad is None


def test_a_hook_is_not_called_where_no_gradient_comes_by() -> None:
    x, w = leaf(2.0), leaf(3.0)
    w.register_hook(lambda gradient: pytest.fail("nothing arrives here"))
    (x * x).backward()
    tg.autograd.grad(x * w, x)


def test_what_a_hook_does_is_recorded_with_create_graph() -> None:
    x = leaf(3.0)
    y = x * x
    handle = y.register_hook(lambda gradient: gradient * y)
    y.backward(create_graph=True)
    handle.remove()
    slope = x.grad  # 2x · x²
    assert slope is not None
    x.grad = None
    (found,) = tg.autograd.grad(slope, x)
    assert found is not None
    assert float(slope) == 54
    assert float(found) == pytest.approx(6 * 9)


def test_a_hook_runs_unrecorded_in_a_plain_walk() -> None:
    x = leaf(3.0)
    modes: list[bool] = []

    def look(gradient: tg.Tensor) -> Any:
        modes.extend([tg.is_grad_enabled(), gradient.requires_grad])
        return gradient * x

    x.register_hook(look)
    (x * 2).backward()
    assert modes == [False, False]
    assert x.grad is not None
    assert not x.grad.requires_grad
    assert tg.is_grad_enabled()


def test_a_hook_that_raises_leaves_every_grad_as_it_was() -> None:
    x, w = leaf(3.0), leaf(2.0)

    def fail(gradient: tg.Tensor) -> None:
        raise KeyError("no")

    handle = x.register_hook(fail)
    loss = x * w
    with pytest.raises(KeyError, match="no"):
        loss.backward()
    assert x.grad is None
    assert w.grad is None
    assert tg.is_grad_enabled()
    handle.remove()
    loss.backward()
    assert grad_of(w) == 3


def test_a_replacement_of_another_shape_is_refused_by_name() -> None:
    x = leaf([1.0, 2.0])

    def shrink(gradient: tg.Tensor) -> tg.Tensor:
        return gradient.sum()

    x.register_hook(shrink)
    with pytest.raises(ValueError, match=r"hook shrink returned \(\) .* gradient of \(2,\)"):
        x.sum().backward()
    assert x.grad is None


def test_a_tensor_without_a_gradient_has_no_hooks() -> None:
    for tensor in (tg.Tensor([1.0]), leaf([1.0]).detach()):
        with pytest.raises(RuntimeError, match=r"register_hook.*no gradient flows to"):
            tensor.register_hook(print)


def test_the_hooks_of_one_output_of_several_belong_to_it_alone() -> None:
    @tg.differentiable(x=lambda dy, y, x: dy[0] * 2 + dy[1] * 3)
    def two(x: Any) -> Any:
        return x * 2, x * 3

    x = leaf([1.0])
    first, second = two(x)
    second.register_hook(lambda gradient: gradient * 10)
    (first + second).sum().backward()
    assert grad_of(x) == [2 + 30]


def test_hooks_keep_nothing_alive() -> None:
    gc.disable()
    try:
        x = leaf([1.0])
        y = x * 2
        y.register_hook(lambda gradient: gradient)
        gone = weakref.ref(y)
        y.sum().backward()
        del y
        assert gone() is None
    finally:
        gc.enable()


def test_a_copy_of_a_leaf_has_no_hooks() -> None:
    x = leaf([1.0])
    x.register_hook(lambda gradient: gradient * 10)
    twin = copy.deepcopy(x)
    twin.sum().backward()
    assert grad_of(twin) == [1]


def test_pytorch_does_the_same() -> None:
    torch = pytest.importorskip("torch", reason="compares with PyTorch")

    def run(x: Any, grad: Any) -> list[float]:
        y = x * x
        z = y * 3 + x
        seen: list[float] = []
        x.register_hook(lambda g: seen.append(float(g)))
        x.register_hook(lambda g: g + 1)
        y.register_hook(lambda g: g * 2)
        z.register_hook(lambda g: seen.append(float(g)))
        handle = y.register_hook(lambda g: g * 100)
        handle.remove()
        y.retain_grad()
        y.register_hook(lambda g: g + 0.5)
        z.backward(retain_graph=True)
        seen += [float(x.grad), float(y.grad)]
        z.backward(retain_graph=True)
        return [*seen, float(x.grad), float(y.grad), *map(float, grad(z, [x]))]

    ours = run(leaf(2.0), tg.autograd.grad)
    assert ours == run(torch.tensor(2.0, requires_grad=True), torch.autograd.grad)
