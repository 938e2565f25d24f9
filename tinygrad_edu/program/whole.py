"""Functions of rules that a derivation shows whole: as one call, with their source.

Such a function makes an array element by element or tap by tap, in a way that nobody wants to read
as straight-line code; or it makes it of settings alone, so that nothing would be seen of it.

Read next: ``read.py``, which reads runs with these in place.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from tinygrad_edu.ops import loss, pool
from tinygrad_edu.program.plain import plain_op
from tinygrad_edu.program.traced import Traced, call_plain
from tinygrad_edu.recording import CONTEXT

WHOLE: dict[tuple[Any, str], str] = {
    (pool, "first_largest"): "which",
    (loss, "weighted_places"): "at_labels",
}
"""By the module where a rule looks for it and its name there, what its result is called."""

ORIGINALS: dict[tuple[Any, str], Any] = {key: getattr(*key) for key in WHOLE}
RESULTS = {plain_op(ORIGINALS[key]): name for key, name in WHOLE.items()}
_lock = threading.RLock()


def as_one_call(function: Callable[..., Any], *args: Any, **settings: Any) -> Any:
    """Call the function; if a reader of a run calls it, take that down as one line."""
    is_read = getattr(CONTEXT.get().watch, "own_arrays", False)
    if is_read and any(isinstance(each, Traced) for each in args):
        return call_plain(function, args, settings)
    return function(*args, **settings)


@contextmanager
def shown_whole() -> Iterator[None]:
    """Let rules call these functions in such a way; one reader at a time."""
    with _lock:
        for key, original in ORIGINALS.items():
            setattr(*key, partial(as_one_call, original))
        try:
            yield
        finally:
            for key, original in ORIGINALS.items():
                setattr(*key, original)
