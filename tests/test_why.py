"""``why`` finds out why a gradient is None, zero or NaN, and says at which op it became so."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu.why import why


def leaf(values: Any, name: str | None = "w") -> tg.Tensor:
    return tg.Tensor(values, requires_grad=True, name=name)


B = leaf([3.0, 4.0], "b")


# ------------------------------------------------------------------------------------- None
def test_a_tensor_that_asks_for_none_has_none() -> None:
    w = tg.Tensor([1.0, 2.0], name="w")
    assert "w, shape (2,), asks for no gradient" in why(w, (w * B).sum())
    assert "asks for no gradient" in why(w)


@pytest.mark.parametrize("lose", [lambda y: y.detach(), lambda y: tg.Tensor(y.numpy())])
def test_a_loss_without_a_history_is_named_as_the_reason(lose: Any) -> None:
    assert why(B, lose((B * B).sum())).startswith("the loss has no history")


def test_a_loss_that_does_not_depend_on_it_says_what_it_depends_on() -> None:
    text = why(leaf([1.0, 2.0]), (B * 2).sum())
    assert text == (
        "the gradient for w, shape (2,), is None: the loss does not depend on it, only on b (2,)"
    )


@pytest.mark.parametrize("lose", [lambda w: w.detach(), lambda w: w.numpy()])
def test_values_that_were_taken_without_their_history_are_recognised(lose: Any) -> None:
    w = leaf([1.5, 2.5])
    text = why(w, (B * lose(w)).sum())
    assert "multiply was given the same numbers for b, without a history" in text
    assert "detach(), numpy() or under no_grad()?" in text


def test_what_was_computed_after_the_loss_has_none() -> None:
    loss = (B * 2).sum()
    assert "it was computed after the loss" in why(B * 3, loss)


def test_a_step_without_a_rule_is_named() -> None:
    @tg.differentiable(name="choose", a=None, b=lambda dy, y, a, b: dy)
    def choose(a: Any, b: Any) -> Any:
        return a * 0 + b

    w = leaf([1.0, 2.0])
    text = why(w, choose(w, B).sum())
    assert "is None: there is no derivative rule on the way: choose for a" in text


def test_a_computed_tensor_is_told_that_only_leaves_keep_theirs() -> None:
    w = leaf([1.0, 2.0])
    stepped = w - B * 0.1
    text = why(stepped, (stepped * stepped).sum())
    assert "is fine" in text
    assert "a result of subtract" in text
    assert "retain_grad()" in text
    assert "p.data -= step" in text
    assert "a result of subtract" in why(stepped)


def test_without_a_loss_it_says_what_it_knows() -> None:
    w = leaf([1.0, 2.0])
    assert "has no gradient yet" in why(w)
    (w * 0).sum().backward()
    assert "the gradient in .grad of w, shape (2,), is zero" in why(w)


# ------------------------------------------------------------------------------------- zero
def test_a_dead_unit_is_named_with_the_way_to_it() -> None:
    w = leaf([-1.0, -2.0])
    hidden = tg.relu(w * 3)
    lines = why(w, (hidden * B).sum()).splitlines()
    assert "is zero: relu(x: (2,) float64) lets nothing through to x; none of the 2" in lines[0]
    assert lines[1] == "the largest gradient, from the loss back:"
    steps = [line.split() for line in lines[2:]]
    assert steps == [["sum", "1"], ["multiply", "1"], ["relu", "4"], ["multiply", "0"], ["w", "0"]]


ZERO: dict[str, tuple[Any, str]] = {
    "saturated": (lambda w: tg.sigmoid(w * 1e5).sum(), "sigmoid(x: (2,) float64) lets nothing"),
    "saturated tanh": (lambda w: np.tanh(w * 1e5).sum(), "it is saturated"),
    "times nothing": (lambda w: (w * 0).sum(), "the other factor is 0 where a gradient arrives"),
    "matrix": (lambda w: np.zeros((3, 2)) @ w, "matmul(a: (3, 2) float64, b: (2,) float64)"),
    "not chosen": (lambda w: np.where(w < 0, w, 1).sum(), "none of its elements was chosen"),
    "not the larger": (lambda w: np.maximum(w, 9).sum(), "none of its elements was the larger"),
    "cancelled": (lambda w: (w - w).sum(), "what arrives on several ways adds up to nothing"),
    "power": (lambda w: ((w - w) ** 2).sum(), "power(a: (2,) float64, b: 2) lets nothing"),
}


@pytest.mark.parametrize("case", ZERO)
def test_the_op_that_lets_nothing_through_is_named(case: str) -> None:
    function, expected = ZERO[case]
    w = leaf([1.0, 2.0])
    text = why(w, function(w).sum())
    assert "the gradient for w, shape (2,), is zero: " in text
    assert expected in text


def test_two_ways_that_are_both_blocked_are_both_named() -> None:
    w = leaf([-1.0, -2.0])
    text = why(w, (tg.relu(w) + tg.sigmoid(w * 1e5)).sum())
    assert "relu(x: (2,) float64) lets nothing" in text
    assert "sigmoid(x: (2,) float64) lets nothing" in text


def test_a_gradient_that_vanishes_shows_how_it_shrank() -> None:
    w = leaf([1.0])
    y = w
    for _ in range(30):
        y = tg.sigmoid(y)
    lines = why(w, y.sum()).splitlines()
    assert "is small: " in lines[0]
    assert len(lines) == 2 + 13
    assert "  ..." in lines


# ------------------------------------------------------------------------------ NaN, infinity
def test_infinity_that_a_rule_made_is_traced_to_it() -> None:
    w = leaf([3.0, 5.0])
    text = why(w, np.sqrt(w - 3).sum())
    assert "is inf in 1 of 2 elements, first at [0]: the rule of sqrt for x gives inf" in text
    assert "where x is 0, y is 0, the gradient that came in is 1" in text


def test_nan_that_was_there_in_the_forward_pass_is_traced_to_where_it_began() -> None:
    w = leaf([0.0, 1.0])
    with np.errstate(all="ignore"):
        loss = (np.log(w) * 0).sum() * B.sum()
    text = why(w, loss)
    assert "is nan in 1 of 2" in text
    assert "in the forward pass already, log(x: (2,) float64) gave -inf in 1 of 2" in text


# ------------------------------------------------------------------------------ else
def test_a_gradient_that_is_fine_is_said_to_be_fine() -> None:
    w = leaf([1.0, -2.0])
    assert why(w, (w * B).sum()) == (
        "the gradient for w, shape (2,), is fine: between 3 and 4 in magnitude"
    )
    assert why(w, w[0] * 5).endswith("is fine: 5 in magnitude, and zero in 1 elements")


def test_a_tensor_may_be_its_own_loss_and_have_no_name() -> None:
    x = leaf(2.0, None)
    assert why(x, x) == "the gradient for this tensor, shape (), is fine: 1 in magnitude"
    assert "this tensor" in why(x, B.sum())


def test_asking_changes_nothing() -> None:
    w = leaf([-1.0, 2.0])
    loss = (tg.relu(w) * B).sum()
    for _ in range(2):
        why(w, loss)
    assert w.grad is None
    loss.backward()
    why(w, loss)
    assert w.grad is not None
    assert w.grad.tolist() == [0, 4]


def test_a_loss_of_several_numbers_is_refused() -> None:
    with pytest.raises(RuntimeError, match="single number"):
        why(B, B * 2)


def test_a_parameter_that_has_been_updated_since_is_refused() -> None:
    w = leaf([1.0, 2.0])
    loss = (w * w).sum()
    w.data -= 1
    with pytest.raises(RuntimeError, match="in place"):
        why(w, loss)
