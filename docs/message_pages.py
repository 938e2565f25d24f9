"""The page of error messages: what was written, what was said, and every message there is.

The first part is what the tests hold the core to, ``tests/core/messages.txt``, beside the code that
raised it, which is read from the test without running it. The second part goes through the source
of the package and collects every error that is raised there, with ``…`` where a shape, a name or
the like is filled in. Both are text on one page, so that the search of the site, and that of the
browser, find a message by any of its words.
"""

from __future__ import annotations

import ast
import builtins
import re
import textwrap
from collections.abc import Iterator
from html import escape
from itertools import groupby
from pathlib import Path

import tinygrad_edu

PACKAGE = Path(tinygrad_edu.__file__).parent
TESTS = Path(__file__).parents[1] / "tests" / "core"
FILLED_IN = "…"


# ------------------------------------------------------------------------- with their causes
def with_causes() -> str:
    """Write down the messages that the tests hold the core to, by type of error."""
    blocks = (TESTS / "messages.txt").read_text(encoding="utf-8").strip().split("\n\n")
    codes = causes()
    rows = []
    for block in blocks:
        fault, message = block.split("\n", 1)
        kind, _, text = message.strip().partition(": ")
        rows.append((kind, fault, text, codes[fault]))
    rows.sort(key=lambda row: row[0])
    parts = []
    for kind, group in groupby(rows, key=lambda row: row[0]):
        parts.append(f"## {kind}\n")
        for _, fault, text, code in group:
            parts.append(f"### {fault[0].upper()}{fault[1:]}\n\n{shown(code, 'text')}")
            parts.append(f'<p class="message">{as_html(kind, text)}</p>\n')
    return "\n".join(parts)


def as_html(kind: str, text: str) -> str:
    """Write a message as HTML, in which nothing is taken for markup."""
    return f"<b>{kind}</b>: {escape(text, quote=False)}"


def causes() -> dict[str, str]:
    """Read, by fault, the code that commits it."""
    text = (TESTS / "test_errors.py").read_text(encoding="utf-8")
    tree = ast.parse(text)
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    table = next(
        node.value
        for node in tree.body
        if isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == "FAULTS"
    )
    assert isinstance(table, ast.Dict)  # noqa: S101  # so it is written
    found = {}
    for key, value in zip(table.keys, table.values):
        assert isinstance(key, ast.Constant)  # noqa: S101  # so is this
        assert isinstance(value, ast.Tuple)  # noqa: S101  # and this
        found[key.value] = cause(value.elts[0], functions)
    return found


def cause(call: ast.expr, functions: dict[str, ast.FunctionDef]) -> str:
    """Write down what a call does: the body of the lambda or the function that it is."""
    if isinstance(call, ast.Call) and ast.unparse(call.func) == "broken_rule":
        rule = ast.unparse(call.args[0])
        return (
            f"doubled = tg.differentiable(x={rule})(lambda x: x * 2)\n"
            f"doubled(leaf(3)).sum().backward()"
        )
    body = call.body if isinstance(call, ast.Lambda) else call
    named = body.func if isinstance(body, ast.Call) else body
    function = functions.get(ast.unparse(named))
    if function is None or function.name in ("leaf", "cube", "fails"):
        return ast.unparse(body)
    given = body.args if isinstance(body, ast.Call) else function.args.defaults
    values = {
        argument.arg: ast.unparse(value) for argument, value in zip(function.args.args, given)
    }
    text = "\n".join(ast.unparse(line) for line in function.body)
    text = re.sub(r"name=(\w+)", lambda match: f"name={values.get(match[1], match[1])}", text)
    return text.replace(", name=None", "")


def shown(code: str, language: str) -> str:
    """Write down a block of code, in no language that asks to be run."""
    return f"```{language}\n{textwrap.dedent(code)}\n```\n"


# --------------------------------------------------------------------------------- all of them
def all_messages() -> str:
    """Write down every error that the package raises, by file."""
    parts = []
    for path in sorted(PACKAGE.rglob("*.py")):
        found = sorted(set(raised(ast.parse(path.read_text(encoding="utf-8")))))
        if found:
            parts.append(f"**`{path.relative_to(PACKAGE.parent).as_posix()}`**\n")
            items = [f"<li>{as_html(*each)}</li>" for each in found]
            parts += ['<ul class="messages">', *items, "</ul>", ""]
    return "\n".join(parts)


def raised(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """Go through the errors that a file makes: type and message."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args:
            kind = ast.unparse(node.func).rpartition(".")[2]
            if re.fullmatch(r"[A-Z]\w*(Error|Exception|Warning)", kind) or is_error(kind):
                text = " ".join(written(node.args[0]).split())
                if len(text.replace(FILLED_IN, "").strip()) > 8:  # else nothing of it is known
                    yield kind, text


def is_error(name: str) -> bool:
    """Tell whether this is the name of one of Python's own errors."""
    kind = getattr(builtins, name, None)
    return isinstance(kind, type) and issubclass(kind, BaseException)


def written(text: ast.expr) -> str:
    """Write down a text, with a mark where something is filled in."""
    if isinstance(text, ast.Constant):
        return str(text.value)
    if isinstance(text, ast.JoinedStr):
        return "".join(written(part) for part in text.values)
    if isinstance(text, ast.BinOp) and isinstance(text.op, ast.Add):
        return written(text.left) + written(text.right)
    return FILLED_IN
