"""Where every public name stands in the reference.

A page of the reference holds lines such as ::

    <!-- api tinygrad_edu.nn: conv conv_transpose -->

When the site is built, such a line becomes the entries of those public names of the package that
are defined in its modules ``conv`` and ``conv_transpose``. A word may also be a name itself. So a
layer that is added to a module that is on a page is on that page, too; and a name that no line
takes in makes the build fail, see `missing`.

A name may be public in several packages. It is explained where it stands first in `PACKAGES`; the
other places say where that is.
"""

from __future__ import annotations

import importlib
import inspect
import re
import sys
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any, NamedTuple

import tinygrad_edu.ops.everything  # noqa: F401  # what it is made of must be there

PACKAGES = {
    "tinygrad_edu": (),
    "tinygrad_edu.draw": (),
    "tinygrad_edu.draw.snapshot": ("GraphNode", "GraphEdge", "ModuleCall", "SourceLine"),
    "tinygrad_edu.program": (),
    "tinygrad_edu.program.program": ("Guard",),
    "tinygrad_edu.training": (),
    "tinygrad_edu.checkpoint": (),
    "tinygrad_edu.optim": (),
    "tinygrad_edu.optim.lr_scheduler": (),
    "tinygrad_edu.data": (),
    "tinygrad_edu.utils.data": (),
    "tinygrad_edu.nn": (),
    "tinygrad_edu.special": (),
    "tinygrad_edu.nn.functional": (),
    "tinygrad_edu.nn.init": (),
    "tinygrad_edu.nn.utils": (),
    "tinygrad_edu.nn.utils.rnn": (),
    "tinygrad_edu.autograd": ("grad",),
    "tinygrad_edu.op": ("Kink",),
    "tinygrad_edu.fast": (),
    "tinygrad_edu.article": (),
    "tinygrad_edu.images": (),
}
"""The public packages, and the public names of those that have no ``__all__``."""

LINE = re.compile(r"^<!-- api ([\w.]+): ([\w. ]+) -->$", re.MULTILINE)


class Name(NamedTuple):
    """A public name of a package."""

    package: str
    name: str

    @property
    def value(self) -> Any:
        """What it names."""
        return getattr(module(self.package), self.name)

    @property
    def path(self) -> str:
        """What one writes to have it."""
        return f"{self.package}.{self.name}"

    @property
    def home(self) -> str:
        """The module that defines it; empty where that is no module of its own, as for an array."""
        return str(getattr(self.value, "__module__", ""))

    @property
    def line(self) -> int:
        """Where in its file it is defined, or 0 if that cannot be told."""
        try:
            return inspect.getsourcelines(inspect.unwrap(self.value))[1]
        except (OSError, TypeError):
            return 0


def module(name: str) -> ModuleType:
    """Import a module; by its full name, since a package may hold a function of that name."""
    importlib.import_module(name)
    return sys.modules[name]


@lru_cache
def public(package: str) -> tuple[Name, ...]:
    """List the public names of a package, but not the packages in it."""
    here = module(package)
    listed = getattr(here, "__all__", None) or PACKAGES[package] or defined_in(here)
    names = (Name(package, name) for name in listed)
    return tuple(
        name for name in names if callable(name.value) or not isinstance(name.value, ModuleType)
    )


def defined_in(here: ModuleType) -> list[str]:
    """List the public functions and classes that a module defines."""
    return [
        name
        for name, value in vars(here).items()
        if inspect.isroutine(value) and value.__module__ == here.__name__ and name[0] != "_"
    ]


@lru_cache
def homes() -> dict[int, Name]:
    """Say of each public thing, by its identity, where it is explained."""
    found: dict[int, Name] = {}
    for package in PACKAGES:
        for name in public(package):
            found.setdefault(id(named(name.value)), name)
    return found


def named(value: Any) -> Any:
    """Return what is meant: of a package that can be called like its function, the function."""
    return getattr(value, "draw", value) if isinstance(value, ModuleType) else value


def taken(package: str, words: str) -> list[Name]:
    """List the names that a line takes in: in the order of the words, then of the source."""
    names = public(package)
    found: list[Name] = []
    for word in words.split():
        own = [name for name in names if name.name == word]
        there = [name for name in names if f".{name.home}".endswith(f".{word}")]
        if not own and not there:  # a package within this one, or this one itself
            there = [name for name in names if f".{word}." in f".{name.home}."]
        if not own and not there:
            raise LookupError(f"{package} has no public name {word!r}, and none from such a module")
        found += own + sorted(there, key=lambda name: name.line)
    return list(dict.fromkeys(found))


def entries(match: re.Match[str]) -> str:
    """Write down the names that a line takes in."""
    return "\n".join(entry(name) for name in taken(*match.groups()))


def entry(name: Name) -> str:
    """Write down one name: explained, or with the place where it is."""
    home = homes()[id(named(name.value))]
    if not callable(name.value):
        directive = f".. py:data:: {name.path}\n\n   ``{name.value.tolist()}``, an array."
    elif home != name:
        kind, role = ("class", "class") if inspect.isclass(name.value) else ("function", "func")
        directive = f".. py:{kind}:: {name.path}\n\n   The same as :{role}:`{home.path}`."
    elif inspect.isclass(name.value):
        directive = f".. autoclass:: {name.path}{members(name.value)}"
    else:
        directive = f".. autofunction:: {name.path}"
    return f"```{{eval-rst}}\n{directive}\n```\n"


def members(cls: type) -> str:
    """Choose the methods to show: those of its own that say something of their own."""
    bases = [base for base in cls.__mro__[1:] if id(base) in homes()]
    shown = [
        name
        for part in cls.__mro__
        if part.__module__.startswith("tinygrad_edu") and part not in bases
        for name, value in vars(part).items()
        if part is cls or not any(hasattr(base, name) for base in bases)
        if name[0] != "_" and is_worth_showing(name, value)
    ]
    return f"\n   :members: {', '.join(dict.fromkeys(shown))}" if shown else ""


DULL = {"forward", "extra_repr", "reset_parameters"}
"""What modules have to have; in one line there is nothing that the class does not say."""


def is_worth_showing(name: str, value: Any) -> bool:
    """Tell a documented method or property from what is not for users, or self-evident."""
    if not isinstance(value, (FunctionType, property, classmethod, staticmethod)):
        return False
    said = inspect.getdoc(value)
    return bool(said) and not (name in DULL and "\n" not in said)


def aliases() -> list[str]:
    """List the paths of what is explained under another one."""
    names = (name for package in PACKAGES for name in public(package))
    return [name.path for name in names if homes()[id(named(name.value))] != name]


def lines(folder: Path) -> Iterator[tuple[Path, str, str]]:
    """Go through the lines on the pages in a folder: the page, the package, the words."""
    for page in sorted(folder.glob("*.md")):
        for package, words in LINE.findall(page.read_text(encoding="utf-8")):
            yield page, package, words


def missing(folder: Path) -> list[str]:
    """List the public names that no page in a folder takes in, and those on two of them."""
    shown = [name.path for _, package, words in lines(folder) for name in taken(package, words)]
    wanted = {name.path for package in PACKAGES for name in public(package)}
    forgotten = [f"{path} is on no page" for path in sorted(wanted - set(shown))]
    twice = [f"{path} is there twice" for path in sorted(set(shown)) if shown.count(path) > 1]
    return forgotten + twice
