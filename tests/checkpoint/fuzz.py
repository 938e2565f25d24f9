"""Load spoilt checkpoints until the time is over: ``python tests/checkpoint/fuzz.py --seconds 60``.

Every file is a good one in which something is overwritten, inserted, removed, repeated or exchanged
with a piece of another; with some, the checksums are made right again, so that the damage gets
further in. A file is refused by a `CheckpointError`, or loaded: nothing else, and within two
seconds.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import tempfile
import time
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from tinygrad_edu.checkpoint import CheckpointError, load, save

SLOWEST = 2.0
VALUES = (
    b"\0",
    b"\xff",
    b"\x80",
    b"\x7f\xff\xff\xff",
    b"\xff\xff\xff\xff",
    b"PK\1\2",
    b"[",
    b"{",
    b"'",
)


def good(generator: np.random.Generator) -> Any:
    """Make something that can be saved."""
    shapes = [(), (0,), (3,), (2, 3), (2, 1, 2)]
    arrays = {
        f"{i}.w": generator.integers(0, 2, shapes[i % 5]).astype(dtype)
        for i, dtype in enumerate(generator.choice(["?", "i1", "u8", "f2", "f8", "c16"], 3))
    }
    return {
        "model": arrays,
        3: [1, 2.5, float("nan"), None, "text", (True, 1j)],
        "n": np.float32(2),
    }


def spoil(content: bytes, generator: np.random.Generator) -> bytes:
    """Change a few bytes in one of several ways."""
    data = bytearray(content)
    for _ in range(generator.integers(1, 4)):
        start, end = sorted(generator.integers(0, len(data) + 1, 2))
        piece = bytes(data[start : min(end, start + 64)])
        way = generator.integers(6)
        if way == 0 and data:
            data[min(start, len(data) - 1)] ^= 1 << generator.integers(8)
        elif way == 1:
            value = VALUES[generator.integers(len(VALUES))]
            data[start : start + len(value)] = value
        elif way == 2:
            data[start:start] = generator.bytes(generator.integers(1, 9))
        elif way == 3:
            del data[start : start + len(piece)]
        elif way == 4:
            data[start:start] = piece
        else:
            data[end : end + len(piece)] = piece
    return bytes(data)


def exchange(tree: Any, whole: Any, generator: np.random.Generator) -> Any:
    """Put something else from the same tree into a place of it."""
    if not isinstance(tree, (dict, list)) or not tree or generator.random() < 0.1:
        while isinstance(whole, (dict, list)) and whole and generator.random() < 0.9:
            values = list(whole.values()) if isinstance(whole, dict) else whole
            whole = values[generator.integers(len(values))]
        return whole
    keys = list(tree) if isinstance(tree, dict) else range(len(tree))
    key = keys[generator.integers(len(keys))]
    changed = dict(tree) if isinstance(tree, dict) else list(tree)
    changed[key] = exchange(tree[key], whole, generator)
    return changed


def spoil_within(path: Path, generator: np.random.Generator) -> bytes:
    """Spoil one member and make the checksums right again."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    name = str(generator.choice(sorted(members)))
    before = hashlib.sha256(members[name]).hexdigest().encode()
    if name == "manifest.json" and generator.random() < 0.7:
        tree = json.loads(members[name])
        members[name] = json.dumps(exchange(tree, tree, generator)).encode()
    else:
        members[name] = spoil(members[name], generator)
    after = hashlib.sha256(members[name]).hexdigest().encode()
    members["manifest.json"] = members["manifest.json"].replace(before, after)
    with zipfile.ZipFile(path, "w") as archive:
        for each, data in members.items():
            archive.writestr(each, data)
    return path.read_bytes()


def fuzz(seconds: float, seed: int = 0, most: int = 10**9) -> Counter[str]:
    """Load spoilt files, and count what came of them; anything unexpected is raised."""
    generator, outcomes = np.random.default_rng(seed), Counter[str]()
    end = time.monotonic() + seconds
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "it.npz"
        while time.monotonic() < end and outcomes.total() < most:
            save(good(generator), path)
            within = generator.random() < 0.5
            content = (
                spoil_within(path, generator) if within else spoil(path.read_bytes(), generator)
            )
            path.write_bytes(content)
            start = time.process_time()
            try:
                load(path)
                outcomes["loaded"] += 1
            except CheckpointError as error:
                reason = str(error).split(" cannot be loaded: ")[1]
                outcomes[re.sub(r"'[^']*'|\d+|['\"(].*", "_", reason)[:60]] += 1
            except BaseException:
                print("failed on", content)
                raise
            if time.process_time() - start > SLOWEST:
                raise TimeoutError(f"loading took longer than {SLOWEST} s: {content!r}")
    return outcomes


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    for outcome, count in fuzz(arguments.seconds, arguments.seed).most_common():
        print(f"{count:8d}  {outcome}")
