"""One call of a function, taken down to be compiled.

The function is called twice, the second time with other numbers in its arguments and in all memory
that it reaches. Whatever stands in the program as a constant must be the same both times: a number
that came from an argument in a way that cannot be followed, from a counter, an iterator or a stream
of random numbers, is found out by that. Neither call changes any memory.

Read next: ``lower.py``, for what becomes of the program.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tinygrad_edu.op import Array
from tinygrad_edu.program.compiling.alike import check_same, other_numbers
from tinygrad_edu.program.compiling.memory import memory_kind
from tinygrad_edu.program.compiling.quicker import for_speed
from tinygrad_edu.program.compiling.reach import Place, Reach
from tinygrad_edu.program.compiling.results import array_of, dig_results, kind_of
from tinygrad_edu.program.compiling.stand_ins import DRAW, standing_in
from tinygrad_edu.program.compiling.tracer import Followed, Tracer
from tinygrad_edu.program.compiling.updates import Update
from tinygrad_edu.program.passes import simplify
from tinygrad_edu.program.passes.dead import drop_dead_code
from tinygrad_edu.program.plain import fill
from tinygrad_edu.program.program import Input, Program, Value
from tinygrad_edu.program.traced import TracedValues
from tinygrad_edu.program.tracing import TraceError
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
    expected : the Tensors that must not have a gradient before.
    updates : the optimizers' steps.
    places : the numbers that the function took for granted.
    """

    program: Program
    arguments: list[Input]
    template: Any
    kinds: list[str]
    writes: list[Array]
    gradients: list[tuple[Tensor, bool]]
    expected: list[Tensor]
    updates: list[Update]
    places: list[Place]
    reads: dict[Any, Array]
    tensors: list[Tensor] = field(default_factory=list)


