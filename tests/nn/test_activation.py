"""Activations, as functions and as modules."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import nn
from tinygrad_edu.nn import activation, functional, gate, rectifier, softmax, threshold
from tinygrad_edu.ops.special import softplus

erf = np.vectorize(math.erf)

# Each activation: the module, the function, the formula as a textbook has it.
ACTIVATIONS: list[tuple[nn.Module, Callable[[Any], Any], Callable[[Any], Any]]] = [
    (activation.Sigmoid(), functional.sigmoid, lambda x: 1 / (1 + np.exp(-x))),
    (activation.Tanh(), functional.tanh, np.tanh),
    (activation.ReLU(), functional.relu, lambda x: np.maximum(x, 0)),
    (activation.LogSigmoid(), functional.logsigmoid, lambda x: np.log(1 / (1 + np.exp(-x)))),
    (activation.Hardsigmoid(), functional.hardsigmoid, lambda x: np.clip((x + 3) / 6, 0, 1)),
    (activation.Softsign(), functional.softsign, lambda x: x / (1 + abs(x))),
    (activation.Tanhshrink(), functional.tanhshrink, lambda x: x - np.tanh(x)),
    (rectifier.ReLU6(), functional.relu6, lambda x: np.minimum(np.maximum(x, 0), 6)),
    (rectifier.LeakyReLU(), functional.leaky_relu, lambda x: np.where(x > 0, x, 0.01 * x)),
    (rectifier.RReLU().eval(), functional.rrelu, lambda x: np.where(x > 0, x, 11 / 48 * x)),
    (rectifier.ELU(), functional.elu, lambda x: np.where(x > 0, x, np.exp(x) - 1)),
    (
        rectifier.SELU(),
        functional.selu,
        lambda x: 1.0507009873554805 * np.where(x > 0, x, 1.6732632423543772 * (np.exp(x) - 1)),
    ),
    (rectifier.CELU(), functional.celu, lambda x: np.where(x > 0, x, np.exp(x) - 1)),
    (threshold.Softplus(), functional.softplus, lambda x: np.log(1 + np.exp(x))),
    (threshold.Hardtanh(), functional.hardtanh, lambda x: np.clip(x, -1, 1)),
    (
        threshold.Threshold(0.1, 20.0),
        lambda x: functional.threshold(x, 0.1, 20.0),
        lambda x: np.where(x > 0.1, x, 20.0),
    ),
    (
        threshold.Softshrink(),
        functional.softshrink,
        lambda x: np.sign(x) * np.maximum(abs(x) - 0.5, 0),
    ),
    (threshold.Hardshrink(), functional.hardshrink, lambda x: np.where(abs(x) > 0.5, x, 0)),
    (gate.SiLU(), functional.silu, lambda x: x / (1 + np.exp(-x))),
    (gate.Mish(), functional.mish, lambda x: x * np.tanh(np.log(1 + np.exp(x)))),
    (gate.Hardswish(), functional.hardswish, lambda x: x * np.clip((x + 3) / 6, 0, 1)),
    (gate.GELU(), functional.gelu, lambda x: x * (1 + erf(x / np.sqrt(2))) / 2),
    (
        gate.GELU("tanh"),
        lambda x: functional.gelu(x, approximate="tanh"),
        lambda x: x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3))) / 2,
    ),
    (
        rectifier.PReLU(),
        lambda x: functional.prelu(x, np.array([0.25], x.dtype)),
        lambda x: np.where(x > 0, x, x / 4),
    ),
]
each = pytest.mark.parametrize(
    ("module", "function", "formula"), ACTIVATIONS, ids=[repr(row[0]) for row in ACTIVATIONS]
)


@each
def test_the_module_is_the_function_and_both_follow_the_formula(
    module: nn.Module, function: Callable[[Any], Any], formula: Callable[[Any], Any]
) -> None:
    x = np.linspace(-7, 7, 36).reshape(3, 12)
    assert np.array_equal(module(tg.Tensor(x)).numpy(), function(x))
    np.testing.assert_allclose(function(x), formula(x), rtol=1e-12, atol=1e-9)


@each
def test_the_derivatives_agree_with_numbers_to_second_order(
    module: nn.Module, function: Callable[[Any], Any], formula: Callable[[Any], Any]
) -> None:
    assert tg.check_grad(function, np.linspace(-7.3, 7.4, 20))


@each
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_extreme_numbers_give_finite_derivatives_twice_and_no_warning(
    module: nn.Module,
    function: Callable[[Any], Any],
    formula: Callable[[Any], Any],
    dtype: str,
) -> None:
    tiny, huge = (1e-300, 1e308) if dtype == "float64" else (1e-37, 1e38)
    numbers = [-huge, -1e4, -1000.0, -tiny, 0.0, tiny, 1000.0, 1e4, huge]
    x = tg.Tensor(numbers, requires_grad=True, dtype=dtype)
    y = function(x)
    (first,) = tg.autograd.grad(y.sum(), [x], create_graph=True)
    assert np.isfinite(y.numpy()).all()
    assert np.isfinite(first.numpy()).all()
    if first.requires_grad:
        (second,) = tg.autograd.grad(first.sum(), [x])
        assert np.isfinite(second.numpy()).all()
        assert second.dtype == dtype
    assert y.dtype == first.dtype == dtype


@each
def test_the_derivative_far_out_is_that_of_the_asymptote(
    module: nn.Module, function: Callable[[Any], Any], formula: Callable[[Any], Any]
) -> None:
    x = tg.Tensor([-1e300, 1e300], requires_grad=True)
    function(x).sum().backward()
    slopes = function(np.array([-1e300, 1e300])) / [-1e300, 1e300]
    assert x.grad is not None
    np.testing.assert_allclose(x.grad.numpy(), slopes, rtol=1e-15, atol=1e-290)


def test_gelu_in_single_precision_is_as_exact_as_single_precision_is() -> None:
    x = np.linspace(-10, 10, 4001)
    single = functional.gelu(x.astype(np.float32))
    assert single.dtype == np.float32
    np.testing.assert_allclose(single, functional.gelu(x), rtol=3e-7, atol=5e-7)
    assert functional.gelu(np.zeros((), np.float32)) == 0


def test_softplus_gives_way_to_a_straight_line_at_its_threshold() -> None:
    x = np.array([0.4, 0.6])
    y = functional.softplus(tg.Tensor(x), beta=2.0, threshold=1.0).numpy()
    assert y.tolist() == [softplus(np.array(0.8)) / 2, 0.6]
    with pytest.raises(ValueError, match="beta must be positive, not 0"):
        functional.softplus(x, beta=0)


# ------------------------------------------------------------------------ settings in print
@pytest.mark.parametrize(
    ("module", "shown"),
    [
        (activation.ReLU(True), "ReLU(inplace=True)"),
        (rectifier.LeakyReLU(0.2), "LeakyReLU(negative_slope=0.2)"),
        (rectifier.ELU(inplace=True), "ELU(alpha=1.0, inplace=True)"),
        (threshold.Softshrink(), "Softshrink(0.5)"),
        (softmax.Softmax(dim=1), "Softmax(dim=1)"),
        (gate.GELU(), "GELU(approximate='none')"),
    ],
)
def test_settings_are_shown_as_pytorch_shows_them(module: nn.Module, shown: str) -> None:
    assert repr(module) == shown


def test_inplace_is_accepted_and_leaves_the_input_alone() -> None:
    x = tg.Tensor([-1.0, 2.0])
    functional.relu(x, inplace=True)
    activation.ReLU(inplace=True)(x)
    assert x.tolist() == [-1.0, 2.0]


def test_only_prelu_has_something_to_learn() -> None:
    learning = [m for m, _, _ in ACTIVATIONS if list(m.parameters())]
    assert [type(m) for m in learning] == [rectifier.PReLU]
    assert list(rectifier.PReLU(3).state_dict()) == ["weight"]


# -------------------------------------------------------------------------- learnt, random
def test_prelu_has_a_slope_for_each_channel() -> None:
    x = tg.Tensor(-np.ones((2, 3, 4)), requires_grad=True)
    module = rectifier.PReLU(3)
    module.weight.data = np.array([0.1, 0.2, 0.3])
    y = module(x)
    assert np.array_equal(y.numpy(), np.broadcast_to([[-0.1], [-0.2], [-0.3]], (2, 3, 4)))
    y.sum().backward()
    assert module.weight.grad is not None
    assert module.weight.grad.tolist() == [-8.0] * 3


@pytest.mark.parametrize("shape", [(3,), (2, 4), (4, 2, 3)])
def test_prelu_refuses_another_number_of_channels(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"3 weights, of shape \(3,\).*axis 1 has channels"):
        rectifier.PReLU(3)(np.ones(shape))


def test_prelu_with_one_slope_takes_any_shape() -> None:
    for shape in [(), (3,), (2, 3, 4, 5)]:
        assert np.all(rectifier.PReLU()(tg.Tensor(-np.ones(shape))).numpy() == -0.25)


def test_rrelu_draws_slopes_between_its_bounds_in_training_only() -> None:
    module = rectifier.RReLU(0.1, 0.3)
    x = tg.Tensor(-np.ones(1000), requires_grad=True)
    y = module(x)
    y.sum().backward()
    assert x.grad is not None
    slopes = x.grad.numpy()
    assert np.array_equal(slopes, -y.numpy())
    assert slopes.min() >= 0.1
    assert slopes.max() <= 0.3
    assert abs(slopes.mean() - 0.2) < 4 * 0.2 / np.sqrt(12 * 1000)
    assert np.array_equal(module(tg.Tensor(np.ones(5))).numpy(), np.ones(5))
    assert np.array_equal(module.eval()(tg.Tensor(-np.ones(5))).numpy(), np.full(5, -0.2))


def test_rrelu_repeats_itself_from_the_same_seed_and_never_touches_numpys_own_state() -> None:
    x = tg.Tensor(-np.ones(5), dtype="float32")
    before = np.random.get_state()[1].tolist()  # type: ignore[index]
    tg.manual_seed(3)
    first = rectifier.RReLU()(x)
    tg.manual_seed(3)
    assert first.tolist() == rectifier.RReLU()(x).tolist()
    assert first.dtype == np.float32
    own = [rectifier.RReLU(generator=np.random.default_rng(1))(x).tolist() for _ in range(2)]
    assert own[0] == own[1]
    assert np.random.get_state()[1].tolist() == before  # type: ignore[index]


# ------------------------------------------------------------------------------ along an axis
def test_softmax_runs_along_the_axis_that_dim_says() -> None:
    x = np.random.default_rng(0).normal(size=(2, 3, 4))
    for dim in (-3, -2, -1, 0, 1, 2):
        share = functional.softmax(x, dim)
        np.testing.assert_allclose(share.sum(axis=dim), 1)
        np.testing.assert_allclose(share, np.exp(x) / np.exp(x).sum(axis=dim, keepdims=True))
        np.testing.assert_allclose(np.log(share), functional.log_softmax(x, dim))
        np.testing.assert_allclose(functional.softmin(-x, dim), share)
        assert np.array_equal(softmax.Softmax(dim)(tg.Tensor(x)).numpy(), share)
        assert np.array_equal(softmax.Softmin(dim)(tg.Tensor(-x)).numpy(), share)


@pytest.mark.parametrize("make", [softmax.Softmax, softmax.LogSoftmax, softmax.Softmin])
def test_softmax_does_not_guess_the_axis(make: Any) -> None:
    with pytest.raises(ValueError, match=r"softm\w+ of an input of shape \(2, 3\).*dim=1"):
        make()(np.ones((2, 3)))
    with pytest.raises(IndexError, match=r"no axis 2 in shape \(2, 3\)"):
        make(2)(np.ones((2, 3)))


def test_softmax_converts_first_when_told_a_dtype() -> None:
    x = tg.Tensor([1000.0, 0.0], dtype="float32")
    for function in (functional.softmax, functional.log_softmax, functional.softmin):
        assert function(x, 0, dtype="float64").dtype == np.float64


def test_softmax_of_ties_at_extremes_is_even_and_silent() -> None:
    x = tg.Tensor([1e4, 1e4, -1e4], requires_grad=True)
    y = functional.softmax(x, 0)
    assert y.tolist() == [0.5, 0.5, 0.0]
    y[0].backward()
    assert x.grad.tolist() == [0.25, -0.25, 0.0]
    assert functional.log_softmax(x, 0)[2].item() == -2e4 - np.log(2)


def test_softmax2d_is_over_the_channels_of_images_only() -> None:
    x = np.random.default_rng(0).normal(size=(2, 3, 4, 5))
    np.testing.assert_allclose(softmax.Softmax2d()(tg.Tensor(x)).numpy().sum(axis=1), 1)
    np.testing.assert_allclose(softmax.Softmax2d()(tg.Tensor(x[0])).numpy().sum(axis=0), 1)
    with pytest.raises(ValueError, match=r"\(N, C, H, W\) or \(C, H, W\), not \(2, 3\)"):
        softmax.Softmax2d()(x[:, :, 0, 0])


def test_glu_gates_the_first_half_with_the_second() -> None:
    x = np.random.default_rng(0).normal(size=(3, 4, 6))
    for dim, (a, b) in {-1: np.split(x, 2, -1), 1: np.split(x, 2, 1)}.items():
        expected = a / (1 + np.exp(-b))
        np.testing.assert_allclose(gate.GLU(dim)(tg.Tensor(x)).numpy(), expected)
    assert tg.check_grad(functional.glu, x)
    with pytest.raises(ValueError, match=r"axis 0, whose size is odd in shape \(3, 4, 6\)"):
        functional.glu(x, 0)


# --------------------------------------------------------------------------------- refusals
@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda x: functional.hardtanh(x, 1.0, 1.0), "hardtanh.*below max_val"),
        (lambda x: functional.softshrink(x, -0.5), "softshrink.*lambd must not be negative"),
        (lambda x: functional.gelu(x, "sigmoid"), "gelu.*'none' or 'tanh'"),
        (lambda x: functional.celu(x, 0.0), "celu.*alpha must not be 0"),
        (lambda x: functional.rrelu(x, 0.3, 0.1), "lower=0.3 is above upper=0.1"),
    ],
)
def test_settings_that_make_no_sense_are_refused(call: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        call(tg.Tensor([1.0]))
