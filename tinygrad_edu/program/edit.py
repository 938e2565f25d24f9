"""What is changed in a function's source before it is printed.

The text stays as it was written, but for these edits: type hints go, and decorators that register
an op; so does what only refuses wrong shapes and dtypes, for a program is for those of its run; a
docstring keeps its first paragraph; and global names become those that the things have got in the
program.
"""

from __future__ import annotations

import ast
import inspect
import math
import re
import textwrap
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tinygrad_edu.program.source import Sources

REGISTERING = (
    "differentiable",
    "implements",
    "composes",
    "wraps",
    "dispatched",
    "lru_cache",
    "cache",
)
SHAPES = frozenset({"shape", "dtype", "ndim", "size"})
WIDTH = 100
FOR_TOOLS = re.compile(r"  # (type:|noqa|fmt:|mypy:|pragma:).*$", re.MULTILINE)


def source_of(function: Any) -> str:
    """Return a function's source; that of a lambda, as a function's."""
    text = textwrap.dedent(inspect.getsource(function))
    try:
        tree = ast.parse(text)
    except SyntaxError:  # the lines of a lambda may begin in the middle of a call
        tree = ast.parse(f"({text.strip().rstrip(',')}\n)")
    if isinstance(tree.body[0], ast.FunctionDef):
        return text
    wanted = inspect.unwrap(function).__code__
    found = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Lambda)
        and parameters(node) == wanted.co_varnames[: len(parameters(node))]
    ]
    if len(found) != 1:
        raise OSError("several functions stand on one line")
    head, body = ast.unparse(found[0].args), ast.unparse(found[0].body)
    return f"def function({head}):\n    return {body}\n"


def parameters(node: ast.Lambda) -> tuple[str, ...]:
    """Name the parameters of a lambda."""
    return tuple(a.arg for a in (*node.args.args, *node.args.kwonlyargs))


class Editing:
    """The edits of one function's source.

    Parameters
    ----------
    text : the source of a ``def``.
    scope : what its global names stand for.
    sources : knows, or adds, what those are called in the program.
    """

    def __init__(self, text: str, scope: dict[str, Any], sources: Sources) -> None:
        self.text, self.scope, self.sources = text, scope, sources
        definition = ast.parse(text).body[0]
        assert isinstance(definition, ast.FunctionDef)  # noqa: S101  # by `source_of`
        self.definition = definition
        self.lines = text.splitlines(keepends=True)
        self.starts = [0]
        for line in self.lines:
            self.starts.append(self.starts[-1] + len(line))
        self.local = local_names(definition)
        self.edits: list[tuple[int, int, str]] = []
        self.gone: set[ast.AST] = set()

    def edited(self, name: str) -> str:
        """Return the text under another name."""
        at = self.start(self.definition) + len("def ")
        self.edits.append((at, at + len(self.definition.name), name))
        for node in ast.walk(self.definition):
            self.leave_out(node)
        for node in ast.walk(self.definition):
            if node not in self.gone:
                self.rename(node)
        text = self.text
        for start, end, new in sorted(self.edits, reverse=True):
            text = text[:start] + new + text[end:]
        return in_one_line(FOR_TOOLS.sub("", text).strip())

    # ------------------------------------------------------------------------- places
    def place(self, line: int, column: int) -> int:
        """Return the position in the text of a node's line and column, which counts bytes."""
        before = self.lines[line - 1].encode()[:column].decode()
        return self.starts[line - 1] + len(before)

    def start(self, node: Any) -> int:
        """Return where a node begins."""
        return self.place(node.lineno, node.col_offset)

    def end(self, node: Any) -> int:
        """Return where a node ends."""
        return self.place(node.end_lineno, node.end_col_offset)

    def remove(self, start: int, end: int, node: ast.AST, new: str = "") -> None:
        """Replace a part of the text, and with it what stands there."""
        self.edits.append((start, end, new))
        self.gone.update(ast.walk(node))

    # ------------------------------------------------------------------ what is left out
    def leave_out(self, node: ast.AST) -> None:
        """Take out type hints, registering decorators, checks, and most of a docstring."""
        if isinstance(node, ast.FunctionDef):
            self.leave_out_decorators(node)
            self.leave_out_checks(node)
            self.shorten_docstring(node)
            if node.returns is not None:
                arrow = self.text.rindex("->", 0, self.start(node.returns))
                before = len(self.text[:arrow].rstrip())
                self.remove(before, self.end(node.returns), node.returns)
        elif isinstance(node, ast.arg) and node.annotation is not None:
            after = self.start(node) + len(node.arg)
            end = self.end(node.annotation)
            spaced = self.text.startswith(" = ", end)
            self.remove(after, end + 3 * spaced, node.annotation, "=" * spaced)
        elif isinstance(node, ast.AnnAssign) and node.value is None:
            self.remove(self.start(node), self.end(node), node, "pass")
        elif isinstance(node, ast.AnnAssign):
            self.remove(self.end(node.target), self.end(node.annotation), node.annotation)

    def leave_out_decorators(self, node: ast.FunctionDef) -> None:
        """Keep the decorators that change what is computed: of an op, those under its rules."""
        names = [root_name(each) for each in node.decorator_list]
        below = names.index("differentiable") + 1 if "differentiable" in names else 0
        for position, (each, name) in enumerate(zip(node.decorator_list, names)):
            if position < below or name in REGISTERING:
                last = each.end_lineno or each.lineno
                self.remove(self.starts[each.lineno - 1], self.starts[last], each)

    def leave_out_checks(self, node: ast.FunctionDef) -> None:
        """Take out what does nothing but refuse arguments by their shapes and dtypes."""
        for each in node.body:
            call = each.value if isinstance(each, ast.Expr) else None
            name = root_name(call) if isinstance(call, ast.Call) else ""
            is_check = self.is_global(name) and only_refuses(self.scope[name])
            if is_check or refuses_shapes(each):
                last = each.end_lineno or each.lineno
                self.remove(self.starts[each.lineno - 1], self.starts[last], each)

    def shorten_docstring(self, node: ast.FunctionDef) -> None:
        """Keep the first paragraph: examples and references are about the library."""
        text = ast.get_docstring(node)
        if text is not None:
            first = " ".join(text.split("\n\n")[0].split())
            quoted = first.replace("\\", "\\\\").replace('"', '\\"')
            quoted = f'"""{quoted}"""'
            self.remove(self.start(node.body[0]), self.end(node.body[0]), node.body[0], quoted)

    # -------------------------------------------------------------------- what is renamed
    def rename(self, node: ast.AST) -> None:
        """Give what a global name stands for the name that it has in the program."""
        if isinstance(node, ast.Name) and self.is_global(node.id):
            new = self.sources.reference(self.scope[node.id], node.id)
        elif isinstance(node, ast.Attribute) and self.is_math(node.value):
            new = self.sources.reference(getattr(math, node.attr), node.attr)
            self.gone.add(node.value)
        else:
            return
        if new != self.text[self.start(node) : self.end(node)]:
            self.edits.append((self.start(node), self.end(node), new))

    def is_global(self, name: str) -> bool:
        """Tell whether a name stands for something outside of the function."""
        return name in self.scope and name not in self.local

    def is_math(self, node: ast.AST) -> bool:
        """Tell whether a name stands for Python's module of mathematics."""
        return (
            isinstance(node, ast.Name) and self.is_global(node.id) and self.scope[node.id] is math
        )


