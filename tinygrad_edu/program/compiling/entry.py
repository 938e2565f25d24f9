"""One compiled program, with all that has to be as it was for it to hold.

Around the calls of a backend stand, before them, the checks that this is such a call as the program
was made for and, after them, what else changes. All of it is one function: `source` is its text.

Read next: ``compiled.py``.
"""

from __future__ import annotations

import contextvars
import operator
import textwrap
import threading
from collections.abc import Callable
from functools import partial
from operator import attrgetter, itemgetter
from sys import getrefcount
from types import ModuleType
from typing import Any

import numpy as np

from tinygrad_edu import dtypes
from tinygrad_edu.program.compiling.homes import Cell, Members, Missing, Names
from tinygrad_edu.program.compiling.numba_backend import NumbaProgram
from tinygrad_edu.program.compiling.numba_text import NotInLoopsError
from tinygrad_edu.program.compiling.numpy_backend import NumpyProgram, same_numbers
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
        answers = {"MISS": MISS, "FAILED": FAILED, "HELD": HELD}
        self.given: dict[str, Any] = {**self.program.given, **answers}
        self.gradients: list[tuple[Tensor, str]] = []
        self.lock = threading.Lock()
        self.slots = self.program.here.slots
        self.watched = Watched()
        begin = [*self.checks(), *self.settings()]
        rest = [*self.program.lines, *self.afterwards()]
        if self.gradients:
            begin.append(f"if {self.give('is_held', self.watched.is_held)}(): return HELD")
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
        self.watched.now(self.gradients, self.given)
        if self.program.here.quiet:  # overflow is a matter of course, and no warning is given
            context = contextvars.copy_context()
            context.run(np.seterr, over="ignore")
            self.step = partial(in_context, self.lock, context.run, self.step)

    def run(self, *leaves: Any) -> Any:
        """Run the program, with other memory for the gradients if somebody has kept them."""
        result = self.step(*leaves)
        if result is HELD:
            with self.lock:
                self.renew()
            result = self.step(*leaves)
        return result

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
        for t, present in self.recording.asked:
            tests.append(f"{self.give('p', t)}._grad is {'None' if present else 'not None'}")
        for update in self.recording.updates:
            for state, key, x in update.arrays:
                tests.append(f"{self.give('kept', state)}.get({key!r}) is not {self.give('a', x)}")
        tests += [test for home in self.tracing.reach.homes for test in self.home_test(home)]
        tests += self.frozen_arrays()
        tests.append(
            f"{self.give('dtypes', dtypes)}._default is not {self.give('dtype', dtypes._default)}"
        )
        shapes = []
        for name, x in zip(self.program.parameters, self.tracing.leaves):
            shapes.append(f"{name}.shape != {x.shape}")
            shapes.append(f"{name}.dtype is not {self.give('dtype', x.dtype)}")
        for name, (value, t) in zip(
            self.program.parameters[len(self.tracing.leaves) :], self.recording.earlier.items()
        ):
            takes.append(f"{name} = {self.give('p', t)}._grad")
            takes.append(f"if {name} is None or {name}.node is not None: return MISS")
            takes.append(f"{name} = {name}._array")
            shapes.append(f"{name}.shape != {value.shape}")
            shapes.append(f"{name}.dtype is not {self.give('dtype', value.dtype)}")
        return [*guarded(either(tests)), *takes, *either(shapes), *self.copies()]

    def frozen_arrays(self) -> list[str]:
        """Write down that arrays are what they were whose use could not be followed."""
        reach = self.tracing.reach
        followed = [spot.kept for spot in reach.spots]
        followed += self.recording.reads.values()
        equal = self.give("same_numbers", same_numbers)
        return [
            f"not {equal}({self.give('a', array)}, {self.give('was', array.copy())})"
            for array in reach.arrays
            if array.dtype.kind in "biufc" and not any(array is each for each in followed)
        ]

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

    def home_test(self, home: Names | Cell | Members) -> list[str]:
        """Write down that what Python keeps is what it was: the same objects, or equal numbers."""
        otherwise = f"{self.give('home', home)}.changed()"
        if isinstance(home, Cell):
            value = self.give("value", home.value)
            return [f"{self.give('cell', home.cell)}.cell_contents is not {value} and {otherwise}"]
        if isinstance(home, Members):
            now, values = self.give("members", home.owner), home.values
            count = f"len({now}) != {len(values)} or "
        else:
            pairs = dict(zip(home.names, home.values))
            pairs = {key: x for key, x in pairs.items() if not isinstance(x, (Missing, ModuleType))}
            if not pairs:
                return []
            pick = itemgetter if isinstance(home.owner, dict) else attrgetter
            keys = [*pairs, *list(pairs)[:1]]  # a getter of one key returns no tuple
            now = f"{self.give('get', pick(*keys))}({self.give('names', home.owner)})"
            values, count = (*pairs.values(), next(iter(pairs.values()))), ""
        alike = f"all(map({self.give('is_', operator.is_)}, {now}, {self.give('values', values)}))"
        return [f"({count}not {alike}) and {otherwise}"]

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


class Watched:
    """The gradients that a program leaves, in memory that it writes over at the next call.

    So it has to see whether somebody has kept one, or a view of its numbers: by Python's counts of
    references. That these are counted at the same moment every time makes them comparable.
    """

    def now(self, gradients: list[tuple[Tensor, str]], given: dict[str, Any]) -> None:
        """Begin with gradients that nobody but the program has."""
        self.tensors = [t for t, _ in gradients]
        self.left = [given[name] for _, name in gradients]
        self.things = [*self.left, *(x._array for x in self.left)]
        self.alone = list(map(getrefcount, self.things))
        self.usual = [n + (i < len(self.left)) for i, n in enumerate(self.alone)]
        self.fresh = True

    def is_held(self) -> bool:
        """Tell whether somebody has kept one, other than the Tensor whose gradient it is."""
        counts = list(map(getrefcount, self.things))
        if self.fresh or counts == self.usual:
            self.fresh = False
            return False
        for i, (t, each) in enumerate(zip(self.tensors, self.left)):
            counts[i] -= t._grad is each
        return counts != self.alone


def guarded(lines: list[str]) -> list[str]:
    """Write that a name which is there no more is another one."""
    if not lines:
        return []
    missing = "except (KeyError, AttributeError, ValueError): return MISS"
    return ["try:", *(f"    {line}" for line in lines), missing]


def either(tests: list[str]) -> list[str]:
    """Write lines that give up if one of some tests holds."""
    if not tests:
        return []
    return [
        "if (",
        *(f"    {'or ' if i else ''}({test})" for i, test in enumerate(tests)),
        "): return MISS",
    ]


def in_context(lock: Any, enter: Any, step: Callable[..., Any], *arrays: Any) -> Any:
    """Run a program in a context of its own, which one thread at a time can be in."""
    with lock:
        return enter(step, *arrays)
