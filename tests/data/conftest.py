"""Tiny files in the shape of MNIST's."""

from __future__ import annotations

import gzip
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest


def idx(array: Any) -> bytes:
    return struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape) + array.tobytes()


@pytest.fixture
def write_mnist() -> Callable[..., tuple[Any, Any]]:
    """Return a function that writes images and labels into a folder, and returns them."""

    def write(
        folder: Path, part: str = "train", n: int = 5, packed: bool = True
    ) -> tuple[Any, Any]:
        generator = np.random.default_rng(n)
        images = generator.integers(0, 256, (n, 28, 28), np.uint8)
        labels = generator.integers(0, 10, n).astype(np.uint8)
        folder.mkdir(parents=True, exist_ok=True)
        for kind, array in (("images-idx3", images), ("labels-idx1", labels)):
            content = gzip.compress(idx(array), mtime=0) if packed else idx(array)
            name = f"{part}-{kind}-ubyte{'.gz' if packed else ''}"
            (folder / name).write_bytes(content)
        return images, labels

    return write
