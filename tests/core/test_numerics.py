"""At the edges of the number line: zero, huge arguments, and what NumPy would warn of.

Warnings are errors here, so a test that expects none needs no line for it. Next:
``test_layouts.py``.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg


def gradient(function: Any, *values: Any) -> list[Any]:
    leaves = [tg.Tensor(value, requires_grad=True) for value in values]
    function(*leaves).sum().backward()
    return [None if leaf.grad is None else leaf.grad.tolist() for leaf in leaves]


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_sigmoid_of_huge_arguments_is_flat(dtype: str) -> None:
    x = tg.Tensor([-1000.0, 1000.0], requires_grad=True, dtype=dtype)
    y = tg.sigmoid(x)
    y.sum().backward()
    assert y.tolist() == [0.0, 1.0]
    assert x.grad is not None
    assert x.grad.tolist() == [0.0, 0.0]
    assert y.dtype == x.grad.dtype == dtype


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_tanh_of_huge_arguments_is_flat(dtype: str) -> None:
    x = tg.Tensor([-1000.0, 1000.0], requires_grad=True, dtype=dtype)
    y = np.tanh(x)
    y.sum().backward()
    assert y.tolist() == [-1.0, 1.0]
    assert x.grad is not None
    assert x.grad.tolist() == [0.0, 0.0]


def test_sigmoid_of_small_unsigned_integers_is_that_of_the_numbers() -> None:
    y = tg.sigmoid(tg.Tensor(np.array([0, 1], np.uint8)))
    np.testing.assert_allclose(y.numpy(), [0.5, 1 / (1 + np.exp(-1))], rtol=1e-3)


def test_exp_of_very_negative_arguments_is_zero_and_flat() -> None:
    assert gradient(np.exp, [-1000.0]) == [[0.0]]


def test_overflow_is_reported_as_numpy_reports_it() -> None:
    with pytest.raises(RuntimeWarning, match="overflow"):
        np.exp(tg.Tensor([1000.0], requires_grad=True))
    with pytest.raises(RuntimeWarning, match="divide by zero"):
        np.log(tg.Tensor([0.0], requires_grad=True))


def test_log_of_the_smallest_numbers_has_a_finite_gradient() -> None:
    (slopes,) = gradient(np.log, [1e-300, 1e308])
    assert slopes == [pytest.approx(1e300), pytest.approx(1e-308)]


def test_relu_of_huge_arguments() -> None:
    assert gradient(tg.relu, [-1e308, 1e308, 1e-308]) == [[0.0, 1.0, 1.0]]


def test_powers_of_zero() -> None:
    assert gradient(lambda x: x**2, [0.0]) == [[0.0]]
    assert gradient(lambda x: x**0, [0.0]) == [[0.0]]
    assert gradient(lambda x: x**1, [0.0]) == [[1.0]]
    assert gradient(lambda x, p: x**p, [0.0], [2.0]) == [[0.0], [0.0]]
    assert gradient(lambda x, p: x**p, [0.0], [0.0]) == [[0.0], [0.0]]
    assert gradient(lambda x, p: x**p, [0.0], [1.0]) == [[1.0], [0.0]]
    assert gradient(lambda p: 0.0**p, [2.0]) == [[0.0]]
    assert gradient(lambda p: 0**p, [2.0]) == [[0.0]]


def test_powers_of_negative_numbers() -> None:
    assert gradient(lambda x: x**2, [-3.0]) == [[-6.0]]
    assert gradient(lambda x: x**3.0, [-2.0]) == [[12.0]]
    assert gradient(lambda x: x ** np.array([2, 3]), [-3.0, -2.0]) == [[-6.0, 12.0]]
    assert gradient(lambda x: x ** np.float64(2), [-3.0]) == [[-6.0]]


@pytest.mark.parametrize(
    "exponent", [2, 2.0, np.float64(2), np.array(2), np.array([2.0]), True + 1]
)
def test_a_square_is_a_square_however_its_exponent_is_spelled(exponent: Any) -> None:
    x = tg.Tensor([0.0, -1.5, 3.0], requires_grad=True)
    (x**exponent).sum().backward(create_graph=True)
    first = x.grad
    assert first is not None
    assert first.tolist() == [0.0, -3.0, 6.0]
    x.grad = None
    first.sum().backward()
    assert x.grad.tolist() == [2.0, 2.0, 2.0]


def test_zero_over_zero_is_nan_and_says_so_once() -> None:
    x = tg.Tensor([0.0], requires_grad=True)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        y = x / x
    assert [str(warning.message) for warning in caught] == ["invalid value encountered in divide"]
    assert np.isnan(y.numpy()).all()


def test_the_length_of_zero_is_zero_where_it_is_made_safe() -> None:
    """The choice must be made twice: once for the value, and once for the slope."""
    (slopes,) = gradient(
        lambda x: np.where(x > 0, np.sqrt(np.where(x > 0, x, 1.0)), 0.0), [0.0, 4.0]
    )
    assert slopes == [0.0, 0.25]


@pytest.mark.parametrize("function", [tg.sigmoid, np.tanh, tg.relu, np.abs, np.negative])
@pytest.mark.parametrize("value", [0.0, 1e-300, -1e-300, 1e4, -1e4, 1e308, -1e308])
def test_activations_are_finite_everywhere(function: Any, value: float) -> None:
    (slopes,) = gradient(function, [value])
    assert np.isfinite(slopes).all()


@pytest.mark.parametrize("reduce", [np.max, np.min])
def test_ties_share_all_of_the_gradient(reduce: Any) -> None:
    for size in (2, 3, 70, 1000):
        x = tg.Tensor(np.full(size, 3.0), requires_grad=True)
        reduce(x).backward()
        assert x.grad is not None
        assert float(x.grad.sum()) == pytest.approx(1.0)


@pytest.mark.parametrize("size", [10, 1_000_000])
def test_a_mean_in_single_precision_is_as_exact_as_numpys(size: int) -> None:
    values = np.random.default_rng(0).uniform(size=size).astype(np.float32)
    x = tg.Tensor(values, requires_grad=True)
    y = x.mean()
    y.backward()
    assert float(y) == float(values.mean())
    assert x.grad is not None
    np.testing.assert_allclose(x.grad.numpy(), np.full(size, 1 / size), rtol=1e-6)
