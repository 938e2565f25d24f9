"""What is in the picture: each value of a run once, with its name, formula, shape and numbers.

Next: ``test_gradients.py``, on the gradients beside them.
"""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import nn
from tinygrad_edu.draw import draw, graph
from tinygrad_edu.op import Op
from tinygrad_edu.tensor import record


def leaf(*values: float, name: str | None = None) -> tg.Tensor:
    return tg.Tensor(list(values), requires_grad=True, name=name)


def test_every_leaf_constant_and_result_is_one_box(read_dot, article) -> None:
    dot = read_dot(draw(article["loss"], names=article))
    assert [dot.name(each) for each in dot.nodes] == [
        *("x", "weights1", "t1", "layer1", "weights2", "t2", "output", "y", "t3", "2", "t4", "loss")
    ]
    assert len(dot.edges) == 11


def test_a_box_shows_name_formula_shape_and_numbers(read_dot, article) -> None:
    head, value, _ = read_dot(draw(article["loss"], names=article)).box("layer1")
    assert head == ["layer1", "= sigmoid(t1)"]
    assert value[0] == "value (4, 4)"
    numbers = [[float(number) for number in row.split()] for row in value[1:]]
    np.testing.assert_allclose(numbers, article["layer1"].numpy(), atol=5e-4)


def test_formulas_keep_the_order_of_the_operands(read_dot, article) -> None:
    dot = read_dot(draw(article["loss"], names=article))
    assert dot.box("t1")[0][1] == "= x @ weights1"
    assert dot.box("t3")[0][1] == "= y - output"
    assert dot.inputs("t3") == ["y", "output"]
    assert dot.box("t4")[0][1] == "= t3 ** 2"
    assert dot.box("loss")[0][1] == "= sum(t4)"


def test_what_is_used_twice_is_one_box_with_two_arrows(read_dot) -> None:
    a = leaf(1.0, name="a")
    dot = read_dot(draw(a * a))
    assert dot.inputs("result") == ["a", "a"]
    assert len(dot.nodes) == 2


def test_the_kinds_of_values_differ_in_words_and_in_lines_not_only_in_colour(read_dot) -> None:
    w, x = leaf(1.0, name="w"), tg.Tensor([1.0], name="x")
    dot = read_dot(draw(((w * x) * 3).sum()))
    words = {name: dot.box(name)[0][1] for name in ("w", "x", "3", "t1", "result")}
    assert words == {
        "w": "parameter", "x": "input", "3": "constant", "t1": "= w * x", "result": "= sum(t2)",
    }  # fmt: skip
    looks = [dot.looks[dot.find(name)] for name in words]
    lines = {(look["style"], look.get("penwidth")) for look in looks}
    assert len(lines) == len(words)


def test_plain_arrays_are_constants_with_their_numbers(read_dot) -> None:
    dot = read_dot(draw(leaf(1.0, 2.0, name="w") * np.array([3.0, 4.0])))
    assert dot.box("c1") == [["c1", "constant"], ["value (2,)", "3 4"]]


def test_a_tensor_and_an_array_in_one_call_are_told_apart(read_dot) -> None:
    condition, a = np.array([True, False]), tg.Tensor([1.0, 2.0], name="a")
    dot = read_dot(draw(np.where(condition, leaf(3.0, 4.0, name="w"), a)))
    assert dot.inputs("result") == ["c1", "w", "a"]
    assert dot.box("c1")[1] == ["value (2,) bool", " True False"]


def test_an_input_shows_the_value_that_the_run_read_when_it_is_given_new_data(read_dot) -> None:
    x = tg.Tensor([1.0, 2.0], name="x")
    y = leaf(3.0, 4.0, name="w") * x
    x.data = np.zeros(5)
    assert read_dot(draw(y)).box("x") == [["x", "input"], ["value (2,)", "1 2"]]


def test_a_parameter_given_new_data_between_two_uses_is_two_boxes(read_dot) -> None:
    w = leaf(1.0, name="w")
    first = w * 2
    w.data = np.array([5.0])
    dot = read_dot(draw(first * w))
    assert [dot.nodes[each][1][1] for each in dot.nodes if dot.name(each) == "w"] == ["1", "5"]


def test_an_optional_input_that_was_left_out_is_no_box(read_dot) -> None:
    layer = nn.Linear(3, 2, bias=False)
    dot = read_dot(draw(layer(tg.Tensor([1.0, 2.0, 3.0], name="x"))))
    assert dot.box("result")[0][1] == "= linear(x, weight)"


