"""detect_anomaly: stop where NaN or infinity first appears, and say which line of code it was.

A NaN in the loss tells nothing, for by then everything is NaN. What one wants to know is where the
*first* one came from. Within the block every op is looked at, forwards and backwards, and the line
that called it is taken down. On the article's network it takes 2.4 times as long, and is meant for
the hunt only. Outside, the core asks one question, whether anybody is watching
(``Context.watch``), of something that it reads anyway.
"""

from __future__ import annotations

import inspect
import linecache
import os
import sys
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any, TypeVar

import numpy as np

from tinygrad_edu.backprop import walk
from tinygrad_edu.messages import file_name
from tinygrad_edu.op import Array, Node, Op
from tinygrad_edu.recording import CONTEXT, leave
from tinygrad_edu.tensor import Tensor

F = TypeVar("F", bound=Callable[..., Any])
NOT_THE_USERS = tuple(os.path.join(os.path.dirname(f), "") for f in (__file__, np.__file__))
HARMLESS_FIRST = (
    "; nothing was to come back from there, but 0 times infinity is NaN: make the input harmless "
    "before the call, as in where(x > 0, {0}(where(x > 0, x, 1)), 0)"
)


def detect_anomaly() -> AnomalyDetection:
    """Raise as soon as NaN or infinity appears: as a ``with`` block or a decorator.

    Every result of an op and every gradient is checked, ``all(isfinite(...))``, also that of an
    input which holds NaN or infinity already. Put forward and backward pass under the same block,
    so that the line of the forward pass is known. NumPy's own warnings are off within: this error
    takes their place.

    Raises
    ------
    FloatingPointError
        Within the block: naming the op, the element, the input that it came from, and the line of
        code that called the op.
    TypeError
        As a decorator, for a generator or coroutine function: write the block into it.

    Examples
    --------
    >>> import numpy as np
    >>> import tinygrad_edu as tg
    >>> x = tg.Tensor([0.0, 4.0], requires_grad=True, name="x")
    >>> with tg.detect_anomaly():
    ...     np.sqrt(x).sum().backward()
    Traceback (most recent call last):
        ...
    FloatingPointError: the gradient of sqrt for x is inf in 1 of 2 elements, first at [0]: where \
x is 0, y is 0, the gradient that came in is 1; sqrt(x: (2,) float64) was computed at line 2 of \
<doctest tinygrad_edu.anomaly.detect_anomaly[3]>, `np.sqrt(x).sum().backward()`
    """
    return AnomalyDetection()


class AnomalyDetection:
    """What `detect_anomaly` returns."""

    def __init__(self) -> None:
        self.quiet: list[Any] = []

    def __enter__(self) -> None:
        quiet = np.errstate(all="ignore")
        quiet.__enter__()
        self.quiet.append(quiet)
        outer = CONTEXT.get()
        CONTEXT.set(outer._replace(outer=outer, watch=Watch(), owner=self))

    def __exit__(self, *error: object) -> None:
        leave(self)
        self.quiet.pop().__exit__(*error)

    def __call__(self, function: F) -> F:
        """Wrap a function."""
        kinds = (inspect.isgeneratorfunction, inspect.iscoroutinefunction)
        if any(kind(function) for kind in (*kinds, inspect.isasyncgenfunction)):
            raise TypeError(
                f"{function.__name__} does not run when it is called, but bit by bit later; write "
                f"`with detect_anomaly():` into it instead"
            )

        @wraps(function)
        def watched(*args: Any, **kwargs: Any) -> Any:
            with AnomalyDetection():
                return function(*args, **kwargs)

        return watched  # type: ignore[return-value]  # of the same signature


