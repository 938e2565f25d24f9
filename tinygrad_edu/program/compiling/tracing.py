"""One call of a function, taken down as a program.

The function is called twice, the second time with other numbers in its arguments and in all memory
that it reaches. Whatever stands in the program as a constant must be the same both times: a number
that came from an argument in a way that cannot be followed, from a counter, an iterator or a stream
of random numbers, is found out by that. Neither call changes any memory.

Read next: ``lower.py``, for what becomes of the program.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from tinygrad_edu.op import Array
from tinygrad_edu.program.compiling.alike import check_same, other_numbers
from tinygrad_edu.program.compiling.draws import DRAW, draws_followed
from tinygrad_edu.program.compiling.memory import (
    check_apart,
    check_argument,
    memory,
    memory_kind,
)
from tinygrad_edu.program.compiling.quicker import for_speed
from tinygrad_edu.program.compiling.reach import Reach
from tinygrad_edu.program.compiling.results import array_of, dig_results, kind_of
from tinygrad_edu.program.compiling.stepping import settings_kept, steps_traced
from tinygrad_edu.program.compiling.tracer import Followed, Tracer
from tinygrad_edu.program.compiling.updates import Update
from tinygrad_edu.program.looks import TraceError
from tinygrad_edu.program.passes import simplify
from tinygrad_edu.program.passes.dead import drop_dead_code
from tinygrad_edu.program.plain import fill
from tinygrad_edu.program.program import Input, Program, Value
from tinygrad_edu.program.traced import TracedValues, traced
from tinygrad_edu.random import default_generator
from tinygrad_edu.tensor import Tensor


@dataclass(eq=False)
class Recording:
    """What one call has done.

    Attributes
    ----------
    program : its outputs are the results, then what is written, then the gradients that are left.
    arguments : the inputs that the call's arrays are, in order.
    template, kinds : how the results are put together; which are Tensors, with or without history.
    writes : the arrays that are written into, with the values.
    gradients : the Tensors whose ``.grad`` changes, with the values; None where it is forgotten.
    asked : the Tensors of which it matters whether they had a gradient before, and whether so.
    earlier : the Tensors whose gradient of before is read, by input.
    updates : the optimizers' steps.
    schedules : what takes a step when all is done.
    reads : the arrays that it reads where they are, by input.
    given : what stood for the arguments, with the arrays that these had at first.
    lines : the user's line that each line of the program is from.
    """

    program: Program
    arguments: list[Input]
    template: Any
    kinds: list[str]
    writes: list[Array]
    gradients: list[tuple[Tensor, bool]]
    asked: list[tuple[Tensor, bool]]
    earlier: dict[Any, Tensor]
    updates: list[Update]
    schedules: list[Callable[[], Any]]
    reads: dict[Any, Array]
    given: list[tuple[Any, Array]]
    lines: dict[Value, str]

    @property
    def repeats_alike(self) -> bool:
        """Whether the next call is the same but for what the program itself has written."""
        counts = any(update.counts for update in self.updates)
        return not (counts or self.schedules or self.earlier)


class Tracing:
    """What is needed to call a function with everything followed.

    Parameters
    ----------
    leaves, template : the arrays and Tensors among the arguments, and how they stand among these.
    names : what the leaves are called in the program.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        leaves: list[Any],
        template: Any,
        names: Sequence[str] = (),
    ) -> None:
        self.function, self.leaves, self.template = function, leaves, template
        self.names = names or [f"x{position}" for position in range(1, len(leaves) + 1)]
        self.reach = Reach((function, template))
        self.originals = [(t, t.__class__, t._array, t._grad, t.memory) for t in self.reach.tensors]

    def compiled(self) -> Recording:
        """Take down what the function does, with a program that is quick to run."""
        recording = self.recorded()
        for tensor, array in recording.given:
            check_argument(tensor, array)
        recording.program = drop_dead_code(for_speed(simplify(recording.program, exact=True)))
        for update in recording.updates:
            update.settle()
        return recording

    def recorded(self) -> Recording:
        """Call the function twice, and return what it did.

        Raises
        ------
        TraceError
            If it does something that no program can do.
        """
        streams = [default_generator(), *self.reach.generators]
        states = [stream.bit_generator.state for stream in streams]
        legacy = np.random.get_state(legacy=True)  # to see that nobody draws
        try:
            first = self.once(None)
            self.check_effects()
            second = self.once(np.random.default_rng(5))
            self.check_effects()
            check_same(first.program, second.program, first.lines)
            moved = any(
                repr(stream.bit_generator.state) != repr(state)
                for stream, state in zip(streams, states)
            )
        finally:
            for home in (*self.reach.homes, *self.reach.registries):
                home.put_back()
            for stream, state in zip(streams, states):
                stream.bit_generator.state = state
        now = np.random.get_state(legacy=True)
        if moved or repr(now) != repr(legacy):
            np.random.set_state(legacy)
            raise TraceError(
                "random numbers are drawn in a way that cannot be followed; use nn.Dropout or "
                "functional.dropout, or draw them outside and pass them as an argument"
            )
        return first

    def check_effects(self) -> None:
        """Refuse a function that changes what Python keeps, such as a counter or a list."""
        homes = (*self.reach.homes, *self.reach.registries)
        names = [name for home in homes for name in home.changed()]
        if names:
            raise TraceError(
                f"{getattr(self.function, '__name__', 'the function')} changes {names[0]}, which "
                f"is kept by Python from call to call, and a program does not change that; return "
                f"the new value, keep it in a Tensor and write t[...] = value, or do it outside; "
                f"if it is done in the first call only, make one before"
            )

    # -------------------------------------------------------------------------- one call
    def once(self, generator: Any) -> Recording:
        """Call the function, with other numbers if there is a generator to draw them from."""
        moved = {
            id(t): other_numbers(array, generator, 1) if generator else array
            for t, _, array, _, _ in self.originals
        }
        tensors = [(t, moved[id(t)]) for t, _, _, _, _ in self.originals]
        tracer = Tracer(tensors, self.reach.arrays, self.reach.names)
        home = {id(moved[id(t)]): array for t, _, array, _, _ in self.originals}
        arguments, given = [], []
        for x, name in zip(self.leaves, self.names):
            array = x._array if isinstance(x, Tensor) else x
            array = other_numbers(array, generator) if generator else array.copy()
            tensor: Any = object.__new__(Followed)
            tensor._array, tensor._grad, tensor.notes = array, None, None
            tensor.node = tensor.memory = None
            tensor._requires_grad = isinstance(x, Tensor) and x.requires_grad
            if not isinstance(x, Tensor):
                tensor.__class__ = TracedValues
            arguments.append(tracer.give(array, name, x if tensor._requires_grad else None))
            given.append((tensor, array))
        args, kwargs = fill(self.template, [tensor for tensor, _ in given])
        updates: list[Update] = []
        schedules: list[Callable[[], Any]] = []
        standing = {id(spot.kept): memory(spot.kept) for spot in self.reach.spots}
        with (
            self.followed(tracer, moved, generator),
            self.arrays_followed(standing),
            draws_followed(self.reach.generator_spots),
            steps_traced(self.reach, tracer, updates, schedules),
            settings_kept(self.reach),
            tracer.watching(),
            np.errstate(all="ignore" if generator else None),
        ):
            result = self.function(*args, **kwargs)
            found: list[Any] = []
            template = dig_results(result, found)
            kinds = [kind_of(x) for x in found]
            values = [tracer.value_of(array_of(x)) for x in found]
            writes, gradients = self.left_behind(tracer, moved)
            for array in tracer.reached.values():
                now = standing.get(id(array))
                if now is not None and now._array is not array:
                    writes.append((array, tracer.value_of(now._array)))
            changed = {id(x): (x, new) for update in updates for x, new in update.changed}
            writes += [(x, tracer.value_of(new)) for x, new in changed.values() if x is not new]
        new = [value for _, value in gradients if value is not None]
        draws = [line for line in tracer.assignments if line.op is DRAW]
        outputs = (*values, *(value for _, value in writes), *new, *draws)
        program = Program(
            tuple(tracer.inputs) + tuple(tracer.slots),
            tuple(tracer.assignments),
            outputs,
            guards=tuple(tracer.guards),
        )
        check_apart(
            [array for array, _ in writes], [home.get(id(x), x) for x in tracer.reached.values()]
        )
        reads = {value: home.get(id(x), x) for value, x in tracer.read.items()}
        return Recording(
            program,
            arguments,
            template,
            kinds,
            [array for array, _ in writes],
            [(tensor, value is not None) for tensor, value in gradients],
            [(t, first is not None) for t, _, _, first, _ in self.originals if t in tracer.asked],
            tracer.earlier,
            updates,
            schedules,
            reads,
            given,
            tracer.lines,
        )

    @contextmanager
    def followed(self, tracer: Tracer, arrays: dict[int, Array], generator: Any) -> Iterator[None]:
        """Make Tensors that can be reached followed ones, for as long as the call takes."""
        for t, kind, _, gradient, _ in self.originals:
            t.__class__ = memory_kind(kind) if t.node is None else Followed
            t._array, t.memory = arrays[id(t)], None
            if gradient is not None:
                t._grad = self.gradient_followed(tracer, t, gradient, generator)
            tracer.gradients[t] = t._grad, None if t._grad is None else t._grad._array
        try:
            yield
        finally:
            for t, kind, array, gradient, noted in self.originals:
                t.__class__, t._array, t._grad, t.memory = kind, array, gradient, noted

    def gradient_followed(self, tracer: Tracer, t: Tensor, gradient: Any, generator: Any) -> Any:
        """Return what stands for the gradient that a Tensor has."""
        if gradient.node is not None:
            raise TraceError(
                f"the gradient of a tensor of shape {t.shape} has a history, from create_graph="
                f"True, which a program does not have; call zero_grad() before"
            )
        array = gradient._array
        array = other_numbers(array, generator) if generator else array.copy()
        tracer.know_gradient(array, t)
        copy = traced(array)
        copy.__class__ = Followed
        return copy

    @contextmanager
    def arrays_followed(self, standing: dict[int, Any]) -> Iterator[None]:
        """Put something that is followed in the place of arrays that can be reached."""
        for spot in self.reach.spots:
            spot.put(standing[id(spot.kept)])
        try:
            yield
        finally:
            for spot in self.reach.spots:
                if spot.now() is standing[id(spot.kept)]:
                    spot.put(spot.kept)

    def left_behind(self, tracer: Tracer, arrays: dict[int, Array]) -> Any:
        """List what the call has changed: memory, and gradients."""
        writes = []
        gradients: list[tuple[Tensor, Value | None]] = []
        for t, _, original, _, _ in self.originals:
            if t._array is not arrays[id(t)]:
                writes.append((original, tracer.value_of(t._array)))
            before, array = tracer.gradients[t]
            if t._grad is None and (before is not None or t in tracer.replaced):
                gradients.append((t, None))
            elif t._grad is not None and t._grad._array is not array:
                gradients.append((t, tracer.value_of(t._grad._array)))
        return writes, gradients
