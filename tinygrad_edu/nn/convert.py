"""Giving all of a module's numbers another dtype, and saying where they are: on the CPU."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tinygrad_edu.dtypes import get_default_dtype
from tinygrad_edu.tensor import Tensor

if TYPE_CHECKING:
    from tinygrad_edu.nn.module import Module


def convert(module: Module, dtype: Any) -> None:
    """Give the floating-point parameters, their gradients, and the buffers another dtype.

    The Tensors stay the same objects, so that an optimizer goes on with them; they get new arrays,
    so that what was recorded before stays right.
    """
    dtype = np.dtype(dtype)
    if dtype.kind != "f":
        raise TypeError(f"a module's parameters are floating-point numbers, not {dtype}")
    tensors = [t for t in (*module.parameters(), *module.buffers()) if t.dtype.kind == "f"]
    arrays = [(t._array.astype(dtype), None if t.grad is None else t.grad.astype(dtype))
              for t in tensors]  # fmt: skip
    for tensor, (array, gradient) in zip(tensors, arrays):
        tensor.data = array
        tensor.grad = gradient


def wanted_dtype(*args: Any, device: Any = None, dtype: Any = None) -> Any:
    """Read the arguments of ``Module.to``: a dtype, a device, or a Tensor to be like.

    Raises
    ------
    ValueError
        If the device is not the CPU.
    """
    for given in args:
        if isinstance(given, bool):  # non_blocking, which is without effect
            continue
        if isinstance(given, Tensor):
            dtype = given.dtype
        elif given is not None and _is_device(given):
            device = given
        elif given is not None:
            dtype = given
    check_device(device)
    return dtype


def factory_dtype(device: Any, dtype: Any) -> Any:
    """Read how a layer is to make its parameters: on the CPU, and of which dtype."""
    check_device(device)
    return get_default_dtype() if dtype is None else dtype


def check_device(device: Any) -> None:
    """Refuse a device that is not the CPU; ``None`` stands for the CPU, too."""
    if device is not None and str(device).split(":")[0] != "cpu":
        raise ValueError(
            f"there is no device {str(device)!r}: this library computes with NumPy, on the CPU; "
            f"leave the device out, or write 'cpu'"
        )


def _is_device(given: Any) -> bool:
    """Tell a device's name from a dtype's."""
    if not isinstance(given, str):
        return hasattr(given, "index") and hasattr(given, "type") and not hasattr(given, "kind")
    try:
        np.dtype(given)
    except TypeError:
        return True
    return False
