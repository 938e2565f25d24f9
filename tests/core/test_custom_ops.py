"""What a learner's own op may do, and what becomes of the mistakes that are made in writing one.

Every mistake is an error that names the op, the argument and what was expected. Next:
``test_errors.py``.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu.op import REGISTRY
from tinygrad_edu.ops import elementwise


def leaf(values: Any) -> tg.Tensor:
    return tg.Tensor(values, requires_grad=True)


def doubled_with(rule: Any) -> Any:
    """Make an op of one argument with the given rule."""

    @tg.differentiable(x=rule)
    def doubled(x: Any) -> Any:
        return x * 2

    return doubled


WRONG_RULES: dict[str, tuple[Any, str]] = {
    "a longer shape": (lambda dy, y, x: np.ones(5), r"\(5,\).*expected.*\(3,\)"),
    "a shorter shape": (lambda dy, y, x: dy[:2], r"\(2,\).*expected.*\(3,\)"),
    "fewer axes": (lambda dy, y, x: dy.sum(), r"\(\).*expected.*\(3,\)"),
    "a column": (lambda dy, y, x: dy[:, None][:2], r"\(2, 1\).*expected.*\(3,\)"),
    "integers": (lambda dy, y, x: np.ones(3, int), "int64.*float"),
    "truth values": (lambda dy, y, x: x > 0, "bool.*float"),
    "objects": (lambda dy, y, x: np.array([None] * 3), "object.*float"),
    "a list": (lambda dy, y, x: [1.0, 2.0, 3.0], r"list.*\(3,\)"),
    "a tuple of gradients": (lambda dy, y, x: (dy, dy), r"tuple.*\(3,\)"),
    "text": (lambda dy, y, x: "dx", r"str.*\(3,\)"),
    "an integer": (lambda dy, y, x: 0, r"int.*\(3,\)"),
    "a rule of too few arguments": (lambda dy, y: dy, "argument"),
    "a rule of too many arguments": (lambda dy, y, x, w: dy, "argument"),
    "a rule that is no function": (3, "callable"),
}


@pytest.mark.parametrize("name", WRONG_RULES)
@pytest.mark.parametrize("create_graph", [False, True])
def test_a_wrong_rule_is_an_error_that_names_op_argument_and_expectation(
    name: str, create_graph: bool
) -> None:
    rule, message = WRONG_RULES[name]
    x = leaf([1.0, 2.0, 3.0])
    with pytest.raises((TypeError, ValueError), match=message) as caught:
        doubled_with(rule)(x).sum().backward(create_graph=create_graph)
    assert "doubled" in str(caught.value)
    assert " x" in str(caught.value)
    assert x.grad is None


def test_a_rule_may_return_none_for_zero() -> None:
    x = leaf([1.0, 2.0])
    doubled_with(lambda dy, y, x: None)(x).sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [0.0, 0.0]


def test_no_rule_means_no_gradient() -> None:
    @tg.differentiable(x=lambda dy, y, x, w: dy, w=None)
    def first(x: Any, w: Any) -> Any:
        return x + w

    x, w = leaf([1.0]), leaf([2.0])
    first(x, w).sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [1.0]
    assert w.grad is None


def test_a_rule_in_another_precision_gives_the_leafs() -> None:
    x = leaf(np.float32([1, 2]))
    doubled_with(lambda dy, y, x: dy.astype(np.float64) * 2)(x).sum().backward()
    assert x.grad is not None
    assert x.grad.dtype == np.float32
    assert x.grad.tolist() == [2.0, 2.0]


def test_a_rule_may_return_a_number_for_a_number() -> None:
    for rule in (lambda dy, y, x: 2.0, lambda dy, y, x: np.float64(2)):
        x = leaf(1.0)
        (doubled_with(rule)(x) * 1).backward()
        assert x.grad is not None
        assert float(x.grad) == 2.0
        assert x.grad.shape == ()


BAD_RESULTS: dict[str, Any] = {
    "nothing": lambda x: None,
    "a list": lambda x: [x[0], x[1]],
    "text": lambda x: "y",
    "a dict": lambda x: {"y": x},
    "objects": lambda x: np.array([None, 1]),
}


@pytest.mark.parametrize("name", BAD_RESULTS)
def test_a_function_that_returns_no_array_is_an_error_that_names_the_op(name: str) -> None:
    @tg.differentiable(x=lambda dy, y, x: dy)
    def forgetful(x: Any) -> Any:
        return BAD_RESULTS[name](x)

    with pytest.raises(TypeError, match="forgetful"):
        forgetful(leaf([1.0, 2.0]))


@pytest.mark.parametrize("tracked", [True, False])
def test_a_function_that_returns_its_input_or_a_view_of_it_is_fine(tracked: bool) -> None:
    for function in (lambda x: x, lambda x: x[:], lambda x: x.reshape(x.shape), lambda x: x[::1]):
        op = passing_through(function)
        x = tg.Tensor([1.0, 2.0], requires_grad=tracked)
        y = op(x)
        with tg.no_grad():
            x += 10
        assert y.tolist() == [1.0, 2.0]
        z = op(op(leaf([1.0, 2.0]) * 1))
        z[0] = 9.0
        assert z.tolist() == [9.0, 2.0]


def passing_through(function: Any) -> Any:
    @tg.differentiable(x=lambda dy, y, x: dy)
    def passing(x: Any) -> Any:
        return function(x)

    return passing


def test_a_function_that_returns_a_plain_operand_does_not_share_its_memory() -> None:
    @tg.differentiable(a=None, b=lambda dy, y, a, b: dy * 0)
    def first(a: Any, b: Any) -> Any:
        return a

    a, b = np.array([1.0, 2.0]), leaf([3.0, 4.0])
    for y in (first(a, b), first(a, b * 1)):
        z = y * b
        a[:] = 9.0
        assert y.tolist() == [1.0, 2.0]
        assert z.tolist() == [3.0, 8.0]
        a[:] = [1.0, 2.0]


def test_rules_see_what_the_op_was_called_with() -> None:
    seen: list[Any] = []

    def rule(dy: Any, y: Any, x: Any, weights: Any, factor: Any, bias: Any) -> Any:
        seen.append((weights, factor, bias))
        return dy * weights * factor

    @tg.differentiable(x=rule, weights=None, factor=None, bias=None)
    def scaled(x: Any, weights: Any, factor: Any, bias: Any) -> Any:
        return x * weights * factor

    scaled(leaf(np.float32([1, 2])), np.float32([3, 4]), 2.0, None).sum().backward()
    weights, factor, bias = seen[0]
    assert weights.tolist() == [3.0, 4.0]
    assert type(factor) is float
    assert bias is None


def test_settings_reach_the_rule_as_they_were_when_the_op_was_called() -> None:
    @tg.differentiable(x=lambda dy, y, x, *, mask: dy * mask)
    def masked(x: Any, *, mask: Any) -> Any:
        return x * mask

    x, mask = leaf([1.0, 2.0]), np.array([1.0, 0.0])
    y = masked(x, mask=mask)
    mask[:] = [0.0, 1.0]
    y.sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [1.0, 0.0]


def test_a_tensor_with_a_history_given_as_a_setting_is_refused_by_name() -> None:
    @tg.differentiable(x=lambda dy, y, x, *, factor: dy * factor)
    def scaled(x: Any, *, factor: Any) -> Any:
        return x * factor

    for x in (leaf([1.0]), tg.Tensor([1.0]), np.array([1.0])):
        with pytest.raises(TypeError, match=r"scaled.*factor"):
            scaled(x, factor=leaf([2.0]))


def test_data_given_by_name_is_recorded_with_its_own_rule_or_refused() -> None:
    """A rule that differs from the function's true slope shows which of the two was used."""

    @tg.differentiable(x=lambda dy, y, x: dy)
    def rounded(x: Any) -> Any:
        return x * 0

    x = leaf([1.0])
    try:
        y = rounded(x=x)
    except TypeError as error:
        assert "rounded" in str(error)  # noqa: PT017  # refusing is as good
        return
    y.sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [1.0]


