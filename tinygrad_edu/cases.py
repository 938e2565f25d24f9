"""What an op tells the tests that every op must pass: how to call it, and where it has a kink."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

Array = np.ndarray[tuple[Any, ...], np.dtype[Any]]


class Case(NamedTuple):
    """One way to call an op, for the tests that every op must pass; see `case`."""

    inputs: tuple[Any, ...]
    settings: dict[str, Any]
    low: float
    high: float

    def draw(self, generator: np.random.Generator) -> list[Array]:
        """Turn shapes into random arrays between ``low`` and ``high``; keep literal arrays."""
        return [
            np.asarray(generator.uniform(self.low, self.high, given))
            if isinstance(given, tuple)
            else np.array(given)
            for given in self.inputs
        ]


def case(*inputs: Any, low: float = -2.0, high: float = 2.0, **settings: Any) -> Case:
    """Describe a sample call: a tuple is the shape of a random array, a list a literal array.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> sample = tg.case((2, 3), [1.0, 2.0, 3.0], axis=0)
    >>> sample.settings
    {'axis': 0}
    """
    return Case(inputs, settings, low, high)


class Kink(NamedTuple):
    """A point without a derivative, and the subgradient that is promised there."""

    at: tuple[Any, ...]
    gradients: tuple[Any, ...]
