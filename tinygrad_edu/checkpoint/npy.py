"""One array as the bytes of an ``.npy`` file, which NumPy and many others read.

NumPy's own reader takes a header for a piece of Python and a dtype for anything that a dtype can
be. This one knows a closed list of dtypes and one way to write a header, and refuses the rest.

Read next: ``archive.py``.
"""

from __future__ import annotations

import io
import math
import re
import struct
from typing import IO, Any

import numpy as np

from tinygrad_edu.op import Array

INTEGERS = ("|i1", "|u1", "<i2", "<u2", "<i4", "<u4", "<i8", "<u8")
DTYPES: dict[str, Any] = {
    descr: np.dtype(descr) for descr in ("|b1", *INTEGERS, "<f2", "<f4", "<f8", "<c8", "<c16")
}
"""The dtypes that can be saved: those that have the same bits on every machine."""

START = struct.Struct("<8sH")
MAGIC = b"\x93NUMPY\x01\x00"
LONGEST_HEADER = 4096
MOST_AXES = 64
HEADER = re.compile(
    rb"\{'descr': '(?P<descr>[<|]\w\d\d?)', 'fortran_order': (?P<fortran>True|False), "
    rb"'shape': \((?P<shape>|\d{1,19},|\d{1,19}(?:, \d{1,19})+)\), \} *\n"
)


def is_portable(values: Any) -> bool:
    """Tell whether an array or a NumPy number has a dtype that can be saved."""
    dtype = values.dtype
    return dtype.kind in "biufc" and dtype.newbyteorder("<").str in DTYPES


def storable(array: Array) -> Array:
    """Return an array with these values that lies in memory as it will lie in the file."""
    little: Array = array.astype(array.dtype.newbyteorder("<"), copy=False)
    packed = little.flags.c_contiguous or little.flags.f_contiguous
    return little if packed else little.copy(order="C")


def header(array: Array) -> bytes:
    """Return what comes before the values."""
    fields = {
        "descr": array.dtype.str,
        "fortran_order": not array.flags.c_contiguous,
        "shape": array.shape,
    }
    file = io.BytesIO()
    np.lib.format.write_array_header_1_0(file, fields)
    return file.getvalue()


def content(array: Array) -> memoryview:
    """Return the bytes of the values, where they are."""
    return array.reshape(-1, order="A").view(np.uint8).data


def read_header(file: IO[bytes], size: int) -> tuple[Any, bool, tuple[int, ...], bytes]:
    """Read a header, and check that just its array fits into a file of ``size`` bytes.

    Returns
    -------
    The dtype, whether the values lie in Fortran's order, the shape, and the header's bytes.

    Raises
    ------
    ValueError
        If there is no such header, or it promises another array than the file holds.
    """
    start = file.read(START.size)
    magic, length = START.unpack(start) if len(start) == START.size else (b"", 0)
    if magic != MAGIC:
        raise ValueError("it does not begin as an array of version 1.0 does")
    if length > LONGEST_HEADER:
        raise ValueError(f"its header claims {length} bytes, more than {LONGEST_HEADER}")
    text = file.read(length)
    match = HEADER.fullmatch(text)
    if match is None or match["descr"].decode() not in DTYPES:
        raise ValueError(f"its header is none of a plain array of numbers: {text[:80]!r}")
    dtype = DTYPES[match["descr"].decode()]
    shape = tuple(int(side) for side in match["shape"].replace(b",", b" ").split())
    expected = START.size + length + dtype.itemsize * math.prod(shape)
    if len(shape) > MOST_AXES or expected != size:
        raise ValueError(
            f"its header claims {len(shape)} axes, {str(shape)[:80]} {dtype}, which is "
            f"{expected} bytes and not the {size} that are there"
        )
    return dtype, match["fortran"] == b"True", shape, start + text
