"""Damage is noticed: a file that has lost a bit is refused, or gives exactly what was saved."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tinygrad_edu.checkpoint import CheckpointError, load, save


def saved() -> dict[str, Any]:
    generator = np.random.default_rng(0)
    weights = {f"{i}.weight": generator.standard_normal((i + 2, 9)) for i in range(4)}
    return {"model": weights, "mask": np.array([True, False]), "lr": 0.125, "steps": [1, (2, None)]}


def flat(obj: Any) -> bytes:
    if isinstance(obj, dict):
        return b"".join(repr(key).encode() + flat(value) for key, value in obj.items())
    return obj.tobytes() if isinstance(obj, np.ndarray) else repr(obj).encode()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    save(saved(), tmp_path / "it.npz")
    return tmp_path / "it.npz"


def is_refused_or_right(path: Path) -> bool:
    """Load the file, and tell which it is; that it is neither fails the test."""
    try:
        loaded = load(path)
    except CheckpointError as error:
        return str(path) in str(error)
    assert flat(loaded) == flat(saved())
    return False


@pytest.mark.parametrize("part", range(5))
def test_no_single_bit_that_is_lost_changes_anything_in_silence(path: Path, part: int) -> None:
    content = path.read_bytes()
    refused = 0
    for bit in np.random.default_rng(part).integers(0, 8 * len(content), 100):
        spoilt = bytearray(content)
        spoilt[bit // 8] ^= 1 << (bit % 8)
        path.write_bytes(spoilt)
        refused += is_refused_or_right(path)
    assert refused > 70  # the others hit what nobody reads, such as a date


def test_no_end_that_is_lost_goes_unnoticed(path: Path) -> None:
    content = path.read_bytes()
    for length in np.random.default_rng(0).integers(0, len(content), 200):
        path.write_bytes(content[:length])
        with pytest.raises(CheckpointError, match="cut off"):
            load(path)


@pytest.mark.parametrize("extra", [b"\0", b"more", bytes(1000)])
def test_bytes_at_the_end_or_at_the_start_are_noticed(path: Path, extra: bytes) -> None:
    content = path.read_bytes()
    path.write_bytes(content + extra)
    with pytest.raises(CheckpointError):
        load(path)
    path.write_bytes(extra + content)
    is_refused_or_right(path)


@pytest.mark.parametrize("name", ["model/0.weight", "model/3.weight", "mask"])
@pytest.mark.parametrize("where", ["header", "values"])
def test_the_damaged_array_is_named(path: Path, name: str, where: str) -> None:
    content = bytearray(path.read_bytes())
    start = content.find(b"\x93NUMPY", content.find(f"{name}.npy".encode()))
    content[start + (40 if where == "header" else 128)] ^= 1
    path.write_bytes(content)
    with pytest.raises(CheckpointError, match=f"the array {name!r} is damaged"):
        load(path)


def test_an_exchange_of_two_arrays_is_noticed(path: Path) -> None:
    obj = {"a": np.zeros(3), "b": np.ones(3)}
    save(obj, path)
    content = path.read_bytes()
    path.write_bytes(
        content.replace(b"a.npy", b"c.npy").replace(b"b.npy", b"a.npy").replace(b"c.npy", b"b.npy")
    )
    with pytest.raises(CheckpointError, match="SHA-256 differs"):
        load(path)
