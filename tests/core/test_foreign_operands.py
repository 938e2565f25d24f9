"""Operands that are no tensors: what counts is what they held when they were used.

Arrays, lists, buffers and array subclasses may be changed right after the op that
read them. Next: ``test_custom_ops.py``.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg


class Subclass(np.ndarray):
    """An array class that adds nothing."""


def leaf(values: Any) -> tg.Tensor:
    return tg.Tensor(values, requires_grad=True)


def zero(operand: Any) -> None:
    for position in range(2):
        operand[position] = 0.0


OPERANDS: dict[str, Callable[[], Any]] = {
    "array": lambda: np.array([3.0, 4.0]),
    "view": lambda: np.array([0.0, 3.0, 4.0])[1:],
    "strided": lambda: np.array([3.0, 0.0, 4.0])[::2],
    "float32": lambda: np.float32([3, 4]),
    "integers": lambda: np.array([3, 4]),
    "list": lambda: [3.0, 4.0],
    "array.array": lambda: array("d", [3.0, 4.0]),
    "memoryview": lambda: memoryview(array("d", [3.0, 4.0])),
    "bytearray view": lambda: np.frombuffer(bytearray(np.array([3.0, 4.0]).tobytes())),
    "subclass": lambda: np.array([3.0, 4.0]).view(Subclass),
    "recarray": lambda: np.array([3.0, 4.0]).view(np.recarray),
    "swapped bytes": lambda: np.array([3.0, 4.0]).astype(">f8"),
}
every_operand = pytest.mark.parametrize("make", OPERANDS.values(), ids=OPERANDS.keys())


@every_operand
@pytest.mark.parametrize("order", [1, 2])
def test_an_operand_changed_after_the_op_does_not_change_the_gradient(
    make: Callable[[], Any], order: int
) -> None:
    x, operand = leaf([1.0, 2.0]), make()
    y = x * x * operand
    z = np.concatenate([x, operand]) * 1.0
    zero(operand)
    (y.sum() + z.sum()).backward(create_graph=order == 2)
    assert x.grad is not None
    assert x.grad.tolist() == [7.0, 17.0]
    if order == 2:
        first, x.grad = x.grad, None
        first.sum().backward()
        assert x.grad.tolist() == [6.0, 8.0]


@every_operand
def test_the_result_of_an_op_does_not_change_with_an_operand(make: Callable[[], Any]) -> None:
    x, operand = leaf([1.0, 2.0]), make()
    results = [
        np.where([False, False], x, operand),
        np.maximum(x, operand),
        np.stack([x, operand])[1],
        x * 0 + operand,
        tg.Tensor(operand) * 1,
    ]
    zero(operand)
    for result in results:
        assert result.tolist() == [3.0, 4.0]


@every_operand
def test_an_operand_on_the_left_is_recorded_as_well(make: Callable[[], Any]) -> None:
    x, operand = leaf([1.0, 2.0]), make()
    y = np.multiply(operand, x) if isinstance(operand, (array, memoryview)) else operand * x
    assert isinstance(y, tg.Tensor)
    zero(operand)
    y.sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [3.0, 4.0]


@every_operand
def test_a_value_written_by_index_is_that_of_the_moment(make: Callable[[], Any]) -> None:
    x, operand = leaf([1.0, 2.0]), make()
    y = x * 1
    y[:] = operand
    constant = tg.Tensor([0.0, 0.0])
    constant[:] = operand
    zero(operand)
    assert y.tolist() == constant.tolist() == [3.0, 4.0]


def test_an_array_that_is_a_view_of_a_leaf_is_as_it_was_when_used() -> None:
    x, p = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    y = (x * p.data).sum() + (x * p.numpy()).sum()
    p.data -= 100
    y.backward()
    assert x.grad is not None
    assert x.grad.tolist() == [6.0, 8.0]


def test_a_matrix_is_an_operand_like_an_array() -> None:
    x = leaf([[1.0, 2.0]])
    operand = np.array([[3.0, 4.0]]).view(np.matrix)
    y = x * operand
    assert y.tolist() == [[3.0, 8.0]]
    operand[...] = 0
    y.sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [[3.0, 4.0]]


def test_a_mask_is_not_dropped_in_silence() -> None:
    x, masked = leaf([1.0, 2.0]), np.ma.array([3.0, 4.0], mask=[False, True])
    for use in (lambda: x * masked, lambda: tg.Tensor(masked), lambda: masked * x):
        with pytest.raises(TypeError, match=r"mask|lost"):
            use()


@pytest.mark.parametrize(
    "operand",
    [np.array([1.0, None]), np.array(["a", "b"]), np.array(["2020-01-01"] * 2, "M8[D]"), "ab"],
    ids=["objects", "texts", "dates", "text"],
)
def test_an_operand_that_holds_no_numbers_is_refused(operand: Any) -> None:
    x = leaf([1.0, 2.0])
    for use in (lambda: x * operand, lambda: operand * x):
        with pytest.raises(TypeError, match=r"multiply|can't multiply"):
            use()


def test_ragged_lists_are_refused() -> None:
    with pytest.raises((TypeError, ValueError), match=r"multiply|inhomogeneous"):
        leaf([1.0, 2.0]) * [[1.0], [1.0, 2.0]]


def test_a_tensor_of_tensors_without_history_is_made_of_their_values() -> None:
    assert tg.Tensor([tg.Tensor(1.0), tg.Tensor(2.0)]).tolist() == [1.0, 2.0]


def test_copy_false_shares_the_memory_on_ones_word() -> None:
    source = np.array([1.0, 2.0])
    x = tg.Tensor(source, copy=False)
    source[0] = 9.0
    assert x.tolist() == [9.0, 2.0]
