"""IDX files: what they hold is read, and what they only claim to hold is refused."""

from __future__ import annotations

import gzip
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tinygrad_edu.data import read_idx

CODES = {"u1": 8, "i1": 9, ">i2": 11, ">i4": 12, ">f4": 13, ">f8": 14}


def idx(array: Any, code: int | None = None, shape: Any = None) -> bytes:
    code = CODES[array.dtype.str.lstrip("|")] if code is None else code
    shape = array.shape if shape is None else shape
    return struct.pack(f">HBB{len(shape)}I", 0, code, len(shape), *shape) + array.tobytes()


SIX = np.arange(6, dtype="u1").reshape(2, 3)


@pytest.mark.parametrize("dtype", CODES)
@pytest.mark.parametrize("shape", [(), (0,), (5,), (2, 3), (2, 0, 3), (2, 3, 2, 1)])
@pytest.mark.parametrize("packed", [False, True])
def test_every_dtype_and_shape_is_read(
    tmp_path: Path, dtype: str, shape: tuple[int, ...], packed: bool
) -> None:
    array = np.arange(np.prod(shape)).reshape(shape).astype(dtype)
    if dtype != "u1":
        np.negative(array, out=array)
    content = idx(array)
    (tmp_path / "it").write_bytes(gzip.compress(content) if packed else content)
    found = read_idx(tmp_path / "it")
    assert np.array_equal(found, array)
    assert found.dtype == array.dtype.newbyteorder("=")
    assert found.shape == shape
    assert found.flags.writeable


BAD = {
    "nothing": (b"", "begins with b''"),
    "half a header": (idx(SIX)[:3], "begins with"),
    "a header without lengths": (idx(SIX)[:7], "cut off within its header"),
    "another start": (b"\1" + idx(SIX)[1:], "two zeros and a known dtype"),
    "text": (b"<!DOCTYPE html>" * 9, "two zeros and a known dtype"),
    "an unknown dtype": (idx(SIX, code=10), "two zeros and a known dtype"),
    "255 axes": (bytes([0, 0, 8, 255]) + bytes(1020), "255 axes, more than 8"),
    "too few values": (idx(SIX)[:-1], r"claims \(2, 3\) uint8, 6 bytes, and it holds 5"),
    "too many values": (idx(SIX) + b"\0", r"6 bytes, and it holds 7"),
    "more than there is": (idx(SIX, shape=(60000, 28, 28)), "47040000 bytes, and it holds 6"),
    "more than any memory": (idx(SIX, shape=(2**32 - 1,) * 4), "and it holds 6"),
}


@pytest.mark.parametrize("name", BAD)
@pytest.mark.parametrize("packed", [False, True])
def test_a_file_that_is_not_what_it_says_is_refused(
    tmp_path: Path, name: str, packed: bool
) -> None:
    content, message = BAD[name]
    if packed:
        content = gzip.compress(content)
        message = message.split("and it holds")[0]
    (tmp_path / "it").write_bytes(content)
    with pytest.raises(ValueError, match=f"it is no sound IDX file: .*{message}"):
        read_idx(tmp_path / "it")


def lying_about_its_length(content: bytes) -> bytes:
    return gzip.compress(content)[:-4] + struct.pack("<I", 47040016)


PACKED = {
    "cut off": gzip.compress(idx(SIX))[:-1],
    "cut off early": gzip.compress(idx(SIX))[:15],
    "a wrong checksum": gzip.compress(idx(SIX))[:-8] + bytes(4) + gzip.compress(idx(SIX))[-4:],
    "more after it": gzip.compress(idx(SIX)) + b"junk",
    "another file after it": gzip.compress(idx(SIX)) + gzip.compress(idx(SIX)),
    "bits lost": bytes(b ^ (i == 12) for i, b in enumerate(gzip.compress(idx(SIX)))),
    "a length that lies along": lying_about_its_length(idx(SIX, shape=(60000, 28, 28))),
}


@pytest.mark.parametrize("name", PACKED)
def test_a_compressed_file_that_is_damaged_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "it").write_bytes(PACKED[name])
    with pytest.raises(ValueError, match="it is no sound IDX file"):
        read_idx(tmp_path / "it")


def test_no_single_bit_that_is_lost_from_a_compressed_file_changes_a_value(tmp_path: Path) -> None:
    content = gzip.compress(idx(SIX))
    for bit in range(8 * len(content)):
        spoilt = bytearray(content)
        spoilt[bit // 8] ^= 1 << (bit % 8)
        (tmp_path / "it").write_bytes(spoilt)
        try:
            assert np.array_equal(read_idx(tmp_path / "it"), SIX)
        except ValueError as error:
            assert "is no sound IDX file" in str(error)  # noqa: PT017  # either is right


def test_an_array_beyond_the_limit_is_refused(tmp_path: Path) -> None:
    (tmp_path / "it").write_bytes(gzip.compress(idx(np.zeros(10_000, "u1"))))
    with pytest.raises(ValueError, match="more than max_bytes=9999"):
        read_idx(tmp_path / "it", max_bytes=9999)
    assert read_idx(tmp_path / "it", max_bytes=10_000).shape == (10_000,)


PROGRAM = """
import resource, sys
from pathlib import Path
from tinygrad_edu.data import read_idx

def status(key):
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(key)) * 1024

limit = status("VmSize") + (16 << 20)
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
for path in sys.argv[1:]:
    try:
        read_idx(path)
        print(path, "was read")
    except ValueError:
        pass
"""


@pytest.mark.skipif(sys.platform != "linux", reason="memory is limited and read as on Linux")
def test_what_a_header_claims_takes_no_memory(tmp_path: Path) -> None:
    large = idx(SIX, shape=(60000, 28, 28))
    files = {"plain": large, "packed": gzip.compress(large), "bomb": gzip.compress(bytes(1 << 26))}
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", PROGRAM, *(str(tmp_path / name) for name in files)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("", "")


def test_a_file_that_is_not_there_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_idx(tmp_path / "missing")
