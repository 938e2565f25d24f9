"""Optimizers: their own code, traced, and the numbers in it, computed anew for every step.

What an optimizer does to a parameter is said once, in its ``_update``. Traced, this gives the
program; every number that it computes with, such as the learning rate, becomes an input. Run on
ghosts, which have shapes and no values, it gives the numbers of the next step, and tells whether it
would do the same: RAdam, for one, begins to divide after some steps, and then is traced anew.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tinygrad_edu.op import Array
from tinygrad_edu.optim.optimizer import Optimizer
from tinygrad_edu.program.compiling.memory import Memory, memory
from tinygrad_edu.program.compiling.tracer import Tracer
from tinygrad_edu.program.looks import TraceError
from tinygrad_edu.program.program import Input
from tinygrad_edu.recording import no_grad
from tinygrad_edu.tensor import Tensor

NUMBERS = (int, float)


class NotYet(Exception):  # noqa: N818  # no error: the first step is run as it stands
    """An optimizer has yet to make the arrays that it keeps, in its first step."""


class Ghost:
    """What stands for an array when only the numbers matter that it is computed with."""

    __array_priority__ = 1000
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, log: list[str], numbers: list[float], like: Any) -> None:
        self.log, self.numbers = log, numbers
        self.shape, self.dtype = like.shape, like.dtype

    def note(self, name: str, operands: Any) -> Ghost:
        """Take down a call and the numbers in it."""
        self.log.append(name)
        self.numbers += [x for x in operands if isinstance(x, NUMBERS) and not isinstance(x, bool)]
        return self

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **settings: Any) -> Any:
        self.note(f"{ufunc.__name__}.{method}", inputs)
        return settings["out"][0] if "out" in settings else Ghost(self.log, self.numbers, self)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        self.note(function.__name__, ())
        return Ghost(self.log, self.numbers, self)

    def copy(self) -> Ghost:
        """Return another one."""
        self.note("copy", ())
        return Ghost(self.log, self.numbers, self)


def _operator(name: str) -> Callable[[Ghost, Any], Ghost]:
    def method(self: Ghost, other: Any) -> Ghost:
        return self.note(name, (other,))

    return method


for _name in ("iadd", "isub", "imul", "itruediv", "ipow"):
    setattr(Ghost, f"__{_name}__", _operator(_name))


class Asked(dict[str, Any]):
    """The settings of a group, taking down which are asked for."""

    def __init__(self, settings: dict[str, Any], asked: set[str]) -> None:
        super().__init__(settings)
        self.asked = asked

    def __getitem__(self, key: str) -> Any:
        self.asked.add(key)
        return super().__getitem__(key)

    def get(self, key: str, default: Any = None) -> Any:
        """As of any dict."""
        self.asked.add(key)
        return super().get(key, default)


class Update:
    """One optimizer's step, as it was traced: for which parameters, and with which numbers.

    Attributes
    ----------
    before : the same optimizer's step before, in the same call.
    slots : the inputs of the program that the numbers are, in order.
    changed : arrays that it keeps, with the arrays that stood for their new values.
    """

    def __init__(self, optimizer: Optimizer, before: Update | None = None) -> None:
        self.optimizer, self.before = optimizer, before
        self.todo: list[tuple[Tensor, dict[str, Any], Array]] = []
        self.slots: list[Input] = []
        self.changed: list[tuple[Array, Array]] = []
        self.signature: tuple[str, ...] = ()
        self.groups: list[dict[str, Any]] = []
        self.asked: set[str] = set()
        self.numbers: dict[Any, dict[str, Any]] = {}  # of each parameter, after the step
        self.states_next: dict[int, dict[str, Any]] = {}

    def trace(self, tracer: Tracer) -> None:
        """Take down what the step does."""
        optimizer, first = self.optimizer, len(tracer.slots)
        spares, optimizer._spares = optimizer._spares, {}
        try:
            for group in optimizer.param_groups:
                for parameter in group["params"]:
                    tracer.ask(parameter)
                    if parameter._grad is not None:
                        self.todo.append((parameter, group, parameter._grad._array))
            with no_grad():
                for parameter, group, gradient in self.todo:
                    self.trace_one(tracer, parameter, group, gradient)
        finally:
            optimizer._spares = spares
            tracer.in_update = False
        self.slots = tracer.slots[first:]

    def trace_one(self, tracer: Tracer, parameter: Any, group: Any, gradient: Array) -> None:
        """Take down what happens to one parameter."""
        if gradient.shape != parameter.shape:
            raise TraceError(
                f"a parameter of shape {parameter.shape} has a gradient of shape {gradient.shape}"
            )
        kept = self.optimizer.state.get(parameter, {})
        known = {key: x for key, x in kept.items() if isinstance(x, np.ndarray)}
        tracer.reached.update((id(x), x) for x in known.values())
        after = {id(x): new for x, new in self.before.changed} if self.before else {}
        state = {key: memory(after.get(id(x), x)) if key in known else x for key, x in kept.items()}
        if self.before is not None:
            state.update(self.before.numbers.get(parameter, {}))
        p, g = memory(parameter._array, parameter), memory(gradient)
        tracer.in_update = True
        if group.get("weight_decay") or group.get("maximize"):
            g = self.optimizer._prepared(p, g, group)  # type: ignore[arg-type, assignment]
        self.optimizer._update(p, g, state, group)  # type: ignore[arg-type]
        tracer.in_update = False
        if any(isinstance(x, Memory) and key not in known for key, x in state.items()):
            raise NotYet
        self.changed += [(x, state[key]._array) for key, x in known.items()]
        self.numbers[parameter] = {key: x for key, x in state.items() if key not in known}

    # ------------------------------------------------------------------------- while it runs
    def settle(self) -> None:
        """Remember what the step does, once that is known to be its program."""
        self.groups = list({id(group): group for _, group, _ in self.todo}.values())
        self.states = [self.optimizer.state.get(p, {}) for p, _, _ in self.todo]
        self.arrays = [
            (state, key, x)
            for state in self.states
            for key, x in state.items()
            if isinstance(x, np.ndarray)
        ]
        self.counts = bool(type(self.optimizer).numbers)
        self.signature, _, self.states_next = self.replay()

    def replay(self) -> tuple[tuple[str, ...], list[float], dict[int, dict[str, Any]]]:
        """Go through the next step without arrays: what it does, with which numbers."""
        log: list[str] = []
        numbers: list[float] = []
        states: dict[int, dict[str, Any]] = {}
        spares, self.optimizer._spares = self.optimizer._spares, {}
        try:
            for (parameter, group, _), kept in zip(self.todo, self.states):
                state = {
                    key: Ghost(log, numbers, x) if isinstance(x, np.ndarray) else x
                    for key, x in kept.items()
                }
                if self.before is not None:
                    state.update(self.before.states_next.get(id(parameter), {}))
                group = Asked(group, self.asked)
                p: Any = Ghost(log, numbers, parameter._array)
                g: Any = Ghost(log, numbers, parameter._array)
                if group.get("weight_decay") or group.get("maximize"):
                    g = self.optimizer._prepared(p, g, group)
                self.optimizer._update(p, g, state, group)
                states[id(parameter)] = {k: x for k, x in state.items() if not isinstance(x, Ghost)}
        finally:
            self.optimizer._spares = spares
        return tuple(log), numbers, states


class Refresh:
    """The numbers of an optimizer's step, written to where the program reads them."""

    def __init__(self, update: Any, slots: dict[Any, list[Array]]) -> None:
        self.update = update
        self.arrays = [slots.get(slot, []) for slot in update.slots]
        self.noted: list[tuple[dict[str, Any], str]] = []
        self.seen: list[Any] = []

    def note(self, group: dict[str, Any], key: str) -> int:
        """Watch a setting; return its number."""
        self.noted.append((group, key))
        self.seen.append(None)
        return len(self.seen) - 1

    def refresh(self) -> bool:
        """Compute the numbers anew; tell whether the step is now another one."""
        update = self.update
        signature, numbers, states = update.replay()
        if signature != update.signature or len(numbers) != len(self.arrays):
            return True
        update.states_next = states
        for arrays, number in zip(self.arrays, numbers):
            for array in arrays:
                array[()] = number
        self.seen[:] = [group[key] for group, key in self.noted]
        return False


class Advance:
    """The numbers that an optimizer counts."""

    def __init__(self, update: Any) -> None:
        self.update = update

    def advance(self) -> None:
        """Take over those of the step that has been made."""
        for (parameter, _, _), state in zip(self.update.todo, self.update.states):
            state.update(self.update.states_next[id(parameter)])
