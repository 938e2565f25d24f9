r"""Sums and means as formulas, with indices: ``\sum_{i} (x)_{ij}``; and changes of shape."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

import numpy as np

from tinygrad_edu.program.passes.rewrite import SUM, is_call, operand
from tinygrad_edu.program.program import Assignment, Value
from tinygrad_edu.program.symbols import PRODUCT, Formula, parenthesized, times

if TYPE_CHECKING:
    from tinygrad_edu.program.latex import Formulas

INDICES = "ijklmnpq"


def reshaped(x: Formula, line: Assignment) -> Formula:
    """The same numbers in another shape, which is only told if it is more than axes of size 1."""
    before = tuple(n for n in line.operands[0].shape if n != 1)
    if before == tuple(n for n in line.shape if n != 1):
        return x
    return Formula(rf"\operatorname{{reshape}}_{{{times(line.shape)}}}{parenthesized(x.text)}")


def summed(writer: Formulas, line: Assignment) -> Formula:
    """A sum over indices: all, or those of the axes that are summed up."""
    axes, x = set(axes_of(line)), line.operands[0]
    while is_call(x, SUM) and isinstance(x, Assignment) and x not in writer.names:
        inner = axes_of(x)  # a sum of sums is one sum
        left = range(operand(x).ndim) if x.settings.get("keepdims") else rest(operand(x), inner)
        axes = {*inner, *(left[axis] for axis in axes)}
        x = operand(x)
    text = writer.text(x).text
    if not x.ndim:
        return writer.text(x)
    if x.ndim > len(INDICES):
        numbers = ",".join(map(str, sorted(axes)))
        return Formula(rf"\operatorname{{sum}}_{{{numbers}}}{parenthesized(text)}")
    over = "".join(INDICES[axis] for axis in sorted(axes))
    return Formula(rf"\sum_{{{over}}} {parenthesized(text)}_{{{INDICES[: x.ndim]}}}", PRODUCT)


def rest(x: Value, axes: list[int]) -> list[int]:
    """List the axes of a value that are not among these."""
    return [axis for axis in range(x.ndim) if axis not in axes]


def mean(writer: Formulas, line: Assignment) -> Formula:
    """A sum, divided by the number of its terms."""
    x = line.operands[0]
    count = prod(x.shape[axis] for axis in axes_of(line))
    if not 0 < x.ndim <= len(INDICES) or count == 0:
        return writer.call(line)
    return Formula(rf"\frac{{1}}{{{count}}} {summed(writer, line).text}", PRODUCT)


def axes_of(line: Assignment) -> list[int]:
    """List the axes that a line sums up."""
    axis, ndim = line.settings.get("axis"), line.operands[0].ndim
    return list(range(ndim)) if axis is None else [int(a) % ndim for a in np.atleast_1d(axis)]
