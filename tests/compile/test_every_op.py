"""Every op of the registry, and its derivative, compiled: the numbers are those of eager."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from compiled_runs import check_equal, gradients, listed, tensors
from samples import calls

import tinygrad_edu as tg
from tinygrad_edu.cases import Case
from tinygrad_edu.op import Op
from tinygrad_edu.program.compiling import compile

CALLS = calls()


@pytest.mark.parametrize(("op", "case"), CALLS)
def test_a_compiled_call_gives_what_eager_gives(op: Op, case: Case) -> None:
    def function(*x: Any) -> Any:
        return tg.Tensor.__record__(op, x, case.settings)

    fast = compile(function)
    for seed in (7, 8, 7):  # other numbers of the same shapes, where shapes do not follow from them
        inputs = tensors(op, case, seed, requires_grad=False)
        check_equal(listed(fast(*inputs)), listed(function(*inputs)))


def spoilt(x: tg.Tensor) -> tg.Tensor:
    """Put what is not finite among the numbers."""
    values = x.numpy().copy()
    row = values.reshape(-1)
    if values.dtype.kind == "f" and row.size:
        row[0], row[-1], row[row.size // 2] = -np.inf, np.nan, np.inf
    return tg.Tensor(values)


LAPACK = ("decompose", "determinant", "eigen", "solve", "linalg", "norm")
"""Files of ops that hand arrays to LAPACK, which may not come back from what is not finite."""

WITHOUT_LAPACK = [
    each
    for each in CALLS
    if not any(part in str(each.values[0].forward.__module__) for part in LAPACK)
]


@pytest.mark.parametrize(("op", "case"), WITHOUT_LAPACK)
def test_what_is_not_finite_goes_where_it_goes_in_eager(op: Op, case: Case) -> None:
    def function(*x: Any) -> Any:
        return tg.Tensor.__record__(op, x, case.settings)

    usual = tensors(op, case, 7, requires_grad=False)
    fast, inputs = compile(function), list(map(spoilt, usual))
    fast(*usual)
    with np.errstate(all="ignore"):
        try:
            expected = listed(function(*inputs))
        except (ValueError, np.linalg.LinAlgError) as error:
            with pytest.raises(type(error)):
                fast(*inputs)
        else:
            check_equal(listed(fast(*inputs)), expected)


@pytest.mark.parametrize(("op", "case"), CALLS)
def test_a_compiled_derivative_is_the_walked_one(op: Op, case: Case) -> None:
    fast = compile(lambda *inputs: gradients(op, case, list(inputs)))
    for seed in (7, 8):
        inputs = tensors(op, case, seed, requires_grad=False)
        check_equal(listed(fast(*inputs)), listed(gradients(op, case, inputs)))
