"""Every element of one array with every element of another."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg

CALLS: dict[str, tuple[Any, ...]] = {
    "vander(x)": (
        lambda x: np.vander(x),
        (3,),
    ),
    "vander(x, 4, True)": (
        lambda x: np.vander(x, 4, True),
        (3,),
    ),
    "vander(x, 2)": (
        lambda x: np.vander(x, 2),
        (3,),
    ),
    "kron(x, y) of (2, 2) and (2, 3)": (
        lambda x, y: np.kron(x, y),
        (2, 2),
        (2, 3),
    ),
    "kron(x, y) of (2,) and (2, 3)": (
        lambda x, y: np.kron(x, y),
        (2,),
        (2, 3),
    ),
    "kron(x, y) of (2, 1, 2) and (3,)": (
        lambda x, y: np.kron(x, y),
        (2, 1, 2),
        (3,),
    ),
    "kron(x, y) of () and (3,)": (
        lambda x, y: np.kron(x, y),
        (),
        (3,),
    ),
    "outer(x, y)": (
        lambda x, y: np.outer(x, y),
        (2, 2),
        (3,),
    ),
    "outer(x, [1, 2])": (
        lambda x: np.outer(x, [1, 2]),
        (2,),
    ),
    "meshgrid(x, y)": (
        lambda x, y: np.meshgrid(x, y),
        (2,),
        (3,),
    ),
    "meshgrid(x, y, z, indexing='ij')": (
        lambda x, y, z: np.meshgrid(x, y, z, indexing="ij"),
        (2,),
        (3,),
        (1,),
    ),
    "meshgrid(x, y, sparse=True)": (
        lambda x, y: np.meshgrid(x, y, sparse=True),
        (2,),
        (3,),
    ),
    "meshgrid(x)": (
        lambda x: np.meshgrid(x),
        (2,),
    ),
    "ix_(x, y)": (
        lambda x, y: np.ix_(x, y),
        (2,),
        (3,),
    ),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
def test_values_dtypes_and_derivatives_are_right(
    agrees_with_numpy: Callable[..., None], call: tuple[Any, ...]
) -> None:
    agrees_with_numpy(*call)


def test_a_power_of_zero_in_a_table_of_powers_spoils_nothing() -> None:
    x = tg.Tensor([0.0, 2.0], requires_grad=True)
    np.vander(x, 3, increasing=True).sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [1.0, 5.0]


def test_masks_become_the_places_where_they_hold() -> None:
    x = tg.Tensor([1.0, 2.0], requires_grad=True)
    places = np.ix_(x, [True, False, True])[1]
    assert places.tolist() == [[0, 2]]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda x: np.vander(x[None]), ValueError, "vector"),
        (lambda x: np.meshgrid(x, x, indexing="yx"), ValueError, "indexing"),
        (lambda x: np.ix_(x[None]), ValueError, "sequences"),
        (lambda x: np.outer(x, x, out=np.zeros((2, 2))), TypeError, "out="),
    ],
)
def test_what_makes_no_sense_is_refused(call: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call(tg.Tensor([1.0, 2.0], requires_grad=True))
