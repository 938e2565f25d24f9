"""What has to be as it was for a program to hold: the checks that stand before its calls.

Everything is compared by identity, many things at a time: that is quick, and numbers that are equal
but not the same object are looked at again. Read next: ``entry.py``.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from operator import attrgetter, itemgetter
from sys import getrefcount
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

from tinygrad_edu import dtypes
from tinygrad_edu.program.compiling.homes import Cell, Members, Missing
from tinygrad_edu.program.compiling.numpy_backend import same_numbers
from tinygrad_edu.tensor import Tensor

if TYPE_CHECKING:
    from tinygrad_edu.program.compiling.entry import Entry


class Checks:
    """Writes down what has to hold for one program, and takes the arrays out of Tensors."""

    def __init__(self, entry: Entry) -> None:
        self.give = entry.give
        self.recording, self.tracing = entry.recording, entry.tracing
        self.parameters = entry.program.parameters
        self.given = list(zip(self.parameters, self.tracing.leaves))

    def lines(self) -> list[str]:
        """Write all."""
        tests = [*self.of_arguments(), *self.of_tensors(), *self.of_optimizers()]
        tests += [*self.of_homes(), *self.of_other_arrays()]
        default = self.give("dtype", dtypes._default)
        tests.append(f"{self.give('dtypes', dtypes)}._default is not {default}")
        takes = [f"{name} = {name}._array" for name, x in self.given if isinstance(x, Tensor)]
        shapes = [test for name, x in self.given for test in self.of_shape(name, x)]
        earlier = self.parameters[len(self.given) :]
        for name, (value, t) in zip(earlier, self.recording.earlier.items()):
            takes.append(f"{name} = {self.give('p', t)}._grad")
            takes.append(f"if {name} is None or {name}.node is not None: return MISS")
            takes.append(f"{name} = {name}._array")
            shapes += self.of_shape(name, value)
        return [*guarded(either(tests)), *takes, *either(shapes), *self.copies()]

    def of_arguments(self) -> Iterator[str]:
        """Write that the arguments are of the kinds that they were."""
        for name, x in self.given:
            yield f"type({name}) is not {self.give('Kind', type(x))}"
            if isinstance(x, Tensor):
                yield f"{name}._requires_grad is not {x._requires_grad}"

    def of_shape(self, name: str, x: Any) -> list[str]:
        """Write that an array has the shape and dtype that it had."""
        return [f"{name}.shape != {x.shape}", f"{name}.dtype is not {self.give('dtype', x.dtype)}"]

    def of_tensors(self) -> Iterator[str]:
        """Write that the Tensors that are reached are what they were, but for their numbers."""
        used = {id(x) for x in (*self.recording.reads.values(), *self.recording.writes)}
        for t, _, array, _, _ in self.tracing.originals:
            name = self.give("p", t)
            if id(array) in used:
                yield f"{name}._array is not {self.give('a', array)}"
            yield f"{name}._requires_grad is not {t._requires_grad}"
        for t, present in self.recording.asked:
            yield f"{self.give('p', t)}._grad is {'None' if present else 'not None'}"

    def of_optimizers(self) -> Iterator[str]:
        """Write that optimizers keep the arrays that they kept."""
        for update in self.recording.updates:
            states = self.give("states", update.optimizer.state)
            for (parameter, _, _), state in zip(update.todo, update.states):
                if state:
                    now = f"{states}.get({self.give('p', parameter)})"
                    yield f"{now} is not {self.give('kept', state)}"
            for state, key, x in update.arrays:
                yield f"{self.give('kept', state)}.get({key!r}) is not {self.give('a', x)}"

    # ------------------------------------------------------------------- what Python keeps
    def of_homes(self) -> Iterator[str]:
        """Write that what Python keeps is what it was: the same objects, or equal numbers."""
        now: list[str] = []
        values: list[Any] = []
        for home in self.tracing.reach.homes:
            if isinstance(home, Cell):
                now.append(f"{self.give('cell', home.cell)}.cell_contents")
                values.append(home.value)
            elif isinstance(home, Members):
                members = self.give("members", home.owner)
                yield f"len({members}) != {len(home.values)}" if home.values else members
                now += [f"*{members}"] if home.values else []
                values += home.values
            else:
                text, found = self.names(home)
                now += text
                values += found
        if now:
            row, before = ", ".join(now), self.give("before", tuple(values))
            is_, other = self.give("is_", operator.is_), self.give("other", self.other)
            yield f"not all(map({is_}, ({row},), {before})) and {other}()"

    def names(self, home: Any) -> tuple[list[str], list[Any]]:
        """Write down what is under some names, and return what was there."""
        pairs = dict(zip(home.names, home.values))
        pairs = {key: x for key, x in pairs.items() if not isinstance(x, (Missing, ModuleType))}
        if not pairs:
            return [], []
        owner, keys = self.give("names", home.owner), [*pairs]
        if len(keys) > 1:
            getter = itemgetter if isinstance(home.owner, dict) else attrgetter
            return [f"*{self.give('get', getter(*keys))}({owner})"], [*pairs.values()]
        if isinstance(home.owner, dict):
            key = repr(keys[0]) if type(keys[0]) is str else self.give("key", keys[0])
            return [f"{owner}[{key}]"], [*pairs.values()]
        return [f"{self.give('get', attrgetter(*keys))}({owner})"], [*pairs.values()]

    def other(self) -> bool:
        """Tell whether something is not even equal to what it was."""
        return any(home.changed() for home in self.tracing.reach.homes)

    def of_other_arrays(self) -> Iterator[str]:
        """Write that arrays have the numbers that they had, whose use could not be followed."""
        reach, equal = self.tracing.reach, self.give("same_numbers", same_numbers)
        followed = {id(spot.kept) for spot in reach.spots}
        followed |= {id(array) for array in self.recording.reads.values()}
        for array in reach.arrays:
            if array.dtype.kind in "biufc" and id(array) not in followed:
                yield f"not {equal}({self.give('a', array)}, {self.give('was', array.copy())})"

    def copies(self) -> Iterator[str]:
        """Write that an argument which is about to be written into is copied first."""
        for name, x in self.given:
            for array in self.recording.writes:
                other = self.give("a", array)
                share = self.give("may_share_memory", np.may_share_memory)
                same = f"{name} is {other}"
                if not isinstance(x, Tensor):
                    same = f"{share}({name}, {other})"
                yield f"if {same}: {name} = {name}.copy()"


class Watched:
    """The gradients that a program leaves, in memory that it writes over at the next call.

    So it has to see whether somebody has kept one, or a view of its numbers: by Python's counts of
    references. That these are counted at the same moment every time makes them comparable.
    """

    def __init__(self) -> None:
        self.tensors: list[Tensor] = []
        self.left: list[Tensor] = []
        self.things: list[Any] = []
        self.alone: list[int] = []
        self.usual: list[int] = []
        self.fresh = True

    def now(self, gradients: list[tuple[Tensor, str]], given: dict[str, Any]) -> None:
        """Begin with gradients that nobody but the program has."""
        self.tensors = [t for t, _ in gradients]
        self.left = [given[name] for _, name in gradients]
        self.things[:] = [*self.left, *(x._array for x in self.left)]
        self.alone = list(map(getrefcount, self.things))
        self.usual[:] = [n + (i < len(self.left)) for i, n in enumerate(self.alone)]
        self.fresh = True

    def test(self, give: Callable[[str, Any], str]) -> str:
        """Write down that the program is given up if somebody has kept a gradient."""
        counts = f"list(map({give('count', getrefcount)}, {give('things', self.things)}))"
        usual, held = give("usual", self.usual), give("is_held", self.is_held)
        return f"if {counts} != {usual} and {held}(): return HELD"

    def is_held(self) -> bool:
        """Tell whether somebody has kept one, other than the Tensor whose gradient it is."""
        counts = list(map(getrefcount, self.things))
        if self.fresh:
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
