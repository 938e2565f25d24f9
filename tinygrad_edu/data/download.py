"""Fetching a file that is known by its SHA-256. The only place where a connection is opened."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from typing import IO, Any

from tinygrad_edu.atomic import replacing

PIECE = 1 << 16
LARGEST = 1 << 28
TIMEOUT = 30.0  # seconds without an answer


def download(urls: Sequence[str], path: str | os.PathLike[str], sha256: str) -> None:
    """Fetch a file from the first of several addresses that has it, whole or not at all.

    A progress bar is shown if tqdm is installed.

    Parameters
    ----------
    urls : where it may be; they start with ``http://`` or ``https://``.
    path : where to put it.
    sha256 : of its content; anything else is thrown away.

    Raises
    ------
    OSError
        If no address has it, saying why for each. What was at ``path`` is then as it was.
    """
    complaints = []
    for url in urls:
        if not url.startswith(("http://", "https://")):
            raise ValueError(f"an address starts with http:// or https://, and {url!r} does not")
        try:
            with replacing(path) as file:
                _fetch(url, file, sha256)
        except _NotThereError as error:
            complaints.append(f"  {url}: {error}")
        else:
            return
    raise OSError(
        f"{os.fspath(path)} could not be downloaded from any of\n"
        + "\n".join(complaints)
        + "\nfetch it in another way, and put it there by hand"
    )


class _NotThereError(Exception):
    """An address does not have the file."""


def _fetch(url: str, file: IO[bytes], sha256: str) -> None:
    from http.client import HTTPException
    from urllib.request import urlopen

    digest, size = hashlib.sha256(), 0
    try:
        with urlopen(url, timeout=TIMEOUT) as answer, _progress(url, answer) as bar:  # noqa: S310
            while piece := answer.read(PIECE):
                size += len(piece)
                if size > LARGEST:
                    raise _NotThereError(f"it sends more than {LARGEST} bytes")
                digest.update(piece)
                file.write(piece)
                bar.update(len(piece))
    except (OSError, HTTPException, ValueError) as error:
        raise _NotThereError(f"{type(error).__name__}: {error}") from error
    if digest.hexdigest() != sha256:
        raise _NotThereError(f"it sends another file: its SHA-256 is {digest.hexdigest()}")


class _NoBar:
    """What is shown without tqdm: nothing."""

    def __enter__(self) -> _NoBar:
        return self

    def __exit__(self, *exception: object) -> None:
        return None

    def update(self, count: int) -> None:
        """Show nothing."""


def _progress(url: str, answer: Any) -> Any:
    try:
        from tqdm.auto import tqdm
    except ImportError:
        return _NoBar()
    length = answer.headers.get("Content-Length") or ""
    total = int(length) if length.isdecimal() else None
    return tqdm(total=total, unit="B", unit_scale=True, desc=url.rpartition("/")[2])
