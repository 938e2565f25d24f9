"""Functions that are constant between their jumps: NumPy's values, and no history."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg

X = [-1.5, 0.25, 2.5, 0.25]
CALLS: dict[str, Any] = {
    "round": np.round,
    "around(x, 1)": lambda x: np.around(x, 1),
    "round(decimals=1)": lambda x: np.round(x, decimals=1),
    "rint": np.rint,
    "floor": np.floor,
    "ceil": np.ceil,
    "trunc": np.trunc,
    "floor_divide(x, 0.5)": lambda x: np.floor_divide(x, 0.5),
    "floor_divide(7, x)": lambda x: np.floor_divide(7.0, x),
    "spacing": np.spacing,
    "sign": np.sign,
    "isposinf": np.isposinf,
    "isreal": np.isreal,
    "isin": lambda x: np.isin(x, [0.25]),
    "argsort": np.argsort,
    "argpartition": lambda x: np.argpartition(x, 1),
    "lexsort": lambda x: np.lexsort((x, x)),
    "flatnonzero": lambda x: np.flatnonzero(x > 0),
    "argwhere": np.argwhere,
    "searchsorted": lambda x: np.searchsorted(np.arange(3.0), x),
    "digitize": lambda x: np.digitize(x, np.arange(3.0)),
    "nanargmax": np.nanargmax,
    "nanargmin": np.nanargmin,
    "array_equiv": lambda x: np.array_equiv(x, x),
}


@pytest.mark.parametrize("name", CALLS)
def test_values_are_numpys_and_there_is_no_history(name: str) -> None:
    x = tg.Tensor(X, requires_grad=True)
    y = CALLS[name](x)
    np.testing.assert_array_equal(np.asarray(y), CALLS[name](np.array(X)))
    assert not getattr(y, "requires_grad", False)


def test_a_gradient_passes_by_rounding_if_it_is_added_as_a_constant() -> None:
    """As the documentation of the module says."""
    x = tg.Tensor([0.4, 1.7], requires_grad=True)
    y = x + (np.round(x) - x).detach()
    np.testing.assert_allclose(y.numpy(), [0.0, 2.0], atol=1e-15)
    (y * [3.0, 4.0]).sum().backward()
    assert x.grad.tolist() == [3.0, 4.0]


def test_results_of_whole_numbers_take_part_in_further_computation() -> None:
    x = tg.Tensor([1.0, 2.0], requires_grad=True)
    (x * np.floor(x + 0.5)).sum().backward()
    assert x.grad.tolist() == [1.0, 2.0]
