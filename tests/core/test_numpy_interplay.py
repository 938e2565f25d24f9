"""Whatever NumPy and Python do with a tensor keeps its history, or is an error: never silence.

Arrays on the left, NumPy's scalars, its functions and their options, assignment into arrays, and
Python's own protocols. Next: ``test_foreign_operands.py``.
"""

from __future__ import annotations

import math
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg


def leaf(values: Any) -> tg.Tensor:
    return tg.Tensor(values, requires_grad=True)


def slopes(y: Any, x: tg.Tensor) -> Any:
    assert isinstance(y, tg.Tensor)
    assert y.dtype.kind == "f"
    y.sum().backward()
    assert x.grad is not None
    return x.grad.tolist()


TRACKED: dict[str, Any] = {
    "array * tensor": (lambda x: np.array([3.0, 4.0]) * x, [3.0, 4.0]),
    "array - tensor": (lambda x: np.array([3.0, 4.0]) - x, [-1.0, -1.0]),
    "array / tensor": (lambda x: np.array([3.0, 4.0]) / x, [-3.0, -1.0]),
    "array @ tensor": (lambda x: np.array([[3.0, 4.0]]) @ x, [3.0, 4.0]),
    "array ** tensor": (lambda x: np.array([1.0, 1.0]) ** x, [0.0, 0.0]),
    "scalar * tensor": (lambda x: np.float64(3) * x, [3.0, 3.0]),
    "scalar - tensor": (lambda x: np.float32(3) - x, [-1.0, -1.0]),
    "integer scalar * tensor": (lambda x: np.int64(3) * x, [3.0, 3.0]),
    "0-d array * tensor": (lambda x: np.array(3.0) * x, [3.0, 3.0]),
    "list * tensor": (lambda x: [3.0, 4.0] * x, [3.0, 4.0]),
    "list - tensor": (lambda x: [3.0, 4.0] - x, [-1.0, -1.0]),
    "tuple - tensor": (lambda x: (3.0, 4.0) - x, [-1.0, -1.0]),
    "np.add": (lambda x: np.add(np.ones(2), x), [1.0, 1.0]),
    "np.exp": (lambda x: np.exp(x - x) * x, [1.0, 1.0]),
    "np.sum": (lambda x: np.sum(x, 0), [1.0, 1.0]),
    "np.sum(a=)": (lambda x: np.sum(a=x, axis=0, keepdims=True), [1.0, 1.0]),
    "np.mean": (lambda x: np.mean(x, axis=-1), [0.5, 0.5]),
    "np.reshape": (lambda x: np.reshape(x, (2, 1)), [1.0, 1.0]),
    "np.stack": (lambda x: np.stack([x, np.ones(2)]), [1.0, 1.0]),
    "np.concatenate": (lambda x: np.concatenate([np.ones(3), x, [1.0]]), [1.0, 1.0]),
    "np.where": (lambda x: np.where([True, False], x, np.zeros(2)), [1.0, 0.0]),
    "sum()": (lambda x: sum([x, x, 1.0]), [2.0, 2.0]),
    "sum of elements": (lambda x: sum(x), [1.0, 1.0]),
    "max of elements": (lambda x: max(x), [0.0, 1.0]),
    "sorted": (lambda x: sorted(x, reverse=True)[0], [0.0, 1.0]),
    "unpacking": (lambda x: (lambda a, b: a * b)(*x), [2.0, 1.0]),
    "reversed": (lambda x: next(reversed(x)), [0.0, 1.0]),
    "abs": (lambda x: abs(-x), [1.0, 1.0]),
    "list += tensor": (lambda x: list_plus(x), [1.0, 1.0]),
}


def list_plus(x: tg.Tensor) -> Any:
    values: Any = [1.0, 1.0]
    values += x
    return values


@pytest.mark.parametrize("name", TRACKED)
def test_a_tensor_keeps_its_history_whoever_computes_with_it(name: str) -> None:
    function, expected = TRACKED[name]
    x = leaf([1.0, 2.0])
    assert slopes(function(x), x) == expected


