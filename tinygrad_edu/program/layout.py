"""Lines of a program on the page: indented, comments in a column, and none too long."""

from __future__ import annotations

import ast
import textwrap
from typing import Any, NamedTuple

WIDEST = 72  # columns, behind which no comment is moved to make it line up
WIDTH = 96  # columns, beyond which a line is broken
GLUE = "\N{NO-BREAK SPACE}"  # within an argument, so that no line ends there


class Row(NamedTuple):
    """One line of a function: code, and a comment."""

    code: str
    comment: str = ""


def layout(rows: list[Row]) -> list[str]:
    """Indent the lines, break the long ones, and let the comments of the others line up."""
    widths = [len(row.code) for row in rows if row.comment and len(row.code) <= WIDEST]
    column = max(widths, default=0)
    lines = []
    for row in rows:
        code = row.code.ljust(column) if row.comment else row.code
        line = f"    {code}  # {row.comment}" if row.comment else f"    {code}"
        if len(row.code) <= WIDTH - 8:
            lines.append(line)
        else:
            *before, last = broken(row.code)
            lines += [*before, f"{last}  # {row.comment}" if row.comment else last]
    return lines


def broken(code: str) -> list[str]:
    """Break a statement behind its first parenthesis, as formatters do."""
    opening = opening_of_all(code)
    if opening is None:
        head, _, expression = code.partition(" = ") if " = " in code else code.partition(" ")
        sign = " = (" if " = " in code else " ("
        opening, code = len(head) + len(sign) - 1, f"{head}{sign}{expression})"
    whole_parts = [part.replace(" ", GLUE) for part in arguments(code[opening + 1 : -1])]
    inner = textwrap.fill(
        ", ".join(whole_parts), WIDTH - 8, break_long_words=False, break_on_hyphens=False
    ).replace(GLUE, " ")
    return [
        f"    {code[: opening + 1]}",
        *textwrap.indent(inner, " " * 8).split("\n"),
        f"    {code[-1]}",
    ]


def arguments(text: str) -> list[str]:
    """Take a row of arguments apart, at commas that stand in no parentheses."""
    parts, depth = [""], 0
    for c in text:
        depth += (c in "([{") - (c in ")]}")
        if c == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += c
    return [part.strip() for part in parts]


def opening_of_all(code: str) -> int | None:
    """Find the parenthesis that the last one of a statement closes, if that is a whole call."""
    try:
        statement: Any = ast.parse(code if not code.startswith("return") else "x").body[0]
    except SyntaxError:
        return None
    call = getattr(statement, "value", None)
    if not isinstance(call, ast.Call) or not code.isascii():
        return None
    opening = int(call.func.end_col_offset or 0)
    return opening if opening < WIDTH - 24 else None
