"""Activation functions: what a layer does after its weighted sum."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.op import Kink, differentiable
from tinygrad_edu.ops.elementwise import elements


@differentiable(x=lambda dy, y, x: dy * (y * (1 - y)), cases=elements())
@np.errstate(over="ignore")  # exp(1000) is infinite, and 1 / infinity is 0, as it should be
def sigmoid(x: Any) -> Any:
    """Logistic function, elementwise: ``1 / (1 + exp(-x))``.

    Its derivative is ``y * (1 - y)``, in terms of its own output.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.sigmoid(tg.Tensor([-1000.0, 0.0, 1000.0]))
    Tensor([0. , 0.5, 1. ], shape=(3,), dtype=float64)
    """
    y = np.exp(-x if x.dtype.kind in "fc" else -x.astype(float))
    y += 1
    return np.reciprocal(y)


@differentiable(
    x=lambda dy, y, x: dy * (x > 0),
    cases=elements(),
    kinks=[Kink(at=(0.0,), gradients=(0.0,))],
)
def relu(x: Any) -> Any:
    """Rectified linear unit, elementwise: ``max(x, 0)``. At 0 its derivative is promised to be 0.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.relu(tg.Tensor([-1.0, 0.0, 2.0]))
    Tensor([0., 0., 2.], shape=(3,), dtype=float64)
    """
    return np.maximum(x, 0)
