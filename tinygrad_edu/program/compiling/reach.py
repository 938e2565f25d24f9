"""What a function can reach: the Tensors, optimizers and numbers that it may use or change.

A program reads the memory of parameters and buffers, wherever they are kept: in a closure, in a
module, as a global. And it takes numbers such as ``dropout.p`` for what they were while it was
traced, so it has to notice when they change. All are found by following references from the
function: through closures, the globals that its code names, methods, attributes and collections.

Read next: ``memory.py``, for what becomes of the Tensors that are found.
"""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable, Iterator
from functools import partial
from types import BuiltinFunctionType, CodeType, FunctionType, MethodType, ModuleType
from typing import Any, NamedTuple

import numpy as np

from tinygrad_edu.nn.module import Module
from tinygrad_edu.optim.optimizer import Optimizer
from tinygrad_edu.recording import GradMode
from tinygrad_edu.tensor import Tensor

NUMBERS = (bool, int, float, complex, str, type(None), np.generic)
KEPT = (Tensor, Module, Optimizer, np.ndarray)
"""What a program is made for; with another in its place, another program is needed."""

COLLECTIONS = (list, tuple, set, frozenset, deque)
NOT_FOLLOWED = frozenset({"numpy", "tinygrad_edu", "builtins", "scipy", *sys.stdlib_module_names})
NOT_FOLLOWED -= {"__main__"}


class Wrapper:
    """What stands for a function, and is followed to that only."""

    function: Callable[..., Any]


class Place(NamedTuple):
    """Where a number is kept: under a key of a namespace, or in a closure's cell."""

    home: Any
    key: Any
    value: Any

    def now(self) -> Any:
        """Return what is there now."""
        if self.key is None:
            return tuple(self.home) if isinstance(self.home, list) else self.home.cell_contents
        return self.home.get(self.key)

    def changed(self) -> bool:
        """Tell whether something else is there now."""
        now = self.now()
        if isinstance(self.home, list):
            return len(now) != len(self.value) or any(
                not same(a, b) for a, b in zip(now, self.value)
            )
        return not same(now, self.value)

    def put_back(self, value: Any) -> None:
        """Put a value there."""
        if isinstance(self.home, list):
            self.home[:] = value
        elif self.key is None:
            self.home.cell_contents = value
        else:
            self.home[self.key] = value


def same(a: Any, b: Any) -> bool:
    """Tell whether two values are one object, or equal numbers of one type."""
    if a is b:
        return True
    return type(a) is type(b) and isinstance(a, NUMBERS) and bool(a == b)


class Reach:
    """Everything that was found from a function."""

    def __init__(self, function: Any) -> None:
        self.tensors: list[Tensor] = []
        self.optimizers: list[Optimizer] = []
        self.generators: list[np.random.Generator] = []
        self.arrays: list[Any] = []
        self.places: list[Place] = []
        self.seen: set[int] = set()
        self.kept: list[Any] = []
        waiting = deque([function])
        while waiting:
            thing: Any = waiting.popleft()
            if id(thing) not in self.seen:
                self.seen.add(id(thing))
                self.kept.append(thing)
                waiting.extend(self.followed(thing))

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
        elif isinstance(thing, FunctionType):
            yield from self.of_function(thing)
        elif isinstance(thing, Wrapper):
            yield thing.function
        elif isinstance(thing, (MethodType, BuiltinFunctionType)):
            yield from (getattr(thing, "__func__", None), getattr(thing, "__self__", None))
        elif isinstance(thing, partial):
            yield from (thing.func, *thing.args, *thing.keywords.values())
        elif isinstance(thing, dict):
            yield from self.of_namespace(thing, list(thing))
        elif isinstance(thing, COLLECTIONS):
            if isinstance(thing, list):
                self.places.append(Place(thing, None, tuple(thing)))
            yield from thing
        elif not isinstance(thing, (*NUMBERS, ModuleType, GradMode)):
            yield from self.of_object(thing)

    def of_function(self, function: FunctionType) -> Iterator[Any]:
        """Follow a function's closure, defaults and, if it is a user's, the globals it names."""
        for cell in function.__closure__ or ():
            try:
                value = cell.cell_contents
            except ValueError:  # nothing has been assigned to it yet
                continue
            if isinstance(value, (*NUMBERS, *KEPT)):
                self.places.append(Place(cell, None, value))
            yield value
        yield from function.__defaults__ or ()
        yield from (function.__kwdefaults__ or {}).values()
        yield getattr(function, "__wrapped__", None)
        if is_users(function.__module__):
            names = names_in(function.__code__)
            yield from self.of_namespace(function.__globals__, names)
            for name in names:
                value = function.__globals__.get(name)
                if isinstance(value, ModuleType) and is_users(value.__name__):
                    yield from self.of_namespace(vars(value), names)

    def of_namespace(self, home: dict[Any, Any], names: Any) -> Iterator[Any]:
        """Follow what stands in a dict under some names."""
        for name in names:
            value = home.get(name)
            private = isinstance(name, str) and name.startswith("__")
            if isinstance(value, (*NUMBERS, *KEPT)) and name in home and not private:
                self.places.append(Place(home, name, value))
            if not isinstance(value, NUMBERS):
                yield value

    def of_object(self, thing: Any) -> Iterator[Any]:
        """Follow an object's attributes, and the functions and numbers of a user's class."""
        kind = thing if isinstance(thing, type) else type(thing)
        for each in kind.__mro__:
            if is_users(each.__module__):
                yield from (x for x in vars(each).values() if not isinstance(x, type))
                for key, value in vars(each).items():
                    if isinstance(value, NUMBERS) and not key.startswith("__"):
                        self.places.append(Place(ClassPlace(each), key, value))
        if thing is not kind and is_followed(kind) and hasattr(thing, "__dict__"):
            listed = ("_parameters", "_buffers", "_modules") if isinstance(thing, Module) else ()
            yield from self.of_namespace(vars(thing), [x for x in vars(thing) if x not in listed])


class ClassPlace:
    """The namespace of a class, as one that can be written into."""

    def __init__(self, kind: type) -> None:
        self.kind = kind

    def get(self, key: str) -> Any:
        """Return an attribute of the class."""
        return vars(self.kind).get(key)

    def __setitem__(self, key: str, value: Any) -> None:
        setattr(self.kind, key, value)


def is_users(module: Any) -> bool:
    """Tell whether a module is no part of Python, NumPy or this package."""
    return str(module).partition(".")[0] not in NOT_FOLLOWED


def is_followed(kind: type) -> bool:
    """Tell whether the attributes of an object may hold what a function computes with."""
    own = kind.__module__.partition(".")[0]
    return own == "tinygrad_edu" or (is_users(kind.__module__) and kind.__dictoffset__ != 0)


def names_in(code: CodeType) -> list[str]:
    """List the global names and attributes in some code, and in the code within."""
    names = dict.fromkeys(code.co_names)
    for each in code.co_consts:
        if isinstance(each, CodeType):
            names.update(dict.fromkeys(names_in(each)))
    return list(names)
