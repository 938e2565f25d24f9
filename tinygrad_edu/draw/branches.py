"""The part of a rule that applies: ``if`` and ``else`` decided by the shapes of one call.

A rule for ``x @ w`` has lines for vectors and for matrices; of a call with matrices, its reader
wants the one for these. Nothing is run here: tests are read, and a test that is not about shapes,
numbers of axes or plain numbers is left in the text.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Mapping
from copy import deepcopy
from operator import attrgetter
from typing import Any

import numpy as np

COMPARISONS: dict[type[ast.cmpop], Any] = {
    ast.Eq: operator.eq, ast.NotEq: operator.ne, ast.Lt: operator.lt, ast.LtE: operator.le,
    ast.Gt: operator.gt, ast.GtE: operator.ge, ast.Is: operator.is_, ast.IsNot: operator.is_not,
}  # fmt: skip
ATTRIBUTES = ("ndim", "shape", "size", "dtype", "dtype.kind")
KINDS = {"int": int, "float": float, "complex": complex, "bool": bool, "str": str, "tuple": tuple}


class UndecidedError(Exception):
    """A test is about something that is not known."""


def applicable(body: list[ast.stmt], known: Mapping[str, Any]) -> list[ast.stmt]:
    r"""Return the statements of a function that are run, as far as that can be told.

    Parameters
    ----------
    known : arrays, numbers and ``None`` by the names that they have in the function.

    Examples
    --------
    >>> import ast
    >>> from tinygrad_edu.draw.branches import applicable
    >>> body = ast.parse("if b == 2:\n    c = 2 * a\nelse:\n    c = a").body
    >>> [ast.unparse(each) for each in applicable(body, {"b": 2})]
    ['c = 2 * a']
    """
    found: list[ast.stmt] = []
    known = dict(known)
    for statement in body:
        more = [statement]
        if isinstance(statement, ast.If):
            try:
                branch = statement.body if _value(statement.test, known) else statement.orelse
                more = applicable(branch, known)
            except UndecidedError:
                pass
        else:
            more = [_Expressions(known).visit(deepcopy(statement))]
        found += more
        if found and isinstance(found[-1], (ast.Return, ast.Raise)):
            break
        for name in _assigned(more):
            known.pop(name, None)
    return found


def _assigned(statements: list[ast.stmt]) -> list[str]:
    """List the names that get another value."""
    nodes = [node for statement in statements for node in ast.walk(statement)]
    return [n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)]


class _Expressions(ast.NodeTransformer):
    """Decides ``a if test else b``."""

    def __init__(self, known: Mapping[str, Any]) -> None:
        self.known = known

    def visit_IfExp(self, node: ast.IfExp) -> ast.AST:
        try:
            chosen = node.body if _value(node.test, self.known) else node.orelse
        except UndecidedError:
            chosen = node
        return self.visit(chosen) if chosen is not node else node


def _value(test: ast.expr, known: Mapping[str, Any]) -> Any:
    """Work out a test."""
    if isinstance(test, ast.Constant):
        return test.value
    if isinstance(test, ast.Name) and test.id in known:
        return _plain(known[test.id])
    if isinstance(test, ast.Attribute):
        what, _, path = ast.unparse(test).partition(".")
        if path in ATTRIBUTES and isinstance(known.get(what), np.ndarray):
            return attrgetter(path)(known[what])
    elif isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return not _value(test.operand, known)
    elif isinstance(test, ast.BoolOp):
        values = [_value(each, known) for each in test.values]
        return all(values) if isinstance(test.op, ast.And) else any(values)
    elif isinstance(test, ast.Compare) and len(test.ops) == 1:
        compare = COMPARISONS.get(type(test.ops[0]))
        if compare is not None:
            return compare(_value(test.left, known), _value(test.comparators[0], known))
    elif isinstance(test, ast.Call):
        return _is_of_kind(test, known)
    raise UndecidedError


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        raise UndecidedError
    return value


def _is_of_kind(test: ast.Call, known: Mapping[str, Any]) -> bool:
    """Work out ``isinstance(x, (int, float))``."""
    if ast.unparse(test.func) != "isinstance" or len(test.args) != 2:
        raise UndecidedError
    subject, wanted = test.args
    names = wanted.elts if isinstance(wanted, ast.Tuple) else [wanted]
    kinds = tuple(KINDS.get(ast.unparse(name)) for name in names)
    if not isinstance(subject, ast.Name) or subject.id not in known or None in kinds:
        raise UndecidedError
    return isinstance(known[subject.id], kinds)  # type: ignore[arg-type]  # None is not in it
