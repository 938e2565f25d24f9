"""Hooks of modules: they see, and may change, what goes in, what comes out, and what comes back."""

from __future__ import annotations

import copy
import gc
import weakref
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import nn
from tinygrad_edu.nn.lists import ModuleList
from tinygrad_edu.nn.recurrent import LSTM

X = np.array([[1.0, 2.0], [3.0, -1.0]])


def test_hooks_see_input_and_output_in_the_order_of_registration() -> None:
    layer, seen = nn.Linear(2, 3), []
    layer.register_forward_hook(lambda m, x, y: seen.append(("after", m, x, y)))
    layer.register_forward_pre_hook(lambda m, x: seen.append(("before", m, x)))
    layer.register_forward_hook(lambda m, x, y: seen.append(("last",)))
    x = tg.Tensor(X)
    y = layer(x)
    assert [each[0] for each in seen] == ["before", "after", "last"]
    assert seen[0][1] is seen[1][1] is layer
    assert seen[0][2] == (x,) or seen[0][2][0] is x
    assert seen[1][3] is y


def test_a_hook_that_is_removed_is_not_called() -> None:
    layer, calls = nn.Sigmoid(), []
    handles = [
        layer.register_forward_hook(lambda m, x, y: calls.append(1)),
        layer.register_forward_pre_hook(lambda m, x: calls.append(2)),
        layer.register_full_backward_hook(lambda m, dx, dy: calls.append(3)),
    ]
    for handle in handles:
        handle.remove()
        handle.remove()
    x = tg.Tensor(X, requires_grad=True)
    layer(x).sum().backward()
    assert calls == []


def test_what_hooks_return_takes_the_place_of_input_and_output() -> None:
    layer = nn.Sigmoid()
    handle = layer.register_forward_pre_hook(lambda m, x: x[0] * 0.0)
    assert (layer(tg.Tensor(X)).numpy() == 0.5).all()
    handle.remove()
    layer.register_forward_pre_hook(lambda m, x: (x[0] * 0.0,))
    layer.register_forward_hook(lambda m, x, y: y + 1.0)
    assert (layer(tg.Tensor(X)).numpy() == 1.5).all()


def test_a_hook_may_remove_itself() -> None:
    layer, calls = nn.Sigmoid(), []

    def once(*given: Any) -> None:
        calls.append(1)
        handle.remove()

    handle = layer.register_forward_hook(once)
    layer(X)
    layer(X)
    assert calls == [1]


def test_a_copy_of_a_module_has_its_hooks() -> None:
    layer = nn.Sigmoid()
    layer.register_forward_hook(_plus_one)
    twin = copy.deepcopy(layer)
    assert np.array_equal(twin(X), layer(X))
    layer.register_forward_hook(_plus_one)
    assert not np.array_equal(twin(X), layer(X))


def _plus_one(module: Any, x: Any, y: Any) -> Any:
    return y + 1.0


def test_what_is_no_function_is_no_hook() -> None:
    with pytest.raises(TypeError, match="a hook is a function, not a int"):
        nn.Sigmoid().register_forward_hook(3)


def test_a_backward_hook_sees_both_gradients_and_changes_nothing() -> None:
    seen: list[Any] = []

    def gradients(hooked: bool) -> list[Any]:
        layer, x = nn.Linear(2, 3, generator=np.random.default_rng(0)), tg.Tensor(X, True)
        net = nn.Sequential(layer, nn.Sigmoid(), nn.Sigmoid())
        if hooked:
            for step in net:
                step.register_full_backward_hook(lambda m, dx, dy: seen.append((m, dx, dy)))
        (net(x) * x.sum()).sum().backward()
        return [x.grad.numpy(), layer.weight.grad.numpy(), layer.bias.grad.numpy()]

    for plain, watched in zip(gradients(False), gradients(True)):
        np.testing.assert_array_equal(plain, watched)
    assert [type(m).__name__ for m, _, _ in seen] == ["Sigmoid", "Sigmoid", "Linear"]
    for (_, dx, _), (_, _, dy) in pairwise(seen):  # what leaves arrives at the next
        assert np.array_equal(dx[0].numpy(), dy[0].numpy())


def test_a_backward_hook_of_the_first_layer_sees_what_arrives() -> None:
    layer, seen = nn.Linear(2, 3), []
    layer.register_full_backward_hook(lambda m, dx, dy: seen.append((dx, dy)))
    layer(X).sum().backward()
    ((dx, dy),) = seen
    assert dx == (None,)
    assert (dy[0].numpy() == 1).all()


