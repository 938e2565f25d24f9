"""The methods of ufuncs and the settings of their calls are NumPy's, or refused; never ignored."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import special


def leaf(values: Any, dtype: Any = None) -> tg.Tensor:
    return tg.Tensor(values, requires_grad=True, dtype=dtype)


X = (3, 2, 4)
METHODS: dict[str, Any] = {
    "add.reduce": lambda x: np.add.reduce(x),
    "add.reduce(1)": lambda x: np.add.reduce(x, 1),
    "add.reduce(axis=(0, -1))": lambda x: np.add.reduce(x, axis=(0, -1)),
    "add.reduce(axis=None)": lambda x: np.add.reduce(x, axis=None),
    "add.reduce(keepdims)": lambda x: np.add.reduce(x, axis=1, keepdims=True),
    "add.reduce(initial)": lambda x: np.add.reduce(x, initial=5.0),
    "add.reduce(where)": lambda x: np.add.reduce(x, where=np.arange(4) % 2 == 0),
    "multiply.reduce": lambda x: np.multiply.reduce(x, axis=-1),
    "multiply.reduce(where)": lambda x: np.multiply.reduce(x, where=np.arange(4) % 2 == 0),
    "maximum.reduce": lambda x: np.maximum.reduce(x, axis=(1, 2)),
    "maximum.reduce(initial)": lambda x: np.maximum.reduce(x, axis=0, initial=0.3),
    "minimum.reduce(where)": lambda x: np.minimum.reduce(
        x, axis=2, initial=9.0, where=np.arange(4) > 1
    ),
    "fmax.reduce": lambda x: np.fmax.reduce(x, axis=1),
    "subtract.reduce": lambda x: np.subtract.reduce(x, axis=-1),
    "divide.reduce": lambda x: np.divide.reduce(x * x + 1, axis=0),
    "hypot.reduce": lambda x: np.hypot.reduce(x, axis=(0, 1, 2)),
    "hypot.reduce(keepdims)": lambda x: np.hypot.reduce(x, axis=(0, 2), keepdims=True),
    "logaddexp.reduce": lambda x: np.logaddexp.reduce(x, axis=1),
    "logaddexp2.reduce": lambda x: np.logaddexp2.reduce(x, axis=1),
    "power.reduce": lambda x: np.power.reduce(x * x + 0.5, axis=1),
    "add.accumulate": lambda x: np.add.accumulate(x),
    "add.accumulate(-1)": lambda x: np.add.accumulate(x, -1),
    "multiply.accumulate": lambda x: np.multiply.accumulate(x, axis=2),
    "maximum.accumulate": lambda x: np.maximum.accumulate(x, axis=-1),
    "minimum.accumulate": lambda x: np.minimum.accumulate(x, axis=2),
    "subtract.accumulate": lambda x: np.subtract.accumulate(x, axis=1),
    "add.reduceat": lambda x: np.add.reduceat(x, [0, 2, 1], axis=0),
    "multiply.reduceat": lambda x: np.multiply.reduceat(x, [3, 1, 0], axis=-1),
    "multiply.outer": lambda x: np.multiply.outer(x, np.arange(3.0)),
    "subtract.outer(list)": lambda x: np.subtract.outer([1.0, 2.0], x),
    "arctan2.outer": lambda x: np.arctan2.outer(x, x[0]),
    "outer of a number": lambda x: np.hypot.outer(x, 2.0),
}


@pytest.mark.parametrize("name", METHODS)
def test_methods_are_numpys_and_differentiable(name: str, agrees_with_numpy: Any) -> None:
    agrees_with_numpy(METHODS[name], X)


def test_reducing_a_single_number_and_a_single_element() -> None:
    assert np.add.reduce(leaf(3.0)).tolist() == 3.0
    assert np.subtract.reduce(leaf([3.0])).tolist() == 3.0
    assert np.hypot.reduce(leaf(-3.0), keepdims=True).shape == ()


def test_reducing_nothing_gives_what_numpy_says() -> None:
    x = leaf(np.zeros((0, 2)))
    assert np.add.reduce(x).tolist() == [0.0, 0.0]
    assert np.multiply.reduce(x).tolist() == [1.0, 1.0]
    assert np.maximum.reduce(x, initial=2.0).tolist() == [2.0, 2.0]
    with pytest.raises(ValueError, match="zero-size"):
        np.maximum.reduce(x)
    assert np.subtract.accumulate(x).shape == (0, 2)


def test_the_start_of_a_reduction_has_a_gradient_too() -> None:
    x, start = leaf([2.0, 3.0]), leaf(4.0)
    np.multiply.reduce(x, initial=start).backward()
    assert x.grad.tolist() == [12.0, 8.0]
    assert start.grad.tolist() == 6.0


def test_a_reduction_in_another_dtype_casts_first() -> None:
    x = leaf([1.0, 2.0], np.float32)
    for y in (np.add.reduce(x, dtype=np.float64), np.add.accumulate(x, dtype=np.float64)):
        assert y.dtype == np.float64
        x.grad = None
        y.sum().backward()
        assert x.grad.dtype == np.float32
    with pytest.raises(TypeError, match="int"):
        np.add.reduce(x, dtype=int)


@pytest.mark.parametrize(
    ("function", "error", "match"),
    [
        (lambda x: np.subtract.reduce(x, axis=(0, 1)), ValueError, "reorderable"),
        (lambda x: np.add.reduce(x, axis=2), ValueError, "axis 2"),
        (lambda x: np.add.accumulate(x, axis=5), ValueError, "axis 5"),
        (lambda x: np.add.reduceat(x, [0, 9]), IndexError, "9"),
        (lambda x: np.maximum.reduce(x, where=np.array([True, False])), ValueError, "initial"),
        (lambda x: np.subtract.reduce(x, where=np.array([True, False])), ValueError, "left out"),
        (lambda x: np.add.reduce(x, out=np.zeros(2)), TypeError, "out="),
        (lambda x: np.add.accumulate(x, out=np.zeros((2, 2))), TypeError, "out="),
        (lambda x: np.add.reduceat(x, [0], out=np.zeros((1, 2))), TypeError, "out="),
        (lambda x: np.add.at(x, [0], 1.0), TypeError, r"t\[index\] \+= v"),
        (lambda x: np.add.at(np.zeros((2, 2)), [0, 1], x), TypeError, "history"),
        (lambda x: np.add(x, 1, where=np.array([True, False])), TypeError, r"np\.where"),
        (lambda x: np.add(x, 1, dtype=int), TypeError, "cast"),
        (lambda x: np.add(x, 1, order="F"), TypeError, "order="),
        (lambda x: np.exp(x, subok=False), TypeError, "subok="),
        (lambda x: np.modf(x, out=(np.zeros((2, 2)), np.zeros((2, 2)))), TypeError, "modf"),
        (lambda x: np.add(x, 1, out=tg.Tensor([[0, 0], [0, 0]])), TypeError, "out="),
        (lambda x: np.add(x, 1, out=tg.Tensor([[0.0, 0.0]])), ValueError, "shape"),
    ],
)  # fmt: skip
def test_what_cannot_be_right_is_refused(function: Any, error: Any, match: str) -> None:
    x = leaf([[1.0, 2.0], [3.0, 4.0]])
    with pytest.raises(error, match=match):
        function(x)
    assert x.tolist() == [[1.0, 2.0], [3.0, 4.0]]


# ------------------------------------------------------------------------ calls with settings
def test_a_call_with_a_dtype_computes_in_it() -> None:
    x = leaf([0.1, 0.2], np.float32)
    y = np.add(x, np.array([1, 2], np.int8), dtype=np.float64)
    np.testing.assert_array_equal(
        y.numpy(), np.add(x.numpy(), np.array([1, 2], np.int8), dtype=np.float64)
    )
    y.sum().backward()
    assert (x.grad.tolist(), x.grad.dtype) == ([1.0, 1.0], np.float32)
    assert np.exp(x, dtype=np.float64).dtype == np.float64
    assert np.multiply(x, 2, dtype=np.float16).dtype == np.float16
    assert np.add(x, 1.7, dtype=int, casting="unsafe").tolist() == [1, 1]


def test_a_guarded_division_has_no_gradient_where_it_is_not_done() -> None:
    """The usual way to write it, without NaN: not by 0 times infinity either."""
    a, b = leaf([1.0, 2.0, 0.0]), leaf([4.0, 0.0, 0.0])
    y = np.divide(a, b, out=np.zeros_like(a), where=b != 0)
    assert y.tolist() == [0.25, 0.0, 0.0]
    y.sum().backward()
    assert a.grad.tolist() == [0.25, 0.0, 0.0]
    assert b.grad.tolist() == [-1 / 16, 0.0, 0.0]


def test_a_guarded_logarithm_broadcasts_its_operands_and_its_mask() -> None:
    def guarded(x: Any, y: Any) -> Any:
        if isinstance(x, tg.Tensor):
            out = tg.Tensor(np.full((2, 3), -1.0))
        else:
            out = np.full((2, 3), -1.0)
        return np.power(x, y, out=out, where=np.array([True, False, True]))

    x, y = [[0.5], [1.5]], [1.0, 2.0, 3.0]
    np.testing.assert_array_equal(
        guarded(leaf(x), leaf(y)).numpy(), guarded(np.array(x), np.array(y))
    )
    assert tg.check_grad(guarded, x, y)


def test_what_is_written_over_loses_its_gradient_and_the_rest_keeps_it() -> None:
    x = leaf([1.0, 2.0])
    z = x * 10
    result = np.add(x, 1, out=z, where=np.array([True, False]))
    assert result is z
    assert z.tolist() == [2.0, 20.0]
    z.sum().backward()
    assert x.grad.tolist() == [1.0, 10.0]


def test_a_tensor_given_as_out_takes_the_result_and_its_history() -> None:
    x, z = leaf([1.0, 2.0]), tg.Tensor([0.0, 0.0])
    assert np.square(x, out=z) is z
    z.sum().backward()
    assert x.grad.tolist() == [2.0, 4.0]


def test_a_parameter_is_not_written_over_where_history_is_kept() -> None:
    x = leaf([1.0, 2.0])
    with pytest.raises(RuntimeError, match="no_grad"):
        np.add(np.ones(2), 1, out=x)
    with tg.no_grad():
        np.add(x, 1, out=x)
    assert x.tolist() == [2.0, 3.0]
    assert x.is_leaf


def test_a_write_through_out_is_noticed_by_a_gradient_that_needs_the_old_value() -> None:
    x = leaf([1.0, 2.0])
    y = x * x
    with tg.no_grad():
        np.add(x, 1, out=x)
    with pytest.raises(RuntimeError, match="in place"):
        y.sum().backward()


def test_tensors_without_history_are_left_to_numpy() -> None:
    x = tg.Tensor([1.0, 2.0, 4.0])
    assert np.add.reduce(x, dtype=int).tolist() == 7
    assert np.subtract.reduceat(x, [0, 1]).tolist() == [1.0, -2.0]
    array = np.zeros(3)
    np.add.at(array, [0, 0, 1], x)
    assert array.tolist() == [3.0, 4.0, 0.0]
    assert np.add(x, 1, out=array) is array
    assert np.exp(x, order="F", subok=False).shape == (3,)
    with tg.no_grad():
        assert np.add.reduce(leaf([1.0, 2.0]), keepdims=True).tolist() == [3.0]


def test_constant_ufuncs_take_all_their_settings() -> None:
    x = leaf([1.0, 0.0])
    assert np.logical_and.reduce(x).tolist() is False
    assert np.greater.outer(x, [0.5]).tolist() == [[True], [False]]
    assert np.greater(x, 0.5, dtype=bool).tolist() == [True, False]
    assert np.floor_divide(x, 0.5, dtype=np.float32).dtype == np.float32


def test_reducing_logarithms_of_sums_is_logsumexp() -> None:
    x = leaf([[1e4, 1e4], [0.0, -np.inf]])
    assert np.logaddexp.reduce(x, axis=1).tolist() == special.logsumexp(x, axis=1).tolist()


def test_a_ufunc_nobody_has_a_rule_for_is_refused_in_every_way() -> None:
    ufunc = np.frompyfunc(lambda a, b: a + b, 2, 1)
    x = leaf([1.0, 2.0])
    for call in (ufunc, ufunc.outer):
        with pytest.raises(TypeError, match="no derivative rule"):
            call(x, x)
    for call in (ufunc.reduce, ufunc.accumulate):
        with pytest.raises(TypeError, match="no derivative rule"):
            call(x)
    with pytest.raises(TypeError, match="no derivative rule"):
        ufunc.reduceat(x, [0])


# -------------------------------------------------------------------------- Python's operators
def test_pythons_operators_are_numpys_functions() -> None:
    x, y = leaf([5.5, -5.5]), leaf([2.0, 2.0])
    assert (x % y).tolist() == [1.5, 0.5]
    assert (7.0 % y).tolist() == [1.0, 1.0]
    assert (x // y).tolist() == [2.0, -3.0]
    assert (7.0 // y).tolist() == [3.0, 3.0]
    assert [part.tolist() for part in divmod(x, 2.0)] == [[2.0, -3.0], [1.5, 0.5]]
    assert [part.tolist() for part in divmod(7.0, y)] == [[3.0, 3.0], [1.0, 1.0]]
    assert (+x).tolist() == x.tolist()
    assert round(leaf([1.26]), 1).tolist() == [1.3]
    assert round(leaf([1.26])).tolist() == [1.0]
    (x % y + abs(x)).sum().backward()
    assert x.grad.tolist() == [2.0, 0.0]
    assert y.grad.tolist() == [-2.0, 3.0]


def test_a_remainder_in_place_is_recorded_like_every_change() -> None:
    x = leaf([5.5, -5.5])
    y = x * 1
    y %= 2.0
    y.sum().backward()
    assert y.tolist() == [1.5, 0.5]
    assert x.grad.tolist() == [1.0, 1.0]


@pytest.mark.parametrize("ufunc", [np.subtract, np.divide, np.add, np.hypot, np.fmax])
@pytest.mark.parametrize("x", [[1.5, 2.0, 3.0], [-3.0]])
@pytest.mark.parametrize("initial", [None, 10.0])
def test_a_reduction_begins_with_what_there_is_initially(
    ufunc: Any, x: list[float], initial: float | None
) -> None:
    settings = {} if initial is None else {"initial": initial}
    y = ufunc.reduce(tg.Tensor(x, requires_grad=True), **settings)
    np.testing.assert_allclose(y.numpy(), ufunc.reduce(x, **settings), rtol=1e-15)
    tg.check_grad(lambda t: ufunc.reduce(t, **settings), x)
