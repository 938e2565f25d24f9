"""Weighted sums of the products of two inputs' elements."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.ops.linear import linear


def bilinear(input1: Any, input2: Any, weight: Any, bias: Any = None) -> Any:
    """Weighted sums of all products of an element of one input with one of the other.

    ``y[..., k] = sum over i and j of input1[..., i] * weight[k, i, j] * input2[..., j] + bias[k]``.

    Shapes: ``input1`` (..., in1), ``input2`` (..., in2), ``weight`` (out, in1, in2), ``bias``
    (out,) or None; the result (..., out).

    Source: the conventions are PyTorch's.

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_edu.nn.functional.bilinear import bilinear
    >>> bilinear(np.array([1.0, 2.0]), np.array([3.0]), np.ones((1, 2, 1)))
    array([9.])
    """
    products = input1[..., :, None] * input2[..., None, :]
    products = np.reshape(products, (*products.shape[:-2], weight.shape[1] * weight.shape[2]))
    return linear(products, np.reshape(weight, (weight.shape[0], -1)), bias)
