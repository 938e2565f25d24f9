"""Methods and settings of NumPy's ufuncs: ``np.add.reduce(t)``, ``np.log(t, where=m, out=z)``.

Every ufunc has the same five methods, and every call the same settings. Here they are made once for
all of them, out of the ufunc's own derivative rule: a reduction is the ufunc applied again and
again, ``outer`` is a call on reshaped operands, ``dtype=`` is a cast before the call, and ``out=z``
an assignment to the Tensor ``z`` after it. What has no history to lose is left to NumPy.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tinygrad_edu.dispatch import NUMPY, UFUNC_METHODS, any_tracked, is_tensor, plain, without_rule
from tinygrad_edu.ops.compose import along
from tinygrad_edu.ops.constant import CONSTANT
from tinygrad_edu.ops.scipy_ufuncs import learn
from tinygrad_edu.ops.shape import reshape, stack
from tinygrad_edu.ops.special import logsumexp
from tinygrad_edu.recording import CONTEXT
from tinygrad_edu.tensor import unrecorded

NOT_GIVEN: Any = object()

WHOLE: dict[Any, Callable[..., Any]] = {
    np.add: np.sum,
    np.multiply: np.prod,
    np.maximum: np.max,
    np.minimum: np.min,
    np.logaddexp: logsumexp,
}
"""Reductions that are one op."""

RUNNING: dict[Any, Callable[..., Any]] = {np.add: np.cumsum, np.multiply: np.cumprod}
"""Accumulations that are one op."""

THE_SAME_TWICE = (np.maximum, np.minimum, np.fmax, np.fmin)
"""The ufuncs that are not changed by seeing a number again."""


def nothing_to_lose(ufunc: Any, *values: Any) -> bool:
    """Tell whether plain values are enough: no history, or a result that never has one."""
    return ufunc in CONSTANT or not (CONTEXT.get().recording and any_tracked(values))


def known(ufunc: Any) -> bool:
    """Tell whether there is a rule for a ufunc; SciPy's get theirs when they are first met."""
    return ufunc in NUMPY or learn(ufunc)


def refuse(name: str, **given: Any) -> None:
    """Raise a TypeError that names the first of these arguments that was given."""
    for argument, value in given.items():
        if value is not None:
            raise TypeError(
                f"np.{name} of a Tensor that requires grad does not take {argument}={value!r}; "
                f"leave it out, or compute on t.detach() if no gradient is wanted"
            )


# ------------------------------------------------------------------------ calls with settings
def call(
    ufunc: Any,
    *inputs: Any,
    out: Any = (None,),
    where: Any = True,
    dtype: Any = None,
    casting: str = "same_kind",
    **others: Any,
) -> Any:
    """``ufunc(*inputs, ...)`` with settings, or of a ufunc that no rule is known for yet.

    ``out=`` may be a Tensor, and changes that one Tensor object as ``z[...] = result`` does;
    ``where=`` needs it, for what the result is elsewhere. There no gradient is computed at all, so
    that ``np.divide(a, b, out=np.zeros_like(a), where=b != 0)`` is safe.
    """
    into = out[0]
    given = {"out": out, "where": where, "dtype": dtype, "casting": casting, **others}
    unset = {"out": (None,), "where": True, "dtype": None, "casting": "same_kind"}
    settings = {name: x for name, x in given.items() if name not in unset or x is not unset[name]}
    if nothing_to_lose(ufunc, inputs, where) and not is_tensor(into):
        return unrecorded(ufunc, inputs, settings)
    if not known(ufunc):
        return without_rule(ufunc, inputs, settings)
    refuse(ufunc.__name__, **others)
    if len(out) > 1 or (into is not None and not is_tensor(into)):
        refuse(ufunc.__name__, out=out)
    if dtype is not None:
        inputs = tuple(cast(x, dtype, casting, ufunc) for x in inputs)
    if into is None and where is True:
        return ufunc(*inputs)
    if into is None:
        raise TypeError(
            f"np.{ufunc.__name__} with where= leaves the other elements undefined; pass "
            f"out=np.zeros_like(t) for their values, or choose with np.where(condition, a, b)"
        )
    return assign(ufunc, inputs, into, where, casting)


