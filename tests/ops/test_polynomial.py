"""Roots, fits and quotients of polynomials, and NumPy's Bessel function, against NumPy's own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy_values import values_agree

import tinygrad_edu as tg
import tinygrad_edu.ops.everything
import tinygrad_edu.ops.polynomial
from tinygrad_edu.ops.bessel import nth_i0

CALLS: dict[str, Any] = {
    "poly": (np.poly, (3,)),
    "poly of a matrix": (np.poly, [[1.0, 2.0], [0.5, -1.0]]),
    "poly of a rotation": (np.poly, [[1.0, 2.0], [-2.0, 1.0]]),
    "roots": (np.roots, [1.0, -3.5, 2.5]),
    "complex roots": (lambda p: np.abs(np.roots(p)), [1.0, 2.0, 5.0, 3.0]),
    "one root": (np.roots, [2.0, 3.0]),
    "quotient": (lambda u, v: np.polydiv(u, v)[0] * 1, [5.0, 2.0, 3.0, 1.5, 2.0], [4.0, 1.0, 2.0]),
    "remainder": (lambda u, v: np.polydiv(u, v)[1] * 1, [5.0, 2.0, 3.0, 1.5, 2.0], [4.0, 1.0, 2.0]),
    "polyfit": (lambda x, y: np.polyfit(x, y, 2), (6,), (6,)),
    "polyfit of columns": (lambda x, y: np.polyfit(x, y, 1), (5,), (5, 2)),
    "polyfit(w=)": (lambda x, y, w: np.polyfit(x, y, 1, w=w), (5,), (5,), [1.0, 2, 1, 0.5, 1]),
    "polyfit(cov=True)": (lambda x, y: np.polyfit(x, y, 1, cov=True), (5,), (5,)),
    "polyfit of columns(cov=True)": (lambda y: np.polyfit(range(5), y, 1, cov=True)[1], (5, 2)),
    "polyfit(cov='unscaled')": (lambda x, y: np.polyfit(x, y, 1, cov="unscaled"), (5,), (5,)),
    "i0": (np.i0, (2, 3)),
}


@pytest.mark.parametrize("name", CALLS)
def test_values_and_derivatives_are_right(
    agrees_with_numpy: Callable[..., None], name: str
) -> None:
    function, *inputs = CALLS[name]
    agrees_with_numpy(function, *inputs)


EXACT: dict[str, Any] = {
    "roots at 0": (np.roots, [0.0, 2.0, -3.5, 2.5, 0.0, 0.0]),
    "no roots": (np.roots, [2.0]),
    "no polynomial": (np.roots, [0.0, 0.0]),
    "trim_zeros": (np.trim_zeros, [0.0, 0.0, 1.0, 0.0, 2.0, 0.0]),
    "trim_zeros in front": (lambda p: np.trim_zeros(p, "f"), [0.0, 1.0, 0.0]),
    "trim_zeros at the back": (lambda p: np.trim_zeros(p, "B"), [0.0, 1.0, 0.0]),
    "nothing left": (np.trim_zeros, [0.0, 0.0]),
    "poly1d": (lambda p: np.poly1d(p)(2.0), [1.0, 2.0, 3.0]),
    "a remainder of its own": (lambda u, v: np.polydiv(u, v)[1] * v[0], [1.0, 2.0], [1.0, 3.0, 4]),
}


@pytest.mark.parametrize("name", EXACT)
def test_values_at_zeros_are_numpys(name: str) -> None:
    function, *inputs = EXACT[name]
    values_agree(function, *inputs)


@pytest.mark.skipif(
    np.lib.NumpyVersion(np.__version__) < "2.2.0", reason="of one axis only before NumPy 2.2"
)
def test_zeros_around_a_matrix_are_trimmed() -> None:
    x = np.pad(np.ones((2, 3)), ((1, 2), (2, 1)))
    values_agree(np.trim_zeros, x)
    values_agree(lambda a: np.trim_zeros(a, "f", axis=-1), x)


def test_polynomials_that_cannot_be_are_refused() -> None:
    x = tg.Tensor([[1.0, 2.0, 3.0]], requires_grad=True)
    for function in (np.poly, np.roots, lambda p: np.polyfit(p, p, 1)):
        with pytest.raises(ValueError, match=r"\(1, 3\)"):
            function(x)
    with pytest.raises(ValueError, match="2 points"):
        np.polyfit(x[0, :2], [1.0, 2.0], 1, cov=True)
    with pytest.raises(TypeError, match="full=True"):
        np.polyfit(x[0], x[0], 1, full=True)


def test_the_derivatives_of_the_bessel_function_solve_its_equation() -> None:
    x = np.concatenate([np.linspace(1e-3, 30, 40), np.linspace(30, 700, 40)])
    y, dy, ddy = (nth_i0(x, n=n) for n in range(3))
    np.testing.assert_allclose(y, np.i0(x), rtol=1e-13)
    np.testing.assert_allclose(ddy + dy / x, y, rtol=1e-12)
    np.testing.assert_allclose(nth_i0(-x, n=1), -dy)
    assert abs(nth_i0(np.array(1.0), n=1) - 0.5651591039924850) < 1e-15
