"""What the values of a run are called: by the user, by their model, or by a number.

A Tensor has its own ``.name``; a module's parameter has its path; names of variables may be given.
Whoever has none of these gets a letter and a number.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import count
from typing import Any

import numpy as np

from tinygrad_edu.op import Node
from tinygrad_edu.tensor import Tensor

LONGEST = 32  # characters of an operand in a formula


class Names:
    """The names of one run, by the identity of nodes, leaves and leaves' arrays.

    The first name found for a thing counts: those given, then its own, then its place in a model.
    """

    def __init__(
        self, outputs: Iterable[Tensor], nodes: list[Node], given: Mapping[str, Any]
    ) -> None:
        found: list[tuple[Any, Any]] = list(given.items())
        found += [(tensor.name, tensor) for tensor in outputs]
        for node in nodes:
            if node.notes is not None:
                found.append((node.notes.name, node))
            found += [(leaf.name, leaf) for leaf in node.parents if isinstance(leaf, Tensor)]
            found += [(memory.name, memory.array) for memory in node.memory]
        for module in _models(nodes):
            found += [*module.named_parameters(), *module.named_buffers()]
        self.known: dict[int, str] = {}
        for name, thing in found:
            if name and isinstance(thing, (Tensor, Node, np.ndarray)):
                for each in _identities(thing):
                    self.known.setdefault(id(each), str(name))
        self.taken = set(self.known.values())
        self.counters: dict[str, Iterator[int]] = {}  # for invented names, by their letter

    def of(self, letter: str, thing: Any, wish: str = "") -> str:
        """Return the name of a node, of a leaf, or of an array, inventing one if it has none."""
        if id(thing) not in self.known:
            is_free = wish and wish not in self.taken
            self.known[id(thing)] = wish if is_free else self.invent(letter)
            self.taken.add(self.known[id(thing)])
        return self.known[id(thing)]

    def invent(self, letter: str) -> str:
        """Return the letter with the next number that makes it a name of nobody else's."""
        numbered = (f"{letter}{number}" for number in self.counters.setdefault(letter, count(1)))
        return next(name for name in numbered if name not in self.taken)


def shorten(text: str) -> str:
    """Cut a name to what a formula has room for."""
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _identities(thing: Tensor | Node | np.ndarray[Any, Any]) -> tuple[Any, ...]:
    """Say by what a graph knows a Tensor: a result by its node, a leaf also by its array."""
    if isinstance(thing, Tensor):
        return (thing, thing.data) if thing.node is None else (thing.node,)
    return (thing,)


def _models(nodes: list[Node]) -> Iterator[Any]:
    """Yield the modules that were called from outside of any other."""
    seen, scopes = set(), set()
    for node in nodes:
        scope = node.scope
        if scope is None or scope in scopes:
            continue
        scopes.add(scope)
        while scope.parent is not None:
            scope = scope.parent
        if id(scope.module) not in seen:
            seen.add(id(scope.module))
            yield scope.module
