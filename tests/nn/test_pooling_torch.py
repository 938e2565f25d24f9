"""The same pooling and rearranging as in PyTorch, and the same gradients, ties included."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu.nn import pooling, vision

torch = pytest.importorskip("torch", reason="PyTorch is not installed")
CLOSE = {"rtol": 1e-10, "atol": 1e-12}
FLAT = np.maximum(np.random.default_rng(0).normal(size=(2, 4, 7, 8)), 0.5)  # with many ties
MAX = [
    {"kernel_size": kernel, "stride": stride, "padding": padding, "dilation": dilation,
     "ceil_mode": ceil}
    for kernel, stride, padding, dilation, ceil in product(
        [2, 3], [None, 1, 2], [0, 1], [1, 2], [False, True]
    )
]  # fmt: skip
AVERAGE = [
    {"kernel_size": kernel, "stride": stride, "padding": padding, "ceil_mode": ceil,
     "count_include_pad": count}
    for kernel, stride, padding, ceil, count in product(
        [2, 3], [None, 1, 3], [0, 1], [False, True], [False, True]
    )
]  # fmt: skip
UPSAMPLE = [
    {"scale_factor": 2.0},
    {"scale_factor": (1.5, 3.0)},
    {"size": (3, 11)},
    {"size": (10, 4), "mode": "nearest-exact"},
    {"size": (5, 5), "mode": "area"},
    {"scale_factor": (2.0, 1.4), "mode": "bilinear"},
    {"scale_factor": (2.0, 1.4), "mode": "bilinear", "recompute_scale_factor": True},
    {"size": (3, 12), "mode": "bilinear"},
    {"scale_factor": 2.0, "mode": "bilinear", "align_corners": True},
    {"size": (1, 15), "mode": "bilinear", "align_corners": True},
]
CASES = [
    *((pooling, "MaxPool1d", s) for s in MAX),
    *((pooling, "MaxPool2d", s) for s in MAX),
    *((pooling, "AvgPool1d", s) for s in AVERAGE),
    *((pooling, "AvgPool2d", s) for s in AVERAGE),
    (pooling, "AvgPool2d", {"kernel_size": (3, 2), "divisor_override": 5, "padding": (1, 0)}),
    (pooling, "MaxPool2d", {"kernel_size": (3, 2), "stride": (1, 2), "padding": (1, 0)}),
    *((pooling, f"Adaptive{kind}Pool1d", {"output_size": n}) for kind in ("Avg", "Max")
      for n in (1, 3, 4, 8, 11)),
    *((pooling, f"Adaptive{kind}Pool2d", {"output_size": n}) for kind in ("Avg", "Max")
      for n in (1, (7, 2), (3, 5), (None, 3), (9, 10))),
    *((vision, "Upsample", s) for s in UPSAMPLE),
    (vision, "PixelShuffle", {"upscale_factor": 2}),
    (vision, "PixelUnshuffle", {"downscale_factor": 1}),
    (vision, "Unfold", {"kernel_size": (2, 3), "dilation": (2, 1), "padding": 1, "stride": 2}),
]  # fmt: skip


@pytest.mark.parametrize(("module", "name", "settings"), CASES)
def test_outputs_and_gradients_are_the_same(module: Any, name: str, settings: Any) -> None:
    ours, theirs = getattr(module, name)(**settings), getattr(torch.nn, name)(**settings)
    assert repr(ours) == repr(theirs)
    data = FLAT[:, :, 0] if name.endswith("1d") else FLAT
    x, x_there = tg.Tensor(data, requires_grad=True), torch.tensor(data, requires_grad=True)
    y, y_there = ours(x), theirs(x_there)
    np.testing.assert_allclose(y.numpy(), y_there.detach().numpy(), **CLOSE)
    dy = np.random.default_rng(1).normal(size=y.shape)
    y.backward(dy)
    y_there.backward(torch.tensor(dy))
    np.testing.assert_allclose(x.grad.numpy(), x_there.grad.numpy(), **CLOSE)


@pytest.mark.parametrize("settings", MAX)
@pytest.mark.parametrize("nan", [False, True])
def test_the_same_element_is_chosen(settings: Any, nan: bool) -> None:
    data = FLAT.copy()
    if nan:
        data[np.random.default_rng(2).random(data.shape) < 0.2] = np.nan
    _, indices = pooling.MaxPool2d(return_indices=True, **settings)(data)
    _, there = torch.nn.MaxPool2d(return_indices=True, **settings)(torch.tensor(data))
    np.testing.assert_array_equal(indices, there.numpy())


@pytest.mark.parametrize("size", [(3, 4), (9, 10), (7, 4)])
def test_adaptive_pooling_chooses_the_same_element(size: Any) -> None:
    y, indices = pooling.AdaptiveMaxPool2d(size, return_indices=True)(FLAT)
    there = torch.nn.AdaptiveMaxPool2d(size, return_indices=True)(torch.tensor(FLAT))
    np.testing.assert_array_equal(y, there[0].numpy())
    np.testing.assert_array_equal(indices, there[1].numpy())


@pytest.mark.parametrize(
    ("axes", "settings"),
    [(1, {"size": 5, "mode": "linear"}), (1, {"scale_factor": 3.0}),
     (3, {"size": (3, 9, 5), "mode": "trilinear", "align_corners": True}),
     (3, {"scale_factor": 2.0, "mode": "nearest-exact"})],
)  # fmt: skip
def test_sequences_and_volumes_are_resized_alike(axes: int, settings: Any) -> None:
    data = FLAT[:, :, 0] if axes == 1 else FLAT[:, :, None].repeat(2, axis=2)
    there = torch.nn.Upsample(**settings)(torch.tensor(data))
    np.testing.assert_allclose(vision.Upsample(**settings)(data), there.numpy(), **CLOSE)


def test_folding_is_the_same() -> None:
    settings = {"kernel_size": (2, 3), "dilation": (2, 1), "padding": 1, "stride": (1, 2)}
    columns = vision.Unfold(**settings)(FLAT)
    ours, theirs = vision.Fold((7, 8), **settings), torch.nn.Fold((7, 8), **settings)
    np.testing.assert_allclose(ours(columns), theirs(torch.tensor(columns)).numpy(), **CLOSE)
    np.testing.assert_allclose(ours(columns[0]), theirs(torch.tensor(columns[0])).numpy(), **CLOSE)
    assert repr(ours) == repr(theirs)
