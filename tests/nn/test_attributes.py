"""What becomes of a module's attributes."""

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.size = 3
        self.second = nn.Linear(2, 2)
        self.scale = nn.Parameter([1.0])
        self.first = nn.Linear(2, 2)
        self.register_buffer("mean", tg.Tensor([0.0]))


def names(listing):
    return [name for name, _ in listing]


def test_parameters_modules_and_buffers_are_listed_in_the_order_of_their_definition():
    net = Net()
    assert names(net.named_children()) == ["second", "first"]
    assert names(net.named_parameters(recurse=False)) == ["scale"]
    assert names(net.named_buffers()) == ["mean"]
    assert net.size == 3


def test_an_attribute_is_the_very_object_that_was_assigned():
    net, layer, scale, mean = Net(), nn.Linear(2, 2), nn.Parameter([2.0]), tg.Tensor([1.0])
    net.first, net.scale, net.mean = layer, scale, mean
    assert net.first is layer is dict(net.named_children())["first"]
    assert net.scale is scale is dict(net.named_parameters())["scale"]
    assert net.mean is mean is dict(net.named_buffers())["mean"]


def test_a_plain_tensor_is_neither_parameter_nor_buffer():
    net = Net()
    net.constant = tg.Tensor([1.0])
    assert "constant" not in net.state_dict()
    assert names(net.named_buffers()) == ["mean"]


def test_a_deleted_attribute_is_listed_no_more():
    net = Net()
    del net.first, net.scale, net.mean, net.size
    assert names(net.named_modules()) == ["", "second"]
    assert names(net.named_parameters()) == ["second.weight", "second.bias"]
    assert not list(net.buffers())
    assert not hasattr(net, "size")
    with pytest.raises(AttributeError, match="first"):
        del net.first


@pytest.mark.parametrize("name", ["scale", "mean", "first"])
def test_none_empties_a_listed_attribute_and_keeps_its_name_reserved(name):
    net = Net()
    setattr(net, name, None)
    assert getattr(net, name) is None
    assert not any(path.startswith(name) for path in net.state_dict())
    with pytest.raises(TypeError, match=name):
        setattr(net, name, 3)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("scale", tg.Tensor([1.0])),
        ("scale", np.ones(1)),
        ("scale", nn.Sigmoid()),
        ("first", tg.Tensor([1.0])),
        ("first", np.tanh),
        ("mean", np.ones(1)),
        ("mean", 1.0),
    ],
)
def test_what_is_of_another_kind_cannot_take_a_listed_attributes_place(name, value):
    net = Net()
    before = getattr(net, name)
    with pytest.raises(TypeError, match=f"'{name}'.*{type(value).__name__}"):
        setattr(net, name, value)
    assert getattr(net, name) is before


def test_a_parameter_may_take_the_place_of_anything():
    net = Net()
    for name in ("size", "mean", "first", "scale"):
        setattr(net, name, nn.Parameter([2.0]))
    assert names(net.named_parameters(recurse=False)) == ["scale", "size", "mean", "first"]
    assert names(net.named_children()) == ["second"]
    assert not list(net.buffers())


def test_a_parameter_in_place_of_a_transient_buffer_is_part_of_the_state():
    net = nn.Module()
    net.register_buffer("x", tg.Tensor([1.0]), persistent=False)
    assert not net.state_dict()
    net.x = nn.Parameter([2.0])
    assert list(net.state_dict()) == ["x"]


def test_a_module_may_take_the_place_of_a_plain_attribute():
    net = nn.Module()
    net.layer = None
    net.layer = nn.Linear(1, 1)
    assert names(net.named_children()) == ["layer"]


@pytest.mark.parametrize("value", [nn.Parameter([1.0]), nn.Sigmoid()])
def test_assigning_before_the_base_class_is_set_up_says_what_is_missing(value):
    class Hasty(nn.Module):
        def __init__(self):
            self.size = 3  # plain attributes may come first
            self.part = value

    with pytest.raises(AttributeError, match=r"'part'.*super\(\).__init__\(\).*Hasty"):
        Hasty()


