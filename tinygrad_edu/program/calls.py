"""How the calls of ops are written that have a form of their own, or that NumPy has a function for.

``getitem`` is written with brackets, a transpose as ``x.T``. An op whose function is nothing but a
call of NumPy's function of the same name is written as that call.
"""

from __future__ import annotations

import ast
import inspect
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from tinygrad_edu.dispatch import OPS
from tinygrad_edu.op import Op
from tinygrad_edu.program.literals import Large, filled, index_literal, literal
from tinygrad_edu.program.passes.rewrite import (
    ADJOIN,
    ASTYPE,
    BROADCAST,
    COPY,
    RESHAPE,
    TRANSPOSE,
)
from tinygrad_edu.program.program import Assignment, Constant
from tinygrad_edu.program.text import ATOM, Text
from tinygrad_edu.several import PART

GETITEM = OPS[operator.getitem]
WITH_NUMPY_NAME = frozenset(
    {"sum", "mean", "prod", "max", "min", "var", "std", "cumsum", "cumprod"}
)


# ----------------------------------------------------------------------------- special forms
def copy_text(operands: list[Text], line: Assignment, large: Large) -> Text:
    """The method of arrays."""
    return Text(f"{operands[0].within(ATOM)}.copy()")


def adjoin_text(operands: list[Text], line: Assignment, large: Large) -> Text:
    """The transpose of a matrix, or of each matrix in a stack."""
    name = "T" if line.ndim == 2 else "mT"
    return Text(f"{operands[0].within(ATOM)}.{name}")


def transpose_text(operands: list[Text], line: Assignment, large: Large) -> Text:
    """The axes in another order."""
    axes = line.settings.get("axes")
    if axes is None:
        return Text(f"{operands[0].within(ATOM)}.T")
    moved = [i for i, axis in enumerate(axes) if i != axis % len(axes)]
    if len(moved) == 2:
        return Text(f"np.swapaxes({operands[0].text}, {moved[0]}, {moved[1]})")
    return Text(f"np.transpose({operands[0].text}, {literal(tuple(axes))})")


def getitem_text(operands: list[Text], line: Assignment, large: Large) -> Text:
    """Brackets."""
    return Text(f"{operands[0].within(ATOM)}[{index_literal(line.settings['index'], large)}]")


def part_text(operands: list[Text], line: Assignment, large: Large) -> Text:
    """One output of several."""
    return Text(f"{operands[0].within(ATOM)}[{line.settings['position']}]")


def astype_text(operands: list[Text], line: Assignment, large: Large) -> Text:
    """The method of arrays."""
    dtype = np.dtype(line.settings["dtype"])
    return Text(f"{operands[0].within(ATOM)}.astype(np.{dtype.type.__name__})")


def reshape_text(operands: list[Text], line: Assignment, large: Large) -> Text:
    """New axes between brackets, or the method of arrays."""
    x, shape = operands[0].within(ATOM), line.shape
    before = line.operands[0].shape
    if 0 < len(before) < len(shape) <= 4 and before == tuple(n for n in shape if n != 1):
        index = ", ".join("None" if n == 1 else ":" for n in shape)
        return Text(f"{x}[{index}]")
    given = line.settings["shape"]
    return Text(f"{x}.reshape({literal(given if len(given) != 1 else given[0])})")


def broadcast_text(operands: list[Text], line: Assignment, large: Large) -> Text:
    """An array of one number, or what is broadcast."""
    x = line.operands[0]
    if isinstance(x, Constant) and x.shape == () and line.shape:
        array = np.broadcast_to(np.asarray(x.value, line.dtype), line.shape)
        return Text(literal(array) if array.size > 1 else f"np.array({literal(array.tolist())})")
    return Text(f"np.broadcast_to({operands[0].text}, {literal(line.shape)})")


Special = Callable[[list[Text], Assignment, Large], Text]
SPECIAL: dict[Any, Special] = {
    COPY: copy_text,
    ADJOIN: adjoin_text,
    TRANSPOSE: transpose_text,
    GETITEM: getitem_text,
    PART: part_text,
    ASTYPE: astype_text,
    RESHAPE: reshape_text,
    BROADCAST: broadcast_text,
}


# --------------------------------------------------------------- functions that NumPy has
def plain_text(name: str, operands: list[Text], settings: dict[str, Any], large: Large) -> Text:
    """Write the call of a function that is no op."""
    texts = [x.text for x in operands]
    if settings:
        parts = [filled(each, texts, large) for each in settings["args"]]
        parts += [
            f"{key}={filled(each, texts, large)}" for key, each in settings["keywords"].items()
        ]
    else:
        parts = texts
    return Text(f"{name}({', '.join(parts)})")