def cast(x: Any, dtype: Any, casting: Any, ufunc: Any) -> Any:
    """Bring an operand to the dtype that a call was told to compute in."""
    x = x if is_tensor(x) else np.asarray(x)
    if not np.can_cast(x.dtype, dtype, casting):
        raise TypeError(
            f"np.{ufunc.__name__} with dtype={np.dtype(dtype)} cannot cast its operand from "
            f"{x.dtype} under casting={casting!r}"
        )
    return x.astype(dtype)


def assign(ufunc: Any, inputs: Any, into: Any, where: Any, casting: Any) -> Any:
    """Compute where a mask holds, and write the result into the Tensor ``into``."""
    index: Any = ...
    if where is not True:
        index = np.broadcast_to(plain(where), into.shape)
        if index.dtype != bool:
            raise TypeError(f"np.{ufunc.__name__}: where= holds {index.dtype}, not truth values")
        inputs = [np.broadcast_to(x, into.shape)[index] if np.ndim(x) else x for x in inputs]
    result = ufunc(*inputs)
    if not np.can_cast(result.dtype, into.dtype, casting):
        raise TypeError(f"np.{ufunc.__name__} gives {result.dtype}, and out= is {into.dtype}")
    into[index] = result
    return into


# ------------------------------------------------------------------------------------ reductions
def reduce(
    ufunc: Any,
    array: Any,
    *,
    axis: Any = 0,
    dtype: Any = None,
    out: Any = None,
    keepdims: bool = False,
    initial: Any = NOT_GIVEN,
    where: Any = True,
) -> Any:
    """``ufunc.reduce(array, ...)``: the ufunc applied along one axis or several."""
    settings: dict[str, Any] = {"axis": axis, "keepdims": keepdims}
    settings |= {} if dtype is None else {"dtype": dtype}
    settings |= {} if out is None else {"out": out}
    settings |= {} if initial is NOT_GIVEN else {"initial": initial}
    settings |= {} if where is True else {"where": where}
    if nothing_to_lose(ufunc, array, initial) or (np.size(array) == 0 and not any_tracked(initial)):
        return unrecorded(ufunc.reduce, (array,), settings)
    if not known(ufunc):
        return without_rule(ufunc.reduce, (array,), settings)
    refuse(f"{ufunc.__name__}.reduce", out=out)
    x = array if dtype is None else cast(array, dtype, "same_kind", ufunc)
    if where is not True:
        x = np.where(where, x, filler(ufunc, initial))
    ufunc.reduce(np.ones((1,) * x.ndim), axis=axis, keepdims=keepdims)  # NumPy checks the axes
    if ufunc in WHOLE:
        y = WHOLE[ufunc](x, axis=axis if x.ndim else None)
        y = y if initial is NOT_GIVEN else ufunc(initial, y)
    else:
        y = fold(ufunc, x, axis, initial)
    if keepdims:
        y = reshape(y, shape=tuple(1 if i in axes(axis, x) else n for i, n in enumerate(x.shape)))
    return y


def axes(axis: Any, x: Any) -> list[int]:
    """Return the axes that are reduced, from the last to the first."""
    if axis is None or not x.ndim:
        return list(reversed(range(x.ndim)))
    return sorted(
        (a % x.ndim for a in (axis if isinstance(axis, tuple) else (axis,))), reverse=True
    )


def fold(ufunc: Any, x: Any, axis: Any, initial: Any) -> Any:
    """Apply the ufunc to the first element along an axis and the next, and so on.

    What there is initially comes before the first, as does, before an only one, what changes
    nothing: ``np.hypot.reduce([-3])`` is ``hypot(0, -3)``.
    """
    for a in axes(axis, x):
        y = x[along(a, 0, x.ndim)]
        if initial is NOT_GIVEN and x.shape[a] == 1 and ufunc.identity is not None:
            y = ufunc(ufunc.identity, y)
        elif initial is not NOT_GIVEN:
            y, initial = ufunc(initial, y), NOT_GIVEN
        for i in range(1, x.shape[a]):
            y = ufunc(y, x[along(a, i, x.ndim)])
        x = y
    return x if initial is NOT_GIVEN else ufunc(initial, x)


