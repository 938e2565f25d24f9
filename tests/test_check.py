"""The checkers find what is wrong with a gradient, and say what it is likely to be.

Every fault here is one that people make: in a rule, or in a backpropagation derived by hand. Next:
``test_registry.py``, which runs check_grad over every op.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu.check import GradientError, check_grad
from tinygrad_edu.compare import check_backprop
from tinygrad_edu.op import REGISTRY

X = np.array([[0.3, -0.2], [1.0, 2.0]])


@pytest.fixture(autouse=True)
def _registry_restored() -> Iterator[None]:
    before = dict(REGISTRY)
    yield
    REGISTRY.clear()
    REGISTRY.update(before)


def logistic(rule: Callable[..., Any]) -> Any:
    """A sigmoid with another rule."""
    return tg.differentiable(name="logistic", x=rule)(lambda x: 1 / (1 + np.exp(-x)))


def third_of_cube(rule: Callable[..., Any]) -> Any:
    return tg.differentiable(name="third_of_cube", x=rule)(lambda x: x * x * x / 3)


def said(function: Any, *inputs: Any, **settings: Any) -> str:
    with pytest.raises(GradientError) as caught:
        check_grad(function, *inputs, **settings)
    return str(caught.value)


# -------------------------------------------------------------------------------- check_grad
def test_right_rules_pass_to_second_order() -> None:
    assert check_grad(logistic(lambda dy, y, x: dy * y * (1 - y)), X)
    assert check_grad(lambda x, n, w: np.tanh(x @ w) ** n, X, 2, np.ones((2, 1)), order=3)


def test_a_failure_names_function_input_element_values_and_errors() -> None:
    def scaled(x: Any, w: Any) -> Any:
        return logistic(lambda dy, y, x: dy * y * (1 - y) * 1.5)(w) * x

    text = said(scaled, np.ones(2), np.array([0.5, 40.0]))
    assert "first derivative of scaled with respect to input 1, of shape (2,)" in text
    assert "wrong in 1 of 2 elements, most of all at [0]" in text
    slope = 1 / (1 + np.exp(-0.5)) * (1 - 1 / (1 + np.exp(-0.5)))
    weight = np.random.default_rng(0).uniform(0.5, 1.5, 2)[0]
    assert f"by the rules {1.5 * slope * weight:.8g}"[:-1] in text
    assert f"numerically {slope * weight:.8g}"[:-1] in text
    assert "absolute error 0.134, relative 0.5" in text


RULES: dict[str, tuple[Any, str]] = {
    "sign": (lambda dy, y, x: -dy * y * (1 - y), "the sign is the other way round"),
    "twice": (lambda dy, y, x: 2 * dy * y * (1 - y), "a factor of 2 is too much"),
    "half": (lambda dy, y, x: dy * y * (1 - y) / 2, "a factor of 2 is missing"),
    "minus half": (
        lambda dy, y, x: -dy * y * (1 - y) / 2, "other way round, and a factor of 2 is missing",
    ),
    "mean": (lambda dy, y, x: dy * y * (1 - y) / 4, "1/4 of the right one: is a sum divided by 4"),
    "sum": (lambda dy, y, x: dy * y * (1 - y) * 4, "4 times the right one: is a mean's division"),
    "odd": (lambda dy, y, x: dy * y * (1 - y) * 1.7, "it is 1.7 times the right one"),
    "no derivative": (lambda dy, y, x: dy, r"the factor y * (1 - y), σ'"),
    "of the input": (lambda dy, y, x: dy * (x * (1 - x)), "output s, but was given its input"),
    "too often": (lambda dy, y, x: dy * (y * (1 - y)) ** 2, "is there twice"),
    "half a rule": (lambda dy, y, x: dy * (1 - y), "the factor y, the output itself, is missing"),
    "transposed": (lambda dy, y, x: (dy * y * (1 - y)).mT, "transpose of the right one"),
    "none": (lambda dy, y, x: None, "returns zeros, or is None"),
    "nan": (lambda dy, y, x: dy * np.nan, "NaN or infinity"),
}  # fmt: skip


@pytest.mark.parametrize("fault", RULES)
def test_the_cause_of_a_wrong_rule_is_stated(fault: str) -> None:
    rule, cause = RULES[fault]
    text = said(logistic(rule), X)
    assert "the rule of logistic for x is at fault; likely cause: " in text
    assert cause in text


def test_a_forgotten_power_is_recognised() -> None:
    assert "the factor x, the input itself, is missing" in said(
        third_of_cube(lambda dy, y, x: dy * x), X
    )


def test_the_op_that_is_wrong_is_found_among_those_that_are_right() -> None:
    wrong = logistic(lambda dy, y, x: dy * y * (1 - y) * 2)

    def network(x: Any, w: Any) -> Any:
        return (np.tanh(wrong(x @ w) @ w) ** 2).mean()

    text = said(network, X, X + 1)
    assert "derivative of network" in text
    assert "the rule of logistic for x is at fault; likely cause: a factor of 2 is too much" in text


def test_a_rule_right_in_value_but_not_recorded_is_found_by_the_second_derivative() -> None:
    def rule(dy: Any, y: Any, x: Any) -> Any:
        plain = y.numpy() if isinstance(y, tg.Tensor) else y
        return dy * (plain * (1 - plain))

    assert check_grad(logistic(rule), X, order=1)
    text = said(logistic(rule), X)
    assert "the second derivative" in text
    assert "logistic for x is at fault" in text
    assert "does not compute with its arguments, but with plain values" in text


@pytest.mark.parametrize(
    ("function", "what"), [(lambda x: x * x.detach(), "part of the"), (lambda x: x.detach(), "the")]
)
def test_a_gradient_that_is_lost_in_the_function_is_told_from_a_wrong_rule(
    function: Any, what: str
) -> None:
    text = said(function, X)
    assert f"the rules are right, but {what} gradient is lost on the way" in text
    assert "at fault" not in text


def test_a_kink_is_told_from_a_wrong_rule() -> None:
    text = said(np.abs, np.array([1e-4, 1.0]))
    assert "there is a kink" in text
    assert "at fault" not in text


def test_a_function_that_draws_random_numbers_is_told_from_a_wrong_rule() -> None:
    generator = np.random.default_rng(0)
    assert "gives another result each time" in said(lambda x: x * generator.normal(), X)


def test_a_number_that_is_not_there_is_never_right() -> None:
    with np.errstate(invalid="ignore"):
        text = said(np.sqrt, np.array([1.0, -1.0]))
    assert "is wrong in 2 of 2" in text  # the elements are combined into one number
    assert "the function itself is NaN or infinite near this point" in text


def test_single_precision_is_judged_by_what_it_can_show() -> None:
    assert check_grad(lambda x: np.exp(x) * x, X.astype(np.float32))
    single = X.astype(np.float32)
    assert "of 2 is too much" in said(logistic(lambda dy, y, x: 2 * dy * y * (1 - y)), single)


def test_integers_are_not_differentiated() -> None:
    assert check_grad(lambda x, n: x**n, X, np.array([2, 3]))


# ---------------------------------------------------------------------------- check_backprop
class Network:
    """The two-layer sigmoid network, and its gradients derived by hand, piece by piece."""

    def __init__(self) -> None:
        generator = np.random.default_rng(1)
        self.x = np.array([[0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 1]], float)
        self.y = np.array([[0], [1], [1], [0]], float)
        self.w1, self.w2 = generator.random((3, 4)), generator.random((4, 1))
        self.sum1 = self.x @ self.w1
        self.layer1 = 1 / (1 + np.exp(-self.sum1))
        self.sum2 = self.layer1 @ self.w2
        self.output = 1 / (1 + np.exp(-self.sum2))
        self.error = -2 * (self.y - self.output)
        self.delta2 = self.error * slope(self.output)
        self.delta1 = self.delta2 @ self.w2.T * slope(self.layer1)
        self.d_w1, self.d_w2 = self.x.T @ self.delta1, self.layer1.T @ self.delta2

    def recorded(self) -> tuple[tg.Tensor, dict[str, tg.Tensor]]:
        w1 = tg.Tensor(self.w1, requires_grad=True)
        w2 = tg.Tensor(self.w2, requires_grad=True)
        output = tg.sigmoid(tg.sigmoid(self.x @ w1) @ w2)
        return ((self.y - output) ** 2).sum(), {"w1": w1, "w2": w2}


def slope(s: Any) -> Any:
    return s * (1 - s)


N = Network()


def judged(d_w1: Any, d_w2: Any) -> str:
    loss, weights = N.recorded()
    with pytest.raises(GradientError) as caught:
        check_backprop([d_w1, d_w2], loss, weights)
    return str(caught.value)


def test_right_gradients_pass_in_every_form() -> None:
    loss, weights = N.recorded()
    tensors = list(weights.values())
    assert check_backprop([N.d_w1, N.d_w2], loss, weights)
    assert check_backprop({"w2": N.d_w2, "w1": N.d_w1}, loss, weights)
    assert check_backprop(lambda: (N.d_w1, N.d_w2), loss, tensors)
    assert check_backprop(N.d_w2, loss, tensors[1])
    assert check_backprop([tg.Tensor(N.d_w2)], loss, tensors[1])
    assert all(each.grad is None for each in tensors)


def test_steps_on_the_way_can_be_checked_too() -> None:
    w2 = tg.Tensor(N.w2, requires_grad=True)
    output = tg.sigmoid(N.layer1 @ w2)
    loss = ((N.y - output) ** 2).sum()
    assert check_backprop([N.error, N.d_w2], loss, [output, w2])


def test_a_graph_that_was_walked_can_still_be_checked() -> None:
    loss, weights = N.recorded()
    loss.backward()
    assert check_backprop([N.d_w1, N.d_w2], loss, weights)


def test_directions_of_descent_are_recognised_and_can_be_checked_as_such() -> None:
    text = judged(-N.d_w1, -N.d_w2)
    assert "minus the gradient: the direction of descent" in text
    assert "descent=True" in text
    loss, weights = N.recorded()
    assert check_backprop([-N.d_w1, -N.d_w2], loss, weights, descent=True)
    with pytest.raises(GradientError, match="direction of descent"):
        check_backprop([N.d_w1, N.d_w2], loss, weights, descent=True)


def wrong_delta1(activated: Any) -> Any:
    return N.x.T @ (N.delta2 @ N.w2.T * activated)


FIRST, LAST = "in the call sigmoid(x: (4, 4) float64)", "in the call sigmoid(x: (4, 1) float64)"
BY_HAND: dict[str, tuple[Any, Any, list[str]]] = {
    "no slope in the first layer": (
        wrong_delta1(1), N.d_w2, ["the derivative of sigmoid is missing, " + FIRST, "right: w2"],
    ),
    "no slope in the last layer": (
        N.x.T @ (N.error @ N.w2.T * slope(N.layer1)), N.layer1.T @ N.error,
        ["w1 is wrong", "w2 is wrong", "the derivative of sigmoid is missing, " + LAST],
    ),
    "the same, as descent": (
        -N.x.T @ (N.error @ N.w2.T * slope(N.layer1)), -N.layer1.T @ N.error,
        ["a direction of descent, and the derivative of sigmoid is missing, " + LAST],
    ),
    "slope of the sum": (
        wrong_delta1(slope(N.sum1)), N.d_w2, ["output s, but was given its input, " + FIRST],
    ),
    "slope of the sigmoid of the output": (
        wrong_delta1(slope(1 / (1 + np.exp(-N.layer1)))), N.d_w2,
        ["output s, but was given the sigmoid of it, " + FIRST],
    ),
    "slope twice": (
        wrong_delta1(slope(N.layer1) ** 2), N.d_w2, ["derivative of sigmoid is there twice"],
    ),
    "slope of the sum in one of two": (
        N.d_w1, N.layer1.T @ (N.error * slope(N.sum2)),
        ["output s, but was given its input, " + LAST, "right: w1"],
    ),
    "no 2": (N.d_w1 / 2, N.d_w2 / 2, ["a factor of 2 is missing"]),
    "mean": (N.d_w1 / 4, N.d_w2 / 4, ["is a sum divided by 4, as if it were a mean?"]),
    "transposed": (N.d_w1, N.d_w2.T, ["has shape (4, 1), but yours is (1, 4)", "a .T is missing"]),
    "flat": (N.d_w1, N.d_w2[:, 0], [".reshape((4, 1)) is missing"]),
    "nothing": (N.d_w1 * 0, N.d_w2, ["it is zero everywhere", "right: w2"]),
    "one sign": (-N.d_w1, N.d_w2, ["the sign is the other way round", "right: w2"]),
}  # fmt: skip


@pytest.mark.parametrize("fault", BY_HAND)
def test_the_cause_of_wrong_gradients_by_hand_is_stated(fault: str) -> None:
    d_w1, d_w2, expected = BY_HAND[fault]
    text = judged(d_w1, d_w2)
    for part in expected:
        assert part in text


def test_a_missing_transpose_of_a_square_matrix_is_found() -> None:
    generator = np.random.default_rng(2)
    a, b, c = (generator.normal(size=(3, 3)) for _ in range(3))
    w = tg.Tensor(b, requires_grad=True)
    loss = (np.tanh(a @ w @ c) ** 2).sum()
    y = np.tanh(a @ b @ c)
    delta = 2 * y * (1 - y * y)
    assert check_backprop(a.T @ delta @ c.T, loss, w)
    for wrong, what in ((a @ delta @ c.T, "a.T @ dy, not a @ dy"), (a.T @ delta @ c, "dy @ b.T")):
        with pytest.raises(GradientError) as caught:
            check_backprop(wrong, loss, w)
        assert what in str(caught.value)


@pytest.mark.parametrize("sign", [1, -1])
def test_a_missing_sum_over_the_batch_is_found(sign: int) -> None:
    x, b = np.arange(12.0).reshape(4, 3) / 6, tg.Tensor(np.zeros(3), requires_grad=True, name="b")
    loss = ((x + b) ** 2).sum()
    assert check_backprop((2 * x).sum(axis=0), loss, b)
    with pytest.raises(GradientError, match=r"b has shape \(3,\).*sum over axis 0"):
        check_backprop(sign * 2 * x, loss, b)


def test_a_path_that_was_forgotten_is_found() -> None:
    x = np.array([0.5, -0.3])
    w = tg.Tensor([1.0, 2.0], requires_grad=True)
    hidden = w * x
    loss = (np.tanh(hidden) * hidden).sum()
    h = w.numpy() * x
    with pytest.raises(GradientError, match="what flows back through multiply into b is left out"):
        check_backprop(x * (1 - np.tanh(h) ** 2) * h, loss, w)


def test_small_gradients_are_judged_by_their_own_size() -> None:
    w = tg.Tensor([1e-9, 1e-9], requires_grad=True)
    with pytest.raises(GradientError, match="zero everywhere"):
        check_backprop(np.zeros(2), (w * w).sum(), w)


def test_the_graph_is_as_it_was_after_a_diagnosis() -> None:
    loss, weights = N.recorded()
    with pytest.raises(GradientError):
        check_backprop([wrong_delta1(1), N.d_w2], loss, weights)
    loss.backward()
    w1 = weights["w1"]
    assert w1.grad is not None
    np.testing.assert_allclose(w1.grad.numpy(), N.d_w1)


def test_what_is_no_gradient_is_refused_with_advice() -> None:
    loss, weights = N.recorded()
    with pytest.raises(TypeError, match="returned None; let it return the gradients"):
        check_backprop(lambda: None, loss, weights)
    with pytest.raises(ValueError, match="2 tensors have 1 gradients"):
        check_backprop([N.d_w1], loss, weights)
    with pytest.raises(ValueError, match=r"'v'.*'w2'"):
        check_backprop({"w1": N.d_w1, "v": N.d_w2}, loss, weights)
    with pytest.raises(TypeError, match="the gradient for w2 is a NoneType"):
        check_backprop([N.d_w1, None], loss, weights)


def test_a_tensor_that_the_loss_does_not_depend_on_has_gradient_zero() -> None:
    loss, _ = N.recorded()
    other = tg.Tensor([1.0], requires_grad=True)
    assert check_backprop([np.zeros(1)], loss, [other])
    with pytest.raises(GradientError):
        check_backprop([np.ones(1)], loss, [other])


def test_a_function_that_returns_plain_numbers_has_the_derivative_zero() -> None:
    assert tg.check_grad(lambda x: np.ones(3), [1.0])