def one_numpy_call(op: Op) -> ast.Call | None:
    """Return the expression of an op that is one call of the NumPy function of its name."""
    if op not in DIRECT:
        DIRECT[op] = _one_numpy_call(op)
    return DIRECT[op]


DIRECT: dict[Op, ast.Call | None] = {}


def _one_numpy_call(op: Op) -> ast.Call | None:
    try:
        source = inspect.getsource(op.forward)
        (definition,) = ast.parse(inspect.cleandoc(source)).body
    except (OSError, TypeError, SyntaxError, ValueError):
        return None
    if not isinstance(definition, ast.FunctionDef) or hasattr(op.forward, "__wrapped__"):
        return None
    body = definition.body[1:] if ast.get_docstring(definition) else definition.body
    if len(body) != 1 or not isinstance(body[0], ast.Return):
        return None
    call = body[0].value
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
        return None
    if call.func.attr != op.name:
        return None
    known = {*op.arguments, "np", *(a.arg for a in definition.args.kwonlyargs)}
    if any(isinstance(n, ast.Name) and n.id not in known for n in ast.walk(call)):
        return None
    simple = (*call.args, *(keyword.value for keyword in call.keywords))
    plain = [a.value if isinstance(a, ast.Starred) else a for a in simple]
    return call if all(isinstance(a, ast.Name) for a in plain) else None


def direct_text(call: ast.Call, op: Op, operands: list[Text], settings: dict[str, str]) -> Text:
    """Write the call with what it is given, leaving out settings that are as usual."""
    usual = defaults(op)
    given = {**usual, **settings}
    if axis_of_one(given.get("axis", "")):
        given["axis"] = given["axis"][1:-2]
    several = (
        bool(op.arguments) and len(op.arguments) == 1 and op.arguments[0] not in required_names(op)
    )
    values = dict(zip(op.arguments, (x.text for x in operands)))
    if several:
        row = ", ".join(x.text for x in operands)
        values = {op.arguments[0]: f"({row},)" if len(operands) == 1 else f"({row})"}
    parts = []
    for argument in call.args:
        if isinstance(argument, ast.Starred):
            parts += [x.text for x in operands]
        else:
            parts.append({**given, **values}[argument.id])  # type: ignore[attr-defined]
    for keyword in call.keywords:
        name = keyword.value.id  # type: ignore[attr-defined]
        text = {**given, **values}[name]
        if usual.get(name) != text:
            parts.append(f"{keyword.arg}={text}")
    return Text(f"{callee(call, operands, parts)}({', '.join(parts)})")


def axis_of_one(text: str) -> bool:
    """Tell whether an axis is written as a tuple of one."""
    return text.startswith("(") and text.endswith(",)") and text[1:-2].lstrip("-").isdigit()


def callee(call: ast.Call, operands: list[Text], parts: list[str]) -> str:
    """Write what is called: a NumPy function, also where the op calls an array's method."""
    function: Any = call.func
    text = ast.unparse(function)
    if text.startswith("np."):
        return text
    if function.attr in WITH_NUMPY_NAME:
        parts.insert(0, operands[0].text)
        return f"np.{function.attr}"
    return f"{operands[0].within(ATOM)}.{function.attr}"


def defaults(op: Op) -> dict[str, str]:
    """Return an op's settings that have usual values, as these are written."""
    try:
        parameters = inspect.signature(op.forward).parameters.values()
    except ValueError:  # a function written in C need not say
        return {}
    return {
        p.name: literal(p.default)
        for p in parameters
        if p.kind is p.KEYWORD_ONLY and p.default is not p.empty
    }


def in_order(op: Op, settings: dict[str, Any]) -> list[str]:
    """List settings in the order of the op's signature."""
    try:
        known = list(inspect.signature(op.forward).parameters)
    except ValueError:
        known = []
    return sorted(settings, key=[*known, *settings].index)


def required_names(op: Op) -> set[str]:
    """Return the names of the data arguments that take one array each."""
    parameters = inspect.signature(op.forward).parameters.values()
    return {p.name for p in parameters if p.kind is not p.VAR_POSITIONAL}


def required(op: Op) -> int:
    """Count the data arguments that cannot be left out."""
    try:
        parameters = inspect.signature(op.forward).parameters.values()
    except ValueError:
        return 0
    return sum(1 for p in parameters if p.default is p.empty and p.kind is p.POSITIONAL_OR_KEYWORD)
