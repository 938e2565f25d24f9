"""compile: run what a function does, without recording it.

The first call for some shapes takes the function down as a program, see ``tracing.py``; every call
then runs that. The order of reading: ``homes.py``, ``reach.py``, ``tracer.py``, ``memory.py``,
``updates.py``, ``tracing.py``, ``lower.py``, ``expand.py``, ``twins.py``, ``fuse.py``,
``buffers.py``, ``numpy_backend.py``, ``checks.py``, ``entry.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from time import perf_counter
from typing import Any

import numpy as np

from tinygrad_edu.program.compiling.entry import FAILED, TOLD, Entry, Miss, is_entered
from tinygrad_edu.program.compiling.reach import Wrapper
from tinygrad_edu.program.compiling.tracing import Tracing
from tinygrad_edu.program.compiling.updates import NotYet
from tinygrad_edu.program.plain import Hole, dig
from tinygrad_edu.recording import CONTEXT, Context
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
        self.count, self.context = -1, Context()  # of the calls that the latest program is for
        self.told: Any = None  # and what NumPy has been told to make of errors in them
        self.seconds = 0.0

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Do what the function does."""
        context = CONTEXT.get()
        if (
            (context is self.context or self.is_like(context))
            and len(args) == self.count
            and not kwargs
            and TOLD.get(None) is self.told
        ):
            try:
                result = self.fast(*args)
            except RuntimeError as error:
                if not is_entered(error):
                    raise
            else:
                if result.__class__ is not Miss:
                    return result
        return self.find(args, kwargs)

    def is_like(self, context: Any) -> bool:
        """Tell whether a context is one that the latest program is for; remember the last."""
        if context.recording is not self.context.recording or context.watch is not None:
            return False
        self.context = context
        return True

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
        except Exception:
            if not failed:
                raise
            # A check has failed; the function itself says what is wrong, or can do it.
            return self.function(*args, **kwargs)
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
        self.context, self.told = CONTEXT.get(), entry.told

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

    A whole training step may be compiled, with model, loss and optimizer in it: it then trains as
    the function itself does, parameters, the optimizer's state, running averages and the streams of
    random numbers included. It is traced anew whenever shapes, dtypes or settings are others, or
    the model is switched between ``train()`` and ``eval()``.

    Parameters
    ----------
    function : computes with Tensors: those that it is given, and those that it reaches through its
        closure, globals and attributes. Other arguments, such as numbers, become part of the
        program.
    backend : ``"numpy"`` writes NumPy's calls down, which compute into memory that is reused;
        ``"numba"`` makes loops of them and machine code of these, where it can.

    Returns
    -------
    A `Compiled`, which is called as the function is. Its ``source`` shows what runs, and
    ``repeat(n)`` runs it n times.

    Raises
    ------
    TraceError
        When called: if the function does what a program cannot, such as deciding by the numbers in
        a Tensor, printing them, or changing a list or a counter that Python keeps. Nothing has
        changed then.
    ValueError
        If there is no such backend.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn, optim
    >>> model = nn.Linear(2, 1)
    >>> optimizer = optim.SGD(model.parameters(), lr=0.1)
    >>> @tg.compile
    ... def step(x, y):
    ...     optimizer.zero_grad()
    ...     loss = ((model(x) - y) ** 2).mean()
    ...     loss.backward()
    ...     optimizer.step()
    ...     return loss
    >>> x, y = tg.Tensor([[0.0, 1.0], [1.0, 0.0]]), tg.Tensor([[1.0], [2.0]])
    >>> losses = [step(x, y).item() for _ in range(100)]
    >>> losses[-1] < losses[0]
    True
    """
    return Compiled(function, backend)
