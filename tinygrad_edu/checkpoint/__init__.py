"""Keeping what was learnt: ``tg.save(obj, path)`` and ``tg.load(path)``.

A checkpoint is a zip file of plain arrays and one JSON text that says how they belong together.
Nothing in it is code, so that a stranger's file can at worst be refused. Read in this order:
``structure.py`` (what can be saved, and how JSON says it), ``npy.py`` (one array), ``archive.py``
(the file), ``interop.py`` (the other format); an old file is replaced as ``atomic.py`` says.
"""

from __future__ import annotations

import os
from typing import Any

from tinygrad_edu.checkpoint import archive, interop
from tinygrad_edu.checkpoint.structure import CheckpointError

__all__ = ["CheckpointError", "load", "save"]

PATH = (str, bytes, os.PathLike)


def save(obj: Any, path: str | os.PathLike[str]) -> None:
    """Write arrays, and the dicts and lists that hold them, into a file: all of it or nothing.

    An older file of this name stays whole until the new one is, whenever the program may be ended.
    Each array is stored with its SHA-256, so that damage is noticed; ``np.load`` can read the file.

    Parameters
    ----------
    obj : dicts (their keys strings or whole numbers), lists and tuples, nested, of arrays, Tensors
        (saved as their values), numbers, strings, ``True``, ``False`` and ``None``: what
        ``state_dict()`` and ``get_rng_state()`` return, for one.
    path : where to. If it ends in ``.safetensors``, a flat dict of arrays is written in that
        format, which PyTorch's users read with the package of this name; it is needed here, too.

    Raises
    ------
    TypeError, ValueError
        Naming the place in ``obj``, if something there cannot be saved; or if ``path`` is none.
        Nothing is written then.
    OSError
        If the file cannot be written. An older one is then as it was.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import checkpoint, nn
    >>> net = nn.Linear(2, 3)
    >>> checkpoint.save({"model": net.state_dict(), "epoch": 5}, "net.npz")
    >>> checkpoint.load("net.npz")["epoch"]
    5
    """
    if not isinstance(path, PATH):
        swapped = "; the object comes first: save(obj, path)" if isinstance(obj, PATH) else ""
        raise TypeError(f"path is a {type(path).__name__}, not the name of a file{swapped}")
    writer = interop if _is_safetensors(path) else archive
    writer.write(obj, path)


def load(
    path: str | os.PathLike[str],
    map_location: Any = None,
    *,
    weights_only: bool = True,
    max_arrays: int = 10_000,
) -> Any:
    """Read what `save` has written, and nothing else: with the same values, dtypes and shapes.

    The file may come from anybody: it is only ever read as numbers and text, and checked before
    memory is taken for it. (That it is undamaged does not say who wrote it.)

    Parameters
    ----------
    path : a file that `save` has written, or one in the safetensors format whose name says so.
    map_location, weights_only : where PyTorch is to put the arrays, and whether it may run what a
        file says; accepted, and without effect, since all arrays are put into the computer's own
        memory, and nothing that a file says is ever run.
    max_arrays : how many arrays it may hold, and in proportion to it how long the text may be that
        says where they belong.

    Returns
    -------
    The object, with arrays where Tensors were; see ``load_state_dict()``.

    Raises
    ------
    CheckpointError
        If the file is damaged (naming the array), was not written by `save`, or exceeds a limit.
    OSError
        If it cannot be opened.
    TypeError
        If ``path`` is none: open files are not read.

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_edu import checkpoint
    >>> checkpoint.save({"a": [np.arange(3), 2.5]}, "a.npz")
    >>> checkpoint.load("a.npz")
    {'a': [array([0, 1, 2]), 2.5]}
    """
    if not isinstance(path, PATH):
        raise TypeError(f"path is a {type(path).__name__}, not the name of a file")
    reader = interop if _is_safetensors(path) else archive
    return reader.read(path, max_arrays)


def _is_safetensors(path: str | os.PathLike[str]) -> bool:
    return os.fsdecode(path).lower().endswith(".safetensors")
