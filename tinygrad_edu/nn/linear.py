"""Linear, the layer of weighted sums; Bilinear, of two inputs; Identity, which does nothing."""

from __future__ import annotations

from operator import index
from typing import Any

import numpy as np

from tinygrad_edu.dtypes import get_default_dtype
from tinygrad_edu.nn.functional.bilinear import bilinear
from tinygrad_edu.nn.functional.checks import shape_of
from tinygrad_edu.nn.module import Module
from tinygrad_edu.nn.parameter import Parameter
from tinygrad_edu.ops.linear import linear
from tinygrad_edu.ops.shape import as_array
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


class Bilinear(Module):
    """Weighted sums of the products of two inputs' elements: ``y_k = x1 @ weight_k @ x2 + bias_k``.

    Shapes: ``x1`` (..., in1_features), ``x2`` (..., in2_features), ``weight`` (out_features,
    in1_features, in2_features), ``bias`` (out_features,), ``y`` (..., out_features). Both
    parameters are drawn uniformly between ``-1 / sqrt(in1_features)`` and ``1 /
    sqrt(in1_features)``, as PyTorch does it.

    Parameters
    ----------
    in1_features, in2_features, out_features : how many numbers go in and come out.
    bias, dtype, generator : as for `Linear`.

    Raises
    ------
    TypeError, ValueError
        If a number of features is not a positive integer; when called, if the inputs do not end in
        axes of that many, or differ in the others.

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_edu.nn.linear import Bilinear
    >>> Bilinear(3, 4, 2)(np.ones((5, 3)), np.ones((5, 4))).shape
    (5, 2)
    """

    weight: Parameter
    bias: Parameter | None

    def __init__(
        self,
        in1_features: int,
        in2_features: int,
        out_features: int,
        bias: bool = True,
        dtype: Any = None,
        *,
        generator: np.random.Generator | None = None,
    ) -> None:
        super().__init__()
        self.in1_features = positive_integer("Bilinear", "in1_features", in1_features)
        self.in2_features = positive_integer("Bilinear", "in2_features", in2_features)
        self.out_features = positive_integer("Bilinear", "out_features", out_features)
        dtype = get_default_dtype() if dtype is None else dtype
        draw, bound = default_generator(generator).uniform, self.in1_features**-0.5
        shape = self.out_features, self.in1_features, self.in2_features
        self.weight = Parameter(draw(-bound, bound, shape), dtype=dtype)
        self.register_parameter("bias", None)
        if bias:
            self.bias = Parameter(draw(-bound, bound, self.out_features), dtype=dtype)

    def forward(self, x1: Any, x2: Any) -> Any:
        """Apply `functional.bilinear`."""
        shape, other = shape_of(x1), shape_of(x2)
        sizes = self.in1_features, self.in2_features
        if (shape[-1:] + other[-1:]) != sizes or shape[:-1] != other[:-1]:
            raise ValueError(
                f"{self} got inputs of shapes {shape} and {other}; their last axes must be "
                f"{self.in1_features} and {self.in2_features} long, and the others alike"
            )
        return bilinear(as_array(x1), as_array(x2), self.weight, self.bias)

    def extra_repr(self) -> str:
        """Name the sizes."""
        return (
            f"in1_features={self.in1_features}, in2_features={self.in2_features}, "
            f"out_features={self.out_features}, bias={self.bias is not None}"
        )


class Identity(Module):
    """Return the input as it is: for a place where no layer is wanted.

    Parameters
    ----------
    *args, **kwargs : ignored, so that it can take the place of any layer.

    Examples
    --------
    >>> from tinygrad_edu.nn.linear import Identity
    >>> Identity(54, unused=True)(1.5)
    1.5
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__()

    def forward(self, x: Any) -> Any:
        """Return the input."""
        return x


def positive_integer(where: str, name: str, value: Any) -> int:
    """Check a size that a layer is made with."""
    try:
        number = index(value)
    except TypeError:
        raise TypeError(f"{where}: {name} must be an integer, not {value!r}") from None
    if number < 1:
        raise ValueError(f"{where}: {name} must be at least 1, not {number}")
    return number