@pytest.mark.parametrize(
    ("compute", "formula"),
    [
        (lambda w: -w, "-w"),
        (lambda w: w.sum(axis=0), "sum(w, axis=0)"),
        (lambda w: w.sum(axis=None, keepdims=False), "sum(w)"),
        (lambda w: w[np.array([1, 0])], "getitem(w, index=array([1, 0]))"),
        (lambda w: w[np.array([[1, 0], [0, 1]])], "getitem(w, index=array([[1, 0], [0, 1]]))"),
        (lambda w: w.astype("float32"), "astype(w, dtype=dtype('float32'))"),
        (lambda w: (-2.0) ** w, "(-2) ** w"),
        (lambda w: w * (1 / 3), "w * 0.333333"),
        (lambda w: np.stack([w, w]), "stack(w, w)"),
    ],
)
@pytest.mark.filterwarnings("ignore:invalid value")  # of a power of a negative number
def test_formulas_read_like_the_program(compute: Any, formula: str) -> None:
    assert graph(compute(leaf(1.0, 2.0, name="w"))).nodes[-1].formula == formula


def test_settings_are_written_without_the_address_where_they_happen_to_be() -> None:
    op = Op(lambda x, *, key: x * 1, {"x": lambda dy, y, x, *, key: dy}, "sort", None, "", (), ())
    formula = graph(record(op, (leaf(1.0, name="w"),), {"key": object()})).nodes[-1].formula
    assert formula == "sort(w, key=<object object>)"


def test_long_operands_are_cut_short_in_formulas_only(read_dot) -> None:
    long = "weights of the second of the two hidden layers"
    dot = read_dot(draw(leaf(1.0, name=long) * 2))
    assert dot.box(long)[0][0] == long
    assert dot.box("result")[0][1] == "= weights of the second of the tw… * 2"


def test_an_op_of_several_results_is_a_box_without_numbers_and_one_for_each_result(
    read_dot,
) -> None:
    op = Op(lambda x: (x + 1, x * 2), {"x": lambda dy, y, x: dy[1] * 2}, "both", None, "", (), ())
    _, doubled = record(op, (leaf(1.0, name="w"),), {})
    loss = doubled.sum()
    loss.backward()
    dot = read_dot(draw(loss))
    assert dot.box("t1") == [["t1", "= both(w)"]]
    assert dot.box("t2") == [
        ["t2", "= part(t1, position=1)"], ["value (1,)", "2"], ["gradient", "1"],
    ]  # fmt: skip


# ------------------------------------------------------------------------------- names
def test_names_may_come_from_local_variables(read_dot) -> None:
    w, unrelated = leaf(1.0), leaf(2.0)
    doubled = w * 2
    number = 3
    dot = read_dot(draw(doubled.sum(), names=locals()))
    assert [dot.name(each) for each in dot.nodes] == ["w", "2", "doubled", "result"]
    assert unrelated is not None
    assert number == 3


def test_given_names_go_before_own_names_and_the_first_before_the_second(read_dot) -> None:
    w = leaf(1.0, name="own")
    y = w * w
    y.name = "own, too"
    dot = read_dot(draw(y, names={"first": w, "second": w, "result of it": y}))
    assert [dot.name(each) for each in dot.nodes] == ["first", "result of it"]


def test_invented_names_never_meet_given_ones(read_dot) -> None:
    w = leaf(1.0, name="t1")
    dot = read_dot(draw((w * w) * leaf(2.0, name="result")))
    assert [dot.name(each) for each in dot.nodes] == ["t1", "t2", "result", "t3"]


def test_module_calls_are_frames_and_parameters_bear_their_paths(read_dot) -> None:
    model = nn.Sequential(nn.Linear(3, 4), nn.Sigmoid(), nn.Sequential(nn.Linear(4, 1)))
    loss = nn.MSELoss()(model(tg.Tensor(np.ones((4, 3)), name="x")), tg.Tensor(np.ones((4, 1))))
    dot = read_dot(draw(loss))
    assert sorted(dot.frames) == [
        (1, "MSELoss"), (1, "Sequential"), (2, "0: Linear"), (2, "1: Sigmoid"),
        (2, "2: Sequential"), (3, "2.0: Linear"),
    ]  # fmt: skip
    assert dot.frame_of[dot.find("0.weight")] == "0: Linear"
    assert dot.frame_of[dot.find("2.0.bias")] == "2.0: Linear"
    assert dot.frame_of[dot.find("x")] == ""
    assert dot.frame_of[dot.find("result")] == "MSELoss"


