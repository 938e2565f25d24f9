"""Functions that become complex where real numbers have no result, against NumPy's own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
import tinygrad_edu.ops.emath
import tinygrad_edu.ops.everything

FUNCTIONS = ("sqrt", "log", "log2", "log10", "arccos", "arcsin", "arctanh")
CALLS: dict[str, Any] = {
    "logn": (np.emath.logn, 3.0, [0.5, 2.0]),
    "logn below 0": (np.emath.logn, 3.0, [0.5, -2.0]),
    "power": (np.emath.power, [0.5, 2.0], [2.0, 1.5]),
    "power below 0": (np.emath.power, [0.5, -2.0], [2.0, 1.5]),
    "sort_complex": (lambda x: np.abs(np.sort_complex(x)), [1 + 2j, 3 - 1j, 2 - 2j, 0.5j]),
}
CALLS.update({name: (getattr(np.emath, name), [0.5, 0.2]) for name in FUNCTIONS})
CALLS.update({f"{name} outside": (getattr(np.emath, name), [2.5, -3.0]) for name in FUNCTIONS})


@pytest.mark.parametrize("name", CALLS)
def test_values_and_derivatives_are_right(
    agrees_with_numpy: Callable[..., None], name: str
) -> None:
    function, *inputs = CALLS[name]
    if "sort" in name:  # of complex numbers: there is no single precision to compare with
        assert tg.check_grad(function, *map(np.array, inputs))
    else:
        agrees_with_numpy(function, *inputs)
