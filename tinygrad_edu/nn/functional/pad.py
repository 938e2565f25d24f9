"""Padding as a function, with PyTorch's arguments: the last axis first."""

from __future__ import annotations

from operator import index
from typing import Any

import numpy as np

from tinygrad_edu.ops.shape import as_array, clone

MODES = {"constant": "constant", "reflect": "reflect", "replicate": "edge", "circular": "wrap"}


def pad(input: Any, pad: Any, mode: str = "constant", value: float | None = None) -> Any:
    """More elements around an array, or fewer.

    ``y[i] = x[i - before]`` where there is an ``x``. Shapes: any; ``size + before + behind`` along
    each axis named. Source: the conventions are PyTorch's.

    Parameters
    ----------
    pad : ``(before, behind)`` of the last axis, then of the second to last, and so on. Negative
        numbers take away.
    mode : ``"constant"`` for one value everywhere; or copies of what is there: ``"reflect"`` as in
        a mirror on the outermost element, ``"replicate"`` of the outermost element, ``"circular"``
        from the other end.
    value : the constant; 0 if it is not given.

    Raises
    ------
    TypeError, ValueError
        If ``pad`` is no such pairs or has more than there are axes, if the mode is unknown or takes
        no value, or if there are not as many elements as should be copied.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn.functional.pad import pad
    >>> x = tg.Tensor([[1.0, 2.0, 3.0]])
    >>> pad(x, (2, 1)).tolist()
    [[0.0, 0.0, 1.0, 2.0, 3.0, 0.0]]
    >>> pad(x, (2, -1), mode="reflect").tolist()
    [[3.0, 2.0, 1.0, 2.0]]
    """
    if mode not in MODES:
        raise ValueError(f"pad: mode is one of {', '.join(MODES)}, not {mode!r}")
    if value is not None and mode != "constant":
        raise ValueError(f"pad: mode={mode!r} copies elements and takes no value={value!r}")
    x = as_array(input)
    widths = read_widths(pad, x.ndim)
    more = [(max(before, 0), max(behind, 0)) for before, behind in widths]
    if mode == "circular":  # what is left goes round
        x, widths = cropped(x, widths), more
    check_enough(x.shape, more, mode)
    if any(map(any, more)):
        settings = {} if value is None else {"constant_values": value}
        x = np.pad(x, more, MODES[mode], **settings)  # type: ignore[call-overload]  # mode is a str
    if more != widths:
        x = cropped(x, widths)
    return clone(x) if x is input else x


def cropped(x: Any, widths: list[tuple[int, int]]) -> Any:
    """Take away where a width is negative."""
    ends = [n + min(behind, 0) for n, (_, behind) in zip(x.shape, widths)]
    starts = [max(-before, 0) for before, _ in widths]
    return x[tuple(slice(start, max(end, start)) for start, end in zip(starts, ends))]


def check_enough(shape: tuple[int, ...], widths: list[tuple[int, int]], mode: str) -> None:
    """Refuse to copy more elements than there are."""
    spare = {"reflect": 1, "circular": 0}.get(mode)
    for axis, (n, pair) in enumerate(zip(shape, widths)):
        if (spare is not None and max(pair) > n - spare) or (
            mode != "constant" and any(pair) and not n
        ):
            raise ValueError(
                f"pad: {max(pair)} elements cannot be copied by mode={mode!r} along axis {axis} of "
                f"an input of shape {shape}, which has {max(n - (spare or 0), 0)} to copy"
            )


def read_widths(pad: Any, ndim: int) -> list[tuple[int, int]]:
    """Give every axis how much is put before it and behind it."""
    try:
        numbers = [index(n) for n in pad]
    except TypeError:
        raise TypeError(
            f"pad: pad is a tuple of integers, two for each axis, not {pad!r}"
        ) from None
    if len(numbers) % 2 or len(numbers) > 2 * ndim:
        raise ValueError(f"pad: {pad!r} is not two numbers for each of at most {ndim} axes")
    pairs = list(zip(numbers[::2], numbers[1::2]))
    return [(0, 0)] * (ndim - len(pairs)) + pairs[::-1]
