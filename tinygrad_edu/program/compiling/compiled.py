"""compile: run what a function does, without recording it.

The first call for some shapes takes the function down as a program, see ``tracing.py``; every call
then runs that. The order of reading: ``reach.py``, ``tracer.py``, ``memory.py``, ``updates.py``,
``tracing.py``, ``lower.py``, ``buffers.py``, ``numpy_backend.py``, ``entry.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from time import perf_counter
from typing import Any

import numpy as np

from tinygrad_edu.program.compiling.entry import FAILED, Entry, Miss
from tinygrad_edu.program.compiling.reach import Wrapper
from tinygrad_edu.program.compiling.tracing import Tracing
from tinygrad_edu.program.compiling.updates import NotYet
from tinygrad_edu.program.looks import TraceError
from tinygrad_edu.program.plain import Hole, dig
from tinygrad_edu.recording import CONTEXT
from tinygrad_edu.tensor import Tensor

MOST = 64
"""How many programs are kept for one function."""


class Compiled(Wrapper):
    """A function that runs as compiled programs; what `compile` returns.

    Attributes
    ----------
    source : the program of the last call, as text.
    seconds : how long it took to trace and to compile that.
    """

    def __init__(self, function: Callable[..., Any], backend: str) -> None:
        if backend not in ("numpy", "numba"):
            raise ValueError(f"the backends are 'numpy' and 'numba', not {backend!r}")
        update_wrapper(self, function)
        self.function, self.backend = function, backend
        self.entries: dict[Any, list[Entry]] = {}
        self.latest: Entry | None = None
        self.fast: Callable[..., Any] = self.find
        self.count, self.recording = -1, True  # of the calls that the latest program is for
        self.seconds = 0.0

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Do what the function does."""
        if (
            len(args) == self.count
            and not kwargs
            and (context := CONTEXT.get()).recording is self.recording
            and context.watch is None
            and (result := self.fast(*args)).__class__ is not Miss
        ):
            return result
        return self.find(args, kwargs)

    def find(self, args: Any, kwargs: Any) -> Any:
        """Run the program for a call, after making it if there is none."""
        if CONTEXT.get().watch is not None:  # within another trace, or under detect_anomaly
            return self.function(*args, **kwargs)
        leaves: list[Any] = []
        template = dig((args, kwargs), leaves)
        key = (shape_key(template), tuple(map(leaf_key, leaves)), CONTEXT.get().recording)
        entries = self.entries.setdefault(key, [])
        failed = False
        for entry in entries:
            result = entry.run(*leaves)
            if result.__class__ is not Miss:
                self.remember(entry, args, leaves, kwargs)
                return result
            failed = failed or result is FAILED
        start = perf_counter()
        tracing = Tracing(self.function, leaves, template)
        try:
            entry = Entry(tracing, tracing.compiled(), self.backend)
        except NotYet:
            return self.function(*args, **kwargs)
        except TraceError:
            if not failed:
                raise
            return self.function(*args, **kwargs)  # which says what is wrong, or can do it
        self.seconds = perf_counter() - start
        if sum(map(len, self.entries.values())) >= MOST:
            self.entries = {key: entries}
            del entries[: MOST // 2]
        entries.insert(0, entry)
        result = entry.run(*leaves)
        if result.__class__ is Miss:
            entries.remove(entry)
            raise RuntimeError("a program does not hold for the call that it was made for")
        self.remember(entry, args, leaves, kwargs)
        return result

    def remember(self, entry: Entry, args: Any, leaves: list[Any], kwargs: Any) -> None:
        """Try this program first at the next call."""
        self.latest = entry
        plain = not kwargs and len(args) == len(leaves)
        self.fast, self.count = entry.step, len(args) if plain else -1
        self.recording = CONTEXT.get().recording

    def repeat(self, n: int, *args: Any) -> Any:
        """Call the function n times with the same arguments; return the last result.

        With the ``numba`` backend the loop is part of what is compiled, if the numbers of the
        optimizers' steps stay the same, as they do for SGD.
        """
        if n < 1:
            raise ValueError(f"a step is repeated once at least, not {n} times")
        result = self(*args)
        entry = self.latest
        runs = getattr(entry.program, "runs", None) if entry is not None else None
        if entry is not None and n > 2 and runs is not None and entry.recording.repeats_alike:
            with entry.lock:
                runs(n - 2, *(x._array if isinstance(x, Tensor) else x for x in args))
            n = 2
        for _ in range(n - 1):
            result = self(*args)
        return result

    @property
    def source(self) -> str:
        """The text of the program that ran last."""
        if self.latest is None:
            raise RuntimeError("nothing has been compiled yet; call the function first")
        return self.latest.source

    def __repr__(self) -> str:
        count = sum(map(len, self.entries.values()))
        return f"<compiled {getattr(self.function, '__name__', 'function')}, {count} programs>"


def leaf_key(x: Any) -> Any:
    """Tell what a program depends on of an array or a Tensor that it is given."""
    return type(x), x.shape, x.dtype, getattr(x, "requires_grad", None)


def shape_key(template: Any) -> Any:
    """Tell how arguments are put together, and what those are that are no arrays."""
    if isinstance(template, Hole):
        return template
    if type(template) in (tuple, list):
        return type(template), tuple(map(shape_key, template))
    if type(template) is dict:
        return dict, tuple((key, shape_key(x)) for key, x in template.items())
    if isinstance(template, (bool, int, float, complex, str, type(None), np.generic)):
        return type(template), repr(template)
    return Thing(template)


class Thing:
    """An argument that is no array: known by its identity, and kept so that it stays unique."""

    def __init__(self, thing: Any) -> None:
        self.thing = thing

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Thing) and other.thing is self.thing

    def __hash__(self) -> int:
        return id(self.thing)


def compile(function: Callable[..., Any], backend: str = "numpy") -> Compiled:
    """Make of a function one that does the same without recording it.

    Parameters
    ----------
    function : computes with Tensors.
    backend : ``"numpy"`` or ``"numba"``.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.program.compiling import compile
    >>> double = compile(lambda x: x * 2)
    >>> double(tg.Tensor([1.0, 2.0]))
    Tensor([2., 4.], shape=(2,), dtype=float64)
    """
    return Compiled(function, backend)
