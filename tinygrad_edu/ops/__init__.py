"""The ops that nearly every network uses; ``everything.py`` reads in the others when asked for."""

from tinygrad_edu.ops import (
    activation,
    arithmetic,
    constant,
    elementwise,
    index,
    linalg,
    linear,
    reduce,
    shape,
)

__all__ = [
    "activation",
    "arithmetic",
    "constant",
    "elementwise",
    "index",
    "linalg",
    "linear",
    "reduce",
    "shape",
]
