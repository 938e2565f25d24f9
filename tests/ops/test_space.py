"""Numbers at equal steps and at equal ratios between Tensors, against NumPy's own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
import tinygrad_edu.ops.everything
import tinygrad_edu.ops.space

CALLS: dict[str, Any] = {
    "linspace": (lambda a, b: np.linspace(a, b, 5), 0.3, 2.0),
    "linspace of arrays": (lambda a, b: np.linspace(a, b, 4), (3,), (2, 3)),
    "linspace(endpoint=False)": (lambda a, b: np.linspace(a, b, 4, endpoint=False), (3,), (3,)),
    "linspace(num=1)": (lambda a: np.linspace(a, 3.0, 1), 0.3),
    "linspace(num=0)": (lambda a, b: np.linspace(a, b, 0), (2,), ()),
    "linspace(axis=-1)": (lambda a: np.linspace(a, 2, 3, axis=-1), (3,)),
    "linspace from a number": (lambda b: np.linspace(0, b, 11), 0.7),
    "linspace down": (lambda a, b: np.linspace(a, b, 5), 0.3, -2.0),
    "logspace": (lambda a, b: np.logspace(a, b, 4), 0.3, 1.0),
    "logspace(base=2)": (lambda a, b: np.logspace(a, b, 4, base=2.0, axis=1), (2,), (2,)),
    "logspace(base=Tensor)": (lambda a, b, c: np.logspace(a, b, 3, base=c), 0.3, 1.0, 3.0),
    "logspace of bases": (lambda c: np.logspace(1, 2, 3, base=c), [3.0, 2.0]),
    "geomspace": (lambda a, b: np.geomspace(a, b, 4), 0.3, 2.0),
    "geomspace below 0": (lambda a, b: np.geomspace(a, b, 3, axis=-1), [-0.3, 1], [-3.0, 4]),
    "geomspace(endpoint=False)": (lambda a: np.geomspace(a, 8.0, 3, endpoint=False), 0.5),
}


@pytest.mark.parametrize("name", CALLS)
def test_values_and_derivatives_are_right(
    agrees_with_numpy: Callable[..., None], name: str
) -> None:
    function, *inputs = CALLS[name]
    agrees_with_numpy(function, *inputs)


def test_both_ends_are_exact() -> None:
    a, b = 0.1, 0.7
    x = np.linspace(tg.Tensor(a, requires_grad=True), b, 13)
    assert (x.numpy()[0], x.numpy()[-1]) == (a, b)


def test_the_step_is_returned_on_demand_with_its_history() -> None:
    a, b = (tg.Tensor(value, requires_grad=True) for value in (1.0, 3.0))
    _, step = np.linspace(a, b, 5, retstep=True)
    step.backward()
    assert (step.item(), a.grad.item(), b.grad.item()) == (0.5, -0.25, 0.25)


def test_whole_numbers_have_no_history() -> None:
    y = np.linspace(tg.Tensor(0.5, requires_grad=True), 9.9, 4, dtype=int)
    assert y.tolist() == np.linspace(0.5, 9.9, 4, dtype=int).tolist()
    assert not y.requires_grad


def test_what_cannot_be_is_refused() -> None:
    x = tg.Tensor(1.0, requires_grad=True)
    with pytest.raises(ValueError, match="negative"):
        np.linspace(x, 2.0, -1)
    with pytest.raises(ValueError, match="never comes to 0"):
        np.geomspace(x, 0.0, 3)
