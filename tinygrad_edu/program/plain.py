"""NumPy functions that are no ops, such as comparisons, as lines of a program.

Nothing flows back through them, so they need no rule; but the numbers that they give have to be
computed anew when a program is run on other inputs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from tinygrad_edu.dispatch import is_tensor, name_of
from tinygrad_edu.op import Op

SYMBOLS: dict[Any, str] = {
    np.greater: ">", np.greater_equal: ">=", np.less: "<", np.less_equal: "<=",
    np.equal: "==", np.not_equal: "!=", np.floor_divide: "//",
    np.bitwise_and: "&", np.bitwise_or: "|", np.bitwise_xor: "^", np.bitwise_not: "~",
}  # fmt: skip

ABOUT_ARRAYS = frozenset({
    np.shape, np.ndim, np.size, np.iscomplexobj, np.isrealobj, np.result_type, np.can_cast,
    np.common_type, np.may_share_memory, np.shares_memory, np.min_scalar_type,
})  # fmt: skip
"""What tells shapes and dtypes, and not numbers."""

OF_ONE_NUMBER = frozenset({np.zeros_like, np.ones_like, np.full_like})
"""What makes arrays of one number, of a shape that another has."""


class Hole(NamedTuple):
    """The place of an operand among the arguments of a call."""

    position: int


class PlainOp(Op):
    """A NumPy function without a rule, in the guise of an op."""

    __slots__ = ("function",)

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function
        self.name = name_of(function)
        self.symbol = SYMBOLS.get(function)
        self.hint, self.cases, self.kinks, self.arguments, self.rules = "", (), (), (), ()
        self.forward = self.call

    def call(self, *operands: Any, args: Any = None, keywords: Any = None) -> Any:
        """Call the function with the operands in their places."""
        if args is None:
            return self.function(*operands)
        return self.function(*fill(args, operands), **fill(keywords, operands))


FOUND: dict[Any, PlainOp] = {}


def plain_op(function: Callable[..., Any]) -> PlainOp:
    """Return the op that stands for a NumPy function, always the same."""
    owner = getattr(function, "__self__", None)
    key = (owner, function.__name__) if isinstance(owner, np.ufunc) else function
    if key not in FOUND:
        FOUND[key] = PlainOp(function)
    return FOUND[key]


def plain_call(
    function: Any, args: Any, settings: dict[str, Any]
) -> tuple[PlainOp, list[Any], dict[str, Any]]:
    """Tell the operands of a call from how they are placed among its arguments."""
    op = plain_op(function)
    if not settings and all(is_operand(x) for x in args):
        return op, list(args), {}
    operands: list[Any] = []
    places = {"args": dig(tuple(args), operands), "keywords": dig(dict(settings), operands)}
    return op, operands, places


def is_operand(x: Any) -> bool:
    """Tell whether an argument is a number or an array."""
    return is_tensor(x) or isinstance(x, (bool, int, float, complex, np.ndarray, np.generic))


def dig(x: Any, operands: list[Any]) -> Any:
    """Put a hole in the place of every Tensor and array, and collect them."""
    if type(x) in (tuple, list):
        return type(x)(dig(each, operands) for each in x)
    if type(x) is dict:
        return {key: dig(each, operands) for key, each in x.items()}
    if is_tensor(x) or isinstance(x, np.ndarray):
        operands.append(x)
        return Hole(len(operands) - 1)
    return x


def fill(x: Any, operands: Any) -> Any:
    """Put the operands back into their holes."""
    if isinstance(x, Hole):
        return operands[x.position]
    if type(x) in (tuple, list):
        return type(x)(fill(each, operands) for each in x)
    if type(x) is dict:
        return {key: fill(each, operands) for key, each in x.items()}
    return x
