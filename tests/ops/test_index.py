"""The gradient of picking is adding back at the same index, whatever kind of index it is."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from hypothesis.extra import numpy as hnp

import tinygrad_edu as tg
from tinygrad_edu.ops.index import getitem

SHAPES = hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=3)


def leaf(values: Any) -> tg.Tensor:
    return tg.Tensor(values, requires_grad=True)


def numbered(shape: tuple[int, ...]) -> Any:
    return np.arange(1.0, 1 + np.prod(shape, dtype=int)).reshape(shape)


def check_read(values: Any, index: Any, plain_index: Any) -> None:
    """Hold a read against NumPy's, and its gradient against ``np.add.at``."""
    x, expected = leaf(values), values[plain_index]
    y = x[index]
    np.testing.assert_array_equal(y.numpy(), expected)
    dy = numbered(expected.shape)
    y.backward(dy)
    dx = np.zeros(values.shape)
    np.add.at(dx, plain_index, dy)
    assert x.grad is not None
    np.testing.assert_array_equal(x.grad.numpy(), dx)


@st.composite
def reads(draw: Any) -> tuple[Any, Any]:
    """Draw an array and an index of slices, integers, new axes, an ellipsis, and arrays."""
    shape = draw(SHAPES)
    index = draw(hnp.basic_indices(shape, allow_newaxis=True, allow_ellipsis=True))
    parts = list(index) if isinstance(index, tuple) else [index]
    for place, part in enumerate(parts):
        if isinstance(part, int) and draw(st.booleans()):
            size = draw(st.integers(0, 4))
            parts[place] = np.array(
                draw(st.lists(st.just(part), min_size=size, max_size=size)), int
            )
            break
    return numbered(shape), tuple(parts) if isinstance(index, tuple) else parts[0]


@settings(max_examples=150, deadline=None)
@given(reads())
def test_basic_and_mixed_reads_send_gradients_where_np_add_at_adds(case: tuple[Any, Any]) -> None:
    values, index = case
    check_read(values, index, index)


@st.composite
def fancy_reads(draw: Any) -> tuple[Any, Any]:
    """Draw an array and an index of integer arrays that broadcast, at any of its axes."""
    shape = draw(hnp.array_shapes(min_dims=1, max_dims=3, min_side=1, max_side=3))
    result = draw(hnp.array_shapes(min_dims=0, max_dims=2, min_side=0, max_side=3))
    parts: list[Any] = []
    for n in shape:
        kind = draw(st.sampled_from(["array", "slice", "number"]))
        if kind == "array":
            parts.append(draw(hnp.arrays(int, result, elements=st.integers(-n, n - 1))))
        elif kind == "slice":
            parts.append(draw(st.slices(n)))
        else:
            parts.append(draw(st.integers(-n, n - 1)))
    return numbered(shape), tuple(parts)


@settings(max_examples=150, deadline=None)
@given(fancy_reads())
def test_reads_by_integer_arrays_count_repeated_elements_each_time(case: tuple[Any, Any]) -> None:
    values, index = case
    check_read(values, index, index)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_reads_by_masks_of_any_axes(data: Any) -> None:
    shape = data.draw(hnp.array_shapes(min_dims=1, max_dims=3, min_side=0, max_side=3))
    covered = data.draw(st.integers(1, len(shape)))
    mask = data.draw(hnp.arrays(bool, shape[:covered]))
    values = numbered(shape)
    check_read(values, mask, mask)
    check_read(values, (mask, ...), (mask, ...))
    check_read(values, tg.Tensor(mask), mask)


@settings(max_examples=100, deadline=None)
@given(fancy_reads())
def test_of_several_writes_to_one_place_the_last_gets_the_gradient(case: tuple[Any, Any]) -> None:
    values, index = case
    written = leaf(-numbered(values[index].shape))
    x = leaf(values)
    y = x * 1
    y[index] = written
    expected = values.copy()
    expected[index] = written.numpy()
    np.testing.assert_array_equal(y.numpy(), expected)
    dy = numbered(values.shape)
    y.backward(dy)
    assert x.grad is not None
    np.testing.assert_array_equal(x.grad.numpy(), np.where(expected < 0, 0, dy))
    if written.grad is not None:  # each place that was written into gives its gradient once
        assert written.grad.numpy().sum() == dy[expected < 0].sum()


