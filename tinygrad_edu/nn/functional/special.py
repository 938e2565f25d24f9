"""Softmax and its kin under PyTorch's names; see ``activation.py``."""

from __future__ import annotations

from typing import Any

from tinygrad_edu.nn.functional.checks import axis_of
from tinygrad_edu.ops import special


def softmax(input: Any, dim: int | None = None, dtype: Any = None) -> Any:
    """``exp(x) / sum(exp(x))`` along ``dim``; see `tg.special.softmax`.

    Parameters
    ----------
    dim : the axis along which the result adds up to 1; PyTorch's way of guessing it is not offered.
    dtype : what to convert the input to beforehand, if anything.

    Raises
    ------
    ValueError
        If no axis is given, or it does not exist.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional
    >>> functional.softmax(tg.Tensor([[1e4, 1e4], [0.0, -1e4]]), 1)
    Tensor([[0.5, 0.5],
            [1. , 0. ]], shape=(2, 2), dtype=float64)
    """
    input = input if dtype is None else input.astype(dtype)
    return special.softmax(input, axis=axis_of("softmax", input, dim))


def log_softmax(input: Any, dim: int | None = None, dtype: Any = None) -> Any:
    """``log(softmax(x))`` along ``dim``, in which nothing underflows; see `softmax`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional
    >>> functional.log_softmax(tg.Tensor([0.0, -1000.0]), 0)
    Tensor([    0., -1000.], shape=(2,), dtype=float64)
    """
    input = input if dtype is None else input.astype(dtype)
    return special.log_softmax(input, axis=axis_of("log_softmax", input, dim))


def softmin(input: Any, dim: int | None = None, dtype: Any = None) -> Any:
    """``softmax(-x)`` along ``dim``; see `softmax`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional
    >>> functional.softmin(tg.Tensor([0.0, 1000.0]), 0)
    Tensor([1., 0.], shape=(2,), dtype=float64)
    """
    axis = axis_of("softmin", input, dim)
    return special.softmax(-input if dtype is None else -input.astype(dtype), axis=axis)
