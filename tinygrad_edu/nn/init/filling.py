"""What the functions of this package share: writing in place, and counting what goes in and out."""

from __future__ import annotations

from math import prod
from typing import TypeVar

import numpy as np

from tinygrad_edu.op import Array
from tinygrad_edu.tensor import Tensor

T = TypeVar("T", bound=Tensor | Array)
Generator = np.random.Generator


def filled(tensor: T, values: Array) -> T:
    """Write values into a leaf, unrecorded, or into an array, as ``weight.data`` is one."""
    if isinstance(tensor, np.ndarray):
        if not tensor.flags.writeable:
            raise ValueError(
                f"this array of shape {tensor.shape} is read-only, as what t.numpy() returns and "
                f"the data of a computed tensor are; pass the Parameter itself"
            )
        np.copyto(tensor, values, casting="same_kind")
        return tensor
    if not isinstance(tensor, Tensor):
        kind = type(tensor).__name__
        raise TypeError(f"initial values are for Tensors and arrays, not a {kind}")
    if tensor.node is not None:
        raise ValueError(
            f"this tensor of shape {tensor.shape} is the result of {tensor.node.op.name}, and "
            f"filling it would make its history wrong; initial values are for parameters"
        )
    tensor._touch()
    np.copyto(tensor._array, values, casting="same_kind")
    return tensor


def check_axes(name: str, tensor: Tensor | Array, allowed: tuple[int, ...]) -> None:
    """Refuse a tensor of another number of axes."""
    if tensor.ndim not in allowed:
        axes = " or ".join(map(str, allowed))
        raise ValueError(f"{name} fills tensors of {axes} axes, not of shape {tensor.shape}")


def fans(name: str, tensor: Tensor | Array) -> tuple[int, int]:
    """Return fan_in and fan_out of a weight."""
    if tensor.ndim < 2:
        raise ValueError(
            f"{name} needs to know fan_in and fan_out, and a tensor of shape {tensor.shape} has "
            f"none; it is for weights, of two axes or more"
        )
    field = prod(tensor.shape[2:])
    return tensor.shape[1] * field, tensor.shape[0] * field
