"""Initial values: the scales that the formulas promise, in place and from one's own generator."""

from __future__ import annotations

from math import sqrt
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import nn
from tinygrad_edu.nn import init

SHAPE = (60, 40, 3, 3)
FAN_IN, FAN_OUT = 40 * 9, 60 * 9

UNIFORM = [
    (init.uniform_, {"a": -2.0, "b": 2.0}, 2.0),
    (init.xavier_uniform_, {"gain": 2.0}, 2 * sqrt(6 / (FAN_IN + FAN_OUT))),
    (init.kaiming_uniform_, {}, sqrt(2) * sqrt(3 / FAN_IN)),
    (init.kaiming_uniform_, {"a": sqrt(5), "mode": "fan_out"}, sqrt(1 / FAN_OUT)),
    (init.kaiming_uniform_, {"nonlinearity": "tanh"}, 5 / 3 * sqrt(3 / FAN_IN)),
]
NORMAL = [
    (init.normal_, {"mean": 1.0, "std": 3.0}, 1.0, 3.0),
    (init.xavier_normal_, {}, 0.0, sqrt(2 / (FAN_IN + FAN_OUT))),
    (init.kaiming_normal_, {"nonlinearity": "relu"}, 0.0, sqrt(2 / FAN_IN)),
    (init.kaiming_normal_, {"mode": "fan_out", "a": 1.0}, 0.0, sqrt(1 / FAN_OUT)),
]


def filled(function: Any, shape: tuple[int, ...] = SHAPE, *args: Any, **settings: Any) -> Any:
    parameter = nn.Parameter(np.zeros(shape))
    data = parameter.data
    assert function(parameter, *args, **settings) is parameter
    assert parameter.data is data
    assert parameter.requires_grad
    return data


@pytest.mark.parametrize(("function", "settings", "bound"), UNIFORM)
def test_uniform_values_have_the_bounds_and_variance_of_the_formula(
    function: Any, settings: Any, bound: float
) -> None:
    values = filled(function, **settings, generator=np.random.default_rng(0)) / bound
    assert 0.999 < np.abs(values).max() <= 1
    assert abs(values.mean()) < 4 * sqrt(1 / 3 / values.size)
    assert abs((values**2).mean() - 1 / 3) < 4 * sqrt((1 / 5 - 1 / 9) / values.size)


@pytest.mark.parametrize(("function", "settings", "mean", "std"), NORMAL)
def test_normal_values_have_the_mean_and_variance_of_the_formula(
    function: Any, settings: Any, mean: float, std: float
) -> None:
    values = (filled(function, **settings, generator=np.random.default_rng(0)) - mean) / std
    assert abs(values.mean()) < 4 / sqrt(values.size)
    assert abs(values.var() - 1) < 4 * sqrt(2 / values.size)
    assert np.abs(values).max() > 3.5


@pytest.mark.parametrize(
    ("mean", "std", "a", "b", "expected"),
    [
        (0.0, 1.0, -2.0, 2.0, (0.0, 0.879626)),
        (0.0, 0.02, -2.0, 2.0, (0.0, 0.02)),
        (1.0, 2.0, 0.0, 1.5, (0.761499, 0.428871)),
        (0.0, 1.0, 5.0, 50.0, (5.186504, 0.180822)),
        (0.0, 1.0, -1e3, -30.0, (-30.033260, 0.033223)),
    ],
)
def test_a_truncated_normal_distribution_keeps_its_bounds_mean_and_deviation(
    mean: float, std: float, a: float, b: float, expected: tuple[float, float]
) -> None:
    values = filled(
        init.trunc_normal_, (200, 100), mean, std, a, b, generator=np.random.default_rng(0)
    )
    assert values.min() >= a
    assert values.max() <= b
    deviation = expected[1]
    assert abs(values.mean() - expected[0]) < 4 * deviation / sqrt(values.size)
    assert abs(values.std() - deviation) < 0.02 * deviation


