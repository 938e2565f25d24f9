"""Values as Python writes them: exactly, so that reading them gives the same bits again."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import isinf, isnan
from typing import Any

import numpy as np

from tinygrad_edu.program.plain import Hole

LONGEST = 32  # elements of an array that is written out
LARGEST_RATIO = 4096  # numerator or denominator of a fraction
SHORT = 3  # elements of a list that is written out even if it only counts
MANY_DIGITS = 10  # characters of a number that a fraction may stand for
Large = Callable[[Any], str]


class UnprintableError(TypeError):
    """There is no way to write a value down."""


def literal(value: Any, large: Large | None = None) -> str:
    """Write a number, an array, a dtype or a nest of them as a Python expression.

    Parameters
    ----------
    large : names an array that is to be handed in, and not written out; else returns "".

    Raises
    ------
    UnprintableError
        If the value is of another kind, or an array that is too large.

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_edu.program.literals import literal
    >>> literal((0.1, None, slice(2))), literal(np.array([1.5, np.inf]))
    ('np.s_[0.1, None, :2]', 'np.array([1.5, np.inf])')
    """
    if isinstance(value, np.ndarray):
        return array_literal(value, large)
    if isinstance(value, np.generic):
        return f"np.{value.dtype.name}({literal(value.item())})"
    if isinstance(value, np.dtype):
        return f"np.dtype({value.name!r})"
    if isinstance(value, (tuple, list, set, frozenset, dict)):
        return nest_literal(value, large)
    if isinstance(value, slice):
        return f"np.s_[{part_literal(value, large)}]"
    if isinstance(value, (float, complex)):
        return number_literal(value)
    if value is None or value is Ellipsis or isinstance(value, (bool, int, str, bytes)):
        return "..." if value is Ellipsis else repr(value)
    if isinstance(value, type) and issubclass(value, np.generic):
        return f"np.{value.__name__}"
    if isinstance(value, type) and value in (float, int, bool, complex):
        return value.__name__
    raise UnprintableError(f"a {type(value).__name__} cannot be written down in a program")


def number_literal(value: complex) -> str:
    """Write a float or a complex number."""
    if isinstance(value, complex):
        return f"complex({number_literal(value.real)}, {number_literal(value.imag)})"
    if isnan(value):
        return "np.nan"
    if isinf(value):
        return "np.inf" if value > 0 else "-np.inf"
    fraction = ratio(float(value))
    return f"{fraction.numerator} / {fraction.denominator}" if fraction else repr(float(value))


def ratio(x: Any, dtype: Any = None) -> Fraction | None:
    """Return the fraction of small numbers that a number of many digits is, to the last bit.

    Examples
    --------
    >>> from tinygrad_edu.program.literals import ratio
    >>> ratio(1 / 12), ratio(0.25), ratio(0.123456789012)
    (Fraction(1, 12), None, None)
    """
    if not isinstance(x, float) or isinf(x) or isnan(x) or len(repr(x)) < MANY_DIGITS:
        return None
    found = Fraction(x).limit_denominator(LARGEST_RATIO)
    if found.denominator == 1 or abs(found.numerator) > LARGEST_RATIO:
        return None
    quotient = found.numerator / found.denominator
    same = quotient == x if dtype is None else dtype.type(quotient) == dtype.type(x)
    return found if same else None


def short_number(value: Any) -> Any:
    """Return an array's number as a Python number, with as few digits as its dtype needs."""
    x = value.item()
    if isinstance(x, float) and value.dtype.itemsize < np.dtype(float).itemsize:
        shorter = float(str(value.dtype.type(value)))
        return shorter if value.dtype.type(shorter) == value else x
    return x


def nest_literal(value: Any, large: Large | None) -> str:
    """Write a collection, its members in order."""
    if isinstance(value, tuple) and any(each is ... or type(each) is slice for each in value):
        return f"np.s_[{index_literal(value, large, lists=False)}]"
    if isinstance(value, dict):
        pairs = (f"{literal(key)}: {literal(each, large)}" for key, each in value.items())
        return "{" + ", ".join(pairs) + "}"
    unordered = isinstance(value, (set, frozenset))
    parts = [literal(each, large) for each in value]
    row = ", ".join(sorted(parts) if unordered else parts)
    if isinstance(value, list):
        return f"[{row}]"
    if unordered:
        whole = f"{{{row}}}" if parts else "set()"
        return whole if isinstance(value, set) else f"frozenset({whole})"
    return f"({row},)" if len(parts) == 1 else f"({row})"


