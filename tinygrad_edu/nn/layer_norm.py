"""Normalization layers that look at each sample alone: the same in training and evaluation."""

from __future__ import annotations

from collections.abc import Sequence
from operator import index
from typing import Any

import numpy as np

from tinygrad_edu.nn.convert import factory_dtype
from tinygrad_edu.nn.functional.checks import positive_integer, shape_of
from tinygrad_edu.nn.functional.norm import group_norm, layer_norm, rms_norm
from tinygrad_edu.nn.init import ones_, zeros_
from tinygrad_edu.nn.module import Module
from tinygrad_edu.nn.parameter import Parameter


class LayerNorm(Module):
    """Standardize each sample over its last axes, then scale and shift it by learnt numbers.

    ``y = (x - mean) / sqrt(var + eps) * weight + bias``.

    Shapes: ``x`` and ``y`` of ``(..., *normalized_shape)``; parameters ``normalized_shape``.

    Parameters
    ----------
    normalized_shape : the sizes of the last axes, or the size of the last one.
    eps : added to the variance, which is divided by n.
    elementwise_affine : whether to have ``weight`` and ``bias``.
    bias : whether to have ``bias``, if there is a ``weight``.
    device : ``None`` or ``"cpu"``, of which there is no other.
    dtype : of the parameters; else the default dtype.

    Raises
    ------
    TypeError, ValueError
        If a size is no positive integer; when called, if the input does not end in these axes.

    References
    ----------
    Ba, Kiros and Hinton, Layer normalization (2016), arXiv:1607.06450.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn.layer_norm import LayerNorm
    >>> LayerNorm(2, eps=0.0)(tg.Tensor([[1.0, 3.0], [5.0, 4.0]])).tolist()
    [[-1.0, 1.0], [1.0, -1.0]]
    """

    weight: Parameter | None
    bias: Parameter | None

    def __init__(
        self,
        normalized_shape: int | Sequence[int],
        eps: float = 1e-5,
        elementwise_affine: bool = True,
        bias: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        self.normalized_shape = _sizes("LayerNorm", normalized_shape)
        self.eps = eps
        self.elementwise_affine = elementwise_affine
        empty = np.empty(self.normalized_shape, factory_dtype(device, dtype))
        self.register_parameter("weight", Parameter(empty) if elementwise_affine else None)
        self.register_parameter("bias", Parameter(empty) if elementwise_affine and bias else None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Set the scale to 1 and the shift to 0."""
        _to_identity(self.weight, self.bias)

    def forward(self, input: Any) -> Any:
        """Apply `functional.layer_norm`."""
        return layer_norm(input, self.normalized_shape, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        """Name the settings."""
        affine, has_bias = self.elementwise_affine, self.bias is not None
        return (
            f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={affine}, bias={has_bias}"
        )


class RMSNorm(Module):
    """Divide each sample by its root mean square over the last axes, then scale it.

    ``y = x / sqrt(mean(x**2) + eps) * weight``.

    Shapes: ``x`` and ``y`` of ``(..., *normalized_shape)``; ``weight`` ``normalized_shape``.

    Parameters
    ----------
    normalized_shape, elementwise_affine, device, dtype : as for `LayerNorm`.
    eps : added to the mean square; if ``None``, the spacing of floating-point numbers at 1.

    Raises
    ------
    TypeError, ValueError
        If a size is no positive integer; when called, if the input does not end in these axes.

    References
    ----------
    Zhang and Sennrich, Root mean square layer normalization (2019), arXiv:1910.07467.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn.layer_norm import RMSNorm
    >>> RMSNorm(4)(tg.Tensor([3.0, 4.0, 0.0, 0.0])).numpy().round(6).tolist()
    [1.2, 1.6, 0.0, 0.0]
    """

    weight: Parameter | None

    def __init__(
        self,
        normalized_shape: int | Sequence[int],
        eps: float | None = None,
        elementwise_affine: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        self.normalized_shape = _sizes("RMSNorm", normalized_shape)
        self.eps = eps
        self.elementwise_affine = elementwise_affine
        empty = np.empty(self.normalized_shape, factory_dtype(device, dtype))
        self.register_parameter("weight", Parameter(empty) if elementwise_affine else None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Set the scale to 1."""
        _to_identity(self.weight, None)

    def forward(self, x: Any) -> Any:
        """Apply `functional.rms_norm`."""
        return rms_norm(x, self.normalized_shape, self.weight, self.eps)

    def extra_repr(self) -> str:
        """Name the settings."""
        return (
            f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={self.elementwise_affine}"
        )


class GroupNorm(Module):
    """Standardize groups of channels of each sample, then scale and shift each channel.

    ``y = (x - mean) / sqrt(var + eps) * weight + bias``, where all channels of a group have one
    mean and variance.

    Shapes: ``x`` and ``y`` (N, num_channels, ...); parameters (num_channels,).

    Parameters
    ----------
    num_groups, num_channels : the channels must divide evenly into that many groups.
    eps : added to the variance, which is divided by n.
    affine : whether to have ``weight`` and ``bias``.
    device : ``None`` or ``"cpu"``, of which there is no other.
    dtype : of the parameters; else the default dtype.
    bias : whether to have ``bias``, if there is a ``weight``.

    Raises
    ------
    TypeError, ValueError
        If a number is no positive integer, or the channels cannot be divided; when called, if the
        input has another number of channels.

    References
    ----------
    Wu and He, Group normalization (2018), arXiv:1803.08494.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn.layer_norm import GroupNorm
    >>> GroupNorm(2, 4, eps=0.0)(tg.Tensor([[1.0, 3.0, 10.0, 30.0]])).tolist()
    [[-1.0, 1.0, -1.0, 1.0]]
    """

    weight: Parameter | None
    bias: Parameter | None

    def __init__(
        self,
        num_groups: int,
        num_channels: int,
        eps: float = 1e-5,
        affine: bool = True,
        device: Any = None,
        dtype: Any = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__()
        self.num_groups = positive_integer("GroupNorm", "num_groups", num_groups)
        self.num_channels = positive_integer("GroupNorm", "num_channels", num_channels)
        if self.num_channels % self.num_groups:
            raise ValueError(
                f"GroupNorm: {num_channels} channels cannot be divided into {num_groups} groups"
            )
        self.eps = eps
        self.affine = affine
        empty = np.empty(self.num_channels, factory_dtype(device, dtype))
        self.register_parameter("weight", Parameter(empty) if affine else None)
        self.register_parameter("bias", Parameter(empty) if affine and bias else None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Set the scale to 1 and the shift to 0."""
        _to_identity(self.weight, self.bias)

    def forward(self, input: Any) -> Any:
        """Apply `functional.group_norm`."""
        if shape_of(input)[1:2] != (self.num_channels,):
            raise ValueError(
                f"{self} got an input of shape {shape_of(input)}; its second axis must have "
                f"num_channels={self.num_channels}"
            )
        return group_norm(input, self.num_groups, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        """Name the settings."""
        return (
            f"{self.num_groups}, {self.num_channels}, eps={self.eps}, affine={self.affine}, "
            f"bias={self.bias is not None}"
        )


def _to_identity(weight: Parameter | None, bias: Parameter | None) -> None:
    """Let the parameters that there are change nothing."""
    if weight is not None:
        ones_(weight)
    if bias is not None:
        zeros_(bias)


def _sizes(where: str, given: int | Sequence[int]) -> tuple[int, ...]:
    """Make a shape of one size or several."""
    sizes: Any = given if isinstance(given, (tuple, list)) else (given,)
    for size in sizes:
        positive_integer(where, "normalized_shape", size)
    return tuple(map(index, sizes))
