"""Padding in every mode of NumPy's, as wide as one likes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg

MODES: list[tuple[str, dict[str, Any]]] = [
    ("constant", {}),
    ("constant", {"constant_values": 3.0}),
    ("constant", {"constant_values": ((1.0, 2.0), (3.0, 4.0))}),
    ("edge", {}),
    ("wrap", {}),
    ("reflect", {}),
    ("symmetric", {}),
    ("reflect", {"reflect_type": "odd"}),
    ("symmetric", {"reflect_type": "odd"}),
    ("linear_ramp", {}),
    ("linear_ramp", {"end_values": (2.0, -1.0)}),
    ("maximum", {}),
    ("mean", {}),
    ("median", {}),
    ("minimum", {"stat_length": 2}),
    ("mean", {"stat_length": ((1, 2), (2, 1))}),
    ("median", {"stat_length": (2, 3)}),
]
WIDTHS: list[Any] = [1, (2, 1), ((1, 2), (0, 3)), ((0, 0), (9, 7)), ((2,), (1,)), 0]


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(("mode", "settings"), MODES)
def test_values_dtypes_and_derivatives_are_right(
    agrees_with_numpy: Callable[..., None], mode: Any, settings: dict[str, Any], width: Any
) -> None:
    agrees_with_numpy(lambda x: np.pad(x, width, mode, **settings), (2, 3))


@pytest.mark.parametrize("reflect_type", ["even", "odd"])
@pytest.mark.parametrize("mode", ["reflect", "symmetric", "wrap", "edge"])
@pytest.mark.parametrize("count", [1, 2, 3])
def test_reflections_go_on_and_on(
    agrees_with_numpy: Callable[..., None], mode: Any, reflect_type: Any, count: int
) -> None:
    settings = {"reflect_type": reflect_type} if mode in ("reflect", "symmetric") else {}
    agrees_with_numpy(lambda x: np.pad(x, (7, 11), mode, **settings), (count,))


def test_gradients_flow_into_what_is_put_around() -> None:
    around = tg.Tensor(2.0, requires_grad=True)
    y = np.pad(tg.Tensor(np.ones((2, 2)), requires_grad=True), 1, constant_values=around)
    y.sum().backward()
    assert around.grad is not None
    assert around.grad.item() == 12.0


@pytest.mark.skipif(not np.lib.NumpyVersion(np.__version__) >= "2.4.0", reason="since NumPy 2.4")
def test_widths_may_be_given_by_axis(agrees_with_numpy: Callable[..., None]) -> None:
    width: Any = {-1: (1, 2)}
    agrees_with_numpy(lambda x: np.pad(x, width), (2, 3))


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda x: np.pad(x, -1), ValueError, "negative"),
        (lambda x: np.pad(x, 1, "mirror"), ValueError, "mirror"),
        (lambda x: np.pad(x, 1, "edge", constant_values=1), ValueError, "constant_values"),
        (lambda x: np.pad(x, 1, lambda *a: None), TypeError, "mode="),
        (lambda x: np.pad(x, 1, "reflect", reflect_type="both"), ValueError, "both"),
        (lambda x: np.pad(x[:0], 1, "edge"), ValueError, "nothing to pad with"),
    ],
)
def test_what_makes_no_sense_is_refused(call: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call(tg.Tensor(np.ones((2, 3)), requires_grad=True))
