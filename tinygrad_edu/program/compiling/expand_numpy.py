"""Functions of NumPy that ops call, as calls that write into memory that is there already.

Read next: ``buffers.py``, which decides whose memory is whose.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np

from tinygrad_edu.ops.dispatched import rarely
from tinygrad_edu.program.compiling.expand import Expansion
from tinygrad_edu.program.compiling.placeholder import NotExpandableError, Placeholder, sample_of


def like(value: Any) -> Callable[..., Placeholder]:
    """Make the form of ``np.zeros_like`` and its kind."""

    def form(
        here: Expansion, a: Any, dtype: Any = None, order: Any = "K", subok: bool = True,
        shape: Any = None,
    ) -> Placeholder:  # fmt: skip
        return here.filled(np.empty_like(sample_of(a), dtype, order, False, shape), value)

    return form


def full_like(here: Expansion, a: Any, fill_value: Any, *args: Any, **how: Any) -> Placeholder:
    """``np.full_like``."""
    if isinstance(fill_value, Placeholder):
        raise NotExpandableError("an array full of a computed number")
    return like(fill_value)(here, a, *args, **how)


def where(here: Expansion, condition: Any, a: Any, b: Any) -> Placeholder:
    """``np.where``: the one, with the other written over it."""
    y = np.where(*map(sample_of, (condition, a, b)))
    if sample_of(condition).dtype != bool:
        raise NotExpandableError("a condition that is not one of truth values")
    out = here.buffer(y)
    here.copy(b, out)
    here.copy(a, out, condition)
    return Placeholder(here, out)


def joined(function: Any) -> Callable[..., Placeholder]:
    """Make the form of ``np.concatenate`` or ``np.stack``."""

    def form(here: Expansion, arrays: Any, axis: int = 0) -> Placeholder:
        y = Placeholder(here, here.buffer(function([sample_of(x) for x in arrays], axis=axis)))
        start = 0
        for x in arrays:
            size = 1 if function is np.stack else sample_of(x).shape[axis]
            place = start if function is np.stack else slice(start, start + size)
            y[(slice(None),) * (axis % y.ndim) + (place,)] = x
            start += size
        return y

    return form


def split(here: Expansion, x: Any, sections: Any, axis: int = 0) -> list[Placeholder]:
    """``np.split``."""
    parts = np.split(sample_of(x), sections, axis)
    ends = np.cumsum([0, *(part.shape[axis] for part in parts)]).tolist()
    head = (slice(None),) * (axis % x.ndim)
    return [x[head + (slice(a, b),)] for a, b in pairwise(ends)]  # noqa: RUF005  # for Python 3.10


def clip(here: Expansion, x: Any, low: Any = None, high: Any = None) -> Placeholder:
    """``np.clip``."""
    if low is None or high is None:
        return np.minimum(x, high) if low is None else np.maximum(x, low)  # type: ignore[no-any-return]  # of placeholders
    return here.elementwise(np.clip, (x, low, high))


def written_if(
    here: Expansion, condition: Placeholder, function: Callable[..., None], *arrays: Placeholder
) -> None:
    """``rarely``: the ``if`` as a line."""
    out, f = here.target(arrays[0]), here.here.function(function, function.__name__)
    reads = [condition.any().operand, *(x.operand for x in arrays[1:])]
    row = ", ".join(["{out}", *(f"{{{i}}}" for i in range(1, len(arrays)))])
    here.add(f"if {{0}}: {f}({row})", reads, out, update=True)


def reduction(name: str) -> Callable[..., Any]:
    """Make the form of a function that is a method as well."""
    return lambda here, x, *args, **how: getattr(x, name)(*args, **how)


FORMS: dict[Any, Callable[..., Any]] = {
    np.zeros_like: like(0), np.ones_like: like(1), np.empty_like: like(None),
    np.full_like: full_like, np.where: where, np.concatenate: joined(np.concatenate),
    np.stack: joined(np.stack), np.split: split, np.clip: clip, rarely: written_if,
    **{getattr(np, name): reduction(name)
       for name in ("sum", "mean", "max", "min", "any", "all", "reshape", "ravel", "copy")},
}  # fmt: skip
