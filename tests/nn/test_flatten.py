"""Flatten, Unflatten, Identity and Bilinear: what they refuse."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tinygrad_edu.nn.flatten import Flatten, Unflatten
from tinygrad_edu.nn.linear import Bilinear, Identity


def test_unflatten_undoes_flatten() -> None:
    x = np.arange(24.0).reshape(2, 3, 4)
    assert np.array_equal(Unflatten(1, (3, 4))(Flatten()(x)), x)
    assert np.array_equal(Unflatten(-1, (-1, 4))(Flatten()(x)), x)


def test_identity_returns_the_very_input() -> None:
    x = object()
    assert Identity(3, anything="goes")(x) is x
    assert repr(Identity(3)) == "Identity()"


@pytest.mark.parametrize(
    ("layer", "shape", "error", "words"),
    [
        (Flatten(), (3,), IndexError, "no axis 1"),
        (Flatten(2, 1), (2, 3, 4), ValueError, "axis 2 is behind 1"),
        (Flatten(-4), (2, 3), IndexError, "no axis -4"),
        (Unflatten(1, (2, 3)), (2, 5), ValueError, "size 5, which cannot be split into (2, 3)"),
        (Unflatten(1, (-1, 3)), (2, 5), ValueError, "size 5"),
        (Unflatten(1, (-1, -1)), (2, 4), ValueError, "(-1, -1)"),
        (Unflatten(1, (0, -1)), (2, 4), ValueError, "(0, -1)"),
        (Unflatten(2, (2, 3)), (2, 6), IndexError, "no axis 2"),
    ],
)
def test_shapes_that_do_not_fit_are_refused_by_name(
    layer: Any, shape: Any, error: Any, words: str
) -> None:
    with pytest.raises(error, match=type(layer).__name__) as raised:
        layer(np.ones(shape))
    assert words in str(raised.value)
    assert str(shape) in str(raised.value)


@pytest.mark.parametrize("shapes", [((2, 3), (2, 3)), ((2, 4), (2, 4)), ((2, 3), (5, 4))])
def test_bilinear_refuses_inputs_that_do_not_fit(shapes: Any) -> None:
    with pytest.raises(ValueError, match="Bilinear") as raised:
        Bilinear(3, 4, 2)(*map(np.ones, shapes))
    assert all(str(shape) in str(raised.value) for shape in shapes)


def test_bilinear_is_the_sum_over_both_inputs() -> None:
    layer, x, y = Bilinear(3, 4, 2), np.arange(6.0).reshape(2, 3), np.arange(8.0).reshape(2, 4)
    expected = np.einsum("ni,kij,nj->nk", x, layer.weight.numpy(), y) + layer.bias.numpy()
    np.testing.assert_allclose(layer(x, y).numpy(), expected, rtol=1e-13)
    np.testing.assert_allclose(layer(x.tolist(), y.tolist()).numpy(), expected, rtol=1e-13)
    with pytest.raises(ValueError, match="out_features must be at least 1"):
        Bilinear(3, 4, 0)
