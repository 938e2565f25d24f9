"""Keeping the memory that a training step frees, for the next step to use.

The arrays of an image network are large, and each step frees all that the step before has
allocated. The C library gives large blocks back to the operating system at once, and asks for them
again, page by page, in the next step: on Linux, half of the time of a small convolutional network
went into that. It has a rule to prevent this: it keeps blocks of a size that has been freed before,
up to 32 MiB, and up to twice as much of them. So freeing one block of that size, which nobody has
touched and which therefore costs nothing, tells it to keep what training frees. Other C libraries
have other rules, and take no notice.
"""

from __future__ import annotations

import numpy as np

LARGEST = 32 * 2**20 - 2**16  # bytes: glibc's DEFAULT_MMAP_THRESHOLD_MAX, less what it adds itself


def keep_freed_memory() -> None:
    """Free one large block that nobody has touched."""
    np.empty(LARGEST, np.uint8)
