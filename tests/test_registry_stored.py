"""Every op that PyTorch has, has the values and gradients that PyTorch gave when they were stored.

That they are PyTorch's, and those of all sample calls, is seen to in ``test_registry_torch.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from laws import draw
from torch_parity import largest_error, ours, parity_calls, stored
from torch_table import LESS_EXACT

from tinygrad_edu.cases import Case
from tinygrad_edu.op import Op

CALLS = [
    pytest.param(*parity_calls()[name], expected, id=name) for name, expected in stored().items()
]


@pytest.mark.parametrize(("op", "case", "expected"), CALLS)
def test_values_and_gradients_are_those_that_pytorch_gave(
    op: Op, case: Case, expected: Any, checked: Callable[..., None]
) -> None:
    found = np.concatenate([part.ravel() for part in ours(op, case, draw(case))])
    error = largest_error([found], [expected])
    assert error < (1e-8 if op.name in LESS_EXACT else 1e-10)
    if op.name not in LESS_EXACT:
        checked("stored values of PyTorch", error)
