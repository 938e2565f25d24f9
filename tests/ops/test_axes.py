"""The same elements in other places: moved, turned and repeated as NumPy does it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg

CALLS: dict[str, tuple[Any, ...]] = {
    "reshape(x, (3, 2), order='C')": (
        lambda x: np.reshape(x, (3, 2), order="C"),
        (2, 3),
    ),
    "reshape(x, (3, 2), order='F')": (
        lambda x: np.reshape(x, (3, 2), order="F"),
        (2, 3),
    ),
    "reshape(x, (3, 2), order='A')": (
        lambda x: np.reshape(x, (3, 2), order="A"),
        (2, 3),
    ),
    "reshape(x, (-1,), order='C')": (
        lambda x: np.reshape(x, (-1,), order="C"),
        (2, 3),
    ),
    "reshape(x, (-1,), order='F')": (
        lambda x: np.reshape(x, (-1,), order="F"),
        (2, 3),
    ),
    "reshape(x, (-1,), order='A')": (
        lambda x: np.reshape(x, (-1,), order="A"),
        (2, 3),
    ),
    "reshape(x, 6, order='C')": (
        lambda x: np.reshape(x, 6, order="C"),
        (2, 3),
    ),
    "reshape(x, 6, order='F')": (
        lambda x: np.reshape(x, 6, order="F"),
        (2, 3),
    ),
    "reshape(x, 6, order='A')": (
        lambda x: np.reshape(x, 6, order="A"),
        (2, 3),
    ),
    "reshape(x, (1, -1, 2), order='C')": (
        lambda x: np.reshape(x, (1, -1, 2), order="C"),
        (2, 3),
    ),
    "reshape(x, (1, -1, 2), order='F')": (
        lambda x: np.reshape(x, (1, -1, 2), order="F"),
        (2, 3),
    ),
    "reshape(x, (1, -1, 2), order='A')": (
        lambda x: np.reshape(x, (1, -1, 2), order="A"),
        (2, 3),
    ),
    "reshape(x, (3, 2), 'F')": (
        lambda x: np.reshape(x, (3, 2), "F"),
        (2, 3),
    ),
    "x.reshape(3, 2, order='F')": (
        lambda x: x.reshape(3, 2, order="F"),
        (2, 3),
    ),
    "ravel(x)": (
        lambda x: np.ravel(x),
        (2, 3),
    ),
    "ravel(x, 'F')": (
        lambda x: np.ravel(x, "F"),
        (2, 3, 4),
    ),
    "x.flatten('F')": (
        lambda x: x.flatten("F"),
        (2, 3),
    ),
    "x.ravel()": (
        lambda x: x.ravel(),
        (2, 3),
    ),
    "copy(x)": (
        lambda x: np.copy(x),
        (2, 3),
    ),
    "x.copy()": (
        lambda x: x.copy(),
        (3,),
    ),
    "transpose(x, [1, 0, 2])": (
        lambda x: np.transpose(x, [1, 0, 2]),
        (2, 3, 4),
    ),
    "permute_dims(x, (2, 0, 1))": (
        lambda x: np.permute_dims(x, (2, 0, 1)),
        (2, 3, 4),
    ),
    "moveaxis(x, 0, -1)": (
        lambda x: np.moveaxis(x, 0, -1),
        (2, 3, 4),
    ),
    "moveaxis(x, [0, 1], [-1, 0])": (
        lambda x: np.moveaxis(x, [0, 1], [-1, 0]),
        (2, 3, 4),
    ),
    "rollaxis(x, 2)": (
        lambda x: np.rollaxis(x, 2),
        (2, 3, 4),
    ),
    "rollaxis(x, 0, 3)": (
        lambda x: np.rollaxis(x, 0, 3),
        (2, 3, 4),
    ),
    "rollaxis(x, 1, -1)": (
        lambda x: np.rollaxis(x, 1, -1),
        (2, 3, 4),
    ),
    "swapaxes(x, 0, -1)": (
        lambda x: np.swapaxes(x, 0, -1),
        (2, 3, 4),
    ),
    "x.swapaxes(0, 1)": (
        lambda x: x.swapaxes(0, 1),
        (2, 3),
    ),
    "squeeze(x)": (
        lambda x: np.squeeze(x),
        (1, 3, 1),
    ),
    "squeeze(x, 0)": (
        lambda x: np.squeeze(x, 0),
        (1, 3, 1),
    ),
    "squeeze(x, (0, -1))": (
        lambda x: np.squeeze(x, (0, -1)),
        (1, 3, 1),
    ),
    "x.squeeze(-1)": (
        lambda x: x.squeeze(-1),
        (1, 3, 1),
    ),
    "expand_dims(x, (0, -1))": (
        lambda x: np.expand_dims(x, (0, -1)),
        (2, 3),
    ),
    "expand_dims(x, 1)": (
        lambda x: np.expand_dims(x, 1),
        (2, 3),
    ),
    "broadcast_arrays(x, y)": (
        lambda x, y: np.broadcast_arrays(x, y),
        (3,),
        (2, 1),
    ),
    "broadcast_to(x, 4)": (
        lambda x: np.broadcast_to(x, 4),
        (),
    ),
    "atleast_1d(x, y)": (
        lambda x, y: np.atleast_1d(x, y),
        (),
        (3,),
    ),
    "atleast_2d(x, y)": (
        lambda x, y: np.atleast_2d(x, y),
        (),
        (2, 1, 3),
    ),
    "atleast_3d(x, y)": (
        lambda x, y: np.atleast_3d(x, y),
        (2,),
        (2, 3),
    ),
    "atleast_1d(x) of ()": (
        lambda x: np.atleast_1d(x),
        (),
    ),
    "atleast_1d(x) of (3,)": (
        lambda x: np.atleast_1d(x),
        (3,),
    ),
    "atleast_1d(x) of (2, 3)": (
        lambda x: np.atleast_1d(x),
        (2, 3),
    ),
    "atleast_1d(x) of (2, 1, 1, 2)": (
        lambda x: np.atleast_1d(x),
        (2, 1, 1, 2),
    ),
    "atleast_2d(x) of ()": (
        lambda x: np.atleast_2d(x),
        (),
    ),
    "atleast_2d(x) of (3,)": (
        lambda x: np.atleast_2d(x),
        (3,),
    ),
    "atleast_2d(x) of (2, 3)": (
        lambda x: np.atleast_2d(x),
        (2, 3),
    ),
    "atleast_2d(x) of (2, 1, 1, 2)": (
        lambda x: np.atleast_2d(x),
        (2, 1, 1, 2),
    ),
    "atleast_3d(x) of ()": (
        lambda x: np.atleast_3d(x),
        (),
    ),
    "atleast_3d(x) of (3,)": (
        lambda x: np.atleast_3d(x),
        (3,),
    ),
    "atleast_3d(x) of (2, 3)": (
        lambda x: np.atleast_3d(x),
        (2, 3),
    ),
    "atleast_3d(x) of (2, 1, 1, 2)": (
        lambda x: np.atleast_3d(x),
        (2, 1, 1, 2),
    ),
    "flip(x)": (
        lambda x: np.flip(x),
        (2, 3, 4),
    ),
    "flip(x, (0, 2))": (
        lambda x: np.flip(x, (0, 2)),
        (2, 3, 4),
    ),
    "flip(x, -1)": (
        lambda x: np.flip(x, -1),
        (2, 3),
    ),
    "fliplr(x)": (
        lambda x: np.fliplr(x),
        (2, 3),
    ),
    "flipud(x)": (
        lambda x: np.flipud(x),
        (2, 3),
    ),
    "rot90(x, -1)": (
        lambda x: np.rot90(x, -1),
        (2, 3),
    ),
    "rot90(x, -1, (2, 0))": (
        lambda x: np.rot90(x, -1, (2, 0)),
        (2, 3, 4),
    ),
    "rot90(x, 0)": (
        lambda x: np.rot90(x, 0),
        (2, 3),
    ),
    "rot90(x, 0, (2, 0))": (
        lambda x: np.rot90(x, 0, (2, 0)),
        (2, 3, 4),
    ),
    "rot90(x, 1)": (
        lambda x: np.rot90(x, 1),
        (2, 3),
    ),
    "rot90(x, 1, (2, 0))": (
        lambda x: np.rot90(x, 1, (2, 0)),
        (2, 3, 4),
    ),
    "rot90(x, 2)": (
        lambda x: np.rot90(x, 2),
        (2, 3),
    ),
    "rot90(x, 2, (2, 0))": (
        lambda x: np.rot90(x, 2, (2, 0)),
        (2, 3, 4),
    ),
    "rot90(x, 3)": (
        lambda x: np.rot90(x, 3),
        (2, 3),
    ),
    "rot90(x, 3, (2, 0))": (
        lambda x: np.rot90(x, 3, (2, 0)),
        (2, 3, 4),
    ),
    "rot90(x, 4)": (
        lambda x: np.rot90(x, 4),
        (2, 3),
    ),
    "rot90(x, 4, (2, 0))": (
        lambda x: np.rot90(x, 4, (2, 0)),
        (2, 3, 4),
    ),
    "roll(x, 1)": (
        lambda x: np.roll(x, 1),
        (2, 3),
    ),
    "roll(x, -2)": (
        lambda x: np.roll(x, -2),
        (2, 3),
    ),
    "roll(x, 1, 0)": (
        lambda x: np.roll(x, 1, 0),
        (2, 3),
    ),
    "roll(x, 5, 1)": (
        lambda x: np.roll(x, 5, 1),
        (2, 3),
    ),
    "roll(x, -1, -1)": (
        lambda x: np.roll(x, -1, -1),
        (2, 3),
    ),
    "roll(x, (1, 2), (0, 1))": (
        lambda x: np.roll(x, (1, 2), (0, 1)),
        (2, 3),
    ),
    "roll(x, (1, 1), (0, 0))": (
        lambda x: np.roll(x, (1, 1), (0, 0)),
        (2, 3),
    ),
    "roll(x, 2, (0, 1))": (
        lambda x: np.roll(x, 2, (0, 1)),
        (2, 3),
    ),
    "roll(x, 0, 0)": (
        lambda x: np.roll(x, 0, 0),
        (2, 3),
    ),
    "tile(x, 2)": (
        lambda x: np.tile(x, 2),
        (2, 3),
    ),
    "tile(x, (2,))": (
        lambda x: np.tile(x, (2,)),
        (2, 3),
    ),
    "tile(x, (2, 3))": (
        lambda x: np.tile(x, (2, 3)),
        (2, 3),
    ),
    "tile(x, (1, 2, 1, 2))": (
        lambda x: np.tile(x, (1, 2, 1, 2)),
        (2, 3),
    ),
    "tile(x, [2, 1])": (
        lambda x: np.tile(x, [2, 1]),
        (2, 3),
    ),
    "repeat(x, 2)": (
        lambda x: np.repeat(x, 2),
        (2, 3),
    ),
    "repeat(x, 3, 0)": (
        lambda x: np.repeat(x, 3, 0),
        (2, 3),
    ),
    "repeat(x, [1, 2], 0)": (
        lambda x: np.repeat(x, [1, 2], 0),
        (2, 3),
    ),
    "repeat(x, [0, 2, 1], 1)": (
        lambda x: np.repeat(x, [0, 2, 1], 1),
        (2, 3),
    ),
    "repeat(x, array([2]), -1)": (
        lambda x: np.repeat(x, np.array([2]), -1),
        (2, 3),
    ),
    "x.repeat(2, axis=1)": (
        lambda x: x.repeat(2, axis=1),
        (2, 3),
    ),
    "resize(x, (3, 5))": (
        lambda x: np.resize(x, (3, 5)),
        (2, 3),
    ),
    "resize(x, 4)": (
        lambda x: np.resize(x, 4),
        (2, 3),
    ),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
def test_values_dtypes_and_derivatives_are_right(
    agrees_with_numpy: Callable[..., None], call: tuple[Any, ...]
) -> None:
    agrees_with_numpy(*call)


@pytest.mark.skipif(not hasattr(np, "unstack"), reason="new in NumPy 2.1")
def test_the_layers_along_an_axis_are_taken_apart(agrees_with_numpy: Callable[..., None]) -> None:
    agrees_with_numpy(lambda x: np.unstack(x, axis=1), (2, 3))


@pytest.mark.skipif(not hasattr(np, "astype"), reason="new in NumPy 2.1")
def test_another_dtype_by_the_array_apis_name() -> None:
    x = tg.Tensor([1.0, 2.0], requires_grad=True)
    y = np.astype(x, np.float32)
    assert y.dtype == np.float32
    y.sum().backward()
    assert x.grad is not None
    assert x.grad.dtype == np.float64


def test_what_moves_elements_is_a_view_where_numpys_is() -> None:
    x = tg.Tensor(np.arange(24.0).reshape(2, 3, 4), requires_grad=True) * 1
    for y in (np.moveaxis(x, 0, 1), np.flip(x), np.rot90(x), np.squeeze(x[:, :1]), x.ravel()):
        assert np.shares_memory(x.numpy(), y.numpy())


def test_whole_numbers_have_no_gradient_to_hand_on() -> None:
    x = tg.Tensor([1.5, 2.5], requires_grad=True)
    y = x.astype(int)
    assert not y.requires_grad
    (y * x).sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [1.0, 2.0]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda x: np.reshape(x, (4,)), ValueError, "reshape"),
        (lambda x: np.reshape(x, (3, 2), "K"), ValueError, "order"),
        (lambda x: np.squeeze(x, 0), ValueError, "size 1"),
        (lambda x: np.moveaxis(x, (0, 1), 0), ValueError, "places"),
        (lambda x: np.moveaxis(x, 2, 0), np.exceptions.AxisError, "source"),
        (lambda x: np.rollaxis(x, 0, 5), np.exceptions.AxisError, "start"),
        (lambda x: np.flip(x, 2), np.exceptions.AxisError, "axis 2"),
        (lambda x: np.repeat(x, [1, 2, 3], 0), ValueError, "broadcast"),
        (lambda x: x.view(np.float32), TypeError, "no views"),
    ],
)
def test_what_makes_no_sense_is_refused(call: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call(tg.Tensor(np.ones((2, 3)), requires_grad=True))
