"""Calls that share a loop compute what they compute one after the other.

The loops are run by Python here, which needs no numba and no time to compile: what is tested is
which calls may share one, and where each element is. ``test_numba.py`` has real ones.
"""

from __future__ import annotations

import numpy as np
import pytest
from compiled_runs import (
    check_equal,
    gradients,
    listed,
    module_gradients,
    run_loops_by_python,
    tensors,
)
from module_samples import MODULES
from samples import calls

from tinygrad_edu.cases import Case
from tinygrad_edu.op import Op
from tinygrad_edu.program.compiling import compile


@pytest.fixture(autouse=True)
def _loops_of_python(monkeypatch: pytest.MonkeyPatch) -> None:
    run_loops_by_python(monkeypatch)


@pytest.mark.parametrize(("op", "case"), calls())
def test_an_op_and_its_derivative(op: Op, case: Case) -> None:
    fast = compile(lambda *inputs: gradients(op, case, list(inputs)), backend="numba")
    with np.errstate(all="ignore"):
        for seed in (7, 8):
            inputs = tensors(op, case, seed, requires_grad=False)
            check_equal(listed(fast(*inputs)), listed(gradients(op, case, inputs)))


@pytest.mark.parametrize("name", MODULES)
def test_a_module_and_its_gradients(name: str) -> None:
    with np.errstate(all="ignore"):
        ours = module_gradients(name, lambda function: compile(function, backend="numba"))
        theirs = module_gradients(name, lambda function: function)
    for a, b in zip(ours, theirs):
        assert len(a) == len(b)
        for mine, other in zip(a, b):
            np.testing.assert_allclose(mine, other, rtol=1e-11, atol=1e-13)
