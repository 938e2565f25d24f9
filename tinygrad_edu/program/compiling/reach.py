"""What a function can reach: the Tensors, optimizers and numbers that it may use or change.

A program reads the memory of parameters and buffers, wherever they are kept: in a closure, in a
module, as a global. And it takes numbers such as ``dropout.p`` for what they were while it was
traced, so it has to notice when they change. All are found by following references from the
function: through closures, the globals that its code names, methods, attributes and collections.

Read next: ``memory.py``, for what becomes of the Tensors that are found.
"""

from __future__ import annotations

import gc
import sys
from argparse import Namespace
from collections import deque
from collections.abc import Callable, Iterator
from functools import partial
from types import (
    BuiltinFunctionType,
    CodeType,
    FunctionType,
    MethodType,
    ModuleType,
    SimpleNamespace,
)
from typing import Any

import numpy as np

from tinygrad_edu.nn.attributes import KINDS
from tinygrad_edu.nn.module import Module
from tinygrad_edu.optim.lr_scheduler.scheduler import LRScheduler
from tinygrad_edu.optim.optimizer import Optimizer
from tinygrad_edu.program.compiling.homes import MISSING, NUMBERS, Cell, Members, Names, Spot
from tinygrad_edu.recording import GradMode
from tinygrad_edu.tensor import Tensor

COLLECTIONS = (list, tuple, set, frozenset, deque)
NAMESPACES = (SimpleNamespace, Namespace)
PYTHONS = frozenset({"builtins", *sys.stdlib_module_names}) - {"__main__"}
NOT_FOLLOWED = PYTHONS | {"numpy", "tinygrad_edu", "scipy"}
BY_ANY_NAME = frozenset({"getattr", "vars", "__dict__", "attrgetter", "eval", "exec"})
"""With these, code gets at attributes that it does not name."""


REGISTRIES = tuple(KINDS)
OF_MODULES = frozenset({"forward", *vars(Module())}) - {*REGISTRIES}
"""What `Module` itself asks its subclasses for."""


class Wrapper:
    """What stands for a function, and is followed to that only."""

    function: Callable[..., Any]


