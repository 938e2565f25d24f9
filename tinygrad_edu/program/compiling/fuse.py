"""Elementwise calls that follow each other, made one loop of machine code by numba.

NumPy's functions go over an array one after the other, and what one writes the next reads again.
One loop that does all of it, element by element, reads and writes each array once, and what only
the next line wanted is never written at all. Matrix products stay as they are: BLAS makes them.

A loop takes its arrays as rows of numbers, just as they lie in memory; where an element is follows
from the strides, which are part of its text. Exponentials and their kin stay with NumPy, which
computes several at a time.

Read next: ``buffers.py``, which decides whose memory is whose.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import numpy as np

from tinygrad_edu.op import Array
from tinygrad_edu.program.compiling.instructions import (
    Buffer,
    Call,
    Fixed,
    Operand,
    View,
    address,
    memory_order,
)
from tinygrad_edu.program.compiling.lower import Lowering
from tinygrad_edu.program.compiling.numba_text import loop, numba_module, typed
from tinygrad_edu.program.execute import compiled

FORMS: dict[Any, str] = {
    np.add: "{0} + {1}", np.subtract: "{0} - {1}", np.multiply: "{0} * {1}",
    np.true_divide: "{0} / {1}", np.negative: "-{0}", np.positive: "{0}", np.square: "{0} * {0}",
    np.reciprocal: "1 / {0}", np.sqrt: "np.sqrt({0})", np.abs: "np.abs({0})",
    np.greater: "{0} > {1}", np.less: "{0} < {1}", np.greater_equal: "{0} >= {1}",
    np.less_equal: "{0} <= {1}", np.equal: "{0} == {1}", np.not_equal: "{0} != {1}",
    np.bitwise_and: "{0} & {1}", np.bitwise_or: "{0} | {1}", np.isnan: "{0} != {0}",
    np.logical_and: "{0} != 0 and {1} != 0", np.logical_or: "{0} != 0 or {1} != 0",
    np.logical_not: "{0} == 0",
    np.maximum: "{0} if {0} >= {1} or {0} != {0} else {1}",
    np.minimum: "{0} if {0} <= {1} or {0} != {0} else {1}",
}  # fmt: skip
KINDS = "?fdbBlqiI"
"""The dtypes of elements, as characters. (In numba, uint64 beside a signed integer is a float.)"""
TRIED = 10_000
"""Steps after which it is not asked any longer whether two views have an element in common."""


def fused(
    here: Lowering, calls: list[Call], checks: int, wanted: list[Operand]
) -> tuple[list[Call], int]:
    """Put loops in the place of elementwise calls; return also how many come before the checks.

    Parameters
    ----------
    checks : how many calls come before them.
    wanted : what is read when all is done, or checked.
    """
    last = {memory(x): position for position, call in enumerate(calls) for x in touched(call)}
    last |= {memory(x): len(calls) for x in wanted}
    result: list[Call] = []
    group: list[Call] = []
    count = 0
    for position, call in enumerate(calls):
        if position == checks:
            result += written(here, group, last, position)
            group, count = [], len(result)
        if is_fusable(call) and (not group or fits(group, call)):
            group.append(call)
        elif group and is_fill(call) and is_apart(group, call):
            result.append(call)
        else:
            result += written(here, group, last, position)
            group = [call] if is_fusable(call) else []
            result += [] if group else [call]
    result += written(here, group, last, len(calls))
    return result, count if checks < len(calls) else len(result)


def touched(call: Call) -> list[Operand]:
    """List what a call needs as it was."""
    return [*call.reads, *([call.out] if call.update and call.out is not None else [])]


# ------------------------------------------------------------------------------ what is fused
def is_fusable(call: Call) -> bool:
    """Tell whether there is a form for a call, and its arrays are where they are beforehand."""
    if call.elementwise not in FORMS or call.out is None:
        return False
    return all(is_dense(x) and x.dtype.char in KINDS for x in (*call.reads, call.out))


def is_dense(x: Operand) -> bool:
    """Tell whether an operand lies in a row of numbers that is there beforehand."""
    root = root_of(x)
    if not isinstance(root, (Buffer, Fixed)) or any(step < 0 for step in x.sample.strides):
        return False
    row = in_a_row(root.sample)
    return row.size > 0 and row.flags.c_contiguous and np.shares_memory(row, root.sample)


def root_of(x: Operand) -> Operand | None:
    """Return the operand whose memory this is, if it is one."""
    root, *others = x.roots
    return None if others else root


def in_a_row(a: Array) -> Array:
    """View an array as a row of numbers, in the order in which they lie in memory."""
    row: Array = a.transpose(memory_order(a)).reshape(-1)
    return row


def memory(x: Operand) -> int:
    """Tell memory apart: a buffer may have been given the place of a fixed array."""
    root = root_of(x)
    if isinstance(root, Buffer):
        return id(root) if root.home is None else id(root.home)
    return id(root.sample) if isinstance(root, Fixed) else id(root or x)


def place(x: Operand, shape: Any) -> Any:
    """Return where in its memory the elements of an operand are, as a key."""
    root = root_of(x)
    assert root is not None  # noqa: S101  # see is_dense
    item = x.sample.itemsize
    start = address(x.sample) - address(in_a_row(root.sample))
    strides = np.broadcast_to(x.sample, shape).strides
    return memory(x), start // item, tuple(step // item for step in strides)


def fits(group: list[Call], call: Call) -> bool:
    """Tell whether a call may share the loop of those before it."""
    assert call.out is not None  # noqa: S101  # see is_fusable
    shape = call.out.shape
    if any(each.out.shape != shape for each in group if each.out is not None):
        return False
    for each in group:
        for ours, theirs in pairs_in_conflict(each, call):
            same = place(ours, shape) == place(theirs, shape) and ours.shape == theirs.shape
            if not same and may_meet(ours.sample, theirs.sample):
                return False
    return True


def pairs_in_conflict(before: Call, call: Call) -> Iterator[tuple[Operand, Operand]]:
    """Yield what one writes and the other reads or writes, in the same memory."""
    assert before.out is not None and call.out is not None  # noqa: S101, PT018
    for ours in (before.out, *before.reads):
        if memory(ours) == memory(call.out):
            yield ours, call.out
    for theirs in call.reads:
        if memory(theirs) == memory(before.out):
            yield before.out, theirs


def may_meet(a: Array, b: Array) -> bool:
    """Tell whether two views of the same memory may have an element in common."""
    if not np.may_share_memory(a, b):
        return False
    try:
        return np.shares_memory(a, b, max_work=TRIED)
    except np.exceptions.TooHardError:
        return True


def is_fill(call: Call) -> bool:
    """Tell whether a call writes one number everywhere."""
    return ".fill(" in call.text and isinstance(call.out, Buffer)


def is_apart(group: list[Call], call: Call) -> bool:
    """Tell whether a call may just as well come before a group."""
    assert call.out is not None  # noqa: S101  # see is_fill
    used = {memory(x) for each in group for x in (*each.reads, each.out) if x is not None}
    return memory(call.out) not in used


# ------------------------------------------------------------------------------------- text
class Rows:
    """The rows of numbers that one loop reads and writes.

    Attributes
    ----------
    found : the view of each that the loop is given, and its name there, by the memory.
    places : where the elements of each operand are in its row.
    """

    def __init__(self, here: Lowering, shape: tuple[int, ...]) -> None:
        self.here, self.shape = here, shape
        self.found: dict[int, tuple[str, Operand]] = {}
        self.places: set[Any] = set()

    def place(self, x: Operand) -> Any:
        """Return where the elements of an operand are, and see to it that the row is there."""
        key = place(x, self.shape)
        self.places.add(key)
        if key[0] not in self.found:
            root = root_of(x)
            assert root is not None  # noqa: S101  # see is_dense
            name = self.here.names.take(None, "v")
            view = View(name, in_a_row(root.sample), base=root, of=in_a_row)
            self.found[key[0]] = f"r{len(self.found)}", view
        return key

    def merged(self, like: Array) -> tuple[list[list[int]], tuple[int, ...]]:
        """Order the axes as they lie in memory, and make one of those that lie in a row."""
        axes = [axis for axis in memory_order(like) if self.shape[axis] != 1]
        groups: list[list[int]] = []
        for axis in axes:
            n, last = self.shape[axis], groups[-1][-1] if groups else None
            if last is not None and all(
                strides[last] == strides[axis] * n for _, _, strides in self.places
            ):
                groups[-1].append(axis)
            else:
                groups.append([axis])
        sizes = tuple(int(np.prod([self.shape[axis] for axis in each])) for each in groups)
        return groups, sizes

    def element(self, key: Any, order: list[list[int]], index: list[str]) -> str:
        """Write an element at an index of the loop."""
        name, start, strides = self.found[key[0]][0], key[1], key[2]
        terms = []
        for axes, i in zip(order, index):
            step = strides[axes[-1]]
            terms += [i if step == 1 else f"{i} * {step}"] if step else []
        terms += [str(start)] if start or not terms else []
        return f"{name}[{' + '.join(terms)}]"


def written(here: Lowering, group: list[Call], last: dict[int, int], end: int) -> list[Call]:
    """Return a group as one loop, or as it is if it is no more than a call.

    Parameters
    ----------
    last : the last call that reads some memory.
    end : the call behind the group.
    """
    if len(group) < 2:
        return group
    outs = [call.out for call in group if call.out is not None]
    rows = Rows(here, outs[0].shape)
    values: dict[Any, str] = {}
    before: list[str] = []  # the loop, as it is the same in all of it
    loads: list[tuple[str, Any]] = []
    body: list[str] = []
    stores: dict[Any, tuple[str, Operand]] = {}
    for call, out in zip(group, outs):
        keys = [place(x, rows.shape) for x in call.reads]
        for key, x in zip(keys, call.reads):
            if key in values:
                continue
            values[key] = f"e{len(values)}"
            if (number := the_number(x)) is not None:
                before.append(f"{values[key]} = {number}")
            elif not any(key[2]):
                before.append(f"{values[key]} = {rows.element(rows.place(x), [], [])}")
            else:
                loads.append((values[key], rows.place(x)))
        name, key = f"y{len(body)}", place(out, rows.shape)
        text = FORMS[call.elementwise].format(*(values[key] for key in keys))
        body.append(f"{name} = {typed(text, out.dtype)}")
        values[key] = name
        root = root_of(out)
        kept = isinstance(root, Fixed) or (isinstance(root, Buffer) and root.home is not None)
        if kept or last.get(memory(out), 0) >= end:
            stores[rows.place(out)] = name, out
    if not stores:
        return []
    order, sizes = rows.merged(outs[0].sample)
    index = [f"i{n}" for n in range(len(sizes))]
    lines = [f"{name} = {rows.element(key, order, index)}" for name, key in loads] + body
    lines += [f"{rows.element(key, order, index)} = {name}" for key, (name, _) in stores.items()]
    used = list(rows.found.values())
    head = f"def loop({', '.join(name for name, _ in used)}):"
    text = "\n".join([head, *(f"    {x}" for x in (*before, *loop(index, sizes, lines)))])
    f = here.names.take("loop", "f")
    here.given[f] = machine_code(text)
    here.loops.append(text.replace("def loop", f"def {f}", 1))
    *others, final = [out for _, out in stores.values()]
    begun = [Call("", (), out, update=True) for out in others]
    row = ", ".join(f"{{{i}}}" for i in range(len(used)))
    reads = (*(view for _, view in used), *others)
    return [*begun, Call(f"{f}({row})", reads, final, update=True)]


def the_number(x: Operand) -> str | None:
    """Write down the number that all elements of an operand are, for good."""
    if not isinstance(x, Fixed) or not x.constant or not (x.sample == x.sample.flat[0]).all():
        return None
    number = x.sample.flat[0]
    return typed(repr(number.item()), x.dtype) if np.isfinite(number) else None


@lru_cache
def machine_code(text: str) -> Any:
    """Have a loop compiled, when it is first called.

    Raises
    ------
    ImportError
        If numba is not installed.
    """
    function = compiled(f"import numpy as np\n{text}", "loop")
    return numba_module().njit(error_model="numpy")(function)
