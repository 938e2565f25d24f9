"""Modules and parameters kept in lists and dicts, so that a model lists them as its own.

A plain Python list as an attribute hides from ``parameters()`` and ``state_dict()`` what is in it.
These containers do not. What they hold are attributes with the names ``"0"``, ``"1"``, ... or the
keys of the dict, as in PyTorch, so that saved states fit.

Read next: ``dicts.py``, the same with names.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import index as integer
from typing import Any, TypeVar

from tinygrad_edu.nn.module import Module
from tinygrad_edu.nn.parameter import Parameter
from tinygrad_edu.tensor import Tensor

Self = TypeVar("Self", bound="Positions")


class Positions(Module):
    """What all modules have in common that are a list of something: the list protocol."""

    _holds = "_modules"
    """The registry that the members are in."""

    _what = "member"
    """What messages call them."""

    def _members(self) -> dict[str, Any]:
        members: dict[str, Any] = getattr(self, self._holds)
        return members

    def _member(self, name: str, value: Any) -> Any:
        """Make what was given a member of that name, or refuse it."""
        self._check("module", name, value)
        return value

    def _refill(self, values: Iterable[Any]) -> None:
        """Replace all members, and number them anew."""
        members = [self._member(str(k), value) for k, value in enumerate(values)]
        for name in list(self._members()):
            delattr(self, name)
        for position, member in enumerate(members):  # all of which have proved to be fit
            self._enter(self._holds, str(position), member)

    def _name(self, position: int) -> str:
        names, position = list(self._members()), integer(position)
        if not -len(names) <= position < len(names):
            what = self._what
            raise IndexError(
                f"there is no {what} {position} in a {type(self).__name__} of {len(names)} {what}s"
            )
        return names[position]

    def __getitem__(self, index: int | slice) -> Any:
        if isinstance(index, slice):
            return type(self)(list(self)[index])  # type: ignore[call-arg]  # each takes a list
        return self._members()[self._name(index)]

    def __setitem__(self, index: int | slice, value: Any) -> None:
        if isinstance(index, slice):
            values = list(self)
            values[index] = value
            self._refill(values)
        else:
            name = self._name(index)
            self._enter(self._holds, name, self._member(name, value))

    def __delitem__(self, index: int | slice) -> None:
        values = list(self)
        if not isinstance(index, slice):
            self._name(index)  # which refuses what there is not
        del values[index]
        self._refill(values)

    def __len__(self) -> int:
        return len(self._members())

    def __iter__(self) -> Iterator[Any]:
        return iter(list(self._members().values()))

    def __contains__(self, value: Any) -> bool:
        return any(member is value for member in self)

    def append(self: Self, module: Any) -> Self:
        """Add a member at the end, and return the whole."""
        position = len(self)
        while str(position) in self._members():  # a slice may keep the names that they had
            position += 1
        self._enter(self._holds, str(position), self._member(str(position), module))
        return self

    def extend(self: Self, modules: Iterable[Any]) -> Self:
        """Add several members at the end, and return the whole."""
        if not isinstance(modules, Iterable):
            raise TypeError(f"extend takes several members, not a {type(modules).__name__}")
        for member in [self._member(str(len(self) + k), m) for k, m in enumerate(modules)]:
            self.append(member)
        return self

    def insert(self: Self, index: int, module: Any) -> Self:
        """Add a member in front of the one at a position; the later ones get new numbers."""
        values = list(self)
        values.insert(index, module)
        self._refill(values)
        return self

    def pop(self, index: int = -1) -> Any:
        """Take a member out and return it."""
        member = self[index]
        del self[index]
        return member

    def __add__(self: Self, other: Iterable[Any]) -> Self:
        if not isinstance(other, Iterable):
            return NotImplemented
        return type(self)([*self, *other])  # type: ignore[call-arg]  # each takes a list

    def __iadd__(self: Self, other: Iterable[Any]) -> Self:
        return self.extend(other)


class ModuleList(Positions):
    """A list of modules, which the model that it is an attribute of lists as its own.

    It has no ``forward``: the model says what it does with its members.

    Parameters
    ----------
    modules : the first members, if any.

    Raises
    ------
    TypeError
        If a member is no module.

    Examples
    --------
    >>> from tinygrad_edu import nn
    >>> from tinygrad_edu.nn.lists import ModuleList
    >>> layers = ModuleList(nn.Linear(2, 2) for _ in range(3))
    >>> layers
    ModuleList(
      (0-2): 3 x Linear(in_features=2, out_features=2, bias=True)
    )
    >>> len(layers.append(nn.Linear(2, 1))), layers[-1].out_features
    (4, 1)
    """

    def __init__(self, modules: Iterable[Any] | None = None) -> None:
        super().__init__()
        self.extend([] if modules is None else modules)

    def __repr__(self) -> str:
        lines, position = [], 0
        for shown, members in groupby(map(repr, self)):
            count = len(list(members))
            last = position + count - 1
            where = f"({position}): " if count == 1 else f"({position}-{last}): {count} x "
            lines.append(where + shown)
            position += count
        return block("ModuleList", lines)


class ParameterList(Positions):
    """A list of parameters, which the model that it is an attribute of lists as its own.

    Parameters
    ----------
    values : the first members, if any. A Tensor without a history becomes a `Parameter`.

    Raises
    ------
    TypeError
        If a member is no Tensor, or has a history.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn.lists import ParameterList
    >>> powers = ParameterList([tg.Tensor([1.0, 2.0]), tg.Tensor([[3.0]])])
    >>> powers
    ParameterList(
        (0): Parameter containing: [float64 of size 2]
        (1): Parameter containing: [float64 of size 1x1]
    )
    >>> list(powers.state_dict())
    ['0', '1']
    """

    _holds = "_parameters"

    def __init__(self, values: Iterable[Any] | None = None) -> None:
        super().__init__()
        self.extend([] if values is None else values)

    def _member(self, name: str, value: Any) -> Any:
        return as_parameter(value, self)

    def __repr__(self) -> str:
        return block("ParameterList", [f"  ({k}): {outlined(p)}" for k, p in enumerate(self)])


def as_parameter(value: Any, whole: Module) -> Parameter:
    """Make a Tensor a Parameter, unless it is one."""
    if isinstance(value, Parameter):
        return value
    if not isinstance(value, Tensor):
        raise TypeError(
            f"a {type(whole).__name__} holds parameters, not a {type(value).__name__}; write "
            f"Parameter(...)"
        )
    return Parameter(value)


def outlined(parameter: Parameter) -> str:
    """Print a parameter by its size."""
    size = "x".join(map(str, parameter.shape))
    return f"Parameter containing: [{parameter.dtype} of size {size}]"


def block(name: str, lines: list[str]) -> str:
    """Print members line by line, indented."""
    body = "\n".join(lines).replace("\n", "\n  ")
    return f"{name}(\n  {body}\n)" if lines else f"{name}()"
