"""The gradients in the picture: those that the run has, those that are no longer to be had, and
those that are not this run's alone; and that the picture says which.

Next: ``test_names.py``, on names that would like to be more than names.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu.draw import draw
from tinygrad_edu.op import Op
from tinygrad_edu.tensor import record

NOT_YET = "no gradient yet"


def leaf(*values: float, name: str | None = None) -> tg.Tensor:
    return tg.Tensor(list(values), requires_grad=True, name=name)


def numbers(rows: list[str]) -> Any:
    return np.array([[float(number) for number in row.split()] for row in rows])


def by_hand(article: dict[str, tg.Tensor]) -> dict[str, Any]:
    """The article's formulas, with their sign turned: it writes the direction of descent."""
    x, y, weights2, layer1, output = (
        article[name].numpy() for name in ("x", "y", "weights2", "layer1", "output")
    )
    d_output = -2 * (y - output)
    d_t2 = d_output * output * (1 - output)
    d_layer1 = d_t2 @ weights2.T
    d_t1 = d_layer1 * layer1 * (1 - layer1)
    return {
        "output": d_output, "t2": d_t2, "layer1": d_layer1, "t1": d_t1,
        "weights1": x.T @ d_t1, "weights2": layer1.T @ d_t2, "t3": -d_output,
    }  # fmt: skip


def test_before_backward_every_value_that_asks_for_a_gradient_says_that_it_has_none(
    read_dot, article
) -> None:
    dot = read_dot(draw(article["loss"], names=article))
    for node in dot.nodes:
        expected = [] if dot.name(node) in ("x", "y", "2") else [[NOT_YET]]
        assert dot.nodes[node][2:] == expected
    assert dot.caption == ["no gradient yet: backward() has not been called on loss"]


@pytest.mark.parametrize("settings", [{}, {"retain_graph": True}, {"create_graph": True}])
def test_after_backward_every_gradient_is_the_one_derived_by_hand(
    read_dot, article, settings: Any
) -> None:
    article["loss"].backward(**settings)
    dot = read_dot(draw(article["loss"], names=article))
    for name, expected in by_hand(article).items():
        heading, *rows = dot.box(name)[2]
        assert heading == "gradient"
        np.testing.assert_allclose(numbers(rows), expected, atol=5e-4)
    assert dot.box("loss")[2] == ["gradient", "1"]
    assert dot.caption == [
        "gradient: d loss / d value, computed again for this picture where it is not in .grad"
    ]


def test_inputs_and_constants_are_shown_without_a_gradient(read_dot, article) -> None:
    article["loss"].backward()
    dot = read_dot(draw(article["loss"]))
    assert len(dot.box("x")) == len(dot.box("y")) == 2
    assert dot.box("2") == [["2", "constant"]]


def test_a_parameter_shows_its_own_grad_and_the_picture_says_if_that_is_not_this_runs(
    read_dot,
) -> None:
    w, v = leaf(1.0, 2.0, name="w"), leaf(3.0, 4.0, name="v")
    (w * 10).sum().backward()
    loss = (w * v).sum()
    loss.backward()
    dot = read_dot(draw(loss))
    assert dot.box("w")[2] == [".grad", "13 14"]
    assert dot.box("v")[2] == ["gradient", "1 2"]
    assert dot.box("t1")[2] == ["gradient", "1 1"]
    assert dot.caption[1:] == [
        "w: .grad is not d result / d value; "
        "it adds up over backward() calls until it is set to None"
    ]


def test_a_grad_left_by_another_run_is_not_taken_for_this_runs(read_dot) -> None:
    w = leaf(1.0, 2.0, name="w")
    (w * 10).sum().backward()
    dot = read_dot(draw((w * 3).sum()))
    assert dot.box("w")[2] == [".grad", "10 10"]
    assert dot.box("t1")[2] == [NOT_YET]
    assert dot.caption[0].startswith(NOT_YET)
    assert dot.caption[1].startswith("w: .grad is not d result / d value")


