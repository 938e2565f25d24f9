"""The module calls of a run: which there were, within which other, and what their paths are."""

from __future__ import annotations

from typing import Any

from tinygrad_edu.draw.snapshot import ModuleCall


def chain(scope: Any) -> list[Any]:
    """List a module call and those that it happened in, outermost first."""
    found = []
    while scope is not None:
        found.append(scope)
        scope = scope.parent
    return found[::-1]


def around(one: Any, other: Any) -> Any:
    """Return the innermost call in which two calls happened."""
    if one is other:
        return one
    shared = [a for a, b in zip(chain(one), chain(other)) if a is b]
    return shared[-1] if shared else None


class ModuleCalls:
    """Numbers the module calls of a run, in the order in which they are met."""

    def __init__(self) -> None:
        self.calls: list[ModuleCall] = []
        self.numbers: dict[Any, int] = {}  # by call
        self.modules: dict[int, int] = {}  # by the identity of a module
        self.children: dict[int, dict[int, str]] = {}  # for each, the paths of those below it

    def number(self, scope: Any) -> int | None:
        """Return a call's number, having numbered the calls around it before."""
        if scope is None:
            return None
        if scope not in self.numbers:
            for each in chain(scope):
                if each not in self.numbers:
                    self._add(each)
        return self.numbers[scope]

    def _add(self, scope: Any) -> None:
        parent = None if scope.parent is None else self.numbers[scope.parent]
        module = self.modules.setdefault(id(scope.module), len(self.modules))
        path = "" if parent is None else self._path(parent, scope)
        number = self.numbers[scope] = len(self.calls)
        self.calls.append(ModuleCall(number, path, type(scope.module).__name__, parent, module))

    def _path(self, parent: int, scope: Any) -> str:
        """Join the caller's path and the attribute; or the class, if it is not listed there."""
        caller = scope.parent.module
        if id(caller) not in self.children:
            names: dict[int, str] = {}
            for name, module in caller.named_modules():
                names.setdefault(id(module), name)
            self.children[id(caller)] = names
        name = self.children[id(caller)].get(id(scope.module), type(scope.module).__name__)
        return ".".join(filter(None, (self.calls[parent].path, name)))
