"""Sequential: a chain of modules and other callables."""

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import nn

X = tg.Tensor([[0.0, 0.0, 1.0], [1.0, 1.0, 1.0]])


def make():
    return nn.Sequential(nn.Linear(3, 4), np.tanh, nn.Linear(4, 1), tg.sigmoid)


def test_a_chain_is_the_composition_of_its_steps():
    net = make()
    expected = tg.sigmoid(net[2](np.tanh(net[0](X))))
    assert np.array_equal(net(X).numpy(), expected.numpy())


def test_gradients_flow_through_plain_functions():
    net = make()
    net(X).sum().backward()
    assert all(np.abs(parameter.grad.numpy()).max() > 0 for parameter in net.parameters())


def test_plain_functions_keep_their_place_but_have_no_parameters():
    net = make()
    assert list(net.state_dict()) == ["0.weight", "0.bias", "2.weight", "2.bias"]
    assert [name for name, _ in net.named_children()] == ["0", "2"]
    assert net[1] is np.tanh
    assert net[-1] is tg.sigmoid


def test_plain_functions_are_printed_by_name():
    double = lambda x: 2 * x
    assert repr(nn.Sequential(np.tanh, tg.relu, double, nn.Tanh())) == (
        "Sequential(\n  (0): tanh\n  (1): relu\n  (2): <lambda>\n  (3): Tanh()\n)"
    )


def test_the_empty_chain_returns_its_input():
    assert nn.Sequential()(X) is X
    assert repr(nn.Sequential()) == "Sequential()"


def test_it_is_a_sequence():
    net = make()
    assert len(net) == 4
    assert list(net) == [net[0], net[1], net[2], net[3]]
    assert net[-4] is net[0]


@pytest.mark.parametrize("index", [4, -5])
def test_an_index_out_of_range_says_how_many_steps_there_are(index):
    net = make()
    with pytest.raises(IndexError, match=f"{index}.*4 steps"):
        net[index]
    with pytest.raises(IndexError, match=f"{index}.*4 steps"):
        net[index] = nn.Tanh()


def test_a_slice_is_a_chain_of_the_same_steps_under_the_same_names():
    net = make()
    part = net[2:]
    assert type(part) is nn.Sequential
    assert part[0] is net[2]
    assert list(part.state_dict()) == ["2.weight", "2.bias"]
    assert np.array_equal(net[2:](net[:2](X)).numpy(), net(X).numpy())
    assert len(net[:0]) == 0


def test_a_step_can_be_appended_and_append_can_be_chained():
    net = nn.Sequential(nn.Linear(3, 4)).append(np.tanh).append(nn.Linear(4, 2))
    assert net(X).shape == (2, 2)
    assert list(net.state_dict()) == ["0.weight", "0.bias", "2.weight", "2.bias"]


def test_appending_to_a_slice_replaces_none_of_its_steps():
    part = make()[1:3]
    kept = list(part)
    part.append(tg.relu)
    assert list(part) == [*kept, tg.relu]


def test_a_step_can_be_replaced():
    net, layer = make(), nn.Linear(4, 2)
    net[2], net[1], net[-1] = layer, tg.relu, nn.Sigmoid()
    assert [name for name, _ in net.named_children()] == ["0", "2", "3"]
    assert net(X).shape == (2, 2)
    assert list(net) == [net[0], tg.relu, layer, net[3]]


def test_steps_can_have_names():
    net = nn.Sequential({"hidden": nn.Linear(3, 4), "act": tg.relu, "out": nn.Linear(4, 1)})
    assert list(net.state_dict()) == ["hidden.weight", "hidden.bias", "out.weight", "out.bias"]
    assert net.hidden is net[0]
    assert net.act is tg.relu
    assert "(act): relu" in repr(net)


@pytest.mark.parametrize(
    ("step", "hint"),
    [(nn.ReLU, r"ReLU\(\)"), ([nn.ReLU()], r"\*steps"), (3, "int"), ("tanh", "str")],
)
def test_what_cannot_be_a_step_is_refused_with_a_hint(step, hint):
    with pytest.raises(TypeError, match=hint):
        nn.Sequential(step)
    net = make()
    with pytest.raises(TypeError, match=hint):
        net[1] = step
    assert net[1] is np.tanh
