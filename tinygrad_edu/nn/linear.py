"""Linear, the layer of weighted sums; Bilinear, of two inputs; Identity, which does nothing."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.nn.convert import factory_dtype
from tinygrad_edu.nn.functional.bilinear import bilinear
from tinygrad_edu.nn.functional.checks import positive_integer, shape_of
from tinygrad_edu.nn.init import uniform_
from tinygrad_edu.nn.module import Module
from tinygrad_edu.nn.parameter import Parameter
from tinygrad_edu.ops.linear import linear
from tinygrad_edu.ops.shape import as_array


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
    device : ``None`` or ``"cpu"``, of which there is no other.
    dtype : dtype-like, optional
        Of the parameters; else the default dtype.
    generator : numpy.random.Generator, optional
        Where they are drawn from; else the package's own, see `manual_seed`.

    Raises
    ------
    TypeError, ValueError
        If a number of features is not a positive integer; when called, if ``x`` does not end in an
        axis of ``in_features``.

    References
    ----------
    Rosenblatt, The perceptron, Psychological Review 65 (1958), for units that weigh and sum; the
    draw is PyTorch's.

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
        device: Any = None,
        dtype: Any = None,
        *,
        generator: np.random.Generator | None = None,
    ) -> None:
        super().__init__()
        self.in_features = positive_integer("Linear", "in_features", in_features)
        self.out_features = positive_integer("Linear", "out_features", out_features)
        self.generator = generator
        dtype = factory_dtype(device, dtype)
        self.weight = Parameter(np.empty((self.out_features, self.in_features), dtype))
        self.register_parameter(
            "bias", Parameter(np.empty(self.out_features, dtype)) if bias else None
        )
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the parameters anew; called when the layer is made, too."""
        draw_uniformly(self.in_features, self.generator, self.weight, self.bias)

    def forward(self, input: Any) -> Any:
        """Compute ``x @ weight.mT + bias``."""
        shape = shape_of(input)
        if shape[-1:] != (self.in_features,):
            raise ValueError(
                f"{self} got an input of shape {shape}; its last axis must be in_features="
                f"{self.in_features} long, as the weight has shape {self.weight.shape}"
            )
        return linear(input, self.weight, self.bias)

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

    Source: see `functional.bilinear`.

    Parameters
    ----------
    in1_features, in2_features, out_features : how many numbers go in and come out.
    bias, device, dtype, generator : as for `Linear`.

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
        device: Any = None,
        dtype: Any = None,
        *,
        generator: np.random.Generator | None = None,
    ) -> None:
        super().__init__()
        self.in1_features = positive_integer("Bilinear", "in1_features", in1_features)
        self.in2_features = positive_integer("Bilinear", "in2_features", in2_features)
        self.out_features = positive_integer("Bilinear", "out_features", out_features)
        self.generator = generator
        dtype = factory_dtype(device, dtype)
        shape = self.out_features, self.in1_features, self.in2_features
        self.weight = Parameter(np.empty(shape, dtype))
        self.register_parameter(
            "bias", Parameter(np.empty(self.out_features, dtype)) if bias else None
        )
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the parameters anew; called when the layer is made, too."""
        draw_uniformly(self.in1_features, self.generator, self.weight, self.bias)

    def forward(self, input1: Any, input2: Any) -> Any:
        """Apply `functional.bilinear`."""
        shape, other = shape_of(input1), shape_of(input2)
        sizes = self.in1_features, self.in2_features
        if (shape[-1:] + other[-1:]) != sizes or shape[:-1] != other[:-1]:
            raise ValueError(
                f"{self} got inputs of shapes {shape} and {other}; their last axes must be "
                f"{self.in1_features} and {self.in2_features} long, and the others alike"
            )
        return bilinear(as_array(input1), as_array(input2), self.weight, self.bias)

    def extra_repr(self) -> str:
        """Name the sizes."""
        return (
            f"in1_features={self.in1_features}, in2_features={self.in2_features}, "
            f"out_features={self.out_features}, bias={self.bias is not None}"
        )


class Identity(Module):
    """Return the input as it is: for a place where no layer is wanted.

    ``y = x``, in any shape. Source: the conventions are PyTorch's.

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

    def forward(self, input: Any) -> Any:
        """Return the input."""
        return input


def draw_uniformly(
    fan_in: int, generator: np.random.Generator | None, *parameters: Parameter | None
) -> None:
    """Fill parameters between ``-1 / sqrt(fan_in)`` and ``1 / sqrt(fan_in)``, if they are there."""
    bound = fan_in**-0.5
    for parameter in parameters:
        if parameter is not None:
            uniform_(parameter, -bound, bound, generator)