def test_using_a_module_whose_base_class_was_not_set_up_says_what_is_missing():
    class Forgetful(nn.Module):
        def __init__(self):
            self.size = 3

    with pytest.raises(AttributeError, match=r"super\(\).__init__\(\)"):
        list(Forgetful().parameters())
    with pytest.raises(AttributeError, match=r"super\(\).__init__\(\)"):
        Forgetful().training  # noqa: B018  # reading it is what is tested


def test_setting_the_base_class_up_twice_keeps_what_is_listed():
    class Left(nn.Module):
        def __init__(self):
            nn.Module.__init__(self)
            self.left = nn.Parameter([1.0])

    class Right(nn.Module):
        def __init__(self):
            nn.Module.__init__(self)
            self.right = nn.Parameter([1.0])

    class Both(Left, Right):
        def __init__(self):
            Left.__init__(self)
            Right.__init__(self)

    assert list(Both().state_dict()) == ["left", "right"]


def test_a_misspelt_attribute_raises_and_names_the_close_one():
    net = Net()
    with pytest.raises(AttributeError, match=r"Net has no attribute 'secnd'.*'second'"):
        net.secnd  # noqa: B018
    with pytest.raises(AttributeError, match="'parameters'"):
        net.paramters()
    assert not hasattr(net, "reset_parameters_please")


def test_an_attribute_error_within_a_property_is_the_one_that_is_shown():
    class Net(nn.Module):
        @property
        def depth(self):
            return self.layers_of_it

    with pytest.raises(AttributeError, match="layers_of_it"):
        Net().depth  # noqa: B018


REGISTERED = {
    "register_parameter": nn.Parameter([1.0]),
    "register_buffer": tg.Tensor([1.0]),
    "add_module": nn.Sigmoid(),
}


@pytest.mark.parametrize("register", REGISTERED)
class TestRegistering:
    def test_it_lists_what_is_given(self, register):
        net = nn.Module()
        getattr(net, register)("x", REGISTERED[register])
        assert net.x is REGISTERED[register]
        assert dict(net.named_modules()).get("x", net.state_dict().get("x")) is not None

    def test_a_name_that_is_taken_is_refused(self, register):
        net = nn.Module()
        net.x = 3
        with pytest.raises(KeyError, match="already has an attribute 'x'"):
            getattr(net, register)("x", REGISTERED[register])
        with pytest.raises(KeyError, match="already has an attribute 'train'"):
            getattr(net, register)("train", REGISTERED[register])
        assert net.x == 3

    @pytest.mark.parametrize("name", ["", "a.b"])
    def test_a_name_that_would_spoil_paths_is_refused(self, register, name):
        with pytest.raises(KeyError, match="neither empty nor has a dot"):
            getattr(nn.Module(), register)(name, REGISTERED[register])

    def test_a_name_must_be_a_string(self, register):
        with pytest.raises(TypeError, match="3"):
            getattr(nn.Module(), register)(3, REGISTERED[register])

    def test_what_is_of_another_kind_is_refused(self, register):
        with pytest.raises(TypeError, match="'x'"):
            getattr(nn.Module(), register)("x", np.ones(1))


@pytest.mark.parametrize("value", [nn.Parameter([1.0]), nn.Sigmoid()])
def test_nothing_can_hide_a_method_of_the_module(value):
    net = nn.Module()
    with pytest.raises(KeyError, match="'eval'"):
        net.eval = value
    assert net.eval() is net


def test_a_buffer_holds_no_history():
    net, x = Net(), tg.Tensor([1.0], requires_grad=True)
    with pytest.raises(ValueError, match=r"'mean'.*detach\(\)"):
        net.mean = net.mean + x
    net.mean = (net.mean + x).detach()
    with tg.no_grad():
        net.mean = net.mean + x
    assert net.mean.tolist() == [2.0]


def test_a_parameter_is_no_result_of_a_computation():
    frozen = nn.Parameter([1.0], requires_grad=False)
    frozen += tg.Tensor([1.0], requires_grad=True)
    with pytest.raises(ValueError, match="result of add"):
        nn.Module().weight = frozen


def test_a_module_cannot_be_a_part_of_itself():
    inner = nn.Module()
    outer = nn.Sequential(nn.Sequential(inner))
    with pytest.raises(ValueError, match="part of itself"):
        inner.outer = outer
    with pytest.raises(ValueError, match="part of itself"):
        inner.inner = inner
    assert not list(inner.children())
