"""Writing a set of files as one: all of them come to their place at the end, or none does."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def staging(out: Path) -> Iterator[Path]:
    """Lend a temporary folder on the disk where ``out`` is, or will be."""
    place = next(path for path in (out, *out.absolute().parents) if path.exists())
    folder = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=place))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def publish(folder: Path, out: Path) -> list[str]:
    """Move the finished files to where they are wanted; return their paths."""
    out.mkdir(parents=True, exist_ok=True)
    files = []
    for path in sorted(folder.iterdir()):
        os.replace(path, out / path.name)
        files.append(str(out / path.name))
    return files
