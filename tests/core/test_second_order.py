"""Derivatives of derivatives, through ``backward(create_graph=True)``: right, or an error.

A rule that lost its history would give 0 for a second derivative, in silence; here it is compared
with closed forms. What happens between the first pass and the second must not matter, or be
noticed. Next: ``test_errors.py``.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg


def leaf(values: Any) -> tg.Tensor:
    return tg.Tensor(values, requires_grad=True)


def derivatives(function: Any, at: float, order: int) -> list[float]:
    """Differentiate a function of one number again and again."""
    x = leaf([at])
    found = []
    y = function(x)
    for _ in range(order):
        (y,) = tg.autograd.grad(y.sum(), [x], create_graph=True, allow_unused=True)
        if y is None:
            return [*found, *[0.0] * (order - len(found))]
        found.append(float(y))
        if not y.requires_grad:
            return [*found, *[0.0] * (order - len(found))]
    return found


CLOSED_FORMS: dict[str, tuple[Any, float, list[float]]] = {
    "cube": (lambda x: x**3, 2.0, [12.0, 12.0, 6.0, 0.0]),
    "product": (lambda x: x * x * x, 2.0, [12.0, 12.0, 6.0, 0.0]),
    "constant power": (lambda x: (x * 2) ** 0, 2.0, [0.0, 0.0]),
    "power of arrays": (lambda x: x ** np.array([3.0]), 2.0, [12.0, 12.0, 6.0]),
    "own power": (
        lambda x: x**x, 2.0, [4 * (np.log(2) + 1), 4 * ((np.log(2) + 1) ** 2 + 0.5)],
    ),
    "exp": (np.exp, 1.0, [np.e] * 4),
    "x exp x": (lambda x: x * np.exp(x), 1.0, [2 * np.e, 3 * np.e, 4 * np.e]),
    "log": (np.log, 2.0, [0.5, -0.25, 0.25, -0.375]),
    "sqrt": (np.sqrt, 4.0, [0.25, -1 / 32, 3 / 256]),
    "inverse": (lambda x: 1 / x, 2.0, [-0.25, 0.25, -0.375]),
    "quotient": (lambda x: x / (x + 1), 1.0, [0.25, -0.25, 0.375]),
    "difference": (lambda x: x - x * x, 2.0, [-3.0, -2.0, 0.0]),
    "tanh": (np.tanh, 0.0, [1.0, 0.0, -2.0]),
    "sigmoid": (tg.sigmoid, 0.0, [0.25, 0.0, -0.125]),
    "abs": (lambda x: abs(x) * x, -2.0, [4.0, -2.0, 0.0]),
    "relu": (lambda x: tg.relu(x) * x, 2.0, [4.0, 2.0, 0.0]),
    "maximum": (lambda x: np.maximum(x, 1.0) * x, 2.0, [4.0, 2.0, 0.0]),
    "where": (lambda x: np.where(x > 0, x**3, x), 2.0, [12.0, 12.0, 6.0]),
    "sum": (lambda x: (x * x).sum() * x, 2.0, [12.0, 12.0, 6.0]),
    "mean": (lambda x: (x * x).mean(axis=0) * x, 2.0, [12.0, 12.0, 6.0]),
    "max": (lambda x: (x * x).max() * x, 2.0, [12.0, 12.0, 6.0]),
    "matmul": (lambda x: x @ x * x, 2.0, [12.0, 12.0, 6.0]),
    "getitem": (lambda x: x[0] * x[[0]] * x[::-1], 2.0, [12.0, 12.0, 6.0]),
    "stack": (lambda x: np.stack([x, x * x]).sum() * x, 2.0, [16.0, 14.0, 6.0]),
    "concatenate": (lambda x: np.concatenate([x, x * x]).sum() * x, 2.0, [16.0, 14.0, 6.0]),
    "shapes": (lambda x: (x.reshape(1, 1).T * x).mT[0] * x, 2.0, [12.0, 12.0, 6.0]),
    "broadcast": (lambda x: (np.broadcast_to(x, (2, 1)) * x).sum(), 2.0, [8.0, 4.0, 0.0]),
    "astype": (lambda x: x.astype(np.longdouble) * x * x, 2.0, [12.0, 12.0, 6.0]),
    "clone": (lambda x: x.clone() * x * np.copy(x), 2.0, [12.0, 12.0, 6.0]),
}  # fmt: skip


@pytest.mark.parametrize("name", CLOSED_FORMS)
def test_repeated_derivatives_have_their_closed_forms(name: str) -> None:
    function, at, expected = CLOSED_FORMS[name]
    np.testing.assert_allclose(derivatives(function, at, len(expected)), expected, atol=1e-12)


def test_a_gradient_penalty_through_backward() -> None:
    x, w = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    np.exp(x * w).sum().backward(create_graph=True)
    slope = x.grad
    x.grad = w.grad = None
    assert slope is not None
    (slope**2).sum().backward()
    a, b = np.array([1.0, 2.0]), np.array([3.0, 4.0])
    e = np.exp(a * b)
    assert x.grad is not None
    assert w.grad is not None
    np.testing.assert_allclose(x.grad.numpy(), 2 * b**3 * e**2, rtol=1e-12)
    np.testing.assert_allclose(w.grad.numpy(), 2 * b * e**2 * (1 + a * b), rtol=1e-12)


def test_the_gradient_of_a_plain_backward_cannot_be_differentiated() -> None:
    x = leaf([2.0])
    (x**3).sum().backward()
    assert x.grad is not None
    with pytest.raises(RuntimeError, match="without a history"):
        x.grad.sum().backward()


def second(x: tg.Tensor, first: tg.Tensor | None) -> Any:
    assert first is not None
    x.grad = None
    first.sum().backward()
    return None if x.grad is None else x.grad.numpy()


def test_new_data_between_forward_and_backward_does_not_matter() -> None:
    x = leaf([2.0])
    y = (x * np.exp(x)).sum()
    x.data = np.array([50.0])
    y.backward(create_graph=True)
    np.testing.assert_allclose(second(x, x.grad), [4 * np.exp(2.0)])


def test_new_data_between_the_first_and_the_second_pass_does_not_matter() -> None:
    x = leaf([2.0])
    (x * np.exp(x)).sum().backward(create_graph=True)
    x.data = np.array([50.0])
    np.testing.assert_allclose(second(x, x.grad), [4 * np.exp(2.0)])


def test_new_data_before_and_between_the_passes_does_not_matter_to_third_order() -> None:
    x = leaf([2.0])
    y = (x**4).sum()
    for expected in (32.0, 48.0, 48.0):
        x.data = x.data + 10
        (dx,) = tg.autograd.grad(y, [x], create_graph=True)
        assert dx is not None
        assert float(dx) == pytest.approx(expected)
        y = dx.sum()


def test_an_in_place_change_between_the_passes_is_noticed() -> None:
    x = leaf([2.0])
    (x**3).sum().backward(create_graph=True)
    first = x.grad
    x.grad = None
    assert first is not None
    with tg.no_grad():
        x -= 1
    with pytest.raises(RuntimeError, match="in place"):
        first.sum().backward()
    assert x.grad is None


def test_an_in_place_change_of_a_constant_between_the_passes_is_noticed_or_harmless() -> None:
    x, constant = leaf([2.0]), tg.Tensor([3.0])
    (x * constant * x).sum().backward(create_graph=True)
    first = x.grad
    x.grad = None
    assert first is not None
    constant *= 10
    try:
        first.sum().backward()
    except RuntimeError as error:
        assert "in place" in str(error)  # noqa: PT017  # either outcome keeps the law
    else:
        assert x.grad is not None
        np.testing.assert_allclose(x.grad.numpy(), [6.0])


def test_an_in_place_change_of_a_result_between_the_passes_does_not_matter() -> None:
    x = leaf([2.0])
    hidden = x * x
    (hidden * x).sum().backward(create_graph=True)
    hidden += 100
    np.testing.assert_allclose(second(x, x.grad), [12.0])


def test_a_plain_array_changed_between_the_passes_does_not_matter() -> None:
    x = leaf([2.0])
    array = np.array([3.0])
    (x * x * array).sum().backward(create_graph=True)
    array[:] = 0
    np.testing.assert_allclose(second(x, x.grad), [6.0])


def test_freezing_a_leaf_between_recording_and_walking_does_not_give_half_a_derivative() -> None:
    """The derivative of x eˣ is (1 + x) eˣ, and that of this (2 + x) eˣ: all of it, or none."""
    x = leaf([1.0])
    y = (x * np.exp(x)).sum()
    x.requires_grad = False
    y.backward(create_graph=True)
    first, x.grad = x.grad, None
    if first is not None and first.requires_grad:
        first.sum().backward()
        if x.grad is not None:
            np.testing.assert_allclose(x.grad.numpy(), [3 * np.e])


def test_a_constant_that_comes_to_want_a_gradient_does_not_spoil_those_of_others() -> None:
    x, constant = leaf([2.0]), tg.Tensor([3.0])
    y = (x * x * constant).sum()
    constant.requires_grad = True
    y.backward(create_graph=True)
    assert constant.grad is None
    np.testing.assert_allclose(second(x, x.grad), [6.0])


def test_a_constant_that_has_become_a_result_keeps_its_old_value_in_the_second_pass() -> None:
    x, total = leaf([2.0]), tg.Tensor([3.0])
    y = (x * x * total).sum()
    total += x
    y.backward(create_graph=True)
    np.testing.assert_allclose(second(x, x.grad), [6.0])


def test_gradients_with_and_without_history_add_up() -> None:
    x = leaf([2.0])
    (x**3).sum().backward(create_graph=True)
    (x**2).sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [16.0]
    x.grad = None
    (x**2).sum().backward()
    (x**3).sum().backward(create_graph=True)
    np.testing.assert_allclose(second(x, x.grad), [12.0])


def test_a_rule_of_plain_numbers_works_in_the_second_pass() -> None:
    @tg.differentiable(x=lambda dy, y, x: np.ones(x.shape))
    def total(x: Any) -> Any:
        return x.sum()

    x = leaf([1.0, 2.0])
    total(x * x).backward(create_graph=True)
    np.testing.assert_allclose(second(x, x.grad), [2.0, 2.0])


def test_a_rule_that_says_none_works_in_the_second_pass() -> None:
    @tg.differentiable(x=lambda dy, y, x: None)
    def constant(x: Any) -> Any:
        return x * 0 + 5

    x = leaf([1.0, 2.0])
    (constant(x * x) + x**2).sum().backward(create_graph=True)
    np.testing.assert_allclose(second(x, x.grad), [2.0, 2.0])


def test_a_gradient_to_start_from_may_have_a_history_of_its_own() -> None:
    """Either its history is kept, or it is refused; it is never dropped in silence."""
    x, v = leaf([2.0]), leaf([3.0])
    try:
        (x * x).backward(gradient=v, create_graph=True)
    except TypeError as error:
        assert "history" in str(error)  # noqa: PT017  # refusing is as good
    else:
        assert x.grad is not None
        x.grad.sum().backward()
        assert v.grad is not None
        assert v.grad.tolist() == [4.0]
