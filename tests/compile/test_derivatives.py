"""Functions that differentiate others, compiled and traced: the rules' own work is taken down."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu.program import trace
from tinygrad_edu.program.compiling import compile


def loss(w: Any) -> Any:
    return (np.sin(w * w) * w).sum()


def along(w: Any) -> Any:
    return np.tanh(w) * w[0]


def of_leaves(w: Any) -> Any:
    w = w.detach().requires_grad_()
    return tg.autograd.grad(loss(w), w)


FUNCTIONS: dict[str, Any] = {
    "grad": lambda w: tg.grad(loss)(w),
    "value_and_grad": lambda w: tg.value_and_grad(loss)(w),
    "hessian": lambda w: tg.hessian(loss)(w),
    "jacobian": lambda w: tg.jacobian(along)(w),
    "jvp": lambda w: tg.jvp(along, (w,), (w * 2,)),
    "vjp": lambda w: tg.vjp(along, w)[1](w),
    "autograd": of_leaves,
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_derivative_is_computed_anew(name: str) -> None:
    function, first = FUNCTIONS[name], tg.Tensor([0.1, -0.2, 0.3])
    compiled, program = compile(function), trace(function)(first)
    for x in (first, tg.Tensor([1.0, 0.5, -2.0])):
        expected = function(x)
        expected = expected if isinstance(expected, tuple) else (expected,)
        found = compiled(x)
        found = found if isinstance(found, tuple) else (found,)
        run = program.run({program.inputs[0]: x.numpy()})
        for ours, traced, theirs in zip(found, run, expected, strict=True):
            np.testing.assert_allclose(ours.numpy(), theirs.numpy(), rtol=1e-12)
            np.testing.assert_allclose(traced, theirs.numpy(), rtol=1e-12)
