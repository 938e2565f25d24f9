"""state_dict and load_state_dict: copies out, and all or nothing in."""

from collections import OrderedDict

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import nn, optim


def make():
    net = nn.Sequential(nn.Linear(3, 8), nn.Sigmoid(), nn.Linear(8, 1))
    net.register_buffer("steps", tg.Tensor(np.array(7)))
    net.register_buffer("cache", tg.Tensor([0.0]), persistent=False)
    return net


def memory(net):
    return b"".join(tensor.data.tobytes() for tensor in (*net.parameters(), *net.buffers()))


def test_the_state_holds_parameters_and_persistent_buffers_by_path():
    state = make().state_dict()
    assert list(state) == ["steps", "0.weight", "0.bias", "2.weight", "2.bias"]
    assert all(type(value) is np.ndarray for value in state.values())


def test_the_state_lists_what_is_shared_under_each_of_its_paths():
    layer = nn.Linear(1, 1)
    assert list(nn.Sequential(layer, layer).state_dict()) == [
        "0.weight", "0.bias", "1.weight", "1.bias",
    ]  # fmt: skip


def test_the_state_is_a_copy():
    net = make()
    before, state = memory(net), net.state_dict()
    for value in state.values():
        value[...] = 0
    assert memory(net) == before


def test_what_is_loaded_is_copied():
    net, state = make(), make().state_dict()
    net.load_state_dict(state)
    before = memory(net)
    for value in state.values():
        value[...] = 0
    assert memory(net) == before


def test_loading_makes_two_models_equal():
    net, other = make(), make()
    assert memory(net) != memory(other)
    assert net.load_state_dict(other.state_dict()) == ([], [])
    assert memory(net) == memory(other)


@pytest.mark.parametrize("kind", [OrderedDict, dict])
def test_tensors_and_any_kind_of_dict_can_be_loaded(kind):
    net, other = make(), make()
    tensors = kind(other.named_parameters())
    tensors["steps"] = other.steps
    net.load_state_dict(tensors)
    assert memory(net) == memory(other)


def test_loading_keeps_the_parameters_so_that_an_optimizer_goes_on_with_them():
    net, other = make(), make()
    parameters = list(net.parameters())
    optimizer = optim.SGD(net.parameters(), lr=1.0)
    net.load_state_dict(other.state_dict())
    assert all(new is old for new, old in zip(net.parameters(), parameters))
    net(np.ones((1, 3))).sum().backward()
    optimizer.step()
    assert net[2].bias.tolist() == pytest.approx([other[2].bias.item() - 1.0], abs=1e-15)


def test_a_smaller_float_dtype_takes_the_models():
    net, other = make(), nn.Sequential(
        nn.Linear(3, 8, dtype="float32"), nn.Sigmoid(), nn.Linear(8, 1, dtype="float32")
    )  # fmt: skip
    net.load_state_dict({**other.state_dict(), "steps": np.array(1)})
    assert net[0].weight.dtype == np.float64
    assert np.array_equal(net[0].weight.numpy(), other[0].weight.numpy())


def test_two_parameters_can_change_places():
    net = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2))
    first, second = net[0].weight.numpy().copy(), net[1].weight.numpy().copy()
    swapped = {"0.weight": net[1].weight, "1.weight": net[0].weight}
    net.load_state_dict(swapped, strict=False)
    assert np.array_equal(net[0].weight.numpy(), second)
    assert np.array_equal(net[1].weight.numpy(), first)


def without(state, key):
    return {path: value for path, value in state.items() if path != key}


SPOILT = {
    "a missing key": (lambda s: without(s, "2.bias"), "missing: 2.bias"),
    "an unexpected key": (lambda s: {**s, "3.bias": np.ones(1)}, "unexpected: 3.bias"),
    "a wrong shape": (
        lambda s: {**s, "2.weight": np.ones((8, 1))},
        r"2\.weight: .*\(8, 1\).*\(1, 8\)",
    ),
    "a shape that would broadcast": (
        lambda s: {**s, "0.bias": np.ones(1)},
        r"0\.bias: .*\(1,\).*\(8,\)",
    ),
    "integers for floats": (
        lambda s: {**s, "2.bias": np.ones(1, int)},
        r"2\.bias: .*int64.*float64",
    ),
    "floats for integers": (lambda s: {**s, "steps": np.array(1.0)}, "steps: .*float64.*int64"),
    "no numbers": (lambda s: {**s, "2.bias": None}, r"2\.bias: .*object"),
    "text": (lambda s: {**s, "2.bias": np.array(["a"])}, r"2\.bias: .*<U1"),
}


