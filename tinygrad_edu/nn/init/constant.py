"""Initial values that are not drawn: one number, an identity.

Read next: ``drawn.py``.
"""

from __future__ import annotations

import numpy as np

from tinygrad_edu.nn.init.filling import T, check_axes, filled


def constant_(tensor: T, val: float) -> T:
    """Fill with one value.

    Formula: ``tensor[...] = val``, for any shape. Source: the conventions are PyTorch's.

    Raises
    ------
    ValueError
        If the tensor is a computed one, or the array is read-only.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import init
    >>> init.constant_(tg.Tensor([0.0, 0.0]), 0.5)
    Tensor([0.5, 0.5], shape=(2,), dtype=float64)
    """
    return filled(tensor, np.full(tensor.shape, val))


def ones_(tensor: T) -> T:
    """Fill with 1.

    As for `constant_`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import init
    >>> init.ones_(tg.Tensor([0.5, 0.5]))
    Tensor([1., 1.], shape=(2,), dtype=float64)
    """
    return constant_(tensor, 1.0)


def zeros_(tensor: T) -> T:
    """Fill with 0.

    As for `constant_`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import init
    >>> init.zeros_(tg.Tensor([0.5, 0.5]))
    Tensor([0., 0.], shape=(2,), dtype=float64)
    """
    return constant_(tensor, 0.0)


def eye_(tensor: T) -> T:
    """Fill a matrix with the identity: 1 on the diagonal, 0 elsewhere.

    Formula: ``tensor[i, j] = (i == j)``. Shapes: (rows, columns). Source: as `numpy.eye`.

    Raises
    ------
    ValueError
        If the tensor is no matrix; and as for `constant_`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import init
    >>> init.eye_(tg.Tensor([[5.0, 5.0, 5.0], [5.0, 5.0, 5.0]])).tolist()
    [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]
    """
    check_axes("eye_", tensor, (2,))
    return filled(tensor, np.eye(tensor.shape[0], tensor.shape[1]))


def dirac_(tensor: T, groups: int = 1) -> T:
    """Fill a convolution's weight so that it passes as many channels on as it can.

    In the middle of the kernel, output channel i takes input channel i; the others stay 0.

    Shapes: (out, in, ...) with one to three axes of the kernel: ``tensor[i, i, middle] = 1``.
    Source: the conventions are PyTorch's.

    Raises
    ------
    ValueError
        If the shape is another, or ``out`` is no multiple of ``groups``.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import init
    >>> weight = init.dirac_(tg.Tensor([[[9.0, 9.0, 9.0]]]))
    >>> tg.nn.functional.conv1d(tg.Tensor([[[1.0, 2.0, 3.0]]]), weight, padding=1).tolist()
    [[[1.0, 2.0, 3.0]]]
    """
    check_axes("dirac_", tensor, (3, 4, 5))
    if groups < 1 or tensor.shape[0] % groups:
        raise ValueError(f"{tensor.shape[0]} output channels do not divide into {groups} groups")
    values = np.zeros(tensor.shape)
    per_group = tensor.shape[0] // groups
    middle = tuple(size // 2 for size in tensor.shape[2:])
    for group in range(groups):
        for channel in range(min(per_group, tensor.shape[1])):
            place = (group * per_group + channel, channel, *middle)
            values[place] = 1
    return filled(tensor, values)
