"""An expression as text, and how tightly it binds: where parentheses have to stand.

Some stand for readers only: ``(a @ b) * c`` would be the same without, but nobody knows that.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from tinygrad_edu.program.literals import literal, ratio

ATOM, POWER_LEVEL, SIGN, PRODUCT, TERM, COMPARISON = 20, 15, 14, 13, 12, 8
LEVELS = {
    "**": POWER_LEVEL, "*": PRODUCT, "/": PRODUCT, "@": PRODUCT, "%": PRODUCT, "//": PRODUCT,
    "+": TERM, "-": TERM, "&": 11, "^": 10, "|": 9,
    ">": COMPARISON, "<": COMPARISON, ">=": COMPARISON, "<=": COMPARISON,
    "==": COMPARISON, "!=": COMPARISON,
}  # fmt: skip
BITS = ("&", "|", "^")


class Text(NamedTuple):
    """An expression, and how tightly it binds."""

    text: str
    level: int = ATOM
    symbol: str = ""

    def within(self, level: int) -> str:
        """Return the text, in parentheses if it binds less tightly than this."""
        return f"({self.text})" if self.level < level else self.text


def weak_text(x: Any, dtype: Any = None, with_point: bool = False) -> Text:
    """Write a Python number as one does in arithmetic: a whole one without a point, 1/3 as such.

    Among whole numbers alone, the point matters; then it stays.
    """
    fraction = ratio(x, dtype)
    if fraction is not None:
        return Text(f"{fraction.numerator} / {fraction.denominator}", PRODUCT)
    whole = isinstance(x, float) and abs(x) < 1e6 and x == int(x) and str(x) != "-0.0"
    text = str(int(x)) if whole and not with_point else literal(x)
    return Text(text, SIGN if text.startswith("-") else ATOM)


def is_operator(symbol: str, count: int) -> bool:
    """Tell whether Python has this operator; an op may have a sign of its own."""
    return symbol in ("-", "~", "+") if count == 1 else count == 2 and symbol in LEVELS


def operation(symbol: str, operands: list[Text]) -> Text:
    """Write operands with a symbol before or between them."""
    if len(operands) == 1:
        return Text(f"{symbol}{operands[0].within(SIGN + 1)}", SIGN, symbol)
    a, b = operands
    level = LEVELS[symbol]
    if symbol == "**":
        exponent = b.text if is_word(b.text.removeprefix("-")) else b.within(ATOM)
        spaced = "" if a.level == ATOM and is_word(a.text) and is_word(b.text.lstrip("-")) else " "
        return Text(f"{a.within(ATOM)}{spaced}**{spaced}{exponent}", level, symbol)
    mixed = level == PRODUCT == a.level and a.symbol != symbol
    left = f"({a.text})" if mixed or (level == COMPARISON == a.level) else a.within(level)
    if a.symbol in BITS or symbol in BITS:
        left = a.within(ATOM)
    right = b.within(ATOM if symbol in BITS else level + 1)
    return Text(f"{left} {symbol} {right}", level, symbol)


def is_word(text: str) -> bool:
    """Tell whether an expression is a name or a number."""
    return text.replace(".", "").replace("_", "").isalnum()
