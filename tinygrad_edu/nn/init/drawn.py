"""Initial values drawn at random, with their size given.

Read next: ``scaled.py``.
"""

from __future__ import annotations

from math import ceil, prod

import numpy as np

from tinygrad_edu.nn.init.filling import Generator, T, check_axes, filled
from tinygrad_edu.random import default_generator


def uniform_(tensor: T, a: float = 0.0, b: float = 1.0, generator: Generator | None = None) -> T:
    """Draw uniformly between a and b, for any shape: ``a + (b - a) * u``.

    Source: the conventions are PyTorch's.

    Raises
    ------
    ValueError
        If a is larger than b; and as for `constant_`.

    Examples
    --------
    >>> import numpy as np
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import init
    >>> init.uniform_(tg.Tensor([0.0, 0.0]), 1, 2, generator=np.random.default_rng(0))
    Tensor([1.63696169, 1.26978671], shape=(2,), dtype=float64)
    """
    if not a <= b:
        raise ValueError(f"uniform_ draws from a to b, but a={a} is larger than b={b}")
    return filled(tensor, default_generator(generator).uniform(a, b, tensor.shape))


def normal_(
    tensor: T, mean: float = 0.0, std: float = 1.0, generator: Generator | None = None
) -> T:
    """Draw from the normal distribution of this mean and standard deviation.

    Formula: ``mean + std * z``, for any shape. Source: the conventions are PyTorch's.

    Raises
    ------
    ValueError
        If ``std`` is negative; and as for `constant_`.

    Examples
    --------
    >>> import numpy as np
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import init
    >>> weight = init.normal_(tg.Tensor(np.zeros((100, 100))), std=0.1)
    >>> bool(0.09 < weight.std() < 0.11)
    True
    """
    return filled(tensor, default_generator(generator).normal(mean, std, tensor.shape))


def trunc_normal_(
    tensor: T,
    mean: float = 0.0,
    std: float = 1.0,
    a: float = -2.0,
    b: float = 2.0,
    generator: Generator | None = None,
) -> T:
    """Draw from a normal distribution of which only what is between a and b is left.

    Candidates are uniform where the density is not negligible, and accepted in proportion to it.

    The density is ``exp(-((x - mean) / std)**2 / 2)`` there, up to a factor, and 0 elsewhere. Any
    shape.

    Raises
    ------
    ValueError
        Unless ``a < b`` and ``std > 0``; and as for `constant_`.

    References
    ----------
    Robert, Simulation of truncated normal variables, Statistics and Computing 5 (1995).

    Examples
    --------
    >>> import numpy as np
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import init
    >>> weight = init.trunc_normal_(tg.Tensor(np.zeros((100, 100))))
    >>> bool(-2 <= weight.min() and weight.max() <= 2)
    True
    """
    if not (a < b and std > 0):
        raise ValueError(f"trunc_normal_ needs a < b and std > 0, not a={a}, b={b}, std={std}")
    low, high = (a - mean) / std, (b - mean) / std
    peak = min(max(0.0, low), high)  # where the density is largest
    reach = min(9.0, 40 / abs(peak)) if peak else 9.0  # beyond, it is below exp(-40) of that
    low, high = max(low, peak - reach), min(high, peak + reach)
    draw, values = default_generator(generator), np.empty(tensor.size)
    missing = np.arange(tensor.size)
    while missing.size:
        z = draw.uniform(low, high, missing.size)
        values[missing] = z
        accepted = draw.random(missing.size) < np.exp((peak * peak - z * z) / 2)
        missing = missing[~accepted]
    return filled(tensor, np.clip(mean + std * values.reshape(tensor.shape), a, b))


def orthogonal_(tensor: T, gain: float = 1.0, generator: Generator | None = None) -> T:
    """Make the rows, or the columns if there are more rows, orthogonal and of length ``gain``.

    Shapes: (rows, ...), two axes or more; those after the first count as columns. With as many
    rows as columns, or fewer: ``w @ w.T == gain**2 * I``.

    Raises
    ------
    ValueError
        If there are fewer axes; and as for `constant_`.

    References
    ----------
    Saxe, McClelland and Ganguli, Exact solutions to the nonlinear dynamics of learning in deep
    linear neural networks (2013), arXiv:1312.6120.

    Examples
    --------
    >>> import numpy as np
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import init
    >>> weight = init.orthogonal_(tg.Tensor(np.zeros((2, 5))))
    >>> np.allclose(weight @ weight.T, np.eye(2))
    True
    """
    if tensor.ndim < 2:
        raise ValueError(f"orthogonal_ fills matrices, not a tensor of shape {tensor.shape}")
    rows, columns = tensor.shape[0], prod(tensor.shape[1:])
    drawn = default_generator(generator).standard_normal((max(rows, columns), min(rows, columns)))
    q, r = np.linalg.qr(drawn)
    q = q * np.sign(np.diag(r))  # without which the draws would not be uniform
    return filled(tensor, gain * (q if rows >= columns else q.T).reshape(tensor.shape))


def sparse_(tensor: T, sparsity: float, std: float = 0.01, generator: Generator | None = None) -> T:
    """Draw normally, but set this share of each column to 0.

    Shapes: (rows, columns), with ``ceil(sparsity * rows)`` zeros in each column.

    Raises
    ------
    ValueError
        If the tensor is no matrix, or the share is not from 0 to 1; and as for `constant_`.

    References
    ----------
    Martens, Deep learning via Hessian-free optimization, ICML 2010.

    Examples
    --------
    >>> import numpy as np
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import init
    >>> weight = init.sparse_(tg.Tensor(np.ones((10, 3))), sparsity=0.3)
    >>> np.count_nonzero(weight, axis=0)
    Tensor([7, 7, 7], shape=(3,), dtype=int64)
    """
    check_axes("sparse_", tensor, (2,))
    if not 0 <= sparsity <= 1:
        raise ValueError(f"sparsity is a share, from 0 to 1, not {sparsity}")
    draw = default_generator(generator)
    values = draw.normal(0, std, tensor.shape)
    zeros = ceil(sparsity * tensor.shape[0])
    for column in values.T:
        column[draw.permutation(len(column))[:zeros]] = 0
    return filled(tensor, values)
