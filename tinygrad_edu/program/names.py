"""Names: where they come from, and how any text becomes an identifier of a program.

A value is called as its Tensor is; else, if a module made it or owns it, by the path to that; else
``t1``, ``t2``, ... The gradient of ``weights1`` is ``d_weights1``.
"""

from __future__ import annotations

import builtins
import keyword
import re
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import count
from typing import Any

from tinygrad_edu.op import Node
from tinygrad_edu.tensor import Tensor

LONGEST = 60
RESERVED = frozenset({"np", *keyword.kwlist, *dir(builtins)})
"""What no value may be called: it would hide what the program needs."""


def gradient_name(name: str) -> str:
    """Name the gradient of something."""
    return f"d_{name}"


def identifier(name: str) -> str:
    """Make a Python identifier of any text; an empty one if nothing of it is left.

    Examples
    --------
    >>> from tinygrad_edu.program.names import identifier
    >>> [identifier(name) for name in ("layer1", "0.weight", "cells.1.bias", "x; y", "lambda", "☃")]
    ['layer1', 'weight0', 'cells1_bias', 'x_y', 'lambda_', '']
    """
    text = unicodedata.normalize("NFKC", str(name)[: 4 * LONGEST])
    text = "".join(c if f"a{c}".isidentifier() else " " for c in text)
    parts = [part for part in (each.strip("_") for each in text.split()) if part]
    numbers = []
    while parts and parts[0].isdigit():
        numbers.append(parts.pop(0))
    if not parts:
        return ""
    text = parts[0]
    for part in parts[1:]:
        text += part if part.isdigit() and not text[-1].isdigit() else f"_{part}"
    text += "_".join(numbers)
    text = text if text.isidentifier() else f"n{text}"
    text = unicodedata.normalize("NFKC", text)[:LONGEST].rstrip("_")  # as Python reads it
    return f"{text}_" if text in RESERVED else text


class Names:
    """Hands out names, each once."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self.taken = {*RESERVED, *taken}
        self.counters: dict[str, Iterator[int]] = {}

    def take(self, wanted: str | None, letter: str) -> str:
        """Return the name wanted, with a number if it is taken; or a letter with one."""
        text = identifier(wanted) if wanted else ""
        if not text:
            return self.numbered(letter, letter)
        if text not in self.taken:
            self.taken.add(text)
            return text
        return self.numbered(text, f"{text}_")

    def numbered(self, key: str, stem: str) -> str:
        """Return the first name of a series that is free."""
        numbers = self.counters.setdefault(key, count(1 if key == stem else 2))
        name = next(name for n in numbers if (name := f"{stem}{n}") not in self.taken)
        self.taken.add(name)
        return name


# --------------------------------------------------------------------- where names come from
def known_names(nodes: list[Node], loss: Tensor) -> dict[int, str]:
    """Collect names by the identity of leaves, nodes, buffers' arrays and module calls.

    Those that a user has chosen come first.
    """
    found: dict[int, str] = {}
    for node in nodes:
        for parent in node.parents:
            if isinstance(parent, Tensor) and parent.name:
                found.setdefault(id(parent), parent.name)
    for module in models(nodes):
        for path, parameter in module.named_parameters():
            found.setdefault(id(parameter), path)
        for path, buffer in module.named_buffers():
            found.setdefault(id(buffer._array), path)
    if loss.node is not None:
        found[id(loss.node)] = loss.name or "loss"
    for node, name in module_outputs(nodes):
        found.setdefault(id(node), name)
    paths: dict[Any, str] = {}
    for node in nodes:
        if node.scope is not None:
            found[id(node.scope)] = path_of(node.scope, paths)
    return found


def models(nodes: list[Node]) -> Iterator[Any]:
    """Yield the modules that were called from outside of any other."""
    seen = set()
    for node in nodes:
        scope = node.scope
        while scope is not None and scope.parent is not None:
            scope = scope.parent
        if scope is not None and id(scope.module) not in seen:
            seen.add(id(scope.module))
            yield scope.module


def module_outputs(nodes: list[Node]) -> Iterator[tuple[Node, str]]:
    """Yield the last node of every module call with the name of that; outer calls first."""
    last: dict[Any, Node] = {}
    for node in nodes:
        scope = node.scope
        while scope is not None:
            last[scope] = node
            scope = scope.parent
    for scope, node in last.items():
        if scope.parent is None:
            yield node, "output"
    paths: dict[Any, str] = {}
    for scope, node in last.items():
        if scope.parent is not None:
            yield node, path_of(scope, paths)


def path_of(scope: Any, paths: dict[Any, str]) -> str:
    """Return the path of a module call, such as ``encoder.linear0`` for an unnamed first step."""
    if scope not in paths:
        chain = [scope]
        while chain[-1].parent is not None and chain[-1].parent not in paths:
            chain.append(chain[-1].parent)
        for each in reversed(chain):
            outer = each.parent
            path = "" if outer is None else f"{paths[outer]}.{own_name(each)}"
            paths[each] = path.strip(".")
    return paths[scope]


def own_name(scope: Any) -> str:
    """Return what a module's caller calls it: instead of a mere number, the name of its class."""
    module, kind = scope.module, type(scope.module).__name__.lower()
    known = scope.parent.module.named_modules()
    path: str = next((name for name, each in known if each is module), kind)
    outer, _, last = path.rpartition(".")
    if not outer:
        last = re.sub(r"^\d+$", lambda number: f"{kind}{number[0]}", last)
    return f"{outer}.{last}" if outer else last
