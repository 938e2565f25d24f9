"""What stands in for functions of the package that look at plain arrays, while one is traced.

Some functions of ``nn.functional`` take the values of their arguments: to check them, as a label
has to be the number of a class, or because no gradient flows there. For followed Tensors these do
the same in terms of what a program can do; all other calls, also those that other threads make
meanwhile, go to the functions as they are.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import numpy as np

from tinygrad_edu.program.traced import Traced
from tinygrad_edu.random import default_generator


def _module(name: str) -> Any:
    """Return a module, also where the package has a function of the same name."""
    return import_module(f"tinygrad_edu.{name}")


class NumPy:
    """NumPy, but for ``np.asarray``, which leaves followed values followed."""

    def __getattr__(self, name: str) -> Any:
        return getattr(np, name)

    @staticmethod
    def asarray(x: Any, dtype: Any = None) -> Any:
        """As ``np.asarray``."""
        if not isinstance(x, Traced):
            return np.asarray(x, dtype)
        x = x.detach()
        return x if dtype is None or x.dtype == dtype else x.astype(dtype)


dropout = _module("nn.functional.dropout")


def masked(input: Any, shape: tuple[int, ...], p: float, generator: Any) -> Any:
    """As the function in ``dropout.py``."""
    if not isinstance(input, Traced):
        return ORIGINALS[dropout, "_masked"](input, shape, p, generator)
    dtype = input.dtype if input.dtype.kind in "fc" else np.dtype(float)
    draws: Any = default_generator(generator).random(shape, dtype=np.float32)
    mask = (draws >= p).astype(dtype)
    if p < 1:
        mask *= 1 / (1 - p)
    return input * mask


LOOKING = ("labels", "checks", "classification_loss", "distance_loss", "loss")
STAND_INS: dict[tuple[Any, str], Any] = {
    (dropout, "_masked"): masked,
    (_module("ops.pick"), "np"): NumPy(),
    **{(_module(f"nn.functional.{name}"), "np"): NumPy() for name in LOOKING},
}
ORIGINALS = {key: getattr(*key) for key in STAND_INS}
_lock = threading.RLock()


@contextmanager
def standing_in() -> Iterator[None]:
    """Put the stand-ins in place; one trace at a time."""
    with _lock:
        for (module, name), ours in STAND_INS.items():
            setattr(module, name, ours)
        try:
            yield
        finally:
            for (module, name), original in ORIGINALS.items():
                setattr(module, name, original)
