r"""A program as formulas: what is matrix product, what is elementwise, what is transposed.

``a @ b`` is written ``a\,b``, and ``a * b`` of arrays ``a \odot b``; a derivative of an activation
in terms of its output, ``y * (1 - y)``, becomes ``\sigma'(...)`` again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from tinygrad_edu.dispatch import OPS
from tinygrad_edu.ops.activation import sigmoid
from tinygrad_edu.program.latex_sums import mean, reshaped, summed
from tinygrad_edu.program.passes.rewrite import (
    ADD,
    ADJOIN,
    BROADCAST,
    DIVIDE,
    MATMUL,
    MULTIPLY,
    NEGATIVE,
    POWER,
    SUBTRACT,
    SUM,
    is_call,
    operand,
    uniform,
)
from tinygrad_edu.program.plain import PlainOp
from tinygrad_edu.program.program import Assignment, Constant, Program, Value
from tinygrad_edu.program.symbols import (
    ATOM,
    PRODUCT,
    SIGN,
    SUPERSCRIPT,
    TERM,
    Formula,
    array_of,
    escaped,
    index_of,
    number,
    of_one_number,
    ones,
    parenthesized,
    symbol,
)
from tinygrad_edu.program.unpack import unpacked

SIGMOID = sigmoid.op  # type: ignore[attr-defined]  # put there by the decorator
FUNCTIONS = {
    "exp": r"\exp", "log": r"\ln", "sin": r"\sin", "cos": r"\cos", "tan": r"\tan",
    "sinh": r"\sinh", "cosh": r"\cosh", "tanh": r"\tanh", "arcsin": r"\arcsin",
    "arccos": r"\arccos", "arctan": r"\arctan", "sigmoid": r"\sigma", "maximum": r"\max",
    "minimum": r"\min", "det": r"\det",
}  # fmt: skip
LONGEST_ARGUMENT = 90  # characters of what a derivative of an activation is taken at
LOGIC = {"&": r"\wedge", "|": r"\vee"}
RELATIONS = {">": ">", ">=": r"\geq", "<": "<", "<=": r"\leq", "==": "=", "!=": r"\neq"}


def latex(program: Program, names: Mapping[Value, str], environment: str = "aligned") -> str:
    r"""Write a program as equations, in an environment of LaTeX that lines them up.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.program import derive
    >>> x = tg.Tensor([[1.0, 2.0]], name="x")
    >>> w = tg.Tensor([[0.5], [0.25]], requires_grad=True, name="w")
    >>> print(derive((x @ w).sum()).latex())
    \begin{aligned}
    \mathrm{loss} &= \sum_{ij} \left(x\,w\right)_{ij} \\
    \frac{\partial\,\mathrm{loss}}{\partial\,w} &= x^{\top}\,\mathbf{1}_{1 \times 1}
    \end{aligned}
    """
    writer = Formulas(names)
    calls = unpacked(program)
    parts = {part for call in calls.values() for part in call}
    rows = [
        f"{left_side(line, calls, names)} &= {writer.written(line).text}"
        for line in program.assignments
        if line not in parts
    ]
    for label, output in zip(program.labels, program.outputs):
        if names.get(output) != label:
            rows.append(f"{symbol(label)} &= {writer.text(output).text}")
    body = " \\\\\n".join(rows)
    return f"\\begin{{{environment}}}\n{body}\n\\end{{{environment}}}"


def left_side(line: Assignment, calls: Mapping[Value, Any], names: Mapping[Value, str]) -> str:
    """Write what a line is called, or its results if it has several."""
    if line not in calls:
        return symbol(names[line])
    results = [r"\cdot" if part is None else symbol(names[part]) for part in calls[line]]
    return rf"\left({', '.join(results)}\right)"


class Formulas:
    """Writes values as formulas."""

    def __init__(self, names: Mapping[Value, str]) -> None:
        self.names = names

    def text(self, value: Value) -> Formula:
        """Write an operand: its name, or what it is computed by."""
        if value not in self.names:
            return self.written(value)
        name = self.names[value]
        return Formula(symbol(name), SUPERSCRIPT if name.startswith("d_") else ATOM)

    def written(self, value: Value) -> Formula:
        """Write a value out."""
        filled = uniform(value)
        if filled is not None and value.shape:
            return of_one_number(filled, value.shape)
        if isinstance(value, Constant):
            return number(value.value) if value.shape == () else Formula(array_of(value.shape))
        if not isinstance(value, Assignment):
            raise ValueError(f"{value!r} has no name")
        derivative = self.of_activation(value)
        if derivative is not None:
            return derivative
        rule = RULES.get(value.op)
        if rule is not None:
            return rule(self, value)
        return self.call(value)

    def call(self, line: Assignment) -> Formula:
        """Write a function of its operands."""
        parts = [self.text(each) for each in line.operands]
        text = ", ".join(part.text for part in parts)
        op, name = line.op, line.op.name.rpartition(".")[2]
        if isinstance(op, PlainOp) and op.symbol in LOGIC and len(parts) == 2:
            return Formula(
                f"{parts[0].within(ATOM)} {LOGIC[op.symbol]} {parts[1].within(ATOM)}", TERM
            )
        if isinstance(op, PlainOp) and op.symbol in RELATIONS and len(parts) == 2:
            relation = RELATIONS[op.symbol]
            return Formula(rf"\left[{parts[0].text} {relation} {parts[1].text}\right]")
        if name == "sqrt":
            return Formula(rf"\sqrt{{{text}}}")
        if name == "absolute":
            return Formula(rf"\left|{text}\right|")
        if name in ("getitem", "part"):
            return Formula(parts[0].within(ATOM) + index_of(line))
        if name == "reshape":
            return reshaped(parts[0], line)
        head = FUNCTIONS.get(name, rf"\operatorname{{{escaped(name)}}}")
        axis = line.settings.get("axis", line.settings.get("axes"))
        if axis is not None:
            head += f"_{{{','.join(map(str, np.atleast_1d(axis)))}}}"
        return Formula(f"{head}{parenthesized(text)}")

    def of_activation(self, line: Assignment) -> Formula | None:
        """Recognize ``y * (1 - y)`` of a sigmoid's, and ``1 - y * y`` of a tanh's output."""
        y = None
        if line.op is MULTIPLY:
            y, other = line.operands
            if is_call(y, SUBTRACT):
                y, other = other, y
            if not is_call(y, SIGMOID) or not is_one_minus(other, y):
                return None
            name = r"\sigma"
        elif is_one_minus(line, None) and is_square(line.operands[1]):
            y = operand(line.operands[1])
            if not isinstance(y, Assignment) or y.op.name != "tanh":
                return None
            name = r"\tanh"
        inside = "" if y is None else self.text(operand(y)).text
        if not inside or len(inside) > LONGEST_ARGUMENT:
            return None
        return Formula(f"{name}'{parenthesized(inside)}")


def is_one_minus(value: Value, y: Value | None) -> bool:
    """Tell whether a value is 1 minus another."""
    if not is_call(value, SUBTRACT) or not isinstance(value, Assignment):
        return False
    one, other = value.operands
    return uniform(one) == 1 and (y is None or other is y)


def is_square(value: Value) -> bool:
    """Tell whether a value is the product of something with itself."""
    return is_call(value, MULTIPLY) and value.operands[0] is value.operands[1]  # type: ignore[attr-defined]


# ------------------------------------------------------------------------------- the ops
def add(writer: Formulas, line: Assignment) -> Formula:
    """``a + b``."""
    a, b = (writer.text(each) for each in line.operands)
    return Formula(f"{a.within(TERM)} + {b.within(TERM)}", TERM)


def subtract(writer: Formulas, line: Assignment) -> Formula:
    """``a - b``."""
    a, b = (writer.text(each) for each in line.operands)
    return Formula(f"{a.within(TERM)} - {b.within(SIGN)}", TERM)


def negative(writer: Formulas, line: Assignment) -> Formula:
    """``-a``."""
    x = writer.text(line.operands[0])
    return Formula(f"-{x.within(SIGN + 1)}", SIGN, x.kind)


def multiply(writer: Formulas, line: Assignment) -> Formula:
    """A product of numbers, of a number with an array, or element by element."""
    a, b = line.operands
    if a.shape == () or b.shape == ():
        if isinstance(b, Constant) and not isinstance(a, Constant):
            a, b = b, a
        sign = r" \cdot " if isinstance(b, Constant) else r"\,"
        return product(writer, a, b, sign, "number")
    return product(writer, a, b, r" \odot ", "elements")


def matmul(writer: Formulas, line: Assignment) -> Formula:
    """``a b``."""
    a, b = line.operands
    return product(writer, a, b, r"\,", "matrices")


def product(writer: Formulas, a: Value, b: Value, sign: str, kind: str) -> Formula:
    """Write two factors; what is a product of another kind stands in parentheses.

    A number or a sign in front belongs to the whole, wherever one thinks of parentheses.
    """
    left, right = writer.text(a), writer.text(b)
    mixed = left.level == PRODUCT and left.kind not in (kind, "number")
    first = parenthesized(left.text) if mixed else left.within(SIGN)
    second = right.within(PRODUCT + 1)
    return Formula(f"{first}{sign}{second}", SIGN if left.level == SIGN else PRODUCT, kind)


def divide(writer: Formulas, line: Assignment) -> Formula:
    """A fraction."""
    a, b = (writer.text(each) for each in line.operands)
    return Formula(rf"\frac{{{a.text}}}{{{b.text}}}", SUPERSCRIPT)


def power(writer: Formulas, line: Assignment) -> Formula:
    """A power; elementwise ones are marked."""
    a, b = (writer.text(each) for each in line.operands)
    sign = r"\odot " if line.operands[0].shape and not line.operands[1].shape else ""
    return Formula(f"{a.within(ATOM)}^{{{sign}{b.text}}}", SUPERSCRIPT)


def adjoin(writer: Formulas, line: Assignment) -> Formula:
    """A transpose."""
    return Formula(rf"{writer.text(line.operands[0]).within(ATOM)}^{{\top}}", SUPERSCRIPT)


def broadcast(writer: Formulas, line: Assignment) -> Formula:
    """A number times ones, or what is broadcast."""
    x = line.operands[0]
    text = writer.text(x).within(PRODUCT)
    if x.shape == ():
        return Formula(rf"{text}\,{ones(line.shape)}", PRODUCT)
    return Formula(rf"\operatorname{{broadcast}}{parenthesized(writer.text(x).text)}")


RULES: dict[Any, Callable[[Formulas, Assignment], Formula]] = {
    ADD: add, SUBTRACT: subtract, NEGATIVE: negative, MULTIPLY: multiply, MATMUL: matmul,
    DIVIDE: divide, POWER: power, ADJOIN: adjoin, SUM: summed, BROADCAST: broadcast,
    OPS[np.mean]: mean,
}  # fmt: skip
