"""The table of small mistakes: what a node of a rule's source may be replaced by."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

Change = tuple[str, Any]

OPPOSITES: dict[type, Any] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.Pow: ast.Mult,
    ast.FloorDiv: ast.Div, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd,
    ast.And: ast.Or, ast.Or: ast.And,
}  # fmt: skip
COMPARISONS: dict[type, tuple[Any, ...]] = {
    ast.Gt: (ast.GtE, ast.Lt), ast.GtE: (ast.Gt, ast.LtE), ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.GtE), ast.Eq: (ast.NotEq,), ast.NotEq: (ast.Eq,), ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,), ast.In: (ast.NotIn,), ast.NotIn: (ast.In,),
}  # fmt: skip
PARTS = ("T", "mT", "real", "imag")


def returned(function: Any) -> list[ast.expr]:
    """List the expressions that a function may return."""
    if isinstance(function, ast.Lambda):
        return [function.body]
    returns = [node for node in ast.walk(function) if isinstance(node, ast.Return)]
    return [node.value for node in returns if node.value is not None]


def alternatives(node: Any) -> Iterator[Change]:
    """List what may stand wrongly in a node's place, with the kind of the mistake."""
    if isinstance(node, ast.BinOp):
        yield from of_two(node)
    elif isinstance(node, ast.UnaryOp):
        yield ("sign", node.operand) if isinstance(node.op, ast.USub) else ("not", node.operand)
    elif isinstance(node, ast.BoolOp):
        yield "operator", ast.BoolOp(OPPOSITES[type(node.op)](), node.values)
        yield from (("dropped condition", value) for value in node.values)
    elif isinstance(node, ast.Compare) and len(node.ops) == 1:
        for other in COMPARISONS[type(node.ops[0])]:
            yield "comparison", ast.Compare(node.left, [other()], node.comparators)
    elif isinstance(node, ast.Constant):
        yield from of_constant(node.value)
    elif isinstance(node, ast.Call):
        yield from of_call(node)
    elif isinstance(node, ast.Attribute) and node.attr in PARTS:
        yield "dropped transpose or part", node.value
    elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
        yield "dropped index", node.value
    elif isinstance(node, ast.IfExp):
        yield "wrong branch", ast.IfExp(node.test, node.orelse, node.body)
    elif isinstance(node, ast.If):
        changed = ast.If(ast.UnaryOp(ast.Not(), node.test), node.body, node.orelse)
        yield "wrong branch", changed


def of_two(node: ast.BinOp) -> Iterator[Change]:
    opposite = OPPOSITES.get(type(node.op))
    if opposite is not None:
        yield "operator", ast.BinOp(node.left, opposite(), node.right)
    yield "dropped operand", node.left
    yield "dropped operand", node.right
    if not isinstance(node.op, (ast.Add, ast.Mult, ast.BitAnd, ast.BitOr)):
        yield "swapped operands", ast.BinOp(node.right, node.op, node.left)


def of_constant(value: Any) -> Iterator[Change]:
    if isinstance(value, bool):
        yield "constant", ast.Constant(not value)
    elif isinstance(value, (int, float, complex)):
        yield "constant", ast.Constant(value + 1)


def of_call(node: ast.Call) -> Iterator[Change]:
    plain = [each for each in node.args if not isinstance(each, ast.Starred)]
    is_method = isinstance(node.func, ast.Attribute) and not is_module(node.func.value)
    if is_method:
        yield "dropped call", node.func.value  # type: ignore[attr-defined]
    elif plain:
        yield "dropped call", plain[0]
    if len(plain) > 1 and plain == node.args:
        swapped = [plain[1], plain[0], *plain[2:]]
        yield "swapped arguments", ast.Call(node.func, swapped, node.keywords)
    for keyword in node.keywords:
        rest = [each for each in node.keywords if each is not keyword]
        yield "dropped setting", ast.Call(node.func, node.args, rest)


def is_module(node: Any) -> bool:
    """Tell ``np.exp`` and ``np.linalg.inv`` from ``x.sum``."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name) and node.id in ("np", "math")
