"""Nodes remember the module call that they were recorded in."""

import gc

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import nn
from tinygrad_edu.nn.module import Scope, scope_path
from tinygrad_edu.recording import CONTEXT


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2))

    def forward(self, x):
        return self.layers[1](self.layers(x))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = Encoder()
        self.unlisted = [nn.Sigmoid()]

    def forward(self, x):
        return self.unlisted[0](self.encoder(x)) * 2.0


def scopes(y):
    """Return the scopes of all nodes behind a tensor, the oldest first."""
    nodes, stack = {}, [y.node]
    while stack:
        node = stack.pop()
        nodes[node.serial] = node
        stack += [parent for parent in node.parents if hasattr(parent, "serial")]
    return [nodes[serial].scope for serial in sorted(nodes)]


def test_a_scope_is_written_as_the_path_to_its_module():
    y = Net()(tg.Tensor([1.0, 2.0]))
    paths = [scope_path(scope) for scope in scopes(y)]
    assert paths == [
        "encoder.layers.0",
        "encoder.layers.1",
        "encoder.layers.1",  # called by Encoder directly, not through layers
        "Sigmoid",  # kept in a plain list, so there is no path to it
        "",
    ]


def test_outside_of_modules_there_is_no_scope():
    y = tg.Tensor([1.0], requires_grad=True) * 2.0
    assert y.node.scope is None
    assert scope_path(None) == ""


def test_two_calls_of_one_module_can_be_told_apart():
    layer = nn.Linear(2, 2)
    net = nn.Sequential(layer, layer)
    first, second = scopes(net(tg.Tensor([1.0, 2.0])))
    assert first.module is second.module is layer
    assert first is not second
    assert first.parent is second.parent
    assert first.parent.module is net
    assert scope_path(first) == scope_path(second) == "0"


def test_all_that_one_call_records_has_one_scope():
    class Twice(nn.Module):
        def forward(self, x):
            return tg.sigmoid(x * 2.0)

    first, second = scopes(Twice()(tg.Tensor([1.0], requires_grad=True)))
    assert first is second
    assert isinstance(first, Scope)


def test_a_module_that_calls_itself_stays_where_it_is():
    class Countdown(nn.Module):
        def forward(self, x, n):
            return self(x * 2.0, n - 1) if n else x

    net = nn.Sequential(Countdown())
    net.run = lambda x: net[0](x, 3)
    paths = {scope_path(scope) for scope in scopes(net.run(tg.Tensor([1.0], requires_grad=True)))}
    assert paths == {""}


def test_after_a_call_the_surroundings_are_as_before_even_if_it_failed():
    class Failing(nn.Module):
        def forward(self, x):
            raise RuntimeError("no")

    before = CONTEXT.get()
    with pytest.raises(RuntimeError, match="no"):
        nn.Sequential(Failing())(1)
    assert CONTEXT.get() is before
    nn.Sigmoid()(tg.Tensor([1.0]))
    assert CONTEXT.get() is before


def test_a_module_records_nothing_under_no_grad():
    layer = nn.Linear(2, 2)
    with tg.no_grad():
        assert not layer(tg.Tensor([1.0, 2.0])).requires_grad
        assert not tg.is_grad_enabled()
    assert tg.is_grad_enabled()


def test_no_grad_within_forward_keeps_the_scope():
    class Half(nn.Module):
        def forward(self, x):
            with tg.no_grad():
                factor = x * 2.0
            with tg.no_grad(), tg.enable_grad():
                return x * factor

    net = Half()
    y = net(tg.Tensor([1.0], requires_grad=True))
    assert y.node.scope.module is net


def test_training_leaves_no_garbage():
    net, x = Net(), tg.Tensor(np.ones((3, 2)))
    net(x).sum().backward()
    gc.collect()
    gc.disable()
    try:
        for _ in range(20):
            net.zero_grad()
            net(x).sum().backward()
        assert gc.collect() == 0
    finally:
        gc.enable()
