"""Running sums and products, differences, slopes and areas."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg

CALLS: dict[str, tuple[Any, ...]] = {
    "cumsum(x)": (
        lambda x: np.cumsum(x),
        (2, 3, 4),
    ),
    "cumsum(x, 0)": (
        lambda x: np.cumsum(x, 0),
        (2, 3, 4),
    ),
    "cumsum(x, axis=-1)": (
        lambda x: np.cumsum(x, axis=-1),
        (2, 3, 4),
    ),
    "x.cumsum(1)": (
        lambda x: x.cumsum(1),
        (2, 3),
    ),
    "cumprod(x)": (
        lambda x: np.cumprod(x),
        (2, 3, 4),
    ),
    "cumprod(x, 0)": (
        lambda x: np.cumprod(x, 0),
        (2, 3, 4),
    ),
    "cumprod(x, axis=-1)": (
        lambda x: np.cumprod(x, axis=-1),
        (2, 3, 4),
    ),
    "x.cumprod(1)": (
        lambda x: x.cumprod(1),
        (2, 3),
    ),
    "cumsum(sum(x))": (
        lambda x: np.cumsum(np.sum(x)),
        (3,),
    ),
    "diff(x)": (
        lambda x: np.diff(x),
        (2, 5),
    ),
    "diff(x, 2)": (
        lambda x: np.diff(x, 2),
        (2, 5),
    ),
    "diff(x, 0)": (
        lambda x: np.diff(x, 0),
        (2, 5),
    ),
    "diff(x, n=3, axis=0)": (
        lambda x: np.diff(x, n=3, axis=0),
        (5, 2),
    ),
    "diff(x, axis=0, prepend=y, append=0.0)": (
        lambda x, y: np.diff(x, axis=0, prepend=y, append=0.0),
        (2, 5),
        (1, 5),
    ),
    "diff(x, prepend=1.0)": (
        lambda x: np.diff(x, prepend=1.0),
        (4,),
    ),
    "ediff1d(x)": (
        lambda x: np.ediff1d(x),
        (2, 3),
    ),
    "ediff1d(x, y, [1.0, 2.0])": (
        lambda x, y: np.ediff1d(x, y, [1.0, 2.0]),
        (2, 3),
        (2,),
    ),
    "trapezoid(x)": (
        lambda x: np.trapezoid(x),
        (2, 3, 4),
    ),
    "trapezoid(x, y)": (
        lambda x, y: np.trapezoid(x, y),
        (2, 4),
        (4,),
    ),
    "trapezoid(x, y, axis=0)": (
        lambda x, y: np.trapezoid(x, y, axis=0),
        (4, 2),
        (4,),
    ),
    "trapezoid(x, y, 1.0, 0)": (
        lambda x, y: np.trapezoid(x, y, 1.0, 0),
        (4, 2),
        (4, 2),
    ),
    "trapezoid(x, dx=0.5, axis=0)": (
        lambda x: np.trapezoid(x, dx=0.5, axis=0),
        (4, 2),
    ),
    "gradient(x)": (
        lambda x: np.gradient(x),
        (5,),
    ),
    "gradient(x, cumsum(exp(y)))": (
        lambda x, y: np.gradient(x, np.cumsum(np.exp(y))),
        (5,),
        (5,),
    ),
    "gradient(x, 2.0)": (
        lambda x: np.gradient(x, 2.0),
        (3, 4),
    ),
    "gradient(x, 2.0, 0.5)": (
        lambda x: np.gradient(x, 2.0, 0.5),
        (3, 4),
    ),
    "gradient(x, axis=-1)": (
        lambda x: np.gradient(x, axis=-1),
        (3, 4),
    ),
    "gradient(x, cumsum(exp(y)), z)": (
        lambda x, y, z: np.gradient(x, np.cumsum(np.exp(y)), z),
        (4, 3),
        (4,),
        0.7,
    ),
    "gradient(x, 2.0, axis=(1, 0))": (
        lambda x: np.gradient(x, 2.0, axis=(1, 0)),
        (3, 4),
    ),
    "gradient(x, edge_order=2)": (
        lambda x: np.gradient(x, edge_order=2),
        (5,),
    ),
    "gradient(x, cumsum(exp(y)), edge_order=2)": (
        lambda x, y: np.gradient(x, np.cumsum(np.exp(y)), edge_order=2),
        (5,),
        (5,),
    ),
    "gradient(x, 2.0, edge_order=2)": (
        lambda x: np.gradient(x, 2.0, edge_order=2),
        (3, 4),
    ),
    "gradient(x, 2.0, 0.5, edge_order=2)": (
        lambda x: np.gradient(x, 2.0, 0.5, edge_order=2),
        (3, 4),
    ),
    "gradient(x, axis=-1, edge_order=2)": (
        lambda x: np.gradient(x, axis=-1, edge_order=2),
        (3, 4),
    ),
    "gradient(x, cumsum(exp(y)), z, edge_order=2)": (
        lambda x, y, z: np.gradient(x, np.cumsum(np.exp(y)), z, edge_order=2),
        (4, 3),
        (4,),
        0.7,
    ),
    "gradient(x, 2.0, axis=(1, 0), edge_order=2)": (
        lambda x: np.gradient(x, 2.0, axis=(1, 0), edge_order=2),
        (3, 4),
    ),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
def test_values_dtypes_and_derivatives_are_right(
    agrees_with_numpy: Callable[..., None], call: tuple[Any, ...]
) -> None:
    agrees_with_numpy(*call)


@pytest.mark.skipif(not hasattr(np, "cumulative_sum"), reason="new in NumPy 2.1")
@pytest.mark.parametrize("name", ["cumulative_sum", "cumulative_prod"])
@pytest.mark.parametrize("include_initial", [False, True])
def test_the_array_apis_names_are_the_same_functions(
    agrees_with_numpy: Callable[..., None], name: str, include_initial: bool
) -> None:
    run = getattr(np, name)
    agrees_with_numpy(lambda x: run(x, include_initial=include_initial), (4,))
    agrees_with_numpy(lambda x: run(x, axis=1, include_initial=include_initial), (2, 3))
    with pytest.raises(ValueError, match="axis="):
        run(tg.Tensor(np.ones((2, 3)), requires_grad=True))


@pytest.mark.parametrize("zeros", [[0], [1, 3], [0, 1, 2, 3, 4, 5, 6]])
def test_zeros_do_no_harm_to_running_products(zeros: list[int]) -> None:
    values = np.arange(1.0, 8)
    values[zeros] = 0
    assert tg.check_grad(np.cumprod, values)


def test_a_long_running_product_is_right_to_the_last_digits() -> None:
    x = tg.Tensor(np.exp(np.random.default_rng(0).normal(size=1000) / 50), requires_grad=True)
    y = np.cumprod(x)
    y.sum().backward()
    assert x.grad is not None
    behind = np.cumsum(y.numpy()[::-1])[::-1]
    np.testing.assert_allclose(x.grad.numpy(), behind / x.numpy(), rtol=1e-12)


def test_the_old_name_of_the_area_is_kept_while_numpy_keeps_it() -> None:
    from tinygrad_edu.dispatch import NUMPY

    assert np.trapezoid in NUMPY
    assert "trapz" not in np.__all__ or np.trapz in NUMPY  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda x: np.diff(x, -1), ValueError, "order"),
        (lambda x: np.diff(np.sum(x)), ValueError, "axis"),
        (lambda x: np.gradient(x[:1]), ValueError, "more than 1 points"),
        (lambda x: np.gradient(x[:2], edge_order=2), ValueError, "more than 2 points"),
        (lambda x: np.gradient(x, edge_order=3), ValueError, "edge_order"),
        (lambda x: np.gradient(x, 1.0, 2.0), TypeError, "spacing"),
        (lambda x: np.gradient(x, [1.0, 2.0]), ValueError, r"\(2,\)"),
        (lambda x: np.cumsum(x, out=np.zeros(4)), TypeError, "out="),
    ],
)
def test_what_makes_no_sense_is_refused(call: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call(tg.Tensor(np.arange(4.0), requires_grad=True))
