"""Where ``tinygrad_edu.fast`` comes in: work shared among threads, and compiled loops.

NumPy works on one core, but for its matrix products; and where it is slow, a compiled loop is
faster. Neither is needed, and both take packages that not everybody wants. So the ops ask here, and
find nothing, unless ``tinygrad_edu.fast`` has been asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

COMPILED: dict[str, Callable[..., Any]] = {}
"""Compiled loops that compute what the function of the same name does."""

SHARE: list[Callable[[Callable[[slice], Any], int], list[Any]]] = []
"""What shares work among threads, if there are several: at most one function."""


def in_parts(work: Callable[[slice], Any], images: int) -> list[Any]:
    """Call ``work`` on all images, or on a part of them in each thread; return the results."""
    return SHARE[0](work, images) if SHARE else [work(slice(0, images))]
