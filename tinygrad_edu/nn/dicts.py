"""Modules and parameters kept in dicts, so that a model lists them as its own; see ``lists.py``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from tinygrad_edu.nn.lists import as_parameter, block, outlined
from tinygrad_edu.nn.module import Module

Pairs = Mapping[str, Any] | Iterable[tuple[str, Any]]


class Names(Module):
    """What all modules have in common that are a dict of something: the dict protocol."""

    _holds = "_modules"
    """The registry that the members are in."""

    def _members(self) -> dict[str, Any]:
        members: dict[str, Any] = getattr(self, self._holds)
        return members

    def __getitem__(self, key: str) -> Any:
        members = self._members()
        if key not in members:
            there = ", ".join(members) or "nothing"
            raise KeyError(f"{type(self).__name__} has no {key!r}; it has {there}")
        return members[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.add_module(key, value)

    def __delitem__(self, key: str) -> None:
        self.pop(key)

    def __len__(self) -> int:
        return len(self._members())

    def __iter__(self) -> Iterator[str]:
        return iter(list(self._members()))

    def __contains__(self, key: object) -> bool:
        return key in self._members()

    def keys(self) -> Any:
        """Return the names."""
        return self._members().keys()

    def values(self) -> Any:
        """Return the members."""
        return self._members().values()

    def items(self) -> Any:
        """Return pairs of names and members."""
        return self._members().items()

    def update(self, members: Pairs) -> None:
        """Add several members, or replace those of the same names."""
        given = members.items() if isinstance(members, (Mapping, Names)) else members
        for key, value in given:
            self[key] = value

    def pop(self, key: str) -> Any:
        """Take a member out and return it."""
        member = self[key]
        delattr(self, key)
        return member

    def clear(self) -> None:
        """Take all members out."""
        for key in self:
            delattr(self, key)


class ModuleDict(Names):
    """A dict of modules, which the model that it is an attribute of lists as its own.

    Parameters
    ----------
    modules : a dict, or pairs of names and modules, to begin with.

    Raises
    ------
    TypeError
        If a member is no module.
    KeyError
        If a name is empty, has a dot in it, or means something else already, as ``"keys"`` does.

    Examples
    --------
    >>> from tinygrad_edu import nn
    >>> from tinygrad_edu.nn.dicts import ModuleDict
    >>> heads = ModuleDict({"small": nn.Linear(3, 2), "large": nn.Linear(3, 9)})
    >>> heads["large"].out_features, list(heads), "tiny" in heads
    (9, ['small', 'large'], False)
    """

    def __init__(self, modules: Pairs | None = None) -> None:
        super().__init__()
        self.update({} if modules is None else modules)


class ParameterDict(Names):
    """A dict of parameters, which the model that it is an attribute of lists as its own.

    Parameters
    ----------
    parameters : a dict, or pairs of names and Tensors, to begin with. A Tensor without a history
        becomes a `Parameter`.

    Raises
    ------
    TypeError
        If a member is no Tensor, or has a history.
    KeyError
        If a name is empty, has a dot in it, or means something else already, as ``"keys"`` does.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn.dicts import ParameterDict
    >>> scales = ParameterDict({"left": tg.Tensor([1.0]), "right": tg.Tensor([2.0])})
    >>> scales
    ParameterDict(
        (left): Parameter containing: [float64 of size 1]
        (right): Parameter containing: [float64 of size 1]
    )
    """

    _holds = "_parameters"

    def __init__(self, parameters: Pairs | None = None) -> None:
        super().__init__()
        self.update({} if parameters is None else parameters)

    def __setitem__(self, key: str, value: Any) -> None:
        self.register_parameter(key, as_parameter(value, self))

    def get(self, key: str, default: Any = None) -> Any:
        """Return a member, or something else if there is none of that name."""
        return self._parameters.get(key, default)

    def __repr__(self) -> str:
        return block("ParameterDict", [f"  ({key}): {outlined(p)}" for key, p in self.items()])
