"""Random numbers in a program: drawn anew at every call, from the stream that eager draws from.

Read next: ``tracer.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from tinygrad_edu import random
from tinygrad_edu.op import Op
from tinygrad_edu.program.compiling.homes import Spot
from tinygrad_edu.program.looks import TraceError, users_line
from tinygrad_edu.program.recorder import Recorder
from tinygrad_edu.program.traced import traced
from tinygrad_edu.random import default_generator
from tinygrad_edu.recording import CONTEXT


def draw(*, method: str, generator: Any, args: Any, settings: Any, number: int) -> Any:
    """Draw random numbers from the package's generator, or from one of a user's."""
    return getattr(default_generator(generator), method)(*args, **settings)


def draw_into(out: Any, *, method: str, generator: Any) -> None:
    """Draw as many random numbers as an array has room for."""
    getattr(default_generator(generator), method)(dtype=out.dtype.type, out=out)


FILLING = ("random", "standard_normal")
"""The methods that NumPy lets write into an array."""

DRAW = Op.__new__(Op)
DRAW.name, DRAW.forward, DRAW.rules, DRAW.arguments = "draw", draw, (), ()
DRAW.symbol, DRAW.hint, DRAW.cases, DRAW.kinks = None, "", (), ()

METHODS = (
    "beta", "binomial", "chisquare", "choice", "dirichlet", "exponential", "f", "gamma",
    "geometric", "gumbel", "hypergeometric", "integers", "laplace", "logistic", "lognormal",
    "multinomial", "multivariate_normal", "normal", "permutation", "poisson", "power", "random",
    "rayleigh", "standard_cauchy", "standard_exponential", "standard_gamma", "standard_normal",
    "standard_t", "triangular", "uniform", "vonmises", "wald", "weibull",
)  # fmt: skip
IN_PLACE = ("shuffle", "permuted", "bytes", "spawn", "multivariate_hypergeometric", "zipf")


class FollowedGenerator(np.random.Generator):
    """What stands for a generator: its draws are taken down, and others are taken for them.

    Parameters
    ----------
    generator : of a user's; the package's own, if ``None``.
    """

    def __init__(self, generator: np.random.Generator | None) -> None:
        super().__init__(default_generator(generator).bit_generator)
        self.generator = generator


def _followed(method: str) -> Callable[..., Any]:
    """Make the method that takes down what another would draw."""

    def drawn(self: Any, *args: Any, **settings: Any) -> Any:
        here = CONTEXT.get().watch
        if not isinstance(here, Recorder):  # another thread's draw
            return getattr(np.random.Generator, method)(self, *args, **settings)
        y = np.asarray(getattr(np.random.default_rng(1), method)(*args, **settings))
        asked = {"method": method, "generator": self.generator, "args": args}
        number = len(here.assignments)  # no two draws are the same
        here.assign(DRAW, (), {**asked, "settings": settings, "number": number}, y)
        return traced(y)

    return drawn


def _refused(method: str) -> Callable[..., Any]:
    """Make a method that refuses to be followed."""

    def refuse(self: Any, *args: Any, **settings: Any) -> Any:
        if isinstance(CONTEXT.get().watch, Recorder):
            raise TraceError(
                f"{users_line()}, calls {method} of a random generator, which a program does not "
                f"do; call it outside, and pass what comes out as an argument"
            )
        return getattr(np.random.Generator, method)(self, *args, **settings)

    return refuse


for _name in METHODS:
    setattr(FollowedGenerator, _name, _followed(_name))
for _name in IN_PLACE:
    setattr(FollowedGenerator, _name, _refused(_name))


@contextmanager
def draws_followed(spots: list[Spot]) -> Iterator[None]:
    """Put what is followed in the place of the package's generator, and of those in some spots."""
    own = default_generator()
    standing: dict[int, Any] = {id(spot.kept): FollowedGenerator(spot.kept) for spot in spots}
    for spot in spots:
        spot.put(standing[id(spot.kept)])
    random._default = FollowedGenerator(None)
    try:
        yield
    finally:
        random._default = own
        for spot in spots:
            if spot.now() is standing[id(spot.kept)]:
                spot.put(spot.kept)
