"""Diagonals and triangles of matrices.

Reading a diagonal and laying one out are each other's transposes, as getitem and put are.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.cases import case
from tinygrad_edu.op import differentiable
from tinygrad_edu.ops.compose import composes
from tinygrad_edu.ops.refuse import refuse
from tinygrad_edu.ops.shape import as_array, converted, reshape

HINT = "a diagonal needs two different axes; offset moves it up if positive, down if negative"
SETTINGS: tuple[tuple[tuple[int, ...], tuple[int, ...], dict[str, int]], ...] = (
    ((3, 3), (3,), {}),
    ((2, 3), (2,), {}),
    ((3, 2), (1,), {"offset": 1}),
    ((3, 3), (1,), {"offset": -2}),
    ((2, 3, 4), (3, 2), {"axis1": 0, "axis2": -1}),
    ((2, 3, 3), (2, 2), {"offset": 1, "axis1": 2, "axis2": 1}),
    ((2, 2), (0,), {"offset": 5}),
    ((0, 3), (0,), {}),
)
"""Shapes of an array and of its diagonal."""


def diagonal_x(dy: Any, y: Any, x: Any, **settings: int) -> Any:
    """Put the gradient back on the diagonal."""
    return on_diagonal(dy, shape=x.shape, **settings)


@differentiable(
    x=diagonal_x,
    cases=[case(whole, **settings) for whole, _, settings in SETTINGS],
    hint=HINT,
)
def diagonal(x: Any, *, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """The elements ``x[i, i + offset]``, along a new last axis.

    Examples
    --------
    >>> import numpy as np
    >>> import tinygrad_edu as tg
    >>> x = tg.Tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    >>> np.diagonal(x).sum().backward()
    >>> x.grad.tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """
    return np.diagonal(x, offset, axis1, axis2)


@differentiable(
    x=lambda dy, y, x, *, shape, **settings: diagonal(dy, **settings),
    cases=[case(part, shape=whole, **settings) for whole, part, settings in SETTINGS],
    hint=HINT,
)
def on_diagonal(x: Any, *, shape: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """Zeros of a shape, with ``x`` on a diagonal: the transpose of ``diagonal``."""
    y = np.zeros(shape, x.dtype)
    view = np.diagonal(y, offset, axis1, axis2)
    view.flags.writeable = True  # NumPy hands it out read-only; the memory is this function's own
    view[...] = x
    return y


@composes(np.diagonal)
def numpy_diagonal(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """``np.diagonal``."""
    return diagonal(as_array(a), offset=int(offset), axis1=int(axis1), axis2=int(axis2))


@composes(np.trace)
def trace(
    a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1, dtype: Any = None, out: Any = None
) -> Any:
    """``np.trace``: the sum of a diagonal."""
    refuse("trace", out=out)
    return converted(numpy_diagonal(a, offset, axis1, axis2), dtype).sum(axis=-1)


@composes(np.diag)
def diag(v: Any, k: int = 0) -> Any:
    """``np.diag``: a matrix with this diagonal, or the diagonal of this matrix."""
    v = as_array(v)
    if v.ndim == 1:
        return on_diagonal(v, shape=(len(v) + abs(k),) * 2, offset=k)
    if v.ndim != 2:
        raise ValueError(f"diag takes a vector or a matrix, not shape {v.shape}")
    return diagonal(v, offset=k)


@composes(np.diagflat)
def diagflat(v: Any, k: int = 0) -> Any:
    """``np.diagflat``: a matrix with all elements of ``v`` on its diagonal."""
    return diag(reshape(as_array(v), shape=(-1,)), k)


def below(m: Any, k: int) -> Any:
    """Mark the k-th diagonal and what is below it; of a vector, as if it were repeated."""
    return np.tri(m.shape[-2] if m.ndim > 1 else m.shape[0], m.shape[-1], k, bool)


@composes(np.tril)
def tril(m: Any, k: int = 0) -> Any:
    """``np.tril``: zeros above the k-th diagonal."""
    m = as_array(m)
    return np.where(below(m, k), m, 0)


@composes(np.triu)
def triu(m: Any, k: int = 0) -> Any:
    """``np.triu``: zeros below the k-th diagonal."""
    m = as_array(m)
    return np.where(below(m, k - 1), 0, m)
