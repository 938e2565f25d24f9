"""Whether a function does the same when it is called a second time, with other numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from tinygrad_edu.op import Array
from tinygrad_edu.program.compiling.draws import DRAW
from tinygrad_edu.program.looks import TraceError
from tinygrad_edu.program.passes.duplicates import setting_key
from tinygrad_edu.program.program import Assignment, Constant, Program, Value


def check_same(first: Program, second: Program, lines: Mapping[Value, str]) -> None:
    """Refuse a function that did something else the second time.

    Parameters
    ----------
    lines : the user's line that each line of the first program is from.

    Raises
    ------
    TraceError
        If a constant of the program, or what it computes, is another one.
    """
    one, other = fingerprint(first), fingerprint(second)
    for (a, value), (b, _) in zip(one, other):
        if a != b:
            what = f"{a[0]}{a[-1]}" if a[0] == b[0] else f"{a[0]}, or {b[0]},"
            raise TraceError(
                f"{lines.get(value, 'in the result')}: a number that goes into {what} was another "
                f"one when the function was called a second time: it was computed from an argument "
                f"in a way that cannot be followed, or comes from a counter, an iterator or a "
                f"random generator; make it an argument"
            )
    if len(one) != len(other):
        raise TraceError(
            f"called a second time, the function did something else ({len(other)} steps instead "
            f"of {len(one)}): it depends on something that changes from call to call"
        )


def fingerprint(program: Program) -> list[Any]:
    """Describe every line, so that equal programs have equal descriptions."""
    number: dict[Value, Any] = {}
    lines: list[Any] = []
    for value in program.in_order():
        if isinstance(value, Assignment):
            operands = tuple(number[x] for x in value.operands)
            settings = () if value.op is DRAW else setting_key(value.settings)
            key = (value.op.name, operands, settings, value.dtype, value.shape)
            lines.append((key, value))
        if isinstance(value, Constant):
            number[value] = ("constant", setting_key(value.value))
        else:
            number[value] = len(number)
    lines.append((("the result", tuple(number[x] for x in program.outputs), ""), None))
    return lines


def other_numbers(array: Array, generator: np.random.Generator, more: int = 0) -> Array:
    """Return an array with other numbers, of the kind that is there."""
    whole = array.dtype.kind == "f" and bool((array == np.round(array)).all())
    if array.dtype.kind in "fc" and not (whole and array.size > 1):
        noise = generator.uniform(0.5, 1, array.shape)  # so that shares stay shares
        return np.asarray(array * noise, array.dtype) if array.size else array.copy()
    if array.size == 1 and array.dtype.kind in "iu":
        return np.asarray(array + more, array.dtype)  # a counter, if it is kept from call to call
    return generator.permutation(array.ravel()).reshape(array.shape)
