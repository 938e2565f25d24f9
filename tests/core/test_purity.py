"""Ops are functions: they change nothing that they are given, and answer the same each time.

The law runs over every sample call of every op, forward and backward. Next: ``test_memory.py``.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from samples import real_calls

import tinygrad_edu as tg
from tinygrad_edu.cases import Case
from tinygrad_edu.op import Op

CALLS = real_calls()


def prepare(op: Op, case: Case, generator: np.random.Generator) -> tuple[tg.Tensor, list[Any]]:
    inputs = [
        tg.Tensor(a, requires_grad=True) if a.dtype.kind == "f" else a for a in case.draw(generator)
    ]
    return tg.Tensor.__record__(op, tuple(inputs), dict(case.settings)), inputs


def contents(values: list[Any]) -> list[bytes]:
    return [np.asarray(getattr(value, "_array", value)).tobytes() for value in values]


def walked(y: tg.Tensor, inputs: list[Any], seed: Any) -> list[Any]:
    leaves = [x for x in inputs if isinstance(x, tg.Tensor)]
    return [np.asarray(dx) for dx in tg.autograd.grad(y, leaves, seed, retain_graph=True)]


@pytest.mark.parametrize(("op", "case"), CALLS)
def test_no_op_and_no_rule_changes_what_it_is_given(
    op: Op, case: Case, generator: np.random.Generator
) -> None:
    arrays = case.draw(generator)
    settings = {key: repr(value) for key, value in case.settings.items()}
    before = contents(arrays)
    op.forward(*arrays, **case.settings)
    assert contents(arrays) == before
    y, inputs = prepare(op, case, generator)
    seed = generator.normal(size=y.shape)
    everything = [*inputs, y, seed]
    before = contents(everything)
    walked(y, inputs, seed)
    y.backward(gradient=seed, create_graph=True)
    assert contents(everything) == before
    assert {key: repr(value) for key, value in case.settings.items()} == settings


@pytest.mark.parametrize(("op", "case"), CALLS)
def test_walking_twice_gives_the_same_bits(
    op: Op, case: Case, generator: np.random.Generator
) -> None:
    y, inputs = prepare(op, case, generator)
    seed = generator.normal(size=y.shape)
    for one, other in zip(walked(y, inputs, seed), walked(y, inputs, seed)):
        assert one.tobytes() == other.tobytes()


@pytest.mark.parametrize(("op", "case"), CALLS)
def test_recording_the_walk_gives_the_same_gradients(
    op: Op, case: Case, generator: np.random.Generator
) -> None:
    y, inputs = prepare(op, case, generator)
    seed = generator.normal(size=y.shape)
    leaves = [x for x in inputs if isinstance(x, tg.Tensor)]
    recorded = tg.autograd.grad(y, leaves, seed, create_graph=True)
    for one, other in zip(walked(y, inputs, seed), recorded):
        assert other is not None
        np.testing.assert_allclose(one, other.numpy(), rtol=1e-13, atol=1e-14)


@pytest.mark.parametrize(("op", "case"), CALLS)
def test_gradients_are_linear_in_the_gradient_that_they_start_from(
    op: Op, case: Case, generator: np.random.Generator
) -> None:
    y, inputs = prepare(op, case, generator)
    seed, other = generator.normal(size=(2, *y.shape))
    once = walked(y, inputs, seed)
    for dx, twice in zip(once, walked(y, inputs, 2 * seed)):
        np.testing.assert_array_equal(2 * dx, twice)
    for nothing in walked(y, inputs, np.zeros(y.shape)):
        assert not nothing.any()
    summed = walked(y, inputs, seed + other)
    for dx, more, both in zip(once, walked(y, inputs, other), summed):
        np.testing.assert_allclose(dx + more, both, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize(("op", "case"), CALLS)
def test_an_op_gives_the_same_with_and_without_recording(
    op: Op, case: Case, generator: np.random.Generator
) -> None:
    arrays = case.draw(generator)
    plain = op.forward(*arrays, **case.settings)
    leaves = [tg.Tensor(a, requires_grad=True) if a.dtype.kind == "f" else a for a in arrays]
    recorded = tg.Tensor.__record__(op, tuple(leaves), dict(case.settings))
    with tg.no_grad():
        silent = tg.Tensor.__record__(op, tuple(leaves), dict(case.settings))
    assert recorded.requires_grad
    assert not silent.requires_grad
    assert silent.node is None
    for y in (recorded, silent):
        np.testing.assert_array_equal(y.numpy(), plain)
        assert y.shape == np.shape(plain)


@pytest.mark.parametrize(("op", "case"), CALLS)
def test_the_result_of_an_op_does_not_lie_in_a_leafs_memory(
    op: Op, case: Case, generator: np.random.Generator
) -> None:
    y, inputs = prepare(op, case, generator)
    for x in inputs:
        if isinstance(x, tg.Tensor):
            assert not np.shares_memory(x._array, y._array)
