"""What a function returns: an arrangement of arrays and Tensors, before and after compiling."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.op import Array, Node, Op
from tinygrad_edu.program.looks import TraceError
from tinygrad_edu.program.plain import dig
from tinygrad_edu.program.traced import TracedValues
from tinygrad_edu.recording import CONTEXT, tick
from tinygrad_edu.tensor import Tensor


def dig_results(x: Any, found: list[Any]) -> Any:
    """Put holes in the place of Tensors and arrays in a result."""
    if type(x) in (tuple, list):
        return type(x)(dig_results(each, found) for each in x)
    if isinstance(x, tuple) and hasattr(x, "_fields"):
        return type(x)(*(dig_results(each, found) for each in x))
    if x is None or isinstance(x, (bool, int, float, complex, str, Tensor, np.ndarray, dict)):
        if type(x) is dict:
            return {key: dig_results(each, found) for key, each in x.items()}
        return dig(x, found)
    if isinstance(x, np.generic):
        return dig(np.asarray(x), found)
    raise TraceError(
        f"a compiled function returns Tensors, arrays and numbers, and this one returns a "
        f"{type(x).__name__}"
    )


def kind_of(x: Any) -> str:
    """Tell what a result is: an array, a Tensor, or one that has a history."""
    if not isinstance(x, Tensor) or isinstance(x, TracedValues):
        return "array"
    return "tracked" if x.node is not None and not x.node.spent else "tensor"


def array_of(x: Any) -> Array:
    """Return the array of a result."""
    array: Array = x._array if isinstance(x, Tensor) else x
    return array


def _no_history(dy: Any, y: Any, value: Any) -> Any:
    raise RuntimeError(
        "a gradient has arrived at the result of a compiled function, which has no history: call "
        "backward() within what is compiled, or the function itself, uncompiled"
    )


def _identity(value: Any) -> Any:
    return value


RETURNED = Op(_identity, {"value": _no_history}, "compiled", None, "", (), ())
_BEFORE = Tensor(np.zeros(()), requires_grad=True)


def tracked(y: Array) -> Tensor:
    """Make a result that eager would track: it refuses to be differentiated, see above."""
    if not CONTEXT.get().recording:
        return Tensor._wrap(y)
    node = object.__new__(Node)
    node.op, node.arrays, node.parents, node.memory = RETURNED, (y,), (_BEFORE,), ()
    node.settings, node.y, node.serial, node.scope = {}, y, tick(), None
    node.notes, node.spent = None, False
    return Tensor._wrap(y, node)


KINDS = {"tensor": Tensor._wrap, "tracked": tracked, "array": np.asarray}
