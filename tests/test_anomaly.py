"""In ``detect_anomaly``, the first NaN or infinity is an error that names op, input and line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import nn
from tinygrad_edu.anomaly import detect_anomaly
from tinygrad_edu.recording import CONTEXT


def leaf(values: Any) -> tg.Tensor:
    return tg.Tensor(values, requires_grad=True, name="x")


def message(function: Callable[[], Any]) -> str:
    with pytest.raises(FloatingPointError) as caught, detect_anomaly():
        function()
    return str(caught.value)


def test_infinity_in_the_forward_pass_names_op_value_and_line() -> None:
    x = leaf([1.0, 0.0])
    text = message(lambda: np.log(x))  # this line
    assert text.startswith("log gave -inf in 1 of 2 elements, first at [1]: where x is 0; ")
    assert "log(x: (2,) float64) was computed at line " in text
    assert text.endswith("test_anomaly.py, `text = message(lambda: np.log(x))  # this line`")


def test_nan_in_the_forward_pass_shows_both_operands() -> None:
    zero = leaf([1.0, 0.0])
    text = message(lambda: zero / np.array([1.0, 0.0]))
    assert text.startswith("divide gave nan in 1 of 2 elements, first at [1]: where a is 0, b is 0")


def test_an_input_that_holds_nan_already_is_named() -> None:
    data = tg.Tensor([[1.0, np.nan]])
    text = message(lambda: data @ leaf([[1.0], [2.0]]))
    assert "matmul gave nan" in text
    assert "its input a was nan in 1 of 2 elements, first at [0, 1] already" in text


def test_an_op_that_is_not_elementwise_is_named_without_values() -> None:
    text = message(lambda: leaf([1e308, 1e308]).sum())
    assert text.startswith("sum gave inf: none of its inputs was; sum(x: (2,) float64")


def test_infinity_in_the_backward_pass_names_the_line_of_the_forward_call() -> None:
    x = leaf([0.0, 4.0])

    def run() -> None:
        y = np.sqrt(x)
        y.sum().backward()

    text = message(run)
    assert text.startswith(
        "the gradient of sqrt for x is inf in 1 of 2 elements, first at [0]: where x is 0, y is 0, "
        "the gradient that came in is 1; sqrt(x: (2,) float64) was computed at line "
    )
    assert text.endswith("`y = np.sqrt(x)`")
    assert x.grad is None


def test_the_trap_of_where_is_explained() -> None:
    """The root is not chosen at 0, so nothing comes back to it: and 0 times infinity is NaN."""
    x = leaf([0.0, 4.0])
    text = message(lambda: np.where(x > 0, np.sqrt(x), 0).sum().backward())
    assert "the gradient of sqrt for x is nan in 1 of 2 elements, first at [0]" in text
    assert "where(x > 0, sqrt(where(x > 0, x, 1)), 0)" in text
    with detect_anomaly():
        np.where(x > 0, np.sqrt(np.where(x > 0, x, 1)), 0).sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [0, 0.25]


def test_the_trap_of_where_gives_nan_where_nobody_watches() -> None:
    x = leaf([0.0, 4.0])
    with np.errstate(divide="ignore", invalid="ignore"):
        np.where(x > 0, np.sqrt(x), 0).sum().backward()
    assert x.grad is not None
    np.testing.assert_array_equal(x.grad.numpy(), [np.nan, 0.25])


def test_a_gradient_to_start_from_that_is_not_finite_is_named() -> None:
    x = leaf([1.0, 2.0])
    text = message(lambda: (x * 2).backward(np.array([np.nan, 1.0])))
    assert "the gradient that came in was nan in 1 of 2 elements, first at [0] already" in text


def test_a_recorded_backward_pass_names_the_line_of_the_forward_call_too() -> None:
    x = leaf([0.0])

    def run() -> None:
        y = np.sqrt(x)
        y.sum().backward(create_graph=True)

    text = message(run)
    assert "the gradient of sqrt for x is inf" in text
    assert text.endswith("`y = np.sqrt(x)`")


def test_a_second_backward_pass_names_the_line_that_started_the_first() -> None:
    x = leaf([1e-110])

    def run() -> None:
        (slope,) = tg.autograd.grad((1 / x).sum(), x, create_graph=True)
        slope.sum().backward()

    text = message(run)
    assert "in the backward pass started at line" in text
    assert "tg.autograd.grad(" in text


def test_results_without_a_history_are_looked_at_too() -> None:
    with tg.no_grad():
        assert "exp gave inf" in message(lambda: np.exp(tg.Tensor([1000.0])))


def test_the_module_in_which_it_happened_is_named() -> None:
    class Inner(nn.Module):
        def forward(self, x: Any) -> Any:
            return np.log(x)

    class Outer(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner = Inner()

        def forward(self, x: Any) -> Any:
            return self.inner(x)

    assert message(lambda: Outer()(leaf([0.0]))).endswith(", within Inner in Outer")


def test_a_call_from_before_the_block_has_no_line() -> None:
    y = np.sqrt(leaf([0.0])).sum()
    assert "before detect_anomaly() was switched on" in message(y.backward)


def test_numbers_pass_and_whole_numbers_and_empty_arrays_too() -> None:
    with detect_anomaly():
        x = leaf([1.0, 2.0])
        (np.exp(x) * np.array([1, 2]) + x[:0].sum()).sum().backward()
        tg.Tensor([1, 2]) * 2
    assert x.grad is not None


def test_outside_the_block_nothing_is_looked_at() -> None:
    x = leaf([0.0])
    with detect_anomaly():
        assert CONTEXT.get().watch is not None
    assert CONTEXT.get().watch is None
    with np.errstate(all="ignore"):
        np.sqrt(x).sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [np.inf]


def test_an_error_in_the_block_ends_it() -> None:
    before = np.geterr()
    with pytest.raises(FloatingPointError), detect_anomaly():
        np.log(leaf([0.0]))
    assert CONTEXT.get().watch is None
    assert np.geterr() == before


def test_blocks_nest_with_each_other_and_with_no_grad() -> None:
    with detect_anomaly():
        with tg.no_grad(), detect_anomaly(), tg.enable_grad():
            assert "log gave -inf" in message(lambda: np.log(leaf([0.0])))
            assert CONTEXT.get().watch is not None
        assert CONTEXT.get().watch is not None
        assert tg.is_grad_enabled()
    assert CONTEXT.get().watch is None


def test_it_decorates_functions() -> None:
    @detect_anomaly()
    def step(value: float) -> Any:
        return np.log(leaf([value]))

    assert step(1.0).tolist() == [0]
    assert step.__name__ == "step"
    for _ in range(2):
        with pytest.raises(FloatingPointError, match="log gave -inf"):
            step(0.0)
    assert CONTEXT.get().watch is None


def test_it_refuses_to_decorate_what_runs_later() -> None:
    def steps() -> Iterator[int]:
        yield 1

    async def step() -> None: ...

    for function in (steps, step):
        with pytest.raises(TypeError, match="with detect_anomaly"):
            detect_anomaly()(function)
