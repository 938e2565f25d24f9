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

Function = Callable[..., Any]

KINDS: dict[str, tuple[Function, ...]] = {
    "truth values": (
        np.equal, np.not_equal, np.less, np.less_equal, np.greater, np.greater_equal,
        np.logical_and, np.logical_or, np.logical_not, np.logical_xor, np.all, np.any,
        np.isnan, np.isinf, np.isfinite, np.isposinf, np.isneginf, np.isreal, np.iscomplex,
        np.isclose, np.allclose, np.array_equal, np.array_equiv, np.isin, np.signbit, np.isnat,
    ),
    "whole numbers": (
        np.bitwise_and, np.bitwise_or, np.bitwise_xor, np.bitwise_not, np.bitwise_count,
        np.left_shift, np.right_shift, np.gcd, np.lcm, np.packbits, np.unpackbits,
    ),
    "constant between its jumps": (
        np.floor, np.ceil, np.rint, np.trunc, np.fix, np.round, np.around, np.floor_divide,
        np.spacing,
    ),
    "positions and counts": (
        np.argmax, np.argmin, np.nanargmax, np.nanargmin, np.argsort, np.argpartition, np.lexsort,
        np.argwhere, np.nonzero, np.flatnonzero, np.count_nonzero, np.searchsorted, np.digitize,
        np.unravel_index, np.ravel_multi_index, np.diag_indices_from, np.tril_indices_from,
        np.triu_indices_from, np.linalg.matrix_rank, np.einsum_path,
    ),
    "what an array is, not what it holds": (
        np.zeros_like, np.ones_like, np.empty_like, np.shape, np.ndim, np.size, np.result_type,
        np.can_cast, np.common_type, np.may_share_memory, np.shares_memory, np.iscomplexobj,
        np.isrealobj, np.min_scalar_type,
    ),
    "the values, written down": (
        np.array2string, np.array_repr, np.array_str, np.save, np.savetxt, np.savez,
        np.savez_compressed,
    ),
}  # fmt: skip
"""The functions by what they return."""

if hasattr(np, "in1d"):  # until NumPy 2.3, another name of isin
    KINDS["truth values"] += (np.in1d,)

CONSTANT: dict[Function, str] = {f: kind for kind, functions in KINDS.items() for f in functions}
"""What each function returns."""


def constant(function: Function) -> Function:
    """Make the function that computes on values and returns what has no history."""

    def compute(*args: Any, **settings: Any) -> Any:
        return unrecorded(function, args, settings)

    return compute


for function in CONSTANT:
    implements(function)(constant(function))
