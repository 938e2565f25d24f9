"""Arrays put together and taken apart; what is used twice counts twice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg

CALLS: dict[str, tuple[Any, ...]] = {
    "hstack([x, y]) of (3,) and (3,)": (
        lambda x, y: np.hstack([x, y]),
        (3,),
        (3,),
    ),
    "hstack((x, y))": (
        lambda x, y: np.hstack((x, y)),
        (2, 3),
        (2, 3),
    ),
    "vstack([x, y])": (
        lambda x, y: np.vstack([x, y]),
        (3,),
        (3,),
    ),
    "vstack((x, y))": (
        lambda x, y: np.vstack((x, y)),
        (2, 3),
        (2, 3),
    ),
    "dstack([x, y])": (
        lambda x, y: np.dstack([x, y]),
        (3,),
        (3,),
    ),
    "dstack((x, y))": (
        lambda x, y: np.dstack((x, y)),
        (2, 3),
        (2, 3),
    ),
    "column_stack([x, y])": (
        lambda x, y: np.column_stack([x, y]),
        (3,),
        (3,),
    ),
    "column_stack((x, y))": (
        lambda x, y: np.column_stack((x, y)),
        (2, 3),
        (2, 3),
    ),
    "concatenate([x, y])": (
        lambda x, y: np.concatenate([x, y]),
        (3,),
        (3,),
    ),
    "concatenate((x, y))": (
        lambda x, y: np.concatenate((x, y)),
        (2, 3),
        (2, 3),
    ),
    "stack([x, y])": (
        lambda x, y: np.stack([x, y]),
        (3,),
        (3,),
    ),
    "stack((x, y))": (
        lambda x, y: np.stack((x, y)),
        (2, 3),
        (2, 3),
    ),
    "vstack([x, ones((1, 3), float32)])": (
        lambda x: np.vstack([x, np.ones((1, 3), np.float32)]),
        (2, 3),
    ),
    "hstack([x, y]) of () and ()": (
        lambda x, y: np.hstack([x, y]),
        (),
        (),
    ),
    "concatenate([x, y], axis=None)": (
        lambda x, y: np.concatenate([x, y], axis=None),
        (2, 3),
        (2,),
    ),
    "concatenate([x, y], 1)": (
        lambda x, y: np.concatenate([x, y], 1),
        (2, 3),
        (2, 1),
    ),
    "stack([x, y], axis=-1)": (
        lambda x, y: np.stack([x, y], axis=-1),
        (2, 3),
        (2, 3),
    ),
    "concat([x, y])": (
        lambda x, y: np.concat([x, y]),
        (2, 3),
        (1, 3),
    ),
    "concatenate(x)": (
        lambda x: np.concatenate(x),
        (2, 3),
    ),
    "vstack(x)": (
        lambda x: np.vstack(x),
        (2, 3),
    ),
    "block([[x, y], [y, x]]) of (2, 2) and (2, 2)": (
        lambda x, y: np.block([[x, y], [y, x]]),
        (2, 2),
        (2, 2),
    ),
    "block([x, y])": (
        lambda x, y: np.block([x, y]),
        (3,),
        (2,),
    ),
    "block([[x, y], [y, x]]) of () and ()": (
        lambda x, y: np.block([[x, y], [y, x]]),
        (),
        (),
    ),
    "block(x)": (
        lambda x: np.block(x),
        (3,),
    ),
    "block([[x], [y]])": (
        lambda x, y: np.block([[x], [y]]),
        (3,),
        (3,),
    ),
    "block([[x, y], [zeros((1, 5), float32)]])": (
        lambda x, y: np.block([[x, y], [np.zeros((1, 5), np.float32)]]),
        (2, 3),
        (2, 2),
    ),
    "block([[[x]], [[y]]])": (
        lambda x, y: np.block([[[x]], [[y]]]),
        (2,),
        (2,),
    ),
    "append(x, y)": (
        lambda x, y: np.append(x, y),
        (2, 3),
        (2,),
    ),
    "append(x, y, axis=0)": (
        lambda x, y: np.append(x, y, axis=0),
        (2, 3),
        (1, 3),
    ),
    "insert(x, 1, y)": (
        lambda x, y: np.insert(x, 1, y),
        (4,),
        (),
    ),
    "insert(x, [1, 3], y)": (
        lambda x, y: np.insert(x, [1, 3], y),
        (4,),
        (2,),
    ),
    "insert(x, 1, y, axis=1)": (
        lambda x, y: np.insert(x, 1, y, axis=1),
        (2, 3),
        (2,),
    ),
    "insert(x, [1], y, axis=1)": (
        lambda x, y: np.insert(x, [1], y, axis=1),
        (2, 3),
        (2, 1),
    ),
    "insert(x, slice(0, 3), y)": (
        lambda x, y: np.insert(x, slice(0, 3), y),
        (4,),
        (3,),
    ),
    "insert(x, -1, y, 0)": (
        lambda x, y: np.insert(x, -1, y, 0),
        (2, 3),
        (3,),
    ),
    "insert(x, [0, 0], 2.0)": (
        lambda x: np.insert(x, [0, 0], 2.0),
        (3,),
    ),
    "delete(x, 1)": (
        lambda x: np.delete(x, 1),
        (2, 3),
    ),
    "delete(x, [0, 2])": (
        lambda x: np.delete(x, [0, 2]),
        (2, 3),
    ),
    "delete(x, 1, 0)": (
        lambda x: np.delete(x, 1, 0),
        (2, 3),
    ),
    "delete(x, slice(None, None, 2), 1)": (
        lambda x: np.delete(x, slice(None, None, 2), 1),
        (2, 3),
    ),
    "delete(x, [True, False, True], 1)": (
        lambda x: np.delete(x, [True, False, True], 1),
        (2, 3),
    ),
    "delete(x, -1, 1)": (
        lambda x: np.delete(x, -1, 1),
        (2, 3),
    ),
    "delete(x, [], 1)": (
        lambda x: np.delete(x, [], 1),
        (2, 3),
    ),
    "split(x, 2)": (
        lambda x: np.split(x, 2),
        (4, 2),
    ),
    "split(x, [1, 3])": (
        lambda x: np.split(x, [1, 3]),
        (4, 2),
    ),
    "array_split(x, 3)": (
        lambda x: np.array_split(x, 3),
        (4, 2),
    ),
    "array_split(x, [3, 1])": (
        lambda x: np.array_split(x, [3, 1]),
        (4, 2),
    ),
    "split(x, 3, axis=-1)": (
        lambda x: np.split(x, 3, axis=-1),
        (2, 3),
    ),
    "hsplit(x, 3) of (2, 3)": (
        lambda x: np.hsplit(x, 3),
        (2, 3),
    ),
    "hsplit(x, 3) of (3,)": (
        lambda x: np.hsplit(x, 3),
        (3,),
    ),
    "vsplit(x, 2)": (
        lambda x: np.vsplit(x, 2),
        (2, 3),
    ),
    "dsplit(x, 2)": (
        lambda x: np.dsplit(x, 2),
        (2, 3, 4),
    ),
    "full_like(x, 3.0) * x": (
        lambda x: np.full_like(x, 3.0) * x,
        (2,),
    ),
    "full_like(x, y) * x": (
        lambda x, y: np.full_like(x, y) * x,
        (2, 3),
        (3,),
    ),
    "full_like(x, y, shape=(2, 3)) * x[0]": (
        lambda x, y: np.full_like(x, y, shape=(2, 3)) * x[0],
        (3,),
        (3,),
    ),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
def test_values_dtypes_and_derivatives_are_right(
    agrees_with_numpy: Callable[..., None], call: tuple[Any, ...]
) -> None:
    agrees_with_numpy(*call)


def test_a_dtype_converts_each_part_first() -> None:
    x = tg.Tensor(np.ones(2, np.float32), requires_grad=True)
    for function in (np.concatenate, np.stack, np.hstack, np.vstack):
        y = function([x, x], dtype=np.float64)
        assert y.dtype == np.float64
        x.grad = None
        y.sum().backward()
        assert x.grad is not None
        assert x.grad.dtype == np.float32
        assert x.grad.tolist() == [2.0, 2.0]


def test_gradients_flow_into_tensors_in_lists_beside_a_tensor() -> None:
    a, b = tg.Tensor(2.0, requires_grad=True), tg.Tensor(3.0, requires_grad=True)
    y = np.vstack([np.stack([a, b]), [b, 1.0]])
    assert y.tolist() == [[2.0, 3.0], [3.0, 1.0]]
    y.sum().backward()
    assert a.grad is not None
    assert b.grad is not None
    assert (a.grad.item(), b.grad.item()) == (1.0, 2.0)


def test_an_empty_part_of_a_split_is_empty() -> None:
    x = tg.Tensor(np.arange(4.0), requires_grad=True)
    parts = np.split(x, [2, 9])
    assert [part.shape for part in parts] == [(2,), (2,), (0,)]
    np.concatenate(parts).sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [1.0] * 4


@pytest.mark.parametrize("function", [np.copyto, np.put, np.place, np.putmask, np.fill_diagonal])
@pytest.mark.parametrize("requires_grad", [False, True])
def test_what_writes_in_place_is_refused_and_the_recorded_way_named(
    function: Any, requires_grad: bool
) -> None:
    x = tg.Tensor(np.ones((2, 2)), requires_grad=requires_grad)
    arguments = {np.copyto: (5.0,), np.fill_diagonal: (5.0,)}.get(function, ([0], [5.0]))
    with pytest.raises(TypeError, match=r"write t\["):
        function(x, *arguments)
    assert x.tolist() == [[1.0, 1.0], [1.0, 1.0]]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda x: np.concatenate([x, x], out=np.zeros(12)), TypeError, "out="),
        (lambda x: np.stack([x, x[0]]), ValueError, "same shape"),
        (lambda x: np.concatenate([x, x[0]]), ValueError, "dimensions"),
        (lambda x: np.split(x, 4, axis=1), ValueError, "equal parts"),
        (lambda x: np.vsplit(x[0], 1), ValueError, "vsplit"),
        (lambda x: np.block([[x, x], x]), ValueError, "nested"),
        (lambda x: np.block([[x], []]), ValueError, "nested|empty"),
        (lambda x: np.insert(x, 9, 1.0), IndexError, "9"),
        (lambda x: np.delete(x, 9), IndexError, "9"),
    ],
)
def test_what_makes_no_sense_is_refused(call: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call(tg.Tensor(np.ones((2, 3)), requires_grad=True))


def test_a_tensor_without_a_history_may_be_written_into_a_plain_array() -> None:
    array = np.zeros(2)
    np.copyto(array, tg.Tensor([1.0, 2.0]))
    assert array.tolist() == [1.0, 2.0]
    with pytest.raises(TypeError, match="would be lost"):
        np.copyto(array, tg.Tensor([1.0, 2.0], requires_grad=True))


@pytest.mark.parametrize(
    "nothing",
    [
        lambda t: np.pad(t, 0),
        lambda t: np.roll(t, (), ()),
        lambda t: np.diff(t, 0),
        lambda t: np.polyder(t, 0),
        lambda t: tg.nn.functional.pad(t, (0, 0)),
        lambda t: np.atleast_1d(t),
    ],
)
def test_where_nothing_is_to_be_done_the_result_is_a_value_of_its_own(
    nothing: Callable[[Any], Any],
) -> None:
    t = tg.Tensor([1.0, 2.0], requires_grad=True)
    y = t * 1
    changed = nothing(y)
    changed *= 10
    assert y.tolist() == [1.0, 2.0]
    (y.sum() + changed.sum()).backward()
    assert t.grad is not None
    assert t.grad.tolist() == [11.0, 11.0]


def test_what_is_filled_with_a_number_has_memory_of_its_own() -> None:
    t = tg.Tensor([1.0, 2.0], requires_grad=True)
    filled = np.full_like(t, 0.0)
    filled[0] = 5
    assert filled.tolist() == [5.0, 0.0]


def test_a_repeated_gradient_cannot_be_written_into() -> None:
    @tg.differentiable(x=lambda dy, y, x: np.multiply(dy, 3, out=dy))
    def tripled(x: Any) -> Any:
        return 3 * x

    t = tg.Tensor([1.0, 2.0], requires_grad=True)
    with pytest.raises(ValueError, match="read-only"):
        (tripled(t).sum() + t.sum()).backward()
