"""Where there is no derivative there is a promise: every op with such points says what it gives.

The promises themselves are the ops' ``kinks``, which ``test_registry.py`` tries out one by one.
Here is which ops must have them, and what holds for all promises together.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from samples import OPS, names, rules_of

import tinygrad_edu as tg

MUST_PROMISE = names("""
    absolute arctan2 clip fabs fmax fmin hypot logaddexp max maximum min minimum nanmax nanmin norm
    power prod relu sort std xlogy
""")
WHOLE_LINE = ("activation", "rectifiers", "gates", "special", "erf")
EXTREMES = [0.0, 1e-300, -1e-300, 1e4, -1e4, 1e308, -1e308]


def gradient(function: Any, values: Any, dtype: Any = np.float64) -> Any:
    x = tg.Tensor(values, requires_grad=True, dtype=dtype)
    function(x).sum().backward()
    assert x.grad is not None
    return x.grad.numpy()


@pytest.mark.parametrize("name", MUST_PROMISE)
def test_an_op_with_kinks_promises_subgradients(name: str) -> None:
    assert OPS[name].kinks


@pytest.mark.parametrize("name", [name for name, op in OPS.items() if op.kinks])
def test_a_promise_has_the_shape_of_what_it_is_about(name: str) -> None:
    for kink in OPS[name].kinks:
        assert len(kink.at) == len(kink.gradients) == len(OPS[name].arguments)
        for point, promised in zip(kink.at, kink.gradients):
            assert promised is None or np.shape(point) == np.shape(promised)


@pytest.mark.parametrize("function", [np.abs, np.fabs, tg.relu, np.sign])
def test_at_zero_the_slope_is_zero(function: Any) -> None:
    x = tg.Tensor([0.0, -0.0], requires_grad=True)
    (function(x) + 0 * x).sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [0, 0]


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (lambda x: np.max(x, axis=1), [[0.5, 0, 0.5], [0, 1, 0], [1 / 3, 1 / 3, 1 / 3]]),
        (lambda x: np.min(x, axis=1), [[0, 1, 0], [1, 0, 0], [1 / 3, 1 / 3, 1 / 3]]),
        (lambda x: np.max(x, axis=1, keepdims=True), [[0.5, 0, 0.5], [0, 1, 0], [1 / 3] * 3]),
    ],
)
def test_in_each_row_the_tied_share_evenly(function: Any, expected: Any) -> None:
    values = [[2.0, 1.0, 2.0], [1.0, 3.0, 2.0], [4.0, 4.0, 4.0]]
    np.testing.assert_array_equal(gradient(function, values), expected)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("count", [2, 3, 1000, 70_000])
@pytest.mark.parametrize("reduce", [np.max, np.min, np.nanmax, np.nanmin])
def test_what_the_tied_get_adds_up_to_what_came(reduce: Any, count: int, dtype: Any) -> None:
    shares = gradient(reduce, np.full(count, 3.0), dtype).astype(float)
    assert (shares == shares[0]).all()
    np.testing.assert_allclose(shares.sum(), 1, rtol=5e-3 if dtype == np.float16 else 1e-6)


@pytest.mark.parametrize("function", [np.maximum, np.minimum, np.fmax, np.fmin])
def test_two_that_are_equal_get_half_each(function: Any) -> None:
    a, b = (tg.Tensor(np.zeros((2, 3)), requires_grad=True) for _ in range(2))
    function(a, b).sum().backward()
    for x in (a, b):
        assert x.grad is not None
        assert (x.grad.numpy() == 0.5).all()


def test_the_logarithm_of_xlogy_is_hidden_only_where_it_is_not_needed() -> None:
    x, y = (tg.Tensor(v, requires_grad=True) for v in ([1.0, 0.0], [0.0, 0.0]))
    with np.errstate(divide="ignore"):
        tg.special.xlogy(x, y).backward(np.ones(2))
    assert x.grad is not None
    assert y.grad is not None
    assert x.grad.tolist() == [-np.inf, 0]
    assert y.grad.tolist() == [np.inf, 0]


def test_at_its_bounds_clip_passes_all_of_the_gradient() -> None:
    slopes = gradient(lambda x: np.clip(x, -1, 1), [-2.0, -1.0, 0.0, 1.0, 2.0])
    assert slopes.tolist() == [0, 1, 1, 1, 0]
    assert gradient(lambda x: np.clip(x, None, 1), [1.0, 2.0]).tolist() == [1, 0]
    assert gradient(lambda x: np.clip(x, -1, None), [-1.0, -2.0]).tolist() == [1, 0]
    values = np.array([-2.0, -1.0, 0.0, 1.0, 2.0])
    low = gradient(lambda low: np.clip(values, low, None), np.full(5, -1.0))
    high = gradient(lambda high: np.clip(values, None, high), np.full(5, 1.0))
    assert (low.tolist(), high.tolist()) == ([1, 0, 0, 0, 0], [0, 0, 0, 0, 1])


@pytest.mark.parametrize("order", [1.5, 2, 3])
def test_what_is_zero_adds_nothing_to_a_length(order: float) -> None:
    def length(x: Any) -> Any:
        return np.linalg.norm(x, order, axis=1)

    slopes = gradient(length, [[0.0, 1.0, -2.0], [0.0, 0.0, 0.0], [0.0, 3.0, 4.0]])
    assert not slopes[:, 0].any()
    assert not slopes[1].any()
    total = 1 + 2**order
    expected = np.array([1, -(2 ** (order - 1))]) * total ** (1 / order - 1)
    np.testing.assert_allclose(slopes[0, 1:], expected, rtol=1e-13)


def test_one_degree_of_freedom_is_enough_for_a_variance() -> None:
    assert gradient(lambda x: np.var(x, ddof=1), [1.0, 4.0]).tolist() == [-3, 3]


@pytest.mark.parametrize("pick", [np.sort, lambda x: np.partition(x, 500)])
def test_equal_elements_share_evenly_wherever_they_end_up(pick: Any) -> None:
    values = np.random.default_rng(0).integers(0, 200, 1000) * 1.0
    x = tg.Tensor(values, requires_grad=True)
    dy = np.random.default_rng(1).normal(size=1000)
    pick(x).backward(dy)
    assert x.grad is not None
    for value in np.unique(values):
        shares = x.grad.numpy()[values == value]
        np.testing.assert_allclose(shares, dy[np.asarray(pick(values)) == value].mean())


@pytest.mark.parametrize(
    "name",
    [
        name
        for name, op in OPS.items()
        if len(op.arguments) == 1
        and {rule.__module__.rpartition(".")[2] for rule in rules_of(op)} <= set(WHOLE_LINE)
        and all(case.low == -case.high for case in op.cases)
        and not any(set(case.settings) - {"axis", "keepdims"} for case in op.cases)
    ],
)
@pytest.mark.parametrize("value", EXTREMES)
def test_functions_of_the_whole_line_are_finite_with_finite_slopes(name: str, value: float) -> None:
    op = OPS[name]
    x = tg.Tensor([value, value], requires_grad=True)
    y = tg.Tensor.__record__(op, (x,), {})
    assert np.isfinite(y.numpy()).all()
    y.backward(np.ones(y.shape))
    assert x.grad is not None
    assert np.isfinite(x.grad.numpy()).all()
