"""Replacing a file as a whole: whoever opens it finds the old one or the new one, never a part.

The new content goes into an unfinished file beside the old one, reaches the disk, and then takes
the old one's name in one step. An unfinished file is locked by whoever writes it; one that nobody
holds was left by a program that was ended in between, and is removed by the next one.
"""

from __future__ import annotations

import errno
import os
import re
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from secrets import token_hex
from typing import IO

PLACE = (errno.ENOENT, errno.ENOTDIR, errno.EACCES, errno.EPERM, errno.EROFS)
"""Errors that are about the folder rather than about what is written."""

UNFINISHED = re.compile(r"\.unfinished-[0-9a-f]{16}\.tmp")


@contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[IO[bytes]]:
    """Open a file for writing that becomes ``path`` at the end, unless an error comes before.

    An older file's permissions are kept; a link goes on pointing to the file that is replaced.

    Raises
    ------
    OSError
        Naming ``path``, if it cannot be written. An older file is then as it was.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tinygrad_edu.atomic import replacing
    >>> with replacing("some.txt") as file:
    ...     written = file.write(b"all of it")
    >>> Path("some.txt").read_text()
    'all of it'
    """
    target = os.path.realpath(os.fsdecode(path))
    folder = os.path.dirname(target)
    if os.path.exists(target) and not os.path.isfile(target):
        raise OSError(f"{target} is there and no ordinary file, so it cannot be replaced by one")
    unfinished = ""
    try:
        _sweep(folder)
        file, unfinished = _create(folder)
        with file:
            if os.path.exists(target):
                os.chmod(unfinished, stat.S_IMODE(os.stat(target).st_mode))
            yield file
            file.flush()
            os.fsync(file.fileno())
            if sys.platform == "win32":  # what is open cannot be renamed there
                file.close()
            os.replace(unfinished, target)  # still locked, so that no sweep can come before
        _settle(folder)
    except OSError as error:
        where = str(error.filename or unfinished)
        if error.errno is None or not (where == folder or UNFINISHED.search(where)):
            raise  # it is about something else than this file
        hint = "; is the folder there, and may you write into it?" if error.errno in PLACE else ""
        raise OSError(error.errno, f"{error.strerror}{hint}", os.fsdecode(path)) from error
    finally:
        if os.path.exists(unfinished):
            os.remove(unfinished)


def _create(folder: str) -> tuple[IO[bytes], str]:
    """Make an unfinished file that nobody will take for a left one."""
    while True:
        name = os.path.join(folder, f".unfinished-{token_hex(8)}.tmp")
        file = open(name, "xb")  # noqa: SIM115  # the caller closes it
        if _lock(file.fileno()) and os.path.exists(name):
            return file, name
        file.close()  # somebody's sweep came just between, and has removed it


def _sweep(folder: str) -> None:
    """Remove what programs that were ended have left unfinished."""
    gently = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0)
    for name in os.listdir(folder):
        if UNFINISHED.fullmatch(name):
            left = os.path.join(folder, name)
            with suppress(OSError):  # it may have got its final name, or belong to another user
                descriptor = os.open(left, os.O_RDONLY | gently)
                try:
                    if _lock(descriptor):
                        os.remove(left)
                finally:
                    os.close(descriptor)


def _lock(descriptor: int) -> bool:
    """Lock a file for as long as it is open, unless somebody else holds it."""
    if sys.platform != "win32":  # there, a file that is open cannot be removed anyway
        import fcntl

        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


def _settle(folder: str) -> None:
    """Let the new name reach the disk, too, where folders can be asked for that."""
    if sys.platform != "win32":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            with suppress(OSError):  # some network file systems cannot; the file itself is safe
                os.fsync(descriptor)
        finally:
            os.close(descriptor)
