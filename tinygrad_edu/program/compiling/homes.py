"""Where Python keeps what a function uses: dicts, attributes, cells of closures, collections.

A program takes for granted what stood there while it was traced. So it is taken down: to see
whether the function has changed it, which no program can do; to put it back; and to see, before
every further call, whether it is still the same.

Read next: ``reach.py``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np

NUMBERS = (bool, int, float, complex, str, type(None), np.generic)


def same(a: Any, b: Any) -> bool:
    """Tell whether two values are one object, or equal numbers of one type."""
    if a is b:
        return True
    return type(a) is type(b) and isinstance(a, NUMBERS) and bool(a == b)


class Missing:
    """What stands for the value of a name that there is not."""


MISSING = Missing()


class Names:
    """Values under names: in a dict, or as the attributes of an object that has slots.

    Parameters
    ----------
    owner : the dict or the object.
    names : those that matter.
    whole : whether a new name matters too.
    """

    def __init__(self, owner: Any, names: Iterable[Any], whole: bool = False) -> None:
        self.owner, self.names = owner, list(dict.fromkeys(names))
        self.values = [self.get(name) for name in self.names]
        self.before = dict.fromkeys(owner) if whole else {}
        self.whole = whole

    def get(self, name: Any) -> Any:
        """Return what is there now."""
        if isinstance(self.owner, dict):
            return self.owner.get(name, MISSING)
        return getattr(self.owner, name, MISSING)

    def put(self, name: Any, value: Any) -> None:
        """Put a value there."""
        if isinstance(self.owner, dict):
            self.owner[name] = value
        else:
            setattr(self.owner, name, value)

    def changed(self) -> list[str]:
        """Name what is another value now, or new."""
        pairs = zip(self.names, self.values)
        found = [name for name, value in pairs if not same(self.get(name), value)]
        return list(map(str, [*found, *self.new()]))

    def new(self) -> list[Any]:
        """List the names that there were not."""
        return [x for x in self.owner if x not in self.before] if self.whole else []

    def put_back(self) -> None:
        """Make it what it was."""
        for name, value in zip(self.names, self.values):
            if self.get(name) is not value and value is not MISSING:
                self.put(name, value)
            elif value is MISSING and self.get(name) is not MISSING:
                del self.owner[name]
        for name in self.new():
            del self.owner[name]


class Cell:
    """The value of a variable of the function around."""

    def __init__(self, cell: Any, name: str) -> None:
        self.cell, self.name, self.value = cell, name, cell.cell_contents

    def changed(self) -> list[str]:
        """Name the variable, if it has another value now."""
        return [] if same(self.cell.cell_contents, self.value) else [self.name]

    def put_back(self) -> None:
        """Make it what it was."""
        self.cell.cell_contents = self.value


class Members:
    """What is in a list, a set or a deque."""

    def __init__(self, owner: Any, name: str | None = None) -> None:
        self.owner, self.values = owner, tuple(owner)
        self.name = name or f"a {type(owner).__name__}"

    def changed(self) -> list[str]:
        """Name the collection, if there is something else in it now."""
        now = tuple(self.owner)
        alike = len(now) == len(self.values) and all(map(same, now, self.values))
        return [] if alike else [self.name]

    def put_back(self) -> None:
        """Make it what it was."""
        if isinstance(self.owner, list):
            self.owner[:] = self.values
        else:
            self.owner.clear()
            (self.owner.update if isinstance(self.owner, set) else self.owner.extend)(self.values)


class Spot(NamedTuple):
    """Where one thing is kept, so that something else may stand there for a while."""

    owner: Any
    key: Any
    kept: Any

    def now(self) -> Any:
        """Return what is there now."""
        if self.key is None:
            return self.owner.cell_contents
        if isinstance(self.owner, Names):
            return self.owner.get(self.key)
        return self.owner[self.key] if self.key < len(self.owner) else None

    def put(self, value: Any) -> None:
        """Put something there."""
        if self.key is None:
            self.owner.cell_contents = value
        elif isinstance(self.owner, Names):
            self.owner.put(self.key, value)
        else:
            self.owner[self.key] = value
