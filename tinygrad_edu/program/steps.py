"""The chain rule for one weight, factor by factor: which rule gave what, with shapes and numbers.

The walk goes from the loss back. At every op on the way it turns the gradient of the result into
the gradient of one operand; each of those turns is a step here.
"""

from __future__ import annotations

import re
import textwrap
from dataclasses import replace
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

import numpy as np

from tinygrad_edu.op import Node
from tinygrad_edu.program.expression import Expressions
from tinygrad_edu.program.layout import Row, layout
from tinygrad_edu.program.names import Names, gradient_name
from tinygrad_edu.program.numpy_text import assignment_rows
from tinygrad_edu.program.passes import put_in_words
from tinygrad_edu.program.passes.dead import drop_dead_code
from tinygrad_edu.program.passes.inline import inline
from tinygrad_edu.program.program import Assignment, Input, Program, Value, operands_of
from tinygrad_edu.program.reasons import reason
from tinygrad_edu.program.source import Sources
from tinygrad_edu.program.unpack import names_of_results, unpacked
from tinygrad_edu.several import PART

if TYPE_CHECKING:
    from tinygrad_edu.program.derivation import Derivation

SHOWN = 16  # elements of an array whose numbers are shown
WIDTH = 96
LONGEST = 84  # characters of a formula
SHAPE = re.compile(r"\([\d, ]*\)")
GLUE = "\N{NO-BREAK SPACE}"  # between the numbers of a shape, so that no line ends there


