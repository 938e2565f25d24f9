"""In-place change is either noticed or harmless: a gradient is right, or there is an error.

Every test here writes into memory after an op has read it, in one of the ways that people do, and
then asks for the gradient. Next: ``test_values.py``, on tensors being values.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg

START = np.array([0.5, 1.0])


def leaf(values: Any = START) -> tg.Tensor:
    return tg.Tensor(values, requires_grad=True)


def right_or_refused(x: tg.Tensor, loss: tg.Tensor, expected: Any, op: str) -> None:
    """Walk back; accept the right gradient, or an error that names the op."""
    try:
        loss.backward()
    except RuntimeError as error:
        assert op in str(error)  # noqa: PT017  # either outcome keeps the law
        assert "in place" in str(error)  # noqa: PT017
        assert x.grad is None
    else:
        assert x.grad is not None
        np.testing.assert_array_equal(x.grad.numpy(), expected)


def add_in_place(x: tg.Tensor, y: tg.Tensor) -> None:
    y += 1


def set_element(x: tg.Tensor, y: tg.Tensor) -> None:
    y[0] = 5


def multiply_data(x: tg.Tensor, y: tg.Tensor) -> None:
    x.data *= 2


def subtract_from_data(x: tg.Tensor, y: tg.Tensor) -> None:
    x.data -= 0.1 * tg.Tensor([1.0, 1.0])


def replace_data(x: tg.Tensor, y: tg.Tensor) -> None:
    x.data = np.zeros(2)


def replace_then_change_data(x: tg.Tensor, y: tg.Tensor) -> None:
    x.data = np.zeros(2)
    x.data += 1


def change_then_replace_data(x: tg.Tensor, y: tg.Tensor) -> None:
    x.data *= 3
    x.data = np.zeros(2)


def set_element_unrecorded(x: tg.Tensor, y: tg.Tensor) -> None:
    with tg.no_grad():
        x[0] = 3


def set_nested_element_unrecorded(x: tg.Tensor, y: tg.Tensor) -> None:
    with tg.no_grad():
        x[:1] += 3


def step(x: tg.Tensor, y: tg.Tensor) -> None:
    with tg.no_grad():
        x -= 0.5 * tg.Tensor([1.0, 2.0])


def numpy_copyto(x: tg.Tensor, y: tg.Tensor) -> None:
    with tg.no_grad():
        np.copyto(x, 0.0)


def numpy_copyto_result(x: tg.Tensor, y: tg.Tensor) -> None:
    with tg.no_grad():
        np.copyto(y, 0.0)


def numpy_put(x: tg.Tensor, y: tg.Tensor) -> None:
    with tg.no_grad():
        np.put(x, [0], 9.0)


def numpy_place(x: tg.Tensor, y: tg.Tensor) -> None:
    with tg.no_grad():
        np.place(x, [True, False], [9.0])


def numpy_add_at(x: tg.Tensor, y: tg.Tensor) -> None:
    with tg.no_grad():
        np.add.at(x, [0], 9.0)


CHANGES = [
    add_in_place, set_element, multiply_data, subtract_from_data, replace_data,
    replace_then_change_data, change_then_replace_data, set_element_unrecorded,
    set_nested_element_unrecorded, step, numpy_copyto, numpy_copyto_result, numpy_put, numpy_place,
    numpy_add_at,
]  # fmt: skip


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
@pytest.mark.parametrize(
    ("make", "derivative", "op"),
    [
        (lambda x: np.exp(x), np.exp, "exp"),
        (lambda x: x * x, lambda x: 2 * x, "multiply"),
        (lambda x: np.log(x), lambda x: 1 / x, "log"),
        (lambda x: tg.relu(x), lambda x: 1.0 * (x > 0), "relu"),
    ],
    ids=["exp", "square", "log", "relu"],
)
def test_a_change_after_recording_is_noticed_or_harmless(
    change: Callable[[tg.Tensor, tg.Tensor], None], make: Any, derivative: Any, op: str
) -> None:
    x = leaf()
    y = make(x)
    loss = y.sum()
    try:
        change(x, y)
    except (TypeError, ValueError, RuntimeError) as error:
        assert str(error)  # noqa: PT017  # refusing the change is as good
    right_or_refused(x, loss, derivative(START), op)


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_a_change_of_an_input_that_wants_no_gradient_is_noticed_too(
    change: Callable[[tg.Tensor, tg.Tensor], None],
) -> None:
    x, constant = leaf(), tg.Tensor([3.0, 4.0])
    y = x * constant
    loss = y.sum()
    try:
        change(constant, y)
    except (TypeError, ValueError, RuntimeError) as error:
        assert str(error)  # noqa: PT017
    right_or_refused(x, loss, [3.0, 4.0], "multiply")


VIEWS: dict[str, Callable[[Any], Any]] = {
    "T": lambda t: t.T,
    "mT": lambda t: t.mT,
    "slice": lambda t: t[:],
    "row": lambda t: t[0],
    "reversed": lambda t: t[::-1],
    "new axis": lambda t: t[None],
    "reshape": lambda t: t.reshape(-1),
    "broadcast": lambda t: np.broadcast_to(t, (3, 2, 2)),
    "clone": lambda t: t.clone(),
    "row of T": lambda t: t.T[1],
    "unpacked": lambda t: next(iter(t)),
}


@pytest.mark.parametrize("view", VIEWS.values(), ids=VIEWS.keys())
@pytest.mark.parametrize("wants_gradient", [True, False])
@pytest.mark.parametrize("by", ["data", "no_grad", "index"])
def test_a_view_of_a_leaf_keeps_its_value_when_the_leaf_is_updated(
    view: Callable[[Any], Any], wants_gradient: bool, by: str
) -> None:
    values = np.array([[1.0, 2.0], [3.0, 4.0]])
    w = tg.Tensor(values, requires_grad=wants_gradient)
    seen = view(w)
    before = seen.numpy().copy()
    x = leaf(np.ones(before.shape))
    loss = (x * seen).sum()
    if by == "data":
        w.data -= 10
    else:
        with tg.no_grad():
            if by == "index":
                w[...] = 0
            else:
                w -= 10
    np.testing.assert_array_equal(seen.numpy(), before)
    right_or_refused(x, loss, before, "")


def test_another_leaf_that_changed_is_noticed_when_only_one_gradient_is_asked_for() -> None:
    x, w = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    loss = (x * w).sum()
    with tg.no_grad():
        w *= 10
    with pytest.raises(RuntimeError, match="multiply"):
        tg.autograd.grad(loss, [x])


def test_a_changed_input_without_a_derivative_is_noticed() -> None:
    x, condition = leaf([1.0, 2.0]), leaf([0.0, 1.0])
    loss = np.where(condition, x, 0.0).sum()
    with tg.no_grad():
        condition *= 0
    right_or_refused(x, loss, [0.0, 1.0], "where")


def test_an_in_place_change_that_fails_half_way_is_noticed() -> None:
    x, constant = leaf([1.0, 1.0]), tg.Tensor([2.0, 1e300])
    loss = (x * constant).sum()
    with np.errstate(over="raise"), pytest.raises(FloatingPointError, match="overflow"):
        constant *= 1e300
    right_or_refused(x, loss, [2.0, 1e300], "multiply")


def test_an_in_place_change_that_is_refused_changes_nothing() -> None:
    x, constant = leaf(), tg.Tensor([3.0, 4.0])
    loss = (x * constant).sum()
    with pytest.raises(ValueError, match=r"\(3, ?2\)"):
        constant += np.ones((3, 2))
    with pytest.raises(IndexError, match="5"):
        constant[5] = 1
    with pytest.raises(TypeError, match="complex"):
        constant += 1j
    assert constant.tolist() == [3.0, 4.0]
    right_or_refused(x, loss, [3.0, 4.0], "multiply")


def test_the_update_of_every_course_works_step_after_step() -> None:
    x, target = tg.Tensor([[1.0], [2.0]]), tg.Tensor([[3.0], [6.0]])
    p = leaf([[0.0]])
    memory = p.data
    for _ in range(50):
        loss = ((x @ p - target) ** 2).sum()
        p.grad = None
        loss.backward()
        p.data -= 0.05 * p.grad
    assert float(p) == pytest.approx(3.0)
    assert p.data is memory


def test_the_update_under_no_grad_works_step_after_step() -> None:
    p = leaf([4.0])
    for _ in range(60):
        (p * p).sum().backward()
        with tg.no_grad():
            p -= 0.25 * p.grad
        p.grad = None
    assert abs(float(p)) < 1e-12
    assert p.is_leaf


def test_a_number_of_shape_zero_is_updated_in_place() -> None:
    p = leaf(4.0)
    memory = p.data
    (p * p).backward()
    p.data -= 0.25 * p.grad
    with tg.no_grad():
        p *= 3
        p[...] = p - 1
    assert float(p) == 5.0
    assert p.data is memory
    assert type(p.data) is np.ndarray


def test_changing_a_leaf_that_requires_grad_while_recording_is_refused() -> None:
    x = leaf()
    for change in (add_in_place, set_element):
        with pytest.raises(RuntimeError, match="no_grad"):
            change(x, x)
    assert x.tolist() == START.tolist()


def test_changing_a_result_while_not_recording_is_refused() -> None:
    y = np.exp(leaf())
    with tg.no_grad(), pytest.raises(RuntimeError, match="exp"):
        y += 1
    with tg.no_grad(), pytest.raises(RuntimeError, match="exp"):
        y[0] = 1


def test_the_data_of_a_result_cannot_be_replaced() -> None:
    y = np.exp(leaf())
    with pytest.raises(RuntimeError, match="exp"):
        y.data = np.zeros(2)


def test_a_leaf_given_a_new_shape_gets_a_gradient_of_that_shape_or_an_error() -> None:
    x = leaf([1.0, 2.0, 3.0])
    (x * 2).sum().backward()
    x.data = np.array(5.0)
    try:
        (x * 2).sum().backward()
    except (RuntimeError, ValueError) as error:
        assert "(3,)" in str(error)  # noqa: PT017
    else:
        assert x.grad is not None
        assert x.grad.shape == x.shape


def test_a_leaf_given_another_shape_after_recording_gets_no_misfitting_gradient() -> None:
    x = leaf([1.0, 2.0, 3.0])
    loss = (x * 2).sum()
    x.data = np.ones(2)
    with pytest.raises(RuntimeError, match=r"\(3,\).*\(2,\)"):
        loss.backward()


def test_a_leaf_given_another_dtype_gets_gradients_of_that_dtype() -> None:
    x = leaf([1.0, 2.0])
    old = (x * 2).sum()
    (x * 2).sum().backward()
    x.data = np.float32([1, 2])
    old.backward()
    (x * 2).sum().backward()
    assert x.grad is not None
    assert x.grad.dtype == x.dtype


@pytest.mark.parametrize(
    "wrong", [lambda x: x.__setitem__(5, 1.0), lambda x: x.__iadd__(np.ones(3))]
)
def test_a_refused_change_leaves_what_was_recorded_before_as_it_was(
    wrong: Callable[[Any], Any],
) -> None:
    x = leaf([1.0, 2.0])
    loss = (x * x).sum()
    with pytest.raises((IndexError, ValueError)), tg.no_grad():
        wrong(x)
    loss.backward()
    assert x.grad is not None
    assert x.grad.tolist() == [2.0, 4.0]


@pytest.mark.parametrize("change", ["__iadd__", "__imul__"])
def test_a_mask_is_not_ignored_in_place(change: str) -> None:
    t = tg.Tensor([1.0, 2.0])
    with pytest.raises(TypeError, match="mask"):
        getattr(t, change)(np.ma.array([1.0, 1.0], mask=[False, True]))
    with pytest.raises(TypeError, match="mask"):
        t[:] = np.ma.array([1.0, 1.0], mask=[False, True])
    assert t.tolist() == [1.0, 2.0]
