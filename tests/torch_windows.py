"""Ops that slide a window over images, written for PyTorch; for the table in ``torch_table.py``.

The ops that carry gradients back are what PyTorch's own gradient is of the op that they belong to.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def functional() -> Any:
    import torch

    return torch.nn.functional


def padded(x: Any, padding: Any, value: float = 0.0) -> Any:
    """Pad every axis behind the first two; PyTorch counts them from the last one."""
    return functional().pad(x, [n for pair in reversed(padding) for n in pair], value=value)


def conv(
    x: Any, weight: Any, bias: Any = None, *, stride: Any, padding: Any, dilation: Any, groups: int
) -> Any:
    function = getattr(functional(), f"conv{x.ndim - 2}d")
    return function(padded(x, padding), weight, bias, stride, 0, dilation, groups)


def backwards(function: Callable[[Any], Any], x: Any, dy: Any) -> Any:
    """Return PyTorch's gradient, as something that can be differentiated itself."""
    import torch

    x = x.detach().requires_grad_()
    return torch.autograd.grad(function(x), x, dy, create_graph=True)[0]


def conv_transpose(z: Any, weight: Any, *, size: Any, groups: int, **settings: Any) -> Any:
    x = z.new_zeros((len(z), weight.shape[1] * groups, *size))
    return backwards(lambda x: conv(x, weight, groups=groups, **settings), x, z)


def conv_weight(x: Any, z: Any, *, kernel: Any, groups: int, **settings: Any) -> Any:
    weight = x.new_zeros((z.shape[1], x.shape[1] // groups, *kernel))
    return backwards(lambda weight: conv(x, weight, groups=groups, **settings), weight, z)


def max_pool(x: Any, *, kernel: Any, stride: Any, padding: Any, dilation: Any) -> Any:
    function = getattr(functional(), f"max_pool{x.ndim - 2}d")
    return function(padded(x, padding, float("-inf")), kernel, stride, 0, dilation)


def sum_pool(x: Any, *, kernel: Any, **settings: Any) -> Any:
    ones = x.new_ones((x.shape[1], 1, *kernel))
    return conv(x, ones, groups=x.shape[1], **settings)


def sum_unpool(z: Any, *, size: Any, **settings: Any) -> Any:
    x = z.new_zeros((*z.shape[:2], *size))
    return backwards(lambda x: sum_pool(x, **settings), x, z)


def standardize(x: Any, *, axis: Any, eps: float) -> Any:
    mean = x.mean(axis, keepdim=True)
    variance = (x - mean).abs().square().mean(axis, keepdim=True)
    return (x - mean) / (variance + eps).sqrt(), mean, variance
