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

from tinygrad_edu.nn import functional
from tinygrad_edu.op import Op
from tinygrad_edu.ops import rectifiers
from tinygrad_edu.program.compiling.memory import MemoryTensor
from tinygrad_edu.program.recorder import Recorder
from tinygrad_edu.program.traced import Traced, recorder, traced
from tinygrad_edu.random import default_generator
from tinygrad_edu.recording import CONTEXT, no_grad


def _module(name: str) -> Any:
    """Return a module, also where the package has a function of the same name."""
    return import_module(f"tinygrad_edu.nn.functional.{name}")


checks, labels, loss, norm = map(_module, ("checks", "labels", "loss", "norm"))
activation, dropout, embedding = map(_module, ("activation", "dropout", "embedding"))
picking = import_module("tinygrad_edu.ops.pick")
classification_loss, distance_loss = _module("classification_loss"), _module("distance_loss")


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


def integers(where: str, input: Any) -> Any:
    """As the function in ``embedding.py``."""
    if not isinstance(input, Traced):
        return ORIGINALS[embedding, "integers"](where, input)
    if input.dtype.kind not in "iu":
        raise TypeError(f"{where}: indices are integers, not {input.dtype}; use .astype(int)")
    return input.detach()


def nll(x: Any, *, index: Any, weight: Any) -> Any:
    """As the op in ``ops/loss.py``."""
    if not any(isinstance(each, Traced) for each in index):
        return ORIGINALS[labels, "nll"](x, index=index, weight=weight)
    return -(x[index] * weight).sum()


def values(x: Any) -> Any:
    """As the function in ``norm.py``."""
    return x.detach() if isinstance(x, Traced) else ORIGINALS[norm, "values"](x)


def move_towards(running: Any, new: Any, momentum: float) -> None:
    """As the function in ``norm.py``."""
    if not isinstance(running, MemoryTensor):
        ORIGINALS[norm, "move_towards"](running, new, momentum)
        return
    with no_grad():
        running *= 1 - momentum
        running += momentum * new


def draw(*, method: str, generator: Any, settings: Any, number: int) -> Any:
    """Draw random numbers from the package's generator, or from one of a user's."""
    return getattr(default_generator(generator), method)(**settings)


DRAW = Op.__new__(Op)
DRAW.name, DRAW.forward, DRAW.rules, DRAW.arguments = "draw", draw, (), ()
DRAW.symbol, DRAW.hint, DRAW.cases, DRAW.kinks = None, "", (), ()


def drawn(method: str, generator: Any, y: Any, **settings: Any) -> Any:
    """Take down that random numbers are drawn; ``y`` is what is taken for them meanwhile."""
    here = recorder()
    asked = {"method": method, "generator": generator, "settings": settings}
    asked["number"] = len(here.assignments)  # no two draws are the same
    here.assign(DRAW, (), asked, y)
    return traced(y)


def masked(input: Any, shape: tuple[int, ...], p: float, generator: Any) -> Any:
    """As the function in ``dropout.py``."""
    if not isinstance(input, Traced):
        return ORIGINALS[dropout, "_masked"](input, shape, p, generator)
    dtype = input.dtype if input.dtype.kind in "fc" else np.dtype(float)
    blank = np.linspace(0, 1, int(np.prod(shape)), dtype=np.float32).reshape(shape)
    draws = drawn("random", generator, blank, size=shape, dtype=np.dtype(np.float32))
    mask = (draws >= p).astype(dtype)
    if p < 1:
        mask *= 1 / (1 - p)
    return input * mask


class Followed:
    """What stands for a generator: its draws are taken down."""

    def __init__(self, generator: Any) -> None:
        self.generator = generator

    def random(self, size: Any, dtype: Any = np.float64) -> Any:
        """As ``Generator.random``."""
        blank = np.linspace(0, 1, int(np.prod(size)), dtype=dtype).reshape(size)
        return drawn("random", self.generator, blank, size=size, dtype=np.dtype(dtype))


def generator_for(generator: Any = None) -> Any:
    """As `default_generator`, where `alpha_dropout` calls it."""
    if isinstance(CONTEXT.get().watch, Recorder):
        return Followed(generator)
    return default_generator(generator)


def rrelu(
    input: Any,
    lower: float = 1 / 8,
    upper: float = 1 / 3,
    training: bool = False,
    inplace: bool = False,
    *,
    generator: Any = None,
) -> Any:
    """As the function in ``activation.py``."""
    if not isinstance(input, Traced) or not training or not lower <= upper:
        return ORIGINALS[functional, "rrelu"](
            input, lower, upper, training, inplace, generator=generator
        )
    blank = np.linspace(lower, upper, input.size).reshape(input.shape)
    slopes = drawn("uniform", generator, blank, low=lower, high=upper, size=input.shape)
    return rectifiers.prelu(input, slopes.astype(input.dtype))


STAND_INS: dict[tuple[Any, str], Any] = {
    (embedding, "integers"): integers,
    (labels, "nll"): nll,
    (norm, "values"): values,
    (norm, "move_towards"): move_towards,
    (dropout, "_masked"): masked,
    (dropout, "default_generator"): generator_for,
    (functional, "rrelu"): rrelu,
    (activation, "rrelu"): rrelu,
    **{
        (module, "np"): NumPy()
        for module in (labels, checks, classification_loss, distance_loss, loss, embedding, picking)
    },
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
