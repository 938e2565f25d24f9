"""The gate of the registry notices wrong rules: a part of what ``run.py`` tries.

Of every rule, those mutants that are wrong as a whole: of the wrong sign, twice as large, or
transposed. Of the walk, those that lose what rules cannot look after.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from mutation.equivalent import EQUIVALENT
from mutation.mutants import mutants_of, targets, targets_in_the_walk
from mutation.run import run

import tinygrad_edu as tg

RULES = [pytest.param(each, id=each.where) for each in targets() if each.is_rule]
IN_THE_WALK = [mutant for each in targets_in_the_walk() for mutant in mutants_of(each)]


@pytest.mark.parametrize("target", RULES)
def test_a_rule_that_is_wrong_as_a_whole_is_noticed(target: Any) -> None:
    mutants = list(mutants_of(target, only_whole=True))
    assert mutants
    tally = run(each for each in mutants if str(each) not in EQUIVALENT)
    assert [str(each) for each in tally.survivors] == []


def broadcasting_is_undone() -> None:
    x = tg.Tensor([[1.0], [2.0]], requires_grad=True)
    (x * np.ones((3, 2, 4))).sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [[12.0], [12.0]]


def what_is_used_twice_gets_two_gradients() -> None:
    x = tg.Tensor(3.0, requires_grad=True)
    y = x * x
    (y * y + y).backward()
    assert x.grad is not None
    assert float(x.grad) == 4 * 27 + 6


def gradients_share_no_memory() -> None:
    x, z = (tg.Tensor([1.0, 2.0], requires_grad=True) for _ in range(2))
    (x + z).backward(np.ones(2))
    assert x.grad is not None
    assert z.grad is not None
    assert not np.shares_memory(x.grad.numpy(), z.grad.numpy())


def what_was_overwritten_is_noticed() -> None:
    x = tg.Tensor([1.0, 2.0], requires_grad=True)
    y = x * x
    x.data *= 2
    try:
        y.backward(np.ones(2))
    except RuntimeError:
        return
    raise AssertionError("a value that is gone went into a gradient")


LAWS: dict[str, Callable[[], None]] = {
    "dx.shape != x.shape -> dx.shape == x.shape": broadcasting_is_undone,
    "dx.sum(axis=stretched, keepdims=True) -> dx": broadcasting_is_undone,
    "earlier + dx -> earlier": what_is_used_twice_gets_two_gradients,
    "earlier + dx -> dx": what_is_used_twice_gets_two_gradients,
    "_own(dx) -> dx": gradients_share_no_memory,
    "memory.stamp > serial -> memory.stamp < serial": what_was_overwritten_is_noticed,
}


@pytest.mark.parametrize("change", LAWS)
def test_a_walk_that_loses_something_is_noticed(change: str) -> None:
    (mutant,) = (each for each in IN_THE_WALK if each.change == change)
    LAWS[change]()
    with mutant.applied(), pytest.raises(Exception):  # noqa: B017, PT011  # in whatever way
        LAWS[change]()
