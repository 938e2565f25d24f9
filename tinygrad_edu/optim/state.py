"""What an optimizer has learnt of its steps, written down and read back: all of it, or nothing.

The form is PyTorch's: parameters are numbered through all groups, ``"state"`` has what is kept for
each, ``"param_groups"`` the settings. There is nothing in it but dicts, lists, arrays, numbers,
strings and None, and no array that is still in use.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from tinygrad_edu.tensor import Tensor

if TYPE_CHECKING:
    from tinygrad_edu.optim.optimizer import Optimizer


def copied(value: Any) -> Any:
    """Copy arrays, and all that they are in; make lists of tuples and plain numbers of NumPy's."""
    if isinstance(value, Tensor):
        return value._array.copy()
    if isinstance(value, np.ndarray):
        return value.copy()
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, Mapping):
        return {key: copied(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [copied(item) for item in value]
    return value


def save(optimizer: Optimizer) -> dict[str, Any]:
    """Write an optimizer down; see `Optimizer.state_dict`."""
    state, groups = {}, []
    number = 0
    for group in optimizer.param_groups:
        numbers = []
        for parameter in group["params"]:
            if optimizer.state.get(parameter):
                state[number] = copied(optimizer.state[parameter])
            numbers.append(number)
            number += 1
        settings = {name: value for name, value in group.items() if name != "params"}
        groups.append({**copied(settings), "params": numbers})
    return {"state": state, "param_groups": groups}


def load(optimizer: Optimizer, saved: Mapping[str, Any]) -> None:
    """Take over what was saved; see `Optimizer.load_state_dict`."""
    if not isinstance(saved, Mapping) or not {"state", "param_groups"} <= set(saved):
        raise ValueError("this is no state of an optimizer: it has 'state' and 'param_groups'")
    sizes = [len(group["params"]) for group in saved["param_groups"]]
    own_sizes = [len(group["params"]) for group in optimizer.param_groups]
    if sizes != own_sizes:
        raise ValueError(
            f"the saved groups have {sizes} parameters, and this optimizer's have {own_sizes}"
        )
    lacking = {
        name for group in saved["param_groups"] for name in optimizer.defaults if name not in group
    }
    if lacking:
        raise ValueError(f"the saved groups lack {', '.join(sorted(lacking))}")
    settings = [optimizer._settings(group) for group in saved["param_groups"]]
    unknown = set(saved["state"]) - {n for group in saved["param_groups"] for n in group["params"]}
    if unknown:
        raise ValueError(f"something was saved for {sorted(unknown)}, which no group has")
    state = {}
    for group, numbers, own in zip(settings, saved["param_groups"], optimizer.param_groups):
        for number, parameter in zip(numbers["params"], own["params"]):
            entries = saved["state"].get(number)
            if entries:
                state[parameter] = _fitting(optimizer, number, entries, parameter, group)
    for own, new in zip(optimizer.param_groups, settings):
        own.update(new)
    optimizer.state.clear()
    optimizer.state.update(state)


def _fitting(
    optimizer: Optimizer,
    number: int,
    entries: Mapping[str, Any],
    parameter: Tensor,
    settings: Mapping[str, Any],
) -> dict[str, Any]:
    """Return copies of what was saved for one parameter, if it can be what this optimizer keeps."""
    arrays = optimizer.arrays
    if arrays is None:  # a user's own optimizer, which has not said what it keeps
        return dict(copied(entries))
    entries = {name: value for name, value in entries.items() if value is not None}
    kind = type(optimizer).__name__
    unknown = sorted(entries.keys() - arrays.keys() - set(optimizer.numbers))
    if unknown:
        raise ValueError(
            f"for parameter {number}, {', '.join(unknown)} was saved, which {kind} does not keep; "
            f"it must come from another kind of optimizer"
        )
    needed = [
        *optimizer.numbers,
        *(a for a, only_with in arrays.items() if not only_with or settings[only_with]),
    ]
    missing = [name for name in needed if name not in entries]
    if missing:
        raise ValueError(f"for parameter {number}, {kind} needs {', '.join(missing)}, not saved")
    result: dict[str, Any] = {}
    for name, value in entries.items():
        array = value._array if isinstance(value, Tensor) else np.asarray(value)
        expected = parameter.shape if name in arrays else ()
        if array.shape != expected or array.dtype.kind not in "biuf":
            raise ValueError(
                f"{name} of parameter {number} has shape {array.shape} and dtype {array.dtype} as "
                f"it was saved; the parameter has {parameter.shape} and {parameter.dtype}"
                + ("" if name in arrays else ", and this is a single number")
            )
        result[name] = array.astype(parameter.dtype) if name in arrays else array.item()
    return result