@pytest.mark.parametrize(
    "name", ["getitem", "setitem", "put", "clone", "astype", "add", "reshape", "where", "sum"]
)
def test_an_op_that_shares_a_name_with_a_built_in_one_does_not_take_its_place(name: str) -> None:
    try:

        @tg.differentiable(name=name, x=lambda dy, y, x: dy * 0)
        def own(x: Any) -> Any:
            return x * 0

    except (ValueError, TypeError) as error:
        assert name in str(error)  # noqa: PT017  # refusing is as good
    x = leaf([1.0, 2.0])
    y = x.clone().astype(np.float64).reshape(2)
    y[0] = y[1] + x[0]
    (y.sum() + np.where([True, False], x, 0.0).sum()).backward(create_graph=True)
    assert y.tolist() == [3.0, 2.0]
    assert x.grad is not None
    assert x.grad.tolist() == [2.0, 2.0]


def test_an_op_may_be_declared_again() -> None:
    """As a notebook does when its cell is run a second time."""
    for factor in (2.0, 3.0):

        @tg.differentiable(x=lambda dy, y, x, factor=factor: dy * factor)
        def scaled(x: Any) -> Any:
            return x * factor  # noqa: B023  # used within the same turn

        x = leaf([1.0])
        scaled(x).sum().backward()
        assert x.grad is not None
        assert x.grad.tolist() == [factor]
    assert REGISTRY["scaled"].forward(1.0) == 3.0