@pytest.mark.parametrize("spoil", SPOILT)
def test_a_failed_load_names_the_key_and_leaves_the_model_unchanged_byte_for_byte(spoil):
    change, message = SPOILT[spoil]
    net, state = make(), change(make().state_dict())
    before = memory(net)
    with pytest.raises(RuntimeError, match=message):
        net.load_state_dict(state)
    assert memory(net) == before


def test_a_failed_load_names_every_problem_at_once():
    net = make()
    state = {**without(make().state_dict(), "2.bias"), "x": np.ones(1), "0.bias": np.ones(1)}
    with pytest.raises(RuntimeError) as raised:
        net.load_state_dict(state)
    assert all(word in str(raised.value) for word in ("missing: 2.bias", "unexpected: x", "0.bias"))


def test_memory_that_cannot_be_written_into_fails_before_anything_is_loaded():
    net, frozen = make(), np.zeros(1)
    frozen.flags.writeable = False
    net[2].bias = nn.Parameter(frozen, copy=False)
    before = memory(net)
    with pytest.raises(RuntimeError, match=r"2\.bias: .*read-only"):
        net.load_state_dict(make().state_dict())
    assert memory(net) == before


def test_without_strict_keys_may_be_missing_or_unknown_and_are_returned():
    net, other = make(), make()
    state = {**without(other.state_dict(), "2.bias"), "x": np.ones(1)}
    result = net.load_state_dict(state, strict=False)
    assert result.missing_keys == ["2.bias"]
    assert result.unexpected_keys == ["x"]
    assert np.array_equal(net[0].weight.numpy(), other[0].weight.numpy())


def test_without_strict_shapes_must_still_fit():
    net = make()
    before = memory(net)
    with pytest.raises(RuntimeError, match=r"2\.bias"):
        net.load_state_dict({"0.bias": np.zeros(8), "2.bias": np.ones(2)}, strict=False)
    assert memory(net) == before


def test_what_is_no_dict_is_refused():
    with pytest.raises(TypeError, match="list"):
        make().load_state_dict([np.ones(1)])


def test_loading_into_a_live_graph_is_noticed_by_backward():
    net = make()
    loss = net(np.ones((2, 3))).sum()
    net.load_state_dict(make().state_dict())
    with pytest.raises(RuntimeError, match="changed in place"):
        loss.backward()


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_values_that_are_not_finite_are_refused_on_request_and_named(bad):
    net = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 1))
    before, state = net.state_dict(), net.state_dict()
    state["0.weight"] += 1.0
    state["1.bias"][0] = bad
    with pytest.raises(RuntimeError, match=r"1\.bias: 1 of its values are not finite"):
        net.load_state_dict(state, strict_finite=True)
    assert all(np.array_equal(value, before[name]) for name, value in net.state_dict().items())
    assert net.load_state_dict(state) == ([], [])
    assert not np.isfinite(net[1].bias.numpy()).all()


def test_a_state_of_the_tensors_themselves_may_be_asked_for() -> None:
    layer = nn.Linear(2, 1)
    state = layer.state_dict(prefix="head.", keep_vars=True)
    assert state["head.weight"] is layer.weight
    assert list(state) == ["head.weight", "head.bias"]


def test_a_module_may_choose_the_name_it_is_printed_under() -> None:
    class Named(nn.Linear):
        def _get_name(self) -> str:
            return "Head"

    assert repr(Named(2, 1)) == "Head(in_features=2, out_features=1, bias=True)"


def test_a_module_is_registered_by_either_name() -> None:
    model, layer = nn.Module(), nn.Linear(2, 1)
    model.register_module("head", layer)
    assert model.head is layer
    assert list(model.state_dict()) == ["head.weight", "head.bias"]
