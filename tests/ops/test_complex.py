"""Complex numbers: the gradient is ∂f/∂x - i ∂f/∂y, and every rule is held against numbers.

`check_grad` moves the real and the imaginary part of each element.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu.op import REGISTRY

Z = [0.7 + 0.4j, -0.3 + 0.9j, 0.2 - 1.1j]
W = [1.1 - 0.6j, 0.8 + 0.2j, -0.5 - 0.7j]

HOLOMORPHIC = [
    np.positive, np.negative, np.square, np.sqrt, np.reciprocal, np.exp, np.exp2, np.expm1, np.log,
    np.log2, np.log10, np.log1p, np.sin, np.cos, np.tan, np.arcsin, np.arccos, np.arctan, np.sinh,
    np.cosh, np.tanh, np.arcsinh, np.arccosh, np.arctanh, np.sinc,
]  # fmt: skip
NOT_HOLOMORPHIC = [np.absolute, np.conjugate, np.real, np.imag, np.angle, np.sign]
OF_TWO = [np.add, np.subtract, np.multiply, np.divide, np.power, np.float_power, np.matmul]


@pytest.mark.parametrize("function", HOLOMORPHIC + NOT_HOLOMORPHIC)
def test_functions_of_a_complex_number_agree_with_numbers(function: Any) -> None:
    z = tg.Tensor(Z, requires_grad=True)
    np.testing.assert_allclose(function(z).numpy(), function(np.array(Z)), rtol=1e-15)
    assert tg.check_grad(function, np.array(Z))


@pytest.mark.parametrize("function", OF_TWO)
def test_functions_of_two_complex_numbers_agree_with_numbers(function: Any) -> None:
    assert tg.check_grad(function, np.array(Z), np.array(W))
    assert tg.check_grad(function, np.array([0.3, 0.6, 0.9]), np.array(W))
    assert tg.check_grad(function, np.array(Z), np.array([0.3, 0.6, 0.9]))


@pytest.mark.parametrize("function", [np.log, np.sqrt, np.arcsin, np.arccosh, np.arctanh, np.tan])
def test_derivatives_are_right_on_either_side_of_a_branch_cut(function: Any) -> None:
    assert tg.check_grad(function, np.array([-2 + 0.1j, -2 - 0.1j, 2 + 0.1j, 2 - 0.1j, 0.1 + 2j]))


def test_the_gradient_is_that_of_the_documented_convention() -> None:
    """For f = |z|^2 = x^2 + y^2 it is 2x - 2iy, whose conjugate points uphill."""
    z = tg.Tensor([3 + 4j], requires_grad=True)
    (np.abs(z) ** 2).sum().backward()
    np.testing.assert_allclose(z.grad.numpy(), [6 - 8j])
    with tg.no_grad():
        z -= 0.5 * np.conj(z.grad)
    np.testing.assert_allclose(z.numpy(), [0], atol=1e-15)


@pytest.mark.parametrize("function", [np.real, np.imag, np.conjugate])
def test_parts_of_a_complex_number_are_seen_to_be_wrong_by_a_thousandth(function: Any) -> None:
    op = REGISTRY[function.__name__]
    right = op.rules
    op.rules = (lambda *a: right[0](*a) * 1.001,)
    try:
        with pytest.raises(tg.GradientError):
            tg.check_grad(function, np.array(Z), order=1)
    finally:
        op.rules = right
    assert tg.check_grad(function, np.array(Z), order=1)


def test_the_gradient_of_a_real_number_stays_real_on_the_way_through_complex_ones() -> None:
    x = tg.Tensor([0.3, -1.2], requires_grad=True)
    np.real(np.exp(1j * x)).sum().backward()  # cos x
    assert x.grad.dtype == np.float64
    np.testing.assert_allclose(x.grad.numpy(), -np.sin(x.numpy()), rtol=1e-14)
    assert tg.check_grad(lambda x: np.abs(np.exp((0.5 + 2j) * x)), x)


def test_single_precision_stays_single() -> None:
    z = tg.Tensor(np.array(Z, np.complex64), requires_grad=True)
    for function in (np.abs, np.real, np.imag, np.angle):
        y = function(z)
        assert y.dtype == np.float32
        z.grad = None
        y.sum().backward()
        assert z.grad.dtype == np.complex64
    assert np.conj(z).dtype == np.complex64


def test_absolute_value_angle_and_sign_have_gradient_0_or_less_surprising_at_0() -> None:
    for function in (np.abs, np.angle):
        z = tg.Tensor([0j], requires_grad=True)
        function(z).sum().backward()
        assert z.grad.tolist() == [0j]


def test_real_numbers_are_their_own_real_part_and_conjugate() -> None:
    x = tg.Tensor([1.0, -2.0], requires_grad=True)
    for function, value, slope in [
        (np.real, [1.0, -2.0], [1.0, 1.0]),
        (np.conj, [1.0, -2.0], [1.0, 1.0]),
        (np.imag, [0.0, 0.0], [0.0, 0.0]),
        (np.angle, [0.0, np.pi], [0.0, 0.0]),
    ]:
        x.grad = None
        y = function(x)
        assert y.tolist() == value
        y.sum().backward()
        assert x.grad.tolist() == slope


def test_the_angle_is_in_degrees_if_asked() -> None:
    z = tg.Tensor([1j], requires_grad=True)
    assert np.angle(z, deg=True).tolist() == [90.0]
    assert tg.check_grad(lambda z: np.angle(z, True), z)


def test_real_if_close_drops_imaginary_parts_that_are_rounding_errors_only() -> None:
    z = tg.Tensor([1 + 1e-15j, 2.0], requires_grad=True)
    y = np.real_if_close(z)
    assert y.dtype == np.float64
    y.sum().backward()
    assert z.grad.tolist() == [1, 1]
    assert np.real_if_close(z, tol=2).dtype == np.complex128
    assert np.real_if_close(tg.Tensor(Z)).dtype == np.complex128


def test_infinite_real_parts_do_not_spoil_the_imaginary_part() -> None:
    z = tg.Tensor([complex(np.inf, 1.0)], requires_grad=True)
    assert np.imag(z).tolist() == [1.0]