def into(array: Any, operation: str, x: Any) -> Any:
    if operation == "+=":
        array += x
    elif operation == "*=":
        array *= x
    elif operation == "@=":
        array @= x
    elif operation == "[...] =":
        array[...] = x
    elif operation == "[0] =":
        array[0] = x[0]
    elif operation == "[0, 0] =":
        array[0, 0] = x[0, 0]
    elif operation == "np.add(out=)":
        np.add(array, x, out=array)
    elif operation == "np.add(x, x, out=)":
        np.add(x, x, out=array)
    elif operation == "np.exp(out=)":
        np.exp(x, out=array)
    elif operation == "np.copyto":
        np.copyto(array, x)
    elif operation == "np.put":
        np.put(array, [0, 1, 2, 3], x)
    elif operation == "np.fill_diagonal":
        np.fill_diagonal(array, x)
    elif operation == "np.place":
        np.place(array, array > 0, x)
    elif operation == "np.putmask":
        np.putmask(array, array > 0, x)
    elif operation == "np.sum(out=)":
        np.sum(x[None], axis=0, out=array)
    elif operation == "np.matmul(out=)":
        np.matmul(x, x, out=array)
    else:
        np.add.at(array, (slice(None), slice(None)), x)
    return array


INTO_ARRAYS = [
    "+=", "*=", "@=", "[...] =", "[0] =", "[0, 0] =", "np.add(out=)", "np.add(x, x, out=)",
    "np.exp(out=)", "np.copyto", "np.put", "np.fill_diagonal", "np.place", "np.putmask",
    "np.sum(out=)", "np.matmul(out=)", "np.add.at",
]  # fmt: skip


@pytest.mark.parametrize("operation", [o for o in INTO_ARRAYS if o != "[0, 0] ="])
def test_a_tracked_tensor_does_not_vanish_into_a_plain_array(operation: str) -> None:
    array = np.ones((2, 2))
    with pytest.raises(TypeError):
        into(array, operation, leaf([[1.0, 2.0], [3.0, 4.0]]))
    assert array.tolist() == [[1.0, 1.0], [1.0, 1.0]]


@pytest.mark.parametrize("operation", [o for o in INTO_ARRAYS if o != "np.sum(out=)"])
def test_an_untracked_tensor_stands_wherever_an_array_may(operation: str) -> None:
    values = np.array([[1.0, 2.0], [3.0, 4.0]])
    found = into(np.ones((2, 2)), operation, tg.Tensor(values))
    expected = into(np.ones((2, 2)), operation, values)
    assert type(found) is np.ndarray
    np.testing.assert_array_equal(found, expected)


def test_under_no_grad_a_tensor_may_be_written_into_an_array() -> None:
    array, x = np.ones(2), leaf([1.0, 2.0])
    with tg.no_grad():
        array += x
        np.add(array, x, out=array)
    assert array.tolist() == [3.0, 5.0]


def test_a_single_number_may_be_noted_down_in_an_array() -> None:
    """``losses[step] = loss`` is ``losses[step] = float(loss)``: it asks for the number alone."""
    losses, loss = np.zeros(2), leaf([3.0, 4.0]).sum()
    losses[1] = loss
    assert losses.tolist() == [0.0, 7.0]


CHOOSE_BY_TENSOR = """
import numpy as np, tinygrad_edu as tg
array = np.zeros(2)
np.add(np.ones(2), np.ones(2), out=array, where=tg.Tensor([True, False]))
print(array.tolist())
"""


def test_where_may_be_a_tensor_when_the_output_is_an_array() -> None:
    """In a process of its own: NumPy calling back without end would crash the test run."""
    run = subprocess.run(
        [sys.executable, "-c", CHOOSE_BY_TENSOR], capture_output=True, text=True, timeout=60
    )
    assert run.stdout == "[2.0, 0.0]\n", run.stderr[-300:]