class Steps:
    """Some text that explains; print it."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines

    def __str__(self) -> str:
        return "\n".join(self.lines)

    def __repr__(self) -> str:
        return str(self)


class Telling:
    """The steps of one derivation to one leaf or result."""

    def __init__(self, derivation: Derivation, key: Any, name: str) -> None:
        self.derivation, self.key, self.name = derivation, key, name
        self.reader = derivation.reader
        self.recorder = self.reader.recorder
        self.names = self.all_names()
        self.count = 0
        self.arrived: set[Any] = set()

    def all_names(self) -> dict[Value, str]:
        """Name every value of the forward run, also those that no line of the program shows."""
        printed = self.derivation.printed.names
        names: dict[Value, str] = {
            each: printed[each] for each in self.recorder.inputs if each in printed
        }
        given = Names(names.values())
        wanted: dict[Value, str | None] = {}
        for node, line in self.reader.lines.items():
            wanted.setdefault(line, line.name)
            parts = self.parts(node)
            own = names_of_results(node.op) if parts else []
            wanted.update(zip_longest(parts, own[: len(parts)]))
        everything: list[Value] = [*self.recorder.inputs, *wanted]
        for each in everything:
            name = each.name or wanted.get(each)
            if each not in names and name:
                names[each] = given.take(name, "z")
        for each in everything:
            if each not in names:
                names[each] = given.take(None, "z")
        return names

    def parts(self, node: Node) -> list[Value]:
        """Return what stands for the results of an op that has several."""
        y: Any = node.y
        return [self.recorder.known[id(each)] for each in (y if isinstance(y, tuple) else ())]

    def steps(self) -> Steps:
        """Tell it."""
        shape = self.leaf_value().shape
        lines = [f"The chain rule for {self.name}, of shape {shape}, from the loss back", ""]
        lines += ["What was computed on the way:"]
        for node in self.path():
            lines += [f" {each}" for each in page(self.forward_text(node))]
        lines += ["", f"1. {gradient_name(self.root())} = 1: it all begins with the loss itself."]
        self.count = 1
        for node, parent, dy, dx in self.recorder.carries:
            if self.leads(parent) and node in self.on_path():
                lines += ["", *self.step(node, parent, dy, dx)]
        label = gradient_name(self.name)
        lines += ["", "All of it in one, as the program has it:"]
        lines += [f" {each}" for each in self.summary(label)]
        return Steps([*lines, *numbers(self.reader.gradients[self.key])])

    # ---------------------------------------------------------------- what is on the way
    def leaf_value(self) -> Value:
        """Return what stands for the leaf or result in the program."""
        if isinstance(self.key, Node):
            return self.reader.lines[self.key]
        return next(each for each in self.recorder.inputs if each.leaf is self.key)

    def on_path(self) -> set[Any]:
        """Find the nodes that depend on the leaf or result."""
        if not hasattr(self, "found"):
            self.found: set[Any] = {self.key}
            for node in self.reader.nodes:
                if any(parent in self.found for parent in node.parents if parent is not None):
                    self.found.add(node)
        return self.found

    def path(self) -> list[Node]:
        """List those nodes, oldest first, and what has no name but stands in their formulas."""
        found = {node for node in self.on_path() if isinstance(node, Node)} - {self.key}
        waiting = list(found)
        while waiting:
            for parent in waiting.pop().parents:
                if not isinstance(parent, Node) or parent in self.on_path() or parent in found:
                    continue
                if not self.reader.lines[parent].name:
                    found.add(parent)
                    waiting.append(parent)
        return [node for node in self.reader.nodes if node in found and node.op is not PART]

    def leads(self, parent: Any) -> bool:
        """Tell whether a gradient that arrives there is on its way to the leaf."""
        return parent in self.on_path()

    def root(self) -> str:
        """Name the loss."""
        return self.names[self.reader.lines[self.reader.root]]

    # ------------------------------------------------------------------------- one step
    def step(self, node: Node, parent: Any, dy: Any, dx: Any) -> list[str]:
        """Tell how one op hands its gradient on to one operand."""
        self.count += 1
        position = next(i for i, each in enumerate(node.parents) if each is parent)
        target = self.names[self.value_of(parent)]
        before, formula = self.formula(node, dy, dx)
        plus = parent in self.arrived
        self.arrived.add(parent)
        shape = node.arrays[position].shape
        head, *more = page(self.forward_text(node))
        code = f"{gradient_name(target)} {'+=' if plus else '='} {formula}"
        lines = [
            f"{self.count}. {head.strip()}",
            *more,
            *(each for row in before for each in page(row)),
            *page(code, f"{shape}"),
            self.reason(node, position, target if plus else ""),
        ]
        return [*lines, *numbers(dx._array)]

    def reason(self, node: Node, position: int, again: str) -> str:
        """Say why it is so, by the op and by the shapes."""
        text = reason(node, position)
        text += f"; {again} is used elsewhere as well, so what arrives is added up" if again else ""
        glued = SHAPE.sub(lambda shape: shape[0].replace(", ", GLUE), text)
        lines = textwrap.wrap(
            f"why: {glued}", WIDTH, initial_indent="   ", subsequent_indent="        "
        )
        return "\n".join(lines).replace(GLUE, ", ")

    def forward_text(self, node: Node) -> str:
        """Write a node as a line of a program."""
        line, parts = self.reader.lines[node], self.parts(node)
        writer = Expressions(self.names, Sources())
        text = writer.written(line).text if isinstance(line, Assignment) else self.names[line]
        return f"{', '.join(self.names[each] for each in parts or [line])} = {text}"

    def value_of(self, parent: Any) -> Value:
        """Return what stands for a node or leaf."""
        if isinstance(parent, Node):
            return self.reader.lines[parent]
        return next(each for each in self.recorder.inputs if each.leaf is parent)

    def formula(self, node: Node, dy: Any, dx: Any) -> tuple[list[str], str]:
        """Write the gradient for an operand in terms of that of the result.

        Returns
        -------
        Lines that come before, if it is long, and the formula.
        """
        inputs, program = self.rule(node, dy, dx)
        names: dict[Value, str] = {each: each.name or "x" for each in inputs}
        output, calls = program.outputs[0], unpacked(program)
        inner = [line for line in program.assignments if line is not output and line not in calls]
        names.update((line, f"s{number}") for number, line in enumerate(inner, 1))
        writer = Expressions(names, Sources())
        *before, last = assignment_rows(program, {**names, output: "x"}, writer) or [Row("")]
        if isinstance(output, Assignment) and output in program.assignments:
            return [row.code for row in before], last.code.removeprefix("x = ")
        return [], writer.text(output).text

    def rule(self, node: Node, dy: Any, dx: Any) -> tuple[list[Input], Program]:
        """Return what a rule has done, in terms of what it was given."""
        known = self.recorder.known
        places: dict[Value, Value] = {}
        line, parts = self.reader.lines[node], self.parts(node)
        arrived = [(parts[i], each) for i, each in dy.arrived.items()] if parts else [(line, dy)]
        for value, each in arrived:
            out = gradient_name(self.names[value])
            places[known[id(each._array)]] = Input(each.shape, each.dtype, out)
        for value in (*self.operand_values(node), line, *parts):
            places.setdefault(value, Input(value.shape, value.dtype, self.names.get(value)))
        lines, result = cut(known[id(dx._array)], places)
        inputs = [each for each in places.values() if isinstance(each, Input)]
        program = put_in_words(Program(tuple(inputs), lines, (result,)))
        return inputs, inline(program, LONGEST)

    def operand_values(self, node: Node) -> list[Value]:
        """Return what stands for the operands of a node."""
        line = self.reader.lines[node]
        return [each for each in operands_of(line) if each in self.names]

    def summary(self, label: str) -> list[str]:
        """Return the lines of the printed program that lead to one gradient."""
        program, names = self.derivation.program, self.derivation.printed.names
        output = program.outputs[program.labels.index(label)]
        alone = replace(program, outputs=(output,), labels=(label,), guards=())
        rows = assignment_rows(drop_dead_code(alone), names, Expressions(names, Sources()))
        return [each for row in rows for each in page(row.code)]


def page(code: str, comment: str = "") -> list[str]:
    """Lay out one line, in several if it is long."""
    return [row.removeprefix(" ") for row in layout([Row(code, comment)])]


def cut(end: Value, places: dict[Value, Value]) -> tuple[tuple[Assignment, ...], Value]:
    """Copy the lines that lead to a value, as far back as the values that have places."""
    new: dict[Value, Value] = dict(places)
    lines: list[Assignment] = []
    waiting = [end]
    while waiting:
        value = waiting[-1]
        missing = [each for each in operands_of(value) if each not in new]
        if value not in new and missing:
            waiting += missing
            continue
        waiting.pop()
        if value in new:
            continue
        if isinstance(value, Assignment):
            copied = replace(value, operands=tuple(new[each] for each in value.operands))
            lines.append(copied)
            new[value] = copied
        else:
            new[value] = value
    return tuple(lines), new[end]


def numbers(array: Any) -> list[str]:
    """Put the numbers in, if they are not too many."""
    if array.size > SHOWN or array.size == 0:
        return []
    text = np.array2string(array, precision=4, suppress_small=True, separator=", ")
    return [textwrap.indent(text, " " * 7)]
