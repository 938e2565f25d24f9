"""Numbers instead of names: rows of a table, picked by integers."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.dispatch import values_of
from tinygrad_edu.ops.index import getitem
from tinygrad_edu.recording import no_grad
from tinygrad_edu.tensor import Tensor


def embedding(
    input: Any,
    weight: Any,
    padding_idx: int | None = None,
    max_norm: float | None = None,
    norm_type: float = 2.0,
    scale_grad_by_freq: bool = False,
) -> Any:
    """Pick rows of a table: ``weight[input]``. The gradients of a row that is picked twice add up.

    Shapes: ``input`` (...), integers; ``weight`` (n, d); the result (..., d).

    Parameters
    ----------
    padding_idx : this row gets no gradient.
    max_norm, norm_type : rows that are picked and longer than this are shortened to it, in place.
    scale_grad_by_freq : divide a row's gradient by how often it was picked.

    Raises
    ------
    TypeError
        If the input is not made of integers.
    IndexError
        If one of them is no row's number, 0 to n-1.

    References
    ----------
    Bengio, Ducharme, Vincent and Jauvin, A neural probabilistic language model, JMLR 3 (2003).

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn.functional.embedding import embedding
    >>> weight = tg.Tensor([[0.0, 1.0], [2.0, 3.0]], requires_grad=True)
    >>> y = embedding([1, 1, 0], weight)
    >>> y.tolist()
    [[2.0, 3.0], [2.0, 3.0], [0.0, 1.0]]
    >>> y.sum().backward()
    >>> weight.grad.tolist()
    [[1.0, 1.0], [2.0, 2.0]]
    """
    rows = weight.shape[0]
    index = checked_indices("embedding", input, rows)
    if padding_idx is not None and not -rows <= padding_idx < rows:
        raise IndexError(f"embedding: padding_idx={padding_idx} is no row of {rows}")
    if max_norm is not None:
        _shorten(weight, index, max_norm, norm_type)
    y = getitem(weight, index=index)
    share: Any = None
    if scale_grad_by_freq:
        share = (1 / np.bincount(index.ravel(), minlength=rows)[index])[..., None]
    if padding_idx is not None:
        share = np.where(index == padding_idx % rows, 0, 1)[..., None] * (
            1 if share is None else share
        )
    if share is None or not isinstance(y, Tensor) or not y.requires_grad:
        return y
    constant = y.detach()  # the values stay, and only a share of the gradient goes on
    return constant + (y - constant) * share.astype(y.dtype)


def one_hot(tensor: Any, num_classes: int = -1) -> Tensor:
    """Write class numbers as vectors: 1 at the class, 0 elsewhere.

    Shapes: ``tensor`` (...), integers; the result (..., num_classes), integers too. If no number of
    classes is given, it is the largest that occurs, plus 1.

    ``y[..., c] = (tensor == c)``. Source: the conventions are PyTorch's.

    Raises
    ------
    TypeError
        If the input is not made of integers.
    IndexError, ValueError
        If one is negative or not below the number of classes; if there is none to count from.

    Examples
    --------
    >>> from tinygrad_edu.nn.functional.embedding import one_hot
    >>> one_hot([0, 2]).tolist()
    [[1, 0, 0], [0, 0, 1]]
    """
    index = integers("one_hot", tensor)
    if num_classes == -1:
        if index.size == 0:
            raise ValueError("one_hot: there are no classes to count; give num_classes=")
        num_classes = max(int(index.max()) + 1, 1)
    index = checked_indices("one_hot", index, num_classes)
    return Tensor((index[..., None] == np.arange(num_classes)).astype(np.int64), copy=False)


def integers(where: str, input: Any) -> Any:
    """Return indices as an array, if they are integers."""
    index = values_of(input)
    if index.size == 0 and not hasattr(input, "dtype"):
        index = index.astype(int)
    if index.dtype.kind not in "iu":
        raise TypeError(f"{where}: indices are integers, not {index.dtype}; use .astype(int)")
    return index


def checked_indices(where: str, input: Any, count: int) -> Any:
    """Return indices as an array of integers from 0 to ``count - 1``, or say which is none."""
    index = integers(where, input)
    wrong = (index < 0) | (index >= count)
    if wrong.any():
        position = tuple(int(i) for i in np.argwhere(wrong)[0])
        raise IndexError(
            f"{where}: index {index[position]} at position {position} is not from 0 to {count - 1}"
        )
    return index


def _shorten(weight: Any, index: Any, max_norm: float, norm_type: float) -> None:
    """Bring the rows that are about to be picked to a length that is allowed."""
    rows = values_of(weight)[index]
    length = np.linalg.norm(rows, ord=norm_type, axis=-1, keepdims=True)
    too_long = length > max_norm
    if too_long.any():
        with no_grad():
            weight[index] = rows * np.where(too_long, max_norm / (length + 1e-7), 1)
