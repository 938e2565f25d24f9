"""The text of a compiled program: straight-line NumPy on memory that is there.

The text is a function ``bind`` of all arrays and functions that are used; it returns ``step``,
which takes the arguments' arrays. `Compiled.source` shows it.

Read next: ``compiled.py``.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.op import Array
from tinygrad_edu.program.compiling.buffers import (
    arrays_for,
    is_written,
    plan,
    see_anew,
    write_in_place,
)
from tinygrad_edu.program.compiling.draws import DRAW
from tinygrad_edu.program.compiling.expand_numpy import FORMS
from tinygrad_edu.program.compiling.forms import RULES
from tinygrad_edu.program.compiling.fuse import fused
from tinygrad_edu.program.compiling.instructions import Buffer, Call, Fixed, Local, Operand, View
from tinygrad_edu.program.compiling.lower import Lowering
from tinygrad_edu.program.compiling.tracing import Recording
from tinygrad_edu.program.compiling.twins import without_twins
from tinygrad_edu.program.program import Assignment, Guard, Value
from tinygrad_edu.random import default_generator


class NumpyProgram:
    """A recording, ready to be run.

    Attributes
    ----------
    lines : the lines of ``step``, after its arguments' checks and before its results.
    given : what the names in them stand for.
    parameters : the names of the arguments' arrays.
    outputs : the expressions of the results.
    gradient_arrays : the arrays of the gradients that are left behind.
    size : how many bytes it keeps to compute in.

    Parameters
    ----------
    fuse : whether elementwise calls become loops of machine code.
    """

    def __init__(self, recording: Recording, fuse: bool = False) -> None:
        self.recording, self.here = recording, Lowering(RULES, FORMS)
        program, here = recording.program, self.here
        shown = len(recording.kinds)
        written = len(recording.writes)
        results = program.outputs[:shown]
        self.parameters = self.place_inputs()
        self.drawn: list[Any] = []  # the generators that are drawn from before the checks
        guards = self.lower_guards(program.guards)
        for value in program.in_order():
            self.lower(value)
        written_values = program.outputs[shown : shown + written]
        pairs = [
            (array, self.computed(value)) for array, value in zip(recording.writes, written_values)
        ]
        self.left = [t for t, left in recording.gradients if left]
        behind = program.outputs[shown + written :][: len(self.left)]  # then come the draws
        self.gradients = [self.kept(value) for value in behind]
        self.results = [here.operand(x) for x in results]
        self.shield(pairs)
        for array, value in write_in_place(here.calls, pairs):
            home = self.home(array)
            f = here.function(np.copyto, "copyto")
            here.calls.append(Call(f"{f}({{out}}, {{0}})", (value,), home))
        wanted = [*self.results, *self.gradients]
        needed = [*wanted, *(x for x, _ in self.guards)]
        see_anew(here.calls, needed)
        here.calls, guards = without_twins(here.calls, guards, needed)
        if fuse:
            here.calls, guards = fused(here, here.calls, guards, needed)
        slots, sizes = plan(here.calls, wanted, [x for x, _ in self.guards], guards)
        self.size = sum(sizes)
        self.arrays: dict[Operand, Array] = arrays_for(slots, sizes)
        self.views: dict[Operand, Array] = {}
        self.renew_gradients()
        for each, array in self.arrays.items():
            each.sample = array  # and no longer one of its own
        self.lines = [f"# {line}" for text in here.loops for line in text.splitlines()]
        self.lines += self.written_out(guards, wanted)
        self.given = here.given

    @property
    def gradient_arrays(self) -> list[Array]:
        """The arrays of the gradients that are left behind."""
        return [self.arrays[each] for each in self.gradients]

    def renew_gradients(self) -> None:
        """Give each gradient an array that no other shares memory with."""
        for each in self.gradients:
            self.arrays[each] = np.empty_like(each.sample, order="K")

    def renew(self) -> None:
        """Take other memory for the gradients: somebody has kept those of the last call."""
        self.renew_gradients()
        for view in [view for view in self.views if not view.roots.isdisjoint(self.gradients)]:
            del self.views[view]
        for each in self.named:
            self.here.given[each.name] = self.array_of(each)

    # -------------------------------------------------------------------------- operands
    def place_inputs(self) -> list[str]:
        """Say where every input is."""
        here, recording = self.here, self.recording
        for value in recording.arguments:
            here.places[value] = here.local(value.array, value.name)
        for value in recording.earlier:
            here.places[value] = here.local(value.array, value.name)
        for value, array in recording.reads.items():
            here.places[value] = here.fixed(array, value.name or "p")
        return [here.places[value].name for value in (*recording.arguments, *recording.earlier)]

    def lower(self, value: Value) -> None:
        """Add the calls for a value."""
        if isinstance(value, Assignment) and value not in self.here.places:
            self.here.lower(value)

    def lower_guards(self, guards: tuple[Guard, ...]) -> int:
        """Add the calls for what is checked first; return how many these are."""
        self.here.testing = True
        needed: set[Value] = set()
        waiting = [guard.value for guard in guards]
        while waiting:
            value = waiting.pop()
            if value not in needed:
                needed.add(value)
                waiting += getattr(value, "operands", ())
        values = list(self.recording.program.in_order())
        last = max((i for i, x in enumerate(values) if is_draw(x) and x in needed), default=-1)
        for i, value in enumerate(values):  # in order, as random numbers are drawn one by one
            if value in needed or (i < last and is_draw(value)):
                self.lower(value)
                if is_draw(value) and value.settings["generator"] not in self.drawn:  # type: ignore[attr-defined]
                    self.drawn.append(value.settings["generator"])  # type: ignore[attr-defined]
        self.here.testing = False
        self.guards = [(self.here.operand(g.value), g.seen) for g in guards]
        return len(self.here.calls)

    def computed(self, value: Value) -> Operand:
        """Return where a new value is, in memory that is not about to be written into."""
        found = self.here.operand(value)
        return found if isinstance(found, Buffer) else self.copied(found, value)

    def kept(self, value: Value) -> Buffer:
        """Return memory that holds a gradient until the next call."""
        found = self.here.operand(value)
        if (
            not isinstance(found, Buffer)
            or found.pinned
            or value
            in self.recording.program.outputs[
                : len(self.recording.kinds) + len(self.recording.writes)
            ]
        ):
            found = self.copied(found, value)
        found.pinned = True
        return found

    def copied(self, found: Operand, value: Value) -> Buffer:
        """Copy a value into memory of its own."""
        copy, f = self.here.buffer(value), self.here.function(np.copyto, "copyto")
        self.here.calls.append(Call(f"{f}({{out}}, {{0}})", (found,), copy))
        return copy

    def shield(self, pairs: list[tuple[Array, Operand]]) -> None:
        """Copy results that are what is about to be written over."""
        for position, each in enumerate(self.results):
            for root in each.roots:
                if isinstance(root, Fixed) and any(root.sample is array for array, _ in pairs):
                    copy, f = self.here.buffer(each), self.here.function(np.copyto, "copyto")
                    self.here.calls.append(Call(f"{f}({{out}}, {{0}})", (each,), copy))
                    self.results[position] = copy

    def home(self, array: Array) -> Fixed:
        """Return the operand that is a kept array."""
        for each in self.here.places.values():
            if isinstance(each, Fixed) and each.sample is array:
                return each
        return self.here.fixed(array, "p")

    # ------------------------------------------------------------------------------ text
    def array_of(self, each: Operand) -> Any:
        """Return the array that an operand is."""
        if isinstance(each, Fixed):
            return each.sample
        if isinstance(each, Buffer):
            (root,) = each.roots
            return self.arrays[root] if each.home is None else each.home
        assert isinstance(each, View)  # noqa: S101  # a Local has no array beforehand
        if each not in self.views:
            self.views[each] = each.sample = each.of(self.array_of(each.base))
        return self.views[each]

    def written_out(self, guards: int, wanted: Any) -> list[str]:
        """Write the calls as lines."""
        here, lines = self.here, self.copies()
        self.named: list[Operand] = []  # that are not made while the program runs

        def name(each: Operand) -> str:
            if not isinstance(each, Local) and each.name not in here.given:
                here.given[each.name] = self.array_of(each)
                self.named.append(each)
            return each.name

        last_use = {
            each: i for i, call in enumerate(here.calls) for each in (call.out, *call.reads)
        }
        ends: dict[int, list[str]] = {}
        for each, i in last_use.items():
            if isinstance(each, Local) and each not in wanted and each.name not in self.parameters:
                ends.setdefault(i, []).append(each.name)
        tests = [self.test(name(x), seen) for x, seen in self.guards]
        if self.drawn:  # a call that fails is made again, and draws again
            streams, states = Streams(self.drawn), here.names.take("states", "s")
            lines.append(f"{states} = {here.function(streams.now, 'now')}()")
            back = f"{here.function(streams.put_back, 'put_back')}({states})"
            tests = [x.replace("return FAILED", f"{back}; return FAILED") for x in tests]
        lines += [] if guards else tests
        within = ""
        for i, call in enumerate(here.calls):
            if not call.text:  # which only says that memory is needed from here on
                continue
            out = "" if call.out is None else name(call.out)
            text = call.text.format(*map(name, call.reads), out=out)
            shape = getattr(call.out.sample, "shape", "") if call.out is not None else ""
            if call.within and call.within != within:
                lines.append(f"with {call.within}:")
            within = call.within
            lines.append(f"{'    ' if within else ''}{text}  # {shape}")
            if i in ends and i >= guards:
                lines.append(f"{'    ' if within else ''}del {', '.join(ends[i])}")
            if i + 1 == guards:
                lines += tests
                within = ""
        for each in wanted:
            name(each)
        return lines

    def copies(self) -> list[str]:
        """Write that an earlier gradient is copied which lies where the new one is to be written.

        That is so from the second call on. It does no harm if they meet in one
        elementwise call.
        """
        lines = []
        for t, value in zip(self.left, self.gradients):
            for given, tensor in self.recording.earlier.items():
                before = self.here.places[given]
                if tensor is t and read_late(self.here.calls, before, value):
                    self.here.given.setdefault(value.name, self.array_of(value))
                    name = before.name
                    lines.append(f"if {name} is {value.name}: {name} = {name}.copy()")
        return lines

    def test(self, name: str, seen: Array) -> str:
        """Write down that what somebody looked at is as it was."""
        if seen.size == 1 and seen.dtype == bool:
            return f"if {'not ' if seen.item() else ''}{name}: return FAILED"
        equal = self.here.function(same_numbers, "same_numbers")
        return f"if not {equal}({name}, {self.here.fixed(seen, 'seen').name}): return FAILED"


class Streams:
    """Where some generators are in their streams of random numbers."""

    def __init__(self, generators: list[Any]) -> None:
        self.generators = generators

    def now(self) -> list[Any]:
        """Return where they are."""
        return [default_generator(each).bit_generator.state for each in self.generators]

    def put_back(self, states: list[Any]) -> None:
        """Go back to where they were."""
        for each, state in zip(self.generators, states):
            default_generator(each).bit_generator.state = state


def read_late(calls: list[Call], before: Operand, value: Operand) -> bool:
    """Tell whether an operand is read once another is begun to be written."""
    first = next((i for i, call in enumerate(calls) if is_written(value, call)), len(calls))
    for position, call in enumerate(calls[first:], first):
        for each in call.reads:
            direct = position == first and call.in_place and each is before
            if before in each.roots and not direct:
                return True
    return False


def same_numbers(a: Array, b: Array) -> bool:
    """Tell whether two arrays are equal; NaN is equal to NaN."""
    return np.array_equal(a, b, equal_nan=a.dtype.kind in "fc")


def is_draw(value: Value) -> bool:
    """Tell whether a value is made of random numbers."""
    return isinstance(value, Assignment) and value.op is DRAW
