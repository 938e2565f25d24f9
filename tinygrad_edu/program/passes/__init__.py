"""Passes: each makes a program a little simpler, and computes the same.

Read ``rewrite.py`` first, then ``units.py``.
"""

from __future__ import annotations

from tinygrad_edu.program.passes.constants import (
    drop_broadcasts,
    fold_constants,
    folded,
    join_factors,
    numbers_for_arrays,
    with_numbers,
    with_one_factor,
    with_operands_as_they_are,
)
from tinygrad_edu.program.passes.dead import drop_dead_code
from tinygrad_edu.program.passes.duplicates import join_duplicates
from tinygrad_edu.program.passes.parts import (
    index_parts,
    indexed,
    join_reshapes,
    reshaped_once,
)
from tinygrad_edu.program.passes.products import (
    fold_broadcast_sums,
    multiplied,
    open_linear,
    opened,
    push_transposes,
    pushed,
)
from tinygrad_edu.program.passes.rewrite import Rewriting, Rule, rewrite
from tinygrad_edu.program.passes.units import (
    drop_units,
    free_signs,
    untangle_signs,
    untangle_transposes,
    with_fewer_signs,
    with_fewer_transposes,
    with_sign_in_sum,
    without_unit,
)
from tinygrad_edu.program.program import Assignment, Program, Value

EXACT = (
    drop_dead_code,
    drop_units,
    untangle_transposes,
    fold_constants,
    drop_broadcasts,
    join_factors,
    untangle_signs,
    join_duplicates,
)
"""Passes that leave every bit as it was."""

IN_WORDS = (index_parts, join_reshapes, free_signs, numbers_for_arrays)
"""Passes that leave every bit as it was, for a formula that reads better."""

FOR_READERS = (open_linear, fold_broadcast_sums, push_transposes)
"""Passes that may reorder sums, for a formula that reads better."""

EXACT_RULES = (
    without_unit,
    with_fewer_transposes,
    folded,
    with_operands_as_they_are,
    with_one_factor,
    with_fewer_signs,
)
RULES_IN_WORDS = (indexed, reshaped_once, with_sign_in_sum, with_numbers)
READERS_RULES = (opened, multiplied, pushed)
"""The rules that the passes apply, so that one walk over a program can apply them all."""

ROUNDS = 16


def simplify(program: Program, exact: bool = False) -> Program:
    """Apply all passes until nothing changes.

    Parameters
    ----------
    exact : leave out the passes for readers, some of which may change the last bits.
    """
    if exact:
        return settled(program, EXACT_RULES)
    return settled(program, (*READERS_RULES, *RULES_IN_WORDS, *EXACT_RULES))


def put_in_words(program: Program) -> Program:
    """Apply all passes that leave every bit as it was, also those for readers."""
    return settled(program, (*RULES_IN_WORDS, *EXACT_RULES))


def settled(program: Program, rules: tuple[Rule, ...]) -> Program:
    """Apply rules, and leave out what is computed twice or for nobody, until nothing changes."""

    def first_that_fits(line: Assignment, here: Rewriting) -> Value | None:
        for rule in rules:
            found = rule(line, here)
            if found is not None:
                return found
        return None

    for _ in range(ROUNDS):
        before = program
        program = drop_dead_code(join_duplicates(rewrite(program, first_that_fits)))
        if program is before:
            break
    return program
