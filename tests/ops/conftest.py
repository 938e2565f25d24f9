"""What the tests of NumPy's functions share: holding a call on Tensors against NumPy's own."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg


def several(result: Any) -> list[Any]:
    return list(result) if isinstance(result, (tuple, list)) else [result]


def compare(function: Callable[..., Any], arrays: list[Any], rtol: float) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = several(function(*arrays))
        got = several(function(*[tg.Tensor(a, requires_grad=True) for a in arrays]))
    assert len(got) == len(expected)
    for y, plain in zip(got, expected):
        assert isinstance(y, tg.Tensor)
        assert y.requires_grad
        np.testing.assert_allclose(y.numpy(), np.asarray(plain), rtol, rtol)
        assert (y.shape, y.dtype) == (np.shape(plain), np.asarray(plain).dtype)


@pytest.fixture
def agrees_with_numpy() -> Callable[..., None]:
    """Check values, dtypes and derivatives to second order of a function of arrays, or shapes."""

    def check(function: Callable[..., Any], *given: Any) -> None:
        generator = np.random.default_rng(5)
        arrays = [generator.normal(size=a) if isinstance(a, tuple) else np.array(a) for a in given]
        compare(function, arrays, rtol=1e-12)
        compare(function, [a.astype(np.float32) for a in arrays], rtol=1e-4)
        tg.check_grad(function, *arrays)

    return check
