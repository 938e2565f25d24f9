"""The same state gives the same outputs, gradients and training as in PyTorch."""

from collections import OrderedDict

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import nn, optim

torch = pytest.importorskip("torch", reason="holds this package against PyTorch")

ACTIVATIONS = ["Sigmoid", "Tanh", "ReLU"]
X = np.random.default_rng(0).normal(size=(5, 3))
TARGET = np.random.default_rng(1).normal(size=(5, 2))
TOLERANCE = {"rtol": 1e-12, "atol": 1e-14}


def pair(activation="Tanh", bias=True):
    """Return the same network here and there, with PyTorch's initial values in both."""

    def network(library):
        make = getattr(library.nn, activation)
        layers = [("hidden", library.nn.Linear(3, 4, bias=bias)), ("act", make())]
        layers.append(("out", library.nn.Linear(4, 2)))
        return library.nn.Sequential(OrderedDict(layers))

    torch.manual_seed(0)
    theirs = network(torch).double()
    ours = network(tg_with_nn)
    assert ours.load_state_dict(theirs.state_dict()) == ([], [])
    return ours, theirs


class tg_with_nn:
    nn = nn


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("bias", [True, False])
def test_outputs_losses_and_gradients_are_the_same(activation, reduction, bias):
    ours, theirs = pair(activation, bias)
    x, x_there = tg.Tensor(X, requires_grad=True), torch.tensor(X, requires_grad=True)
    y, y_there = ours(x), theirs(x_there)
    np.testing.assert_allclose(y.numpy(), y_there.detach().numpy(), **TOLERANCE)
    loss = nn.MSELoss(reduction=reduction)(y, TARGET)
    loss_there = torch.nn.MSELoss(reduction=reduction)(y_there, torch.tensor(TARGET))
    np.testing.assert_allclose(loss.numpy(), loss_there.detach().numpy(), **TOLERANCE)
    loss.sum().backward()
    loss_there.sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), x_there.grad.numpy(), **TOLERANCE)
    named = dict(theirs.named_parameters())
    assert list(named) == [name for name, _ in ours.named_parameters()]
    for name, parameter in ours.named_parameters():
        np.testing.assert_allclose(parameter.grad.numpy(), named[name].grad.numpy(), **TOLERANCE)


@pytest.mark.parametrize("shape", [(3,), (2, 3), (2, 5, 3), (0, 3)])
def test_linear_takes_the_same_shapes(shape):
    ours, theirs = pair()
    x = np.random.default_rng(2).normal(size=shape)
    expected = theirs(torch.tensor(x)).detach().numpy()
    np.testing.assert_allclose(ours(x).numpy(), expected, **TOLERANCE)


def test_fifty_steps_of_sgd_take_the_same_way():
    ours, theirs = pair()

    def groups(net):
        return [
            {"params": net.hidden.parameters()},
            {"params": net.out.parameters(), "lr": 0.3},
        ]

    optimizer = optim.SGD(groups(ours), lr=0.1)
    there = torch.optim.SGD(groups(theirs), lr=0.1)
    for _ in range(50):
        optimizer.zero_grad()
        nn.MSELoss()(ours(X), TARGET).backward()
        optimizer.step()
        there.zero_grad()
        torch.nn.MSELoss()(theirs(torch.tensor(X)), torch.tensor(TARGET)).backward()
        there.step()
        for name, value in theirs.state_dict().items():
            np.testing.assert_allclose(ours.state_dict()[name], value.numpy(), **TOLERANCE)


def test_a_state_travels_back_to_torch():
    ours, theirs = pair()
    state = {name: torch.tensor(value) for name, value in ours.state_dict().items()}
    theirs.load_state_dict(state)
    assert list(state) == list(theirs.state_dict())


@pytest.mark.parametrize("listing", ["named_modules", "named_parameters", "named_children"])
def test_shared_and_nested_modules_are_listed_in_the_same_order(listing):
    def network(library):
        shared = library.nn.Linear(2, 2)
        block = library.nn.Sequential(shared, library.nn.Tanh(), shared)
        return library.nn.Sequential(block, library.nn.Linear(2, 2, bias=False), block)

    ours, theirs = network(tg_with_nn), network(torch)
    assert [n for n, _ in getattr(ours, listing)()] == [n for n, _ in getattr(theirs, listing)()]
    assert list(ours.state_dict()) == list(theirs.state_dict())


def test_the_printed_form_is_the_same():
    def network(library):
        make = library.nn
        inner = make.Sequential(make.Linear(4, 4, bias=False), make.ReLU(), make.Sequential())
        return make.Sequential(OrderedDict(encoder=inner, out=make.Linear(4, 1)))

    assert repr(network(tg_with_nn)) == repr(network(torch))


def test_the_initial_values_have_the_same_distribution():
    torch.manual_seed(0)
    ours, theirs = nn.Linear(50, 400), torch.nn.Linear(50, 400)
    for name, parameter in theirs.named_parameters():
        ends = [0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0]
        own = np.quantile(getattr(ours, name).numpy(), ends)
        np.testing.assert_allclose(own, np.quantile(parameter.detach().numpy(), ends), atol=0.04)
