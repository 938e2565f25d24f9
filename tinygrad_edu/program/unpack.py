"""Ops with several results: ``q, r = np.linalg.qr(a)`` in the place of ``t1[0]`` and ``t1[1]``.

A result is called as the op's function calls it, where that is a word.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from inspect import unwrap

from tinygrad_edu.op import Op
from tinygrad_edu.program.edit import source_of
from tinygrad_edu.program.program import Assignment, Program, Value, operands_of
from tinygrad_edu.several import PART

MOST = 6  # results that get a name each
NOBODY = "_"


def unpacked(program: Program) -> dict[Value, list[Assignment | None]]:
    """Find the calls of which only single results are used: each with those, by position."""
    found: dict[Value, list[Assignment | None]] = {}
    whole_use = {*program.outputs, *(guard.value for guard in program.guards)}
    for line in program.in_order():
        if isinstance(line, Assignment) and line.op is PART:
            whole = line.operands[0]
            parts = found.setdefault(whole, [None] * len(whole.shape))
            if parts[line.settings["position"]] is not None:
                whole_use.add(whole)
            parts[line.settings["position"]] = line
        else:
            whole_use.update(operands_of(line))
    lines = {None, *program.assignments}
    return {
        whole: parts
        for whole, parts in found.items()
        if whole not in whole_use and len(parts) <= MOST and lines.issuperset(parts)
    }


def names_of_results(op: Op) -> list[str | None]:
    """Read in an op's source what it calls its results; single letters say nothing."""
    try:
        (definition,) = ast.parse(source_of(unwrap(op.forward))).body
    except (OSError, TypeError, SyntaxError, ValueError):
        return []
    returns = [node for node in ast.walk(definition) if isinstance(node, ast.Return)]
    if len(returns) != 1 or not isinstance(returns[0].value, ast.Tuple):
        return []
    parts = returns[0].value.elts
    return [x.id if isinstance(x, ast.Name) and len(x.id) > 1 else None for x in parts]


def targets(parts: list[Assignment | None], names: Mapping[Value, str]) -> list[str]:
    """Write what stands on the left of the equals sign."""
    return [NOBODY if part is None else names[part] for part in parts]
