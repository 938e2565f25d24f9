"""LSTM and GRU along a sequence as one op each give what the small steps give, to every order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu.nn.functional import recurrent as steps
from tinygrad_edu.ops.recurrent import gru, lstm

Composed = Callable[..., Any]
WAYS = [
    pytest.param(steps.lstm_steps, steps.lstm_step, 4, 2, id="lstm"),
    pytest.param(steps.gru_steps, steps.gru_step, 3, 1, id="gru"),
]


def inputs(gates: int, states: int, bias: bool) -> list[Any]:
    draw = np.random.default_rng(7).normal
    shapes = [(5, 2, 3), *[(2, 4)] * states, (gates * 4, 3), (gates * 4, 4)]
    shapes += [(gates * 4,)] * 2 if bias else []
    return [tg.Tensor(draw(size=shape), requires_grad=True) for shape in shapes]


def run(function: Composed, states: int, given: list[Any]) -> list[Any]:
    x, *rest = given
    state, parameters = tuple(rest[:states]), [*rest[states:], None, None][:4]
    output, last = function(x, state, *parameters)
    return [output, *last]


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize(("whole", "step", "gates", "states"), WAYS)
def test_a_sequence_as_one_op_is_that_of_its_steps(
    whole: Composed, step: Composed, gates: int, states: int, bias: bool
) -> None:

    def composed(x: Any, state: Any, *parameters: Any) -> Any:
        return steps.step_by_step(step, x, state, *parameters)

    def values(function: Composed) -> list[Any]:
        given = inputs(gates, states, bias)
        outputs = run(function, states, given)
        loss = sum((k + 1) * (y * y).sum() for k, y in enumerate(outputs))
        first = tg.autograd.grad(loss, given, create_graph=True)
        second = tg.autograd.grad(sum((g * g).sum() for g in first), given)
        return [value.numpy() for value in (*outputs, *first, *second)]

    for ours, expected in zip(values(whole), values(composed), strict=True):
        np.testing.assert_allclose(ours, expected, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("position", [0, 1])
def test_only_the_outputs_that_are_used_count(position: int) -> None:

    def gradient(of: Composed) -> Any:
        given = inputs(4, 2, bias=True)
        run(of, 2, given)[1 + position].sum().backward()
        return given[0].grad.numpy()

    expected = gradient(lambda *args: steps.step_by_step(steps.lstm_step, *args))
    np.testing.assert_allclose(gradient(steps.lstm_steps), expected, rtol=1e-12)


def test_large_sums_neither_overflow_nor_warn() -> None:
    sums = tg.Tensor([[[1e4, -1e4, 1e4, 1e4]], [[-1e4, 1e4, -1e4, -1e4]]], requires_grad=True)
    zeros = np.zeros((1, 1))
    states, cells, _ = lstm(sums, zeros, zeros, np.ones((4, 1)))
    assert states.ravel().tolist() == [np.tanh(1.0), 0.0]
    assert cells.ravel().tolist() == [1.0, 1.0]
    states.sum().backward()
    assert np.isfinite(sums.grad.numpy()).all()


@pytest.mark.parametrize(
    "call",
    [
        lambda a: lstm(a(2, 3, 8), a(1, 2), a(3, 2), a(8, 2)),
        lambda a: lstm(a(2, 3, 8), a(3, 2), a(1, 2), a(8, 2)),
        lambda a: lstm(a(2, 3, 8), a(3, 2), a(3, 2), a(8, 1)),
        lambda a: lstm(a(0, 3, 8), a(3, 2), a(3, 2), a(8, 2)),
        lambda a: gru(a(2, 3, 8), a(3, 2), a(6, 2), a(6)),
        lambda a: gru(a(3, 6), a(3, 2), a(6, 2), a(6)),
        lambda a: gru(a(2, 3, 6), a(3, 2), a(6, 2), a(1)),
    ],
)
def test_what_does_not_fit_is_refused_and_not_broadcast(call: Callable[..., Any]) -> None:
    with pytest.raises(ValueError, match=r"do not fit together, or there is no step|the bias has"):
        call(lambda *shape: tg.Tensor(np.ones(shape)))
