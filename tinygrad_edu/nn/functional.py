"""Layers, activations and losses as functions: what the modules of the same names compute.

A function here takes all it needs as arguments; a module keeps its weights and settings for it.
"""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from tinygrad_edu.ops.activation import relu, sigmoid
from tinygrad_edu.ops.elementwise import tanh
from tinygrad_edu.ops.linear import linear

__all__ = ["linear", "mse_loss", "relu", "sigmoid", "tanh"]

REDUCTIONS = ("mean", "sum", "none")


def mse_loss(input: Any, target: Any, reduction: str = "mean") -> Any:
    """Squared error: ``mean((input - target)**2)``, or with ``sum``, or of every element.

    Shapes: ``input`` and ``target`` alike; the result (), or with ``reduction="none"`` theirs.

    Raises
    ------
    ValueError
        If the shapes differ, if they hold no element, or if the reduction is unknown.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional
    >>> float(functional.mse_loss(tg.Tensor([1.0, 2.0]), tg.Tensor([1.0, 4.0]), reduction="sum"))
    4.0
    """
    check_reduction(reduction)
    check_same_shape("mse_loss", input, target)
    return reduced((input - target) ** 2, reduction)


def shape_of(x: Any) -> tuple[int, ...]:
    """Return the shape of a Tensor, an array, or what can become one."""
    shape: tuple[int, ...] | None = getattr(x, "shape", None)
    return np.shape(x) if shape is None else shape


def check_reduction(reduction: str) -> str:
    """Refuse a way of reducing a loss that is not known."""
    if reduction not in REDUCTIONS:
        raise ValueError(f"reduction must be one of {', '.join(REDUCTIONS)}, not {reduction!r}")
    return reduction


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
