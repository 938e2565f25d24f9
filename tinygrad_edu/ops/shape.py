"""The same numbers in another shape, order, dtype or company."""

from __future__ import annotations

from itertools import accumulate
from typing import Any

import numpy as np

from tinygrad_edu.cases import case
from tinygrad_edu.dispatch import implements, is_tensor
from tinygrad_edu.op import differentiable
from tinygrad_edu.ops.refuse import refuse


def join_part(dy: Any, y: Any, *arrays: Any, axis: int = 0, position: int) -> Any:
    """Cut out of the joined gradient the part that belongs to one of the arrays."""
    ends = [0, *accumulate(a.shape[axis] for a in arrays)]
    return dy[(slice(None),) * (axis % y.ndim) + (slice(ends[position], ends[position + 1]),)]


def stack_part(dy: Any, y: Any, *arrays: Any, axis: int = 0, position: int) -> Any:
    """Pick from the stacked gradient the layer that belongs to one of the arrays."""
    return dy[(slice(None),) * (axis % y.ndim) + (position,)]


def inverse(axes: tuple[int, ...] | None) -> tuple[int, ...] | None:
    """Return the permutation that undoes this one."""
    return None if axes is None else tuple(np.argsort([a % len(axes) for a in axes]).tolist())


@implements(np.reshape)
@differentiable(
    x=lambda dy, y, x, *, shape: dy.reshape(x.shape),
    cases=[case((2, 3), shape=(3, 2)), case((2, 3), shape=(-1,)), case((4,), shape=(2, 1, 2)),
           case((1,), shape=()), case((), shape=(1, 1)), case((0, 3), shape=(3, 0)),
           case((2, 3, 4), shape=(6, 4))],
    hint="the sizes of the new shape must multiply to the number of elements; one may be -1",
)  # fmt: skip
def reshape(x: Any, *, shape: Any) -> Any:
    """The same elements in another shape, as ``np.reshape``."""
    return x.reshape(shape)


@implements(np.transpose)
@differentiable(
    x=lambda dy, y, x, *, axes=None: dy.transpose(inverse(axes)),
    cases=[case((2, 3)), case((2, 3, 4)), case((2, 3, 4), axes=(1, 2, 0)),
           case((2, 3), axes=(0, 1)), case((2, 3, 4), axes=(-1, 0, 1)), case((3,)), case((0, 2))],
    hint="axes must name every axis once",
)  # fmt: skip
def transpose(x: Any, *, axes: Any = None) -> Any:
    """The axes in reverse, or in the given order, as ``np.transpose``."""
    return x.transpose(axes)


@implements(np.matrix_transpose)
@differentiable(
    x=lambda dy, y, x: dy.mT,
    cases=[case((2, 3)), case((4, 2, 3)), case((1, 3)), case((3, 1)), case((2, 1, 2, 3)),
           case((0, 2)), case((3, 3))],
    hint="a stack of matrices has at least two axes",
)  # fmt: skip
def matrix_transpose(x: Any) -> Any:
    """The last two axes swapped: the transpose of each matrix in a stack."""
    return x.mT


@implements(np.broadcast_to)
@differentiable(
    x=lambda dy, y, x, *, shape: dy,
    cases=[case((3,), shape=(2, 3)), case((), shape=(2,)), case((2, 1), shape=(2, 3)),
           case((1, 3), shape=(4, 2, 3)), case((2, 3), shape=(2, 3)), case((3, 1), shape=(3, 0)),
           case((1,), shape=(5,))],
    hint="counted from the right, every size must be equal to the new one, or 1",
)  # fmt: skip
def broadcast_to(x: Any, *, shape: Any) -> Any:
    """Repeat along new axes and axes of size 1, as ``np.broadcast_to``."""
    if x.ndim == 0:  # a view that repeats one number; np.broadcast_to makes it 7 times slower
        sizes = shape if isinstance(shape, (tuple, list)) else (shape,)
        repeated: Any = np.ndarray(sizes, x.dtype, x, 0, (0,) * len(sizes))
        repeated.flags.writeable = False
        return repeated
    return np.broadcast_to(x, shape)