USES: dict[str, Any] = {
    "np.array": lambda x: np.array(x),
    "np.asarray": lambda x: np.asarray(x),
    "np.asarray(dtype)": lambda x: np.asarray(x, dtype=object),
    "np.array([x])": lambda x: np.array([x, x]),
    "np.array of elements": lambda x: np.array([x[0], x[1]]),
    "list of tensors * array": lambda x: [x, x] * np.ones(2),
    "array.dot": lambda x: np.ones((2, 2)).dot(x),
    "array.put": lambda x: np.ones(2).put([0, 1], x),
    "np.sum of a list": lambda x: np.sum([x, x]),
    "np.full": lambda x: np.full(2, x),
    "np.sin": np.sin,
    "np.cumsum": np.cumsum,
    "np.dot": lambda x: np.dot(np.ones(2), x),
    "np.linalg.norm": np.linalg.norm,
    "np.einsum": lambda x: np.einsum("i->", x),
    "np.vectorize": lambda x: np.vectorize(math.sqrt)(x),
    "np.frompyfunc": lambda x: np.frompyfunc(lambda v: v, 1, 1)(x),
    "np.add.reduce": np.add.reduce,
    "np.add.accumulate": np.add.accumulate,
    "np.add.outer": lambda x: np.add.outer(np.ones(2), x),
    "np.multiply.reduceat": lambda x: np.multiply.reduceat(x, [0]),
    "np.add.at": lambda x: np.add.at(x, [0], 1.0),
    "np.add(where=)": lambda x: np.add(x, 1, where=np.array([True, False])),
    "np.add(dtype=)": lambda x: np.add(x, 1, dtype=np.float32),
    "np.sum(where=)": lambda x: np.sum(x, where=np.array([True, False])),
    "np.sum(dtype=)": lambda x: np.sum(x, dtype=np.float32),
    "np.sum(initial=)": lambda x: np.sum(x, initial=5.0),
    "np.reshape(order=)": lambda x: np.reshape(x, (2, 1), order="F"),
    "np.add(x, out=tensor)": lambda x: np.add(x, x, out=tg.Tensor([0.0, 0.0])),
    "np.copyto(tensor)": lambda x: np.copyto(x, np.zeros(2)),
    "np.fill_diagonal(tensor)": lambda x: np.fill_diagonal(x.reshape(2, 1), 0),
    "np.put(tensor)": lambda x: np.put(x, [0], 1.0),
    "np.nan_to_num": lambda x: np.nan_to_num(x, copy=False),
    "np.split": lambda x: np.split(x, 2),
    "masked array * tensor": lambda x: np.ma.array([3.0, 4.0], mask=[False, True]) * x,
    "masked array + tensor": lambda x: np.ma.array([3.0, 4.0]) + x,
    "np.ma.add": lambda x: np.ma.add(x, 1.0),
    "np.ma.array": np.ma.array,
    "memoryview": memoryview,
    "bytes": lambda x: bytes(x),
    "math.fsum": lambda x: np.array(list(x)),
    "Tensor": tg.Tensor,
    "Tensor of tensors": lambda x: tg.Tensor([x, x]),
    "Tensor of elements": lambda x: tg.Tensor(list(x)),
    "np.testing": lambda x: np.testing.assert_array_equal(x, np.ones(2)),
    "array[tensor]": lambda x: np.ones(3)[x],
    "range": lambda x: range(x[0]),
}


@pytest.mark.parametrize("name", USES)
def test_a_history_is_never_lost_in_silence(name: str) -> None:
    x = leaf([1.0, 2.0])
    try:
        result = USES[name](x)
    except TypeError:
        pass
    else:
        assert all(
            part.requires_grad for part in (result if isinstance(result, list) else [result])
        )
    assert x.tolist() == [1.0, 2.0]


UNTRACKED: dict[str, Any] = {
    "sin": np.sin,
    "cumsum": np.cumsum,
    "norm": np.linalg.norm,
    "reduce": np.add.reduce,
    "outer": lambda x: np.add.outer(x, x),
    "where": lambda x: np.add(x, 1, where=np.array([True, True]), out=None),
    "array": lambda x: np.array([x, x]),
    "indices": lambda x: np.nonzero(x)[0],
    "comparison": lambda x: x > 1,
    "sign": np.sign,
    "argmax": np.argmax,
    "clip": lambda x: np.clip(x, 0, 1),
    "round": lambda x: np.round(x),
    "isfinite": np.isfinite,
}


