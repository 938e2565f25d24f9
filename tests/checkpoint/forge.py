"""Files that no `save` would write: made byte by byte, for the tests of the loader."""

from __future__ import annotations

import hashlib
import io
import json
import stat
import struct
import warnings
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

VALUES = np.arange(4.0).tobytes()


def npy(descr: str = "'<f8'", shape: str = "(4,)", values: bytes = VALUES, pad: int = 0) -> bytes:
    """Make an .npy file, whose header claims what it likes."""
    text = f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}{' ' * pad}\n"
    if len(text) < 1 << 16:
        return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text.encode() + values
    return b"\x93NUMPY\x02\x00" + struct.pack("<I", len(text)) + text.encode() + values


def manifest(members: dict[str, bytes], content: Any = None, **changes: Any) -> bytes:
    """Make the manifest that fits these members."""
    digests = {name[:-4]: hashlib.sha256(data).hexdigest() for name, data in members.items()}
    content = [{"array": name} for name in digests] if content is None else content
    fields = {"format": "tinygrad_edu checkpoint", "version": 1, "arrays": digests}
    return json.dumps({**fields, "content": content, **changes}).encode()


def archive(members: Any) -> bytes:
    """Make a zip file of pairs of a name, or a ZipInfo, and bytes."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as zipped, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about names that are there twice
        for name, data in members.items() if isinstance(members, dict) else members:
            zipped.writestr(name, data)
    return file.getvalue()


def checkpoint(members: dict[str, bytes], content: Any = None, **changes: Any) -> bytes:
    """Make a file whose members are what the manifest says."""
    return archive({**members, "manifest.json": manifest(members, content, **changes)})


def one(**array: Any) -> bytes:
    """Make a file of one array."""
    return checkpoint({"w.npy": npy(**array)})


def text(content: str) -> bytes:
    """Make a file without arrays whose content is any JSON."""
    whole = manifest({}, "HERE").replace(b'"HERE"', content.encode())
    return archive({"manifest.json": whole})


def link() -> bytes:
    """Make a file with a member that says it is a link."""
    info = zipfile.ZipInfo("w.npy")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return archive([(info, b"/etc/passwd"), ("manifest.json", manifest({"w.npy": b"/etc/passwd"}))])


def overlapping() -> bytes:
    """Make a file of 1000 members that all lie within the first, itself one of zeros."""
    members = {f"{i}.npy": b"" for i in range(1000)}
    data = bytearray(checkpoint({**members, "big.npy": bytes(1 << 20)}))
    at = data.find(b"PK\1\2")
    while at >= 0:
        struct.pack_into("<II", data, at + 20, 1 << 20, 1 << 20)
        at = data.find(b"PK\1\2", at + 46)
    return bytes(data)


def many(count: int) -> bytes:
    """Make a file of many tiny arrays, in which everything fits; zipfile would take seconds."""
    members = {f"{i:06}.npy": npy(shape="()", values=bytes(8)) for i in range(count)}
    members["manifest.json"] = manifest(members)
    locals_, directory, position = [], [], 0
    for name, data in members.items():
        fields = (0x21, zlib.crc32(data), len(data), len(data), len(name), 0)
        local = struct.pack("<4s5H3L2H", b"PK\3\4", 20, 0, 0, 0, *fields) + name.encode() + data
        start = struct.pack("<4s6H3L2H", b"PK\1\2", 20, 20, 0, 0, 0, *fields)
        directory.append(start + struct.pack("<3H2L", 0, 0, 0, 0, position) + name.encode())
        locals_.append(local)
        position += len(local)
    listed = b"".join(directory)
    ends = (len(members), len(members), len(listed), position, 0)
    if len(members) < 1 << 16:
        return b"".join(locals_) + listed + struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, *ends)
    end64 = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, *ends[:4])
    locator = struct.pack("<4sLQL", b"PK\6\7", 0, position + len(listed), 1)
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 65535, 65535, 2**32 - 1, 2**32 - 1, 0)
    return b"".join(locals_) + listed + end64 + locator + end


def twice(first: str, second: str) -> bytes:
    """Make a file in which two arrays have names that are alike."""
    data = npy()
    both = manifest({first: data, second: data})
    return archive([(first, data), (second, data), ("manifest.json", both)])


def deflated(times: int) -> bytes:
    """Make a small file with a member that unpacks to so many times 16 MB of zeros."""
    packer = zlib.compressobj(wbits=-15)
    start = packer.compress(npy("'|u1'", f"({times << 24},)", b"")) + packer.flush(
        zlib.Z_FULL_FLUSH
    )
    block = packer.compress(bytes(1 << 24)) + packer.flush(zlib.Z_FULL_FLUSH)
    data = bytearray(checkpoint({"w.npy": start + times * block + packer.flush()}))
    for at in (8, data.find(b"PK\1\2") + 10):
        struct.pack_into("<H", data, at, zipfile.ZIP_DEFLATED)
        struct.pack_into("<L", data, at + 14, 128 + (times << 24))
    return bytes(data)


class Spy:
    """What writes a file when it is unpickled."""

    def __init__(self, flag: Path) -> None:
        self.flag = flag

    def __reduce__(self) -> Any:
        return Path.write_text, (self.flag, "unpickled")


def pickled(flag: Path) -> bytes:
    """Return a pickle that writes a file when it is read."""
    import pickle

    return pickle.dumps(Spy(flag))


def saved_by_numpy(flag: Path) -> bytes:
    """Return what NumPy makes of an array with that object in it."""
    file = io.BytesIO()
    np.savez(file, w=np.array([Spy(flag)]))
    return file.getvalue()


Make = Callable[[Path], bytes]

EVIL: dict[str, tuple[Make, str]] = {
    # code
    "a pickle": (pickled, "not written by save"),
    "a file of PyTorch": (
        lambda flag: archive({"archive/version": b"3", "archive/data.pkl": pickled(flag)}),
        r"written by torch\.save\(\); .* are programs, .* as \.safetensors",
    ),
    "an array of objects, by NumPy": (saved_by_numpy, r"no manifest\.json|compressed"),
    "an array of objects": (
        lambda flag: checkpoint({"w.npy": npy("'|O'", "(1,)", pickled(flag))}),
        r"'w' is damaged.*header is none of a plain array",
    ),
    "a pickle for an array": (
        lambda flag: checkpoint({"w.npy": pickled(flag)}),
        "'w' is damaged.*not begin as an array",
    ),
    "a program for a header": (
        lambda flag: one(shape=f"(__import__('pathlib').Path({str(flag)!r}).touch(),)"),
        "'w' is damaged.*header",
    ),
    # other things than arrays
    "nothing": (lambda flag: b"", "cut off, or was not written"),
    "junk": (lambda flag: b"junk" * 1000, "cut off, or was not written"),
    "an empty zip file": (lambda flag: archive({}), r"no manifest\.json"),
    "junk for an array": (lambda flag: checkpoint({"w.npy": b"junk" * 9}), "'w' is damaged"),
    "an empty array file": (lambda flag: checkpoint({"w.npy": b""}), "'w' is damaged"),
    "a structured array": (
        lambda flag: one(descr="[('a', '<f8')]"),
        "'w' is damaged.*header is none of a plain array",
    ),
    "text": (lambda flag: one(descr="'<U1'", values=bytes(16)), "'w' is damaged"),
    "dates": (lambda flag: one(descr="'<M8[s]'"), "'w' is damaged"),
    "the other byte order": (lambda flag: one(descr="'>f8'"), "'w' is damaged"),
    "a dtype that is none": (lambda flag: one(descr="'<f3'"), "'w' is damaged"),
    "truth values of 2": (
        lambda flag: one(descr="'|b1'", values=b"\0\1\2\3"),
        "'w' has truth values beyond 0 and 1",
    ),
    # names
    "a path upwards": (lambda flag: checkpoint({"../../x.npy": npy()}), "no name of an array"),
    "a path from the root": (lambda flag: checkpoint({"/x.npy": npy()}), "no name of an array"),
    "a path with a drive": (lambda flag: checkpoint({"C:\\x.npy": npy()}), "no name of an array"),
    "a link": (lambda flag: link(), "no ordinary file but a link"),
    "a name twice": (lambda flag: twice("w.npy", "w.npy"), "two arrays named"),
    "a name in two cases": (lambda flag: twice("w.npy", "W.npy"), "two arrays named"),
    "a name in two forms of Unicode": (
        lambda flag: twice("\xe9.npy", "e\u0301.npy"),
        "no name of an array",
    ),
    "a member that nobody knows": (
        lambda flag: archive({"w.npy": npy(), "manifest.json": manifest({})}),
        r"'w\.npy' is in the manifest but not in the file, or conversely",
    ),
    "a member that is not there": (
        lambda flag: archive({"manifest.json": manifest({"w.npy": b""})}),
        r"'w\.npy' is in the manifest but not in the file, or conversely",
    ),
    # sizes
    "a shape beyond all memory": (lambda flag: one(shape="(1000000000000,)"), "'w' .*claims"),
    "a shape beyond all numbers": (lambda flag: one(shape="(" + "9" * 30 + ",)"), "'w' .*header"),
    "a shape that overflows to fit": (
        lambda flag: one(shape="(4294967296, 4294967296, 4)"),
        "'w' .*claims",
    ),
    "a negative shape": (lambda flag: one(shape="(-4,)"), "'w' .*header"),
    "70 axes": (lambda flag: one(shape=f"({'1, ' * 69}4)"), "'w' .*claims 70 axes"),
    "a shape of which one side is nothing": (
        lambda flag: one(shape="(9000000000000000000, 9000000000000000000, 0)", values=b""),
        "'w' is damaged",
    ),
    "too few values": (lambda flag: one(values=bytes(31)), "'w' .*not the"),
    "too many values": (lambda flag: one(values=bytes(33)), "'w' .*not the"),
    "a header of 1 MB": (lambda flag: one(pad=1 << 20), "'w' is damaged"),
    "a header of 60 kB": (lambda flag: one(pad=60_000), "'w' .*claims 600.. bytes"),
    "2 GB of zeros in 2 MB": (lambda flag: deflated(127), "compressed"),
    "members that overlap": (lambda flag: overlapping(), "overlap|damaged"),
    "100 000 members": (lambda flag: many(100_000), "more than 10000 arrays"),
    "20 000 members": (lambda flag: many(20_000), "more than 10000 arrays"),
    # the manifest
    "a manifest that is no JSON": (lambda flag: text("[1,"), "no such text"),
    "a manifest in Latin-1": (lambda flag: archive({"manifest.json": b'"\xe9"'}), "no such text"),
    "a manifest of something else": (lambda flag: archive({"manifest.json": b"{}"}), "is none of"),
    "a manifest that is a list": (lambda flag: archive({"manifest.json": b"[]"}), "is none of"),
    "another format": (lambda flag: checkpoint({}, format="x"), "is none of"),
    "a newer version": (lambda flag: checkpoint({}, version=2), "version 2, and this .* version 1"),
    "a long manifest": (lambda flag: text('"' + "x" * 5_000_000 + '"'), "too long for 10000"),
    "many empty lists": (lambda flag: text("[" + "[]," * 1_000_000 + "1]"), "too many values"),
    "a deep nest": (lambda flag: text("[" * 90_000 + "]" * 90_000), "no such text|nested"),
    "a nest a little too deep": (lambda flag: text("[" * 101 + "1" + "]" * 101), "nested"),
    "a number of 3 million digits": (lambda flag: text("9" * 3_000_000), "3000000 digits"),
    "NaN": (lambda flag: text("NaN"), "holds NaN"),
    "a JSON key twice": (lambda flag: text('{"tuple": [], "tuple": []}'), "says something twice"),
    "no kind of value": (lambda flag: text('{"exec": "1"}'), "exec is no kind of value"),
    "two kinds of values": (lambda flag: text('{"tuple": [], "dict": []}'), "no kind of value"),
    "no kind at all": (lambda flag: text("{}"), "nothing is no kind of value"),
    "a key twice": (lambda flag: text('{"dict": [["a", 1], ["a", 2]]}'), "same key twice"),
    "a key in two forms of Unicode": (
        lambda flag: text('{"dict": [["\\u00e9", 1], ["e\\u0301", 2]]}'),
        "same key twice",
    ),
    "a key that is a list": (lambda flag: text('{"dict": [[[], 1]]}'), "dict is none"),
    "a dict of a dict": (lambda flag: text('{"dict": {"tuple": 1}}'), "dict is none"),
    "a dict of words": (lambda flag: text('{"dict": ["ab"]}'), "dict is none"),
    "a tuple of a word": (lambda flag: text('{"tuple": "ab"}'), "tuple is none"),
    "a float that is text": (lambda flag: text('{"float": "1"}'), "float is none"),
    "a complex number of words": (lambda flag: text('{"complex": ["a", "b"]}'), "complex is none"),
    "a number of two": (lambda flag: text('{"number": ["|u1", "0000"]}'), "number is none"),
    "a number of objects": (lambda flag: text('{"number": ["|O", "00"]}'), "number is none"),
    "an array that is not there": (lambda flag: text('{"array": "w"}'), "array is none"),
    "an array that is a list": (lambda flag: text('{"array": []}'), "array is none"),
    "an array in two places": (
        lambda flag: checkpoint({"w.npy": npy()}, [{"array": "w"}, {"array": "w"}]),
        "array is none",
    ),
    "an array in no place": (lambda flag: checkpoint({"w.npy": npy()}, []), "'w' belongs nowhere"),
    "another array than the one that was saved": (
        lambda flag: checkpoint({"w.npy": npy()}, arrays={"w": "0" * 64}),
        "'w' is damaged: its SHA-256 differs",
    ),
    "a digest that is no text": (
        lambda flag: checkpoint({"w.npy": npy()}, arrays={"w": None}),
        "'w' is damaged: its SHA-256 differs",
    ),
}
"""What a stranger may send, and what is said about it."""
