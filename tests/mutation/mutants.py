"""Mutants of the derivative rules: the same functions, with one small thing in each of them wrong.

A rule's source is parsed, one node of it is replaced, and the result compiled; the rule is then
made to run that code, wherever it is called from. What is replaced by what is the table in
``changes.py``. Next: ``run.py``, which counts the mutants that the laws of ``laws.py`` notice.
"""

from __future__ import annotations
import __future__

import ast
import copy
import dis
import inspect
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any, NamedTuple

from mutation.changes import alternatives, returned
from samples import OPS

from tinygrad_edu import backprop
from tinygrad_edu.op import Op, RuleOfEach
from tinygrad_edu.several import Parts
from tinygrad_edu.tensor import Tensor


class Target(NamedTuple):
    """A function to mutate: its name, the ops whose rules it is or helps, and which of the two."""

    function: FunctionType
    where: str
    ops: list[Op]
    is_rule: bool


class Mutant(NamedTuple):
    """One change of one function."""

    target: Target
    code: CodeType
    kind: str
    change: str
    is_whole: bool  # whether a rule's result as a whole is spoiled

    def __str__(self) -> str:
        return f"{self.target.where}: {self.change}"

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Let the function run the changed code for a while."""
        function = self.target.function
        correct = function.__code__
        function.__code__ = self.code
        try:
            yield
        finally:
            function.__code__ = correct


# ------------------------------------------------------------------- which functions are mutated
def targets() -> list[Target]:
    """List the rules, and the functions of the package that they call, each once.

    The ops that a rule calls are no part of it: they have rules and laws of their own.
    """
    found: dict[FunctionType, Target] = {}
    for op in OPS.values():
        rules = [op.rules.rule] if isinstance(op.rules, RuleOfEach) else list(op.rules)
        for argument, rule in zip(op.arguments, rules):
            if rule is None:
                continue
            first = inspect.unwrap(rule)
            names = {first: f"{op.name}.{argument}"}
            for function in called_by(first):
                where = names.get(function, f"{function.__module__}.{function.__qualname__}")
                target = Target(function, where, [], function is first)
                found.setdefault(function, target).ops.append(op)
    return list(found.values())


def targets_in_the_walk() -> list[Target]:
    """List the functions that carry gradients from one rule to the next."""
    functions: list[Any] = [
        backprop.walk, backprop._fit, backprop._own, backprop._leading_to, Parts.__add__,
        Parts.__getitem__, Tensor._grad_plus,
    ]  # fmt: skip
    return [Target(each, f"{each.__module__}.{each.__qualname__}", [], False) for each in functions]


def called_by(function: FunctionType) -> list[FunctionType]:
    """List a function and all of the package's that it may call, but ops."""
    reached, waiting = [], [function]
    while waiting:
        function = waiting.pop()
        if function in reached:
            continue
        reached.append(function)
        for name in names_read_by(function.__code__):
            value = function.__globals__.get(name)
            inner = inspect.unwrap(value) if callable(value) else None
            ours = isinstance(inner, FunctionType) and inner.__module__.startswith(
                "tinygrad_edu.ops."
            )
            if ours and not hasattr(value, "op"):
                waiting.append(inner)
    return reached


def names_read_by(code: CodeType) -> set[str]:
    """List the names of the module that a function reads, itself or in a comprehension."""
    found = {i.argval for i in dis.get_instructions(code) if i.opname == "LOAD_GLOBAL"}
    inner = (each for each in code.co_consts if isinstance(each, CodeType))
    return found.union(*map(names_read_by, inner))


# ------------------------------------------------------------------------------- making mutants
def mutants_of(target: Target, only_whole: bool = False) -> Iterator[Mutant]:
    """Make every mutant of a function; or, of a rule, those that spoil its result as a whole."""
    node = source_of(target.function)
    results = returned(node) if target.is_rule else []
    seen: Counter[str] = Counter()
    for number, part in enumerate(ast.walk(node)):
        changes: list[Any] = []
        if not only_whole and part not in protected(node, bool(target.ops)):
            changes += alternatives(part)
        within = len(changes)
        if part in results:
            changes += wrapped(part)
        for i, (kind, changed) in enumerate(changes):
            mutant = replaced(node, number, changed)
            code = compiled(mutant, target.function)
            if code.co_freevars != target.function.__code__.co_freevars:
                continue
            change = described(node, mutant, number)
            seen[change] += 1
            again = f" ({seen[change]})" if seen[change] > 1 else ""
            yield Mutant(target, code, kind, change + again, i >= within)


SMALL = (ast.Constant, ast.UnaryOp, ast.Slice, ast.Tuple, ast.keyword)


def described(node: Any, mutant: Any, number: int) -> str:
    """Write a change down, with as much around it as it takes to see what it is about."""
    path = path_to(node, number)
    while path and isinstance(at(node, path), SMALL):
        path = path[:-1]
    before, after = (ast.unparse(at(tree, path)).partition("\n")[0] for tree in (node, mutant))
    return f"{before} -> {after}"


