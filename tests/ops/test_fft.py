"""Fourier transforms: NumPy's values and signatures, and derivatives to second order."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg

SEED = 7
GENERATOR = np.random.default_rng(SEED)
COMPLEX = [np.fft.fft, np.fft.ifft]
FROM_REAL = [np.fft.rfft, np.fft.ihfft]
TO_REAL = [np.fft.irfft, np.fft.hfft]
SETTINGS: list[dict[str, Any]] = [
    {}, {"n": 3}, {"n": 6}, {"n": 1}, {"axis": 0}, {"axis": -2, "n": 3}, {"norm": "ortho"},
    {"norm": "forward"}, {"norm": "backward", "n": 5, "axis": 0},
]  # fmt: skip
OVER_AXES: list[dict[str, Any]] = [
    {}, {"axes": (0, 1)}, {"axes": (1, 0), "norm": "ortho"}, {"s": (3, 2), "axes": (0, 1)},
    {"s": (2, 4), "axes": (-1, 0), "norm": "forward"}, {"s": (3, -1), "axes": (0, 2)},
    {"axes": (1,)},
]  # fmt: skip


@pytest.fixture(autouse=True)
def same_numbers_in_any_order() -> None:
    GENERATOR.bit_generator.state = np.random.default_rng(SEED).bit_generator.state


def draw(*shape: int) -> Any:
    return GENERATOR.uniform(-2, 2, shape)


def draw_complex(*shape: int) -> Any:
    return draw(*shape) + 1j * draw(*shape)


def tracked(x: Any) -> tg.Tensor:
    return tg.Tensor(x, requires_grad=True)


def check(function: Any, x: Any, settings: dict[str, Any]) -> None:
    y = function(tracked(x), **settings)
    np.testing.assert_allclose(
        y.numpy(), function(x, **settings), rtol=1e-12, atol=1e-14, strict=True
    )
    assert tg.check_grad(lambda x: function(x, **settings), x)


def name(value: Any) -> str:
    return str(getattr(value, "__name__", value))


@pytest.mark.parametrize("settings", SETTINGS, ids=name)
@pytest.mark.parametrize("function", COMPLEX + TO_REAL, ids=name)
def test_transforms_of_complex_numbers_are_numpys_and_differentiable_twice(
    function: Any, settings: Any
) -> None:
    check(function, draw_complex(2, 4), settings)


@pytest.mark.parametrize("settings", SETTINGS, ids=name)
@pytest.mark.parametrize("function", COMPLEX + TO_REAL + FROM_REAL, ids=name)
def test_transforms_of_real_numbers_are_numpys_and_have_real_gradients(
    function: Any, settings: Any
) -> None:
    check(function, draw(2, 4), settings)
    x = tracked(draw(3, 5))
    np.real(function(x, **settings)).sum().backward()
    assert x.grad.dtype == np.float64


@pytest.mark.parametrize("settings", OVER_AXES, ids=name)
@pytest.mark.parametrize(
    "function",
    [np.fft.fftn, np.fft.ifftn, np.fft.irfftn, np.fft.fft2, np.fft.ifft2, np.fft.irfft2],
    ids=name,
)
def test_transforms_over_axes_are_numpys_and_differentiable_twice(
    function: Any, settings: Any
) -> None:
    check(function, draw_complex(2, 3, 2), settings)


@pytest.mark.parametrize("settings", OVER_AXES, ids=name)
@pytest.mark.parametrize("function", [np.fft.rfftn, np.fft.rfft2], ids=name)
def test_real_transforms_over_axes_are_numpys_and_differentiable_twice(
    function: Any, settings: Any
) -> None:
    check(function, draw(2, 3, 2), settings)


@pytest.mark.parametrize("axes", [None, 0, -1, (0, 1), (1,)])
@pytest.mark.parametrize("function", [np.fft.fftshift, np.fft.ifftshift], ids=name)
def test_shifts_are_numpys_and_differentiable_twice(function: Any, axes: Any) -> None:
    check(function, draw(2, 5), {"axes": axes})
    check(function, draw_complex(3, 0), {"axes": axes})


@pytest.mark.parametrize("n", [4, 5])
@pytest.mark.parametrize(
    ("there", "back"), [(np.fft.rfft, np.fft.irfft), (np.fft.ihfft, np.fft.hfft)], ids=name
)
def test_there_and_back_is_the_identity_and_so_is_its_gradient(
    there: Any, back: Any, n: int
) -> None:
    x = tracked(draw(n))
    weight = draw(n)
    (back(there(x), n) * weight).sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), weight, rtol=1e-13)


def test_the_energy_in_the_frequencies_is_that_in_time() -> None:
    x = tracked(draw(6))
    y = np.fft.fft(x, norm="ortho")
    np.real(np.vdot(y, y)).backward()  # Parseval: it is the sum of squares
    np.testing.assert_allclose(x.grad.numpy(), 2 * x.numpy(), rtol=1e-13)


def test_a_convolution_by_frequencies_has_the_gradient_of_the_sum() -> None:
    def convolve(a: Any, b: Any) -> Any:
        return np.fft.irfft(np.fft.rfft(a, 5) * np.fft.rfft(b, 5), 5)

    a, b = draw(3), draw(3)
    np.testing.assert_allclose(convolve(tracked(a), tracked(b)).numpy(), np.convolve(a, b))
    assert tg.check_grad(convolve, a, b)


def test_arguments_may_be_positional() -> None:
    x = draw_complex(3, 4)
    y = np.fft.fft(tracked(x), 5, 0, "ortho")
    np.testing.assert_array_equal(y.numpy(), np.fft.fft(x, 5, 0, "ortho"))
    y = np.fft.fftn(tracked(x), (2, 2), (0, 1), "ortho")
    np.testing.assert_allclose(y.numpy(), np.fft.fftn(x, (2, 2), (0, 1), "ortho"))


def test_single_precision_stays_single() -> None:
    x = tg.Tensor(draw(4), requires_grad=True, dtype=np.float32)
    spectrum = np.fft.rfft(x)
    y = np.fft.irfft(spectrum * spectrum)
    y.sum().backward()
    assert spectrum.dtype == np.complex64
    assert y.dtype == x.grad.dtype == np.float32


@pytest.mark.parametrize(
    ("function", "settings", "error"),
    [(np.fft.fft, {"n": 0}, ValueError), (np.fft.irfft, {"n": 0}, ValueError),
     (np.fft.fft, {"norm": "other"}, ValueError), (np.fft.fft, {"axis": 3}, IndexError),
     (np.fft.fftn, {"s": (2,), "axes": (0, 1)}, ValueError), (np.fft.rfft, {}, TypeError),
     (np.fft.fftn, {"axes": (0, 7)}, IndexError)],
)  # fmt: skip
def test_what_numpy_refuses_is_refused(function: Any, settings: Any, error: Any) -> None:
    x = draw_complex(2, 4)
    with pytest.raises(error):
        function(x, **settings)
    with pytest.raises(error):
        function(tracked(x), **settings)


def test_writing_into_an_array_is_refused_by_name() -> None:
    for function in (np.fft.fft, np.fft.irfft, np.fft.fftn):
        with pytest.raises(TypeError, match="out"):
            function(tracked(draw_complex(2, 2)), out=np.zeros((2, 2)))
