"""Every op of the registry, and its derivative, compiled: the numbers are those of eager."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from samples import calls

import tinygrad_edu as tg
from tinygrad_edu.cases import Case
from tinygrad_edu.op import Op
from tinygrad_edu.program.compiling import compile

CALLS = calls()


def tensors(op: Op, case: Case, seed: int, requires_grad: bool) -> list[tg.Tensor]:
    arrays = case.draw(np.random.default_rng(seed))
    return [tg.Tensor(a, requires_grad=requires_grad and a.dtype.kind in "fc") for a in arrays]


def listed(result: Any) -> list[Any]:
    return [
        np.asarray(each.numpy()) for each in (result if isinstance(result, tuple) else (result,))
    ]


def check_equal(ours: list[Any], theirs: list[Any]) -> None:
    assert len(ours) == len(theirs)
    for a, b in zip(ours, theirs):
        assert a.dtype == b.dtype
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize(("op", "case"), CALLS)
def test_a_compiled_call_gives_what_eager_gives(op: Op, case: Case) -> None:
    def function(*x: Any) -> Any:
        return tg.Tensor.__record__(op, x, case.settings)

    fast = compile(function)
    for seed in (7, 8, 7):  # other numbers of the same shapes, where shapes do not follow from them
        inputs = tensors(op, case, seed, requires_grad=False)
        check_equal(listed(fast(*inputs)), listed(function(*inputs)))


def gradients(op: Op, case: Case, inputs: list[Any]) -> Any:
    """Compute the gradients of a weighted sum of all outputs."""
    leaves = [x.detach().requires_grad_(x.dtype.kind in "fc") for x in inputs]
    result = tg.Tensor.__record__(op, tuple(leaves), case.settings)
    parts = result if isinstance(result, tuple) else (result,)
    generator = np.random.default_rng(11)
    parts = [part for part in parts if part.dtype.kind in "fc"]
    total = sum((part * generator.uniform(0.5, 1.5, part.shape)).sum() for part in parts)
    total = np.real(total)
    if not total.requires_grad:
        return (total,)
    total.backward()
    return (total, *(x.grad for x in leaves if x.grad is not None))


@pytest.mark.parametrize(("op", "case"), CALLS)
def test_a_compiled_derivative_is_the_walked_one(op: Op, case: Case) -> None:
    fast = compile(lambda *inputs: gradients(op, case, list(inputs)))
    for seed in (7, 8):
        inputs = tensors(op, case, seed, requires_grad=False)
        check_equal(listed(fast(*inputs)), listed(gradients(op, case, inputs)))