@pytest.mark.filterwarnings("ignore:'where' used without 'out'")
@pytest.mark.parametrize("name", UNTRACKED)
def test_without_a_history_numpy_computes_as_ever(name: str) -> None:
    values = np.array([1.0, 2.0])
    expected = UNTRACKED[name](values)
    np.testing.assert_array_equal(np.asarray(UNTRACKED[name](tg.Tensor(values))), expected)
    with tg.no_grad():
        found = UNTRACKED[name](leaf(values)) if name != "array" else expected
        assert not getattr(found, "requires_grad", False)


def test_comparisons_and_positions_have_no_history() -> None:
    x = leaf([1.0, 2.0])
    for result in (x > 1, x == x, np.sign(x), np.argmax(x), np.isnan(x), x != 1, ~(x > 1)):
        assert isinstance(result, tg.Tensor)
        assert not result.requires_grad
    assert np.allclose(x, [1.0, 2.0])
    assert np.array_equal(x, [1.0, 2.0])


def test_the_indices_where_a_tracked_tensor_is_not_zero_need_no_history() -> None:
    x = leaf([0.0, 2.0])
    assert np.where(x > 0)[0].tolist() == [1]
    assert np.nonzero(x)[0].tolist() == [1]
    assert np.where(x)[0].tolist() == [1]


def test_the_truth_of_several_elements_is_an_error() -> None:
    for tensor in (leaf([1.0, 2.0]), tg.Tensor([True, False]), tg.Tensor([])):
        with pytest.raises(ValueError, match=r"shape \(\d,\).*\.any\(\)"):
            bool(tensor)
    assert leaf([1.0])
    assert not tg.Tensor(0.0)


def test_membership_in_a_list_goes_by_identity_first_and_is_an_error_otherwise() -> None:
    a, b = leaf([1.0, 2.0]), leaf([1.0, 2.0])
    assert a in [a, b]
    with pytest.raises(ValueError, match=r"\.any\(\)"):
        assert b in [a, b]
    assert 2.0 in a
    assert 3.0 not in a


def test_tensors_are_hashed_by_identity() -> None:
    a, b = leaf(1.0), leaf(1.0)
    assert len({a, b, a}) == 2
    assert {a: 1, b: 2}[b] == 2


def test_comparing_with_none_is_false_everywhere() -> None:
    x = leaf([1.0])
    assert not (x == None).any()  # noqa: E711  # what is tested
    assert (x != None).all()  # noqa: E711


@pytest.mark.parametrize("convert", [float, int, complex, "{:.1f}".format])
def test_only_a_single_element_becomes_a_number(convert: Any) -> None:
    assert convert(leaf([[1.0]])) == convert(1.0)
    for several in (leaf([1.0, 2.0]), leaf(np.zeros((0,)))):
        with pytest.raises((ValueError, TypeError), match="shape"):
            convert(several)


def test_an_integer_tensor_is_an_index_and_others_are_not() -> None:
    assert [10, 20, 30][tg.Tensor(1)] == 20
    assert np.arange(3)[tg.Tensor([0, 2])].tolist() == [0, 2]
    assert np.arange(3)[leaf([0.0, 2.0, 0.0]) > 1].tolist() == [1]
    for wrong in (tg.Tensor(1.0), tg.Tensor([1])):
        with pytest.raises(TypeError, match="index"):
            [10, 20, 30][wrong]


def test_a_number_has_no_length_and_no_elements() -> None:
    for function in (len, iter, list):
        with pytest.raises(TypeError, match=r"shape \(\)"):
            function(leaf(1.0))


def test_a_misspelt_attribute_is_an_error() -> None:
    x = leaf([1.0])
    with pytest.raises(AttributeError):
        x.gard  # noqa: B018  # what is tested
    with pytest.raises(AttributeError):
        x.require_grad = True


def test_numpys_functions_on_a_list_of_tensors_see_all_histories() -> None:
    parts = [leaf([1.0]), leaf([2.0])]
    (np.concatenate(parts) * np.array([3.0, 4.0])).sum().backward()
    assert [part.grad.tolist() for part in parts if part.grad is not None] == [[3.0], [4.0]]
    joined = [join(parts) for join in (np.vstack, np.hstack, np.column_stack, np.dstack)]
    assert all(one.requires_grad for one in joined)
