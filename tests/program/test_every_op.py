"""Every op of the registry can be printed, and what is printed computes what eager does."""

from __future__ import annotations

import ast
from typing import Any

import numpy as np
import pytest
from samples import calls

import tinygrad_edu as tg
from tinygrad_edu.cases import Case
from tinygrad_edu.op import Op
from tinygrad_edu.program import derive, trace
from tinygrad_edu.program.execute import compiled
from tinygrad_edu.program.numpy_text import printed

CALLS = calls()
DEPENDING_ON_MEMORY = {"eig"}  # some of NumPy's versions round complex products by their layout


def weighted(y: Any) -> Any:
    parts = [part for part in (y if isinstance(y, tuple) else (y,)) if part.dtype.kind in "fc"]
    generator = np.random.default_rng(11)
    total = sum((part * generator.uniform(0.5, 1.5, part.shape)).sum() for part in parts)
    return np.real(total)


def leaves(op: Op, case: Case, seed: int) -> list[tg.Tensor]:
    arrays = case.draw(np.random.default_rng(seed))
    return [tg.Tensor(a, requires_grad=a.dtype.kind in "fc") for a in arrays]


def loss(op: Op, case: Case, inputs: list[tg.Tensor]) -> Any:
    return weighted(tg.Tensor.__record__(op, tuple(inputs), case.settings))


@pytest.mark.parametrize(("op", "case"), CALLS)
def test_the_printed_derivative_is_the_walked_one(op: Op, case: Case) -> None:
    derivation = derive(loss(op, case, leaves(op, case, 7)))
    report = derivation.check()
    assert report.exact or not derivation.program.exact or op.name in DEPENDING_ON_MEMORY
    modules = [node for node in ast.walk(ast.parse(derivation.numpy())) if is_import(node)]
    assert [alias.name for node in modules for alias in node.names] == ["numpy"]


def is_import(node: ast.AST) -> bool:
    return isinstance(node, (ast.Import, ast.ImportFrom))


@pytest.mark.parametrize(("op", "case"), CALLS)
def test_the_printed_derivative_is_right_for_other_numbers(op: Op, case: Case) -> None:
    """Nothing of the recorded run's numbers is in the program, but where it says so."""
    derivation = derive(loss(op, case, leaves(op, case, 7)))
    others = leaves(op, case, 8)
    loss(op, case, others).backward()
    arrays = dict(derivation.inputs)
    recorded = [each.numpy() for each in leaves(op, case, 7)]
    for name, array in arrays.items():
        for before, other in zip(recorded, others):
            if array.shape == before.shape and np.array_equal(array, before):
                arrays[name] = other.numpy()
    try:
        found = compiled(derivation.numpy(), "backprop")(*arrays.values())
    except AssertionError:  # the program says that it is another one for these numbers
        assert derivation.program.guards
        return
    expected = [x.grad.numpy() for x in others if x.grad is not None]
    for ours, theirs in zip(found[1:], expected):
        np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize(("op", "case"), CALLS)
def test_a_traced_call_is_the_program_of_that_call(op: Op, case: Case) -> None:
    inputs = [tg.Tensor(x.numpy()) for x in leaves(op, case, 7)]
    program = trace(lambda *x: tg.Tensor.__record__(op, x, case.settings))(*inputs)
    plain = op.forward(*[x.numpy() for x in inputs], **case.settings)
    expected = plain if isinstance(plain, tuple) else (plain,)
    text = printed(program)
    result = compiled(text.text, "program")(*text.parameters.values())
    result = result if isinstance(result, tuple) else (result,)
    for ours, run, theirs in zip(result, program.run(), expected):
        np.testing.assert_array_equal(ours, theirs)
        np.testing.assert_array_equal(run, np.asarray(theirs), strict=True)
