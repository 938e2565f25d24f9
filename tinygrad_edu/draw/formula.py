"""A recorded call written down as in a program: ``x @ w``, ``sum(t1, axis=0)``."""

from __future__ import annotations

import re
from functools import lru_cache
from inspect import signature
from typing import Any

from tinygrad_edu.draw.names import shorten
from tinygrad_edu.op import Op


def formula(op: Op, operands: list[str], settings: dict[str, Any]) -> str:
    """Write a call down, without the settings that are as usual.

    Examples
    --------
    >>> from tinygrad_edu.draw.formula import formula
    >>> from tinygrad_edu.ops.linalg import matmul
    >>> formula(matmul.op, ["x", "w"], {})
    'x @ w'
    """
    short = [shorten(operand) for operand in operands]
    if op.symbol and len(short) in (1, 2):
        short = [f"({each})" if each.startswith("-") else each for each in short]
        return f"{short[0]} {op.symbol} {short[1]}" if len(short) == 2 else op.symbol + short[0]
    usual = _defaults(op) if settings else {}
    for key, value in settings.items():
        text = setting(value)
        if usual.get(key) != text:
            short.append(f"{key}={shorten(text)}")
    return f"{op.name}({', '.join(short)})"


@lru_cache(maxsize=1000)
def _defaults(op: Op) -> dict[str, str]:
    """Return an op's default settings as they are written."""
    try:
        parameters = signature(op.forward).parameters
    except ValueError:  # a function written in C need not say
        return {}
    return {key: setting(parameter.default) for key, parameter in parameters.items()}


def setting(value: Any) -> str:
    """Write a value on one line, and without the address at which it happens to be."""
    return re.sub(r" at 0x[0-9a-fA-F]+", "", " ".join(repr(value).split()))
