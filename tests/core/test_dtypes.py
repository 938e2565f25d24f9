"""A gradient has the dtype of its leaf, and nobody's precision changes in silence.

Python numbers adapt to the tensor (single precision stays single), NumPy's scalars count with
their own dtype, as NumPy 2 does it. Next: ``test_zero_d_and_empty.py``.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from samples import real_calls

import tinygrad_edu as tg
from tinygrad_edu.cases import Case
from tinygrad_edu.op import Op

LAPACK = {"cholesky", "cofactor", "det", "inv", "pinv", "solve"}  # it has no half precision
CALLS = [call for call in real_calls() if call.values[0].name not in LAPACK]
MADE_ARRAYS_BY_NUMPY = (
    "stack",
    "concatenate",
    "einsum",
)  # NumPy makes their numbers float64 arrays first


def run(op: Op, inputs: list[Any], case: Case) -> tuple[tg.Tensor, list[tg.Tensor]]:
    """Call an op, walk back, and return its output and its leaves."""
    y = tg.Tensor.__record__(op, tuple(inputs), dict(case.settings))
    y.backward(gradient=np.ones(y.shape))
    return y, [x for x in inputs if isinstance(x, tg.Tensor) and x.requires_grad]


def leaves(arrays: list[Any], dtype: Any) -> list[Any]:
    """Turn the floating-point ones into leaves of a dtype."""
    return [
        tg.Tensor(a, requires_grad=True, dtype=dtype) if a.dtype.kind == "f" else a for a in arrays
    ]


@pytest.mark.parametrize(("op", "case"), CALLS)
def test_every_op_keeps_the_dtype_of_its_inputs_and_their_gradients(
    op: Op, case: Case, generator: np.random.Generator
) -> None:
    for dtype in ("float16", "float32", "float64", "longdouble"):
        y, inputs = run(op, leaves(case.draw(generator), dtype), case)
        assert y.dtype == case.settings.get("dtype", dtype)
        for x in inputs:
            assert x.grad is not None
            assert x.grad.dtype == dtype


def with_numbers(op: Op, case: Case) -> bool:
    """Tell whether a call has a single number beside other data."""
    return (
        op.name not in MADE_ARRAYS_BY_NUMPY
        and len(case.inputs) > 1
        and () in case.inputs
        and any(isinstance(given, tuple) and given for given in case.inputs)
    )


@pytest.mark.parametrize("number", [3, 0.5, True])
@pytest.mark.parametrize(("op", "case"), [c for c in CALLS if with_numbers(*c.values)])
def test_python_numbers_do_not_widen_single_precision(
    op: Op, case: Case, number: Any, generator: np.random.Generator
) -> None:
    if op.name == "subtract":
        number = float(number)  # NumPy refuses to subtract truth values
    inputs = leaves(case.draw(generator), np.float32)
    inputs = [number if given == () else x for given, x in zip(case.inputs, inputs)]
    y, found = run(op, inputs, case)
    assert y.dtype == np.float32
    for x in found:
        assert x.grad is not None
        assert x.grad.dtype == np.float32


def test_truth_values_take_part_as_numpy_lets_them() -> None:
    x = tg.Tensor([1.0, 2.0], requires_grad=True, dtype=np.float32)
    y = (x * True + True) * (x > 1)
    assert y.dtype == np.float32
    y.sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [0.0, 1.0]


@pytest.mark.parametrize("combine", [np.add, np.multiply, np.divide, np.power, np.maximum])
def test_each_operand_of_a_mixed_operation_gets_its_own_dtype_back(combine: Any) -> None:
    single = tg.Tensor([1.0, 2.0], requires_grad=True, dtype=np.float32)
    double = tg.Tensor([3.0, 4.0], requires_grad=True)
    y = combine(single, double)
    assert y.dtype == np.float64
    y.sum().backward()
    assert single.grad is not None
    assert double.grad is not None
    assert single.grad.dtype == np.float32
    assert double.grad.dtype == np.float64


def test_a_leaf_used_in_two_precisions_adds_up_in_its_own() -> None:
    x = tg.Tensor([1.0, 2.0], requires_grad=True, dtype=np.float32)
    (x * 3 + x * np.array([1.0, 2.0])).sum().backward()
    assert x.grad is not None
    assert x.grad.dtype == np.float32
    assert x.grad.tolist() == [4.0, 5.0]


def test_a_double_scalar_of_numpy_counts_as_double() -> None:
    x = tg.Tensor([1.0], requires_grad=True, dtype=np.float32)
    assert (x * np.float64(2)).dtype == np.float64
    assert (np.float64(2) * x).dtype == np.float64
    assert (x * np.float32(2)).dtype == np.float32
    assert (np.float32(2) * x).dtype == np.float32


def test_an_expression_in_single_precision_stays_there_to_second_order() -> None:
    x = tg.Tensor([0.5, 1.0], requires_grad=True, dtype=np.float32)
    y = (1 / (1 + np.exp(-x)) - 0.5) ** 2 * 3 + np.sqrt(x) / 2 + 2**x
    y.mean().backward(create_graph=True)
    first = x.grad
    assert first is not None
    assert first.dtype == y.dtype == np.float32
    x.grad = None
    first.sum().backward()
    assert x.grad.dtype == np.float32


@pytest.mark.parametrize("dtype", ["int64", "uint8", "bool"])
def test_only_floating_point_numbers_can_require_a_gradient(dtype: str) -> None:
    with pytest.raises(TypeError, match=f"{dtype}.*float"):
        tg.Tensor([1, 0], requires_grad=True, dtype=dtype)
    x = tg.Tensor([1, 0], dtype=dtype)
    with pytest.raises(TypeError, match=f"{dtype}.*float"):
        x.requires_grad = True
    assert not x.requires_grad


def test_integers_take_part_without_a_gradient() -> None:
    x = tg.Tensor([1.0, 2.0], requires_grad=True)
    counts = tg.Tensor([3, 4])
    (x * counts).sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [3.0, 4.0]
    assert counts.grad is None


def test_dtypes_follow_numpy_where_no_gradient_is_wanted() -> None:
    values = [np.int8([1, 2]), np.float32([1, 2]), np.array([1, 2]), np.complex64([1, 2])]
    for a in values:
        for b in values:
            assert (tg.Tensor(a) * tg.Tensor(b)).dtype == (a * b).dtype
            assert (tg.Tensor(a) / b).dtype == (a / b).dtype
            assert (a + tg.Tensor(b)).dtype == (a + b).dtype


def test_lists_and_floats_take_the_default_dtype_and_arrays_keep_theirs() -> None:
    tg.set_default_dtype(np.float32)
    assert tg.Tensor(1.0).dtype == tg.Tensor([1.0, 2]).dtype == np.float32
    assert tg.Tensor(np.float64([1])).dtype == np.float64
    assert tg.Tensor([1, 2]).dtype == np.array([1, 2]).dtype
    with pytest.raises(TypeError, match="int64"):
        tg.set_default_dtype(np.int64)
    assert tg.get_default_dtype() == np.float32


def test_a_conversion_to_integers_loses_no_gradient_in_silence() -> None:
    """Either the result has no history, or walking back through it is an error that says so."""
    x = tg.Tensor([1.5], requires_grad=True)
    y = x.astype(int)
    if y.requires_grad:
        with pytest.raises(TypeError, match=r"astype.*int"):
            (y * 0.5).sum().backward()
        assert x.grad is None


def test_the_absolute_value_of_a_complex_number_is_not_guessed() -> None:
    """|x (1 + i)| is √2 |x|: its slope at 1 is √2, and if that cannot be had, an error."""
    x = tg.Tensor([1.0], requires_grad=True)
    try:
        np.abs(x * (1 + 1j)).sum().backward()
    except TypeError as error:
        assert "complex" in str(error)  # noqa: PT017  # refusing is as good as being right
    else:
        assert x.grad is not None
        np.testing.assert_allclose(x.grad.numpy(), [np.sqrt(2)])


@pytest.mark.parametrize("data", [None, "text", ["a"], object(), [None], {"a": 1}, {1, 2}])
def test_what_is_not_numeric_is_refused(data: Any) -> None:
    with pytest.raises(TypeError, match="numbers"):
        tg.Tensor(data)


@pytest.mark.parametrize("operand", ["text", [None], {"a": 1}, object(), np.array(["a"])])
def test_an_operand_that_is_not_numeric_is_refused(operand: Any) -> None:
    x = tg.Tensor([1.0, 2.0], requires_grad=True)
    with pytest.raises(TypeError, match="add"):
        x + operand
    with pytest.raises(TypeError, match=r"add|unsupported|concatenate"):
        operand + x
