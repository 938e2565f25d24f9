"""Dropout: silencing parts of a network at random, so that none relies on another."""

from __future__ import annotations

from numbers import Real
from typing import Any

import numpy as np

from tinygrad_edu.ops.shape import as_array
from tinygrad_edu.random import default_generator
from tinygrad_edu.tensor import Tensor


def check_probability(where: str, p: Any) -> float:
    """Refuse what is no probability."""
    if not isinstance(p, Real) or not 0 <= float(p) <= 1:
        raise ValueError(f"{where}: p is a probability, from 0 to 1, not {p!r}")
    return float(p)


def dropout(
    input: Any,
    p: float = 0.5,
    training: bool = True,
    inplace: bool = False,
    *,
    generator: np.random.Generator | None = None,
) -> Any:
    """Set each element to 0 with probability p, and divide the others by ``1 - p``.

    So the expected value stays what it was. Without ``training``, the input is returned as it is.
    ``inplace`` is accepted, and without effect: the result is always a new Tensor.

    ``y = x * (u >= p) / (1 - p)``, where ``u`` is uniform from 0 to 1; elementwise.

    Raises
    ------
    ValueError
        If p is not between 0 and 1.

    References
    ----------
    Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov, Dropout: a simple way to prevent
    neural networks from overfitting, JMLR 15 (2014).

    Examples
    --------
    >>> import numpy as np
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn.functional.dropout import dropout
    >>> x = tg.Tensor([1.0, 2.0, 3.0, 4.0])
    >>> dropout(x, p=0.5, generator=np.random.default_rng(0)).tolist()
    [2.0, 4.0, 6.0, 0.0]
    >>> dropout(x, p=0.5, training=False) is x
    True
    """
    p = check_probability("dropout", p)
    if not training or p == 0:
        return input
    input = as_array(input)
    return _masked(input, input.shape, p, generator)


def feature_dropout(
    where: str,
    input: Any,
    ndims: tuple[int, int],
    p: float,
    training: bool,
    generator: np.random.Generator | None,
) -> Any:
    """Set whole channels to 0, of inputs with that many axes, without and with a batch."""
    p = check_probability(where, p)
    input = as_array(input)
    if input.ndim not in ndims:
        raise ValueError(
            f"{where} takes inputs of {' or '.join(map(str, ndims))} axes, not of shape "
            f"{input.shape}"
        )
    if not training or p == 0:
        return input
    leading = 2 if input.ndim == ndims[1] else 1
    shape = input.shape[:leading] + (1,) * (input.ndim - leading)
    return _masked(input, shape, p, generator)


LEAST = -1.7580993408473766
"""What `selu` goes towards on the far left, where dropped elements are put: ``-scale * alpha``."""


def alpha_dropout(
    input: Any,
    p: float = 0.5,
    training: bool = False,
    inplace: bool = False,
    *,
    generator: np.random.Generator | None = None,
) -> Any:
    """Set each element with probability p to the least value of `selu`, then scale and shift all.

    So inputs of mean 0 and variance 1 keep both. Otherwise as `dropout`.

    ``y = a * where(u >= p, x, low) + b``, where ``low`` is that value, -1.758, and a and b bring
    mean and variance back; errors: see `dropout`.

    References
    ----------
    Klambauer, Unterthiner, Mayr and Hochreiter, Self-normalizing neural networks (2017),
    arXiv:1706.02515.

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_edu.nn.functional.dropout import alpha_dropout
    >>> x = alpha_dropout(np.zeros(4), 0.5, training=True, generator=np.random.default_rng(0))
    >>> x.round(4)
    array([ 0.7792,  0.7792,  0.7792, -0.7792])
    """
    p = check_probability("alpha_dropout", p)
    input = as_array(input)
    if not training or p == 0:
        return input
    dtype = input.dtype if input.dtype.kind in "fc" else np.dtype(float)
    keep = default_generator(generator).random(input.shape, dtype=np.float32) >= p
    scale = 0.0 if p == 1 else ((1 - p) * (1 + p * LEAST * LEAST)) ** -0.5
    shift = np.where(keep, -scale * LEAST * p, scale * LEAST * (1 - p)).astype(dtype)
    return input * np.where(keep, scale, 0).astype(dtype) + shift


def dropout1d(
    input: Any,
    p: float = 0.5,
    training: bool = True,
    inplace: bool = False,
    *,
    generator: np.random.Generator | None = None,
) -> Any:
    """Set whole channels to 0; as `dropout`, for inputs (N, C, L) or (C, L).

    Formula and errors: see `dropout`; another number of axes is an error, too.
    Source: see `dropout2d`.

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_edu.nn.functional.dropout import dropout1d
    >>> dropout1d(np.ones((2, 3)), p=0.5, generator=np.random.default_rng(2))
    array([[2., 2., 2.],
           [0., 0., 0.]])
    """
    return feature_dropout("dropout1d", input, (2, 3), p, training, generator)


def dropout2d(
    input: Any,
    p: float = 0.5,
    training: bool = True,
    inplace: bool = False,
    *,
    generator: np.random.Generator | None = None,
) -> Any:
    """Set whole channels to 0; as `dropout`, for inputs (N, C, H, W) or (N, C, L).

    Formula and errors: see `dropout`; another number of axes is an error, too.

    References
    ----------
    Tompson, Goroshin, Jain, LeCun and Bregler, Efficient object localization using convolutional
    networks (2014), arXiv:1411.4280.

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_edu.nn.functional.dropout import dropout2d
    >>> dropout2d(np.ones((1, 2, 1, 3)), p=0.5, generator=np.random.default_rng(2)).tolist()
    [[[[2.0, 2.0, 2.0]], [[0.0, 0.0, 0.0]]]]
    """
    if len(np.shape(input)) == 3:  # as in PyTorch, which takes it for (N, C, L)
        return feature_dropout("dropout2d", input, (2, 3), p, training, generator)
    return feature_dropout("dropout2d", input, (3, 4), p, training, generator)


def dropout3d(
    input: Any,
    p: float = 0.5,
    training: bool = True,
    inplace: bool = False,
    *,
    generator: np.random.Generator | None = None,
) -> Any:
    """Set whole channels to 0; as `dropout`, for inputs (N, C, D, H, W) or (C, D, H, W).

    Formula and errors: see `dropout`; another number of axes is an error, too.
    Source: see `dropout2d`.

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_edu.nn.functional.dropout import dropout3d
    >>> dropout3d(np.ones((1, 2, 1, 1, 2)), p=0.5, generator=np.random.default_rng(2)).tolist()
    [[[[[2.0, 2.0]]], [[[0.0, 0.0]]]]]
    """
    return feature_dropout("dropout3d", input, (4, 5), p, training, generator)


def _masked(
    input: Any, shape: tuple[int, ...], p: float, generator: np.random.Generator | None
) -> Any:
    """Multiply by a random mask of 0 and ``1 / (1 - p)``."""
    dtype = input.dtype if input.dtype.kind in "fc" else np.dtype(float)
    draws = default_generator(generator).random(shape, dtype=np.float32)
    mask = (draws >= p).astype(dtype)  # all False if p is 1
    if p < 1:
        mask *= 1 / (1 - p)
    if isinstance(input, Tensor) and isinstance(mask, np.ndarray):
        return input * Tensor._wrap(mask)  # a Tensor, so that it is not copied once more
    return input * mask