@pytest.mark.parametrize("shape", [(5, 5), (3, 7), (7, 3), (4, 2, 3)])
def test_orthogonal_rows_or_columns_have_the_length_of_the_gain(shape: tuple[int, ...]) -> None:
    matrix = filled(init.orthogonal_, shape, 2.0).reshape(shape[0], -1)
    if shape[0] > matrix.shape[1]:
        matrix = matrix.T
    np.testing.assert_allclose(matrix @ matrix.T, 4 * np.eye(len(matrix)), atol=1e-12)


def test_a_share_of_each_column_is_0() -> None:
    values = filled(init.sparse_, (10, 6), 0.25)
    assert ((values == 0).sum(axis=0) == 3).all()
    assert np.abs(values).max() < 0.1


def test_single_values_are_exact() -> None:
    assert (filled(init.constant_, (2, 3), 0.3) == 0.3).all()
    assert (filled(init.ones_, (2,)) == 1).all()
    layer = nn.Linear(2, 3)
    assert not init.zeros_(layer.bias).numpy().any()
    assert np.array_equal(filled(init.eye_, (2, 3)), np.eye(2, 3))


@pytest.mark.parametrize("groups", [1, 2])
def test_a_dirac_weight_passes_channels_on(groups: int) -> None:
    values = filled(init.dirac_, (4, 2, 3, 5), groups)
    assert values.sum() == 2 * groups
    per_group = 4 // groups
    assert all(values[g * per_group + c, c, 1, 2] == 1 for g in range(groups) for c in range(2))


def test_the_same_generator_gives_the_same_values_and_the_packages_own_is_left_alone() -> None:
    state = tg.get_rng_state()
    first = filled(init.xavier_uniform_, generator=np.random.default_rng(5))
    assert np.array_equal(first, filled(init.xavier_uniform_, generator=np.random.default_rng(5)))
    assert tg.get_rng_state() == state
    filled(init.xavier_uniform_)
    assert tg.get_rng_state() != state


def test_the_dtype_stays_and_nothing_is_recorded() -> None:
    tensor = tg.Tensor(np.zeros((3, 3), "float32"), requires_grad=True)
    init.kaiming_normal_(tensor)
    assert tensor.dtype == np.float32
    assert tensor.is_leaf


def test_filling_what_a_graph_has_read_is_noticed() -> None:
    w = nn.Parameter([2.0])
    y = w * w
    init.ones_(w)
    with pytest.raises(RuntimeError, match="changed in place"):
        y.sum().backward()


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda t: init.xavier_uniform_(t), ValueError, "fan_in and fan_out.*\\(4,\\)"),
        (lambda t: init.kaiming_normal_(t), ValueError, "kaiming_normal_"),
        (lambda t: init.eye_(t), ValueError, "2 axes"),
        (lambda t: init.dirac_(t), ValueError, "3 or 4 or 5 axes"),
        (lambda t: init.orthogonal_(t), ValueError, "matrices"),
        (lambda t: init.sparse_(t, 0.5), ValueError, "2 axes"),
        (lambda t: init.uniform_(t, 2, 1), ValueError, "a=2 is larger than b=1"),
        (lambda t: init.trunc_normal_(t, a=1, b=1), ValueError, "a < b"),
        (lambda t: init.ones_(t * 2), ValueError, "result of multiply"),
        (lambda t: init.ones_(t.numpy()), ValueError, "read-only"),
        (lambda t: init.calculate_gain("swish"), ValueError, "'swish'"),
        (lambda t: init.calculate_gain("leaky_relu", "steep"), ValueError, "'steep'"),
        (lambda t: init.normal_(t, generator=0), TypeError, "Generator"),
        (lambda t: init.kaiming_uniform_(t.reshape(2, 2), mode="in"), ValueError, "'in'"),
        (lambda t: init.sparse_(tg.Tensor(np.ones((2, 2))), 2.0), ValueError, "share"),
        (lambda t: init.dirac_(tg.Tensor(np.ones((3, 2, 1))), 2), ValueError, "2 groups"),
    ],
)
def test_what_makes_no_sense_is_refused_and_changes_nothing(
    call: Any, error: Any, words: str
) -> None:
    tensor = nn.Parameter(np.full(4, 3.0))
    with pytest.raises(error, match=words):
        call(tensor)
    assert (tensor.numpy() == 3).all()
