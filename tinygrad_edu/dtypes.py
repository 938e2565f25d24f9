"""Which dtype a Tensor gets, and the default for those that do not bring their own."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.op import Array

SCALARS = (float, int, bool, complex)
NUMBERS = (np.ndarray, np.generic, *SCALARS)

_default: Any = np.dtype(np.float64)


def set_default_dtype(dtype: Any) -> None:
    """Choose the dtype of parameters, and of Tensors made from Python floats.

    Raises
    ------
    TypeError
        If it is no floating-point dtype.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.set_default_dtype("float32")
    >>> tg.Tensor(1.0).dtype
    dtype('float32')
    >>> tg.set_default_dtype("float64")
    """
    global _default  # noqa: PLW0603  # one setting for the process, as in PyTorch
    if np.dtype(dtype).kind != "f":
        raise TypeError(f"the default dtype must be a floating-point one, not {np.dtype(dtype)}")
    _default = np.dtype(dtype)


def get_default_dtype() -> Any:
    """Return the dtype of parameters, and of Tensors made from Python floats.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.get_default_dtype()
    dtype('float64')
    """
    return _default


def to_array(data: Any, dtype: Any = None, copy: bool = True) -> Array:
    """Make the array that a leaf holds: numeric, in the machine's byte order, its own."""
    if isinstance(data, np.ma.MaskedArray):
        raise TypeError("a Tensor would lose the mask of a masked array; use .filled() first")
    array: Array = np.array(data, dtype=dtype, copy=copy or None)
    if array.dtype.kind not in "biufc":
        raise TypeError(f"a Tensor holds numbers, not {array.dtype} (from {type(data).__name__})")
    if dtype is None and array.dtype.kind == "f" and not hasattr(data, "dtype"):
        return array.astype(_default, copy=False)
    return array.astype(array.dtype.newbyteorder("="), copy=False)


def check_float(array: Array) -> None:
    """Refuse a gradient for what is not a floating-point number."""
    if array.dtype.kind not in "fc":
        raise TypeError(
            f"only floating-point tensors can require grad, and this one is {array.dtype}; write "
            f"floats (1.0 instead of 1), pass dtype=float, or use .astype(float)"
        )


def operand(x: Any, op: str) -> Any:
    """Make an operand that is no Tensor something to compute with."""
    if x is None or isinstance(x, np.generic):
        return x
    if isinstance(x, np.ma.MaskedArray):
        raise TypeError(f"{op} would lose the mask of a masked array; use .filled() first")
    array = np.asarray(x)
    if array.dtype.kind not in "biufc":
        raise TypeError(f"{op} cannot compute with {x!r}, a {type(x).__name__}")
    return array


def is_foreign(x: Any) -> bool:
    """Tell whether an operand's memory belongs to somebody else."""
    return not (
        x is None or isinstance(x, np.generic) or hasattr(x, "__record__") or type(x) in SCALARS
    )


def number(y: Any, op: str) -> Array:
    """Make what a function has returned an array of numbers."""
    array = np.asarray(y) if isinstance(y, NUMBERS) else None
    if array is None or array.dtype.kind not in "biufc":
        advice = "; is a return missing?" if y is None else ""
        if isinstance(y, list):
            advice = "; join them with np.stack, or return several outputs as a tuple"
        raise TypeError(f"{op} returned {type(y).__name__}, not an array of numbers{advice}")
    return array
