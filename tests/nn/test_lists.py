"""Containers of modules and parameters: Python's lists and dicts, listed by the model."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import nn
from tinygrad_edu.nn.dicts import ModuleDict, ParameterDict
from tinygrad_edu.nn.lists import ModuleList, ParameterList


def linears(count: int) -> list[Any]:
    return [nn.Linear(2, 2) for _ in range(count)]


def parameters(count: int) -> list[Any]:
    return [nn.Parameter([float(k)]) for k in range(count)]


def steps(values: Any) -> Any:
    return nn.Sequential(*values)


LISTS = [(ModuleList, linears), (ParameterList, parameters), (steps, linears)]


@pytest.mark.parametrize(("kind", "make"), LISTS)
def test_they_change_as_lists_do(kind: Any, make: Any) -> None:
    """The same operations on a container and on a list leave the same members."""
    model, expected = kind(make(3)), []
    expected += list(model)
    new = make(9)
    for operation in (
        lambda members: members.append(new[0]),
        lambda members: members.extend(new[1:3]),
        lambda members: members.insert(1, new[3]),
        lambda members: members.insert(-1, new[4]),
        lambda members: members.insert(99, new[5]),
        lambda members: members.__setitem__(2, new[6]),
        lambda members: members.__setitem__(-1, new[7]),
        lambda members: members.__setitem__(slice(1, 3), [new[8], new[1]]),
        lambda members: members.__delitem__(0),
        lambda members: members.__delitem__(slice(2, 4)),
        lambda members: members.pop(),
        lambda members: members.pop(1),
        lambda members: members.__iadd__(new[:2]),
    ):
        operation(model)
        operation(expected)
        assert [id(a) for a in model] == [id(b) for b in expected]
        assert len(model) == len(expected)
        assert sorted(model._members()) == sorted(map(str, range(len(expected))))
    assert expected[1] in model
    assert make(1)[0] not in model


@pytest.mark.parametrize(("kind", "make"), LISTS)
def test_pop_returns_the_member_and_append_and_extend_the_whole(kind: Any, make: Any) -> None:
    model, (a, b, c) = kind([]), make(3)
    assert model.append(a).extend([b, c]).insert(0, c) is model
    assert model.pop(0) is c
    assert model.pop() is c
    assert list(model) == [a, b] if kind is not ParameterList else len(model) == 2


@pytest.mark.parametrize("kind", [ModuleList, ParameterList])
def test_a_slice_and_a_sum_are_numbered_from_0(kind: Any) -> None:
    make = linears if kind is ModuleList else parameters
    model, more = kind(make(3)), make(1)
    assert type(model[1:]) is kind
    assert [id(m) for m in model[1:]] == [id(m) for m in list(model)[1:]]
    assert list(model[1:]._members()) == ["0", "1"]
    joined = model + more
    assert type(joined) is kind
    assert len(joined) == 4
    assert len(model) == 3


def test_chains_can_be_joined() -> None:
    first, second = nn.Sequential(nn.Linear(2, 3), np.tanh), nn.Sequential(nn.Linear(3, 1))
    whole = first + second
    assert [id(step) for step in whole] == [id(step) for step in [*first, *second]]
    assert whole(np.ones((4, 2))).shape == (4, 1)
    with pytest.raises(TypeError, match="unsupported operand"):
        first + 3


@pytest.mark.parametrize(("kind", "make"), LISTS)
def test_a_failed_change_changes_nothing(kind: Any, make: Any) -> None:
    model = kind(make(2))
    before = list(model)
    for change in (
        lambda: model.append(3),
        lambda: model.extend([make(1)[0], 3]),
        lambda: model.insert(0, "no"),
        lambda: model.__setitem__(0, 3),
        lambda: model.__setitem__(slice(None), [make(1)[0], 3]),
    ):
        with pytest.raises(TypeError):
            change()
        assert [id(a) for a in model] == [id(b) for b in before]
    with pytest.raises(IndexError, match="5"):
        model[5]
    with pytest.raises(IndexError, match="5"):
        del model[5]


def test_members_are_listed_by_the_model() -> None:
    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layers = ModuleList([nn.Linear(2, 2), nn.Linear(2, 1)])
            self.heads = ModuleDict({"a": nn.Linear(1, 1), "b": nn.Sigmoid()})
            self.scales = ParameterList([tg.Tensor([1.0])])
            self.named = ParameterDict({"left": tg.Tensor([2.0])})

    net = Net()
    assert list(net.state_dict()) == [
        "layers.0.weight", "layers.0.bias", "layers.1.weight", "layers.1.bias",
        "heads.a.weight", "heads.a.bias", "scales.0", "named.left",
    ]  # fmt: skip
    twin = copy.deepcopy(net)
    assert list(twin.state_dict()) == list(net.state_dict())
    assert twin.layers[0] is not net.layers[0]
    assert all(p.requires_grad for p in net.parameters())


def test_dicts_change_as_dicts_do() -> None:
    for kind, make in ((ModuleDict, linears), (ParameterDict, parameters)):
        a, b, c = make(3)
        members = kind({"x": a})
        members["y"] = b
        members.update([("x", c), ("z", a)])
        assert list(members) == list(members.keys()) == ["x", "y", "z"]
        assert [id(m) for m in members.values()] == [id(c), id(b), id(a)]
        assert dict(members.items())["y"] is b
        assert "x" in members
        assert "w" not in members
        assert members.pop("x") is c
        del members["y"]
        assert len(members) == 1
        assert len(kind(members)) == 1
        members.clear()
        assert len(members) == 0


def test_a_key_that_is_not_there_is_named_with_those_that_are() -> None:
    with pytest.raises(KeyError, match="'c'; it has a, b"):
        ModuleDict({"a": nn.Sigmoid(), "b": nn.Tanh()})["c"]
    assert ParameterDict().get("c", 3) == 3


@pytest.mark.parametrize("key", ["", "a.b", "keys", "training", "forward"])
def test_a_key_that_means_something_else_is_refused(key: str) -> None:
    members = ModuleDict()
    with pytest.raises(KeyError):
        members[key] = nn.Sigmoid()
    assert len(members) == 0


@pytest.mark.parametrize(
    ("kind", "member"),
    [(ModuleList, np.tanh), (ModuleList, nn.Linear), (ParameterList, 1.0), (ParameterList, None)],
)
def test_what_cannot_be_a_member_is_refused(kind: Any, member: Any) -> None:
    with pytest.raises(TypeError):
        kind([member])


def test_a_tensor_with_a_history_is_no_parameter() -> None:
    with pytest.raises(TypeError, match="history"):
        ParameterList([nn.Parameter([1.0]) * 2])


def test_the_printed_forms_count_equal_members_in_a_row() -> None:
    layers = ModuleList([nn.Sigmoid(), nn.Tanh(), nn.Tanh(), nn.Sequential(nn.Tanh())])
    assert repr(layers) == (
        "ModuleList(\n  (0): Sigmoid()\n  (1-2): 2 x Tanh()\n"
        "  (3): Sequential(\n    (0): Tanh()\n  )\n)"
    )
    assert repr(ModuleList()) == "ModuleList()"
    assert repr(ModuleDict({"a": nn.Tanh()})) == "ModuleDict(\n  (a): Tanh()\n)"
