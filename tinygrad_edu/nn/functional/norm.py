"""Normalization: bringing numbers to mean 0 and variance 1, over one or another set of axes."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np

from tinygrad_edu.dispatch import values_of
from tinygrad_edu.messages import outline
from tinygrad_edu.nn.functional.checks import shape_of
from tinygrad_edu.ops.norm import norm
from tinygrad_edu.ops.normalize import standardize
from tinygrad_edu.ops.shape import as_array


def layer_norm(
    input: Any,
    normalized_shape: Sequence[int],
    weight: Any = None,
    bias: Any = None,
    eps: float = 1e-5,
) -> Any:
    """Standardize each sample over its last axes: ``(x - mean) / sqrt(var + eps) * weight + bias``.

    Shapes: ``input (..., *normalized_shape)``; ``weight`` and ``bias`` normalized_shape or None.

    Raises
    ------
    ValueError
        If the input does not end in axes of ``normalized_shape``.

    References
    ----------
    Ba, Kiros and Hinton, Layer normalization (2016), arXiv:1607.06450.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn.functional.norm import layer_norm
    >>> layer_norm(tg.Tensor([[1.0, 3.0], [5.0, 5.0]]), (2,), eps=0.0001).numpy().round(3)
    array([[-1.,  1.],
           [ 0.,  0.]])
    """
    input = as_array(input)
    axis = _last_axes("layer_norm", input, normalized_shape)
    return _affine(standardize(input, axis=axis, eps=eps)[0], weight, bias)


def rms_norm(
    input: Any, normalized_shape: Sequence[int], weight: Any = None, eps: float | None = None
) -> Any:
    """Divide each sample by its root mean square: ``x / sqrt(mean(x**2) + eps) * weight``.

    Shapes: as for `layer_norm`. ``eps`` is the spacing of floating-point numbers at 1, if ``None``.

    Raises
    ------
    ValueError
        If the input does not end in axes of ``normalized_shape``.

    References
    ----------
    Zhang and Sennrich, Root mean square layer normalization (2019), arXiv:1910.07467.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn.functional.norm import rms_norm
    >>> rms_norm(tg.Tensor([3.0, 4.0, 0.0, 0.0]), (4,))
    Tensor([1.2, 1.6, 0. , 0. ], shape=(4,), dtype=float64)
    """
    input = as_array(input)
    axis = _last_axes("rms_norm", input, normalized_shape)
    if eps is None:
        eps = float(np.finfo(input.dtype).eps)
    y = input * ((input * input).mean(axis=axis, keepdims=True) + eps) ** -0.5
    return y if weight is None else y * weight


def batch_norm(
    input: Any,
    running_mean: Any,
    running_var: Any,
    weight: Any = None,
    bias: Any = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Any:
    """Standardize each channel, the second axis, over the batch and all other axes.

    In training, mean and variance are those of the input, and the running ones, if there are any,
    move towards them, in place and without being recorded: ``running = (1 - momentum) * running +
    momentum * new``, where the new variance is divided by ``n - 1``. Otherwise the running ones are
    used, and no sample depends on another.

    Shapes: ``input`` (N, C, ...); all others (C,) or None.

    Raises
    ------
    ValueError
        If there is only one number for each channel, which has no variance; if the shapes do not
        fit; or if neither ``training`` nor running statistics are given.

    References
    ----------
    Ioffe and Szegedy, Batch normalization (2015), arXiv:1502.03167.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn.functional.norm import batch_norm
    >>> mean, var = tg.Tensor([0.0]), tg.Tensor([1.0])
    >>> batch_norm(tg.Tensor([[1.0], [3.0]]), mean, var, training=True, eps=0.0).tolist()
    [[-1.0], [1.0]]
    >>> float(mean), float(var)
    (0.2, 1.1)
    """
    input = as_array(input)
    _check_channels("batch_norm", input, running_mean, running_var, weight, bias)
    if not training:
        return _by_running(input, running_mean, running_var, weight, bias, eps)
    axis = (0, *range(2, input.ndim))
    count = prod(input.shape[i] for i in axis)
    if count <= 1:
        raise ValueError(
            f"batch_norm: an input of shape {input.shape} has {count} number for each channel, and "
            f"training needs at least 2, for their variance; use a larger batch, or eval()"
        )
    y, center, variance = standardize(input, axis=axis, eps=eps)
    if running_mean is not None:
        move_towards(running_mean, values_of(center).reshape(-1), momentum)
    if running_var is not None:
        move_towards(running_var, values_of(variance).reshape(-1) * (count / (count - 1)), momentum)
    return _affine(y, _per_channel(weight, input), _per_channel(bias, input))


def instance_norm(
    input: Any,
    running_mean: Any = None,
    running_var: Any = None,
    weight: Any = None,
    bias: Any = None,
    use_input_stats: bool = True,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Any:
    """Standardize each channel of each sample by itself, over all axes but the first two.

    Shapes and running statistics are as for `batch_norm`.

    Raises
    ------
    ValueError
        If there is only one number for each channel of a sample, or the shapes do not fit.

    References
    ----------
    Ulyanov, Vedaldi and Lempitsky, Instance normalization (2016), arXiv:1607.08022.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn.functional.norm import instance_norm
    >>> instance_norm(tg.Tensor([[[1.0, 3.0], [10.0, 30.0]]]), eps=0.0).tolist()
    [[[-1.0, 1.0], [-1.0, 1.0]]]
    """
    input = as_array(input)
    _check_channels("instance_norm", input, running_mean, running_var, weight, bias)
    if not use_input_stats:
        return _by_running(input, running_mean, running_var, weight, bias, eps)
    axis = tuple(range(2, input.ndim))
    count = prod(input.shape[2:])
    if count <= 1:
        raise ValueError(
            f"instance_norm: an input of shape {input.shape} has {count} number for each channel "
            f"of a sample, and needs at least 2, for their variance"
        )
    y, center, variance = standardize(input, axis=axis, eps=eps)
    per_channel = (0, *axis)
    if running_mean is not None:
        move_towards(running_mean, values_of(center).mean(axis=per_channel), momentum)
    if running_var is not None:
        unbiased = values_of(variance).mean(axis=per_channel) * (count / (count - 1))
        move_towards(running_var, unbiased, momentum)
    return _affine(y, _per_channel(weight, input), _per_channel(bias, input))


def group_norm(
    input: Any, num_groups: int, weight: Any = None, bias: Any = None, eps: float = 1e-5
) -> Any:
    """Standardize groups of channels of each sample: those of a group have one mean and variance.

    Shapes: ``input`` (N, C, ...), where ``num_groups`` divides C; ``weight`` and ``bias`` (C,) or
    None.

    Raises
    ------
    ValueError
        If the channels cannot be divided into that many groups, or the shapes do not fit.

    References
    ----------
    Wu and He, Group normalization (2018), arXiv:1803.08494.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn.functional.norm import group_norm
    >>> group_norm(tg.Tensor([[1.0, 3.0, 10.0, 30.0]]), 2, eps=0.0).tolist()
    [[-1.0, 1.0, -1.0, 1.0]]
    """
    input = as_array(input)
    _check_channels("group_norm", input, weight, bias)
    samples, channels = input.shape[:2]
    if num_groups < 1 or channels % num_groups:
        raise ValueError(
            f"group_norm: the {channels} channels of an input of shape {input.shape} cannot be "
            f"divided into {num_groups} groups"
        )
    size = prod(input.shape[1:]) // num_groups
    groups = np.reshape(input, (samples, num_groups, size))
    y = np.reshape(standardize(groups, axis=(-1,), eps=eps)[0], input.shape)
    return _affine(y, _per_channel(weight, input), _per_channel(bias, input))


def normalize(input: Any, p: float = 2.0, dim: Any = 1, eps: float = 1e-12) -> Any:
    """Divide by the length: ``x / max(norm(x, p), eps)``, along an axis.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn.functional.norm import normalize
    >>> normalize(tg.Tensor([[3.0, 4.0], [0.0, 0.0]])).tolist()
    [[0.6, 0.8], [0.0, 0.0]]
    """
    input = as_array(input)
    return input / np.maximum(norm(input, ord=p, axis=dim, keepdims=True), eps)


# ---------------------------------------------------------------------------------- what they share
def move_towards(running: Any, new: Any, momentum: Any) -> None:
    """Move a running average in place, without a record: it is no part of the function."""
    keep = 1 - momentum
    if hasattr(momentum, "dtype"):  # a number that was computed takes on the average's precision
        keep, momentum = keep.astype(running.dtype), momentum.astype(running.dtype)
    running[...] = values_of(running) * keep + momentum * new


def _affine(y: Any, weight: Any, bias: Any) -> Any:
    y = y if weight is None else y * weight
    return y if bias is None else y + bias


def _per_channel(x: Any, input: Any) -> Any:
    """Let one number for each channel broadcast over all other axes."""
    return x if x is None or input.ndim == 2 else np.reshape(x, (-1, *(1,) * (input.ndim - 2)))


def _by_running(input: Any, mean: Any, var: Any, weight: Any, bias: Any, eps: float) -> Any:
    """Shift and scale by what has been seen in training: one product and one sum."""
    if mean is None or var is None:
        raise ValueError("without training there must be a running mean and a running variance")
    scale: Any = 1 / np.sqrt(values_of(var) + eps)
    shift: Any = values_of(mean)
    scale = scale if weight is None else weight * scale
    shift = -shift * scale if bias is None else bias - shift * scale
    return _affine(input, _per_channel(scale, input), _per_channel(shift, input))


def _last_axes(where: str, input: Any, normalized_shape: Sequence[int]) -> tuple[int, ...]:
    sizes = tuple(normalized_shape)
    if not sizes or input.shape[-len(sizes) :] != sizes:
        raise ValueError(
            f"{where}: an input of shape {input.shape} does not end in axes of normalized_shape="
            f"{sizes}"
        )
    return tuple(range(-len(sizes), 0))


def _check_channels(where: str, input: Any, *per_channel: Any) -> None:
    """Check that there is one number for each channel in all that is given."""
    if input.ndim < 2 or 0 in input.shape:
        raise ValueError(f"{where}: an input is (samples, channels, ...), not {outline(input)}")
    for x in per_channel:
        if x is not None and shape_of(x) != input.shape[1:2]:
            raise ValueError(
                f"{where}: an input of shape {input.shape} has {input.shape[1]} channels, and a "
                f"shape of {shape_of(x)} does not give each a number"
            )
