"""The rules of an op as text: the very lines in which they were written.

A rule stands as a lambda, or as a named function, beside its argument's name. Its source is parsed,
so that the reader meets it as it stands in ``ops/``; ``branches.py`` leaves the part that applies.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Mapping
from copy import deepcopy
from functools import lru_cache, partial
from typing import Any

from tinygrad_edu.draw.branches import applicable
from tinygrad_edu.op import Op, RuleOfEach

Function = ast.Lambda | ast.FunctionDef


Names = tuple[str, str, Mapping[int, str]]  # of dy, of y, and of the inputs by position


def rule_texts(
    op: Op, y: Any, inputs: Mapping[int, Any], names: Names | None = None
) -> dict[int, str]:
    """Return a call's rules by the position of the argument; without those that there are not.

    Parameters
    ----------
    y : the output; None for several.
    inputs : what the op was called with, by position: arrays and plain numbers.
    names : what to write in place of the rule's own names.

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_edu.draw.rules import rule_texts
    >>> from tinygrad_edu.ops.linalg import matmul
    >>> a, b = np.ones((2, 3)), np.ones((3, 4))
    >>> rule_texts(matmul.op, a @ b, {0: a, 1: b})
    {0: 'dy @ b.T', 1: 'a.T @ dy'}
    """
    found = {}
    several = isinstance(op.rules, RuleOfEach)
    values = [inputs.get(position) for position in range(max(inputs, default=-1) + 1)]
    for position, (_, rule) in enumerate(zip(values, op.rules)):
        if rule is not None and position in inputs:
            argument = op.arguments[0 if several else position]
            called = None if names is None else (*names[:2], *map(names[2].get, range(len(values))))
            found[position] = rule_text(rule, argument, (y, y, *values), called)
    return found


def rule_text(
    rule: Callable[..., Any],
    argument: str,
    given: tuple[Any, ...],
    names: tuple[str | None, ...] | None = None,
) -> str:
    """Return what a rule computes: an expression, or the lines of its function.

    A rule whose source is not to be had, as that of a function written in C, is named.

    Parameters
    ----------
    argument : the name of what it is the rule for.
    given : what it is called with: ``dy``, ``y`` and the inputs.
    names : what these are called in the text, if not as in the rule.
    """
    if isinstance(rule, partial):
        rule = rule.func
    code = getattr(inspect.unwrap(rule), "__code__", None)
    function = None if code is None else _find(code, argument)
    if function is None:
        return f"{getattr(rule, '__name__', type(rule).__name__)}(dy, y, ...)"
    parameters = [each.arg for each in function.args.args]
    known = dict(zip(parameters, given))
    if given[1] is None:  # several outputs, of which nothing is known
        known = dict(list(known.items())[2:])
    if isinstance(function, ast.Lambda):
        body: list[ast.stmt] = [ast.Return(function.body)]
    else:
        body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    called = {p: name for p, name in zip(parameters, names or ()) if name is not None}
    flat = all(getattr(value, "ndim", 0) <= 2 for value in given)
    body = [_Reworded(called, flat).visit(deepcopy(each)) for each in applicable(body, known)]
    return "\n".join(_written(each) for each in _only(body))


class _Reworded(ast.NodeTransformer):
    """Writes an expression for readers: products with ``@``, and other names if there are.

    Whatever is in those names: the text is never run.
    """

    def __init__(self, names: dict[str, str], flat: bool) -> None:
        self.names = names
        self.flat = flat  # whether all arrays have at most two axes

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return ast.Name(self.names.get(node.id, node.id), node.ctx)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        if ast.unparse(node.func) == "matmul" and len(node.args) == 2:
            return ast.BinOp(node.args[0], ast.MatMult(), node.args[1])
        return node

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        self.generic_visit(node)
        if self.flat and node.attr == "mT":
            return ast.Attribute(node.value, "T", node.ctx)
        return node


def _only(body: list[ast.stmt]) -> list[Any]:
    """Take the expression out of a lone ``return``."""
    if len(body) == 1 and isinstance(body[0], ast.Return) and body[0].value is not None:
        return [body[0].value]
    return body


def _written(node: ast.AST) -> str:
    return ast.unparse(ast.fix_missing_locations(node))


def _find(code: Any, argument: str) -> Function | None:
    """Find the function of some code in its file."""
    try:
        text = "".join(inspect.findsource(code)[0])
    except (OSError, TypeError):  # no file, as of what was typed at a prompt
        return None
    found = _functions(text).get((code.co_name, code.co_firstlineno), [])
    of_this_name = [function for keyword, function in found if keyword == argument]
    candidates = of_this_name or [function for _, function in found]
    return candidates[0] if len(candidates) == 1 else None


@lru_cache(maxsize=100)
def _functions(text: str) -> dict[tuple[str, int], list[tuple[str | None, Function]]]:
    """List the functions of a file by name and line, with the keyword that they are given for."""
    try:
        tree = ast.parse(text)
    except SyntaxError:  # the file has changed since
        return {}
    nodes = list(ast.walk(tree))
    keywords: dict[ast.AST, str | None] = {}
    for node in nodes:
        if isinstance(node, ast.keyword):
            keywords[node.value] = node.arg
        elif isinstance(node, ast.Dict):
            named = zip(node.keys, node.values)
            keywords |= {v: str(k.value) for k, v in named if isinstance(k, ast.Constant)}
    found: dict[tuple[str, int], list[tuple[str | None, Function]]] = {}
    for node in nodes:
        if isinstance(node, (ast.Lambda, ast.FunctionDef)):
            name = getattr(node, "name", "<lambda>")
            first: Any = (getattr(node, "decorator_list", None) or [node])[0]
            found.setdefault((name, first.lineno), []).append((keywords.get(node), node))
    return found
