"""The file: a zip archive of ``.npy`` arrays and a manifest, nothing compressed.

Since nothing is compressed, no array can be larger than the file that holds it, and a small file
cannot take much memory. Everything that a file claims is checked before memory is taken for it,
and every array against the SHA-256 in the manifest. ``np.load(path)`` reads the arrays, too.

Read next: ``atomic.py``.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
import struct
from typing import IO, Any
from zipfile import ZIP_STORED, BadZipFile, ZipFile, ZipInfo

import numpy as np

from tinygrad_edu.atomic import replacing
from tinygrad_edu.checkpoint import npy
from tinygrad_edu.checkpoint.structure import MANIFEST, CheckpointError, decode, encode
from tinygrad_edu.op import Array

FORMAT = {"format": "tinygrad_edu checkpoint", "version": 1}
BY_ARRAY = {"manifest": 400, "values": 20, "directory": 200}  # what each may take: bytes, number
FEWEST = 10_000  # arrays that a file may always hold
LONGEST_ENTRY = 180  # bytes: the name and the digest of an array
LONGEST_NUMBER = 1300  # digits
PIECE = 1 << 20  # bytes that are read or written at once
PYTORCH = (
    "PyTorch's own files are programs, and not read here: save the weights as .safetensors there"
)
MEMBER = re.compile(r"(?!.*\.\.)[\w.~-]+(/[\w.~-]+)*\.npy", re.ASCII)
END = struct.Struct("<4s4H2LH")  # the end of a zip file, and what stands before it if it is large
END64 = struct.Struct("<4sQ2H2L4Q")
LOCATOR = struct.Struct("<4sLQL")


# ------------------------------------------------------------------------------- writing
def write(obj: Any, path: str | os.PathLike[str]) -> None:
    """Write an object into a file; see `tinygrad_edu.save`."""
    tree, arrays = encode(obj)
    text, most = json.dumps(tree).encode(), max(FEWEST, len(arrays))
    used = {"manifest": len(text) + LONGEST_ENTRY * len(arrays), "values": _count(text)}
    if any(used[what] > BY_ARRAY[what] * most for what in used):
        raise ValueError(
            f"besides its arrays, obj holds {used['manifest']} bytes in some {used['values']} "
            f"numbers, strings and lists, which is too much to be read back safely; make arrays of "
            f"long lists of numbers: np.array(numbers)"
        )
    with replacing(path) as file, ZipFile(file, "w", ZIP_STORED) as archive:
        digests = {name: _add(archive, name, array) for name, array in arrays.items()}
        manifest = {**FORMAT, "arrays": digests, "content": tree}
        with archive.open(_member(MANIFEST), "w") as member:
            member.write(json.dumps(manifest, allow_nan=False).encode())


def _member(name: str, size: int = 0) -> ZipInfo:
    """Describe a member, so that the same content always makes the same file."""
    info = ZipInfo(name)  # its date is the first of January 1980
    info.create_system = 3
    info.external_attr = (stat.S_IFREG | 0o644) << 16
    info.file_size = size
    return info


def _add(archive: ZipFile, name: str, array: Array) -> str:
    """Write an array and return its digest."""
    values = npy.content(array)
    header = npy.header(array)
    digest = hashlib.sha256(header)
    info = _member(f"{name}.npy", len(header) + len(values))
    with archive.open(info, "w") as member:
        member.write(header)
        for start in range(0, len(values), PIECE):
            piece = values[start : start + PIECE]
            digest.update(piece)
            member.write(piece)
    return digest.hexdigest()


# ------------------------------------------------------------------------------- reading
def read(path: str | os.PathLike[str], max_arrays: int) -> Any:
    """Read an object from a file; see `tinygrad_edu.load`."""
    if os.path.exists(path) and not stat.S_ISREG(os.stat(path).st_mode):
        raise CheckpointError(f"{os.fsdecode(path)} is no file, but a folder or a device")
    try:
        with open(path, "rb") as file:
            return _read(file, max_arrays)
    except CheckpointError as error:
        raise CheckpointError(f"{os.fsdecode(path)} cannot be loaded: {error}") from error


def _read(file: IO[bytes], max_arrays: int) -> Any:
    _check_directory(file, max_arrays)
    try:
        with ZipFile(file) as archive:
            members = _members(archive, file.seek(0, os.SEEK_END))
            manifest = _manifest(archive, members, max_arrays)
            names = {f"{name}.npy": name for name in manifest["arrays"]}
            if members.keys() - {MANIFEST} != names.keys():
                odd = sorted(members.keys() - {MANIFEST} ^ names.keys())[0]
                raise CheckpointError(
                    f"{odd!r} is in the manifest but not in the file, or conversely"
                )
            arrays = {
                name: _array(archive, members[member], manifest["arrays"][name])
                for member, name in names.items()
            }
    except CheckpointError:
        raise
    # What zipfile raises for the many ways in which a directory can be wrong.
    except (BadZipFile, EOFError, OSError, RuntimeError, ValueError, struct.error) as error:
        raise CheckpointError(f"the file is damaged: {error!r}") from error
    return decode(manifest["content"], arrays)


def _check_directory(file: IO[bytes], max_arrays: int) -> None:
    """Check how long the list of members is, before zipfile reads all of it."""
    size = file.seek(0, os.SEEK_END)
    length = END.size + LOCATOR.size + END64.size
    file.seek(max(0, size - length))
    tail = file.read(length).rjust(length, b"\0")
    end = END.unpack(tail[-END.size :])
    if end[0] != b"PK\5\6" or end[-1] != 0:
        raise CheckpointError(f"it is cut off, or was not written by save(); {PYTORCH}")
    listed = end[5]
    locator = LOCATOR.unpack(tail[END64.size : -END.size])
    if locator[0] == b"PK\6\7":
        end64 = END64.unpack(tail[: END64.size])
        if end64[0] != b"PK\6\6" or locator[2] != size - length:
            raise CheckpointError("the end of the file is damaged")
        listed = end64[8]
    if listed > BY_ARRAY["directory"] * (max_arrays + 1):
        raise _too_many(max_arrays)


def _too_many(max_arrays: int) -> CheckpointError:
    return CheckpointError(
        f"it holds more than {max_arrays} arrays; if you expect that, say how many it may hold: "
        f"load(path, max_arrays={10 * max_arrays})"
    )


def _members(archive: ZipFile, size: int) -> dict[str, ZipInfo]:
    """List the members, if they are such as `write` makes."""
    members: dict[str, ZipInfo] = {}
    seen: set[str] = set()
    if any(name.endswith("/data.pkl") for name in archive.namelist()):
        raise CheckpointError(f"it was written by torch.save(); {PYTORCH}")
    for info in archive.infolist():
        name, mode = info.filename, info.external_attr >> 16
        if name != MANIFEST and not MEMBER.fullmatch(name):
            raise CheckpointError(f"{name[:80]!r} is no name of an array")
        if name.lower() in seen:
            raise CheckpointError(f"there are two arrays named {name!r}, but for the case")
        if info.compress_type != ZIP_STORED or info.compress_size != info.file_size:
            raise CheckpointError(f"{name!r} is compressed, which save() does not do")
        if info.flag_bits & 1 or stat.S_IFMT(mode) not in (0, stat.S_IFREG):
            raise CheckpointError(f"{name!r} is encrypted, or no ordinary file but a link")
        members[name] = info
        seen.add(name.lower())
    if sum(info.file_size for info in members.values()) > size:
        raise CheckpointError("its arrays overlap")
    return members


def _manifest(archive: ZipFile, members: dict[str, ZipInfo], max_arrays: int) -> dict[str, Any]:
    """Read the text that says where each array belongs."""
    if MANIFEST not in members:
        raise CheckpointError(f"there is no {MANIFEST} in it, so save() did not write it")
    if len(members) - 1 > max_arrays:
        raise _too_many(max_arrays)
    info, most = members[MANIFEST], max(FEWEST, max_arrays)
    if info.file_size > BY_ARRAY["manifest"] * most:
        raise CheckpointError(f"{MANIFEST} is too long for {most} arrays; see max_arrays=")
    return _parse(archive.read(info), most, len(members))


def _parse(text: bytes, most: int, members: int) -> dict[str, Any]:
    """Read JSON without surprises, and check that it is a manifest's."""
    if _count(text) > BY_ARRAY["values"] * most + 4 * members:
        raise CheckpointError(f"{MANIFEST} holds too many values for {most} arrays")
    try:
        manifest: dict[str, Any] = json.loads(
            text.decode("ascii"),
            object_pairs_hook=_once,
            parse_constant=_never,
            parse_int=_whole,
        )
    except (ValueError, RecursionError) as error:
        raise CheckpointError(f"{MANIFEST} is no such text: {error}") from error
    digests = manifest.get("arrays") if isinstance(manifest, dict) else None
    if (
        not isinstance(digests, dict)
        or manifest.keys() != {*FORMAT, "arrays", "content"}
        or manifest["format"] != FORMAT["format"]
        or type(manifest["version"]) is not int
    ):
        raise CheckpointError(f"{MANIFEST} is none of a checkpoint")
    if manifest["version"] != FORMAT["version"]:
        raise CheckpointError(
            f"it has version {manifest['version']}, and this library reads version "
            f"{FORMAT['version']}; a newer one may be needed"
        )
    return manifest


