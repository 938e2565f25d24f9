"""The chain rule, told step by step, ends at the gradient that backward computes."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import nn
from tinygrad_edu.article import HandDerivedNetwork, RawNetwork
from tinygrad_edu.program import derive


def article() -> Any:
    return derive(RawNetwork(HandDerivedNetwork(seed=1)).loss())


def test_one_factor_after_the_other() -> None:
    formulas = re.findall(r"^   (d_.*)  #", str(article().steps("weights1")), re.MULTILINE)
    assert formulas == [
        "d_z4 = np.broadcast_to(d_loss, (4, 1))",
        "d_z3 = d_z4 * (2 * z3)",
        "d_output = -d_z3",
        "d_z2 = d_output * (output * (1 - output))",
        "d_layer1 = d_z2 @ weights2.T",
        "d_z1 = d_layer1 * (layer1 * (1 - layer1))",
        "d_weights1 = x.T @ d_z1",
    ]


def test_the_formulas_computed_one_by_one_give_the_gradient() -> None:
    derivation = article()
    text = str(derivation.steps("weights1"))
    forward = re.findall(r"^    (\w+ = .*)$", text.partition("1. ")[0], re.MULTILINE)
    backward = re.findall(r"^   (d_.*)  #", text, re.MULTILINE)
    names: dict[str, Any] = {"np": np, "sigmoid": tg.sigmoid, "d_loss": np.array(1.0)}
    names.update(derivation.inputs)
    for line in (*forward, *backward):
        exec(line, names)  # noqa: S102  # what was printed
    network = RawNetwork(HandDerivedNetwork(seed=1))
    network.loss().backward()
    gradient = network.weights[0].grad
    assert gradient is not None
    np.testing.assert_array_equal(names["d_weights1"], gradient.numpy())


def test_it_says_why_there_is_a_transpose() -> None:
    text = " ".join(str(article().steps("weights1")).split())
    assert "result has to have the shape (3, 4), and only (3, 4) @ (4, 4) has" in text


def test_the_numbers_are_put_in() -> None:
    x = tg.Tensor([3.0, 5.0], requires_grad=True, name="x")
    assert "[ 6., 10.]" in str(derive((x * x).sum() + (x * 0).sum()).steps())


def test_what_arrives_on_several_ways_is_added_up() -> None:
    x = tg.Tensor([3.0, 5.0], requires_grad=True, name="x")
    text = str(derive((np.sin(x) * x).sum()).steps("d_x"))
    assert text.count("d_x =") == 2  # the first contribution, and the whole at the end
    assert text.count("d_x +=") == 1


def test_broadcasting_is_explained() -> None:
    b = tg.Tensor([3.0, 5.0], requires_grad=True, name="b")
    text = " ".join(str(derive((np.ones((3, 2)) + b).sum()).steps("b")).split())
    assert "(2,) was broadcast to (3, 2), so all its uses are added up" in text


def test_steps_of_ops_with_several_outputs() -> None:
    a = tg.Tensor(np.diag([1.0, 2.0]) + 0.1, requires_grad=True, name="a")
    assert "this is the rule of svd for its x" in str(derive(np.linalg.svd(a)[1].sum()).steps())


def test_an_unknown_name_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(KeyError, match="weights1, weights2"):
        article().steps("weights3")


def test_a_name_may_be_spelt_as_its_owner_does() -> None:
    w = tg.Tensor([3.0, 5.0], requires_grad=True, name="encoder.0.weight")
    assert "d_encoder0_weight = " in str(derive((w * w).sum()).steps("encoder.0.weight"))


def test_which_of_several_is_asked() -> None:
    with pytest.raises(KeyError, match="weights1, weights2; say which"):
        article().steps()


def test_a_second_use_says_why_it_is_added() -> None:
    w = tg.Tensor([[3.0, 5.0], [1.0, 2.0]], requires_grad=True, name="w")
    text = " ".join(str(derive(((w @ w) ** 2).sum()).steps()).split())
    assert "w is used elsewhere as well, so what arrives is added up" in text


def test_long_formulas_are_told_in_parts() -> None:
    layer = nn.BatchNorm1d(3)
    x = tg.Tensor(np.arange(12.0).reshape(4, 3) ** 2, requires_grad=True, name="x")
    text = str(derive((layer(x) ** 3).sum()).steps("x"))
    assert "   s1 = z2 * np.mean(d_z2 * z2, axis=0, keepdims=True)\n" in text
    assert max(map(len, text.split("\n"))) <= 100


def test_every_layer_says_why() -> None:
    model = nn.Sequential(
        nn.Conv2d(1, 2, 2), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(2, 3)
    )
    x = tg.Tensor(np.random.default_rng(0).normal(size=(2, 1, 3, 3)), requires_grad=True, name="x")
    text = str(derive(nn.CrossEntropyLoss()(model(x), tg.Tensor(np.array([2, 0])))).steps("x"))
    assert "this is the rule of" not in text
    assert text.count("   why: ") == 7


def test_side_values_without_a_name_are_told_as_well() -> None:
    x = tg.Tensor([3.0, 5.0], requires_grad=True, name="x")
    s = tg.Tensor([1.0, 2.0], requires_grad=True, name="s")
    text = str(derive((x * np.exp(s)).sum()).steps("x"))
    assert "    z1 = np.exp(s)\n    z2 = x * z1\n" in text
