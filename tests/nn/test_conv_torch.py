"""The same state gives the same convolutions and gradients as in PyTorch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu.nn import conv, conv_transpose
from tinygrad_edu.nn.functional.pad import pad

torch = pytest.importorskip("torch", reason="PyTorch is not installed")
CLOSE = {"rtol": 1e-10, "atol": 1e-12}
SIZES = {1: (9,), 2: (6, 9), 3: (4, 5, 6)}
CONVOLUTIONS = [
    {"kernel_size": 3},
    {"kernel_size": 3, "padding": 1},
    {"kernel_size": 2, "padding": "same"},
    {"kernel_size": 3, "padding": "same", "dilation": 2},
    {"kernel_size": 1, "stride": 2},
    {"kernel_size": 3, "stride": 2, "padding": 2, "bias": False},
    {"kernel_size": 2, "stride": 3, "padding": 1, "dilation": 2, "groups": 2},
    {"kernel_size": 3, "padding": 1, "groups": 4},
    {"kernel_size": 2, "dilation": 3},
    {"kernel_size": 3, "padding": 2, "padding_mode": "reflect"},
    {"kernel_size": 3, "padding": 2, "padding_mode": "replicate", "stride": 2},
    {"kernel_size": 2, "padding": "same", "padding_mode": "circular"},
]
TRANSPOSED = [
    {"kernel_size": 3},
    {"kernel_size": 3, "padding": 1},
    {"kernel_size": 3, "padding": 2, "stride": 2, "output_padding": 1},
    {"kernel_size": 2, "stride": 2, "groups": 2, "bias": False},
    {"kernel_size": 2, "stride": 3, "dilation": 2, "padding": 1, "output_padding": 2},
    {"kernel_size": 3, "dilation": 2, "output_padding": 1, "groups": 4},
    {"kernel_size": 3, "dilation": 3, "padding": 1, "output_padding": 2},
]
CASES = [
    *((conv, f"Conv{axes}d", axes, s) for axes in (1, 2, 3) for s in CONVOLUTIONS),
    *((conv_transpose, f"ConvTranspose{axes}d", axes, s) for axes in (1, 2, 3) for s in TRANSPOSED),
]


@pytest.mark.parametrize(("module", "name", "axes", "settings"), CASES)
@pytest.mark.parametrize("batch", [(3,), ()])
@pytest.mark.filterwarnings("ignore:Using padding='same'")
def test_outputs_and_gradients_are_the_same(
    module: Any, name: str, axes: int, settings: dict[str, Any], batch: Any
) -> None:
    theirs = getattr(torch.nn, name)(4, 8, **settings).double()
    ours = getattr(module, name)(4, 8, **settings)
    assert repr(ours) == repr(theirs)
    assert ours.load_state_dict(theirs.state_dict()) == ([], [])
    data = np.random.default_rng(0).normal(size=(*batch, 4, *SIZES[axes]))
    x, x_there = tg.Tensor(data, requires_grad=True), torch.tensor(data, requires_grad=True)
    y, y_there = ours(x), theirs(x_there)
    np.testing.assert_allclose(y.numpy(), y_there.detach().numpy(), **CLOSE)
    (y**2).sum().backward()
    (y_there**2).sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), x_there.grad.numpy(), **CLOSE)
    named = dict(theirs.named_parameters())
    assert list(named) == [name for name, _ in ours.named_parameters()]
    for name, parameter in ours.named_parameters():
        np.testing.assert_allclose(parameter.grad.numpy(), named[name].grad.numpy(), **CLOSE)


def test_an_output_size_picks_the_same_padding() -> None:
    theirs = torch.nn.ConvTranspose2d(2, 3, 3, stride=3, padding=1).double()
    ours = conv_transpose.ConvTranspose2d(2, 3, 3, stride=3, padding=1)
    ours.load_state_dict(theirs.state_dict())
    x = np.random.default_rng(0).normal(size=(1, 2, 4, 5))
    for size in [(10, 13), (12, 15), (11, 14)]:
        there = theirs(torch.tensor(x), output_size=size).detach().numpy()
        np.testing.assert_allclose(ours(x, output_size=size).numpy(), there, **CLOSE)


@pytest.mark.parametrize("name", ["Conv2d", "ConvTranspose2d"])
def test_initial_values_have_the_same_distribution(name: str) -> None:
    torch.manual_seed(0)
    ends = [0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0]
    settings = {"kernel_size": 3, "groups": 4}
    theirs = getattr(torch.nn, name)(64, 128, **settings)
    ours = getattr(conv if name == "Conv2d" else conv_transpose, name)(64, 128, **settings)
    for key, parameter in theirs.named_parameters():
        own = np.quantile(getattr(ours, key).numpy(), ends)
        np.testing.assert_allclose(own, np.quantile(parameter.detach().numpy(), ends), atol=0.03)


@pytest.mark.parametrize(
    ("widths", "mode"),
    [((1, 2), "constant"), ((1, 2, 0, 3, 2, 0), "constant"), ((1, -2), "constant"),
     ((-1, 2, -2, 0), "constant"), ((2, 1), "reflect"), ((2, 1, 3, 0), "replicate"),
     ((4, 1, 0, 2), "circular"), ((-1, 1), "circular"), ((2, -2, -1, 1), "circular"),
     ((2, -1), "reflect"), ((-1, 1, 2, -2), "replicate"),
     ((0, 0), "reflect")],
)  # fmt: skip
def test_pad_does_the_same_with_gradients(widths: Any, mode: str) -> None:
    data = np.random.default_rng(0).normal(size=(2, 3, 4, 5))
    x, x_there = tg.Tensor(data, requires_grad=True), torch.tensor(data, requires_grad=True)
    value = 1.5 if mode == "constant" else None
    there = x_there if mode == "constant" or len(widths) == 4 else x_there[0]
    here = x if there.ndim == 4 else x[0]
    y, y_there = pad(here, widths, mode, value), torch.nn.functional.pad(there, widths, mode, value)
    np.testing.assert_array_equal(y.numpy(), y_there.detach().numpy())
    (y**2).sum().backward()
    (y_there**2).sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), x_there.grad.numpy(), **CLOSE)
