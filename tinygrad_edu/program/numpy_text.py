"""A program as the source of a Python function that needs nothing but NumPy.

Every line ends in a comment that says its shape. Functions that NumPy does not have stand above.
"""

from __future__ import annotations

import textwrap
from collections.abc import Collection, Iterable
from typing import Any, NamedTuple

from tinygrad_edu.program.expression import Expressions
from tinygrad_edu.program.layout import Row, layout
from tinygrad_edu.program.literals import UnprintableError, literal
from tinygrad_edu.program.names import Names
from tinygrad_edu.program.program import Assignment, Constant, Guard, Input, Program, Value
from tinygrad_edu.program.source import Sources
from tinygrad_edu.program.unpack import names_of_results, targets, unpacked

AS_RECORDED = "# as in the recorded run, see .inputs:"


class Printed(NamedTuple):
    """A program in print.

    Attributes
    ----------
    text : the source.
    parameters : what the function takes, by name and in order: the arrays of the recorded run.
    names : of the inputs and lines.
    """

    text: str
    parameters: dict[str, Any]
    names: dict[Value, str]


def name_values(program: Program, taken: Any = ()) -> dict[Value, str]:
    """Choose a name for every input and every line: those that somebody has chosen first."""
    given = Names(taken)
    wanted: dict[Value, str | None] = {each: each.name for each in program.inputs if each.name}
    for label, output in zip(program.labels, program.outputs):
        if isinstance(output, Assignment):
            wanted.setdefault(output, label)
    for chosen in (True, False):
        wanted.update(
            (line, line.name)
            for line in program.assignments
            if line.name and line.chosen is chosen and line not in wanted
        )
    for whole, parts in unpacked(program).items():
        assert isinstance(whole, Assignment)  # noqa: S101  # an op's results
        for part, name in zip(parts, names_of_results(whole.op)):
            if part is not None and name and part not in wanted:
                wanted[part] = name
    names = {value: given.take(name, "t") for value, name in wanted.items()}
    for each in program.inputs:
        names[each] = names.get(each) or given.take(None, "x")
    for position, output in enumerate(program.outputs):
        if not program.labels and isinstance(output, Assignment) and output not in names:
            names[output] = given.take(f"y{position + 1}" if position else "y", "y")
    silent = unpacked(program)
    for line in program.assignments:
        if line not in silent:
            names[line] = names.get(line) or given.take(None, "t")
    return names


def numpy_text(program: Program, name: str = "program", docstring: str = "") -> str:
    """Write a program as a module with one function.

    Raises
    ------
    UnprintableError
        If an op's source or a setting cannot be written down.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.program import trace
    >>> print(trace(lambda a, b: a @ b + 1)(tg.Tensor([[1.0, 2.0]]), tg.Tensor([[3.0], [4.0]])))
    import numpy as np
    <BLANKLINE>
    <BLANKLINE>
    def program(a, b):
        t1 = a @ b  # (1, 1)
        y = t1 + 1  # (1, 1)
        return y
    """
    return printed(program, name, docstring).text


def printed(
    program: Program,
    name: str = "program",
    docstring: str = "",
    unexplained: Collection[Input] = (),
    data: Iterable[Any] = (),
) -> Printed:
    """Write a program as a module with one function; return that with what it is to be given.

    Parameters
    ----------
    unexplained : the inputs that have no name of their own; a comment tells which they are.
    data : arrays within settings that are data, such as the words in a sentence.
    """
    sources = Sources(data)
    sources.taken.add(name)
    for value in program.in_order():  # functions first, so that no value takes their names
        is_call = isinstance(value, Assignment) and not value.op.symbol
        if is_call or isinstance(value, Constant):
            Expressions(Anonymous(), sources).written(value)
    names = name_values(program, sources.taken)
    given = Names({*sources.taken, *names.values()})
    kinds = {"i": "index", "u": "index", "b": "mask"}
    sources.array_names = {
        key: given.take(kinds.get(array.dtype.kind), "c") for key, array in sources.arrays.items()
    }
    parameters = {names[each]: each.array for each in program.inputs}
    parameters.update((sources.array_names[key], array) for key, array in sources.arrays.items())
    rows = body(program, names, Expressions(names, sources))
    head = textwrap.fill(
        f"def {name}({', '.join(parameters)}):", 99, subsequent_indent=" " * (len(name) + 5)
    )
    strange = [names[each] for each in program.inputs if each in unexplained]
    strange += sources.array_names.values()
    notes = textwrap.wrap(f"{AS_RECORDED} {', '.join(strange)}", 92) if strange else []
    notes = [f"    {'# ' * (i > 0)}{row}" for i, row in enumerate(notes)]
    function = [head, *document(docstring), *notes, *layout(rows)]
    imports = ["import numpy as np", *(f"import {each}" for each in sorted(sources.imports))]
    parts = ["\n".join(imports), *grouped(sources.texts), "\n".join(function)]
    return Printed("\n\n\n".join(parts), parameters, names)


