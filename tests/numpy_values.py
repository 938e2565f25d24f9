"""Holding values against NumPy's own at kinks and jumps, where no number can check a slope."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import tinygrad_edu as tg


def values_agree(function: Callable[..., Any], *given: Any) -> None:
    """Call a function on Tensors and on arrays, in double and in single precision."""
    for dtype in (np.float64, np.float32):
        arrays = [np.asarray(x, dtype) for x in given]
        got, expected = (
            result if isinstance(result, tuple) else (result,)
            for result in (
                function(*[tg.Tensor(a, requires_grad=True) for a in arrays]),
                function(*arrays),
            )
        )
        for y, plain in zip(got, expected, strict=True):
            assert y.requires_grad
            assert y.dtype == np.asarray(plain).dtype
            np.testing.assert_allclose(y.numpy(), plain, rtol=1e-6, strict=True)
