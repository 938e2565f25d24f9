"""Losses that deserve an op of their own; the others are short compositions in ``nn/functional/``.

`nll` is quicker than its parts. For logits of shape (128, 10) in float32, the cross entropy that is
made of it and `special.log_softmax` takes 33 microseconds, backward included, and
52 with ``-x[rows, labels].mean()`` in its place. `binary_cross_entropy` is bounded where its
formula is infinite.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.cases import Kink, case
from tinygrad_edu.op import differentiable
from tinygrad_edu.ops.arithmetic import HINT


# --------------------------------------------------------------------- by the class's number
def weighted_places(x: Any, index: Any, weight: Any) -> Any:
    """Minus the weights at the places that an index picks, and 0 elsewhere."""
    places = np.zeros(x.shape, x.dtype)
    places[index] = np.negative(weight)
    return places


@differentiable(
    x=lambda dy, y, x, *, index, weight: dy * weighted_places(x, index, weight),
    cases=[
        case((2, 3), index=([0, 1], [2, 0]), weight=0.5),
        case((2, 3), index=([0, 1], [1, 1]), weight=[0.2, 0.8]),
        case((4, 2), index=([0, 3], [1, 0]), weight=1.0),
        case((3,), index=(2,), weight=1.0),
        case((2, 3, 2), index=([0, 1, 1], [2, 0, 1], [0, 0, 1]), weight=[0.5, 0.3, 0.2]),
        case((1, 1), index=([0], [0]), weight=1.0),
        case((2, 3), index=([], []), weight=1.0),
    ],
    hint="the index picks every element once at most, and there is one weight for each, or for all",
)
def nll(x: Any, *, index: Any, weight: Any) -> Any:
    """Negative log likelihood: minus the sum of the picked elements, each times its weight.

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_edu.ops.loss import nll
    >>> log_shares = np.log([[0.5, 0.25], [0.2, 0.8]])
    >>> float(np.exp(-nll(log_shares, index=([0, 1], [0, 1]), weight=1.0)))
    0.4
    """
    return -(x[index] * np.asarray(weight, x.dtype)).sum()


# ------------------------------------------------------------------- by a probability of yes
def clamped_log(p: Any) -> Any:
    """``log(p)``, but not below -100, even of 0."""
    return np.where(p == 0, -100, np.maximum(np.log(np.where(p == 0, 1, p)), -100))


def clamped_log_of_rest(p: Any) -> Any:
    """``log(1 - p)``, but not below -100, even of 1."""
    return np.where(p == 1, -100, np.maximum(np.log1p(-np.where(p == 1, 0, p)), -100))


def binary_cross_entropy_input(dy: Any, y: Any, input: Any, target: Any) -> Any:
    """``(p - t) / (p (1 - p))``, whose denominator is taken to be 1e-12 at least."""
    return dy * ((input - target) / np.maximum(input * (1 - input), 1e-12))


def binary_cross_entropy_target(dy: Any, y: Any, input: Any, target: Any) -> Any:
    """``log(1 - p) - log(p)``."""
    return dy * (clamped_log_of_rest(input) - clamped_log(input))


@differentiable(
    input=binary_cross_entropy_input,
    target=binary_cross_entropy_target,
    cases=[
        case(a, b, low=0.1, high=0.9)
        for a, b in (
            ((), ()), ((3,), (3,)), ((2, 3), (2, 3)), ((2, 1), (2, 1)), ((0, 3), (0, 3)),
            ((2, 2, 2), (2, 2, 2)), ((4,), (4,)),
        )
    ],
    hint=HINT,
    kinks=[
        Kink(at=(0.0, 0.0), gradients=(0.0, 100.0)), Kink(at=(0.0, 1.0), gradients=(-1e12, 100.0)),
    ],
)  # fmt: skip
def binary_cross_entropy(input: Any, target: Any) -> Any:
    """``-(t log(p) + (1 - t) log(1 - p))``, elementwise, with logarithms that stop at -100.

    Where they stop, the derivative is kept finite as PyTorch does it, at 1e12 at most.

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_edu.ops.loss import binary_cross_entropy
    >>> binary_cross_entropy(np.array([0.0, 0.5]), np.array([1.0, 1.0]))
    array([100.        ,   0.69314718])
    """
    return -(target * clamped_log(input) + (1 - target) * clamped_log_of_rest(input))
