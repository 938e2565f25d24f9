"""Convolution and its two derivatives: against a direct loop, each other, and numbers."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu.ops import conv as module
from tinygrad_edu.ops.conv import conv, conv_transpose, conv_weight
from tinygrad_edu.ops.conv_window import padded, places


def settings(stride: Any, padding: Any, dilation: Any, groups: int = 1) -> dict[str, Any]:
    return {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}


PLANES = [
    ((2, 4, *size), (4, 4 // groups, *kernel), settings(stride, padding, dilation, groups))
    for size, kernel, stride, padding, dilation, groups in product(
        [(5, 6)],
        [(3, 2), (1, 3)],
        [(1, 1), (2, 1)],
        [((0, 0), (0, 0)), ((1, 2), (2, 1))],
        [(1, 1), (1, 2)],
        [1, 2, 4],
    )
]
OTHERS = [
    ((2, 3, 7), (2, 3, 3), settings((1,), ((1, 1),), (1,))),
    ((2, 3, 8), (8, 3, 3), settings((2,), ((1, 0),), (1,))),
    ((2, 4, 7), (2, 2, 2), settings((3,), ((0, 2),), (2,), 2)),
    ((1, 2, 4, 3, 5), (3, 2, 2, 3, 2), settings((1, 1, 2), ((1, 1), (0, 0), (2, 1)), (2, 1, 1))),
    ((1, 4, 3, 3, 3), (2, 2, 2, 1, 3), settings((2, 1, 1), ((0, 1),) * 3, (1, 1, 1), 2)),
    ((3, 1, 8, 8), (8, 1, 5, 5), settings((1, 1), ((2, 2), (2, 2)), (1, 1))),
    ((1, 2, 4, 12), (3, 2, 1, 1), settings((1, 1), ((0, 0), (0, 0)), (1, 1))),
    ((2, 1, 3, 3), (1, 1, 3, 3), settings((1, 1), ((0, 0), (0, 0)), (1, 1))),
    ((2, 2, 3, 5), (2, 2, 2, 2), settings((1, 1), ((3, 2), (2, 4)), (1, 1))),
    ((0, 2, 3, 4), (2, 2, 2, 2), settings((1, 1), ((0, 0), (1, 1)), (1, 1))),
]
CALLS = [*PLANES, *OTHERS]
FEW = [*PLANES[::7], *OTHERS]


def operands(shape: Any, weight: Any, s: dict[str, Any]) -> tuple[Any, Any, Any]:
    draw = np.random.default_rng(0).normal
    size = places(shape[2:], weight[2:], s["stride"], s["padding"], s["dilation"])
    return draw(size=shape), draw(size=weight), draw(size=(shape[0], weight[0], *size))


def direct(x: Any, weight: Any, s: dict[str, Any]) -> Any:
    """Go to every place, take the window there, and sum up its product with the weight."""
    stride, dilation, groups = s["stride"], s["dilation"], s["groups"]
    size = places(x.shape[2:], weight.shape[2:], stride, s["padding"], dilation)
    x = padded(x, s["padding"])
    y = np.empty((len(x), len(weight), *size))
    for image, f, *place in np.ndindex(y.shape):
        corner = [p * step for p, step in zip(place, stride)]
        window = tuple(
            slice(start, start + d * (k - 1) + 1, d)
            for start, d, k in zip(corner, dilation, weight.shape[2:])
        )
        first = f // (len(weight) // groups) * weight.shape[1]
        seen = x[(image, slice(first, first + weight.shape[1]), *window)]
        y[(image, f, *place)] = (seen * weight[f]).sum()
    return y


@pytest.fixture(params=["tiles", "taps"])
def form(request: Any, monkeypatch: Any) -> None:
    """Compute in the fast form where that is possible, and in the form of the loop over taps."""
    if request.param == "taps":
        monkeypatch.setattr(module, "tiles_fit", lambda *settings: False)


@pytest.mark.usefixtures("form")
@pytest.mark.parametrize(("shape", "weight_shape", "s"), CALLS)
def test_it_is_the_sum_over_every_window(shape: Any, weight_shape: Any, s: Any) -> None:
    x, weight, _ = operands(shape, weight_shape, s)
    y = conv(x, weight, **s)
    np.testing.assert_allclose(y, direct(x, weight, s), rtol=1e-12, atol=1e-12)
    bias = np.arange(1.0, len(weight) + 1)
    by_filter = bias.reshape(-1, *[1] * (x.ndim - 2))
    np.testing.assert_allclose(conv(x, weight, bias, **s), y + by_filter, rtol=1e-12, atol=1e-12)


@pytest.mark.usefixtures("form")
@pytest.mark.parametrize(("shape", "weight_shape", "s"), CALLS)
def test_the_three_ops_are_derivatives_of_one_trilinear_form(
    shape: Any, weight_shape: Any, s: Any
) -> None:
    x, weight, z = operands(shape, weight_shape, s)
    back = conv_transpose(z, weight, size=x.shape[2:], **s)
    for_weight = conv_weight(x, z, kernel=weight.shape[2:], **s)
    assert (back.shape, for_weight.shape) == (x.shape, weight.shape)
    total = np.vdot(z, conv(x, weight, **s))
    np.testing.assert_allclose(np.vdot(x, back), total, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(np.vdot(weight, for_weight), total, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(("shape", "weight_shape", "s"), CALLS)
def test_both_forms_compute_the_same(
    shape: Any, weight_shape: Any, s: Any, monkeypatch: Any
) -> None:
    x, weight, z = operands(shape, weight_shape, s)

    def compute() -> list[Any]:
        return [
            conv(x, weight, **s),
            conv_transpose(z, weight, size=x.shape[2:], **s),
            conv_weight(x, z, kernel=weight.shape[2:], **s),
        ]

    fast = compute()
    monkeypatch.setattr(module, "tiles_fit", lambda *settings: False)
    for quick, plain in zip(fast, compute()):
        np.testing.assert_allclose(quick, plain, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(("shape", "weight_shape", "s"), FEW)
def test_derivatives_agree_with_numbers_to_second_order(
    shape: Any, weight_shape: Any, s: Any
) -> None:
    x, weight, _ = operands(shape, weight_shape, s)
    bias = np.ones(len(weight))
    assert tg.check_grad(lambda *inputs: conv(*inputs, **s), x, weight, bias)


def test_a_third_derivative_is_right() -> None:
    s = settings((1, 1), ((1, 1), (1, 1)), (1, 1))
    x, weight, _ = operands((1, 1, 3, 3), (1, 1, 3, 3), s)

    def cube(a: Any) -> Any:  # homogeneous of degree 3 in a
        return (conv(x, a * weight, **s) ** 3).sum()

    third = tg.grad(tg.grad(tg.grad(cube)))(np.array(2.0))
    np.testing.assert_allclose(third, 6 * (conv(x, weight, **s) ** 3).sum(), rtol=1e-12)


def test_the_gradient_of_data_that_needs_none_is_not_computed(monkeypatch: Any) -> None:
    s = settings((1, 1), ((1, 1), (1, 1)), (1, 1))
    x, weight, _ = operands((2, 1, 4, 4), (3, 1, 3, 3), s)
    w = tg.Tensor(weight, requires_grad=True)
    loss = conv(tg.Tensor(x), w, **s).sum()
    monkeypatch.setattr(module, "conv_transpose", None)
    loss.backward()
    assert w.grad is not None


@pytest.mark.parametrize("groups", [1, 2])
def test_dtypes_follow_numpy(groups: int) -> None:
    s = settings((1, 1), ((1, 1), (1, 1)), (1, 1), groups)
    for x, weight, expected in [
        (np.float32, np.float32, np.float32),
        (np.float32, np.float64, np.float64),
        (np.uint8, np.float32, np.float32),
        (np.float64, np.complex64, np.complex128),
    ]:
        a, b = np.ones((2, 2, 4, 4), x), np.ones((2, 2 // groups, 3, 3), weight)
        assert conv(a, b, **s).dtype == expected
        assert conv(a, b, np.ones(2, weight), **s).dtype == expected
        assert conv_transpose(a, b, size=(4, 4), **s).dtype == expected
        assert conv_weight(a, conv(a, b, **s), kernel=(3, 3), **s).dtype == expected


@pytest.mark.parametrize(
    ("shapes", "s", "words"),
    [
        (((1, 1, 3, 3), (1, 1, 4, 2)), settings((1, 1), ((0, 0), (0, 0)), (1, 1)),
         ["kernel (4, 2)", "(3, 3)"]),
        (((1, 1, 3, 5), (1, 1, 2, 2)), settings((1, 1), ((0, 0), (1, 0)), (3, 1)),
         ["dilation (3, 1)", "spans (4, 2)", "(3, 6) with its padding"]),
        (((1, 3, 5, 5), (2, 2, 2, 2)), settings((1, 1), ((0, 0), (0, 0)), (1, 1)),
         ["3 channels", "for 2"]),
        (((1, 3, 5, 5), (2, 2, 2, 2)), settings((1, 1), ((0, 0), (0, 0)), (1, 1), 2),
         ["3 channels", "for 4, in 2 groups"]),
        (((1, 4, 5, 5), (3, 2, 2, 2)), settings((1, 1), ((0, 0), (0, 0)), (1, 1), 2),
         ["3 filters", "2 groups"]),
        (((1, 4, 5), (3, 4, 2, 2)), settings((1, 1), ((0, 0), (0, 0)), (1, 1)), ["axes"]),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_named_with_the_numbers(shapes: Any, s: Any, words: Any) -> None:
    inputs = [tg.Tensor(np.ones(shape)) for shape in shapes]
    with pytest.raises(ValueError, match="conv") as raised:
        conv(*inputs, **s)
    assert all(word in str(raised.value) for word in [*words, *map(str, shapes)])
