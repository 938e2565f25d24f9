"""Writing saved values into a model: everything is checked first, so that it is all or nothing."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tinygrad_edu.messages import outline
from tinygrad_edu.op import Array
from tinygrad_edu.tensor import Tensor

if TYPE_CHECKING:
    from tinygrad_edu.nn.module import Module


class IncompatibleKeys(NamedTuple):
    """What did not match when a state was loaded; both lists are empty if all did."""

    missing_keys: list[str]
    unexpected_keys: list[str]

    def __repr__(self) -> str:
        if not self.missing_keys and not self.unexpected_keys:
            return "<All keys matched successfully>"
        return f"IncompatibleKeys(missing_keys={self[0]!r}, unexpected_keys={self[1]!r})"


def load(
    module: Module, state: Mapping[str, Any], strict: bool, strict_finite: bool = False
) -> IncompatibleKeys:
    """Copy saved values into a module's parameters and buffers; see `Module.load_state_dict`."""
    if not isinstance(state, Mapping):
        raise TypeError(
            f"load_state_dict takes a dict of names and arrays, as state_dict() returns it, "
            f"not a {type(state).__name__}"
        )
    targets = dict(module._named_state())
    expected = targets.keys() - _optional(module)
    result = IncompatibleKeys(
        [key for key in targets if key in expected and key not in state],
        [key for key in state if key not in targets],
    )
    problems = []
    if strict and result.missing_keys:
        problems.append(f"missing: {', '.join(result.missing_keys)}")
    if strict and result.unexpected_keys:
        problems.append(f"unexpected: {', '.join(map(str, result.unexpected_keys))}")
    tensors, arrays = [], []
    for key, tensor in targets.items():
        if key in state:
            given = _values(state[key])
            problem = _misfit(given, tensor)
            if problem is None and strict_finite and not np.isfinite(given).all():
                problem = f"{np.count_nonzero(~np.isfinite(given))} of its values are not finite"
            if problem:
                problems.append(f"{key}: {problem}")
            else:
                tensors.append(tensor)
                arrays.append(given.astype(tensor.dtype))  # a copy: it may be another parameter's
    if problems:
        raise RuntimeError(
            f"{type(module).__name__} was left as it was, because this state does not fit it:\n  "
            + "\n  ".join(problems)
        )
    for tensor in tensors:
        tensor._touch()
    # np.copyto is called from C, so that no KeyboardInterrupt can come between two parameters.
    deque(map(np.copyto, [tensor._array for tensor in tensors], arrays), maxlen=0)
    return result


def _optional(module: Module) -> set[str]:
    """Return the paths without which a state is complete."""
    return {
        f"{path}.{name}" if path else name
        for path, part in module.named_modules(remove_duplicate=False)
        for name in part._may_be_missing
    }


def _values(given: Any) -> Array:
    return given._array if isinstance(given, Tensor) else np.asarray(given)


def _misfit(given: Array, tensor: Tensor) -> str | None:
    """Say why an array cannot be copied into a tensor, if it cannot."""
    if given.shape != tensor.shape or given.dtype.kind != tensor.dtype.kind:
        return f"the state has {outline(given)}, the model {outline(tensor)}"
    if tensor.node is not None or not tensor._array.flags.writeable:
        return "its memory in the model may not be written into (a computed or read-only tensor)"
    return None
