"""Names, numbers and indices as formulas.

Names may be any text, and none of it may mean anything to TeX.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any, NamedTuple

import numpy as np

from tinygrad_edu.program.literals import UnprintableError, index_literal, ratio, short_number
from tinygrad_edu.program.program import Assignment

MANY_DIGITS = 6  # of a number in a formula
ATOM, SUPERSCRIPT, PRODUCT, SIGN, TERM = 20, 18, 13, 12, 11
GREEK = (
    "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa",
    "lambda", "mu", "nu", "xi", "pi", "rho", "sigma", "tau", "upsilon", "phi", "chi", "psi",
    "omega",
)  # fmt: skip
OF_GREEK = {unicodedata.lookup(f"GREEK SMALL LETTER {name.upper()}"): name
            for name in GREEK if name != "lambda"}  # fmt: skip
OF_GREEK["λ"] = "lambda"
OF_GREEK.update({
    unicodedata.lookup(f"GREEK CAPITAL LETTER {name.upper()}"): name.capitalize()
    for name in ("gamma", "delta", "theta", "xi", "pi", "sigma", "upsilon", "phi", "psi", "omega")
})  # fmt: skip
OF_GREEK["Λ"] = "Lambda"


class Formula(NamedTuple):
    """A formula, and how tightly it binds."""

    text: str
    level: int = ATOM
    kind: str = ""

    def within(self, level: int) -> str:
        """Return the text, in parentheses if it binds less tightly than this."""
        return parenthesized(self.text) if self.level < level else self.text


def parenthesized(text: str) -> str:
    """Put a formula in parentheses of its size."""
    return rf"\left({text}\right)"


def symbol(name: str) -> str:
    """Write a name: the gradient of something as a fraction, a number at its end as an index."""
    if name.startswith("d_") and len(name) > 2:
        return rf"\frac{{\partial\,\mathrm{{loss}}}}{{\partial\,{symbol(name[2:])}}}"
    stem, number = re.fullmatch(r"(.*?)_?(\d*)", name, re.DOTALL).groups()  # type: ignore[union-attr]
    if not stem:
        stem, number = name, ""
    if stem.rstrip("_") in GREEK:
        text = f"\\{stem.rstrip('_')}"
    elif len(stem) == 1 and stem.isascii() and stem.isalpha():
        text = stem
    else:
        text = rf"\mathrm{{{escaped(stem)}}}"
    return f"{text}_{{{number}}}" if number else text


def escaped(text: str) -> str:
    """Write the letters of a name so that LaTeX reads them as such."""
    return "".join(letter(c) for c in text)


def letter(c: str) -> str:
    """Write one character of a name."""
    if c in OF_GREEK:
        return f"\\{OF_GREEK[c]} "
    if c.isascii():
        return c if c.isalnum() else r"\_" if c == "_" else f"\\{c}" if c in "#$%&{}" else " "
    plain = unicodedata.normalize("NFKD", c).encode("ascii", "ignore").decode()
    return plain if plain.isalnum() else f"u{ord(c):x}"


# ---------------------------------------------------------------------------- constants
def number(value: Any) -> Formula:
    """Write a number as in print: with a power of ten where Python has an exponent."""
    x = short_number(value) if isinstance(value, (np.ndarray, np.generic)) else value
    if x is None:
        return Formula(r"\emptyset")
    if isinstance(x, complex):
        return Formula(rf"{number(x.real).text} + {number(x.imag).text}\,i", TERM)
    if isinstance(x, float) and not np.isfinite(x):
        return Formula(r"\mathrm{NaN}" if np.isnan(x) else r"-\infty" if x < 0 else r"\infty")
    dtype = value.dtype if isinstance(value, (np.ndarray, np.generic)) else None
    fraction = ratio(x, dtype)
    if fraction is not None:
        sign = "-" if fraction < 0 else ""
        text = rf"{sign}\frac{{{abs(fraction.numerator)}}}{{{fraction.denominator}}}"
        return Formula(text, SIGN if sign else SUPERSCRIPT, "number")
    text = str(int(x)) if isinstance(x, float) and x == int(x) and abs(x) < 1e6 else shortened(x)
    mantissa, _, exponent = text.partition("e")
    if exponent:
        text = (
            rf"10^{{{int(exponent)}}}"
            if mantissa == "1"
            else rf"{mantissa} \cdot 10^{{{int(exponent)}}}"
        )
        return Formula(text, PRODUCT, "number")
    if text in ("True", "False"):
        text = rf"\mathrm{{{text.lower()}}}"
    return Formula(text, SIGN if text.startswith("-") else ATOM)


def shortened(x: Any) -> str:
    """Write a number; of many digits only the first, and dots that say so."""
    text = repr(x)
    mantissa, e, exponent = text.partition("e")
    if not isinstance(x, float) or len(mantissa.strip("-0.")) <= MANY_DIGITS:
        return text
    head = mantissa[: len(mantissa) - len(mantissa.lstrip("-0.")) + MANY_DIGITS]
    return rf"{head}\ldots{e}{exponent}"


def of_one_number(x: Any, shape: Any) -> Formula:
    """Write an array that is one number all over."""
    if x == 1:
        return Formula(ones(shape))
    if x == 0:
        return Formula(ones(shape).replace("1", "0", 1))
    return Formula(rf"{number(x).within(PRODUCT)}\,{ones(shape)}", PRODUCT, "number")


def ones(shape: Any) -> str:
    """Write an array of ones."""
    return rf"\mathbf{{1}}_{{{times(shape)}}}"


def array_of(shape: Any) -> str:
    """Write a constant array."""
    return rf"\mathbf{{C}}_{{{times(shape)}}}"


def times(shape: Any) -> str:
    """Write a shape."""
    return r" \times ".join(map(str, shape))


def index_of(line: Assignment) -> str:
    """Write the index of an element."""
    if "position" in line.settings:
        return f"[{line.settings['position']}]"
    try:
        text = index_literal(line.settings["index"])
    except UnprintableError:
        return r"[\ldots]"
    return rf"\mathtt{{[{escaped_index(text)}]}}"


def escaped_index(text: str) -> str:
    """Write an index so that LaTeX reads it as such, and ``:`` and ``-`` as part of it."""
    plain = re.sub(r"[^0-9A-Za-z:,.\[\]()\-]", " ", text)
    return plain.replace(":", "{:}").replace("-", "{-}")