def _count(text: bytes) -> int:
    """Count the values in JSON, or rather what comes between them."""
    return sum(text.count(mark) for mark in (b",", b"[", b"{"))


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) != len(pairs):
        raise CheckpointError(f"{MANIFEST} says something twice")
    return dict(pairs)


def _whole(digits: str) -> int:
    if len(digits) > LONGEST_NUMBER:  # Python would take very long for a very long number
        raise CheckpointError(f"{MANIFEST} holds a number of {len(digits)} digits")
    return int(digits)


def _never(name: str) -> Any:
    raise CheckpointError(f"{MANIFEST} holds {name}")


def _array(archive: ZipFile, info: ZipInfo, expected: Any) -> Array:
    """Read one array, and compare it with its digest."""
    try:
        with archive.open(info) as member:
            dtype, fortran, shape, header = npy.read_header(member, info.file_size)
            array: Array = np.empty(shape, dtype, order="F" if fortran else "C")
            digest, values = hashlib.sha256(header), npy.content(array)
            for start in range(0, len(values), PIECE):
                piece = member.read(min(PIECE, len(values) - start))
                digest.update(piece)
                values[start : start + PIECE] = piece
            member.read(1)  # the checksum of zip is compared at the end
    except (BadZipFile, EOFError, OSError, RuntimeError, ValueError, struct.error) as error:
        raise CheckpointError(f"the array {info.filename[:-4]!r} is damaged: {error}") from error
    if digest.hexdigest() != expected:
        raise CheckpointError(f"the array {info.filename[:-4]!r} is damaged: its SHA-256 differs")
    if dtype.kind == "b" and array.size and np.max(array.view(np.uint8)) > 1:
        raise CheckpointError(f"the array {info.filename[:-4]!r} has truth values beyond 0 and 1")
    return array
