"""Lines that nobody uses."""

from __future__ import annotations

from dataclasses import replace

from tinygrad_edu.program.program import Program, Value, operands_of


def drop_dead_code(program: Program) -> Program:
    """Leave out the lines that no output depends on; inputs stay, for they are the signature.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.program import trace
    >>> from tinygrad_edu.program.passes.dead import drop_dead_code
    >>> program = trace(lambda x: (x * 2, x + 1)[0])(tg.Tensor([1.0, 2.0]))
    >>> len(program.assignments), len(drop_dead_code(program).assignments)
    (2, 1)
    """
    waiting: list[Value] = [*program.outputs, *(guard.value for guard in program.guards)]
    alive: set[Value] = set()
    while waiting:
        value = waiting.pop()
        if value not in alive:
            alive.add(value)
            waiting += operands_of(value)
    lines = tuple(line for line in program.assignments if line in alive)
    return (
        program if len(lines) == len(program.assignments) else replace(program, assignments=lines)
    )