def test_what_a_backward_hook_returns_goes_on() -> None:
    layer, x = nn.Sigmoid(), tg.Tensor(X, requires_grad=True)
    layer.register_full_backward_hook(lambda m, dx, dy: (dx[0] * 0.0 + 7.0,))
    layer(x).sum().backward()
    assert (x.grad.numpy() == 7).all()


def test_a_backward_hook_sees_each_call_by_itself() -> None:
    layer, seen = nn.Sigmoid(), []
    layer.register_full_backward_hook(lambda m, dx, dy: seen.append(dy[0].numpy()[0, 0]))
    x = tg.Tensor(X, requires_grad=True)
    (layer(x) * 2.0 + layer(x) * 5.0).sum().backward()
    assert sorted(seen) == [2.0, 5.0]


def test_a_backward_hook_of_a_module_that_returns_its_input_sees_the_gradient() -> None:
    net, seen = nn.Sequential(), []
    net.register_full_backward_hook(lambda m, dx, dy: seen.append((dx, dy)))
    x = tg.Tensor(X, requires_grad=True)
    (net(x) * 3.0).sum().backward()
    assert (x.grad.numpy() == 3).all()
    ((dx, dy),) = seen
    assert (dx[0].numpy() == 3).all()
    assert (dy[0].numpy() == 3).all()


def test_second_derivatives_pass_through_a_backward_hook() -> None:
    layer = nn.Sigmoid()
    layer.register_full_backward_hook(lambda m, dx, dy: None)
    assert tg.check_grad(layer, X)


def test_a_backward_hook_refuses_calls_that_it_cannot_follow() -> None:
    layer = nn.Bilinear(2, 2, 1)
    layer.register_full_backward_hook(lambda m, dx, dy: None)
    x = tg.Tensor(X, requires_grad=True)
    with pytest.raises(TypeError, match=r"Bilinear.*2 inputs that require grad"):
        layer(x, x)
    lstm = LSTM(2, 2)
    lstm.register_full_backward_hook(lambda m, dx, dy: None)
    with pytest.raises(TypeError, match=r"LSTM.*a tuple as output"):
        lstm(x)


def test_hooks_see_nothing_backwards_under_no_grad() -> None:
    layer, seen = nn.Linear(2, 2), []
    layer.register_full_backward_hook(lambda m, dx, dy: seen.append(1))
    with tg.no_grad():
        assert not layer(X).requires_grad
    assert seen == []


def test_paths_lead_to_modules_parameters_and_buffers() -> None:
    net = nn.Sequential(ModuleList([nn.Linear(2, 2), nn.BatchNorm1d(2)]))
    assert net.get_submodule("") is net
    assert net.get_submodule("0.1") is net[0][1]
    assert net.get_parameter("0.0.weight") is net[0][0].weight
    assert net.get_buffer("0.1.running_mean") is net[0][1].running_mean


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get_submodule", "2"), ("get_submodule", "0.weight"), ("get_submodule", "1.x"),
        ("get_parameter", "0.scale"), ("get_parameter", "0"), ("get_buffer", "0.weight"),
    ],
)  # fmt: skip
def test_a_path_that_leads_nowhere_is_named(method: str, path: str) -> None:
    net = nn.Sequential(nn.Linear(2, 2), np.tanh)
    with pytest.raises(AttributeError, match=rf"Sequential has no \w+ at '{path}'"):
        getattr(net, method)(path)


def test_state_dict_takes_a_prefix() -> None:
    assert list(nn.Linear(2, 2).state_dict(prefix="net.")) == ["net.weight", "net.bias"]


def test_a_hook_may_be_put_before_those_that_are_there() -> None:
    layer, calls = nn.Sigmoid(), []
    for name in "abc":
        first = name == "c"
        layer.register_forward_pre_hook(lambda m, x, n=name: calls.append(n), prepend=first)
        layer.register_forward_hook(lambda m, x, y, n=name: calls.append(n), prepend=first)
        layer.register_full_backward_hook(lambda m, x, y, n=name: calls.append(n), prepend=first)
    handle = layer.register_forward_hook(lambda m, x, y: calls.append("d"), prepend=True)
    handle.remove()
    layer(tg.Tensor(X, requires_grad=True)).sum().backward()
    assert calls == ["c", "a", "b"] * 3


def test_a_backward_hook_keeps_no_run_alive() -> None:
    layer, x = nn.Linear(2, 2), tg.Tensor([[1.0, 2.0]], requires_grad=True)
    layer.register_full_backward_hook(lambda module, leaving, arrived: None)
    gc.collect()
    gc.disable()
    try:
        output = layer(x)
        output.sum().backward()
        seen = weakref.ref(output.numpy().base)
        del output
        assert seen() is None  # at once: no cycle waits for the collector
    finally:
        gc.enable()
