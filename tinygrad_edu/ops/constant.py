"""NumPy functions whose derivative is zero wherever it exists: comparisons, rounding, positions.

Given Tensors they return plain, untracked Tensors: no gradient can be lost where there is none.
``np.round(x)`` and ``x // y`` are among them: they are constant between their jumps. Who wants
the gradient to pass as if nothing were rounded writes ``x + (np.round(x) - x).detach()``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tinygrad_edu.dispatch import implements
from tinygrad_edu.tensor import unrecorded

CONSTANT: tuple[Callable[..., Any], ...] = (
    # comparisons and logic
    np.equal, np.not_equal, np.less, np.less_equal, np.greater, np.greater_equal,
    np.logical_and, np.logical_or, np.logical_not, np.logical_xor, np.all, np.any,
    np.isnan, np.isinf, np.isfinite, np.isposinf, np.isneginf, np.isreal, np.iscomplex,
    np.isclose, np.allclose, np.array_equal, np.array_equiv, np.isin, np.signbit, np.isnat,
    # integers
    np.bitwise_and, np.bitwise_or, np.bitwise_xor, np.bitwise_not, np.bitwise_count,
    np.left_shift, np.right_shift, np.gcd, np.lcm,
    # rounding
    np.floor, np.ceil, np.rint, np.trunc, np.fix, np.round, np.around, np.floor_divide, np.spacing,
    # positions and counts
    np.argmax, np.argmin, np.nanargmax, np.nanargmin, np.argsort, np.argpartition, np.lexsort,
    np.argwhere, np.nonzero, np.flatnonzero, np.count_nonzero, np.searchsorted, np.digitize,
    np.unravel_index, np.ravel_multi_index,
    # what an array is, not what it holds
    np.zeros_like, np.ones_like, np.empty_like, np.shape, np.ndim, np.size,
    np.array2string, np.array_repr, np.array_str, np.result_type, np.can_cast, np.common_type,
    np.may_share_memory, np.shares_memory, np.iscomplexobj, np.isrealobj, np.min_scalar_type,
)  # fmt: skip


def constant(function: Callable[..., Any]) -> Callable[..., Any]:
    """Make the function that computes on values and returns what has no history."""

    def compute(*args: Any, **settings: Any) -> Any:
        return unrecorded(function, args, settings)

    return compute


for function in CONSTANT:
    implements(function)(constant(function))
