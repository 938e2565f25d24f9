"""Normalization layers: batch and instance normalization, which may keep running averages.

Read next: ``layer_norm.py``, those that look at each sample alone and remember nothing.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.dispatch import values_of
from tinygrad_edu.nn.convert import factory_dtype
from tinygrad_edu.nn.functional.checks import positive_integer, shape_of
from tinygrad_edu.nn.functional.norm import batch_norm, instance_norm
from tinygrad_edu.nn.init import ones_, zeros_
from tinygrad_edu.nn.module import Module
from tinygrad_edu.nn.parameter import Parameter
from tinygrad_edu.ops.shape import as_array
from tinygrad_edu.tensor import Tensor


class RunningNorm(Module):
    """What batch and instance normalization have in common: their parameters and averages."""

    AXES: tuple[int, ...] = ()
    """How many axes an input may have."""

    _may_be_missing = frozenset({"num_batches_tracked"})

    weight: Parameter | None
    bias: Parameter | None
    running_mean: Tensor | None
    running_var: Tensor | None
    num_batches_tracked: Tensor | None

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        device: Any = None,
        dtype: Any = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__()
        self.num_features = positive_integer(type(self).__name__, "num_features", num_features)
        self.eps = eps
        self.momentum = momentum
        self.affine = affine
        self.track_running_stats = track_running_stats
        empty, track = (
            np.empty(self.num_features, factory_dtype(device, dtype)),
            track_running_stats,
        )
        self.register_parameter("weight", Parameter(empty) if affine else None)
        self.register_parameter("bias", Parameter(empty) if affine and bias else None)
        self.register_buffer("running_mean", Tensor(empty) if track else None)
        self.register_buffer("running_var", Tensor(empty) if track else None)
        self.register_buffer("num_batches_tracked", Tensor(np.array(0)) if track else None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Set the scale to 1 and the shift to 0, and forget what has been seen."""
        self.reset_running_stats()
        if self.weight is not None:
            ones_(self.weight)
        if self.bias is not None:
            zeros_(self.bias)

    def reset_running_stats(self) -> None:
        """Forget what has been seen."""
        for buffer, value in (
            (self.running_mean, 0.0), (self.running_var, 1.0), (self.num_batches_tracked, 0),
        ):  # fmt: skip
            if buffer is not None:
                buffer[...] = value

    def _checked(self, x: Any, channel_axis: int) -> Any:
        """Refuse an input with another number of axes or channels."""
        x = as_array(x)
        if x.ndim not in self.AXES or x.shape[channel_axis] != self.num_features:
            axes = " or ".join(map(str, self.AXES))
            raise ValueError(
                f"{self} got an input of shape {shape_of(x)}; it takes {axes} axes, and "
                f"num_features={self.num_features} channels"
            )
        return x

    def extra_repr(self) -> str:
        """Name the settings."""
        return (
            f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, affine={self.affine}, "
            f"bias={self.bias is not None}, track_running_stats={self.track_running_stats}"
        )


class BatchNorm(RunningNorm):
    """Batch normalization, whatever the number of axes."""

    def forward(self, input: Any) -> Any:
        """Apply `functional.batch_norm`."""
        input = self._checked(input, channel_axis=1)
        if not self.training and self.running_mean is not None:
            return batch_norm(
                input,
                self.running_mean,
                self.running_var,
                self.weight,
                self.bias,
                False,
                0.0,
                self.eps,
            )
        momentum: Any = self.momentum
        if momentum is None:  # a plain average: the n-th batch counts one n-th
            seen = self.num_batches_tracked
            momentum = 0.0 if seen is None else 1 / (values_of(seen) + 1)
        keep = self.training and self.track_running_stats
        mean, var = (self.running_mean, self.running_var) if keep else (None, None)
        y = batch_norm(input, mean, var, self.weight, self.bias, True, momentum, self.eps)
        if keep and self.num_batches_tracked is not None:
            self.num_batches_tracked[...] = values_of(self.num_batches_tracked) + 1
        return y


