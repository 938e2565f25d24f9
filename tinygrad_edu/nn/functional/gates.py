"""Gates under PyTorch's names; see ``activation.py``."""

from __future__ import annotations

from typing import Any

from tinygrad_edu.nn.functional.checks import axis_of
from tinygrad_edu.ops import activation, gates


def silu(input: Any, inplace: bool = False) -> Any:
    """``x * sigmoid(x)``; see `tg.silu`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional
    >>> functional.silu(tg.Tensor([-1.0, 0.0, 2.0]))
    Tensor([-0.26894142,  0.        ,  1.76159416], shape=(3,), dtype=float64)
    """
    return gates.silu(input)


def mish(input: Any, inplace: bool = False) -> Any:
    """``x * tanh(softplus(x))``; see `tg.mish`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional
    >>> functional.mish(tg.Tensor([-1.0, 0.0, 2.0]))
    Tensor([-0.30340146,  0.        ,  1.94395896], shape=(3,), dtype=float64)
    """
    return gates.mish(input)


def hardswish(input: Any, inplace: bool = False) -> Any:
    """``x * hardsigmoid(x)``; see `tg.hardswish`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional
    >>> functional.hardswish(tg.Tensor([-4.0, 1.0, 4.0]))
    Tensor([-0.        ,  0.66666667,  4.        ], shape=(3,), dtype=float64)
    """
    return gates.hardswish(input)


def gelu(input: Any, approximate: str = "none") -> Any:
    """``x`` times the normal distribution up to x, or nearly that; see `tg.gelu`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional
    >>> functional.gelu(tg.Tensor([-1.0, 0.0, 2.0]))
    Tensor([-0.15865525,  0.        ,  1.95449974], shape=(3,), dtype=float64)
    """
    return gates.gelu(input, approximate=approximate)


def glu(input: Any, dim: int = -1) -> Any:
    """Gated linear unit: the first half along an axis times the sigmoid of the second half.

    ``x[:n] * sigmoid(x[n:])`` along the axis. Shapes: any, of size 2n there; the result of size n.

    Raises
    ------
    ValueError
        If there is no such axis, or its size is odd.

    References
    ----------
    Dauphin, Fan, Auli and Grangier, Language Modeling with Gated Convolutional Networks, ICML
    (2017).

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional
    >>> functional.glu(tg.Tensor([1.0, 2.0, -1000.0, 1000.0]))
    Tensor([0., 2.], shape=(2,), dtype=float64)
    """
    axis = axis_of("glu", input, dim)
    size = input.shape[axis]
    if size % 2:
        raise ValueError(f"glu halves axis {dim}, whose size is odd in shape {input.shape}")
    whole = (slice(None),) * axis
    first, second = (*whole, slice(size // 2)), (*whole, slice(size // 2, None))
    return input[first] * activation.sigmoid(input[second])
