"""What happens when NumPy itself is called with a Tensor: ``np.exp(t)``, ``np.sum(t, 0)``.

NumPy hands such calls to the Tensor (NEP 13 and NEP 18). Here is the table of functions that have
something to say about gradients, and what becomes of those that have not: they are computed on
plain values as long as no gradient can be lost that way, and refused otherwise.
"""

from __future__ import annotations

from collections.abc import Callable
from inspect import signature
from typing import Any, TypeVar

import numpy as np

from tinygrad_edu.op import Op
from tinygrad_edu.recording import CONTEXT

F = TypeVar("F", bound=Callable[..., Any])

NUMPY: dict[Callable[..., Any], Callable[..., Any]] = {}
"""What stands in for a NumPy function when that is given a Tensor."""

OPS: dict[Callable[..., Any], Op] = {}
"""The op that is one NumPy function, such as ``OPS[np.add]``: where Tensor's operators look."""


def implements(*functions: Callable[..., Any]) -> Callable[[F], F]:
    """Say that Tensors use the decorated function in place of these functions of NumPy.

    Examples
    --------
    >>> import numpy as np
    >>> import tinygrad_edu as tg
    >>> @tg.implements(np.sinc)
    ... def sinc(x):
    ...     return np.sin(np.pi * x) / (np.pi * x)
    """

    def register(ours: F) -> F:
        op = getattr(ours, "op", None)
        for function in functions:
            NUMPY[function] = ours
            if op is not None:
                OPS[function] = op
                if not isinstance(function, np.ufunc):
                    NUMPY[function] = _settings_by_name(function, ours, len(op.arguments))
        return ours

    return register


def _settings_by_name(function: Any, ours: Callable[..., Any], count: int) -> Callable[..., Any]:
    """Let an op be called as its NumPy function may be: ``np.sum(t, 0)``, ``np.sum(a=t)``."""
    names: list[str] = []

    def call(*args: Any, **settings: Any) -> Any:
        if len(args) == count:
            return ours(*args, **settings)
        if not names:
            names.extend(signature(function).parameters)
        settings.update(zip(names[count:], args[count:]))
        data = [settings.pop(name) for name in names[len(args) : count]]
        return ours(*args[:count], *data, **settings)

    return call


def without_rule(function: Callable[..., Any], args: Any, settings: dict[str, Any]) -> Any:
    """Call a NumPy function that has no derivative rule, unless a gradient would be lost."""
    if CONTEXT.get().recording and (any_tracked(args) or any_tracked(settings)):
        name = getattr(function, "__qualname__", function.__name__)
        how = f" with {', '.join(settings)}" if settings else ""
        raise TypeError(
            f"np.{name}{how} has no derivative rule, so the gradient of its argument would be "
            f"lost. Write one: @tg.implements(np.{name}) above @tg.differentiable(x=lambda dy, y, "
            f"x: ...) above a function that calls it on arrays; or pass t.detach() if no gradient "
            f"is wanted"
        )
    return on_values(function, args, settings)


def on_values(function: Callable[..., Any], args: Any, settings: dict[str, Any]) -> Any:
    """Call a NumPy function on the plain values of its arguments."""
    out = settings.get("out")
    if any(map(is_tensor, out if isinstance(out, tuple) else (out,))):
        raise TypeError(f"np.{function.__name__} cannot write into a Tensor; use t[...] = value")
    return function(*plain(args), **plain(settings))


def is_tensor(value: Any) -> bool:
    """Tell whether a value is a Tensor."""
    return hasattr(value, "__record__")


def plain(values: Any) -> Any:
    """Replace the Tensors in nested arguments by their arrays."""
    if type(values) in (tuple, list):
        return type(values)([plain(value) for value in values])
    if type(values) is dict:
        return {key: plain(value) for key, value in values.items()}
    return values._data if is_tensor(values) else values


def any_tracked(values: Any) -> bool:
    """Tell whether a Tensor that requires grad is somewhere in nested arguments."""
    if isinstance(values, (tuple, list)):
        return any(map(any_tracked, values))
    if isinstance(values, dict):
        return any(map(any_tracked, values.values()))
    return is_tensor(values) and values.requires_grad
