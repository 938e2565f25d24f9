"""An index means what it means to NumPy, when the op is called: later changes to it do not count.

The gradient of picking an element twice is the sum of both, however the index was spelled.
Next: ``test_broadcasting.py``.
"""

from __future__ import annotations

from array import array
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg


def leaf(values: Any) -> tg.Tensor:
    return tg.Tensor(values, requires_grad=True)


INDICES: dict[str, Any] = {
    "list": [0, 0, 1],
    "array": np.array([0, 0, 1]),
    "tensor": tg.Tensor([0, 0, 1]),
    "tuple in a tuple": ((0, 0, 1),),
    "list in a tuple": ([0, 0, 1],),
    "array in a tuple": (np.array([0, 0, 1]), ...),
    "range": range(2),
    "array.array": array("i", [0, 0, 1]),
    "nested list": [[0, 0], [1, 0]],
    "nested tuple": (((0, 0), (1, 0)),),
    "negative twin": [0, -3],
    "bytes array": np.array([0, 0, 1], np.uint8),
    "scalars": [np.int64(0), np.int64(0)],
    "list of tensors": [tg.Tensor(0), tg.Tensor(0)],
    "mask": [True, False, True],
    "mask tensor": tg.Tensor([True, False, True]),
    "scalar mask": True,
    "scalar array": np.array(1),
    "empty": [],
    "newaxis": (None, [0, 0]),
}


@pytest.mark.parametrize("index", INDICES.values(), ids=INDICES.keys())
def test_what_is_picked_twice_gets_two_gradients_however_it_is_spelled(index: Any) -> None:
    values = np.array([1.0, 2.0, 3.0])
    plain = (
        tuple(np.asarray(p) if isinstance(p, tg.Tensor) else p for p in index)
        if isinstance(index, tuple)
        else (index.numpy() if isinstance(index, tg.Tensor) else index)
    )
    if isinstance(plain, list) and plain and isinstance(plain[0], tg.Tensor):
        plain = [int(part) for part in plain]
    picked = values[plain if not (isinstance(plain, list) and not plain) else np.array([], int)]
    x = leaf(values)
    y = x[index]
    np.testing.assert_array_equal(y.numpy(), picked)
    weights = np.arange(1.0, 1 + picked.size).reshape(picked.shape)
    y.backward(gradient=weights)
    expected = np.zeros(3)
    where = np.arange(3)[
        plain if not (isinstance(plain, list) and not plain) else np.array([], int)
    ]
    np.add.at(expected, where.reshape(-1), weights.reshape(-1))
    assert x.grad is not None
    np.testing.assert_array_equal(x.grad.numpy(), expected)


@pytest.mark.parametrize("index", [np.array([0, 0]), [0, 0], tg.Tensor([0, 0])])
def test_changing_an_index_afterwards_changes_nothing(index: Any) -> None:
    x = leaf([1.0, 2.0, 3.0])
    y = x[index] * 1
    z = x * 1
    z[index] = 5.0
    for position in range(2):
        index[position] = 2
    (y.sum() + z.sum()).backward()
    assert x.grad is not None
    assert x.grad.tolist() == [2.0, 1.0, 1.0]


def test_changing_a_mask_afterwards_changes_nothing() -> None:
    x = leaf([1.0, 2.0, 3.0])
    mask = np.array([True, False, True])
    y = np.where(mask, x, 0.0).sum() + x[mask].sum()
    mask[:] = [False, True, False]
    y.backward()
    assert x.grad is not None
    assert x.grad.tolist() == [2.0, 0.0, 2.0]


def test_a_window_that_slides_along_does_not_move_what_was_recorded() -> None:
    x = leaf([1.0, 2.0, 3.0])
    start, stop = tg.Tensor(0), tg.Tensor(1)
    window = x[start:stop]
    start += 1
    stop += 1
    window.sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [1.0, 0.0, 0.0]


def test_a_single_number_that_counts_up_does_not_move_what_was_recorded() -> None:
    x = leaf([1.0, 2.0, 3.0])
    i = tg.Tensor(0)
    y = x[i]
    i += 1
    y.backward()
    assert x.grad is not None
    assert x.grad.tolist() == [1.0, 0.0, 0.0]


def test_an_index_given_to_the_op_itself_is_kept_too() -> None:
    x = leaf([1.0, 2.0])
    index = np.array([0])
    y = tg.ops.index.getitem(x, index=index)
    index[:] = 1
    y.sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [1.0, 0.0]


def test_changing_a_list_of_axes_afterwards_changes_nothing() -> None:
    x = leaf(np.arange(8.0).reshape(2, 2, 2))
    axes = [1, 2, 0]
    y = np.transpose(x, axes)
    axes[:] = [0, 1, 2]
    seed = np.arange(8.0).reshape(2, 2, 2)
    y.backward(gradient=seed)
    assert x.grad is not None
    np.testing.assert_array_equal(x.grad.numpy(), seed.transpose(2, 0, 1))


@pytest.mark.parametrize("index", [3, -4, [0, 3], (0, 0), 1.5, "a", [True, False], leaf(1.0)])
def test_a_wrong_index_is_refused_and_nothing_changes(index: Any) -> None:
    x = leaf([1.0, 2.0, 3.0])
    with pytest.raises((IndexError, TypeError), match="getitem"):
        x[index]
    constant = tg.Tensor([1.0, 2.0, 3.0])
    with pytest.raises((IndexError, TypeError)):
        constant[index] = 1.0
    assert constant.tolist() == [1.0, 2.0, 3.0]
    assert x.grad is None


def test_the_last_of_several_writes_to_one_place_gets_the_gradient() -> None:
    x, values = leaf([1.0, 2.0]), leaf([10.0, 20.0, 30.0])
    y = x * 1
    y[[0, 0, 1]] = values
    assert y.tolist() == [20.0, 30.0]
    y.backward(gradient=np.array([5.0, 7.0]))
    assert values.grad is not None
    assert x.grad is not None
    assert values.grad.tolist() == [0.0, 5.0, 7.0]
    assert x.grad.tolist() == [0.0, 0.0]


def test_a_tensor_may_write_a_part_of_itself_elsewhere() -> None:
    x = leaf([1.0, 2.0, 3.0])
    y = x * 1
    y[1:] = y[:-1]
    assert y.tolist() == [1.0, 1.0, 2.0]
    y.backward(gradient=np.array([1.0, 10.0, 100.0]))
    assert x.grad is not None
    assert x.grad.tolist() == [11.0, 100.0, 0.0]


def test_a_fraction_written_into_integers_with_a_history_is_refused_where_it_is_written() -> None:
    counts, w = tg.Tensor([1, 2]), leaf(2.7)
    with pytest.raises(TypeError, match="int"):
        counts[0] = w
    assert counts.tolist() == [1, 2]
