"""The chain rule for one weight, factor by factor: which rule gave what, with shapes and numbers.

The walk goes from the loss back. At every op on the way it turns the gradient of the result into
the gradient of one operand; each of those turns is a step here.
"""

from __future__ import annotations

import textwrap
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from tinygrad_edu.op import Node
from tinygrad_edu.program.expression import Expressions
from tinygrad_edu.program.names import Names, gradient_name
from tinygrad_edu.program.passes import simplify
from tinygrad_edu.program.passes.dead import drop_dead_code
from tinygrad_edu.program.passes.inline import inline
from tinygrad_edu.program.program import Assignment, Input, Program, Value, operands_of
from tinygrad_edu.program.source import Sources

if TYPE_CHECKING:
    from tinygrad_edu.program.derivation import Derivation

SHOWN = 16  # elements of an array whose numbers are shown
WIDTH = 96
GLUE = "\N{NO-BREAK SPACE}"  # between the numbers of a shape, so that no line ends there
REASONS = {
    "add": "a sum hands its gradient on as it is",
    "subtract": "what is added gets the gradient as it is, what is taken away gets it negated",
    "negative": "the sign turns round",
    "multiply": "a factor counts as much as the other factor is large",
    "divide": "d(a / b) = da / b - a db / b**2",
    "power": "d(x**n) = n x**(n - 1) dx",
    "square": "d(x**2) = 2 x dx",
    "sum": "every element went into the sum once, so all get the same",
    "mean": "every element went into the mean with an equal share",
    "sigmoid": "its derivative in terms of its own output y is y (1 - y)",
    "tanh": "its derivative in terms of its own output y is 1 - y**2",
    "relu": "the gradient goes through where the input was above 0, and nowhere else",
    "exp": "it is its own derivative",
    "log": "its derivative is 1 / x",
    "sqrt": "its derivative is 1 / (2 y)",
    "getitem": "it goes back to where the elements were read, and 0 goes elsewhere",
    "reshape": "the same numbers, in the shape that they had",
    "matrix_transpose": "turned back",
    "transpose": "turned back",
    "clone": "a copy hands its gradient on",
}


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
        lines = list(dict.fromkeys(self.reader.lines.values()))
        for line in (*self.recorder.inputs, *lines):
            if line not in names and line.name:
                names[line] = given.take(line.name, "z")
        for line in (*self.recorder.inputs, *lines):
            if line not in names:
                names[line] = given.take(None, "z")
        return names

    def steps(self) -> Steps:
        """Tell it."""
        shape = self.leaf_value().shape
        lines = [f"The chain rule for {self.name}, of shape {shape}, from the loss back", ""]
        lines += ["What was computed on the way:"]
        lines += [f"    {self.forward_text(node)}" for node in self.path()]
        lines += ["", f"1. {gradient_name(self.root())} = 1: it all begins with the loss itself."]
        self.count = 1
        for node, parent, dy, dx in self.recorder.carries:
            if self.leads(parent) and node in self.on_path():
                lines += ["", *self.step(node, parent, dy, dx)]
        label = gradient_name(self.name)
        lines += ["", "All of it in one, as the program has it:"]
        lines += [f"    {each}" for each in self.summary(label)]
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
        """List those nodes, oldest first."""
        return [
            node for node in self.reader.nodes if node in self.on_path() and node is not self.key
        ]

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
        formula = self.formula(node, dy, dx)
        plus = parent in self.arrived
        self.arrived.add(parent)
        shape = node.arrays[position].shape
        lines = [
            f"{self.count}. {self.forward_text(node)}",
            f"   {gradient_name(target)} {'+=' if plus else '='} {formula}  # {shape}",
            self.reason(node, position),
        ]
        return [*lines, *numbers(dx._array)]

    def reason(self, node: Node, position: int) -> str:
        """Say why it is so, by the op and by the shapes."""
        x, y, name = node.arrays[position], node.y, node.op.name
        by_rule = f"this is the rule of {name} for its {node.op.argument(position)}"
        reason = REASONS.get(name, by_rule)
        if name == "matmul" and x.ndim == 2 == y.ndim:
            reason = matmul_reason(x.shape, node.arrays[1 - position].T.shape, y.shape, position)
        elif not isinstance(y, tuple) and x.shape != y.shape and node.op.symbol:
            reason += f"; {x.shape} was broadcast to {y.shape}, so all its uses are added up"
        glued = reason.replace(", ", GLUE) if "(" in reason else reason
        lines = textwrap.wrap(
            f"why: {glued}", WIDTH, initial_indent="   ", subsequent_indent="        "
        )
        return "\n".join(lines).replace(GLUE, ", ")

    def forward_text(self, node: Node) -> str:
        """Write a node as a line of a program."""
        line = self.reader.lines[node]
        writer = Expressions(self.names, Sources())
        text = writer.written(line).text if isinstance(line, Assignment) else self.names[line]
        return f"{self.names[line]} = {text}"

    def value_of(self, parent: Any) -> Value:
        """Return what stands for a node or leaf."""
        if isinstance(parent, Node):
            return self.reader.lines[parent]
        return next(each for each in self.recorder.inputs if each.leaf is parent)

    def formula(self, node: Node, dy: Any, dx: Any) -> str:
        """Write the gradient for an operand in terms of that of the result."""
        out = gradient_name(self.names[self.reader.lines[node]])
        known = self.recorder.known
        end = known[id(dx._array)]
        given = Input(dy._array.shape, dy._array.dtype, out) if hasattr(dy, "_array") else None
        places: dict[Value, Value] = {}
        if given is not None:
            places[known[id(dy._array)]] = given
        for value in (*self.operand_values(node), self.reader.lines[node]):
            places.setdefault(value, Input(value.shape, value.dtype, self.names.get(value)))
        lines, result = cut(end, places)
        inputs = tuple(each for each in places.values() if isinstance(each, Input))
        program = inline(simplify(Program(inputs, lines, (result,)), exact=True), longest=10**4)
        names: dict[Value, str] = {each: each.name or "x" for each in inputs}
        for number_of, line in enumerate(program.assignments[:-1], 1):
            names[line] = f"s{number_of}"
        writer = Expressions(names, Sources())
        parts = [
            f"{names[line]} = {writer.written(line).text}" for line in program.assignments[:-1]
        ]
        final = writer.text(program.outputs[0]).text
        return final + (f"  with {'; '.join(parts)}" if parts else "")

    def operand_values(self, node: Node) -> list[Value]:
        """Return what stands for the operands of a node."""
        line = self.reader.lines[node]
        return [each for each in operands_of(line) if each in self.names]

    def summary(self, label: str) -> list[str]:
        """Return the lines of the printed program that lead to one gradient."""
        program, names = self.derivation.program, self.derivation.printed.names
        output = program.outputs[program.labels.index(label)]
        alone = replace(program, outputs=(output,), labels=(label,), guards=())
        writer = Expressions(names, Sources())
        return [
            f"{names[line]} = {writer.written(line).text}"
            for line in drop_dead_code(alone).assignments
        ]


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


def matmul_reason(x: Any, turned: Any, y: Any, position: int) -> str:
    """Say why there is a transpose: it is the only way in which the shapes fit."""
    factors = f"{y} @ {turned}" if position == 0 else f"{turned} @ {y}"
    return (
        f"every element of a product is a row times a column; the transpose is there because the "
        f"result has to have the shape {x}, and only {factors} has"
    )


def numbers(array: Any) -> list[str]:
    """Put the numbers in, if they are not too many."""
    if array.size > SHOWN or array.size == 0:
        return []
    text = np.array2string(array, precision=4, suppress_small=True, separator=", ")
    return [textwrap.indent(text, " " * 7)]
