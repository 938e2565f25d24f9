"""Sequential: a chain of modules, and of any other functions.

Read next: ``lists.py``, containers that say nothing about the order of computation.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tinygrad_edu.nn.lists import Positions
from tinygrad_edu.nn.module import Module

Step = Callable[..., Any]


class Sequential(Positions):
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

    _what = "step"

    def __init__(self, *steps: Any) -> None:
        super().__init__()
        named: Mapping[str, Step] = {str(position): step for position, step in enumerate(steps)}
        if len(steps) == 1 and isinstance(steps[0], Mapping):
            named = steps[0]
        for name, step in named.items():
            self.add_module(name, step)

    def forward(self, input: Any) -> Any:
        """Hand the input through all steps."""
        for step in self._modules.values():
            input = step(input)
        return input

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

    def __getitem__(self, index: int | slice) -> Any:
        if isinstance(index, slice):  # whose steps keep their names
            return type(self)(dict(list(self._modules.items())[index]))
        return super().__getitem__(index)

    def __add__(self, other: Any) -> Sequential:
        if not isinstance(other, Sequential):
            return NotImplemented
        return Sequential(*self, *other)
