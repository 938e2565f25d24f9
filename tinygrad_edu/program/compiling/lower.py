"""From the lines of a program to calls of NumPy that write into memory that is there already.

An op that NumPy can compute with ``out=`` becomes such calls. A transpose or a slice becomes a view
that is made once, beforehand. Of other ops, what they do inside is written down; what cannot be is
called as it is, and makes its own array.

Read next: ``forms.py``, for the ops; ``expand.py``, for what they do inside; then ``buffers.py``,
which decides whose memory is whose.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from tinygrad_edu.op import REGISTRY, Array
from tinygrad_edu.program.compiling.draws import DRAW
from tinygrad_edu.program.compiling.expand import expanded
from tinygrad_edu.program.compiling.instructions import (
    Buffer,
    Call,
    Fixed,
    Local,
    Operand,
    View,
    sample,
)
from tinygrad_edu.program.literals import UnprintableError, literal
from tinygrad_edu.program.names import Names
from tinygrad_edu.program.picking import PICK, PUT_BACK
from tinygrad_edu.program.plain import Hole
from tinygrad_edu.program.program import Assignment, Constant, Input, Value
from tinygrad_edu.several import PART


class Lowering:
    """Calls for one program.

    Parameters
    ----------
    rules : how lines become calls, by op.
    forms : how functions of NumPy that ops call become calls.

    Attributes
    ----------
    calls : in order.
    given : what the text refers to by name: functions, and arrays that stay where they are.
    zeros : arrays of them, by shape and dtype.
    loops : the text of the loops that are machine code.
    quiet : whether a call may overflow as a matter of course.
    testing : whether the lines are of what is checked first.
    unsure : the lines of which the size is only sure once all has been checked, as it depends on
        numbers: what a mask picks, and what is computed of that.
    """

    def __init__(
        self,
        rules: Mapping[Any, Callable[[Any, Assignment], Operand | None]],
        forms: Mapping[Any, Callable[..., Any]],
    ) -> None:
        self.rules, self.forms = rules, forms
        self.names = Names({"step", "bind"})
        self.calls: list[Call] = []
        self.given: dict[str, Any] = {}
        self.places: dict[Value, Operand] = {}
        self.numbers: dict[Any, Fixed] = {}
        self.slots: dict[Value, list[Any]] = {}
        self.functions: dict[int, str] = {}
        self.zeros: dict[Any, Fixed] = {}
        self.loops: list[str] = []
        self.quiet = self.testing = False
        self.unsure: set[Value] = set()

    # --------------------------------------------------------------------------- operands
    def fixed(self, array: Any, name: str, constant: bool = False) -> Fixed:
        """Refer to an array that is there."""
        result = Fixed(self.names.take(name, "c"), array, constant)
        self.given[result.name] = array
        return result

    def buffer(self, line: Any, *like: Operand) -> Buffer:
        """Ask for memory for a value, with the axes in the order that NumPy gives them.

        NumPy takes the order of the operands, and C's where they disagree. Sums of the value are
        added up in that order, so another one would be other rounding.
        """
        if all(each.sample.flags.c_contiguous for each in like):
            return Buffer(self.names.take(None, "t"), sample(line.shape, line.dtype))
        arrays = [each.sample for each in like]
        return self.buffer_like(
            np.nditer([*arrays, None], ["zerosize_ok"]).operands[-1], line.dtype
        )

    def buffer_like(self, array: Array, dtype: Any) -> Buffer:
        """Ask for memory with the axes in the order that they have in an array."""
        array = np.empty_like(array, dtype, order="K", subok=False)
        return Buffer(self.names.take(None, "t"), array)

    def local(self, array: Any, name: str | None, aliases: Any = ()) -> Local:
        """Name something that exists while the program runs."""
        roots = frozenset(root for each in aliases for root in each.roots)
        return Local(self.names.take(name, "t"), array, roots)

    def operand(self, value: Value, line: Any = None) -> Operand:
        """Return where a value is; a number becomes an array, which NumPy reads more quickly."""
        if value in self.places:
            return self.places[value]
        if isinstance(value, Constant) and value.dtype is not None:
            self.places[value] = self.fixed(np.asarray(value.value), "c", constant=True)
            return self.places[value]
        number = value.value if isinstance(value, Constant) else value.array  # type: ignore[attr-defined]
        others = [x.dtype for x in (line.operands if line else ()) if x.dtype is not None]
        dtype = np.result_type(*others, number) if others else np.result_type(number)
        key = (value if isinstance(value, Input) else (type(number), repr(number)), dtype)
        if key not in self.numbers:
            array = np.array(number, dtype)
            name = value.name if isinstance(value, Input) else None
            self.numbers[key] = self.fixed(array, name or "c", constant=name is None)
            if isinstance(value, Input):
                self.slots.setdefault(value, []).append(array)
        return self.numbers[key]

    def function(self, function: Any, name: str) -> str:
        """Refer to a function by name."""
        if id(function) not in self.functions:
            self.functions[id(function)] = self.names.take(name, "f")
            self.given[self.functions[id(function)]] = function
        return self.functions[id(function)]

    # ------------------------------------------------------------------------------ calls
    def call(self, function: Any, *reads: Operand, out: Operand, name: str = "", **how: Any) -> Any:
        """Add a call that writes into ``out``, and return that."""
        rest = how.pop("rest", "")
        row = ", ".join(f"{{{i}}}" for i in range(len(reads)))
        f = self.function(function, name or function.__name__)
        self.calls.append(Call(f"{f}({row}, {rest}{{out}})", reads, out, pure=True, **how))
        return out

    def ufunc(self, function: Any, *reads: Operand, out: Operand, update: bool = False) -> Any:
        """Add a call of an elementwise function."""
        how = {"in_place": True, "update": update, "elementwise": function}
        if function in (np.maximum, np.minimum):  # of which NumPy wants it by name
            how["rest"] = "out="
        return self.call(function, *reads, out=out, **how)

    def lower(self, line: Assignment) -> None:
        """Add the calls for one line."""
        if self.testing and (is_of_any_size(line) or not self.unsure.isdisjoint(line.operands)):
            self.unsure.add(line)
        try:
            found = self.rewritten(line)
        except OverflowError:  # a number that the dtype beside it has not, as in uint8 > 300
            found = None
        self.places[line] = found or self.as_it_is(line)

    def rewritten(self, line: Assignment) -> Operand | None:
        """Add the calls for a line that NumPy can compute into memory that is there."""
        rule = self.rules.get(line.op)
        found = rule(self, line) if rule is not None else None
        if found is None and line not in self.unsure:
            found = self.simple(line) or expanded(self, line)
        return found

    def simple(self, line: Assignment) -> Operand | None:
        """Add the call of an elementwise function of NumPy."""
        if not is_simple(line):
            return None
        operands = [self.operand(x, line) for x in line.operands]
        function: Any = getattr(line.op, "function", line.op.forward)
        try:
            fits = function.resolve_dtypes((*(x.dtype for x in operands), None))[-1] == line.dtype
        except TypeError:
            fits = False  # such as ldexp, whose numbers are not of one dtype
        if not fits:
            return None
        return self.ufunc(function, *operands, out=self.buffer(line, *operands))  # type: ignore[no-any-return]

    def state(self) -> Any:
        """Remember what there is, for `restore`."""
        kept = self.given, self.functions, self.numbers, self.places
        return len(self.calls), self.quiet, [dict(each) for each in kept]

    def restore(self, state: Any) -> None:
        """Forget what has been added since then."""
        count, self.quiet, kept = state
        del self.calls[count:]
        self.given, self.functions, self.numbers, self.places = kept

    def as_it_is(self, line: Assignment) -> Operand:
        """Call an op that makes its own array."""
        operands = [self.whole(x) for x in line.operands]
        texts: list[str] = []
        reads: list[Operand] = []
        for each in operands:
            texts.append(f"{{{len(reads)}}}" if isinstance(each, Operand) else each)
            if isinstance(each, Operand):
                reads.append(each)
        for key, value in line.settings.items():
            texts.append(f"{key}={self.setting(value)}")
        aliases = [] if line.op is DRAW else reads
        target = self.local(laid_out(line, operands), None, aliases)
        f = self.function(line.op.forward, line.op.name)
        self.calls.append(Call(f"{{out}} = {f}({', '.join(texts)})", tuple(reads), target))
        return target

    def whole(self, value: Value) -> Any:
        """Return an operand of an op that is called as it is: numbers as they are."""
        if isinstance(value, Constant) and value.dtype is None and value not in self.places:
            return self.setting(value.value)
        return self.operand(value)

    def setting(self, value: Any) -> str:
        """Write a setting, or refer to it."""
        try:
            text = "np." if holds_hole(value) else literal(value)
        except UnprintableError:
            text = "np."
        if "np." in text or "{" in text or len(text) > 60:
            name = self.names.take("setting", "s")
            self.given[name] = value
            return name
        return text

    def view(self, line: Assignment, of: Callable[[Any], Any], text: str) -> Operand | None:
        """Make a view beforehand, or while the program runs if it is of something made then."""
        base = self.operand(line.operands[0])
        seen = of(base.sample)
        if not isinstance(seen, np.ndarray) or (
            seen.size and not np.shares_memory(seen, base.sample)
        ):
            return None
        if isinstance(base, Local):
            target = self.local(seen, None, [base])
            self.calls.append(Call(f"{{out}} = {text}", (base,), target))
            return target
        return View(self.names.take(None, "v"), seen, base=base, of=of)


def is_of_any_size(line: Assignment) -> bool:
    """Tell whether the size of a result may depend on the numbers."""
    if line.op is PICK:
        return any(x.dtype == bool for x in line.operands[1:])
    function = getattr(line.op, "function", line.op.forward)
    of_numpy = line.op.name not in REGISTRY and not isinstance(function, np.ufunc)
    return of_numpy and line.op not in (PUT_BACK, PART, DRAW) and line.shape != ()


def laid_out(line: Assignment, operands: list[Any]) -> Any:
    """Make samples with the axes in the order that the op gives them, by calling it on zeros.

    A convolution, for one, does not return an array in C's order; and the order in which numbers
    are added up later depends on that.
    """
    several = bool(line.shape) and isinstance(line.shape[0], tuple)
    usual: Any = (
        tuple(map(sample, line.shape, line.dtype)) if several else sample(line.shape, line.dtype)
    )
    if line.op is DRAW or not all(isinstance(x, Operand) for x in operands):
        return usual
    try:
        with np.errstate(all="ignore"):
            y = line.op.forward(*(np.zeros_like(x.sample) for x in operands), **line.settings)
    except (ValueError, ArithmeticError, IndexError, TypeError, RuntimeError):
        return usual  # zeros are not what it takes
    if several:
        fits = len(y) == len(usual) and all(np.shape(a) == b.shape for a, b in zip(y, usual))
        return tuple(map(like, y, usual)) if fits else usual
    return like(y, usual) if np.shape(y) == line.shape else usual


def like(y: Any, usual: Array) -> Array:
    """Make a sample with the axes in the order of an array's, and the dtype of another."""
    return np.empty_like(np.asarray(y), usual.dtype, order="K", subok=False)


def holds_hole(value: Any) -> bool:
    """Tell whether a setting says where operands stand."""
    if isinstance(value, dict):
        return any(map(holds_hole, value.values()))
    return isinstance(value, Hole) or (type(value) in (tuple, list) and any(map(holds_hole, value)))


def is_simple(line: Assignment) -> bool:
    """Tell whether a line is one elementwise function of NumPy, with one result."""
    function = getattr(line.op, "function", line.op.forward)
    return (
        isinstance(function, np.ufunc)
        and function.signature is None
        and function.nout == 1
        and not line.settings
        and len(line.operands) == function.nin
        and line.dtype.kind in "biufc"
        and any(x.dtype is not None for x in line.operands)
        and not any(isinstance(x, Constant) and x.value is None for x in line.operands)
    )