MIXED: dict[str, tuple[Any, Any]] = {
    "mask and integer": ((slice(None), [True, False, True], 1), None),
    "mask and repeated integers": (([True, True], [0, 0]), None),
    "integer, slice, integers apart": ((0, slice(None), [1, 1, 3]), None),
    "integers apart, broadcast": (([[0], [1]], slice(None), [1, 1, 3]), None),
    "new axis between": ((slice(None), None, [0, 0]), None),
    "ellipsis and integers": ((..., [0, 0, 3]), None),
    "0-d mask, true": (np.array(True), None),
    "0-d mask, false": (np.bool_(False), None),
    "plain true": (True, None),
    "negative step": ((slice(None, None, -1), slice(None, None, -2)), None),
    "steps past the end": ((slice(5, None), slice(-9, 9, 2)), None),
    "np.ix_": (np.ix_([1, 0, 1], [True, False, True]), None),
    "np.newaxis": ((np.newaxis, 1, np.newaxis), None),
    "0-d array": ((np.array(1), np.array(-1)), None),
    "integer scalars": ((np.int8(1), np.uint64(2)), None),
    "integer tensor": (tg.Tensor([1, 1, 0]), [1, 1, 0]),
    "number tensor": (tg.Tensor(1), 1),
    "tensors in a tuple": (
        (tg.Tensor([1, 1]), slice(None), tg.Tensor([0, 0])),
        ([1, 1], ..., [0, 0]),
    ),
    "list of lists": ([[0, 0], [1, 0]], np.array([[0, 0], [1, 0]])),
    "empty tuple": ((), None),
    "empty list": ([], np.array([], int)),
    "sorted places": ((tg.Tensor([3.0, 1.0]).argsort(),), ([1, 0],)),
}


@pytest.mark.parametrize(("index", "plain"), MIXED.values(), ids=MIXED.keys())
def test_indices_of_every_kind_mean_what_they_mean_to_numpy(index: Any, plain: Any) -> None:
    check_read(numbered((2, 3, 4)), index, index if plain is None else plain)


@pytest.mark.parametrize("index", [i for i, plain in MIXED.values() if plain is None])
def test_reading_is_twice_differentiable_by_every_kind_of_index(index: Any) -> None:
    values = np.random.default_rng(0).normal(size=(2, 3, 4))
    if values[index].size:
        tg.check_grad(lambda x: x[index] ** 3, values)


@pytest.mark.parametrize("index", [5, -4, [0, 3], [[0, 1], [2, 3]], (slice(None), 0), [True] * 4])
def test_an_index_that_is_out_of_range_leaves_everything_as_it_was(index: Any) -> None:
    x = leaf([1.0, 2.0, 3.0])
    (x * x).sum().backward()
    with pytest.raises(IndexError, match="getitem"):
        x[index]
    z = x * 1
    with pytest.raises(IndexError, match="setitem"):
        z[index] = 0.0
    assert x.grad is not None
    assert x.grad.tolist() == [2.0, 4.0, 6.0]
    assert z.tolist() == [1.0, 2.0, 3.0]


def test_the_op_itself_takes_repeated_places_in_any_sequence() -> None:
    for index in ([0, 0], (np.array([0, 0]),), ([0, 0],), range(0, 1)):
        x = leaf([1.0, 2.0])
        y = getitem(x, index=index)
        y.backward(np.ones(y.shape))
        assert x.grad is not None
        assert x.grad.tolist() == [float(y.size), 0.0]


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int64])
@pytest.mark.parametrize("shape", [(4,), (3, 5), (0,), (40,)])
def test_whole_rows_are_added_back_where_np_add_at_adds(shape: Any, dtype: Any) -> None:
    index = np.random.default_rng(1).integers(0, 7, shape).astype(dtype)
    if dtype is not np.uint8 and index.size:
        index.flat[0] = -1
    check_read(numbered((300, 2, 3)), index, index)
