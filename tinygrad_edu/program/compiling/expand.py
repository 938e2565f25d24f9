"""What an op does inside, written down as calls that write into memory that is there already.

An op's forward is plain NumPy. So it is called once with placeholders in the place of arrays: each
knows where an array will be, and notes what NumPy is asked to do with it. What comes out are the
calls that the op makes, in its own order, so that every bit is the same; without the arrays that it
would have made. An op that decides by the numbers, or asks for what has no form here, is called as
it is.

Read next: ``placeholder.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from tinygrad_edu.op import Array
from tinygrad_edu.program.compiling.instructions import (
    Buffer,
    Call,
    Local,
    Operand,
    Several,
    View,
    memory_order,
)
from tinygrad_edu.program.compiling.placeholder import NotExpandableError, Placeholder, sample_of
from tinygrad_edu.program.program import Assignment, Constant

if TYPE_CHECKING:
    from tinygrad_edu.program.compiling.lower import Lowering

MOST = 4000
"""How many calls an op may become: longer loops are left to the op itself."""


def expanded(here: Lowering, line: Assignment) -> Operand | None:
    """Add the calls that an op makes; return where the result is, or None if it cannot be done."""
    home = getattr(line.op.forward, "__module__", None) or ""
    if not home.startswith(("tinygrad_edu.", "numpy")):
        return None  # of a user's, who may do in it what happens once only
    before = here.state()
    try:
        expansion = Expansion(here)
        given = [expansion.given(x) for x in line.operands]
        if not any(isinstance(x, Placeholder) for x in given):
            return None
        with np.errstate(all="warn"):
            found = expansion.result(line.op.forward(*given, **line.settings))
        parts = found.parts if isinstance(found, Several) else (found,)
        shapes = line.shape if isinstance(found, Several) else (line.shape,)
        dtypes = line.dtype if isinstance(found, Several) else (line.dtype,)
        if [(x.shape, x.dtype) for x in parts] == list(zip(shapes, dtypes)):
            return found
    except TypeError:  # a NotExpandableError, or what NumPy says of a placeholder
        pass
    here.restore(before)
    return None


class Expansion:
    """The calls that one op makes.

    Attributes
    ----------
    own : the memory that the op has asked for, and may write into.
    """

    def __init__(self, here: Lowering) -> None:
        self.here, self.own = here, set[Operand]()
        self.first = len(here.calls)

    def given(self, value: Any) -> Any:
        """Return what stands for an operand of the op."""
        if isinstance(value, Constant) and value.dtype is None:
            return value.value
        operand = self.here.operand(value)
        if isinstance(operand, Several):
            raise NotExpandableError("several arrays at once")
        return Placeholder(self, operand)

    def result(self, y: Any) -> Operand:
        """Return where what the op has returned is."""
        if isinstance(y, (tuple, list)):
            parts = tuple(self.result(x) for x in y)
            return Several("", tuple(x.sample for x in parts), parts)
        if isinstance(y, Placeholder):
            return y.operand
        if isinstance(y, (np.ndarray, np.generic)):
            return self.here.fixed(np.array(y), "c")
        raise NotExpandableError(f"a result of {type(y)}")

    # ---------------------------------------------------------------------------- operands
    def operand(self, x: Any, *others: Any) -> Operand:
        """Return where an array is; a number takes the dtype of those beside it."""
        if isinstance(x, Placeholder):
            return x.operand
        if type(x) in (bool, int, float, complex):
            dtypes = [y.dtype for y in others if hasattr(y, "dtype")]
            dtype = np.result_type(*dtypes, x)
            key = (type(x), repr(x)), dtype
            if key not in self.here.numbers:
                try:
                    number = np.array(x, dtype)
                except OverflowError as error:  # as in uint8 > 300
                    raise NotExpandableError(str(error)) from error
                self.here.numbers[key] = self.here.fixed(number, "c", constant=True)
            return self.here.numbers[key]
        if isinstance(x, (np.ndarray, np.generic)):
            return self.here.fixed(np.array(x), "c", constant=True)
        raise NotExpandableError(f"{type(x)} beside an array")

    def buffer(self, sample: Array) -> Buffer:
        """Ask for memory for such an array."""
        made = self.here.buffer_like(sample, sample.dtype)
        self.own.add(made)
        return made

    def target(self, x: Any) -> Operand:
        """Return what is to be written into, which is the op's own."""
        if not isinstance(x, Placeholder) or not x.operand.roots <= self.own:
            raise NotExpandableError("writing into what the op was given")
        return x.operand

    def add(self, text: str, reads: Any, out: Operand, **how: Any) -> Placeholder:
        """Add a call."""
        ignored = [kind for kind, what in np.geterr().items() if what == "ignore"]
        if "over" in ignored:
            self.here.quiet = True
            ignored.remove("over")
        if ignored:
            f = self.here.function(np.errstate, "errstate")
            kinds = [f"{kind}='ignore'" for kind in ignored]
            how["within"] = f"{f}({', '.join(kinds)})"
        self.here.calls.append(Call(text, tuple(reads), out, pure=True, **how))
        if len(self.here.calls) - self.first > MOST:
            raise NotExpandableError("a loop of so many calls")
        return Placeholder(self, out)

    # ------------------------------------------------------------------------------- calls
    def elementwise(self, function: Any, inputs: Any, out: Any = None) -> Placeholder:
        """Add a call of a function that works element by element, or of a matrix product."""
        samples = [sample_of(x) for x in inputs]
        reads = [self.operand(x, *inputs) for x in inputs]
        target = None if out is None else self.target(out)
        with np.errstate(all="ignore"):
            y = np.asarray(function(*samples, out=sample_of(out)))
        if isinstance(function, np.ufunc) and function.signature is None:
            check_dtypes(function, reads)
        if y.dtype.char not in "?bBhHiIlLqQfdFD":
            raise NotExpandableError(f"numbers of {y.dtype}")
        f = self.here.function(function, function.__name__)
        row = ", ".join(f"{{{i}}}" for i in range(len(reads)))
        by_name = "out=" if function in (np.maximum, np.minimum) else ""
        simple = getattr(function, "signature", "") is None or function is np.clip
        where = target or self.buffer(y)
        how = {"elementwise": function if simple else None, "update": target is not None}
        return self.add(f"{f}({row}, {by_name}{{out}})", reads, where, in_place=simple, **how)

    def reduce(
        self, ufunc: Any, x: Any, axis: Any = 0, dtype: Any = None, *, keepdims: bool = False,
        initial: Any = None, where: Any = True,
    ) -> Placeholder:  # fmt: skip
        """Add a call of a sum, a product, or the largest, over some axes."""
        if where is not True:
            raise NotExpandableError("a reduction of some elements")
        begin = {} if initial is None else {"initial": initial}
        with np.errstate(all="ignore"):
            y = ufunc.reduce(sample_of(x), axis, dtype, None, keepdims, **begin)
        f = self.here.function(ufunc.reduce, f"{ufunc.__name__}_reduce")
        kind = "None" if dtype is None else self.here.setting(np.dtype(dtype))
        rest = "".join(f", {key}={self.here.setting(value)}" for key, value in begin.items())
        text = f"{f}({{0}}, {self.here.setting(axis)}, {kind}, {{out}}, {bool(keepdims)}{rest})"
        return self.add(text, [self.operand(x)], self.buffer(np.asarray(y)))

    def copy(self, x: Any, target: Operand, condition: Any = None) -> None:
        """Add a copy, of all elements or of those for which a condition holds."""
        reads = [self.operand(x, target)]
        f = self.here.function(np.copyto, "copyto")
        if condition is not None:
            reads.append(self.operand(condition))
            self.add(f"{f}({{out}}, {{0}}, 'unsafe', {{1}})", reads, target, update=True)
            return
        same = reads[0].dtype == target.dtype
        function = np.positive if same and target.dtype != bool else None
        whole = isinstance(target, Buffer)
        how = {"elementwise": function, "update": not whole}
        self.add(f"{f}({{out}}, {{0}}, 'unsafe')", reads, target, **how)

    def filled(self, sample: Array, value: Any) -> Placeholder:
        """Ask for an array with one number everywhere."""
        out = self.buffer(sample)
        if value is None:
            return Placeholder(self, out)
        return self.add(f"{{out}}.fill({self.here.setting(value)})", (), out)

    def gathered(self, x: Placeholder, index: Any) -> Placeholder:
        """Add a call that fetches elements from all over the place, by their numbers."""
        check_constant(index)
        sample = x.operand.sample
        y = sample[index]
        numbers = np.arange(sample.size).reshape(sample.shape)[index]
        order = memory_order(y)
        numbers = np.ascontiguousarray(numbers.transpose(order))
        row, out = x.reshape(-1), self.buffer(y)
        target = Placeholder(self, out).seen(lambda a: a.transpose(order))
        where = self.here.setting(numbers)
        text = f"{{0}}.take({where}, 0, {{out}}, 'wrap')"
        self.add(text, [row.operand], target.operand, update=True)
        return Placeholder(self, out)

    def scatter(self, y: Placeholder, index: Any, value: Any) -> None:
        """Add a call that writes elements all over the place."""
        check_constant(index)
        out = self.target(y)
        text = f"{{out}}[{self.here.setting(index)}] = {{0}}"
        self.add(text, [self.operand(value, y)], out, update=True)

    def at(self, ufunc: Any, y: Any, index: Any, value: Any) -> None:
        """Add a call that adds to elements, to some more than once."""
        check_constant(index)
        out, f = self.target(y), self.here.function(ufunc.at, f"{ufunc.__name__}_at")
        text = f"{f}({{out}}, {self.here.setting(index)}, {{0}})"
        self.add(text, [self.operand(value, y)], out, update=True)

    def view(self, x: Placeholder, of: Callable[[Any], Any]) -> Placeholder:
        """Return other eyes on the same memory."""
        base = x.operand
        seen = of(base.sample)
        if seen.size and not np.shares_memory(seen, base.sample):
            raise NotExpandableError("a copy, and not a view")
        if isinstance(base, Local):
            target = self.here.local(seen, None, [base])
            f = self.here.function(of, "view")
            self.here.calls.append(Call(f"{{out}} = {f}({{0}})", (base,), target))
            return Placeholder(self, target)
        name = self.here.names.take(None, "v")
        return Placeholder(self, View(name, seen, base=base, of=of))


def check_dtypes(function: Any, reads: list[Operand]) -> None:
    """Refuse numbers that may not have the dtype of those beside them, as in ``ldexp``."""
    try:
        function.resolve_dtypes((*(x.dtype for x in reads), None))
    except TypeError as error:
        raise NotExpandableError(str(error)) from error


def check_constant(index: Any) -> None:
    """Refuse an index that is computed."""
    parts = index if isinstance(index, tuple) else (index,)
    if any(isinstance(part, Placeholder) for part in parts):
        raise NotExpandableError("an index that is computed")
