"""The IDX format, in which MNIST and its relatives are published: a header, and numbers.

A file may come from anybody, so that what its header claims is compared with what is there before
memory is taken for it. Read next: ``mnist.py``.
"""

from __future__ import annotations

import gzip
import io
import math
import os
import struct
import zlib
from typing import IO, Any

import numpy as np

from tinygrad_edu.op import Array

DTYPES = {8: "u1", 9: "i1", 11: ">i2", 12: ">i4", 13: ">f4", 14: ">f8"}
MOST_AXES = 8
GZIP = b"\x1f\x8b"
BEST_RATIO = 1032  # to which deflate can at most compress
PIECE = 1 << 20


def read_idx(path: str | os.PathLike[str], *, max_bytes: int = 1 << 30) -> Array:
    """Read an array from an IDX file, plain or compressed by gzip.

    The file starts with two zeros, a number for the dtype, the number of axes, and their lengths;
    the values follow, those of the last axis closest together.

    Parameters
    ----------
    path : the file.
    max_bytes : how large the array may be.

    Raises
    ------
    ValueError
        If this is no such file, or it is damaged, cut off, or holds less or more than it claims.
    OSError
        If it cannot be opened.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tinygrad_edu import data
    >>> content = bytes([0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3]) + bytes(range(6))
    >>> count = Path("six-idx2-ubyte").write_bytes(content)
    >>> data.read_idx("six-idx2-ubyte")
    array([[0, 1, 2],
           [3, 4, 5]], dtype=uint8)
    """
    with open(path, "rb") as file:
        try:
            return _read(file, max_bytes)
        # What gzip raises for the many ways in which a file can be wrong, and what is raised here.
        except (ValueError, EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise ValueError(f"{os.fsdecode(path)} is no sound IDX file: {error}") from error


def _read(file: IO[bytes], max_bytes: int) -> Array:
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    packed = file.read(2) == GZIP
    file.seek(0)
    source: Any = gzip.GzipFile(fileobj=file) if packed else file
    dtype, shape, start = _header(source)
    count = math.prod(shape) * dtype.itemsize
    claim = f"its header claims {shape} {dtype}, {count} bytes"
    if packed:
        _check_packed(file, size, start + count, claim)
    elif size != start + count:
        raise ValueError(f"{claim}, and it holds {size - start}")
    if count > max_bytes:
        raise ValueError(f"{claim}, more than max_bytes={max_bytes}")
    values = np.empty(shape, dtype)
    _fill(source, values.reshape(-1).view(np.uint8).data)
    if source.read(1):
        raise ValueError(f"{claim}, and it holds more")
    return values.astype(dtype.newbyteorder("="), copy=False)


def _header(source: IO[bytes]) -> tuple[Any, tuple[int, ...], int]:
    """Read the dtype, the shape, and how many bytes they took."""
    magic = source.read(4)
    if len(magic) < 4 or magic[:2] != b"\0\0" or magic[2] not in DTYPES:
        raise ValueError(f"it begins with {magic!r}, and not with two zeros and a known dtype")
    axes = magic[3]
    if axes > MOST_AXES:
        raise ValueError(f"its header claims {axes} axes, more than {MOST_AXES}")
    sides = source.read(4 * axes)
    if len(sides) < 4 * axes:
        raise ValueError("it is cut off within its header")
    return np.dtype(DTYPES[magic[2]]), struct.unpack(f">{axes}I", sides), 4 + 4 * axes


def _check_packed(file: IO[bytes], size: int, expected: int, claim: str) -> None:
    """Compare what a compressed file says at its end about its length with what is expected."""
    position = file.tell()
    file.seek(max(0, size - 4))
    (length,) = struct.unpack("<I", file.read(4).rjust(4, b"\0"))
    file.seek(position)
    if length != expected % (1 << 32) or expected > BEST_RATIO * size:
        raise ValueError(f"{claim}, which is not what is compressed in it; is it cut off?")


def _fill(source: IO[bytes], memory: memoryview) -> None:
    """Read just as many bytes as there is memory for."""
    done = 0
    while done < len(memory):
        piece = source.read(min(PIECE, len(memory) - done))
        if not piece:
            raise ValueError(f"it is cut off after {done} bytes of {len(memory)}")
        memory[done : done + len(piece)] = piece
        done += len(piece)
