"""Parameter: a Tensor that a module learns.

It differs from other Tensors in two things: it asks for a gradient from the start, and a `Module`
that gets one as an attribute lists it. What is computed from a Parameter is a plain Tensor.
"""

from __future__ import annotations

from typing import Any

from tinygrad_edu.tensor import Tensor


class Parameter(Tensor):
    """A Tensor that a `Module` lists among its parameters.

    Parameters
    ----------
    data : array_like
        Copied. Python floats and lists of them take the default dtype; arrays keep theirs.
    requires_grad : bool
        ``False`` freezes it: it stays a parameter, but gets no gradient and does not learn.
    dtype, name, copy : as for `Tensor`.

    Raises
    ------
    TypeError
        If ``data`` is not floating-point, or has a history, which would be lost.

    Examples
    --------
    >>> from tinygrad_edu import nn
    >>> scale = nn.Parameter([1.0, 2.0])
    >>> scale
    Parameter containing:
    Tensor([1., 2.], shape=(2,), dtype=float64, requires_grad=True)
    >>> type(scale * 3).__name__
    'Tensor'
    """

    __slots__ = ()

    def __init__(
        self,
        data: Any,
        requires_grad: bool = True,
        dtype: Any = None,
        name: str | None = None,
        *,
        copy: bool = True,
    ) -> None:
        super().__init__(data, requires_grad, dtype, name, copy=copy)

    def __repr__(self) -> str:
        return f"Parameter containing:\n{super().__repr__()}"
