"""What an op does inside is written down only where nothing can go wrong by it."""

from __future__ import annotations

import warnings
from itertools import count
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu.program.compiling import compile

CALLS = count()


@tg.differentiable(x=lambda dy, y, x: dy)
def counted(x: Any) -> Any:
    """An op of a user's that does more than compute."""
    return x + next(CALLS)


def test_an_op_of_a_users_is_called_at_every_call() -> None:
    fast, x = compile(lambda x: counted(x) * 2), tg.Tensor([1.0, 2.0])
    results = [fast(x).numpy() for _ in range(3)]
    np.testing.assert_array_equal(results[2] - results[1], [2.0, 2.0])


def test_what_is_written_down_is_numpys_own_calls() -> None:
    fast = compile(tg.special.softmax)
    fast(tg.Tensor(np.ones((3, 4))))
    lines = fast.source.splitlines()
    assert any("maximum_reduce(x1, -1, None, " in line for line in lines)
    assert any("exp(" in line for line in lines)


@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("function", [tg.special.softmax, tg.special.log_softmax])
def test_a_row_that_is_not_finite_spoils_no_other(function: Any, axis: int) -> None:
    usual = np.random.default_rng(0).normal(size=(4, 4))
    fast = compile(lambda x: function(x, axis=axis))
    for value in (0.0, np.inf, -np.inf, np.nan, 0.0):
        x = usual.copy()
        x[1, 1] = value
        x[2] = -np.inf
        expected = function(tg.Tensor(x), axis=axis).numpy()
        np.testing.assert_array_equal(fast(tg.Tensor(x)).numpy(), expected)


def test_an_op_is_as_quiet_as_in_eager_and_the_rest_is_not() -> None:
    fast = compile(lambda x: np.log(tg.special.softmax(x)))
    x = tg.Tensor([np.inf, 1.0, -np.inf])
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        fast.function(x)
        eager = [str(each.message) for each in seen]
    fast(tg.Tensor([1.0, 2.0, 3.0]))
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        fast(x)
        assert [str(each.message) for each in seen] == eager
    assert eager == ["divide by zero encountered in log"]


def test_every_draw_is_another_one() -> None:
    model = tg.nn.Dropout(0.5)
    fast, x = compile(model), tg.Tensor(np.ones((50, 50)))
    tg.manual_seed(3)
    ours = [fast(x).numpy() for _ in range(3)]
    tg.manual_seed(3)
    theirs = [model(x).numpy() for _ in range(3)]
    np.testing.assert_array_equal(ours, theirs)
    assert not np.array_equal(ours[0], ours[1])
