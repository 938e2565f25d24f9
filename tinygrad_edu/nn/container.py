"""Containers: modules made of modules."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

from tinygrad_edu.nn.module import Module

Step = Callable[..., Any]
Self = TypeVar("Self", bound="Sequential")


class Sequential(Module):
    """A chain: the output of each step is the input of the next.

    Parameters
    ----------
    *steps : modules, or any other callables, such as ``tg.relu`` or ``np.tanh``; or one dict of
        them, whose keys become their names. Without names, they are called ``"0"``, ``"1"``, ...

    Raises
    ------
    TypeError
        If a step cannot be called, or is a class instead of an object of it.

    Examples
    --------
    >>> import numpy as np
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> model = nn.Sequential(nn.Linear(3, 4), np.tanh, nn.Linear(4, 1), tg.sigmoid)
    >>> model
    Sequential(
      (0): Linear(in_features=3, out_features=4, bias=True)
      (1): tanh
      (2): Linear(in_features=4, out_features=1, bias=True)
      (3): sigmoid
    )
    >>> model(tg.Tensor([0.0, 1.0, 1.0])).shape
    (1,)
    >>> len(model[:2])
    2
    """

    def __init__(self, *steps: Any) -> None:
        super().__init__()
        named: Mapping[str, Step] = {str(position): step for position, step in enumerate(steps)}
        if len(steps) == 1 and isinstance(steps[0], Mapping):
            named = steps[0]
        for name, step in named.items():
            self.add_module(name, step)

    def forward(self, x: Any) -> Any:
        """Hand the input through all steps."""
        for step in self._modules.values():
            x = step(x)
        return x

    def _check(self, kind: str, name: str, value: Any) -> None:
        """Welcome every callable as a step."""
        if kind != "module" or isinstance(value, Module):
            super()._check(kind, name, value)
        elif isinstance(value, type):
            raise TypeError(
                f"step {name!r} of Sequential is the class {value.__name__}; pass an object of it, "
                f"{value.__name__}()"
            )
        elif not callable(value):
            raise TypeError(
                f"step {name!r} of Sequential is a {type(value).__name__}, which cannot be called"
                + ("; write Sequential(*steps)" if isinstance(value, (list, tuple)) else "")
            )

    def append(self: Self, module: Step) -> Self:
        """Add a step at the end."""
        position = len(self)
        while str(position) in self._modules:  # a slice keeps the names that its steps had
            position += 1
        self.add_module(str(position), module)
        return self

    def _name(self, position: int) -> str:
        names = list(self._modules)
        if not -len(names) <= position < len(names):
            raise IndexError(f"there is no step {position} in a Sequential of {len(names)} steps")
        return names[position]

    def __getitem__(self, index: int | slice) -> Any:
        if isinstance(index, slice):
            return type(self)(dict(list(self._modules.items())[index]))
        return self._modules[self._name(index)]

    def __setitem__(self, index: int, module: Step) -> None:
        self._enter("_modules", self._name(index), module)

    def __len__(self) -> int:
        return len(self._modules)

    def __iter__(self) -> Iterator[Step]:
        return iter(self._modules.values())
