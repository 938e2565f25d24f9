"""One compiled program, with all that has to be as it was for it to hold.

Around the calls of a backend stand, before them, the checks that this is such a call as the program
was made for and, after them, what else changes. All of it is one function: `source` is its text.

Read next: ``compiled.py``.
"""

from __future__ import annotations

import contextvars
import textwrap
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from tinygrad_edu import dtypes
from tinygrad_edu.program.compiling.numba_backend import NumbaProgram
from tinygrad_edu.program.compiling.numba_text import NotInLoopsError
from tinygrad_edu.program.compiling.numpy_backend import NumpyProgram
from tinygrad_edu.program.compiling.reach import KEPT, ClassPlace, Place
from tinygrad_edu.program.compiling.results import KINDS
from tinygrad_edu.program.compiling.tracing import Recording, Tracing
from tinygrad_edu.program.compiling.updates import Advance, Refresh
from tinygrad_edu.program.execute import compiled
from tinygrad_edu.program.literals import literal
from tinygrad_edu.program.plain import Hole
from tinygrad_edu.tensor import Tensor


class Miss:
    """What a program returns that is not the one for a call."""


MISS, FAILED = Miss(), Miss()
"""It is made for something else; or a check has failed, such as that of the labels."""


class Entry:
    """A program for calls of one kind, and what has to be as it was for it to hold.

    Attributes
    ----------
    step : runs it, given the arrays and Tensors of a call; returns `MISS` if it does not hold.
    source : the text that runs.
    """

    def __init__(self, tracing: Tracing, recording: Recording, backend: str) -> None:
        self.tracing, self.recording = tracing, recording
        self.program: Any = None
        if backend == "numba":
            try:
                self.program = NumbaProgram(recording)
            except NotInLoopsError as error:
                self.reason = str(error)
        self.program = self.program or NumpyProgram(recording)
        self.given: dict[str, Any] = {**self.program.given, "MISS": MISS, "FAILED": FAILED}
        self.lock = threading.Lock()
        self.slots = self.program.here.slots
        for update in recording.updates:
            update.last = None
        body = [*self.checks(), *self.settings(), *self.program.lines, *self.afterwards()]
        if not self.program.here.quiet:
            lock = self.give("lock", self.lock)
            body = [f"with {lock}:", *(f"    {line}" for line in body)]
        self.text = self.written(body)
        bind = compiled(self.text, "bind")
        self.step: Callable[..., Any] = bind(**self.given)
        if self.program.here.quiet:  # overflow is a matter of course, and no warning is given
            context = contextvars.copy_context()
            context.run(np.seterr, over="ignore")
            self.step = partial(in_context, self.lock, context.run, self.step)
        self.source = self.text

    def give(self, name: str, value: Any) -> str:
        """Hand something to the program under a name that is not taken."""
        for known, each in self.given.items():
            if each is value:
                return known
        free: str = self.program.here.names.take(name, "g")
        self.given[free] = value
        return free

    # ---------------------------------------------------------------------- before it runs
    def checks(self) -> list[str]:
        """Write down what has to hold, and take the arrays out of Tensors."""
        tests, takes = [], []
        for name, x in zip(self.program.parameters, self.tracing.leaves):
            if isinstance(x, Tensor):
                kind = self.give("Kind", type(x))
                tests.append(f"type({name}) is not {kind}")
                tests.append(f"{name}._requires_grad is not {x._requires_grad}")
                takes.append(f"{name} = {name}._array")
            else:
                kind = self.give("ndarray", np.ndarray)
                tests.append(f"type({name}) is not {kind}")
        for t, _, array, _, _ in self.tracing.originals:
            if any(
                array is each for each in (*self.recording.reads.values(), *self.recording.writes)
            ):
                tests.append(f"{self.give('p', t)}._array is not {self.give('a', array)}")
        for t, _, _, _, _ in self.tracing.originals:
            tests.append(f"{self.give('p', t)}._requires_grad is not {t._requires_grad}")
        for t in self.recording.expected:
            tests.append(f"{self.give('p', t)}._grad is not None")
        for update in self.recording.updates:
            for state, key, x in update.arrays:
                tests.append(f"{self.give('kept', state)}.get({key!r}) is not {self.give('a', x)}")
        tests += [test for place in self.recording.places for test in self.place_test(place)]
        tests.append(
            f"{self.give('dtypes', dtypes)}._default is not {self.give('dtype', dtypes._default)}"
        )
        shapes = []
        for name, x in zip(self.program.parameters, self.tracing.leaves):
            shapes.append(f"{name}.shape != {x.shape}")
            shapes.append(f"{name}.dtype is not {self.give('dtype', x.dtype)}")
        return [*either(tests), *takes, *either(shapes), *self.copies()]

    def copies(self) -> list[str]:
        """Write down that an argument which is about to be written into is copied first."""
        lines = []
        for name, x in zip(self.program.parameters, self.tracing.leaves):
            for array in self.recording.writes:
                other = self.give("a", array)
                share = self.give("may_share_memory", np.may_share_memory)
                same = (
                    f"{name} is {other}" if isinstance(x, Tensor) else f"{share}({name}, {other})"
                )
                lines.append(f"if {same}: {name} = {name}.copy()")
        return lines

    def place_test(self, place: Place) -> list[str]:
        """Write down that a number is what it was."""
        value = place.value
        if isinstance(place.home, list):
            same = all(isinstance(x, (bool, int, float, str)) for x in value)
            name = self.give("numbers", place.home)
            return (
                [f"{name} != {self.give('were', list(value))}"]
                if same
                else [f"len({name}) != {len(value)}"]
            )
        home = self.give("home", place.home)
        if place.key is None:
            now = f"{home}.cell_contents"
        elif isinstance(place.home, ClassPlace):
            now = f"{home}.get({place.key!r})"
        else:
            key = repr(place.key) if isinstance(place.key, str) else self.give("key", place.key)
            now = f"{home}[{key}]"
        if isinstance(value, KEPT):
            return [f"{now} is not {self.give('same', value)}"]
        if value is None or isinstance(value, bool):
            return [f"{now} is not {value}"]
        return [f"{now} != {self.give('value', value)}"]

    def settings(self) -> list[str]:
        """Write down how the numbers of the optimizers' steps are kept up to date."""
        lines = []
        for update in self.recording.updates:
            refresh = Refresh(update, self.slots)
            call = self.give("refresh", refresh.refresh)
            if update.counts:
                lines.append(f"if {call}(): return MISS")
                continue
            tests = []
            for group in update.groups:
                name = self.give("group", group)
                for key, value in group.items():
                    if key != "params" and isinstance(value, (int, float, tuple)):
                        if key not in update.asked:
                            continue
                        seen = self.give("seen", refresh.seen)
                        tests.append(f"{name}[{key!r}] != {seen}[{refresh.note(group, key)}]")
            lines.append(f"if ({' or '.join(tests)}) and {call}(): return MISS")
        return lines

    # ----------------------------------------------------------------------- after it has run
    def afterwards(self) -> list[str]:
        """Write down what else changes, and what is returned."""
        lines = []
        arrays = iter(self.program.gradient_arrays)
        for t, left in self.recording.gradients:
            value = self.give("gradient", Tensor._wrap(next(arrays))) if left else "None"
            lines.append(f"{self.give('p', t)}._grad = {value}")
        for update in self.recording.updates:
            if update.counts:
                lines.append(f"{self.give('advance', Advance(update).advance)}()")
        stepped = [u.optimizer for u in self.recording.updates if not u.optimizer.has_stepped]
        for optimizer in stepped:
            lines.append(f"{self.give('optimizer', optimizer)}.has_stepped = True")
        for t, _, array, _, _ in self.tracing.originals:
            if any(array is x for x in self.recording.writes):
                name = self.give("p", t)
                lines.append(f"if {name}.memory is not None: {name}._touch()")
        texts = []
        for how, x in zip(self.recording.kinds, self.program.results):
            copy = self.give("array", np.array)
            name = {"tensor": "tensor", "tracked": "tracked", "array": "asarray"}[how]
            texts.append(f"{self.give(name, KINDS[how])}({copy}({x.name}))")
        return [*lines, f"return {self.result_text(self.recording.template, texts)}"]

    def result_text(self, template: Any, texts: list[str]) -> str:
        """Write how the results are put together."""
        if isinstance(template, Hole):
            return texts[template.position]
        if type(template) is dict:
            row = ", ".join(
                f"{literal(k)}: {self.result_text(x, texts)}" for k, x in template.items()
            )
            return f"{{{row}}}"
        if isinstance(template, (tuple, list)):
            parts = [self.result_text(x, texts) for x in template]
            if hasattr(template, "_fields"):
                return f"{self.give(type(template).__name__, type(template))}({', '.join(parts)})"
            row = ", ".join(parts)
            if isinstance(template, list):
                return f"[{row}]"
            return f"({row},)" if len(parts) == 1 else f"({row})"
        return (
            self.give("value", template)
            if not isinstance(template, (int, type(None)))
            else repr(template)
        )

    def written(self, body: list[str]) -> str:
        """Write the whole."""
        head = textwrap.fill(f"def bind({', '.join(self.given)}):", 96, subsequent_indent=" " * 9)
        inner = "\n".join(f"        {line}" for line in body)
        return (
            f"{head}\n    def step({', '.join(self.program.parameters)}):\n{inner}\n\n"
            f"    return step\n"
        )


def either(tests: list[str]) -> list[str]:
    """Write lines that give up if one of some tests holds."""
    if not tests:
        return []
    return [
        "if (",
        *(f"    {'or ' if i else ''}{test}" for i, test in enumerate(tests)),
        "): return MISS",
    ]


def in_context(lock: Any, enter: Any, step: Callable[..., Any], *arrays: Any) -> Any:
    """Run a program in a context of its own, which one thread at a time can be in."""
    with lock:
        return enter(step, *arrays)
