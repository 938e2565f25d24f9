"""The safetensors format, in which weights travel between this library, PyTorch and others.

It holds a flat dict of arrays and no code. The package of the same name reads and writes it; it is
an extra, and imported when a file of this format is.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from operator import itemgetter
from typing import Any

import numpy as np

from tinygrad_edu.atomic import replacing
from tinygrad_edu.checkpoint.npy import DTYPES, is_portable
from tinygrad_edu.checkpoint.structure import CheckpointError
from tinygrad_edu.op import Array
from tinygrad_edu.tensor import Tensor

NAMES = {
    "BOOL": "|b1", "I8": "|i1", "U8": "|u1", "I16": "<i2", "U16": "<u2", "I32": "<i4",
    "U32": "<u4", "I64": "<i8", "U64": "<u8", "F16": "<f2", "F32": "<f4", "F64": "<f8",
    "C64": "<c8",
}  # fmt: skip


def _package() -> Any:
    try:
        import safetensors.numpy
    except ImportError as error:
        raise ImportError(
            "files that end in .safetensors need the package of this name: "
            "pip install 'tinygrad_edu[interop]'; any other ending needs none"
        ) from error
    return safetensors


def write(obj: Any, path: str | os.PathLike[str]) -> None:
    """Write a flat dict of arrays or Tensors.

    Raises
    ------
    TypeError
        Naming what is no array, or has a dtype that the format has no name for.
    """
    package = _package()
    if not isinstance(obj, Mapping):
        raise TypeError(f"a .safetensors file holds a dict of arrays, not a {type(obj).__name__}")
    arrays = {}
    for key, value in obj.items():
        array = value._array if isinstance(value, Tensor) else value
        plain = type(array) is np.ndarray and is_portable(array)
        little = array.dtype.newbyteorder("<").str if plain else ""
        if type(key) is not str or little not in NAMES.values():
            kind = getattr(array, "dtype", type(value).__name__)
            raise TypeError(
                f"obj[{key!r}], a {kind}, cannot be saved: a .safetensors file holds a flat dict "
                f"of strings and arrays of numbers; save nested ones under another ending"
            )
        arrays[key] = np.array(array, dtype=little, order="C")  # the package reads raw memory
    content = package.numpy.save(arrays)
    with replacing(path) as file:
        file.write(content)


def read(path: str | os.PathLike[str], max_arrays: int) -> dict[str, Array]:
    """Read a dict of arrays. PyTorch's bfloat16, which NumPy lacks, becomes float32: exactly.

    Raises
    ------
    CheckpointError
        If it is none of this format, or holds more arrays or other dtypes than expected.
    """
    package = _package()
    with open(path, "rb") as file:
        content = file.read()
    try:
        listed = package.deserialize(content)
        if len(listed) > max_arrays:
            raise CheckpointError(
                f"it holds {len(listed)} arrays, more than max_arrays={max_arrays}"
            )
        return {name: _array(name, entry) for name, entry in sorted(listed, key=itemgetter(0))}
    except (CheckpointError, package.SafetensorError) as error:
        raise CheckpointError(f"{os.fsdecode(path)} cannot be loaded: {error}") from error


def _array(name: str, entry: Mapping[str, Any]) -> Array:
    kind, data, shape = entry["dtype"], entry["data"], entry["shape"]
    if kind == "BF16":  # the upper half of a float32
        wide: Array = np.frombuffer(data, "<u2").astype("<u4") << np.uint32(16)
        narrow: Array = wide.view("<f4").reshape(shape)
        return narrow
    if kind not in NAMES:
        raise CheckpointError(f"the array {name!r} has dtype {kind}, which NumPy does not have")
    # Copied, since the package may hand out memory that cannot be written into.
    array: Array = np.array(np.frombuffer(data, DTYPES[NAMES[kind]]).reshape(shape))
    return array