def test_a_layer_called_twice_is_two_frames_around_which_its_parameters_stand(read_dot) -> None:
    layer = nn.Linear(2, 2)
    dot = read_dot(draw(layer(layer(tg.Tensor([1.0, 2.0])))))
    assert dot.frames == [(1, "Linear"), (1, "Linear")]
    assert dot.frame_of[dot.find("weight")] == ""


# ---------------------------------------------------------------- sizes, order, purity
def test_more_boxes_than_max_nodes_are_refused_with_advice() -> None:
    y = leaf(1.0)
    for _ in range(500):
        y = tg.sigmoid(y)
    with pytest.raises(ValueError, match=r"501 boxes, more than max_nodes=500; draw a part of it"):
        draw(y)
    assert draw(y, max_nodes=501).source.count("->") == 500


PROGRAM = """
import numpy as np, tinygrad_edu as tg
from tinygrad_edu import nn
from tinygrad_edu.draw import draw
w = tg.Tensor(np.arange(6.0).reshape(2, 3), requires_grad=True)
model = nn.Sequential(nn.Linear(3, 3), np.tanh)
for parameter in model.parameters():
    parameter.data = np.ones(parameter.shape)
y = (model(np.exp(w * 0.1)) @ np.ones((3, 2))).mean()
y.backward()
print(ascii(draw(y).source))
"""


def test_the_same_run_gives_the_same_text_in_every_process() -> None:
    texts = {
        subprocess.run(
            [sys.executable, "-c", before + PROGRAM],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(filter(None, sys.path))},
            capture_output=True,
            check=True,
        ).stdout
        for before, seed in (("", "1"), ("import tinygrad_edu as t; t.Tensor(1.) * 2;", "2"))
    }
    assert len(texts) == 1


def state(tensors: Any) -> list[Any]:
    """Take down all that may be seen of some tensors."""
    return [
        (
            t.numpy().tobytes(),
            t.name,
            t.node,
            t.requires_grad,
            None if t.grad is None else t.grad.numpy().tobytes(),
        )
        for t in tensors
    ]


@pytest.mark.parametrize("backward", [False, True])
def test_drawing_changes_nothing(article, backward: bool) -> None:
    loss, weights = article["loss"], article["weights1"]
    if backward:
        loss.backward(retain_graph=True)
    before = state(article.values())
    assert draw(loss, names=article).source
    assert state(article.values()) == before
    assert not loss.node.spent
    loss.backward()
    earlier = article["weights1"].grad.numpy().copy()
    draw(loss)
    assert np.array_equal(weights.grad.numpy(), earlier)


def test_a_drawing_is_of_the_moment_when_it_was_made(article) -> None:
    drawing = draw(article["loss"])
    before = drawing.source
    article["loss"].backward()
    article["weights1"].data -= 1
    assert drawing.source == before


# ----------------------------------------------------------------------- odd requests
def test_a_leaf_is_drawn_as_the_one_box_that_it_is(read_dot) -> None:
    dot = read_dot(draw(leaf(1.0, name="w")))
    assert dot.box("w") == [["w", "parameter"], ["value (1,)", "1"], ["no gradient yet"]]
    assert dot.caption == ["a leaf: nothing was recorded that led to it"]


def test_only_tensors_are_drawn() -> None:
    with pytest.raises(TypeError, match="not a float"):
        draw(3.0)


def test_only_two_directions_are_known(read_dot) -> None:
    y = leaf(1.0) * 2
    with pytest.raises(ValueError, match='"LR" or "TB", not \'RL\''):
        draw(y, direction="RL")
    assert "rankdir=LR" in draw(y).source
    assert "rankdir=TB" in draw(y, direction="TB").source
    assert read_dot(draw(y)).nodes == read_dot(draw(y, direction="TB")).nodes


def test_value_and_gradient_lie_across_the_direction_in_which_the_picture_grows() -> None:
    y = leaf(1.0, name="w") * 2
    assert r"w\nparameter|value (1,)\n1|no gradient yet" in draw(y).source
    assert r"{w\nparameter|{value (1,)\n1|no gradient yet}}" in draw(y, direction="TB").source
