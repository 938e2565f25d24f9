"""What happens when NumPy itself is called with a Tensor: ``np.exp(t)``, ``np.sum(t, 0)``.

NumPy hands such calls to the Tensor (NEP 13 and NEP 18). Here is the table of functions that have
something to say about gradients, and what becomes of those that have not: they are computed on
plain values as long as no gradient can be lost that way, and refused otherwise.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from inspect import signature
from typing import Any, Generic, TypeVar

import numpy as np

from tinygrad_edu.messages import outline
from tinygrad_edu.op import Op
from tinygrad_edu.recording import CONTEXT

F = TypeVar("F", bound=Callable[..., Any])
K = TypeVar("K")
V = TypeVar("V")


class Table(dict[K, V], Generic[K, V]):
    """A table of which only the most used part is read in at first: see ``ops/everything.py``."""

    def __missing__(self, key: K) -> V:
        import_module("tinygrad_edu.ops.everything")
        if key in self:
            return self[key]
        raise KeyError(key)


NUMPY: Table[Callable[..., Any], Callable[..., Any]] = Table()
"""What stands in for a NumPy function when that is given a Tensor."""

UFUNC_METHODS: Table[str, Callable[..., Any]] = Table()
"""What stands in for ``ufunc.reduce`` and its kin, and for a call with settings, given a Tensor."""

OPS: Table[Callable[..., Any], Op] = Table()
"""The op that is one NumPy function, such as ``OPS[np.add]``: where Tensor's operators look."""

IMMUTABLE = frozenset({type(None), bool, int, float, complex, str})


def implements(*functions: Callable[..., Any]) -> Callable[[F], F]:
    """Say that Tensors use the decorated function in place of these functions of NumPy.

    Examples
    --------
    >>> import numpy as np
    >>> import tinygrad_edu as tg
    >>> cube = np.frompyfunc(lambda x: x**3, 1, 1)  # NumPy knows many functions, and not this one
    >>> @tg.implements(cube)
    ... @tg.differentiable(x=lambda dy, y, x: dy * (3 * x * x))
    ... def cubed(x):
    ...     return cube(x).astype(float)
    >>> x = tg.Tensor([2.0], requires_grad=True)
    >>> cube(x).backward()
    >>> x.grad
    Tensor([12.], shape=(1,), dtype=float64)
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
        call = f"{name_of(function)}({', '.join([*map(outline, args), *settings])})"
        raise TypeError(
            f"{call} has no derivative rule, so the gradient of its argument would be lost. "
            f"{advice(function)}; or pass t.detach() if no gradient is wanted"
        )
    return on_values(function, args, settings)


def name_of(function: Callable[..., Any]) -> str:
    """Name a NumPy function as one writes it, such as ``np.linalg.norm`` or ``np.add.reduce``."""
    owner = getattr(function, "__self__", None)
    if isinstance(owner, np.ufunc):
        return f"np.{owner.__name__}.{function.__name__}"
    module = getattr(function, "__module__", None) or "numpy"
    if isinstance(function, np.ufunc) and getattr(np, function.__name__, None) is not function:
        return str(function.__name__).removesuffix(" (vectorized)")
    return f"{module.replace('numpy', 'np', 1)}.{function.__name__}"


def advice(function: Callable[..., Any]) -> str:
    """Say what to do about a NumPy function without a rule."""
    owner = getattr(function, "__self__", None)
    if isinstance(owner, np.ufunc):
        sums = {"add.reduce": "np.sum", "maximum.reduce": "np.max", "minimum.reduce": "np.min"}
        instead = sums.get(f"{owner.__name__}.{function.__name__}", f"np.{owner.__name__} itself")
        return f"Use {instead}"
    name = name_of(function)
    return (
        f"Write one: @tg.implements({name}) above @tg.differentiable(x=lambda dy, y, x: ...) above "
        f"a function that calls it on arrays"
    )


def on_values(function: Callable[..., Any], args: Any, settings: dict[str, Any]) -> Any:
    """Call a NumPy function on the plain values of its arguments."""
    out = settings.get("out")
    if any(map(is_tensor, out if isinstance(out, tuple) else (out,))):
        raise TypeError(f"np.{function.__name__} cannot write into a Tensor; use t[...] = value")
    return function(*plain(args), **plain(settings))


def frozen(settings: dict[str, Any], op: Op) -> dict[str, Any]:
    """Copy what a caller could still change in an op's settings, such as a list of axes."""
    for value in settings.values():
        if type(value) not in IMMUTABLE:
            return {name: _frozen(value, f"{op.name}: {name}=") for name, value in settings.items()}
    return settings


def _frozen(value: Any, where: str) -> Any:
    if isinstance(value, np.ndarray):
        return value.copy()
    if type(value) in (tuple, list):
        return type(value)([_frozen(part, where) for part in value])
    if isinstance(value, slice):
        return slice(*(_frozen(part, where) for part in (value.start, value.stop, value.step)))
    if is_tensor(value):
        if value.requires_grad:
            raise TypeError(
                f"{where} is a setting, not data, so the history of the Tensor of shape "
                f"{value.shape} given for it would be lost; pass t.detach() if that is meant"
            )
        return value.numpy().copy()
    return value


def is_tensor(value: Any) -> bool:
    """Tell whether a value is a Tensor."""
    return hasattr(value, "__record__")


def plain(values: Any) -> Any:
    """Replace the Tensors in nested arguments by read-only views of their arrays."""
    if type(values) in (tuple, list):
        return type(values)([plain(value) for value in values])
    if type(values) is dict:
        return {key: plain(value) for key, value in values.items()}
    return values.numpy() if is_tensor(values) else values


def values_of(x: Any, dtype: Any = None) -> Any:
    """Return what to compute with where no gradient flows: an array, as ``np.asarray`` makes it.

    Of a Tensor these are its values; and of one that is followed while a function is traced, what
    computes like an array and is followed too.
    """
    if not is_tensor(x):
        return np.asarray(x, dtype)
    values = x.numpy()
    return values if dtype is None or values.dtype == dtype else values.astype(dtype)


def any_tracked(values: Any) -> bool:
    """Tell whether a Tensor that requires grad is somewhere in nested arguments."""
    if isinstance(values, (tuple, list)):
        return any(map(any_tracked, values))
    if isinstance(values, dict):
        return any(map(any_tracked, values.values()))
    return is_tensor(values) and values.requires_grad
