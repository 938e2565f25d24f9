"""What many functions ask of their inputs before they compute anything."""

from __future__ import annotations

from math import prod
from operator import index
from typing import Any

import numpy as np

from tinygrad_edu.dispatch import values_of

REDUCTIONS = ("mean", "sum", "none")


def shape_of(x: Any) -> tuple[int, ...]:
    """Return the shape of a Tensor, an array, or what can become one."""
    shape: tuple[int, ...] | None = getattr(x, "shape", None)
    return np.shape(x) if shape is None else shape


def check_reduction(reduction: str) -> str:
    """Refuse a way of reducing a loss that is not known."""
    if reduction not in REDUCTIONS:
        raise ValueError(f"reduction must be one of {', '.join(REDUCTIONS)}, not {reduction!r}")
    return reduction


def read_reduction(reduction: str, size_average: bool | None, reduce: bool | None) -> str:
    """Read how a loss is reduced, which programs for old PyTorch say by two other arguments.

    ``size_average=False`` says ``"sum"`` and ``reduce=False`` ``"none"``; if either is given, the
    ``reduction`` does not count, as in PyTorch.
    """
    if size_average is None and reduce is None:
        return check_reduction(reduction)
    if reduce is False:
        return "none"
    return "sum" if size_average is False else "mean"


def check_same_shape(loss: str, input: Any, target: Any) -> None:
    """Refuse to broadcast: (4, 1) against (4,) would compare each of 4 with each of 4."""
    shape, other = shape_of(input), shape_of(target)
    if shape != other:
        raise ValueError(
            f"{loss}: input has shape {shape} and target {other}; every element needs a target of "
            f"its own" + (f": try target.reshape{shape}" if prod(shape) == prod(other) else "")
        )
    if 0 in shape:
        raise ValueError(f"{loss}: an empty batch, of shape {shape}, has no loss")


def reduced(losses: Any, reduction: str) -> Any:
    """Make one number of the losses of all elements, or leave them as they are."""
    if reduction == "none":
        return losses
    return losses.mean() if reduction == "mean" else losses.sum()


def check_signs(loss: str, target: Any) -> None:
    """Refuse targets that are neither 1 nor -1."""
    values = values_of(target)
    wrong = (values != 1) & (values != -1)
    if wrong.any():
        raise ValueError(
            f"{loss}: the targets are 1 and -1, and one is {values[wrong].tolist()[0]}"
            + ("; for 0 and 1, pass 2 * target - 1" if not values.all() else "")
        )


def at_least(bound: float, x: Any) -> Any:
    """``x``, raised to a bound by adding, so that a gradient still reaches what was raised."""
    return x + np.maximum(bound - values_of(x), 0)


def axis_of(function: str, x: Any, dim: int | None) -> int:
    """Return the axis that ``dim`` means, counted from the front."""
    shape = shape_of(x)
    if dim is None:
        raise ValueError(
            f"{function} of an input of shape {shape}: along which axis? Write dim=, such as "
            f"dim={len(shape) - 1}; it is not guessed from the number of axes"
        )
    if not -len(shape) <= index(dim) < len(shape):
        raise np.exceptions.AxisError(f"{function}: there is no axis {dim} in shape {shape}")
    return index(dim) % len(shape)


def positive_integer(where: str, name: str, value: Any) -> int:
    """Check a size that a layer is made with."""
    try:
        number = index(value)
    except TypeError:
        raise TypeError(f"{where}: {name} must be an integer, not {value!r}") from None
    if number < 1:
        raise ValueError(f"{where}: {name} must be at least 1, not {number}")
    return number
