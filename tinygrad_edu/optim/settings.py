"""Settings of optimizers: what they may be, and those that PyTorch has beside."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf
from numbers import Real
from typing import Any, NamedTuple

import numpy as np

WITHOUT_EFFECT = ("foreach", "fused", "capturable", "differentiable")
"""PyTorch's choices between ways to compute the same numbers: taken, and not kept."""

ALSO_IN_GROUPS = ("name", "initial_lr", "max_lr", "min_lr", "base_momentum", "max_momentum")
"""What a group may hold that is no setting: a name of the user's, and what schedules note there."""


class Limit(NamedTuple):
    """Between which numbers a setting must lie, and how to say so."""

    least: float
    below: float
    words: str


NOT_NEGATIVE = Limit(0.0, inf, "must be finite and not negative")
FINITE = Limit(-np.finfo(float).max, inf, "must be finite")
FRACTION = Limit(0.0, np.nextafter(1.0, 2.0), "must be between 0 and 1")
BELOW_ONE = Limit(0.0, 1.0, "must be at least 0 and less than 1")


def accept(optimizer: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Sort out PyTorch's settings that change no numbers; return what is left.

    Raises
    ------
    ValueError
        If ``differentiable`` is true: steps are taken in place, and not recorded.
    """
    if given.get("differentiable"):
        raise ValueError(
            f"{optimizer}: differentiable=True is not to be had, as steps change parameters in "
            f"place and are not recorded; to differentiate through one, write it out: "
            f"new = p - lr * tg.grad(loss)(p)"
        )
    return {name: value for name, value in given.items() if name not in WITHOUT_EFFECT}


def only_without_effect(optimizer: str, given: Mapping[str, Any]) -> None:
    """Refuse keyword arguments that neither this library nor PyTorch knows."""
    for name in accept(optimizer, given):
        raise TypeError(f"{optimizer} got an unexpected keyword argument {name!r}")


def check(name: str, value: Any, limit: Limit) -> None:
    """Refuse a setting that makes no sense; ``betas`` are two numbers, all others one."""
    title = "the learning rate lr" if name == "lr" else name
    if name == "betas":
        if not isinstance(value, (tuple, list)) or len(value) != 2:
            raise TypeError(f"betas must be two numbers, such as (0.9, 0.999), not {value!r}")
        for position, beta in enumerate(value):
            check(f"betas[{position}]", beta, limit)
    elif not isinstance(value, Real):
        raise TypeError(f"{title} must be a number, not {value!r}")
    elif not limit.least <= float(value) < limit.below:
        raise ValueError(f"{title} {limit.words}, not {value}")
