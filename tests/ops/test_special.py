"""Special functions are right to the last digits, and finite and silent at the ends.

The values were computed from the definitions with 60 digits or more.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import special
from tinygrad_edu.ops.erf import bell

VALUES: dict[str, list[tuple[float, float]]] = {
    "erf": [
        (1e-300, 1.1283791670955126e-300),
        (1e-09, 1.1283791670955127e-09),
        (0.1, 0.1124629160182849),
        (0.49, 0.511668261188523),
        (0.5, 0.5204998778130465),
        (0.51, 0.5292436198411704),
        (1.0, 0.8427007929497149),
        (2.5, 0.999593047982555),
        (-0.3, -0.3286267594591274),
        (-1.7, -0.9837904585907745),
        (5.9, 0.9999999999999999),
    ],
    "erfc": [
        (-3.0, 1.9999779095030015),
        (-0.5, 1.5204998778130465),
        (-1e-09, 1.0000000011283792),
        (0.3, 0.6713732405408726),
        (0.5, 0.4795001221869535),
        (1.0, 0.15729920705028513),
        (2.5, 0.0004069520174449589),
        (5.0, 1.537459794428035e-12),
        (10.0, 2.088487583762545e-45),
        (20.0, 5.395865611607901e-176),
        (26.0, 5.663192408856143e-296),
    ],
    "gammaln": [
        (1e-300, 690.7755278982137),
        (0.1, 2.252712651734206),
        (0.999999, 5.772164873855652e-07),
        (1.000001, -5.772148423874147e-07),
        (1.3, -0.10817480950786047),
        (1.999999, -4.227840125965854e-07),
        (2.000001, 4.2278465762452923e-07),
        (2.5, 0.2846828704729192),
        (7.7, 7.926541356269005),
        (10.0, 12.801827480081469),
        (123.4, 469.3360974421906),
        (10000000000.0, 220258509288.81058),
        (-0.5, 1.2655121234846454),
        (-1.5, 0.860047015376481),
        (-20.3, -41.887292480135244),
    ],
    "digamma": [
        (1e-300, -9.999999999999999e299),
        (0.1, -10.423754940411076),
        (0.9, -0.7549269499470513),
        (1.0, -0.5772156649015329),
        (1.4616, -3.110625123034165e-05),
        (1.4617, 6.56593922936765e-05),
        (2.0, 0.42278433509846713),
        (3.3, 1.0348224890596216),
        (9.99, 2.250700372831201),
        (10.0, 2.251752589066721),
        (123.4, 4.8113737751162775),
        (10000000000.0, 23.025850929890456),
        (-0.4, 0.9593807861068093),
        (-1.3, 2.8825405488661673),
        (-20.3, 5.317549924239749),
    ],
    "trigamma": [
        (1e-100, 1e200),
        (0.1, 101.43329915079275),
        (1.0, 1.6449340668482264),
        (2.5, 0.49035775610023485),
        (10.0, 0.10516633568168575),
        (123.4, 0.008136651610865263),
        (10000000000.0, 1.00000000005e-10),
        (-0.5, 8.934802200544679),
        (-1.3, 14.53687624413708),
        (-20.3, 15.03134603262623),
    ],
    "tetragamma": [
        (0.1, -2001.8614573783436),
        (1.0, -2.4041138063191885),
        (2.5, -0.2362040516417274),
        (10.0, -0.011049834970802067),
        (123.4, -6.620473419231093e-05),
        (-0.6, -22.979869364319093),
        (-1.3, 68.54941347116214),
    ],
    "polygamma7": [
        (0.1, 504000002365.19116),
        (1.0, 5060.54987523764),
        (2.5, 3.565236352523131),
        (30.0, 3.693311077871013e-08),
        (-1.3, 76905677.48471008),
    ],
    "softplus": [
        (-40.0, 4.248354255291589e-18),
        (-1.0, 0.3132616875182228),
        (0.0, 0.6931471805599453),
        (1.0, 1.3132616875182228),
        (40.0, 40.0),
        (10000.0, 10000.0),
    ],
    "log_sigmoid": [
        (-10000.0, -10000.0),
        (-40.0, -40.0),
        (-1.0, -1.3132616875182228),
        (0.0, -0.6931471805599453),
        (1.0, -0.3132616875182228),
        (40.0, -4.248354255291589e-18),
        (100.0, -3.720075976020836e-44),
    ],
    "logit": [
        (1e-300, -690.7755278982137),
        (0.1, -2.197224577336219),
        (0.25, -1.0986122886681098),
        (0.4999999, -4.000000000115076e-07),
        (0.5000001, 3.99999999789463e-07),
        (0.75, 1.0986122886681098),
        (0.9, 2.1972245773362196),
    ],
    "log1mexp": [
        (1e-09, -20.723265837446412),
        (0.3, -1.3502256128148467),
        (0.6931, -0.6931943633460008),
        (0.7, -0.6863410028083852),
        (2.0, -0.14541345786885906),
        (40.0, -4.248354255291589e-18),
        (90.0, -8.194012623990515e-40),
    ],
}
FUNCTIONS: dict[str, Any] = {
    "trigamma": lambda x: special.polygamma(1, x),
    "tetragamma": lambda x: special.polygamma(2, x),
    "polygamma7": lambda x: special.polygamma(7, x),
}
SLOPES = {"gammaln": "digamma", "digamma": "trigamma", "trigamma": "tetragamma"}
ELEMENTWISE = [
    special.erf, special.erfc, special.gammaln, special.digamma, special.softplus,
    special.log_sigmoid, special.expit, bell, FUNCTIONS["trigamma"],
]  # fmt: skip
TINY, AT_10000 = 1e-308 * 2 / np.sqrt(np.pi), np.log(1e4) - 0.5e-4 - 1e-8 / 12
ENDS = [-np.inf, -1e308, -1e4, -1e-308, 0.0, 1e-308, 1e4, 1e308, np.inf]


def function_of(name: str) -> Any:
    return FUNCTIONS.get(name) or getattr(special, name)


def slope(function: Any, x: Any) -> Any:
    x = tg.Tensor(x, requires_grad=True)
    function(x).sum().backward()
    return x.grad.numpy()


@pytest.mark.parametrize("name", VALUES)
def test_values_are_right_to_a_few_units_in_the_last_place(name: str) -> None:
    x, expected = np.array(VALUES[name]).T
    got = function_of(name)(tg.Tensor(x)).numpy()
    np.testing.assert_array_max_ulp(got, expected, maxulp=8)


@pytest.mark.parametrize("name", VALUES)
def test_single_precision_is_right_to_its_last_place(name: str) -> None:
    x, _ = np.array(VALUES[name]).T
    with np.errstate(over="ignore", under="ignore"):
        x = x.astype(np.float32)
    x = x[(np.abs(x) > 1e-30) & (np.abs(x) < 1e30)]
    got = function_of(name)(tg.Tensor(x)).numpy()
    assert got.dtype == np.float32
    expected = function_of(name)(tg.Tensor(x.astype(np.float64))).numpy()
    np.testing.assert_allclose(got, expected, rtol=5e-7, atol=1e-44)


@pytest.mark.parametrize("name", SLOPES)
def test_each_function_of_the_gamma_family_has_the_next_one_as_its_slope(name: str) -> None:
    x = [0.1, 1.0, 2.5, 10.0, 123.4, -0.6, -1.3]
    expected = function_of(SLOPES[name])(tg.Tensor(x)).numpy()
    np.testing.assert_array_equal(slope(function_of(name), x), expected)


@pytest.mark.parametrize("function", ELEMENTWISE)
def test_derivatives_are_right_to_fourth_order(function: Any) -> None:
    assert tg.check_grad(function, [0.4, 0.7, 1.6], order=4, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("function", [special.gammaln, special.digamma, FUNCTIONS["trigamma"]])
def test_derivatives_are_right_between_the_negative_integers(function: Any) -> None:
    assert tg.check_grad(function, [-0.4, -1.6, -7.5], step=1e-4)


@pytest.mark.parametrize("function", [f for f in ELEMENTWISE if f not in (
    special.gammaln, special.digamma, FUNCTIONS["trigamma"])])  # fmt: skip
def test_slopes_of_any_order_are_finite_everywhere_and_there_is_no_warning(function: Any) -> None:
    x = tg.Tensor(ENDS, requires_grad=True)
    y = function(x)
    assert not np.isnan(y.numpy()).any()
    for _ in range(3):
        x.grad = None
        y.sum().backward(create_graph=True)
        y = x.grad
        assert np.isfinite(y.numpy()).all()


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (special.erf, [-1, -1, -1, -TINY, 0, TINY, 1, 1, 1]),
        (special.erfc, [2, 2, 2, 1, 1, 1, 0, 0, 0]),
        (special.softplus, [0, 0, 0, np.log(2), np.log(2), np.log(2), 1e4, 1e308, np.inf]),
        (special.log_sigmoid, [-np.inf, -1e308, -1e4, *[-np.log(2)] * 3, 0, 0, 0]),
        (special.expit, [0, 0, 0, 0.5, 0.5, 0.5, 1, 1, 1]),
        (special.digamma, [*[np.nan] * 3, 1e308, -np.inf, -1e308, AT_10000, np.log(1e308), np.inf]),
    ],
)  # fmt: skip
def test_values_at_the_ends_of_the_number_line(function: Any, expected: Any) -> None:
    np.testing.assert_allclose(function(tg.Tensor(ENDS)).numpy(), expected, rtol=1e-15)


def test_the_gamma_family_at_its_poles_and_at_infinity() -> None:
    poles = tg.Tensor([0.0, -1.0, -5.0, -1e300])
    assert special.gammaln(poles).tolist() == [np.inf] * 4
    assert np.isnan(special.digamma(poles).numpy()).tolist() == [False, True, True, True]
    assert special.polygamma(1, poles).tolist() == [np.inf] * 4
    assert np.isnan(special.polygamma(2, poles).numpy()).all()
    far = tg.Tensor([1e300, np.inf])
    np.testing.assert_allclose(special.gammaln(far).numpy(), [6.897755278982137e302, np.inf])
    np.testing.assert_allclose(special.digamma(far).numpy(), [690.7755278982137, np.inf])
    assert special.polygamma(1, far).tolist() == [1e-300, 0.0]


def test_recurrence_and_reflection_hold() -> None:
    x = np.random.default_rng(2).uniform(-4, 12, 200)
    step = special.gammaln(x + 1) - special.gammaln(x)
    np.testing.assert_allclose(step, np.log(np.abs(x)), rtol=1e-12, atol=1e-13)
    step = special.digamma(x + 1) - special.digamma(x)
    np.testing.assert_allclose(step, 1 / x, rtol=1e-10)
    np.testing.assert_allclose(special.erf(-x), -special.erf(x), rtol=0)
    np.testing.assert_allclose(special.erf(x) + special.erfc(x), 1, rtol=1e-15)


@pytest.mark.parametrize("order", [-1, 1.5, True, 151])
def test_an_order_that_polygamma_does_not_have_is_refused(order: Any) -> None:
    with pytest.raises(ValueError, match="order of polygamma"):
        special.polygamma(order, tg.Tensor([1.0]))


def test_polygamma_of_order_0_is_digamma() -> None:
    x = tg.Tensor([0.3, 4.0])
    assert special.polygamma(0, x).tolist() == special.digamma(x).tolist()


@pytest.mark.parametrize("function", [special.erf, special.gammaln, special.softmax])
def test_complex_numbers_are_refused_with_a_word_about_it(function: Any) -> None:
    with pytest.raises(TypeError, match="complex"):
        function(tg.Tensor([1j]))


def test_numbers_and_integers_are_taken_as_floats() -> None:
    assert special.erf(0.5) == special.erf(tg.Tensor(0.5)).item()
    assert special.gammaln(tg.Tensor([5], dtype=int)).tolist() == [np.log(24.0)]
    assert special.softmax(np.array([1, 1])).tolist() == [0.5, 0.5]


# ------------------------------------------------------------------------------------- xlogy
def test_xlogy_of_two_zeros_is_0_and_flat() -> None:
    x, y = (
        tg.Tensor([0.0, 0.0, 2.0], requires_grad=True),
        tg.Tensor([0.0, 2.0, 3.0], requires_grad=True),
    )
    z = special.xlogy(x, y)
    assert z.tolist() == [0.0, 0.0, 2 * np.log(3.0)]
    z.sum().backward()
    assert x.grad.tolist() == [0.0, np.log(2.0), np.log(3.0)]
    assert y.grad.tolist() == [0.0, 0.0, 2 / 3]


def test_xlogy_does_not_hide_nan() -> None:
    assert np.isnan(special.xlogy(0.0, np.nan))
    assert np.isnan(special.xlogy(np.nan, 0.5))


def test_a_number_does_not_widen_xlogy() -> None:
    x = tg.Tensor([0.5], dtype=np.float32)
    assert special.xlogy(x, 2.0).dtype == np.float32
    assert special.xlogy(2.0, x).dtype == np.float32


# ------------------------------------------------------------- logsumexp, softmax, log_softmax
def test_logsumexp_softmax_and_log_softmax_belong_together() -> None:
    x = np.random.default_rng(3).normal(size=(3, 4, 5)) * 10
    for axis in (0, -1, (0, 2), None):
        total = special.logsumexp(x, axis=axis, keepdims=True)
        np.testing.assert_allclose(total, np.log(np.exp(x).sum(axis=axis, keepdims=True)))
        np.testing.assert_allclose(special.softmax(x, axis=axis), np.exp(x - total))
        np.testing.assert_allclose(special.log_softmax(x, axis=axis), x - total, atol=1e-14)
        assert special.logsumexp(x, axis=axis).shape == np.sum(x, axis=axis).shape


def test_without_an_axis_softmax_takes_the_last_and_logsumexp_all() -> None:
    x = tg.Tensor(np.arange(6.0).reshape(2, 3))
    np.testing.assert_allclose(special.softmax(x).sum(axis=-1).numpy(), [1, 1])
    np.testing.assert_allclose(np.exp(special.log_softmax(x)).sum(axis=-1).numpy(), [1, 1])
    assert special.logsumexp(x).shape == ()


@pytest.mark.parametrize("big", [1e4, 1e308])
def test_large_numbers_neither_overflow_nor_warn(big: float) -> None:
    x = tg.Tensor([big, big, -big], requires_grad=True)
    total = special.logsumexp(x)
    np.testing.assert_allclose(total.item(), big + np.log(2), rtol=1e-15)
    total.backward()
    assert x.grad.tolist() == [0.5, 0.5, 0.0]
    assert special.softmax(x).tolist() == [0.5, 0.5, 0.0]
    y = special.log_softmax(x)
    np.testing.assert_allclose(y.numpy(), [-np.log(2)] * 2 + [-2 * big - np.log(2)])
    x.grad = None
    y[:2].sum().backward()
    assert x.grad.tolist() == [0.0, 0.0, 0.0]


def test_what_is_small_beside_the_largest_is_not_lost() -> None:
    x = tg.Tensor([0.0, -50.0])
    np.testing.assert_allclose(special.logsumexp(x).item(), np.exp(-50), rtol=1e-15)
    np.testing.assert_allclose(special.log_softmax(x)[0].item(), -np.exp(-50), rtol=1e-15)


def test_minus_infinity_everywhere_sums_to_minus_infinity_with_gradient_0() -> None:
    x = tg.Tensor([[-np.inf, -np.inf], [0.0, -np.inf]], requires_grad=True)
    total = special.logsumexp(x, axis=1)
    assert total.tolist() == [-np.inf, 0.0]
    total.sum().backward()
    assert x.grad.tolist() == [[0.0, 0.0], [1.0, 0.0]]
    assert special.softmax(x).tolist() == [[0.0, 0.0], [1.0, 0.0]]
    x.grad = None
    special.softmax(x).sum().backward(create_graph=True)
    assert not np.isnan(x.grad.numpy()).any()


def test_infinity_takes_all() -> None:
    x = tg.Tensor([np.inf, 0.0, 1e308], requires_grad=True)
    assert special.softmax(x).tolist() == [1.0, 0.0, 0.0]
    assert special.log_softmax(x).tolist() == [0.0, -np.inf, -np.inf]
    total = special.logsumexp(x)
    total.backward()
    assert total.item() == np.inf
    assert x.grad.tolist() == [1.0, 0.0, 0.0]


@pytest.mark.parametrize("function", [special.logsumexp, special.softmax, special.log_softmax])
def test_nan_is_not_hidden(function: Any) -> None:
    assert np.isnan(function(tg.Tensor([np.nan, 1.0])).numpy()).all()


def test_nothing_sums_to_minus_infinity() -> None:
    assert special.logsumexp(np.zeros((0, 2)), axis=0).tolist() == [-np.inf, -np.inf]
    assert special.softmax(np.zeros((2, 0))).shape == (2, 0)


def test_ties_count_each() -> None:
    np.testing.assert_allclose(special.logsumexp(np.full(1000, 3.0)), 3 + np.log(1000), rtol=1e-15)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.longdouble])
def test_sums_of_exponentials_keep_the_dtype(dtype: Any) -> None:
    x = tg.Tensor(np.array([1, 2, 3], dtype), requires_grad=True)
    for function in (special.logsumexp, special.softmax, special.log_softmax):
        x.grad = None
        y = function(x)
        y.sum().backward()
        assert y.dtype == x.grad.dtype == dtype


def test_logit_is_infinite_at_0_and_1_and_undoes_sigmoid() -> None:
    assert special.logit(np.array([0.0, 1.0])).tolist() == [-np.inf, np.inf]
    x = np.linspace(-5, 5, 41)
    np.testing.assert_allclose(special.logit(tg.sigmoid(x)), x, rtol=1e-13, atol=1e-15)


def test_log1mexp_has_a_finite_slope_far_out() -> None:
    assert slope(special.log1mexp, [50.0, 1e4, 1e308, np.inf])[1:].tolist() == [0.0, 0.0, 0.0]


def test_softplus_and_log_sigmoid_of_whole_numbers_are_those_of_floats() -> None:
    x = np.array([0, 3, 250], np.uint8)
    np.testing.assert_array_equal(special.softplus(x), np.logaddexp(0, x))
    np.testing.assert_allclose(special.log_sigmoid(x), -np.logaddexp(0, -x.astype(float)))


ROWS = np.array(
    [[-1.0, -2.0], [-np.inf, -np.inf], [np.inf, 1.0], [np.nan, 0.0], [-3.0, -np.inf], [0.0, 1e308]]
)


@pytest.mark.parametrize("name", ["softmax", "log_softmax", "logsumexp"])
def test_a_row_does_not_look_at_its_neighbours(name: str) -> None:
    function = getattr(special, name)
    together = np.asarray(function(ROWS, axis=1))
    for row, of_all in zip(ROWS, together):
        np.testing.assert_array_equal(np.asarray(function(row[None], axis=1))[0], of_all)
    x = tg.Tensor(ROWS, requires_grad=True)
    function(x, axis=1)[0].sum().backward()
    alone = tg.Tensor(ROWS[:1], requires_grad=True)
    function(alone, axis=1).sum().backward()
    assert x.grad is not None
    assert alone.grad is not None
    np.testing.assert_array_equal(x.grad[0], alone.grad[0])
