"""Between Tensors and plain arrays, where no history can be lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tinygrad_edu.dispatch import is_tensor, plain
from tinygrad_edu.recording import CONTEXT

if TYPE_CHECKING:
    from tinygrad_edu.tensor import Tensor


def wrapped(result: Any, kind: type[Tensor]) -> Any:
    """Make Tensors of the arrays that a NumPy function has returned."""
    if isinstance(result, (np.ndarray, np.generic)):
        return kind(result) if result.dtype.kind in "biufc" else result
    if isinstance(result, (list, tuple)):
        parts = [wrapped(part, kind) for part in result]
        return type(result)(*parts) if hasattr(result, "_fields") else type(result)(parts)
    return result


def into_array(ufunc: Any, inputs: tuple[Any, ...], settings: dict[str, Any]) -> Any:
    """Let ``array -= t`` read a Tensor's values, unless its history would be lost."""
    arrays = []
    for x in inputs:
        if is_tensor(x):
            if x.requires_grad and CONTEXT.get().recording:
                raise TypeError(
                    f"np.{ufunc.__name__} into a plain array would lose the history of a Tensor "
                    f"of shape {x.shape} that requires grad; compute a new Tensor, or use detach()"
                )
            arrays.append(x._array)
        else:
            arrays.append(x)
    return ufunc(*arrays, **(plain(settings) if len(settings) > 1 else settings))