class Tracing:
    """What is needed to call a function with everything followed.

    Parameters
    ----------
    leaves, template : the arrays and Tensors among the arguments, and how they stand among these.
    """

    def __init__(self, function: Callable[..., Any], leaves: list[Any], template: Any) -> None:
        self.function, self.leaves, self.template = function, leaves, template
        self.reach = Reach((function, template))
        self.originals = [(t, t.__class__, t._array, t._grad, t.memory) for t in self.reach.tensors]

    def recorded(self) -> Recording:
        """Call the function twice, and return what it did."""
        before = list(self.reach.places)
        streams = [default_generator(), *self.reach.generators]
        states = [stream.bit_generator.state for stream in streams]
        legacy = np.random.get_state(legacy=True)  # to see that nobody draws
        try:
            first = self.once(None)
            between = [(place, place.now()) for place in before if place.changed()]
            second = self.once(np.random.default_rng(5))
            check_same(first.program, second.program)
            moved = any(
                repr(stream.bit_generator.state) != repr(state)
                for stream, state in zip(streams, states)
            )
        except BaseException:
            between = []
            raise
        finally:
            for place in before:
                if place.changed():
                    place.put_back(place.value)
            for stream, state in zip(streams, states):
                stream.bit_generator.state = state
        for place, value in between:  # Python's own effects are those of one call
            place.put_back(value)
        now = np.random.get_state(legacy=True)
        if moved or repr(now) != repr(legacy):
            np.random.set_state(legacy)
            raise TraceError(
                "random numbers are drawn in a way that cannot be followed; use nn.Dropout or "
                "functional.dropout, or draw them outside and pass them as an argument"
            )
        changed = {id(place) for place, _ in between}
        first.places = [place for place in before if id(place) not in changed]
        first.program = drop_dead_code(for_speed(simplify(first.program, exact=True)))
        for update in first.updates:
            update.settle()
        return first

    # -------------------------------------------------------------------------- one call
    def once(self, generator: Any) -> Recording:
        """Call the function, with other numbers if there is a generator to draw them from."""
        moved = {
            id(t): other_numbers(array, generator, 1) if generator else array
            for t, _, array, _, _ in self.originals
        }
        tracer = Tracer([*moved.values(), *self.reach.arrays])
        home = {id(moved[id(t)]): array for t, _, array, _, _ in self.originals}
        arguments, given = [], []
        for position, x in enumerate(self.leaves):
            array = x._array if isinstance(x, Tensor) else x
            array = other_numbers(array, generator) if generator else array.copy()
            tensor: Any = object.__new__(Followed)
            tensor._array, tensor._grad, tensor.notes = array, None, None
            tensor.node = tensor.memory = None
            tensor._requires_grad = isinstance(x, Tensor) and x.requires_grad
            if not isinstance(x, Tensor):
                tensor.__class__ = TracedValues
            arguments.append(tracer.give(array, f"x{position + 1}"))
            given.append((tensor, array))
        args, kwargs = fill(self.template, [tensor for tensor, _ in given])
        updates: list[Update] = []
        settings = [(group, dict(group)) for o in self.reach.optimizers for group in o.param_groups]
        with (
            self.followed(tracer, moved),
            self.steps_traced(tracer, updates),
            standing_in(),
            self.settings_kept(settings),
            tracer.watching(),
            np.errstate(all="ignore" if generator else None),
        ):
            result = self.function(*args, **kwargs)
            for tensor, array in given:
                check_argument(tensor, array)
            found: list[Any] = []
            template = dig_results(result, found)
            kinds = [kind_of(x) for x in found]
            values = [tracer.value_of(array_of(x)) for x in found]
            writes, gradients, expected = self.left_behind(tracer, moved)
            for update in updates:
                for before, after in update.changed:
                    if before is not after:
                        writes.append((before, tracer.value_of(after)))
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
            expected,
            updates,
            [],
            reads,
            [t for t, _, _, _, _ in self.originals],
        )

    @contextmanager
    def followed(self, tracer: Tracer, arrays: dict[int, Array]) -> Iterator[None]:
        """Make Tensors that can be reached followed ones, for as long as the call takes."""
        for t, kind, _, gradient, _ in self.originals:
            t.__class__ = memory_kind(kind) if t.node is None else Followed
            t._array, t.memory = arrays[id(t)], None
            if gradient is not None:
                copy: Any = object.__new__(Tensor)
                copy._array, copy._grad, copy.notes = gradient._array.copy(), None, None
                copy.node = copy.memory = None
                copy._requires_grad = False
                copy.__class__ = Followed
                t._grad = copy
                tracer.reached[id(copy._array)] = copy._array
            tracer.first_gradients[t] = t._grad
        try:
            yield
        finally:
            for t, kind, array, gradient, memory in self.originals:
                t.__class__, t._array, t._grad, t.memory = kind, array, gradient, memory

    @contextmanager
    def settings_kept(self, settings: list[Any]) -> Iterator[None]:
        """Refuse a function that changes the settings of an optimizer."""
        try:
            yield
            for group, was in settings:
                if any(group.get(key) is not x for key, x in was.items()):
                    raise TraceError(
                        "a setting of an optimizer, such as its learning rate, is changed within "
                        "what is compiled; call scheduler.step() outside of it"
                    )
        finally:
            for group, was in settings:
                group.update(was)

    @contextmanager
    def steps_traced(self, tracer: Tracer, updates: list[Update]) -> Iterator[None]:
        """Have the optimizers that can be reached take traced steps."""
        stepped = [(optimizer, optimizer.has_stepped) for optimizer in self.reach.optimizers]
        for optimizer, _ in stepped:
            vars(optimizer)["step"] = traced_step(optimizer, tracer, updates)
        try:
            yield
        finally:
            for optimizer, before in stepped:
                del vars(optimizer)["step"]
                optimizer.has_stepped = before

    def left_behind(self, tracer: Tracer, arrays: dict[int, Array]) -> Any:
        """List what the call has changed: memory, and gradients."""
        writes, expected = [], []
        gradients: list[tuple[Tensor, Value | None]] = []
        for t, _, original, first, _ in self.originals:
            kept = t in tracer.first_gradients
            if t._array is not arrays[id(t)]:
                writes.append((original, tracer.value_of(t._array)))
            if first is not None and kept and id(t._grad) != id(tracer.first_gradients[t]):
                raise TraceError(
                    "gradients are added to those of an earlier call; call zero_grad() at the "
                    "beginning of what is compiled"
                )
            if first is not None and kept:
                continue
            if t._grad is not None:
                gradients.append((t, tracer.value_of(t._grad._array)))
            elif first is not None:
                gradients.append((t, None))
            if first is None and any(t is each for each in tracer.asked):
                expected.append(t)
        return writes, gradients, expected


def traced_step(optimizer: Any, tracer: Tracer, updates: list[Update]) -> Callable[..., Any]:
    """Make what stands for an optimizer's ``step`` while it is traced."""

    def step(closure: Callable[[], Any] | None = None) -> Any:
        if any(update.optimizer is optimizer for update in updates):
            raise TraceError("an optimizer takes several steps in one call; compile one step")
        loss = None if closure is None else closure()
        update = Update(optimizer)
        updates.append(update)
        update.trace(tracer)
        optimizer.has_stepped = True  # until the call is over: a schedule asks
        return loss

    return step


def check_apart(written: list[Array], reached: list[Array]) -> None:
    """Refuse to write into memory that is also the memory of something else."""
    for array in written:
        if sum(np.may_share_memory(x, array) for x in reached) > 1:
            raise TraceError(
                f"an array of shape {array.shape} that is written into shares its memory with "
                f"another one; give each a copy"
            )


def check_argument(tensor: Any, array: Array) -> None:
    """Refuse a function that changes what it is given."""
    if tensor._array is not array or tensor._grad is not None:
        what = "is changed in place" if tensor._array is not array else "gets a .grad"
        raise TraceError(
            f"an argument of shape {array.shape} {what}, which a compiled function does not do; "
            f"return the new value, or let the function reach the Tensor by itself"
        )
