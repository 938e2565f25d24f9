"""Functions of one operand: what the registry's laws do not say about them.

Values, derivatives and dtypes of every op are checked in ``test_registry.py``. Here are the ends
of the number line, the places where a formula would lose its digits, and NumPy's signatures.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu.dispatch import NUMPY, OPS
from tinygrad_edu.ops.constant import CONSTANT
from tinygrad_edu.ops.elementwise import sinc_derivative

UFUNCS = {name: f for name, f in vars(np).items() if isinstance(f, np.ufunc)}
OF_MATRICES = {"matmul", "vecdot", "matvec", "vecmat"}


def derivative(function: Any, x: Any, order: int = 1) -> Any:
    """Differentiate an elementwise function, as often as asked."""
    x = tg.Tensor(x, requires_grad=True)
    y = function(x)
    for _ in range(order):
        x.grad = None
        y.sum().backward(create_graph=True)
        y = x.grad
    return y.numpy()


@pytest.mark.parametrize("name", sorted(set(UFUNCS) - OF_MATRICES))
def test_every_ufunc_is_differentiable_or_constant(name: str) -> None:
    ufunc = UFUNCS[name]
    assert ufunc in NUMPY
    assert (ufunc in CONSTANT) == (ufunc not in OPS) or name in {
        "sign", "float_power", "divmod", "modf", "frexp",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("function", "x"),
    [
        (np.expm1, -50.0), (np.tanh, 400.0), (np.exp, -1e4), (np.log1p, 1e308), (np.log, 1e308),
        (np.sqrt, 1e308), (np.cbrt, 1e308), (np.sinc, 1e8), (np.absolute, -1e308), (np.log2, 1e308),
        (np.reciprocal, 1e308), (np.arctan, 1e100), (np.arcsinh, 1e100), (np.arccosh, 1e308),
    ],
)  # fmt: skip
def test_derivatives_far_out_are_finite_and_without_warnings(function: Any, x: float) -> None:
    assert np.isfinite(derivative(function, x))


def test_the_derivative_of_expm1_keeps_its_digits_where_the_function_is_flat() -> None:
    np.testing.assert_allclose(derivative(np.expm1, -50.0), np.exp(-50.0), rtol=1e-15)


def test_arcsin_and_arctanh_are_steep_near_1_to_the_last_digit() -> None:
    x = np.nextafter(1.0, 0.0)
    np.testing.assert_allclose(derivative(np.arctanh, x), 2.0**52, rtol=1e-15)
    np.testing.assert_allclose(derivative(np.arcsin, x), 2.0**26, rtol=1e-15)


def test_arccosh_is_differentiable_beyond_the_square_root_of_the_largest_number() -> None:
    np.testing.assert_allclose(derivative(np.arccosh, 1e200), 1e-200, rtol=1e-15)


SINC = {
    1: [(1e-9, -3.289868133696453e-09), (1e-05, -3.289868133371756e-05),
        (0.3, -0.9020281301388888), (0.63, -1.366423637052223), (0.64, -1.3684427311721679),
        (1.0, -1.0), (2.5, -0.05092958178940651), (-0.7, 1.3652403755203533)],
    2: [(0.0, -3.289868133696453), (1e-9, -3.289868133696453), (0.3, -2.4584852862661744),
        (0.95, 1.7876197203265738), (0.96, 1.8330593070128507), (2.5, -1.215893396004392),
        (-0.7, 0.26982700697582357)],
    5: [(1e-9, -1.3734131336790064e-07), (0.3, -36.627473667589356), (1.9, 35.049837832430775),
        (1.92, 33.78102463913618), (4.5, -7.200795574996456)],
}  # fmt: skip


@pytest.mark.parametrize("order", SINC)
def test_derivatives_of_sinc_are_right_to_the_last_digits_also_near_0(order: int) -> None:
    """Held against values computed with 60 digits from the integral that defines them."""
    x, expected = np.array(SINC[order]).T
    np.testing.assert_allclose(sinc_derivative(x, order=order), expected, rtol=2e-14)
    np.testing.assert_allclose(derivative(np.sinc, x, order), expected, rtol=2e-14)


def test_sinc_is_differentiable_at_0() -> None:
    np.testing.assert_array_equal(derivative(np.sinc, [0.0]), [0.0])
    np.testing.assert_allclose(derivative(np.sinc, [0.0], 2), [-(np.pi**2) / 3], rtol=1e-15)


@pytest.mark.parametrize("x", [[1.5, -2.25, 0.0, 7.0], [np.inf, -np.inf]])
def test_modf_and_frexp_give_numpys_values(x: Any) -> None:
    for function in (np.modf, np.frexp):
        for ours, theirs in zip(function(tg.Tensor(x, requires_grad=True)), function(np.array(x))):
            np.testing.assert_array_equal(ours.numpy(), theirs)


def test_the_fraction_carries_the_gradient_and_the_integer_part_none() -> None:
    x = tg.Tensor([1.5, -2.25], requires_grad=True)
    fraction, whole = np.modf(x)
    assert not whole.requires_grad
    (fraction * [2.0, 3.0]).sum().backward()
    assert x.grad.tolist() == [2.0, 3.0]


def test_the_mantissa_carries_the_gradient_scaled_and_the_exponent_none() -> None:
    x = tg.Tensor([3.0, 0.75, -20.0], requires_grad=True)
    mantissa, exponent = np.frexp(x)
    assert exponent.dtype.kind == "i"
    mantissa.sum().backward()
    assert x.grad.tolist() == [1 / 4, 1.0, 1 / 32]
    tg.check_grad(lambda x: np.frexp(x)[0], [3.1, -0.7])


def test_nan_to_num_replaces_and_gives_what_it_replaced_no_gradient() -> None:
    x = tg.Tensor([np.nan, np.inf, -np.inf, 2.0], requires_grad=True)
    y = np.nan_to_num(x, True, 0.5, posinf=7.0, neginf=-7.0)
    assert y.tolist() == [0.5, 7.0, -7.0, 2.0]
    y.sum().backward()
    assert x.grad.tolist() == [0.0, 0.0, 0.0, 1.0]
    assert np.nan_to_num(x).tolist() == np.nan_to_num(x.numpy()).tolist()


def test_nan_to_num_refuses_to_write_in_place_and_to_forget_a_gradient() -> None:
    x = tg.Tensor([np.nan], requires_grad=True)
    with pytest.raises(TypeError, match="copy=False"):
        np.nan_to_num(x, copy=False)
    with pytest.raises(TypeError, match="nan="):
        np.nan_to_num(x, nan=x)


def test_nan_to_num_treats_the_parts_of_a_complex_number_one_by_one() -> None:
    z = tg.Tensor([complex(np.nan, 1.0), complex(2.0, np.inf), 1 + 2j], requires_grad=True)
    y = np.nan_to_num(z, posinf=5.0)
    np.testing.assert_array_equal(y.numpy(), np.nan_to_num(z.numpy(), posinf=5.0))
    (np.real(y) + 3 * np.imag(y)).sum().backward()
    assert z.grad.tolist() == [-3j, 1, 1 - 3j]


@pytest.mark.parametrize(("name", "other"), [("degrees", "rad2deg"), ("radians", "deg2rad")])
def test_both_names_of_a_conversion_of_angles_are_one_function(name: str, other: str) -> None:
    x = [0.3, -7.0]
    np.testing.assert_array_equal(
        derivative(getattr(np, name), x), derivative(getattr(np, other), x)
    )
    tg.check_grad(getattr(np, name), x)


def test_square_roots_are_infinitely_steep_at_0() -> None:
    with np.errstate(divide="ignore"):
        assert derivative(np.sqrt, 0.0) == np.inf
        assert derivative(np.cbrt, 0.0) == np.inf


@pytest.mark.parametrize("function", [np.exp, np.sin, np.cosh, np.sinc, np.log, np.arctan])
def test_derivatives_of_order_three_and_four_are_right(function: Any) -> None:
    assert tg.check_grad(function, [0.7, 1.3], order=4, rtol=1e-5, atol=1e-6)


def test_the_sign_of_a_real_number_has_no_history() -> None:
    x = tg.Tensor([-2.0, 0.0, 3.0], requires_grad=True)
    assert np.sign(x).tolist() == [-1.0, 0.0, 1.0]
    assert not np.sign(x).requires_grad
