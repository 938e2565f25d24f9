"""Functions of two operands: ties, bounds, jumps, the origin, and numbers as large as they come."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg


def slopes(function: Any, *inputs: Any) -> list[Any]:
    """Differentiate the sum of a function of several arrays with respect to each."""
    tensors = [tg.Tensor(x, requires_grad=True) for x in inputs]
    y = function(*tensors)
    y.backward(np.ones(y.shape))
    return [x.grad.tolist() for x in tensors]


# ------------------------------------------------------------------ the larger, the smaller, clip
@pytest.mark.parametrize("function", [np.maximum, np.minimum, np.fmax, np.fmin])
def test_tied_elements_share_the_gradient(function: Any) -> None:
    assert slopes(function, [1.0, 2.0], [1.0, 2.0]) == [[0.5, 0.5], [0.5, 0.5]]


@pytest.mark.parametrize("function", [np.fmax, np.fmin])
def test_fmax_and_fmin_prefer_a_number_to_nan_and_give_it_the_gradient(function: Any) -> None:
    a, b = [np.nan, 1.0, np.nan], [2.0, np.nan, np.nan]
    da, db = slopes(function, a, b)
    assert da == [0.0, 1.0, 0.5]
    assert db == [1.0, 0.0, 0.5]


def test_clip_gives_all_the_gradient_to_what_decides() -> None:
    dx, dlow, dhigh = slopes(np.clip, [-1.0, 0.0, 0.5, 1.0, 2.0], [0.0] * 5, [1.0] * 5)
    assert dx == [0.0, 1.0, 1.0, 1.0, 0.0]
    assert dlow == [1.0, 0.0, 0.0, 0.0, 0.0]
    assert dhigh == [0.0, 0.0, 0.0, 0.0, 1.0]


def test_where_the_bounds_of_clip_contradict_each_other_the_upper_one_decides() -> None:
    assert np.clip(0.0, 2.0, 1.0) == 1.0
    assert slopes(np.clip, 0.0, 2.0, 1.0) == [0.0, 0.0, 1.0]
    assert slopes(np.clip, 3.0, 2.0, 1.0) == [0.0, 0.0, 1.0]


CLIPS = {
    "positional": lambda x: np.clip(x, -0.5, 0.5),
    "lower only": lambda x: np.clip(x, -0.5, None),
    "upper only": lambda x: np.clip(x, None, 0.5),
    "a_min": lambda x: np.clip(x, a_min=-0.5, a_max=None),
    "arrays": lambda x: np.clip(x, np.array([-0.5, 0.0, 0.1]), 0.5),
}


@pytest.mark.parametrize("name", CLIPS)
def test_clip_takes_its_bounds_as_numpy_does(name: str, agrees_with_numpy: Any) -> None:
    agrees_with_numpy(CLIPS[name], (2, 3))


def test_clip_takes_the_newer_names_of_its_bounds_and_no_bounds_at_all() -> None:
    x = tg.Tensor([-1.0, 0.2, 1.0], requires_grad=True)
    assert np.clip(x, min=-0.5, max=0.5).tolist() == [-0.5, 0.2, 0.5]
    assert np.clip(x, None, None).tolist() == x.tolist()
    with pytest.raises(ValueError, match="not as both"):
        np.clip(x, 0.0, max=1.0, min=0.5)
    with pytest.raises(TypeError, match="out="):
        np.clip(x, 0.0, 1.0, out=np.zeros(3))


# ---------------------------------------------------------------------- remainders and quotients
PAIRS = ([5.5, -5.5, 5.5, -5.5, 7.1], [2.0, 2.0, -2.0, -2.0, 0.7])


@pytest.mark.parametrize("function", [np.remainder, np.fmod])
def test_remainders_of_either_sign_agree_with_numpy(function: Any, agrees_with_numpy: Any) -> None:
    agrees_with_numpy(function, *PAIRS)


def test_the_slope_of_a_remainder_counts_how_often_the_divisor_went_in() -> None:
    assert slopes(np.remainder, *PAIRS)[1] == [-2.0, 3.0, 3.0, -2.0, -10.0]
    assert slopes(np.fmod, *PAIRS)[1] == [-2.0, 2.0, 2.0, -2.0, -10.0]


def test_divmod_gives_an_untracked_quotient_and_a_tracked_remainder() -> None:
    a = tg.Tensor([5.5, -5.5], requires_grad=True)
    quotient, remainder = np.divmod(a, 2.0)
    assert quotient.tolist() == [2.0, -3.0]
    assert not quotient.requires_grad
    remainder.sum().backward()
    assert a.grad.tolist() == [1.0, 1.0]


@pytest.mark.parametrize("function", [np.floor_divide, np.ldexp, np.power, np.remainder])
def test_integer_operands_are_welcome(function: Any) -> None:
    a = tg.Tensor([2.5, 3.5], requires_grad=True)
    y = function(a, np.array([2, 3]))
    np.testing.assert_array_equal(y.numpy(), function(a.numpy(), np.array([2, 3])))


# ------------------------------------------------------------------------- distances and angles
@pytest.mark.parametrize("scale", [1e-200, 1e-3, 1.0, 1e200])
def test_distances_and_angles_neither_overflow_nor_vanish(scale: float) -> None:
    a, b = 3.0 * scale, 4.0 * scale
    np.testing.assert_allclose(slopes(np.hypot, a, b), [0.6, 0.8], rtol=1e-14)
    da, db = slopes(np.arctan2, a, b)
    np.testing.assert_allclose([da * scale, db * scale], [4 / 25, -3 / 25], rtol=1e-14)


def test_at_the_origin_distance_and_angle_have_gradient_0_to_second_order() -> None:
    for function in (np.hypot, np.arctan2):
        a, b = tg.Tensor(0.0, requires_grad=True), tg.Tensor(0.0, requires_grad=True)
        function(a, b).backward(create_graph=True)
        assert (a.grad.item(), b.grad.item()) == (0.0, 0.0)
        assert np.isfinite(a.grad.numpy())


@pytest.mark.parametrize("quadrant", [(1, 1), (1, -1), (-1, 1), (-1, -1)])
def test_angles_are_right_in_every_quadrant(quadrant: Any, agrees_with_numpy: Any) -> None:
    agrees_with_numpy(np.arctan2, [0.3 * quadrant[0]], [1.7 * quadrant[1]])
    agrees_with_numpy(np.hypot, [0.3 * quadrant[0]], [1.7 * quadrant[1]])


# ------------------------------------------------------------------------------- jumps and powers
def test_copysign_changes_the_sign_of_the_slope_and_has_slope_0_at_0() -> None:
    assert slopes(lambda a: np.copysign(a, [1, -1, 1, -1]), [2.0, 2.0, -2.0, -2.0]) == [
        [1.0, -1.0, -1.0, 1.0]
    ]
    assert slopes(lambda a: np.copysign(a, 1), [0.0]) == [[0.0]]


def test_heaviside_gives_the_value_at_the_step_its_gradient() -> None:
    assert slopes(lambda b: np.heaviside([-1.0, 0.0, 2.0], b), [0.5, 0.5, 0.5]) == [[0.0, 1.0, 0.0]]


def test_float_power_computes_and_differentiates_in_double_precision(
    agrees_with_numpy: Any,
) -> None:
    a = tg.Tensor([2.0, 3.0], requires_grad=True, dtype=np.float32)
    y = np.float_power(a, np.array([2, -1]))
    assert y.dtype == np.float64
    y.sum().backward()
    assert a.grad.dtype == np.float32
    np.testing.assert_allclose(a.grad.numpy(), [4.0, -1 / 9], rtol=1e-6)
    tg.check_grad(np.float_power, [2.0, 0.5], [1.5, -2.0])
    assert np.float_power(tg.Tensor([2], dtype=int), -1).tolist() == [0.5]


def test_powers_of_0_are_flat_where_they_are_0() -> None:
    assert slopes(lambda a: a**2, [0.0]) == [[0.0]]
    assert slopes(np.power, [0.0], [0.0]) == [[0.0], [0.0]]
    assert slopes(lambda a: np.power(a, np.array([1.0, 2.0, 0.0])), [0.0, 0.0, 0.0]) == [
        [1.0, 0.0, 0.0]
    ]


# -------------------------------------------------------------------------- sums of exponentials
@pytest.mark.parametrize("function", [np.logaddexp, np.logaddexp2])
def test_the_shares_of_a_sum_of_exponentials_are_right_far_out(function: Any) -> None:
    a = [1e4, -1e4, 5e307, -np.inf, np.inf, np.inf, -np.inf]
    b = [1e4, 1e4, -5e307, 0.0, 0.0, np.inf, -np.inf]
    da, db = slopes(function, a, b)
    assert da == [0.5, 0.0, 1.0, 0.0, 1.0, 0.5, 0.0]
    assert db == [0.5, 1.0, 0.0, 1.0, 0.0, 0.5, 0.0]


def test_the_second_derivative_of_logaddexp_is_right_at_a_tie() -> None:
    assert tg.check_grad(np.logaddexp, [1.0, 0.5], [1.0, 0.5], order=3)
    assert tg.check_grad(np.logaddexp2, [1.0, 0.5], [1.0, 0.5], order=3)