MISDECLARED: dict[str, tuple[Any, dict[str, Any]]] = {
    "a missing rule": (lambda x, w: x * w, {"x": lambda dy, y, x, w: dy}),
    "a superfluous rule": (lambda x: x, {"x": lambda dy, y, x: dy, "w": None}),
    "another name": (lambda x: x, {"a": lambda dy, y, a: dy}),
    "another order": (lambda x, w: x, {"w": None, "x": None}),
    "no rules": (lambda x: x, {}),
    "a setting that is positional": (lambda x, axis: x, {"x": None}),
    "two rules for any number": (lambda *arrays: arrays[0], {"a": None, "b": None}),
    "no rule for any number": (lambda *arrays: arrays[0], {}),
    "another name for any number": (lambda *arrays: arrays[0], {"xs": None}),
    "one and any number": (lambda x, *arrays: x, {"x": None, "arrays": None}),
}


@pytest.mark.parametrize("name", MISDECLARED)
def test_rules_that_do_not_match_the_arguments_are_refused_at_once(name: str) -> None:
    function, rules = MISDECLARED[name]
    before = set(REGISTRY)
    with pytest.raises(TypeError, match=r"mismatched.*rule"):
        tg.differentiable(name="mismatched", **rules)(function)
    assert set(REGISTRY) == before


def test_what_has_no_name_can_be_an_op_under_a_given_one() -> None:
    double = tg.differentiable(name="double", x=lambda dy, y, x: dy * 2)(
        functools.partial(np.multiply, 2)
    )
    x = leaf([1.0])
    double(x).sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [2.0]
    with pytest.raises(TypeError, match="name"):
        tg.differentiable(x=lambda dy, y, x: dy * 2)(functools.partial(np.multiply, 2))


def total_part(dy: Any, y: Any, *arrays: Any, position: int) -> Any:
    return dy * (position + 1)


