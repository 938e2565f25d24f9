"""The walk visits every node once, after all of its users: no path is lost or counted twice.

Random graphs are compared with dual numbers, which carry derivatives forwards and so cannot make
the same mistake. Next: ``test_depth.py``, for graphs that are long rather than tangled.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

import tinygrad_edu as tg


@dataclass(frozen=True)
class Dual:
    """A number and its derivative with respect to one chosen input."""

    value: float
    slope: float

    def __add__(self, other: Dual) -> Dual:
        return Dual(self.value + other.value, self.slope + other.slope)

    def __sub__(self, other: Dual) -> Dual:
        return Dual(self.value - other.value, self.slope - other.slope)

    def __mul__(self, other: Dual) -> Dual:
        slope = self.slope * other.value + self.value * other.slope
        return Dual(self.value * other.value, slope)

    def tanh(self) -> Dual:
        value = float(np.tanh(self.value))
        return Dual(value, self.slope * (1 - value * value))


STEPS: dict[str, Any] = {
    "add": lambda a, b: (a + b).tanh(),
    "subtract": lambda a, b: (a - b).tanh(),
    "multiply": lambda a, b: a * b,
    "tanh": lambda a, b: a.tanh(),
}
RECORDED: dict[str, Any] = {
    "add": lambda a, b: np.tanh(a + b),
    "subtract": lambda a, b: np.tanh(a - b),
    "multiply": lambda a, b: a * b,
    "tanh": lambda a, b: np.tanh(a),
}


@st.composite
def graphs(draw: st.DrawFn) -> tuple[list[float], list[tuple[str, int, int]]]:
    """Some inputs, and steps that each combine two of all values there are so far."""
    inputs = draw(st.lists(st.floats(-1, 1), min_size=1, max_size=3))
    count = draw(st.integers(2, 30))
    steps = []
    for made in range(len(inputs), len(inputs) + count):
        earlier = st.integers(max(0, made - 6), made - 1)
        steps.append((draw(st.sampled_from(sorted(STEPS))), draw(earlier), draw(earlier)))
    return inputs, steps


@settings(deadline=None)
@given(graphs())
def test_any_graph_has_the_gradient_that_dual_numbers_give(
    graph: tuple[list[float], list[tuple[str, int, int]]],
) -> None:
    inputs, steps = graph
    leaves = [tg.Tensor(value, requires_grad=True) for value in inputs]
    values: list[Any] = list(leaves)
    for name, a, b in steps:
        values.append(RECORDED[name](values[a], values[b]))
    values[-1].backward()
    for chosen, leaf in enumerate(leaves):
        duals = [Dual(value, float(i == chosen)) for i, value in enumerate(inputs)]
        for name, a, b in steps:
            duals.append(STEPS[name](duals[a], duals[b]))
        found = 0.0 if leaf.grad is None else float(leaf.grad)
        assert found == pytest.approx(duals[-1].slope, rel=1e-10, abs=1e-10)


def test_a_value_used_twice_by_two_users_counts_four_times() -> None:
    a = tg.Tensor(1.0, requires_grad=True)
    b = a + a
    (b * b).backward()
    assert a.grad is not None
    assert float(a.grad) == 8


def test_two_branches_from_one_value_add_up() -> None:
    x = tg.Tensor(2.0, requires_grad=True)
    y = x * 3
    (y * 2 + y * 5).backward()
    assert x.grad is not None
    assert float(x.grad) == 21


@pytest.mark.parametrize("reuse", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("levels", [1, 2, 3, 4])
def test_nested_reuse_multiplies(reuse: int, levels: int) -> None:
    x = tg.Tensor(1.0, requires_grad=True)
    y = x
    for _ in range(levels):
        total = y
        for _ in range(reuse - 1):
            total = total + y
        y = total
    if y is x:
        y = x * 1
    y.backward()
    assert x.grad is not None
    assert float(x.grad) == reuse**levels


def test_a_long_and_a_short_path_to_one_leaf_both_count() -> None:
    x = tg.Tensor(1.0, requires_grad=True)
    long = x
    for _ in range(50):
        long = long * 1
    (x * 10 + long).backward()
    assert x.grad is not None
    assert float(x.grad) == 11


def test_the_order_of_the_operands_does_not_matter() -> None:
    x = tg.Tensor(3.0, requires_grad=True)
    early, late = x * 2, (x * 5) * 7
    (late + early).backward()
    one = x.grad
    x.grad = None
    (early + late).backward()
    assert one is not None
    assert x.grad is not None
    assert float(one) == float(x.grad) == 37


def test_branches_that_do_not_lead_to_the_result_get_nothing() -> None:
    x = tg.Tensor(3.0, requires_grad=True)
    unused = tg.Tensor(1.0, requires_grad=True)
    y = x * 2
    y * unused
    y.backward()
    assert unused.grad is None


def test_gradients_of_chosen_inputs_leave_all_grad_attributes_alone() -> None:
    x, w = (tg.Tensor([1.0, 2.0], requires_grad=True) for _ in range(2))
    hidden = x * w
    dx, dhidden = tg.autograd.grad((hidden * hidden).sum(), [x, hidden])
    assert dx is not None
    assert dhidden is not None
    np.testing.assert_array_equal(dx.numpy(), [2.0, 16.0])
    np.testing.assert_array_equal(dhidden.numpy(), [2.0, 8.0])
    assert x.grad is None
    assert w.grad is None


def test_a_result_does_not_depend_on_what_it_was_not_computed_from() -> None:
    x, other = (tg.Tensor([1.0], requires_grad=True) for _ in range(2))
    assert tg.autograd.grad((x * 2).sum(), [other], allow_unused=True) == (None,)
