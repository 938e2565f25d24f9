"""All ops, by family; importing this package fills the registry."""

from tinygrad_edu.ops import (
    activation,
    arithmetic,
    constant,
    elementwise,
    index,
    linalg,
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
    "reduce",
    "shape",
]
