"""An op: a function and its derivative, written side by side.

Every derivative in this library is a *rule* that stands right above the function it belongs to::

    @differentiable(x=lambda dy, y, x: dy * (y * (1 - y)))
    def sigmoid(x):
        return 1 / (1 + np.exp(-x))

A rule is a vector-Jacobian product. It is handed ``dy``, the gradient of some final number with
respect to the op's output, then the output ``y``, then what the op was called with; it returns the
gradient with respect to the one input that it is named after. Rules and functions are plain NumPy.
What they compute depends on what flows through them: arrays give numbers, and Tensors give a
recorded graph, which can be differentiated again, drawn, or printed.

Read next: ``tensor.py``, which calls ops and remembers the calls as `Node` objects.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial, wraps
from inspect import unwrap
from itertools import count, repeat
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy import ndarray

from tinygrad_edu.cases import Case, Kink
from tinygrad_edu.messages import outline

if TYPE_CHECKING:
    from tinygrad_edu.notes import Notes
    from tinygrad_edu.tensor import Tensor

Array = np.ndarray[tuple[Any, ...], np.dtype[Any]]
Rule = Callable[..., Any]
F = TypeVar("F", bound=Callable[..., Any])

REGISTRY: dict[str, Op] = {}
"""Every op by name: what the generic tests, the documentation and the printers run over."""

TAKES_ANY_NUMBER = 0x04  # the bit of a code object's flags that says it has *args


class Op:
    """What the library knows of one differentiable function.

    Attributes
    ----------
    name : the function's name, as it appears in pictures and messages.
    forward : the function itself, on plain arrays.
    arguments : the names of its data arguments, in order.
    rules : one vector-Jacobian product per data argument; ``None`` where there is no derivative.
    symbol : how it is written between its operands, such as ``+``, or ``None``.
    hint : what to look at when a call fails.
    cases, kinks : where the generic tests try it, and what it promises where it has a kink.
    """

    __slots__ = ("arguments", "cases", "forward", "hint", "kinks", "name", "rules", "symbol")

    def __init__(
        self,
        forward: Callable[..., Any],
        rules: dict[str, Rule | None],
        name: str,
        symbol: str | None,
        hint: str,
        cases: Sequence[Case],
        kinks: Sequence[Kink],
    ) -> None:
        self.forward = forward
        self.name = name
        self.symbol = symbol
        self.hint = hint
        self.cases = cases
        self.kinks = kinks
        self.arguments = tuple(rules)
        self.rules: Iterable[Rule | None] = tuple(rules.values())
        code = getattr(unwrap(forward), "__code__", None)
        if code is None:  # written in C, like NumPy's ufuncs: there are no names to compare with
            return
        if code.co_flags & TAKES_ANY_NUMBER:
            expected = (code.co_varnames[code.co_argcount + code.co_kwonlyargcount],)
        else:
            expected = code.co_varnames[: code.co_argcount]
        if self.arguments != expected:
            raise TypeError(
                f"{name}: the rules are named {self.arguments}, the data arguments {expected}; "
                f"give every one a rule, in order (None if it has no derivative), "
                f"and make settings keyword-only, behind a *"
            )
        if code.co_flags & TAKES_ANY_NUMBER:
            self.rules = RuleOfEach(*rules.values())

    def __repr__(self) -> str:
        return f"<op {self.name}({', '.join(self.arguments)})>"

    def argument(self, position: int) -> str:
        """Name the data argument at this position."""
        if isinstance(self.rules, RuleOfEach):
            return f"{self.arguments[0]}[{position}]"
        return self.arguments[position] if position < len(self.arguments) else str(position)

    def describe(self, inputs: Iterable[Any], settings: dict[str, Any]) -> str:
        """Write a call down by the shapes and dtypes of its inputs, for messages."""
        parts = [f"{self.argument(i)}: {outline(x)}" for i, x in enumerate(inputs)]
        parts += [f"{key}={value!r}" for key, value in settings.items()]
        return f"{self.name}({', '.join(parts)})"


class RuleOfEach:
    """The rules of an op of any number of arrays: one rule, told which array it is asked about."""

    def __init__(self, rule: Rule | None) -> None:
        self.rule = rule

    def __iter__(self) -> Iterator[Rule | None]:
        if self.rule is None:
            return repeat(None)
        return (partial(self.rule, position=position) for position in count())


class Memory:
    """The array that a leaf Tensor lives in, and the time when it was last written into."""

    __slots__ = ("array", "name", "stamp")

    def __init__(self, array: Array, name: str | None) -> None:
        self.array = array
        self.name = name
        self.stamp = 0


class Node:
    """One recorded call of an op: all that its rules will ask for, as it was at that moment.

    A node points backwards only: to the nodes that made its inputs, or to the leaf Tensors that
    were its inputs. It holds arrays, never a Tensor that may have moved on to another value. So a
    graph has no cycles and is freed the moment that nobody can reach its end. ``serial`` counts
    up with every call: a node is younger than all that it was computed from.
    """

    __slots__ = (
        "arrays",  # the inputs, as arrays and Python scalars
        "memory",  # of those inputs that were leaf Tensors: it may be written into later
        "notes",  # what a user has attached to the output: a name, hooks; mostly None
        "op",
        "parents",  # for each input: the Node that made it, the leaf Tensor it is, or None
        "scope",  # the module call in progress
        "serial",
        "settings",
        "spent",  # whether a backward pass has been through
        "y",  # the output, as an array
    )
    arrays: tuple[Any, ...]
    memory: tuple[Memory, ...]
    notes: Notes | None
    op: Op
    parents: tuple[Node | Tensor | None, ...]
    scope: Any
    serial: int
    settings: dict[str, Any]
    spent: bool
    y: Array

    @property
    def name(self) -> str | None:
        """What the user calls the output."""
        return None if self.notes is None else self.notes.name

    def __repr__(self) -> str:
        return f"<node {self.serial}: {self.op.describe(self.arrays, self.settings)}>"


def differentiable(
    *,
    name: str | None = None,
    symbol: str | None = None,
    hint: str = "check the shapes and dtypes above",
    cases: Sequence[Case] = (),
    kinks: Sequence[Kink] = (),
    **rules: Rule | None,
) -> Callable[[F], F]:
    """Give a function its derivative rules and make it an op.

    Parameters
    ----------
    **rules : one for each data argument, under that argument's name and in the same order. It is
        called as ``rule(dy, y, *inputs, **settings)`` and returns the gradient for its argument, in
        the argument's shape or in one that the argument was broadcast to; ``None`` in place of a
        rule says that there is no derivative. A function of ``*arrays`` has one rule, which is also
        told the ``position`` of the array it is asked about.
    name, symbol : how the op appears in pictures and in print; by default under its own name.
    hint : one line for error messages: what to look at when a call fails.
    cases : sample calls, see `case`; every generic test runs over them.
    kinks : points without a derivative, and the subgradient promised there.

    Returns
    -------
    A function of the same signature. Given arrays, it returns what the plain function returns;
    given a Tensor, it returns a Tensor that remembers the call.

    Raises
    ------
    TypeError
        If the rules do not match the data arguments.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> @tg.differentiable(x=lambda dy, y, x: dy * (2 * x))
    ... def squared(x):
    ...     return x * x
    >>> x = tg.Tensor([3.0], requires_grad=True)
    >>> squared(x).backward()
    >>> x.grad
    Tensor([6.], shape=(1,), dtype=float64)
    """

    def declare(forward: F) -> F:
        op_name = name or getattr(forward, "__name__", None)
        if op_name is None:
            raise TypeError(f"{forward!r} has no name; write differentiable(name=..., ...)")
        op = Op(forward, rules, op_name, symbol, hint, cases, kinks)
        data_names = frozenset(() if isinstance(op.rules, RuleOfEach) else op.arguments)
        most = len(data_names) or float("inf")

        @wraps(forward)
        def call(*inputs: Any, **settings: Any) -> Any:
            if settings and not data_names.isdisjoint(settings):  # data given by name
                for argument in op.arguments[len(inputs) :]:
                    if argument not in settings:
                        break
                    inputs += (settings.pop(argument),)
            if len(inputs) > most:  # a ufunc would take one array too many for ``out``
                raise TypeError(f"{op_name} takes {most} array(s), not {len(inputs)}")
            for value in inputs:
                if type(value) is not ndarray and hasattr(value, "__record__"):
                    return value.__record__(op, inputs, settings)
            for value in settings.values():
                if hasattr(value, "__record__"):
                    return value.__record__(op, inputs, settings)
            return forward(*inputs, **settings)

        call.op = op  # type: ignore[attr-defined]  # mypy knows no functions with attributes
        REGISTRY[op_name] = op
        return call  # type: ignore[return-value]  # same signature, by construction

    return declare