class Anonymous(dict[Value, str]):
    """Names for when they do not matter."""

    def __contains__(self, value: object) -> bool:
        return not isinstance(value, Constant)

    def __missing__(self, value: Value) -> str:
        return "x"


def grouped(texts: dict[str, str]) -> list[str]:
    """Put constants that follow each other close together."""
    groups: list[str] = []
    for text in texts.values():
        if groups and not text.startswith(("def", "@")) and not groups[-1].startswith(("def", "@")):
            groups[-1] += f"\n{text}"
        else:
            groups.append(text)
    return groups


def document(docstring: str) -> list[str]:
    """Write a docstring."""
    if not docstring:
        return []
    safe = docstring.replace("\\", "\\\\").replace('"""', r"\"\"\"")
    return textwrap.indent(f'"""{safe}"""', "    ").split("\n")


def body(program: Program, names: dict[Value, str], writer: Expressions) -> list[Row]:
    """Write the lines of the function."""
    rows = assignment_rows(program, names, writer)
    rows += [Row(guard_text(guard, writer), "else other formulas hold") for guard in program.guards]
    returned = []
    given = Names(names.values())
    for position, output in enumerate(program.outputs):
        label = program.labels[position] if program.labels else "y"
        if output in names and (names[output] == label or not program.labels):
            returned.append(names[output])
        elif isinstance(output, (Constant, Input)) or names[output] in returned:
            name = given.take(label, "y")
            rows.append(Row(f"{name} = {whole(output, writer)}", shape_text(output)))
            returned.append(name)
        else:
            returned.append(names[output])
    return [*rows, Row(f"return {', '.join(returned) or None}")]


def assignment_rows(program: Program, names: dict[Value, str], writer: Expressions) -> list[Row]:
    """Write the lines of a program; one for all the results of an op that has several."""
    calls = unpacked(program)
    seen = {part for parts in calls.values() for part in parts}
    rows = []
    for line in program.assignments:
        if line in calls:
            row = ", ".join(targets(calls[line], names))
            rows.append(Row(f"{row} = {writer.written(line).text}", shape_text(line)))
        elif line not in seen:
            rows.append(Row(f"{names[line]} = {writer.written(line).text}", shape_text(line)))
    return rows


def whole(output: Value, writer: Expressions) -> str:
    """Write an output that is a number: as an array, for that is what the others are."""
    if isinstance(output, Constant) and output.dtype is not None:
        return (
            literal(output.value)
            if output.shape
            else f"np.{output.dtype.name}({literal(output.value.item())})"
        )
    return writer.text(output).text


def guard_text(guard: Guard, writer: Expressions) -> str:
    """Write down what the program takes for granted."""
    value = writer.text(guard.value)
    if guard.seen.size == 1 and guard.seen.dtype == bool:
        return f"assert {value.text if guard.seen.item() else f'not {value.within(20)}'}"
    if guard.seen.size == 1:
        return f"assert {value.within(20)} == {literal(guard.seen.item())}"
    try:
        return f"assert np.array_equal({value.text}, {literal(guard.seen)}, equal_nan=True)"
    except UnprintableError:
        return f"assert {value.within(20)}.shape == {literal(guard.seen.shape)}"


def shape_text(value: Value) -> str:
    """Say what shape a value has; and the dtype if it is not the usual one."""
    if value.shape and isinstance(value.shape[0], tuple):
        return ", ".join(map(str, value.shape))
    usual = value.dtype is None or value.dtype.name == "float64"
    return f"{value.shape}" if usual else f"{value.shape} {value.dtype.name}"