class BatchNorm1d(BatchNorm):
    """Standardize each feature over the batch, then scale and shift it by learnt numbers.

    ``y = (x - mean) / sqrt(var + eps) * weight + bias``. In training, mean and variance are those
    of the batch, and running averages of them are kept; after ``eval()`` these are used instead, so
    that no sample depends on the others of its batch. The variance that normalizes is divided by
    n, the one that is averaged by n - 1, as in PyTorch.

    Shapes: ``x`` and ``y`` (N, C) or (N, C, L); parameters and averages (C,).

    Parameters
    ----------
    num_features : C, how many features or channels there are.
    eps : added to the variance.
    momentum : how much a new batch counts for the running averages; ``None`` makes each the plain
        average of all batches.
    affine : whether to have ``weight`` and ``bias``.
    track_running_stats : whether to keep running averages; without, ``eval()`` changes nothing.
    device : ``None`` or ``"cpu"``, of which there is no other.
    dtype : of the parameters; else the default dtype.
    bias : whether to have ``bias``, if there is a ``weight``.

    Raises
    ------
    TypeError, ValueError
        If ``num_features`` is no positive integer; when called, if the input has another shape, or
        if, in training, there is only one number for each feature, as in a batch of one.

    References
    ----------
    Ioffe and Szegedy, Batch normalization (2015), arXiv:1502.03167.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn.norm import BatchNorm1d
    >>> layer = BatchNorm1d(1, eps=0.0)
    >>> layer(tg.Tensor([[1.0], [3.0]])).tolist()
    [[-1.0], [1.0]]
    >>> float(layer.running_mean), float(layer.running_var)
    (0.2, 1.1)
    """

    AXES = (2, 3)


class BatchNorm2d(BatchNorm):
    """Standardize each channel over the batch of images; see `BatchNorm1d`.

    Shapes: ``x`` and ``y`` (N, C, H, W); parameters and averages (C,).

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_edu.nn.norm import BatchNorm2d
    >>> BatchNorm2d(3)(np.ones((2, 3, 4, 4))).shape
    (2, 3, 4, 4)
    """

    AXES = (4,)


class BatchNorm3d(BatchNorm):
    """Standardize each channel over the batch of volumes; see `BatchNorm1d`.

    Shapes: ``x`` and ``y`` (N, C, D, H, W); parameters and averages (C,).

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_edu.nn.norm import BatchNorm3d
    >>> BatchNorm3d(3)(np.ones((2, 3, 4, 4, 4))).shape
    (2, 3, 4, 4, 4)
    """

    AXES = (5,)


class InstanceNorm(RunningNorm):
    """Instance normalization, whatever the number of axes."""

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = False,
        track_running_stats: bool = False,
        device: Any = None,
        dtype: Any = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__(
            num_features, eps, momentum, affine, track_running_stats, device, dtype, bias=bias
        )

    def forward(self, input: Any) -> Any:
        """Apply `functional.instance_norm`."""
        alone = len(shape_of(input)) == self.AXES[0]  # a single sample
        input = self._checked(input, channel_axis=0 if alone else 1)
        y = instance_norm(
            input[None] if alone else input,
            *(self.running_mean, self.running_var, self.weight, self.bias),
            self.training or not self.track_running_stats,
            self.momentum or 0.0,
            self.eps,
        )
        return y[0] if alone else y


class InstanceNorm1d(InstanceNorm):
    """Standardize each channel of each sample by itself.

    ``y = (x - mean) / sqrt(var + eps) * weight + bias``, with mean and variance over the last axis.

    Shapes: ``x`` and ``y`` (N, C, L) or (C, L); parameters and averages (C,).

    Parameters
    ----------
    num_features, eps, momentum, device, dtype, bias : as for `BatchNorm1d`.
    affine : whether to have ``weight`` and ``bias``.
    track_running_stats : whether to keep running averages, to be used after ``eval()``.

    Raises
    ------
    TypeError, ValueError
        If ``num_features`` is no positive integer; when called, if the input has another shape, or
        only one number for each channel of a sample.

    References
    ----------
    Ulyanov, Vedaldi and Lempitsky, Instance normalization (2016), arXiv:1607.08022.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn.norm import InstanceNorm1d
    >>> InstanceNorm1d(2, eps=0.0)(tg.Tensor([[[1.0, 3.0], [10.0, 30.0]]])).tolist()
    [[[-1.0, 1.0], [-1.0, 1.0]]]
    """

    AXES = (2, 3)


class InstanceNorm2d(InstanceNorm):
    """Standardize each channel of each image by itself; see `InstanceNorm1d`.

    Shapes: ``x`` and ``y`` (N, C, H, W) or (C, H, W); parameters and averages (C,).

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_edu.nn.norm import InstanceNorm2d
    >>> InstanceNorm2d(3)(np.ones((2, 3, 4, 4))).shape
    (2, 3, 4, 4)
    """

    AXES = (3, 4)


class InstanceNorm3d(InstanceNorm):
    """Standardize each channel of each volume by itself; see `InstanceNorm1d`.

    Shapes: ``x`` and ``y`` (N, C, D, H, W) or (C, D, H, W); parameters and averages (C,).

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_edu.nn.norm import InstanceNorm3d
    >>> InstanceNorm3d(3)(np.ones((2, 3, 4, 4, 4))).shape
    (2, 3, 4, 4, 4)
    """

    AXES = (4, 5)
