"""Choosing at random between classes in a way that has a gradient."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.nn.functional.checks import axis_of
from tinygrad_edu.ops.shape import as_array
from tinygrad_edu.ops.special import softmax
from tinygrad_edu.random import default_generator
from tinygrad_edu.tensor import Tensor


def gumbel_softmax(
    logits: Any,
    tau: float = 1.0,
    hard: bool = False,
    eps: float = 1e-10,
    dim: int = -1,
    *,
    generator: np.random.Generator | None = None,
) -> Any:
    """``softmax((logits + noise) / tau)``, the noise drawn from the Gumbel distribution.

    The largest element is at class i with the probability ``softmax(logits)[i]``.

    Shapes: any; the result alike.

    Parameters
    ----------
    tau : the temperature; the lower, the nearer to 0 and 1.
    hard : give 1 at the largest element, 0 elsewhere, and the gradient of what it would be if not.
    eps : accepted, and without effect.
    dim : the axis of the classes.
    generator : where the noise is drawn from; else the package's own, see `manual_seed`.

    Raises
    ------
    ValueError
        If the temperature is not positive, or there is no such axis.

    References
    ----------
    Jang, Gu and Poole, Categorical reparameterization with Gumbel-softmax (2016), arXiv:1611.01144.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn.functional.gumbel import gumbel_softmax
    >>> gumbel_softmax(tg.Tensor([0.0, 1000.0, 0.0]), hard=True).tolist()
    [0.0, 1.0, 0.0]
    """
    if not tau > 0:
        raise ValueError(f"gumbel_softmax: the temperature tau must be positive, not {tau}")
    x = as_array(logits)
    axis = axis_of("gumbel_softmax", x, dim)
    noise = default_generator(generator).gumbel(size=x.shape).astype(x.dtype)
    y = softmax((x + noise) / tau, axis=axis)
    if not hard:
        return y
    values = y.numpy() if isinstance(y, Tensor) else y
    chosen = np.zeros_like(values)
    np.put_along_axis(chosen, values.argmax(axis=axis, keepdims=True), 1, axis)
    return y + (chosen - values)
