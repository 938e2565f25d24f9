"""How a Tensor changes: ``t += v``, ``t[i] = v``, and what becomes of its history then.

A Tensor is a value, and to change it in place is to give one Tensor object another value. A leaf's
value lies in memory of its own, which is written into when there is nothing to remember; the time
of that is taken down, so that the walk can tell whether a node read the old value or the new one.
Everything else becomes the result of a recorded op.

Read next: ``backprop.py``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tinygrad_edu.dispatch import is_tensor
from tinygrad_edu.op import Op
from tinygrad_edu.recording import CONTEXT

if TYPE_CHECKING:
    from tinygrad_edu.tensor import Tensor


def may_write(t: Tensor, op: Op, value: Any) -> bool:
    """Decide how ``t += v`` and ``t[i] = v`` change ``t``: by writing into its own memory.

    That is for leaves, where nothing is to be remembered. Otherwise the change is recorded.
    """
    if isinstance(value, np.ma.MaskedArray):
        raise TypeError(f"{op.name} in place would lose the mask of a masked array; use .filled()")
    recording = CONTEXT.get().recording
    tracked = recording and is_tensor(value) and value.requires_grad
    if t.node is not None and not recording:
        raise RuntimeError(
            f"{op.name} in place, under no_grad, on a result of {t.node.op.name} of shape "
            f"{t.shape}: its history would no longer fit its value; change a copy, detach()"
        )
    if t.node is None and t._requires_grad and recording:
        raise RuntimeError(
            f"{op.name} in place on a leaf of shape {t.shape} that requires grad: to update "
            f"a parameter, do it under `with no_grad():`; to compute with it, write t = t + v"
        )
    if tracked and t._array.dtype.kind not in "fc":
        raise TypeError(
            f"{op.name} in place on dtype {t.dtype}: whole numbers would lose the history "
            f"of a {value.dtype} Tensor that requires grad; use .astype(float) first"
        )
    return t.node is None and not tracked


def become(t: Tensor, op: Op, result: Tensor) -> None:
    """Take over the value and the history of the result of a recorded in-place change."""
    fits = np.can_cast(result.dtype, t.dtype, "same_kind")
    if result.shape != t.shape or not fits:
        raise (ValueError if fits else TypeError)(
            f"{op.name} in place cannot change shape {t.shape} and dtype {t.dtype} to "
            f"{result.shape} and {result.dtype}; compute a new tensor, t = t + v"
        )
    if result.dtype != t.dtype:
        result = result.astype(t.dtype)
    retained = t.retains_grad
    t._array, t.node, t.memory = result._array, result.node, None
    t._requires_grad = result._requires_grad
    if retained:
        t.retain_grad()