def test_a_grad_that_was_set_to_none_is_said_to_be_none(read_dot) -> None:
    w = leaf(1.0, 2.0, name="w")
    loss = (w * 3).sum()
    loss.backward()
    w.grad = None
    dot = read_dot(draw(loss))
    assert dot.box("w")[2] == [".grad is None"]
    assert dot.box("t1")[2] == ["gradient", "1 1"]
    assert len(dot.caption) == 1


def test_after_an_optimizer_step_the_picture_says_what_is_lost_and_what_is_new(read_dot) -> None:
    w = leaf(1.0, 2.0, name="w")
    loss = (w * 3).sum()
    loss.backward()
    w.data -= 0.5 * w.grad
    dot = read_dot(draw(loss))
    assert dot.box("w")[1:] == [["value (2,)", "-0.500  0.500"], ["gradient", "3 3"]]
    assert dot.box("t1")[1:] == [["value (2,)", "3 6"], ["gradient lost"]]
    assert dot.caption == [
        "w: changed in place since, and shown as it is now; "
        "the gradients in between needed the old values"
    ]


def test_an_input_changed_in_place_is_named_as_well(read_dot) -> None:
    w, x = leaf(1.0, 2.0, name="w"), tg.Tensor([5.0, 6.0], name="x")
    loss = (w * x).sum()
    loss.backward()
    x += 1
    dot = read_dot(draw(loss))
    assert dot.box("t1")[2] == ["gradient lost"]
    assert dot.caption[0].startswith("x: changed in place since")


def test_a_result_that_is_no_single_number_is_said_to_be_summed(read_dot) -> None:
    w = leaf(1.0, 2.0, name="w")
    y = w * 3
    y.backward(np.ones(2))
    dot = read_dot(draw(y, names={"y": y}))
    assert dot.box("y")[2] == ["gradient", "1 1"]
    assert dot.caption[0].startswith("gradient: d sum(y) / d value")


def test_a_gradient_that_backward_was_given_shows_as_a_difference(read_dot) -> None:
    w = leaf(1.0, 2.0, name="w")
    y = w * 3
    y.backward([1.0, 5.0])
    dot = read_dot(draw(y, names={"y": y}))
    assert dot.box("w")[2] == [".grad", " 3 15"]
    assert dot.caption[1].startswith("w: .grad is not d sum(y) / d value")


def test_what_no_gradient_reaches_says_so(read_dot) -> None:
    rules = {"x": lambda dy, y, x, z: dy, "z": None}
    op = Op(lambda x, z: x + z, rules, "blocked", None, "", (), ())
    w, v = leaf(1.0, name="w"), leaf(2.0, name="v")
    loss = record(op, (w, v * 2), {}).sum()
    loss.backward()
    dot = read_dot(draw(loss))
    assert dot.box("t1")[2] == ["no gradient gets here"]
    assert dot.box("v")[2] == [".grad is None"]
    assert dot.box("w")[2] == ["gradient", "1"]


def test_a_grad_of_another_run_is_no_sign_of_this_one_where_no_gradient_reaches(read_dot) -> None:
    op = Op(lambda x: x * 1, {"x": None}, "blocked", None, "", (), ())
    w = leaf(1.0, name="w")
    (w * 10).sum().backward()
    dot = read_dot(draw(record(op, (w,), {}).sum()))
    assert dot.box("t1")[2] == [NOT_YET]


def test_many_names_in_a_caption_are_cut_short(read_dot) -> None:
    leaves = [leaf(float(i), name=f"w{i}") for i in range(6)]
    loss = np.stack(leaves).sum()
    loss.backward()
    for each in leaves:
        each.data *= 2
    caption = read_dot(draw(loss)).caption
    assert caption[0].startswith("w0, w1, w2, w3 and 2 more: changed in place")


def test_a_warning_of_the_backward_pass_is_not_given_again() -> None:
    w = leaf(0.0, name="w")
    with np.errstate(all="ignore"):
        loss = np.log(w).sum()
        loss.backward()
    assert "inf" in draw(loss).source  # warnings are errors here
