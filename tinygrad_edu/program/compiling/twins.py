"""Memory that is filled twice with the same is filled once.

Ops are written down one by one, and two of them may begin alike: a convolution and its gradient
for the weight both lay out the windows of one image. So every state that memory is in gets a
number: what was done to it, with what, in which states. Two buffers that end in the same state are
twins, and the second is the first.

Read next: ``buffers.py``, which decides whose memory is whose.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import numpy as np

from tinygrad_edu.program.compiling.buffers import see_anew
from tinygrad_edu.program.compiling.instructions import (
    Buffer,
    Call,
    Local,
    Operand,
    View,
    address,
)


def without_twins(calls: list[Call], checks: int, wanted: list[Operand]) -> tuple[list[Call], int]:
    """Leave out the calls that fill a twin; return also how many are left before the checks.

    Parameters
    ----------
    checks : how many calls come before them.
    wanted : what is read when all is done, or checked.
    """
    states = States()
    writes: dict[Buffer, list[int]] = {}
    first_read: dict[Operand, int] = {}
    for position, call in enumerate(calls):
        for read in call.reads:
            first_read.setdefault(root_of(read), position)
        if isinstance(root_of(call.out), Buffer):
            writes.setdefault(root_of(call.out), []).append(position)
        states.make(call)
    for read in wanted:
        first_read.setdefault(root_of(read), len(calls))
    left_out: set[int] = set()
    found: dict[Any, Buffer] = {}
    for buffer, positions in writes.items():
        begin = first_read.get(buffer, -1)
        if buffer.pinned or buffer.home is not None or begin <= positions[-1]:
            continue
        first = found.setdefault(states.of(buffer), buffer)
        if first is not buffer and writes[first][-1] < begin:
            buffer.twin = first
            left_out.update(positions)
    see_anew(calls, wanted)
    kept = [call for position, call in enumerate(calls) if position not in left_out]
    return kept, checks - sum(position < checks for position in left_out)


def root_of(x: Any) -> Any:
    """Return the operand whose memory this is; of what may be other memory, itself."""
    if isinstance(x, View):
        return root_of(x.base)
    if isinstance(x, Local) and len(x.aliases) == 1:
        (base,) = x.aliases
        single = isinstance(x.sample, np.ndarray) and isinstance(base.sample, np.ndarray)
        if single and np.shares_memory(x.sample, base.sample):
            return base
    return x


class States:
    """The number of the state that each operand's memory is in."""

    def __init__(self) -> None:
        self.now: dict[Any, int] = {}
        self.numbers: dict[Hashable, int] = {}

    def number(self, what: Hashable) -> int:
        """Return a state's number."""
        return self.numbers.setdefault(what, len(self.numbers))

    def of(self, root: Any) -> int:
        """Return the state of some memory; if nothing is known of it, it is like no other."""
        if root not in self.now:
            self.now[root] = self.number(("given", root))
        return self.now[root]

    def seen(self, x: Operand) -> Hashable:
        """Tell what an operand is now: in which memory, where, and in which state."""
        root = root_of(x)
        a = x.sample
        if not isinstance(a, np.ndarray):  # several arrays
            return self.of(root), x
        return self.of(root), address(a) - address(root.sample), a.shape, a.strides, a.dtype

    def make(self, call: Call) -> None:
        """Note what a call makes of its output."""
        if call.out is None:
            return
        root, whole = root_of(call.out), isinstance(call.out, Buffer) and not call.update
        if isinstance(call.out, Local) and root is not call.out:
            return  # a view of it, which changes nothing
        if not call.pure or not isinstance(root, Buffer):
            self.now[root] = self.number(("made", len(self.numbers), root))
            return
        if whole or root not in self.now:
            self.now[root] = self.number(("memory", root.shape, root.sample.strides, root.dtype))
        reads = tuple(self.seen(x) for x in call.reads)
        self.now[root] = self.number((call.text, call.within, reads, self.seen(call.out)))
