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
from time import sleep
from typing import Any

import numpy as np

from tinygrad_edu.program.compiling.checks import Checks, Watched
from tinygrad_edu.program.compiling.numba_backend import NumbaProgram
from tinygrad_edu.program.compiling.numba_text import NotInLoopsError, numba_module
from tinygrad_edu.program.compiling.numpy_backend import NumpyProgram
from tinygrad_edu.program.compiling.results import KINDS
from tinygrad_edu.program.compiling.tracing import Recording, Tracing
from tinygrad_edu.program.compiling.updates import Advance, Refresh
from tinygrad_edu.program.execute import compiled
from tinygrad_edu.program.literals import literal
from tinygrad_edu.program.plain import Hole
from tinygrad_edu.tensor import Tensor


class Miss:
    """What a program returns that is not the one for a call."""


MISS, FAILED, HELD = Miss(), Miss(), Miss()
"""It is made for something else; or a check has failed, such as that of the labels; or somebody has
kept a gradient of the last call, which may not be written over."""


WAIT = 2e-5  # seconds, before another thread is asked again whether it is done


def is_entered(error: RuntimeError) -> bool:
    """Tell whether another thread is running the program just now."""
    return str(error).startswith("cannot enter context")


def quiet() -> contextvars.Context:
    """Make a context like this one, in which a number may overflow without a warning."""
    context = contextvars.copy_context()
    context.run(np.seterr, over="ignore")
    return context


TOLD = next(variable for variable in quiet() if variable.name == "numpy.ufunc.extobj")
"""What NumPy has been told to make of errors, by ``np.errstate``."""


class Entry:
    """A program for calls of one kind, and what has to be as it was for it to hold.

    Attributes
    ----------
    step : runs it, given the arrays and Tensors of a call; returns `MISS` if it does not hold.
    told : what NumPy had been told to make of errors when that was made; ``step`` holds to it.
    source : the text that runs.
    """

    def __init__(self, tracing: Tracing, recording: Recording, backend: str) -> None:
        self.tracing, self.recording = tracing, recording
        self.program: Any = None
        if backend == "numba":
            numba_module()  # which says so if it is not installed
            try:
                self.program = NumbaProgram(recording)
            except NotInLoopsError as error:
                self.reason = str(error)
        self.program = self.program or NumpyProgram(recording, fuse=backend == "numba")
        answers = {"MISS": MISS, "FAILED": FAILED, "HELD": HELD}
        self.given: dict[str, Any] = {**self.program.given, **answers}
        self.gradients: list[tuple[Tensor, str]] = []
        self.lock = threading.Lock()
        self.slots = self.program.here.slots
        self.watched = Watched()
        begin = [*Checks(self).lines(), *self.settings()]
        rest = [*self.program.lines, *self.afterwards()]
        if self.gradients:
            begin.append(self.watched.test(self.give))
        body = [*begin, *rest]
        if not self.program.here.quiet:
            lock = self.give("lock", self.lock)
            body = [f"with {lock}:", *(f"    {line}" for line in body)]
        self.source = self.written(body)
        self.make = compiled(self.source, "bind")
        self.bind()

    def bind(self) -> None:
        """Make the function that runs, with the arrays that there are."""
        self.step: Callable[..., Any] = self.make(**self.given)
        self.told = TOLD.get(None)
        self.watched.now(self.gradients, self.given)
        if self.program.here.quiet:  # overflow is a matter of course, and no warning is given
            # A context is entered by one thread at a time, which saves us a lock.
            self.context = quiet()
            self.inner, self.step = self.step, partial(self.context.run, self.step)

    def run(self, *leaves: Any) -> Any:
        """Run the program, with other memory for the gradients if somebody has kept them."""
        while True:
            try:
                if TOLD.get(None) is self.told or not self.program.here.quiet:
                    result = self.step(*leaves)
                else:
                    result = self.context.run(quiet().run, self.inner, *leaves)
            except RuntimeError as error:
                if not is_entered(error):
                    raise
                sleep(WAIT)
                continue
            if result is not HELD:
                return result
            with self.lock:
                self.renew()

    def renew(self) -> None:
        """Go on with other memory for the gradients."""
        self.program.renew()
        self.given |= {name: self.program.given[name] for name in self.program.given}
        for (_, name), array in zip(self.gradients, self.program.gradient_arrays):
            self.given[name] = Tensor._wrap(array)
        self.bind()

    def give(self, name: str, value: Any) -> str:
        """Hand something to the program under a name that is not taken."""
        for known, each in self.given.items():
            if each is value:
                return known
        free: str = self.program.here.names.take(name, "g")
        self.given[free] = value
        return free

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
            self.gradients += [(t, value)] if left else []
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
        lines += [f"{self.give('schedule', step)}()" for step in self.recording.schedules]
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
        parameters = self.program.parameters[: len(self.tracing.leaves)]
        return f"{head}\n    def step({', '.join(parameters)}):\n{inner}\n\n    return step\n"