@differentiable(
    arrays=join_part,
    cases=[case((2,), (3,)), case((2, 3), (1, 3)), case((2, 3), (2, 1), axis=1),
           case((2, 3), (2, 2), (2, 1), axis=-1), case((3,)), case((0, 2), (1, 2)),
           case((1, 2, 2), (1, 1, 2), axis=1)],
    hint="all sizes must be equal, except along the axis that is joined",
)  # fmt: skip
def concatenate(*arrays: Any, axis: int = 0) -> Any:
    """Arrays joined along an axis that they have."""
    return np.concatenate(arrays, axis=axis)


@differentiable(
    arrays=stack_part,
    cases=[case((), ()), case((3,), (3,)), case((2, 3), (2, 3), axis=1), case((2,), (2,), axis=-1),
           case((3,)), case((0,), (0,)), case((2, 2), (2, 2), (2, 2), axis=2)],
    hint="all arrays must have the same shape",
)  # fmt: skip
def stack(*arrays: Any, axis: int = 0) -> Any:
    """Arrays of one shape, laid side by side along a new axis."""
    return np.stack(arrays, axis=axis)


@implements(np.copy)
@differentiable(
    x=lambda dy, y, x: dy,
    cases=[case(shape) for shape in ((), (1,), (3,), (2, 3), (2, 1), (0, 3), (2, 3, 4))],
)
def clone(x: Any) -> Any:
    """The same values in memory of their own."""
    return x.copy()


@implements(np.ndarray.astype)
@differentiable(
    x=lambda dy, y, x, *, dtype: dy if dtype.kind in "fc" else None,
    cases=[
        case(shape, dtype=np.dtype(float))
        for shape in ((), (1,), (3,), (2, 3), (2, 1), (0, 3), (2, 3, 4))
    ],
)
def astype(x: Any, *, dtype: Any) -> Any:
    """The same values as another dtype; the gradient comes back in the old one, if it can.

    Through integers and truth values none can: they do not change while the argument changes a bit.
    """
    return x.astype(dtype)


# ------------------------------------------------------------- what takes lists, and a dtype
def holds_tensor(values: Any) -> bool:
    """Tell whether a Tensor is somewhere in a nested list."""
    if isinstance(values, (list, tuple)):
        return any(map(holds_tensor, values))
    return is_tensor(values)


def as_array(x: Any) -> Any:
    """Return an array or a Tensor as it is, and make one of a number or a list, even of Tensors."""
    if is_tensor(x) or isinstance(x, np.ndarray):
        return x
    if holds_tensor(x):
        return stack(*map(as_array, x))
    return np.asarray(x)


def converted(x: Any, dtype: Any) -> Any:
    """As `as_array`, in the dtype that was asked for, if any."""
    x = as_array(x)
    return x if dtype is None or x.dtype == dtype else astype(x, dtype=np.dtype(dtype))


def join(arrays: Any, axis: int | None, dtype: Any = None) -> Any:
    """Join arrays; without an axis, all their elements in one row."""
    parts = [converted(a, dtype) for a in arrays]
    if axis is None:
        return concatenate(*(reshape(a, shape=(-1,)) for a in parts))
    return concatenate(*parts, axis=axis)


@implements(np.concatenate)
def numpy_concatenate(
    arrays: Any,
    axis: int | None = 0,
    out: Any = None,
    *,
    dtype: Any = None,
    casting: str = "same_kind",
) -> Any:
    """``np.concatenate``: along an axis that the arrays have."""
    refuse("concatenate", out=out)
    return join(arrays, axis, dtype)


@implements(np.stack)
def numpy_stack(
    arrays: Any, axis: int = 0, out: Any = None, *, dtype: Any = None, casting: str = "same_kind"
) -> Any:
    """``np.stack``: along a new axis."""
    refuse("stack", out=out)
    return stack(*(converted(a, dtype) for a in arrays), axis=axis)
