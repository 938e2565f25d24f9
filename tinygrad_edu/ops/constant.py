"""NumPy functions whose derivative is zero wherever it exists: comparisons, signs, positions.

Given Tensors they return plain, untracked Tensors: no gradient can be lost where there is none.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tinygrad_edu.dispatch import implements
from tinygrad_edu.tensor import unrecorded

CONSTANT: tuple[Callable[..., Any], ...] = (
    np.equal, np.not_equal, np.less, np.less_equal, np.greater, np.greater_equal,
    np.logical_and, np.logical_or, np.logical_not, np.logical_xor,
    np.bitwise_and, np.bitwise_or, np.bitwise_xor, np.bitwise_not,
    np.isnan, np.isinf, np.isfinite, np.isclose, np.allclose, np.array_equal,
    np.sign, np.signbit, np.floor, np.ceil, np.rint, np.trunc,
    np.all, np.any, np.argmax, np.argmin, np.argsort, np.count_nonzero, np.nonzero,
    np.zeros_like, np.ones_like, np.empty_like, np.shape, np.ndim, np.size,
    np.array2string, np.array_repr, np.array_str, np.result_type, np.may_share_memory,
    np.shares_memory, np.can_cast, np.iscomplexobj, np.isrealobj,
)  # fmt: skip


def constant(function: Callable[..., Any]) -> Callable[..., Any]:
    """Make the function that computes on values and returns what has no history."""

    def compute(*args: Any, **settings: Any) -> Any:
        return unrecorded(function, args, settings)

    return compute


for function in CONSTANT:
    implements(function)(constant(function))