class Watch:
    """Looks at everything that is computed within one block; see ``record`` and ``walk``."""

    def __init__(self) -> None:
        self.lines: dict[int, str] = {}

    def computed(
        self, tensor: Tensor, op: Op, arrays: Iterable[Any], settings: dict[str, Any]
    ) -> None:
        """Check the result of a call, and take down where it was made."""
        line, in_a_rule = calling_line()
        node = tensor.node
        if node is not None:
            self.lines[node.serial] = line
        if in_a_rule:  # then `carried` sees what comes out, and knows the forward call
            return
        y: Any = tensor._array
        for position, output in enumerate(y if isinstance(y, tuple) else (y,)):
            bad = first_bad(output)
            if bad is not None:
                which = f" in output {position}" if isinstance(y, tuple) else ""
                raise FloatingPointError(
                    f"{op.name} gave {how_many(output, bad)}{which}: "
                    f"{_inputs(op, arrays, output, bad)}; {op.describe(arrays, settings)} "
                    f"was computed {line}{_within(CONTEXT.get().scope)}"
                )

    def carried(self, node: Node, parent: Node | Tensor, dy: Any, dx: Any) -> None:
        """Check what the rule for an input has returned."""
        dx = dx._array if isinstance(dx, Tensor) else dx
        bad = first_bad(dx)
        if bad is None:
            return
        dy = dy._array if isinstance(dy, Tensor) else dy
        line = self.lines.get(node.serial)
        computed = f"was computed {line}" if line else (
            "was computed before detect_anomaly() was switched on, so its line is not known"
        )  # fmt: skip
        argument = node.op.argument(next(i for i, p in enumerate(node.parents) if p is parent))
        already = isinstance(dy, np.ndarray) and first_bad(dy)
        if already:
            why = f"the gradient that came in was {how_many(dy, already)} already"
        else:
            named = [(node.op.argument(i), x) for i, x in enumerate(node.arrays)]
            named += [("y", node.y), ("the gradient that came in", dy)]
            why = values_at(named, dx.shape, bad)
        arrived = isinstance(dy, np.ndarray) and dy.shape == dx.shape and dy[bad] != 0
        hint = (
            HARMLESS_FIRST.format(node.op.name)
            if np.isnan(dx[bad]) and not arrived and not already
            else ""
        )
        raise FloatingPointError(
            f"the gradient of {node.op.name} for {argument} is {how_many(dx, bad)}: {why}{hint}; "
            f"{node.op.describe(node.arrays, node.settings)} {computed}{_within(node.scope)}"
        )


def first_bad(array: Any) -> tuple[int, ...] | None:
    """Find the first element that is NaN or infinite."""
    if not isinstance(array, np.ndarray) or array.dtype.kind not in "fc":
        return None
    bad = ~np.isfinite(array)
    if not bad.any():
        return None
    return tuple(map(int, np.unravel_index(int(np.argmax(bad)), bad.shape)))


def how_many(array: Array, bad: tuple[int, ...]) -> str:
    """Say what there is instead of numbers, how often, and where first."""
    count = int((~np.isfinite(array)).sum())
    where = f" in {count} of {array.size} elements, first at {list(bad)}" if array.ndim else ""
    return f"{array[bad]:g}{where}"


def calling_line() -> tuple[str, bool]:
    """Find the line outside this package and NumPy that led here; say if it did so backwards."""
    frame: Any = sys._getframe(1)
    in_a_rule = False
    while frame.f_back is not None and frame.f_code.co_filename.startswith(NOT_THE_USERS):
        in_a_rule = in_a_rule or frame.f_code is walk.__code__
        frame = frame.f_back
    file, number = frame.f_code.co_filename, frame.f_lineno
    text = linecache.getline(file, number, frame.f_globals).strip()
    how = "in the backward pass started at" if in_a_rule else "at"
    return f"{how} line {number} of {file_name(file)}" + (f", `{text}`" if text else ""), in_a_rule


def _inputs(op: Op, arrays: Iterable[Any], y: Array, bad: tuple[int, ...]) -> str:
    """Say which input had NaN or infinity in it already, or what the inputs were there."""
    named = [(op.argument(i), np.asarray(x)) for i, x in enumerate(arrays)]
    for name, x in named:
        at = first_bad(x)
        if at is not None:
            return f"its input {name} was {how_many(x, at)} already"
    return values_at(named, y.shape, bad)


def values_at(
    named: Iterable[tuple[str, Any]], shape: tuple[int, ...], index: tuple[int, ...]
) -> str:
    """Write down the values at one index of the arrays of that shape, as in elementwise ops."""
    parts = []
    for name, value in named:
        array = np.asarray(value) if isinstance(value, (np.ndarray, float, int)) else None
        if array is not None and np.shape(array) in ((), shape):
            parts.append(f"{name} is {array[index] if array.ndim else array[()]:g}")
    return f"where {', '.join(parts)}" if parts else "none of its inputs was"


def _within(scope: Any) -> str:
    """Name the modules whose call was in progress."""
    names = []
    while scope is not None:
        names.append(type(scope.module).__name__)
        scope = scope.parent
    return f", within {' in '.join(names)}" if names else ""