def array_literal(array: Any, large: Large | None) -> str:
    """Write an array; one that is the same number all over, or that only counts, by its shape."""
    name = large(array) if large is not None else ""
    if name:
        return name
    dtype = "" if array.dtype in USUAL else f", dtype=np.{array.dtype.name}"
    if array.size == 0 or (array.size > 1 and is_same_all_over(array)):
        shape = literal(array.shape if array.ndim != 1 else array.shape[0])
        x = array.flat[0] if array.size else array.dtype.type(0)
        if (x == 0 or x == 1) and not is_minus_zero(x):
            dtype = "" if array.dtype == np.float64 else f", dtype=np.{array.dtype.name}"
            return f"np.{'ones' if x else 'zeros'}({shape}{dtype})"
        return f"np.full({shape}, {literal(x.item())}{dtype})"
    if array.size > 1 and is_counting(array):
        shape = "" if array.ndim == 1 else f".reshape({literal(array.shape)})"
        return f"np.arange({array.size}){shape}"
    is_matrix = array.ndim == 2 and array.size > 1 and array.dtype == float
    if is_matrix and array.tobytes() == np.eye(*array.shape).tobytes():
        return f"np.eye({', '.join(map(str, dict.fromkeys(array.shape)))})"
    if array.size <= LONGEST:
        return f"np.array({literal(array.tolist())}{dtype})"
    raise UnprintableError(f"an array of {array.size} elements is too large to be written down")


def is_counting(array: Any) -> bool:
    """Tell whether an array is 0, 1, 2, and so on."""
    return bool(array.dtype == int and (array.ravel() == np.arange(array.size)).all())


def is_same_all_over(array: Any) -> bool:
    """Tell whether all elements are one number, of one sign also where that is 0."""
    first = array.flat[0]
    if first != first:  # it is NaN
        return bool((array != array).all())
    if not (array == first).all():
        return False
    parts = np.stack([np.real(array), np.imag(array)]).reshape(2, -1)
    return parts.dtype.kind != "f" or bool((np.signbit(parts[:, 0]) == np.signbit(parts).T).all())


def is_minus_zero(x: Any) -> bool:
    """Tell whether a number is 0 with a sign."""
    return bool(x == 0 and np.signbit(np.real(x)))


USUAL = (np.dtype(float), np.dtype(int), np.dtype(bool), np.dtype(complex))
"""The dtypes that ``np.array`` gives to Python's numbers."""


def filled(value: Any, operands: list[str], large: Large | None = None) -> str:
    """Write an argument in which holes stand for operands."""
    if isinstance(value, Hole):
        return operands[value.position]
    if type(value) in (tuple, list):
        row = ", ".join(filled(each, operands, large) for each in value)
        if type(value) is list:
            return f"[{row}]"
        return f"({row},)" if len(value) == 1 else f"({row})"
    return literal(value, large)


def index_literal(index: Any, large: Large | None = None, lists: bool = True) -> str:
    """Write what stands between the brackets of ``x[...]``: as short as one may, or exactly so."""
    if isinstance(index, tuple) and index:
        row = ", ".join(part_literal(part, large, lists) for part in index)
        return f"{row}," if len(index) == 1 and not lists else row
    return part_literal(index, large, lists)


def part_literal(part: Any, large: Large | None, lists: bool = True) -> str:
    """Write the index along one axis."""
    if isinstance(part, slice):
        bounds = (part.start, part.stop, part.step)
        start, stop, step = ("" if x is None else literal(x) for x in bounds)
        return f"{start}:{stop}:{step}" if step else f"{start}:{stop}"
    text = literal(part, large)
    as_list = lists and isinstance(part, np.ndarray) and part.ndim == 1 and part.size > 0
    if as_list and text == f"np.arange({part.size})" and part.size <= SHORT:
        return literal(part.tolist())
    is_text = text.startswith("np.array([") and text.endswith("])")
    return text.removeprefix("np.array(").removesuffix(")") if as_list and is_text else text
