"""Putting what is used once into the line that uses it, as far as that stays readable.

An assignment that has been put into another is no line of the program any more, but still an
operand: printers write it in its place.
"""

from __future__ import annotations

from dataclasses import replace

from tinygrad_edu.program.expression import Expressions
from tinygrad_edu.program.literals import UnprintableError
from tinygrad_edu.program.passes.rewrite import ADJOIN, is_call
from tinygrad_edu.program.program import Assignment, Input, Program, Value
from tinygrad_edu.program.source import Sources
from tinygrad_edu.program.unpack import unpacked

LONGEST = 68  # characters of an expression
NAME = "t12"


def inline(program: Program, longest: int = LONGEST) -> Program:
    """Leave out the lines that can stand within the one line that uses them.

    A transpose is a view that costs nothing, and stands wherever it is used. What somebody has
    given a name stays a line.
    """
    uses = program.uses()
    lines = set(program.assignments)
    kept = set(program.outputs)
    for parts in unpacked(program).values():
        kept.update(part for part in parts if part is not None)
    names: dict[Value, str] = {each: each.name or "x1" for each in program.inputs}
    writer = Expressions(names, Sources())
    for line in program.assignments:
        names[line] = line.name or NAME
        for operand in line.operands:
            movable = operand in names and operand in lines and operand not in kept
            if movable and may_move(operand, uses) and length(line, operand, writer) <= longest:
                del names[operand]
    for guard in program.guards:
        if guard.value in lines and guard.value not in kept and may_move(guard.value, uses):
            names.pop(guard.value, None)
    left = tuple(line for line in program.assignments if line in names)
    return program if len(left) == len(program.assignments) else replace(program, assignments=left)


def may_move(value: Value, uses: dict[Value, int]) -> bool:
    """Tell whether a line may stand within others at all."""
    if not isinstance(value, Assignment) or value.chosen or has_parts(value):
        return False
    return uses[value] == 1 or is_free(value)


def has_parts(value: Value) -> bool:
    """Tell whether a value is what an op with several outputs has returned."""
    return bool(value.shape) and isinstance(value.shape[0], tuple)


def is_free(value: Assignment) -> bool:
    """Tell whether a value costs nothing and is short: the transpose of something with a name."""
    x = value.operands[0] if value.operands else None
    return is_call(value, ADJOIN) and (isinstance(x, Input) or getattr(x, "chosen", False))


def length(line: Assignment, operand: Value, writer: Expressions) -> int:
    """Say how long a line becomes with an operand written out in it."""
    name = writer.names[operand]
    try:
        writer.texts.pop(operand, None)
        inner = writer.written(operand)
        outer = writer.written(line)
    except UnprintableError:
        return 10**6
    return len(outer.text) + len(inner.text) - len(name)
