"""Module: a tree of pieces, and what runs over it."""

import copy
import pickle

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import nn


class Net(nn.Module):
    """Two blocks that share a layer, one parameter of its own and a buffer."""

    def __init__(self):
        super().__init__()
        shared = nn.Linear(2, 2)
        self.first = nn.Sequential(shared, nn.Sigmoid())
        self.scale = nn.Parameter([2.0])
        self.second = nn.Sequential(shared, nn.Linear(2, 1, bias=False))
        self.register_buffer("offset", tg.Tensor([1.0]))

    def forward(self, x):
        return self.second(self.first(x)) * self.scale + self.offset


X = np.array([[0.5, -1.0], [2.0, 1.0]])


def names(listing):
    return [name for name, _ in listing]


def test_calling_a_module_runs_its_forward_with_all_arguments():
    class Scaled(nn.Module):
        def forward(self, x, *, by):
            return x * by

    assert Scaled()(3, by=2) == 6


def test_a_module_without_forward_says_so():
    with pytest.raises(NotImplementedError, match="Bare has no forward"):
        type("Bare", (nn.Module,), {})()(1)


def test_named_modules_lists_each_once_with_its_first_path():
    assert names(Net().named_modules()) == ["", "first", "first.0", "first.1", "second", "second.1"]


def test_named_modules_lists_shared_ones_again_on_request():
    paths = names(Net().named_modules(remove_duplicate=False))
    assert paths == ["", "first", "first.0", "first.1", "second", "second.0", "second.1"]


def test_children_are_the_modules_right_below():
    layer = nn.Linear(1, 1)
    net = nn.Sequential(layer, nn.Sequential(nn.Sigmoid()), layer)
    assert names(net.named_children()) == ["0", "1"]
    assert list(net.children()) == [layer, net[1]]


def test_parameters_come_in_the_order_of_definition_and_shared_ones_once():
    net = Net()
    expected = ["scale", "first.0.weight", "first.0.bias", "second.1.weight"]
    assert names(net.named_parameters()) == expected
    assert [id(p) for p in net.parameters()] == [id(p) for _, p in net.named_parameters()]
    every = names(net.named_parameters(remove_duplicate=False))
    assert every == [*expected[:3], "second.0.weight", "second.0.bias", "second.1.weight"]


def test_a_parameter_that_two_modules_share_is_listed_once_and_learns_from_both():
    net = nn.Sequential(nn.Linear(2, 2, bias=False), nn.Linear(2, 2, bias=False))
    net[1].weight = net[0].weight
    assert names(net.named_parameters()) == ["0.weight"]
    assert len(list(net.parameters())) == 1
    assert list(net.state_dict()) == ["0.weight", "1.weight"]
    net(X).sum().backward()
    first = net[0].weight.numpy()
    expected = np.ones((2, 2)).T @ (X @ first.T) + (np.ones((2, 2)) @ first).T @ X
    np.testing.assert_allclose(net[0].weight.grad.numpy(), expected, rtol=1e-13)


def test_prefix_and_recurse_mean_what_they_say():
    net = Net()
    assert names(net.named_parameters("net", recurse=False)) == ["net.scale"]
    assert names(net.named_buffers(prefix="net")) == ["net.offset"]
    assert names(net.named_modules(prefix="net"))[:3] == ["net", "net.first", "net.first.0"]
    assert list(net.parameters(recurse=False)) == [net.scale]
    assert list(net.buffers()) == [net.offset]


def test_train_and_eval_reach_every_module_and_return_the_model():
    net = Net()
    assert all(module.training for module in net.modules())
    assert net.eval() is net
    assert not any(module.training for module in net.modules())
    assert net.train() is net
    assert all(module.training for module in net.modules())
    with pytest.raises(ValueError, match="'yes'"):
        net.train("yes")


def test_a_module_may_refuse_to_train():
    class Frozen(nn.Linear):
        def train(self, mode=True):
            return super().train(False)

    net = nn.Sequential(Frozen(1, 1), nn.Linear(1, 1)).train()
    assert [module.training for module in net] == [False, True]


def test_apply_visits_the_innermost_modules_first():
    net, visited = Net(), []
    assert net.apply(visited.append) is net
    assert visited[-1] is net
    assert visited.index(net.first[0]) < visited.index(net.first)


def test_zero_grad_forgets_or_zeroes():
    net = Net()
    net(X).sum().backward()
    frozen = net.second[1].weight
    net.zero_grad(set_to_none=False)
    assert all(not p.grad.numpy().any() and p.grad.shape == p.shape for p in net.parameters())
    frozen.grad = None
    net.zero_grad(set_to_none=False)
    assert frozen.grad is None
    net.zero_grad()
    assert all(parameter.grad is None for parameter in net.parameters())


def test_frozen_parameters_get_no_gradient():
    net = Net()
    assert net.requires_grad_(False) is net
    assert not net(X).requires_grad
    net.second.requires_grad_()
    net(X).sum().backward()
    assert net.scale.grad is None
    assert net.second[1].weight.grad is not None


def test_deepcopy_keeps_sharing_and_shares_nothing_with_the_original():
    net = Net()
    layer = nn.Linear(2, 2)
    net.third = nn.Sequential(layer, layer, layer)
    twin = copy.deepcopy(net)
    assert twin.first[0] is twin.second[0]
    assert twin.third[0] is twin.third[1] is twin.third[2]
    assert twin.first[0] is dict(twin.first.named_children())["0"]
    assert names(twin.named_parameters()) == names(net.named_parameters())
    for ours, theirs in zip(net.parameters(), twin.parameters()):
        assert np.array_equal(ours.data, theirs.data)
        assert not np.shares_memory(ours.data, theirs.data)
    assert np.array_equal(net(X).numpy(), twin(X).numpy())


def test_a_copy_that_learns_leaves_the_original_alone():
    net = Net()
    twin, before = copy.deepcopy(net), net.state_dict()
    with tg.no_grad():
        for parameter in twin.parameters():
            parameter += 1.0
    assert twin.first[0].weight is next(iter(twin.first[0].parameters()))
    assert all(np.array_equal(value, before[path]) for path, value in net.state_dict().items())


def test_a_model_survives_pickling():
    net = nn.Sequential(nn.Linear(2, 2), np.tanh, tg.relu, nn.Sigmoid())
    twin = pickle.loads(pickle.dumps(net))  # noqa: S301  # our own bytes
    assert np.array_equal(net(X).numpy(), twin(X).numpy())
    assert repr(twin) == repr(net)


def test_the_printed_form_is_indented_by_depth():
    assert repr(Net()) == (
        "Net(\n"
        "  (first): Sequential(\n"
        "    (0): Linear(in_features=2, out_features=2, bias=True)\n"
        "    (1): Sigmoid()\n"
        "  )\n"
        "  (second): Sequential(\n"
        "    (0): Linear(in_features=2, out_features=2, bias=True)\n"
        "    (1): Linear(in_features=2, out_features=1, bias=False)\n"
        "  )\n"
        ")"
    )


def test_the_printed_form_shows_what_extra_repr_returns():
    class Noted(nn.Module):
        def __init__(self, note):
            super().__init__()
            self.note = note

        def extra_repr(self):
            return self.note

    assert repr(Noted("")) == "Noted()"
    assert repr(Noted("one line")) == "Noted(one line)"
    assert repr(Noted("two\nlines")) == "Noted(\n  two\n  lines\n)"
    with_child = Noted("one line")
    with_child.child = nn.Sigmoid()
    assert repr(with_child) == "Noted(\n  one line\n  (child): Sigmoid()\n)"