class Reach:
    """Everything that was found from a function.

    Attributes
    ----------
    tensors, optimizers, schedules, generators, arrays : what it may use or change, each once.
    homes : where all that is kept, and what was there.
    registries : what modules list in order; the same is in ``homes``.
    spots, generator_spots : where arrays are kept, and where generators are.
    names : under which Tensors, arrays and collections are kept, by identity.
    """

    def __init__(self, function: Any) -> None:
        self.tensors: list[Tensor] = []
        self.optimizers: list[Optimizer] = []
        self.schedules: list[LRScheduler] = []
        self.generators: list[np.random.Generator] = []
        self.arrays: list[Any] = []
        self.homes: list[Names | Cell | Members] = []
        self.registries: list[Names] = []
        self.spots: list[Spot] = []
        self.generator_spots: list[Spot] = []
        self.names: dict[int, str] = {}
        self.code_names: set[str] = set()
        self.users_objects: list[Any] = []
        self.seen: set[int] = set()
        self.kept: list[Any] = []
        self.methods: list[tuple[str, Any]] = []
        waiting = deque([function])
        while waiting:
            thing: Any = waiting.popleft()
            if id(thing) not in self.seen:
                self.seen.add(id(thing))
                self.kept.append(thing)
                waiting.extend(self.followed(thing))
            if not waiting:
                waiting.extend(method for name, method in self.methods if self.is_named(name))
                self.methods = [each for each in self.methods if not self.is_named(each[0])]
        for thing in self.users_objects:
            own = getattr(thing, "__dict__", {})
            self.note(own, filter(self.is_named, own), whole=True)

    # ------------------------------------------------------------------------- following
    def followed(self, thing: Any) -> Iterator[Any]:
        """Take one thing down, and yield what can be reached from it."""
        if isinstance(thing, Tensor):
            self.tensors.append(thing)
        elif isinstance(thing, np.ndarray):
            self.arrays.append(thing)
        elif isinstance(thing, np.random.Generator):
            self.generators.append(thing)
        elif isinstance(thing, Optimizer):
            self.optimizers.append(thing)
            yield from (p for group in thing.param_groups for p in group["params"])
        elif isinstance(thing, LRScheduler):
            self.schedules.append(thing)
        elif isinstance(thing, FunctionType):
            yield from self.of_function(thing)
        elif isinstance(thing, Wrapper):
            yield thing.function
        elif isinstance(thing, (MethodType, BuiltinFunctionType)):
            yield from (getattr(thing, "__func__", None), getattr(thing, "__self__", None))
        elif isinstance(thing, partial):
            yield from (thing.func, *thing.args, *thing.keywords.values())
        elif isinstance(thing, dict):
            yield from self.note(thing, thing, whole=True)
        elif isinstance(thing, COLLECTIONS):
            yield from self.of_collection(thing)
        elif not isinstance(thing, (*NUMBERS, ModuleType, GradMode)):
            yield from self.of_object(thing)

    def of_collection(self, thing: Any) -> Iterator[Any]:
        """Follow what is in a collection."""
        if isinstance(thing, (list, set, deque)):
            self.homes.append(Members(thing, self.names.get(id(thing))))
        if isinstance(thing, list):
            for position, x in enumerate(thing):
                self.note_spot(thing, position, x)
        yield from thing

    def of_function(self, function: FunctionType) -> Iterator[Any]:
        """Follow a function's closure, defaults and, if it is a user's, the globals it names."""
        for name, cell in zip(function.__code__.co_freevars, function.__closure__ or ()):
            try:
                home = Cell(cell, name)
            except ValueError:  # nothing has been assigned to it yet
                continue
            self.homes.append(home)
            self.note_spot(cell, None, home.value)
            self.note_name(name, home.value)
            yield home.value
        yield from function.__defaults__ or ()
        yield from (function.__kwdefaults__ or {}).values()
        yield getattr(function, "__wrapped__", None)
        if is_users(function.__module__):
            names = names_in(function.__code__)
            self.code_names.update(names)
            yield from self.note(function.__globals__, names)
            for name in names:
                value = function.__globals__.get(name)
                if isinstance(value, ModuleType) and is_users(value.__name__):
                    yield from self.note(vars(value), names)

    def of_object(self, thing: Any) -> Iterator[Any]:
        """Follow an object's attributes, and the functions and numbers of a user's class."""
        kind = thing if isinstance(thing, type) else type(thing)
        for each in kind.__mro__:
            if is_users(each.__module__):
                own = {key: x for key, x in vars(each).items() if not key.startswith("__")}
                numbers = [key for key, x in own.items() if isinstance(x, NUMBERS)]
                self.homes.append(Names(each, numbers))
                self.methods += [(key, x) for key, x in vars(each).items() if thing is not kind]
                yield from (x for x in vars(each).values() if thing is kind and is_code(x))
        if thing is kind:
            return
        if not is_followed(kind):
            if kind.__module__.partition(".")[0] in PYTHONS:  # an iterator, a cache, a generator
                found = gc.get_referents(thing)
                yield from (x for x in found if not isinstance(x, (type, ModuleType, CodeType)))
            return
        own = getattr(thing, "__dict__", {})
        if isinstance(thing, Module):
            self.registries += [Names(own[x], own[x], whole=True) for x in REGISTRIES if x in own]
        if is_all_users(kind):  # only code that was found asks for its attributes
            self.users_objects.append(thing)
            yield from own.values()
        else:
            yield from self.note(own, [x for x in own if x not in REGISTRIES], whole=True)
        slots = [x for each in kind.__mro__ for x in slots_of(each) if hasattr(thing, x)]
        if slots:
            yield from self.note(thing, slots)

    def is_named(self, name: str) -> bool:
        """Tell whether code that was found may ask for an attribute of this name."""
        return (
            name in self.code_names
            or name in OF_MODULES
            or (name.startswith("__") and name != "__init__")
            or not self.code_names.isdisjoint(BY_ANY_NAME)
        )

    # ---------------------------------------------------------------------- taking down
    def note(self, owner: Any, names: Any, whole: bool = False) -> list[Any]:
        """Take down what is under some names; return that."""
        listed = [x for x in names if not (isinstance(x, str) and x.startswith("__"))]
        home = Names(owner, listed, whole)
        found = []
        for name, value in zip(home.names, home.values):
            if value is not MISSING and not isinstance(value, NUMBERS):
                self.note_spot(home, name, value)
                self.note_name(name, value)
                found.append(value)
        self.homes.append(home)
        return found

    def note_spot(self, owner: Any, key: Any, value: Any) -> None:
        """Take down where an array or a random generator is kept."""
        if type(value) is np.ndarray and value.dtype.kind in "biufc":
            self.spots.append(Spot(owner, key, value))
        if type(value) is np.random.Generator:
            self.generator_spots.append(Spot(owner, key, value))

    def note_name(self, name: Any, value: Any) -> None:
        """Take down what a Tensor, an array or a collection is called."""
        if isinstance(name, str) and isinstance(value, (Tensor, np.ndarray, list, set, deque)):
            self.names.setdefault(id(value), name)


def is_users(module: Any) -> bool:
    """Tell whether a module is no part of Python, NumPy or this package."""
    return str(module).partition(".")[0] not in NOT_FOLLOWED


def is_followed(kind: type) -> bool:
    """Tell whether the attributes of an object may hold what a function computes with."""
    own = kind.__module__.partition(".")[0]
    return own == "tinygrad_edu" or is_users(kind.__module__) or kind in NAMESPACES


def is_code(x: Any) -> bool:
    """Tell whether something in a class may be called, or be what is asked for."""
    return not isinstance(x, (type, *NUMBERS))


def is_all_users(kind: type) -> bool:
    """Tell whether only code of a user's asks for the attributes of an object."""
    bases = [each for each in kind.__mro__ if each.__module__.partition(".")[0] == "tinygrad_edu"]
    return is_users(kind.__module__) and set(bases) <= set(Module.__mro__)


def slots_of(kind: type) -> list[str]:
    """List the slots that a class of a user's adds."""
    slots = vars(kind).get("__slots__", ()) if is_users(kind.__module__) else ()
    names = [slots] if isinstance(slots, str) else list(slots)
    mangled = f"_{kind.__name__.lstrip('_')}"
    return [
        mangled + x if x.startswith("__") else x
        for x in names
        if x not in ("__dict__", "__weakref__")
    ]


def names_in(code: CodeType) -> list[str]:
    """List the global names and attributes in some code, and in the code within."""
    names = dict.fromkeys(code.co_names)
    for each in code.co_consts:
        if isinstance(each, CodeType):
            names.update(dict.fromkeys(names_in(each)))
    return list(names)
