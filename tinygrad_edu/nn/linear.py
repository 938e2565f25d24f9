"""Linear: the layer of weighted sums."""

from __future__ import annotations

from operator import index
from typing import Any

import numpy as np

from tinygrad_edu.dtypes import get_default_dtype
from tinygrad_edu.nn.functional.checks import shape_of
from tinygrad_edu.nn.module import Module
from tinygrad_edu.nn.parameter import Parameter
from tinygrad_edu.ops.linear import linear
from tinygrad_edu.random import default_generator


class Linear(Module):
    """Weighted sums of the inputs: ``y = x @ weight.mT + bias``.

    Shapes: ``x`` (..., in_features), ``weight`` (out_features, in_features), ``bias``
    (out_features,), ``y`` (..., out_features). Both parameters are drawn uniformly between
    ``-1 / sqrt(in_features)`` and ``1 / sqrt(in_features)``, as PyTorch does it.

    Parameters
    ----------
    in_features, out_features : how many numbers go in and come out.
    bias : bool
        Whether to add one; without, ``.bias`` is ``None``.
    dtype : dtype-like, optional
        Of the parameters; else the default dtype.
    generator : numpy.random.Generator, optional
        Where they are drawn from; else the package's own, see `manual_seed`.

    Raises
    ------
    TypeError, ValueError
        If a number of features is not a positive integer; when called, if ``x`` does not end in an
        axis of ``in_features``.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> layer = nn.Linear(3, 4)
    >>> layer(tg.Tensor([[0.0, 0.0, 1.0], [1.0, 1.0, 1.0]])).shape
    (2, 4)
    """

    weight: Parameter
    bias: Parameter | None

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,
        dtype: Any = None,
        *,
        generator: np.random.Generator | None = None,
    ) -> None:
        super().__init__()
        self.in_features = positive_integer("Linear", "in_features", in_features)
        self.out_features = positive_integer("Linear", "out_features", out_features)
        dtype = get_default_dtype() if dtype is None else dtype
        draw, bound = default_generator(generator).uniform, self.in_features**-0.5
        shape = self.out_features, self.in_features
        self.weight = Parameter(draw(-bound, bound, shape), dtype=dtype)
        self.register_parameter("bias", None)
        if bias:
            self.bias = Parameter(draw(-bound, bound, self.out_features), dtype=dtype)

    def forward(self, x: Any) -> Any:
        """Compute ``x @ weight.mT + bias``."""
        shape = shape_of(x)
        if shape[-1:] != (self.in_features,):
            raise ValueError(
                f"{self} got an input of shape {shape}; its last axis must be in_features="
                f"{self.in_features} long, as the weight has shape {self.weight.shape}"
            )
        return linear(x, self.weight, self.bias)

    def extra_repr(self) -> str:
        """Name the sizes."""
        has_bias = self.bias is not None
        return f"in_features={self.in_features}, out_features={self.out_features}, bias={has_bias}"


def positive_integer(where: str, name: str, value: Any) -> int:
    """Check a size that a layer is made with."""
    try:
        number = index(value)
    except TypeError:
        raise TypeError(f"{where}: {name} must be an integer, not {value!r}") from None
    if number < 1:
        raise ValueError(f"{where}: {name} must be at least 1, not {number}")
    return number
