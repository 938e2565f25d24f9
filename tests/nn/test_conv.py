"""Convolutional layers and functions: arguments, parameters, errors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu.nn.conv import Conv1d, Conv2d, Conv3d
from tinygrad_edu.nn.conv_transpose import ConvTranspose1d, ConvTranspose2d, ConvTranspose3d
from tinygrad_edu.nn.functional.conv import conv1d, conv2d, conv3d
from tinygrad_edu.nn.functional.conv_transpose import conv_transpose1d, conv_transpose2d
from tinygrad_edu.nn.functional.pad import pad

X = np.random.default_rng(0).normal(size=(2, 4, 6, 7))


def weight(*shape: int) -> Any:
    return np.random.default_rng(1).normal(size=shape)


@pytest.mark.parametrize(
    ("layer", "x"),
    [(Conv1d, (2, 4, 9)), (Conv2d, (2, 4, 6, 7)), (Conv3d, (2, 4, 3, 4, 5)),
     (ConvTranspose1d, (2, 4, 9)), (ConvTranspose2d, (2, 4, 6, 7)),
     (ConvTranspose3d, (2, 4, 3, 4, 5))],
)  # fmt: skip
def test_a_single_image_is_a_batch_of_one(layer: Any, x: Any) -> None:
    net, images = layer(4, 2, 3), np.random.default_rng(0).normal(size=x)
    np.testing.assert_allclose(net(images[1]).numpy(), net(images).numpy()[1], rtol=1e-12)
    np.testing.assert_array_equal(net(images[1].tolist()).numpy(), net(images[1]).numpy())


@pytest.mark.parametrize("kernel", [1, 2, 3, (2, 5)])
@pytest.mark.parametrize("dilation", [1, 2, (2, 1)])
def test_same_keeps_the_size_and_puts_the_odd_zero_behind(kernel: Any, dilation: Any) -> None:
    w = weight(2, 4, *np.broadcast_to(kernel, 2))
    same = conv2d(X, w, padding="same", dilation=dilation)
    assert same.shape == (2, 2, 6, 7)
    spans = np.broadcast_to(dilation, 2) * (np.array(w.shape[2:]) - 1)
    widths = [(0, 0), (0, 0), *((span // 2, span - span // 2) for span in spans)]
    np.testing.assert_array_equal(same, conv2d(np.pad(X, widths), w, dilation=dilation))


def test_valid_pads_nothing() -> None:
    w = weight(2, 4, 3, 3)
    np.testing.assert_array_equal(conv2d(X, w, padding="valid", stride=2), conv2d(X, w, stride=2))


@pytest.mark.parametrize("mode", ["reflect", "replicate", "circular"])
@pytest.mark.parametrize("padding", [1, (2, 1), "same"])
def test_a_padding_mode_pads_with_copies_first(mode: Any, padding: Any) -> None:
    layer = Conv2d(4, 2, (3, 4), padding=padding, padding_mode=mode)
    high, wide = (1, 1) if padding == 1 else (2, 1) if padding == (2, 1) else (1, 1)
    around = (wide, wide + (padding == "same"), high, high)
    expected = conv2d(pad(X, around, mode), layer.weight.numpy(), layer.bias.numpy())
    np.testing.assert_allclose(layer(X).numpy(), expected, rtol=1e-12)


def test_groups_do_not_see_each_other() -> None:
    w = weight(6, 2, 3, 3)
    y = conv2d(X, w, groups=2)
    np.testing.assert_allclose(y[:, :3], conv2d(X[:, :2], w[:3]), rtol=1e-12)
    np.testing.assert_allclose(y[:, 3:], conv2d(X[:, 2:], w[3:]), rtol=1e-12)


def test_a_kernel_of_one_pixel_is_a_linear_layer_at_each_place() -> None:
    w = weight(3, 4, 1, 1)
    y = np.moveaxis(X, 1, -1) @ w[:, :, 0, 0].T
    np.testing.assert_allclose(conv2d(X, w), np.moveaxis(y, -1, 1), rtol=1e-12)


def test_a_sequence_is_an_image_of_one_row_and_a_volume_of_one_image() -> None:
    w = weight(3, 4, 3)
    y = conv1d(X[:, :, 0], w, stride=2, padding=1)
    there = conv2d(X[:, :, :1], w[:, :, None], stride=(1, 2), padding=(0, 1))
    np.testing.assert_allclose(y, there[:, :, 0], rtol=1e-12)
    there = conv3d(X[:, :, :1, None], w[:, :, None, None], stride=(1, 1, 2), padding=(0, 0, 1))
    np.testing.assert_allclose(y, there[:, :, 0, 0], rtol=1e-12)


@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("padding", [0, 1])
def test_the_transposed_layer_gives_each_size_back(stride: Any, padding: Any) -> None:
    layer = ConvTranspose2d(3, 4, 3, stride, padding)
    small = conv2d(X, weight(3, 4, 3, 3), stride=stride, padding=padding)
    assert layer(small, output_size=X.shape[2:]).shape == X.shape
    assert layer(small, output_size=X.shape).shape == X.shape


@pytest.mark.parametrize("layer", [Conv2d, ConvTranspose2d])
def test_parameters_are_uniform_within_one_over_the_root_of_the_fan_in(layer: Any) -> None:
    net = layer(64, 64, (3, 5), groups=2, generator=np.random.default_rng(0))
    for parameter in (net.weight, net.bias):
        values = parameter.numpy() * np.sqrt(32 * 15)
        assert 0.9 < np.abs(values).max() <= 1
        assert abs((values**2).mean() - 1 / 3) < 4 * np.sqrt((1 / 5 - 1 / 9) / values.size)


def test_parameters_have_pytorchs_layout_and_the_dtype_asked_for() -> None:
    shapes = {
        name: value.shape for name, value in Conv2d(4, 6, (3, 2), groups=2).state_dict().items()
    }
    assert shapes == {"weight": (6, 2, 3, 2), "bias": (6,)}
    net = ConvTranspose2d(4, 6, (3, 2), groups=2, dtype="float32", bias=False)
    assert {name: (v.shape, v.dtype) for name, v in net.state_dict().items()} == {
        "weight": ((4, 3, 3, 2), np.float32)
    }
    assert net.bias is None


@pytest.mark.parametrize(
    ("layer", "expected"),
    [
        (Conv1d(1, 2, 3), "Conv1d(1, 2, kernel_size=(3,), stride=(1,))"),
        (Conv2d(2, 4, 3, 2, "valid", bias=False, groups=2),
         "Conv2d(2, 4, kernel_size=(3, 3), stride=(2, 2), padding=valid, groups=2, bias=False)"),
        (Conv2d(1, 1, 3, padding=(1, 0), dilation=2, padding_mode="reflect"),
         "Conv2d(1, 1, kernel_size=(3, 3), stride=(1, 1), padding=(1, 0), dilation=(2, 2), "
         "padding_mode=reflect)"),
        (ConvTranspose2d(1, 1, 3, 2, output_padding=1),
         "ConvTranspose2d(1, 1, kernel_size=(3, 3), stride=(2, 2), output_padding=(1, 1))"),
    ],
)  # fmt: skip
def test_the_printed_form_names_what_is_not_the_default(layer: Any, expected: str) -> None:
    assert repr(layer) == expected


def test_a_network_of_them_learns() -> None:
    generator = np.random.default_rng(0)
    layer = Conv2d(1, 1, 3, padding=1, generator=generator)
    x, w = generator.normal(size=(8, 1, 6, 6)), generator.normal(size=(1, 1, 3, 3))
    target = conv2d(x, w, padding=1)
    for _ in range(200):
        loss = ((layer(x) - target) ** 2).mean()
        loss.backward()
        with tg.no_grad():
            for p in layer.parameters():
                p -= 0.2 * p.grad
        layer.zero_grad()
    np.testing.assert_allclose(layer.weight.numpy(), w, atol=1e-6)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Conv2d(0, 1, 3), ["in_channels must be at least 1"]),
        (lambda: Conv2d(1, 1, 0), ["kernel_size must be at least 1", "0"]),
        (lambda: Conv2d(1, 1, (3, 3, 3)), ["kernel_size", "2 of them", "(3, 3, 3)"]),
        (lambda: Conv2d(1, 1, 3, stride=0), ["stride must be at least 1", "0"]),
        (lambda: Conv2d(1, 1, 3, padding=-1), ["padding must be at least 0", "-1"]),
        (lambda: Conv2d(1, 1, 3, dilation=0), ["dilation must be at least 1", "0"]),
        (lambda: Conv2d(3, 4, 3, groups=2), ["in_channels=3", "groups=2"]),
        (lambda: Conv2d(4, 3, 3, groups=2), ["out_channels=3", "groups=2"]),
        (lambda: Conv2d(1, 1, 3, stride=2, padding="same"), ["'same' needs stride 1", "(2, 2)"]),
        (lambda: Conv2d(1, 1, 3, padding="full"), ["'same' or 'valid'", "'full'"]),
        (lambda: Conv2d(1, 1, 3, padding_mode="mirror"), ["reflect", "'mirror'"]),
        (lambda: ConvTranspose2d(1, 1, 3, padding_mode="reflect"), ["'zeros'", "'reflect'"]),
        (lambda: Conv2d(3, 1, 3)(X), ["(2, 4, 6, 7)", "4 channels", "in_channels=3"]),
        (lambda: Conv2d(4, 1, 8)(X), ["kernel (8, 8)", "(6, 7)"]),
        (lambda: Conv2d(4, 1, 3)(X[0, 0]), ["(images, channels, height, width)", "(6, 7)"]),
        (lambda: ConvTranspose2d(4, 1, 3, 2, output_padding=2)(X), ["output_padding=(2, 2)"]),
        (lambda: ConvTranspose2d(4, 1, 3, 2)(X, (20, 20)), ["(13, 15)", "(14, 16)", "(20, 20)"]),
        (lambda: ConvTranspose2d(4, 1, 3, padding=4)(X), ["leaves nothing", "(0, 1)"]),
        (lambda: conv2d(X, weight(2, 4, 3)), ["4 axes", "(2, 4, 3)"]),
        (lambda: conv2d(X, weight(2, 4, 3, 3), np.ones(3)), ["(2,)", "(3,)"]),
        (lambda: conv_transpose2d(X, weight(4, 2, 3, 3), np.ones(4)), ["(2,)", "(4,)"]),
        (lambda: conv_transpose2d(X, weight(3, 2, 3, 3)), ["4 channels", "for 3"]),
        (lambda: conv1d(X[:, :, 0], weight(2, 4, 3), groups=0), ["groups must be at least 1"]),
        (lambda: conv_transpose1d(X[:, :, 0], weight(4, 2, 3), padding="same"), ["'same'"]),
    ],
)  # fmt: skip
def test_what_cannot_be_is_named_with_the_numbers(make: Any, words: Any) -> None:
    with pytest.raises((ValueError, TypeError)) as raised:
        make()
    assert all(word in str(raised.value) for word in words), raised.value


@pytest.mark.parametrize("stride", [1.5, "2", None])
def test_settings_are_integers(stride: Any) -> None:
    with pytest.raises(TypeError, match="stride is an integer or 2 of them"):
        Conv2d(1, 1, 3, stride=stride)
