"""Every op that PyTorch has, has PyTorch's values and gradients, real and complex.

The functions of PyTorch are in ``torch_table.py``; a new op gets a line there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch_parity
from laws import draw, draw_complex, takes
from samples import OPS
from torch_parity import largest_error, ours, parity_calls, theirs
from torch_table import LESS_EXACT, NOT_COMPLEX, NOT_IN_TORCH, TORCH, UNLIKE

from tinygrad_edu.cases import Case
from tinygrad_edu.op import Op

torch = pytest.importorskip("torch", reason="PyTorch is not installed")

COMPLEX_CALLS = [
    pytest.param(op, case, id=name)
    for name, (op, case) in parity_calls().items()
    if op.name not in NOT_COMPLEX and takes(op, draw_complex(case), case)
]
CALLS = [pytest.param(*each, id=name) for name, each in parity_calls().items()]


@pytest.mark.parametrize("name", OPS)
def test_every_op_is_compared_or_has_a_reason_why_not(name: str) -> None:
    assert (name in TORCH) != (name in NOT_IN_TORCH), (
        f"tests/torch_table.py: give {name} a line in TORCH, or the reason for none in NOT_IN_TORCH"
    )


def test_the_tables_name_no_op_that_is_gone() -> None:
    assert {*TORCH, *NOT_IN_TORCH, *LESS_EXACT, *NOT_COMPLEX} <= set(OPS)
    assert {name.rpartition("-")[0] for name in UNLIKE} <= set(OPS)


@pytest.mark.parametrize(("op", "case"), CALLS)
def test_values_and_gradients_are_pytorchs(
    op: Op, case: Case, checked: Callable[..., None]
) -> None:
    arrays = draw(case)
    error = largest_error(ours(op, case, arrays), theirs(op, case, arrays))
    assert error < (1e-8 if op.name in LESS_EXACT else 1e-10)
    if op.name not in LESS_EXACT:
        checked("PyTorch", error)


@pytest.mark.parametrize(("op", "case"), COMPLEX_CALLS)
def test_gradients_are_the_conjugates_of_pytorchs_where_they_are_complex(
    op: Op, case: Case, checked: Callable[..., None]
) -> None:
    arrays = draw_complex(case)
    error = largest_error(ours(op, case, arrays), theirs(op, case, arrays))
    assert error < 1e-10
    checked("PyTorch", error)


@pytest.mark.parametrize(("op", "case"), CALLS)
def test_stored_values_are_pytorchs(op: Op, case: Case, request: Any, stored: Any) -> None:
    row = stored.get(request.node.callspec.id)
    assert row is not None, "what is stored is out of date; run `python tests/torch_parity.py`"
    expected = np.concatenate([part.ravel() for part in theirs(op, case, draw(case))])
    assert largest_error([row], [expected]) < 1e-10


@pytest.fixture(scope="module")
def stored() -> dict[str, Any]:
    return torch_parity.stored()