def path_to(node: Any, number: int) -> list[tuple[str, int | None]]:
    """Return the fields that lead to the node of this number."""
    paths: dict[ast.AST, list[tuple[str, int | None]]] = {node: []}
    for i, part in enumerate(ast.walk(node)):
        if i == number:
            return paths[part]
        for field, value in ast.iter_fields(part):
            if isinstance(value, ast.AST):
                paths[value] = [*paths[part], (field, None)]
            elif isinstance(value, list):
                for index, each in enumerate(value):
                    if isinstance(each, ast.AST):
                        paths[each] = [*paths[part], (field, index)]
    raise LookupError(number)


def at(node: Any, path: list[tuple[str, int | None]]) -> Any:
    for field, index in path:
        value = getattr(node, field)
        node = value if index is None else value[index]
    return node


def wrapped(result: Any) -> list[tuple[str, ast.expr]]:
    """Spoil a rule's result as a whole."""
    return [
        ("sign", ast.UnaryOp(ast.USub(), result)),
        ("factor 2", ast.BinOp(ast.Constant(2), ast.Mult(), result)),
        ("transposed", ast.Attribute(result, "T", ast.Load())),
    ]


@cache
def parsed(path: str) -> ast.Module:
    return ast.parse(Path(path).read_text(encoding="utf-8"))


def source_of(function: FunctionType) -> Any:
    """Find the lambda or definition that a function was made by."""
    code = function.__code__
    kind = ast.Lambda if function.__name__ == "<lambda>" else ast.FunctionDef
    for node in ast.walk(parsed(code.co_filename)):
        if not isinstance(node, kind):
            continue
        decorators = getattr(node, "decorator_list", [])
        line = min([node.lineno, *(each.lineno for each in decorators)])
        if line == code.co_firstlineno:
            copied = copy.deepcopy(node)
            if isinstance(copied, ast.FunctionDef):
                copied.decorator_list = []
            if alike(compiled(copied, function), code):
                return copied
    raise LookupError(f"no source for {function.__qualname__}, line {code.co_firstlineno}")


def compiled(node: Any, function: FunctionType) -> CodeType:
    """Compile a lambda or a definition, as a part of a function that has its free variables."""
    inner = [node] if isinstance(node, ast.FunctionDef) else [ast.Expr(node)]
    outer = ast.parse("def outer(): pass").body[0]
    assert isinstance(outer, ast.FunctionDef)
    outer.args.args = [ast.arg(name) for name in function.__code__.co_freevars]
    outer.body = inner
    module = ast.fix_missing_locations(ast.Module([outer], []))
    flags = __future__.annotations.compiler_flag
    whole = compile(module, function.__code__.co_filename, "exec", flags, dont_inherit=True)
    return code_within(code_within(whole, "outer"), function.__code__.co_name)


def code_within(code: CodeType, name: str) -> CodeType:
    return next(c for c in code.co_consts if isinstance(c, CodeType) and c.co_name == name)


def alike(one: CodeType, other: CodeType) -> bool:
    """Tell whether two codes read the same names and constants in the same order.

    Their instructions may differ: a name that its module imports is looked up in another way.
    """

    def reads(code: CodeType) -> list[Any]:
        loads = (i.argval for i in dis.get_instructions(code) if i.opname.startswith("LOAD_"))
        read = [getattr(value, "co_name", repr(value)) for value in loads]
        return [value for value in read if "<locals>" not in value]  # where it was defined

    return reads(one) == reads(other)


@cache
def protected(node: Any, in_a_rule: bool) -> frozenset[ast.AST]:
    """List what is left alone: types, messages, and in a rule what only refuses.

    What a rule refuses is tested elsewhere, together with what it says.
    """
    parts: set[ast.AST] = set(ast.walk(node.args))
    if isinstance(node, ast.FunctionDef) and node.returns is not None:
        parts |= set(ast.walk(node.returns))
    for each in ast.walk(node):
        if isinstance(each, ast.AnnAssign):
            parts |= set(ast.walk(each.annotation))
        if isinstance(each, ast.Raise):
            parts |= set(ast.walk(each))
        if in_a_rule and isinstance(each, ast.If) and isinstance(each.body[-1], ast.Raise):
            parts |= {each, *ast.walk(each.test)}
            for statement in each.body:
                parts |= set(ast.walk(statement))
    return frozenset(parts)


def replaced(node: Any, number: int, changed: Any) -> Any:
    """Return a copy of a function in which one node is another."""
    mutant = copy.deepcopy(node)
    old = next(part for i, part in enumerate(ast.walk(mutant)) if i == number)
    return Replacement(old, copy.deepcopy(changed)).visit(mutant)


class Replacement(ast.NodeTransformer):
    """Puts one node in another's place."""

    def __init__(self, old: ast.AST, changed: ast.AST) -> None:
        self.old, self.changed = old, changed

    def visit(self, node: ast.AST) -> Any:
        return self.changed if node is self.old else self.generic_visit(node)
