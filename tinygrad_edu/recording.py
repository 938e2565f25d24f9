"""Whether calls are recorded here and now: `no_grad`, `enable_grad`, and the clock of recording.

The switch is a context variable, so that it belongs to one thread or one asyncio task.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from contextvars import ContextVar
from functools import wraps
from itertools import count
from typing import Any, NamedTuple, TypeVar

F = TypeVar("F", bound=Callable[..., Any])

tick = count(1).__next__
"""Logical time: the next number, for a recorded call or for a write into recorded memory."""


class Context(NamedTuple):
    """What surrounds a call.

    Attributes
    ----------
    recording : whether it is to be recorded.
    scope : the module call that it is part of.
    outer : the context before this one.
    watch : what looks at every result, see ``anomaly.py``; ``None`` when nothing does.
    owner : who has made this context, and will `leave` it.
    """

    recording: bool = True
    scope: Any = None
    outer: Any = None
    watch: Any = None
    owner: Any = None


CONTEXT: ContextVar[Context] = ContextVar("tinygrad_edu.context", default=Context())  # noqa: B039  # immutable
"""The present context, one for each thread and each asyncio task."""


def leave(owner: Any) -> None:
    """Go back to before the innermost context of this owner; stay, if there is none here.

    A generator may be closed by another thread or task than the one in which it entered its block.
    """
    context = CONTEXT.get()
    while context is not None and context.owner is not owner:
        context = context.outer
    if context is not None:
        CONTEXT.set(context.outer)


class GradMode:
    """Recording on or off, as a ``with`` block or a decorator: what `no_grad` returns."""

    def __init__(self, mode: bool) -> None:
        self.mode = bool(mode)

    def __enter__(self) -> None:
        outer = CONTEXT.get()
        CONTEXT.set(Context(self.mode, outer.scope, outer, outer.watch, self))

    def __exit__(self, *error: object) -> None:
        leave(self)

    def __call__(self, function: F) -> F:
        """Wrap a function, coroutine function or generator function."""
        mode = self.mode

        @wraps(function)
        def plain(*args: Any, **kwargs: Any) -> Any:
            with GradMode(mode):
                return function(*args, **kwargs)

        @wraps(function)
        async def coroutine(*args: Any, **kwargs: Any) -> Any:
            with GradMode(mode):
                return await function(*args, **kwargs)

        @wraps(function)
        async def asynchronous_generator(*args: Any, **kwargs: Any) -> Any:
            inner = function(*args, **kwargs)
            resume, value = inner.asend, None
            while True:
                try:
                    with GradMode(mode):
                        result = await resume(value)
                except StopAsyncIteration:
                    return
                try:
                    resume, value = inner.asend, (yield result)
                except GeneratorExit:
                    with GradMode(mode):
                        await inner.aclose()
                    raise
                except BaseException as error:  # noqa: BLE001  # handed on to the generator
                    resume, value = inner.athrow, error

        @wraps(function)
        def generator(*args: Any, **kwargs: Any) -> Any:
            inner = function(*args, **kwargs)
            resume, value = inner.send, None
            while True:  # the mode holds while the generator runs, not while its caller does
                try:
                    with GradMode(mode):
                        result = resume(value)
                except StopIteration as stop:
                    return stop.value
                try:
                    resume, value = inner.send, (yield result)
                except GeneratorExit:
                    with GradMode(mode):
                        inner.close()
                    raise
                except BaseException as error:  # noqa: BLE001  # handed on to the generator
                    resume, value = inner.throw, error

        wrapped: Any = plain
        if inspect.isgeneratorfunction(function):
            wrapped = generator
        elif inspect.iscoroutinefunction(function):
            wrapped = coroutine
        elif inspect.isasyncgenfunction(function):
            wrapped = asynchronous_generator
        return wrapped  # type: ignore[no-any-return]  # of the same signature


PLAIN = object()
"""The owner of what a plain call of `set_grad_enabled` has set: the block around it ends it."""


class _SetAtOnce(GradMode):
    """A mode that holds from its construction on: what `set_grad_enabled` returns."""

    def __init__(self, mode: bool) -> None:
        super().__init__(mode)
        self.before: Context | None = CONTEXT.get()
        outer = self.before.outer if self.before.owner is PLAIN else self.before
        CONTEXT.set(self.before._replace(recording=self.mode, outer=outer, owner=PLAIN))

    def __enter__(self) -> None:
        if self.before is not None:  # the block ends where the plain call began
            CONTEXT.set(self.before)
        self.before = None
        super().__enter__()

    def __call__(self, function: F) -> F:
        if self.before is not None:  # a decorator is for the function alone
            CONTEXT.set(self.before)
        self.before = None
        return super().__call__(function)


def no_grad(function: F | None = None) -> Any:
    """Compute without recording, as a ``with`` block or a decorator.

    Holds for the current thread or asyncio task only. A decorated generator runs its own lines
    unrecorded and its caller's recorded. A ``with no_grad():`` around a ``yield`` cannot do that:
    it stays in force for the caller while the generator is suspended; decorate instead.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> w = tg.Tensor([1.0, 2.0], requires_grad=True)
    >>> with tg.no_grad():
    ...     w -= 0.5  # in place, as an optimizer does it
    >>> w
    Tensor([0.5, 1.5], shape=(2,), dtype=float64, requires_grad=True)
    """
    return GradMode(False) if function is None else GradMode(False)(function)


def enable_grad(function: F | None = None) -> Any:
    """Record, within a `no_grad` block; as a ``with`` block or a decorator.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> w = tg.Tensor([1.0, 2.0], requires_grad=True)
    >>> with tg.no_grad(), tg.enable_grad():
    ...     y = w * 2
    >>> y.requires_grad
    True
    """
    return GradMode(True) if function is None else GradMode(True)(function)


def set_grad_enabled(mode: bool) -> GradMode:
    """Switch recording on or off: as a plain call, as a ``with`` block, or as a decorator.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> training = False
    >>> w = tg.Tensor([1.0, 2.0], requires_grad=True)
    >>> with tg.set_grad_enabled(training):
    ...     y = w * 2
    >>> y.requires_grad
    False
    """
    return _SetAtOnce(mode)


def is_grad_enabled() -> bool:
    """Tell whether calls are recorded here and now.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> with tg.no_grad():
    ...     tg.is_grad_enabled()
    False
    >>> tg.is_grad_enabled()
    True
    """
    return CONTEXT.get().recording