def filler(ufunc: Any, initial: Any) -> Any:
    """Find the number that changes nothing, for elements that ``where=`` leaves out."""
    if ufunc.identity is not None:
        return ufunc.identity
    if initial is NOT_GIVEN or ufunc not in THE_SAME_TWICE:
        raise ValueError(
            f"np.{ufunc.__name__}.reduce with where= has nothing to put in place of what is left "
            f"out; pass initial= to a maximum or minimum, or choose the elements by index"
        )
    return initial


def accumulate(ufunc: Any, array: Any, *, axis: int = 0, dtype: Any = None, out: Any = None) -> Any:
    """``ufunc.accumulate(array, ...)``: all results on the way of a reduction."""
    settings = {"axis": axis, "dtype": dtype, "out": out}
    if nothing_to_lose(ufunc, array) or np.size(array) == 0:
        return unrecorded(ufunc.accumulate, (array,), settings)
    if not known(ufunc):
        return without_rule(ufunc.accumulate, (array,), settings)
    refuse(f"{ufunc.__name__}.accumulate", out=out)
    x = array if dtype is None else cast(array, dtype, "same_kind", ufunc)
    ufunc.accumulate(np.ones((1,) * x.ndim), axis=axis)  # NumPy checks the axis
    if ufunc in RUNNING:
        return RUNNING[ufunc](x, axis=axis)
    steps = [x[along(axis, 0, x.ndim)]]
    for i in range(1, x.shape[axis]):
        steps.append(ufunc(steps[-1], x[along(axis, i, x.ndim)]))
    return stack(*steps, axis=axis)


def reduceat(
    ufunc: Any, array: Any, indices: Any, *, axis: int = 0, dtype: Any = None, out: Any = None
) -> Any:
    """``ufunc.reduceat(array, indices, ...)``: the reductions of the pieces between indices."""
    settings = {"axis": axis, "dtype": dtype, "out": out}
    if nothing_to_lose(ufunc, array):
        return unrecorded(ufunc.reduceat, (array, indices), settings)
    if not known(ufunc):
        return without_rule(ufunc.reduceat, (array, indices), settings)
    refuse(f"{ufunc.__name__}.reduceat", out=out)
    starts = [int(i) for i in np.asarray(plain(indices))]
    ufunc.reduceat(np.ones(array.shape), starts, axis=axis)  # NumPy checks the indices
    pieces = []
    for start, stop in zip(starts, [*starts[1:], array.shape[axis]]):
        piece = array[along(axis, slice(start, max(stop, start + 1)), array.ndim)]
        pieces.append(reduce(ufunc, piece, axis=axis, dtype=dtype))
    return stack(*pieces, axis=axis)


# -------------------------------------------------------------------------------- the other two
def outer(ufunc: Any, a: Any, b: Any, **settings: Any) -> Any:
    """``ufunc.outer(a, b)``: every element of ``a`` with every element of ``b``."""
    if nothing_to_lose(ufunc, a, b):
        return unrecorded(ufunc.outer, (a, b), settings)
    a, b = (x if is_tensor(x) else np.asarray(x) for x in (a, b))
    return ufunc(reshape(a, shape=a.shape + (1,) * b.ndim), b, **settings)


def at(ufunc: Any, target: Any, index: Any, *values: Any) -> None:
    """``ufunc.at(target, index, values)``, which writes into an array, and so not into a Tensor."""
    name = f"np.{ufunc.__name__}.at"
    if is_tensor(target):
        raise TypeError(
            f"{name} cannot write into a Tensor; use t[index] += v or the like or, if an index may "
            f"be repeated, t + tg.ops.index.put(v, index=index, shape=t.shape)"
        )
    if not nothing_to_lose(ufunc, values):
        raise TypeError(f"{name} into a plain array would lose the history of what is written")
    ufunc.at(target, plain(index), *plain(values))


UFUNC_METHODS.update(
    __call__=call, reduce=reduce, accumulate=accumulate, reduceat=reduceat, outer=outer, at=at
)
