"""Whose memory is whose: as little as will do, and none of it asked for while the program runs.

A value needs memory from the call that makes it to the last that reads it, or a view of it. After
that, the next may have it. An elementwise call writes over an argument that nobody else wants, and
the new value of a parameter is computed right in the parameter's memory where that does no harm.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.op import Array
from tinygrad_edu.program.compiling.instructions import (
    Buffer,
    Call,
    Fixed,
    Operand,
    View,
    memory_order,
)

ALIGNMENT = 64


def last_reads(calls: list[Call], wanted: list[Operand]) -> dict[Operand, int]:
    """Find the last call that needs each operand's memory."""
    last: dict[Operand, int] = {}
    for position, call in enumerate(calls):
        for each in (*call.reads, *(() if call.out is None else (call.out,))):
            for root in each.roots:
                last[root] = position
    holders: dict[Operand, set[Operand]] = {}
    for call in calls:
        if call.out is not None:
            for root in call.out.roots:
                holders.setdefault(root, set()).add(call.out)
    for root, found in holders.items():  # memory lives on in what may be a view of it
        last[root] = max([last.get(root, 0), *(last.get(each, 0) for each in found)])
    for each in wanted:
        for root in each.roots:
            last[root] = len(calls)
    return last


def write_in_place(calls: list[Call], written: list[tuple[Array, Operand]]) -> list[Any]:
    """Let new values of kept arrays be computed where they belong; return those that cannot be."""
    left = []
    for array, value in written:
        if isinstance(value, Buffer) and fits(calls, array, value):
            value.home, value.sample = array, array
        else:
            left.append((array, value))
    return left


def see_anew(calls: list[Call], wanted: list[Operand]) -> None:
    """Let views look at the memory that their buffers have been given since they were made."""
    for x in (*(x for call in calls for x in (*call.reads, call.out)), *wanted):
        sample_now(x)


def sample_now(x: Any) -> Any:
    """Return the sample of an operand, as it has come to be."""
    if isinstance(x, View):
        x.sample = x.of(sample_now(x.base))
    elif isinstance(x, Buffer) and x.twin is not None:
        x.sample = x.twin.sample
    return None if x is None else x.sample


def fits(calls: list[Call], array: Array, value: Buffer) -> bool:
    """Tell whether nobody reads the old value once the new one is begun to be written."""
    if value.pinned or value.home is not None or not array.flags.c_contiguous:
        return False
    if value.shape != array.shape or value.dtype != array.dtype:
        return False
    if not value.sample.flags.c_contiguous:
        return False
    first = next(i for i, call in enumerate(calls) if is_written(value, call))
    for position, call in enumerate(calls[first:], first):
        for each in call.reads:
            if any(isinstance(root, Fixed) and root.sample is array for root in each.roots):
                direct = position == first and call.in_place and isinstance(each, Fixed)
                if not direct:
                    return False
    return True


def is_written(value: Operand, call: Call) -> bool:
    """Tell whether a call writes a value, or a part of it."""
    return call.out is not None and value in call.out.roots


def plan(
    calls: list[Call], wanted: list[Operand], checked: list[Operand], checks: int
) -> tuple[dict[Buffer, int], list[int]]:
    """Give every buffer a slot of memory; return that, and the sizes of the slots.

    Parameters
    ----------
    wanted : what is read when all is done.
    checked : what is read after the first ``checks`` calls.
    """
    last = last_reads(calls, wanted)
    for each in checked:
        for root in each.roots:
            last[root] = max(last.get(root, 0), checks - 1)
    slots: dict[Buffer, int] = {}
    sizes: list[int] = []
    free: list[int] = []
    ending: dict[int, list[Buffer]] = {}
    for position, call in enumerate(calls):
        for out in () if call.out is None else call.out.roots:
            if not isinstance(out, Buffer) or out in slots or out.home is not None:
                continue
            heir = None if out.pinned else inherits(call, out, slots, last, position)
            if heir is not None:
                slots[out] = slots[heir]
                ending[last[heir]].remove(heir)
            else:
                slots[out] = take(out.sample.nbytes, sizes, [] if out.pinned else free)
            ending.setdefault(last[out], []).append(out)
        free += [slots[each] for each in ending.get(position, ()) if not each.pinned]
    return slots, sizes


def inherits(call: Call, out: Buffer, slots: Any, last: Any, position: int) -> Buffer | None:
    """Return the argument whose memory the result may have."""
    if not call.in_place or call.out is not out:
        return None
    for each in call.reads:
        if isinstance(each, Buffer) and each in slots and last[each] == position:
            same = each.dtype == out.dtype and each.sample.strides == out.sample.strides
            same = same and each.shape == out.shape
            if same and not each.pinned and not viewed_too(call, each):
                return each
    return None


def viewed_too(call: Call, buffer: Buffer) -> bool:
    """Tell whether a call reads some memory also in another order."""
    return any(isinstance(x, View) and buffer in x.roots for x in call.reads)


def take(size: int, sizes: list[int], free: list[int]) -> int:
    """Take the free slot that fits best, or else the largest, made larger; or a new one."""
    enough = [slot for slot in free if sizes[slot] >= size]
    slot = min(enough or free, key=lambda x: sizes[x] if enough else -sizes[x], default=None)
    if slot is None or (not enough and sizes[slot] * 4 < size):
        sizes.append(size)
        return len(sizes) - 1
    free.remove(slot)
    sizes[slot] = max(sizes[slot], size)
    return slot


def arrays_for(slots: dict[Buffer, int], sizes: list[int]) -> dict[Operand, Array]:
    """Make the arrays: each slot's memory, seen as each of its buffers."""
    blocks = [aligned(size) for size in sizes]
    made: dict[Any, Array] = {}  # NumPy is quicker to see that one array does not overlap itself
    for each, slot in slots.items():
        key = slot, each.shape, each.dtype, each.sample.strides
        if key not in made:
            made[key] = laid_like(blocks[slot][: each.sample.nbytes].view(each.dtype), each.sample)
    return {
        each: made[slot, each.shape, each.dtype, each.sample.strides]
        for each, slot in slots.items()
    }


def laid_like(row: Array, array: Array) -> Array:
    """Return a row of numbers as an array of the shape of another, its axes in the same order."""
    if array.flags.c_contiguous:
        return row.reshape(array.shape)
    order = memory_order(array)
    back = sorted(range(array.ndim), key=order.__getitem__)
    result: Array = row.reshape([array.shape[axis] for axis in order]).transpose(back)
    return result


def aligned(size: int) -> Array:
    """Make memory that begins at the start of a cache line."""
    block = np.zeros(size + ALIGNMENT, np.uint8)
    start = -block.ctypes.data % ALIGNMENT
    return block[start : start + size]