def test_an_op_of_any_number_of_arrays_has_one_rule_that_is_told_the_position() -> None:
    @tg.differentiable(arrays=total_part)
    def total(*arrays: Any) -> Any:
        return sum((i + 1) * a for i, a in enumerate(arrays))

    for count in (1, 2, 5):
        xs = [leaf([1.0]) for _ in range(count)]
        total(*xs).sum().backward()
        assert [x.grad.tolist() for x in xs if x.grad is not None] == [
            [float(i + 1)] for i in range(count)
        ]
    x = leaf([1.0])
    total(x, x, np.ones(1), x).sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [7.0]


def test_an_op_of_any_number_of_arrays_may_have_no_derivative() -> None:
    @tg.differentiable(arrays=None)
    def count(*arrays: Any) -> Any:
        return arrays[0] * 0 + len(arrays)

    x = leaf([1.0])
    (count(x, x) + x).sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [1.0]


def test_a_wrong_rule_of_an_op_of_any_number_of_arrays_names_the_position() -> None:
    @tg.differentiable(arrays=lambda dy, y, *arrays, position: np.ones(7))
    def total(*arrays: Any) -> Any:
        return arrays[0] + arrays[1]

    with pytest.raises(ValueError, match=r"total.*arrays\[1\].*\(7,\).*\(2,\)"):
        total(np.ones(2), leaf([1.0, 2.0])).sum().backward()


@pytest.mark.parametrize("arguments", [(), (1.0,), (1.0, 2.0, 3.0)])
def test_a_call_with_the_wrong_number_of_arguments_names_the_op(arguments: Any) -> None:
    @tg.differentiable(a=lambda dy, y, a, b: dy, b=lambda dy, y, a, b: dy)
    def pair(a: Any, b: Any) -> Any:
        return a + b

    with pytest.raises(TypeError, match="pair"):
        pair(*[leaf(value) for value in arguments])


def test_an_argument_with_a_default_may_be_left_out() -> None:
    @tg.differentiable(x=lambda dy, y, x, b=None: dy, b=lambda dy, y, x, b=None: dy)
    def shifted(x: Any, b: Any = None) -> Any:
        return x.copy() if b is None else x + b

    x, b = leaf([1.0]), leaf([2.0])
    (shifted(x) + shifted(x, None) + shifted(x, b)).sum().backward()
    assert x.grad is not None
    assert b.grad is not None
    assert x.grad.tolist() == [3.0]
    assert b.grad.tolist() == [1.0]


def test_on_plain_arrays_an_op_is_the_plain_function() -> None:
    doubled = doubled_with(lambda dy, y, x: dy * 2)
    assert doubled(2) == 4
    assert type(doubled(np.ones(2))) is np.ndarray
    assert doubled.__name__ == "doubled"


def test_an_op_called_within_another_on_arrays_is_not_recorded() -> None:
    inner = doubled_with(lambda dy, y, x: dy * 2)

    @tg.differentiable(x=lambda dy, y, x: dy * 4)
    def quadrupled(x: Any) -> Any:
        assert type(x) is np.ndarray
        return inner(inner(x))

    x = leaf([1.0])
    y = quadrupled(x)
    assert y.node is not None
    assert y.node.op.name == "quadrupled"
    y.sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [4.0]


def test_numpy_functions_get_a_derivative_as_the_error_says() -> None:
    cube = np.frompyfunc(lambda x: x**3, 1, 1)
    with pytest.raises(TypeError, match="implements"):
        cube(leaf([2.0]))

    @tg.implements(cube)
    @tg.differentiable(x=lambda dy, y, x: dy * (3 * x * x))
    def cubed(x: Any) -> Any:
        return cube(x).astype(float)

    x = leaf([2.0])
    cube(x).sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [12.0]


def test_one_array_too_many_is_refused_and_not_written_into() -> None:
    x, other = np.array([1.0, 2.0]), np.array([5.0, 6.0])
    for one in (x, tg.Tensor(x)):
        with pytest.raises(TypeError, match=r"exp takes 1 array"):
            elementwise.exp(one, other)
    np.testing.assert_array_equal(other, [5.0, 6.0])
