"""Tensors are values: writing into one never shows in another, and what is shown is what counts.

``t += v`` and ``t[i] = v`` change the one object ``t``; whatever was computed from its old value
keeps it. Next: ``test_indexing.py``.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

import tinygrad_edu as tg


def leaf(values: Any) -> tg.Tensor:
    return tg.Tensor(values, requires_grad=True)


def grad(x: tg.Tensor) -> Any:
    assert x.grad is not None
    return x.grad.tolist()


def test_a_slice_is_a_value_and_not_a_view() -> None:
    x = leaf([1.0, 2.0, 3.0])
    b = x * 1
    v = b[:2]
    v *= 5
    assert b.tolist() == [1.0, 2.0, 3.0]
    assert v.tolist() == [5.0, 10.0]
    b.sum().backward()
    assert grad(x) == [1.0, 1.0, 1.0]


def test_changing_a_slice_by_its_index_changes_the_tensor_and_is_recorded() -> None:
    x = leaf([1.0, 2.0, 3.0])
    b = x * 1
    b[:2] *= 5
    assert b.tolist() == [5.0, 10.0, 3.0]
    b.sum().backward()
    assert grad(x) == [5.0, 5.0, 1.0]


def test_what_was_computed_before_an_in_place_change_keeps_the_old_value() -> None:
    x = leaf([1.0, 2.0])
    y = x * 2
    z = y * y
    y += 1
    z.sum().backward(retain_graph=True)
    assert grad(x) == [8.0, 16.0]
    x.grad = None
    y.sum().backward()
    assert grad(x) == [2.0, 2.0]


def test_what_was_computed_before_an_in_place_change_is_right_to_second_order() -> None:
    x = leaf([3.0])
    y = x * 2
    z = (y**3).sum()
    y += 1
    z.backward(create_graph=True)
    first = x.grad
    x.grad = None
    assert first is not None
    first.sum().backward()
    assert grad(x) == [8 * 6 * 3.0]


def test_two_names_for_one_tensor_see_the_same_change() -> None:
    y = leaf([1.0]) * 1
    same = y
    y += 1
    assert same is y
    assert same.tolist() == [2.0]


def test_a_total_adds_up_losses_with_their_history() -> None:
    x = leaf(2.0)
    total = tg.Tensor(0.0)
    for factor in (1, 2, 3):
        total += factor * x
    total.backward()
    assert float(total) == 12.0
    assert grad(x) == 6.0


def test_a_buffer_filled_by_index_carries_gradients() -> None:
    x = leaf([1.0, 2.0])
    buffer = tg.Tensor(np.zeros(4))
    for position in range(4):
        buffer[position] = x[position % 2] * (position + 1)
    buffer.sum().backward()
    assert grad(x) == [4.0, 6.0]


def test_rows_taken_by_iterating_do_not_write_through() -> None:
    for tensor in (tg.Tensor([[1.0], [2.0]]), leaf([[1.0], [2.0]]) * 1):
        for row in tensor:
            row += 5
        assert tensor.tolist() == [[1.0], [2.0]]


@pytest.mark.parametrize("make", [lambda t: t, lambda t: t * 1], ids=["leaf", "result"])
@pytest.mark.parametrize(
    "view", [lambda t: t.T, lambda t: t.reshape(4), lambda t: t[::-1], lambda t: t[...]]
)
def test_writing_into_a_view_under_no_grad_leaves_its_source_alone(make: Any, view: Any) -> None:
    source = make(leaf([[1.0, 2.0], [3.0, 4.0]]))
    with tg.no_grad():
        other = view(source)
        other += 100
        other[0] = 7
    assert source.tolist() == [[1.0, 2.0], [3.0, 4.0]]


def test_writing_into_the_source_of_an_unrecorded_view_leaves_the_view_alone() -> None:
    constant = tg.Tensor([[1.0, 2.0], [3.0, 4.0]])
    for view in (constant.T, constant.reshape(4), constant[0], constant[...]):
        before = view.tolist()
        constant += 1
        assert view.tolist() == before


CHANGES = st.tuples(
    st.sampled_from(["+=", "*=", "[]=", "[]+=", "use", "alias", "view", "-= self"]),
    st.integers(0, 2),
    st.floats(-1.5, 1.5).map(lambda value: round(value, 2)),
)


@settings(deadline=None, max_examples=60)
@given(st.lists(CHANGES, min_size=1, max_size=8))
def test_after_any_in_place_changes_backward_differentiates_what_is_shown(
    changes: list[tuple[str, int, float]],
) -> None:
    """Every value here is linear in ``x``, so a matrix beside it is the whole derivative."""
    x = leaf([1.0, 2.0, 3.0])
    y, matrix = x * 1, np.eye(3)
    total, weight = tg.Tensor(0.0), np.zeros(3)
    for kind, i, number in changes:
        if kind == "+=":
            y += number
        elif kind == "*=":
            y *= number
            matrix = matrix * number
        elif kind == "[]=":
            y[i] = number
            matrix = matrix.copy()
            matrix[i] = 0
        elif kind == "[]+=":
            y[i] += number * y[(i + 1) % 3]
            matrix = matrix.copy()
            matrix[i] = matrix[i] + number * matrix[(i + 1) % 3]
        elif kind == "use":
            total += number * y[i]
            weight = weight + number * matrix[i]
        elif kind == "alias":
            copy = y[:]
            copy *= 50
        elif kind == "view":
            y = y[::-1]
            matrix = matrix[::-1]
        else:
            y -= 0.5 * y
            matrix = matrix * 0.5
    (total + y.sum()).backward()
    np.testing.assert_allclose(grad(x), weight + matrix.sum(axis=0), rtol=1e-9, atol=1e-12)
