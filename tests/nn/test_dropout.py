"""Dropout: at work in training only, without bias, and from random numbers of its own."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu.nn import dropout
from tinygrad_edu.nn.functional.dropout import dropout as drop

LAYERS = [
    (dropout.Dropout, (7,)),
    (dropout.Dropout1d, (5, 4, 3)),
    (dropout.Dropout1d, (5, 4)),
    (dropout.Dropout2d, (5, 4, 3, 2)),
    (dropout.Dropout2d, (5, 4, 3)),
    (dropout.Dropout3d, (5, 4, 3, 2, 2)),
]


@pytest.mark.parametrize(("layer", "shape"), LAYERS)
def test_after_eval_the_input_is_returned_as_it_is(layer: Any, shape: tuple[int, ...]) -> None:
    x = tg.Tensor(np.ones(shape))
    assert layer(0.5).eval()(x) is x
    assert layer(0.0)(x) is x


@pytest.mark.parametrize(("layer", "shape"), LAYERS)
@pytest.mark.parametrize("p", [0.2, 0.5])
def test_what_is_left_is_scaled_and_gradients_pass_where_it_is(
    layer: Any, shape: tuple[int, ...], p: float
) -> None:
    x = tg.Tensor(np.ones(shape), requires_grad=True)
    y = layer(p, generator=np.random.default_rng(0))(x)
    assert set(np.round(y.numpy().ravel() * (1 - p), 12)) <= {0.0, 1.0}
    y.sum().backward()
    assert np.array_equal(x.grad.numpy(), y.numpy())


@pytest.mark.parametrize(
    ("layer", "shape", "leading"),
    [
        (dropout.Dropout1d, (20, 4, 3), 2),
        (dropout.Dropout1d, (20, 3), 1),
        (dropout.Dropout2d, (20, 4, 3, 2), 2),
        (dropout.Dropout2d, (20, 4, 3), 2),
        (dropout.Dropout3d, (20, 4, 3, 2, 2), 2),
    ],
)
def test_whole_channels_are_silenced(layer: Any, shape: tuple[int, ...], leading: int) -> None:
    y = layer(0.5, generator=np.random.default_rng(0))(np.ones(shape))
    channels = y.reshape((*shape[:leading], -1))
    assert (channels == channels[..., :1]).all()
    assert {0.0, 2.0} == set(channels[..., 0].ravel())


def test_with_p_1_everything_is_0_and_so_is_the_gradient() -> None:
    x = tg.Tensor([1.0, -2.0], requires_grad=True)
    y = dropout.Dropout(1.0)(x)
    y.sum().backward()
    assert not y.numpy().any()
    assert x.grad.tolist() == [0.0, 0.0]


@pytest.mark.parametrize("p", [-0.1, 1.1, float("nan"), "half", None, 1j])
def test_what_is_no_probability_is_refused(p: Any) -> None:
    with pytest.raises(ValueError, match="probability"):
        dropout.Dropout(p)
    with pytest.raises(ValueError, match="probability"):
        drop(np.ones(3), p, training=False)


def test_the_same_seed_gives_the_same_mask() -> None:
    x, layer = np.ones(100), dropout.Dropout(0.5)
    tg.manual_seed(3)
    first, second = layer(x), layer(x)
    tg.manual_seed(3)
    assert np.array_equal(layer(x), first)
    assert not np.array_equal(first, second)


def test_the_mask_does_not_depend_on_the_precision() -> None:
    layers = [dropout.Dropout(0.3, generator=np.random.default_rng(1)) for _ in range(2)]
    single, double = layers[0](np.ones(50, "float32")), layers[1](np.ones(50))
    assert single.dtype == np.float32
    assert np.array_equal(single == 0, double == 0)


def test_a_generator_of_ones_own_is_drawn_from_and_no_other() -> None:
    state, before = tg.get_rng_state(), np.random.get_state()[1].copy()
    dropout.Dropout(0.5, generator=np.random.default_rng(0))(np.ones(100))
    assert tg.get_rng_state() == state
    dropout.Dropout(0.5)(np.ones(100))
    assert tg.get_rng_state() != state
    assert np.array_equal(np.random.get_state()[1], before)
    with pytest.raises(TypeError, match="Generator"):
        dropout.Dropout(0.5, generator=3)


@pytest.mark.parametrize("p", [0.1, 0.5, 0.9])
def test_the_mean_is_kept_within_four_standard_deviations(p: float) -> None:
    n = 100_000
    y = drop(np.ones(n), p, generator=np.random.default_rng(0))
    assert abs(y.mean() - 1) < 4 * np.sqrt(p / (1 - p) / n)


@pytest.mark.parametrize(
    ("layer", "shape"), [(dropout.Dropout1d, (3,)), (dropout.Dropout2d, (3, 4))]
)
def test_an_input_with_the_wrong_number_of_axes_is_refused(layer: Any, shape: Any) -> None:
    with pytest.raises(ValueError, match="axes") as raised:
        layer()(np.ones(shape))
    assert str(shape) in str(raised.value)


def test_second_derivatives_pass_through_the_mask() -> None:
    def function(x: Any) -> Any:
        return drop(x**3, 0.5, generator=np.random.default_rng(0))

    assert tg.check_grad(function, np.arange(1.0, 7.0))