def refuses_shapes(node: ast.stmt) -> bool:
    """Tell whether a statement is ``if ...: raise ...``, by shapes and dtypes alone."""
    if not isinstance(node, ast.If) or node.orelse or not isinstance(node.body[0], ast.Raise):
        return False
    known = {
        id(name)
        for each in ast.walk(node.test)
        if isinstance(each, ast.Attribute) and each.attr in SHAPES
        for name in ast.walk(each)
    }
    return all(id(x) in known for x in ast.walk(node.test) if isinstance(x, ast.Name))


def only_refuses(function: Any) -> bool:
    """Tell whether a function returns nothing, and only raises errors."""
    try:
        (definition,) = ast.parse(source_of(function)).body
    except (OSError, TypeError, SyntaxError):
        return False
    nodes = list(ast.walk(definition))
    changes = any(
        isinstance(x, (ast.Attribute, ast.Subscript, ast.AugAssign))
        and (isinstance(x, ast.AugAssign) or isinstance(x.ctx, ast.Store))
        for x in nodes
    )
    returns = any(isinstance(x, ast.Return) and x.value is not None for x in nodes)
    return any(isinstance(x, ast.Raise) for x in nodes) and not returns and not changes


def in_one_line(text: str) -> str:
    """Write the head of a function in one line again, now that there is room for it."""
    definition = ast.parse(text).body[0]
    assert isinstance(definition, ast.FunctionDef)  # noqa: S101  # by `source_of`
    lines = text.split("\n")
    first, body = definition.lineno - 1, definition.body[0].lineno - 1
    head = f"def {definition.name}({ast.unparse(definition.args)}):"
    if body - first > 1 and len(head) <= WIDTH:
        lines[first:body] = [head]
    return "\n".join(lines)


def root_name(decorator: ast.expr) -> str:
    """Return the name of a decorator: the last part, without its arguments."""
    node = decorator.func if isinstance(decorator, ast.Call) else decorator
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def local_names(definition: ast.FunctionDef) -> set[str]:
    """Collect what is a parameter or is assigned to anywhere within a function."""
    names = {node.arg for node in ast.walk(definition) if isinstance(node, ast.arg)}
    for node in ast.walk(definition):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, (ast.FunctionDef, ast.ExceptHandler)) and node is not definition:
            names.add(node.name or "")
    return names
