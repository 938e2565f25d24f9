"""A Graph is a recorded run as it was: complete, in a fixed order, and at no cost to the tensors.

Next: ``test_json.py``, on the same as plain values.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

import tinygrad_edu as tg
from tinygrad_edu import nn
from tinygrad_edu.draw import Graph, graph
from tinygrad_edu.draw.snapshot import GraphNode


def leaf(*values: float, name: str | None = None) -> tg.Tensor:
    return tg.Tensor(list(values), requires_grad=True, name=name)


def node(run: Graph, name: str) -> GraphNode:
    (found,) = (each for each in run.nodes if each.name == name)
    return found


# ------------------------------------------------------------------------------ gradients
def random_run(choices: list[int]) -> tuple[list[tg.Tensor], tg.Tensor]:
    """Compute something of two leaves in which much is used more than once."""
    leaves = [leaf(0.5, -1.5, name="a"), leaf(0.7, name="b")]
    values: list[Any] = list(leaves)
    for choice in choices:
        x, y = values[choice % len(values)], values[choice // 7 % len(values)]
        values.append([x + y, x * y, tg.sigmoid(x), x - 2 * y][choice % 4])
    return leaves, values[-1].sum() + values[0].sum() * 0 + values[1].sum() * 0


runs = st.lists(st.integers(0, 1000), max_size=25)


@given(runs)
def test_the_contributions_to_a_value_add_up_to_its_gradient(choices: list[int]) -> None:
    run = graph(random_run(choices)[1])
    for each in run.nodes:
        arrived = [edge.contribution for edge in run.edges if edge.source == each.id]
        if each.gradient is not None and each.role != "result":
            parts = [part for part in arrived if part is not None]
            largest = max((np.max(np.abs(part), initial=0.0) for part in parts), default=0.0)
            np.testing.assert_allclose(
                sum(parts),
                each.gradient,
                rtol=1e-12,
                atol=1e-12 * largest,  # what cancels rounds
            )


@given(runs)
def test_the_gradients_are_those_of_backward_to_the_last_bit(choices: list[int]) -> None:
    leaves, loss = random_run(choices)
    run = graph(loss)
    loss.backward()
    for each in leaves:
        assert np.array_equal(node(run, str(each.name)).gradient, each.grad.numpy())
    assert graph(loss).gradients == "backward"
    assert run.gradients == "computed"


def test_the_backward_order_is_that_of_the_walk_youngest_first(article) -> None:
    run = graph(article["loss"], names=article)
    names = [run.nodes[i].name for i in run.backward]
    assert names == ["loss", "t4", "t3", "output", "t2", "layer1", "t1"]


def test_every_edge_names_its_argument_and_place() -> None:
    a, b = leaf(1.0, name="a"), leaf(2.0, name="b")
    run = graph(a - b)
    found = [(run.nodes[e.source].name, e.argument, e.position) for e in run.edges]
    assert found == [("a", "a", 0), ("b", "b", 1)]
    assert [e.contribution.item() for e in run.edges] == [1.0, -1.0]


def test_with_wrt_gradients_are_computed_on_the_way_to_those_only() -> None:
    a, b = leaf(1.0, name="a"), leaf(2.0, name="b")
    run = graph((a * 3 + b * 5).sum(), wrt=b)
    assert node(run, "b").gradient.item() == 5
    assert node(run, "a").gradient is None
    assert node(run, "a").note == "not on the way to wrt"
    assert [each.name for each in run.nodes if each.gradient is not None] == [
        "b", "t2", "t3", "result",
    ]  # fmt: skip


def test_wrt_may_be_a_value_in_between() -> None:
    a = leaf(3.0, name="a")
    square = a * a
    run = graph((square * 2).sum(), wrt=[square], names={"square": square})
    assert node(run, "square").gradient.item() == 2
    assert node(run, "a").gradient is None


def test_wrt_of_another_run_is_refused() -> None:
    with pytest.raises(ValueError, match=r"wrt has a tensor other of shape \(1,\)"):
        graph(leaf(1.0) * 2, wrt=leaf(1.0, name="other"))


def test_several_outputs_share_one_graph_and_their_gradients_add_up() -> None:
    a = leaf(3.0, name="a")
    square, double = a * a, a * 2
    run = graph((square, double))
    assert [run.nodes[i].formula for i in run.outputs] == ["a * a", "a * 2"]
    assert node(run, "a").gradient.item() == 2 * 3 + 2
    assert [each.role for each in run.nodes].count("result") == 2


def test_an_op_of_several_results_hands_each_gradient_on() -> None:
    matrix = tg.Tensor([[2.0, 1.0], [1.0, 3.0]], requires_grad=True, name="m")
    values, vectors = np.linalg.eigh(matrix)
    loss = (values * 2).sum() + vectors[0, 0]
    run = graph(loss)
    loss.backward()
    assert np.array_equal(node(run, "m").gradient, matrix.grad.numpy())
    (whole,) = (each for each in run.nodes if each.value is None)
    assert whole.note == "one for each of its results"


def test_what_requires_no_grad_has_a_graph_without_gradients() -> None:
    run = graph(tg.Tensor([1.0]) * 2)
    assert (len(run.nodes), run.gradients, run.backward) == (1, "none", ())


def test_a_run_changed_in_place_keeps_what_backward_left_and_claims_no_more() -> None:
    w = leaf(1.0, 2.0, name="w")
    loss = (w * w).sum()
    loss.backward()
    w.data -= 0.1 * w.grad
    run = graph(loss)
    assert np.array_equal(node(run, "w").gradient, [2.0, 4.0])
    assert node(run, "t1").gradient is None
    assert node(run, "t1").note == "gradient lost"
    assert run.gradients == "backward"


# ------------------------------------------------------------------------ what it may not do
def test_a_graph_changes_nothing_and_calls_no_hook() -> None:
    w, seen = leaf(1.0, 2.0, name="w"), []
    square = w * w
    square.register_hook(seen.append)
    w.register_hook(seen.append)
    square.retain_grad()
    loss = square.sum()
    states = np.random.get_state()[1].copy(), tg.get_rng_state()
    run = graph(loss)
    assert np.array_equal(node(run, "w").gradient, [2.0, 4.0])
    assert seen == []
    assert (w.grad, square.grad, loss.node.spent) == (None, None, False)
    assert np.array_equal(states[0], np.random.get_state()[1])
    assert str(states[1]) == str(tg.get_rng_state())
    loss.backward()
    assert len(seen) == 2


def test_a_graph_cannot_be_changed_and_does_not_change_with_the_tensors() -> None:
    w = leaf(1.0, 2.0, name="w")
    x = tg.Tensor([3.0, 4.0], name="x")
    loss = (w * x).sum()
    run = graph(loss)
    before = str(run.to_json())
    loss.backward()
    w.data *= 0
    x += 1
    w.grad.data[:] = 7
    assert str(run.to_json()) == before
    with pytest.raises(dataclasses.FrozenInstanceError):
        run.nodes = ()  # type: ignore[misc]
    for each in run.nodes:
        for array in (each.value, each.gradient):
            if array is not None:
                assert not array.flags.writeable


def test_no_gradient_shares_memory_with_a_parameter() -> None:
    w = leaf(1.0, 2.0, name="w")
    loss = (w * w.detach()).sum()  # whose rule hands back an array of a leaf
    run = graph(loss)
    arrays = [each.gradient for each in run.nodes] + [edge.contribution for edge in run.edges]
    assert not any(
        np.shares_memory(array, parent.array)
        for array in arrays
        if array is not None
        for parent in loss.node.parents[0].memory
    )


def test_what_is_no_tensor_is_refused() -> None:
    with pytest.raises(TypeError, match="output is a Tensor or several, not a float"):
        graph([3.0])  # type: ignore[list-item]
    with pytest.raises(TypeError, match="wrt is a Tensor or several, not a str"):
        graph(leaf(1.0) * 2, wrt=["w"])  # type: ignore[list-item]
    with pytest.raises(ValueError, match="no results"):
        graph([])


# ----------------------------------------------------------------------------------- sizes
def test_a_run_of_ten_thousand_calls_is_read_without_recursion() -> None:
    w = leaf(1.0, name="w")
    y = w
    for _ in range(10_000):
        y = y + w
    run = graph(y)
    assert len(run.nodes) == 10_001
    assert node(run, "w").gradient.item() == 10_001


def test_a_hundred_thousand_calls_are_refused_with_advice() -> None:
    y = leaf(1.0, 2.0)
    for _ in range(100_000):
        y = y + 1
    with pytest.raises(ValueError, match=r"more than 50000 recorded calls.*look at a part of it"):
        graph(y)


# ------------------------------------------------------------------------------- modules
def test_module_calls_are_one_each_with_the_path_of_their_attributes() -> None:
    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.encoder = nn.Sequential(nn.Linear(2, 2), nn.Tanh())

        def forward(self, x: Any) -> Any:
            return self.encoder(self.encoder(x))

    run = graph(Net()(tg.Tensor([1.0, 2.0])))
    assert [(call.path, call.type, call.parent) for call in run.calls] == [
        ("", "Net", None),
        ("encoder", "Sequential", 0), ("encoder.0", "Linear", 1), ("encoder.1", "Tanh", 1),
        ("encoder", "Sequential", 0), ("encoder.0", "Linear", 4), ("encoder.1", "Tanh", 4),
    ]  # fmt: skip
    assert [call.module for call in run.calls] == [0, 1, 2, 3, 1, 2, 3]
    weight = node(run, "encoder.0.weight")
    assert weight.call == 0, "used in two calls, so it belongs to the one around both"


def test_a_module_that_its_caller_does_not_list_goes_by_its_class() -> None:
    class Net(nn.Module):
        def forward(self, x: Any) -> Any:
            return nn.Linear(2, 1)(x)

    assert [call.path for call in graph(Net()(tg.Tensor([1.0, 2.0]))).calls] == ["", "Linear"]
