"""Padding, pooling of volumes, bags of vectors and decoders give what PyTorch gives."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu.nn import dropout, norm, padding, pooling3d, vision
from tinygrad_edu.nn.embedding_bag import EmbeddingBag
from tinygrad_edu.nn.functional.embedding_bag import embedding_bag
from tinygrad_edu.nn.transformer_decoder import (
    Transformer,
    TransformerDecoder,
    TransformerDecoderLayer,
)

torch = pytest.importorskip("torch", reason="holds this package against PyTorch")

CLOSE = {"rtol": 1e-10, "atol": 1e-12}
DRAW = np.random.default_rng(0)
SHAPES = {1: (2, 3, 5), 2: (2, 3, 4, 5), 3: (2, 3, 4, 5, 6)}
KINDS = ["ZeroPad", "ReflectionPad", "ReplicationPad", "CircularPad"]
VOLUMES = SHAPES[3]

CASES: list[tuple[Any, str, tuple[Any, ...], dict[str, Any], tuple[int, ...]]] = [
    *((padding, f"{kind}{n}d", (widths,), {}, SHAPES[n]) for kind, n in product(KINDS, (1, 2, 3))
      for widths in (1, tuple(range(2 * n))[:2 * n] if n < 3 else (1, 2, 0, 1, 1, 0))),
    *((padding, f"ConstantPad{n}d", (2, -1.5), {}, SHAPES[n]) for n in (1, 2, 3)),
    (padding, "ConstantPad2d", ((1, -1, 0, 2), 3.0), {}, SHAPES[2]),
    (padding, "ZeroPad2d", (1,), {}, (4, 5)),
    (padding, "ReflectionPad2d", (1,), {}, (3, 4, 5)),
    (pooling3d, "MaxPool3d", (2,), {}, VOLUMES),
    (pooling3d, "MaxPool3d", ((2, 3, 2), 1, (1, 1, 0)), {"ceil_mode": True}, VOLUMES),
    (pooling3d, "MaxPool3d", (2,), {"dilation": 2, "stride": 2}, VOLUMES[1:]),
    (pooling3d, "AvgPool3d", (2,), {}, VOLUMES),
    (pooling3d, "AvgPool3d", ((4, 5, 6),), {}, VOLUMES),
    (pooling3d, "AvgPool3d", ((4, 5, 3),), {}, VOLUMES),
    (pooling3d, "AvgPool3d", (3, 2, 1, True, False), {}, VOLUMES[1:]),
    (pooling3d, "AvgPool3d", (2,), {"divisor_override": 3}, VOLUMES),
    *((pooling3d, f"Adaptive{kind}Pool3d", (size,), {}, VOLUMES) for kind in ("Avg", "Max")
      for size in (1, 2, (3, None, 2), (4, 5, 6))),
    (norm, "InstanceNorm3d", (3,), {}, VOLUMES),
    (norm, "InstanceNorm3d", (3,), {"affine": True, "track_running_stats": True}, VOLUMES[1:]),
    (vision, "UpsamplingNearest2d", (), {"scale_factor": 2}, SHAPES[2]),
    (vision, "UpsamplingNearest2d", ((3, 7),), {}, SHAPES[2]),
    (vision, "UpsamplingBilinear2d", (), {"scale_factor": 2}, SHAPES[2]),
    (vision, "UpsamplingBilinear2d", ((3, 7),), {}, SHAPES[2]),
]  # fmt: skip


def leaf(array: Any) -> tuple[Any, Any]:
    return tg.Tensor(array, requires_grad=True), torch.tensor(array, requires_grad=True)


def same_gradients(y: Any, there: Any, *pairs: tuple[Any, Any]) -> None:
    """Hold outputs against each other, and the gradients of what they were made of."""
    np.testing.assert_allclose(y.numpy(), there.detach().numpy(), **CLOSE, strict=True)
    weights = np.random.default_rng(9).normal(size=y.shape)
    (y * y * weights).sum().backward()
    (there * there * torch.tensor(weights)).sum().backward()
    for ours, theirs in pairs:
        expected = np.zeros(ours.shape) if theirs.grad is None else theirs.grad.numpy()
        np.testing.assert_allclose(ours.grad.numpy(), expected, **CLOSE)


@pytest.mark.parametrize(("module", "name", "arguments", "settings", "shape"), CASES)
def test_values_gradients_and_printed_form_are_those_of_torch(
    module: Any, name: str, arguments: Any, settings: Any, shape: Any
) -> None:
    ours = getattr(module, name)(*arguments, **settings)
    theirs = getattr(torch.nn, name)(*arguments, **settings).double()
    assert repr(ours) == repr(theirs)
    x, x_there = leaf(DRAW.normal(size=shape))
    same_gradients(ours(x), theirs(x_there), (x, x_there))


def test_indices_in_volumes_are_those_of_torch() -> None:
    x = np.maximum(DRAW.normal(size=VOLUMES), 0.5)
    for name, argument in (("MaxPool3d", 2), ("AdaptiveMaxPool3d", 3)):
        _, indices = getattr(pooling3d, name)(argument, return_indices=True)(x)
        _, there = getattr(torch.nn, name)(argument, return_indices=True)(torch.tensor(x))
        np.testing.assert_array_equal(indices, there.numpy())


# ------------------------------------------------------------------------------ bags of vectors
FLAT, OFFSETS = np.array([4, 1, 1, 0, 2, 2, 2, 3, 1]), np.array([0, 3, 3, 7])
GRID = np.array([[4, 1, 1], [0, 2, 1], [3, 3, 3]])


@pytest.mark.parametrize("padding_idx", [None, 1, -1])
@pytest.mark.parametrize("mode", ["sum", "mean", "max"])
@pytest.mark.parametrize("grid", [False, True])
def test_bags_give_what_torch_gives(mode: str, grid: bool, padding_idx: int | None) -> None:
    ours = EmbeddingBag(5, 3, mode=mode, padding_idx=padding_idx)
    theirs = torch.nn.EmbeddingBag(5, 3, mode=mode, padding_idx=padding_idx).double()
    ours.load_state_dict(theirs.state_dict())
    given = (GRID,) if grid else (FLAT, OFFSETS)
    y, there = ours(*given), theirs(*map(torch.tensor, given))
    same_gradients(y, there, (ours.weight, theirs.weight))
    assert repr(ours) == repr(theirs).replace("mode=sum", "mode='sum'")


@pytest.mark.parametrize("mode", ["sum", "mean"])
def test_gradients_of_bags_are_divided_by_how_often_a_row_was_picked(mode: str) -> None:

    def gradient(**settings: Any) -> Any:
        weight, _ = leaf(np.ones((5, 3)))
        ends = np.append(OFFSETS, FLAT.size)
        y = embedding_bag(FLAT, weight, ends, mode=mode, include_last_offset=True, **settings)
        (y * np.arange(1, 5)[:, None]).sum().backward()
        assert weight.grad is not None
        return weight.grad.numpy()

    picked = np.bincount(FLAT)[:, None]
    np.testing.assert_allclose(gradient(scale_grad_by_freq=True) * picked, gradient())


@pytest.mark.parametrize("padding_idx", [None, 2])
def test_weighted_bags_give_what_torch_gives(padding_idx: int | None) -> None:
    weight, weights = leaf(DRAW.normal(size=(5, 3))), leaf(DRAW.normal(size=FLAT.shape))
    settings: dict[str, Any] = {"mode": "sum", "padding_idx": padding_idx}
    y = embedding_bag(FLAT, weight[0], OFFSETS, per_sample_weights=weights[0], **settings)
    there = torch.nn.functional.embedding_bag(
        torch.tensor(FLAT), weight[1], torch.tensor(OFFSETS), per_sample_weights=weights[1],
        **settings,
    )  # fmt: skip
    same_gradients(y, there, weight, weights)


# ---------------------------------------------------------------------------------- transformer
SETTINGS = [
    {"batch_first": True},
    {"batch_first": True, "norm_first": True, "activation": "gelu"},
    {"bias": False, "layer_norm_eps": 1e-3},
]


def alike(ours: Any, theirs: Any) -> tuple[Any, Any]:
    """Give both the same parameters, in double precision."""
    theirs = theirs.double().eval()
    assert list(ours.state_dict()) == list(theirs.state_dict())
    ours.load_state_dict(theirs.state_dict())
    return ours.eval(), theirs


@pytest.mark.parametrize("settings", SETTINGS)
def test_decoder_layers_give_what_torch_gives(settings: dict[str, Any]) -> None:
    ours, theirs = alike(
        TransformerDecoderLayer(8, 2, 16, **settings),
        torch.nn.TransformerDecoderLayer(8, 2, 16, **settings),
    )
    shapes = ((3, 5, 8), (3, 7, 8)) if "batch_first" in settings else ((5, 3, 8), (7, 3, 8))
    (x, x_there), (m, m_there) = (leaf(DRAW.normal(size=shape)) for shape in shapes)
    hidden = np.zeros((3, 7), bool)
    hidden[1, 4:] = True
    mask = np.triu(np.ones((5, 5), bool), 1)
    y = ours(x, m, tgt_mask=mask, memory_key_padding_mask=hidden)
    there = theirs(
        x_there, m_there, tgt_mask=torch.tensor(mask), memory_key_padding_mask=torch.tensor(hidden)
    )
    pairs = zip(ours.parameters(), theirs.parameters())
    same_gradients(y, there, (x, x_there), (m, m_there), *pairs)


@pytest.mark.filterwarnings("ignore:enable_nested_tensor")
@pytest.mark.parametrize("settings", SETTINGS)
def test_transformers_give_what_torch_gives(settings: dict[str, Any]) -> None:
    arguments = (8, 2, 2, 2, 16, 0.0)
    ours, theirs = alike(
        Transformer(*arguments, **settings), torch.nn.Transformer(*arguments, **settings)
    )
    shapes = ((3, 7, 8), (3, 5, 8)) if "batch_first" in settings else ((7, 3, 8), (5, 3, 8))
    (x, x_there), (t, t_there) = (leaf(DRAW.normal(size=shape)) for shape in shapes)
    mask = ours.generate_square_subsequent_mask(5)
    mask_there = theirs.generate_square_subsequent_mask(5, dtype=torch.float64)
    np.testing.assert_array_equal(mask.numpy(), mask_there.numpy())
    y = ours(x, t, tgt_mask=mask, tgt_is_causal=True)
    there = theirs(x_there, t_there, tgt_mask=mask_there, tgt_is_causal=True)
    same_gradients(y, there, (x, x_there), (t, t_there))


def test_a_decoder_is_its_layers_one_after_the_other() -> None:
    decoder = TransformerDecoder(TransformerDecoderLayer(8, 2, 16, 0.0), 2, norm.BatchNorm1d(8))
    x, memory = np.ones((5, 3, 8)), DRAW.normal(size=(7, 3, 8))
    decoder.norm = None
    expected = decoder.layers[1](decoder.layers[0](x, memory), memory)
    np.testing.assert_array_equal(decoder(x, memory).numpy(), expected.numpy())


# --------------------------------------------------------------------------------- alpha dropout
@pytest.mark.parametrize("p", [0.0, 0.3, 1.0])
def test_alpha_dropout_has_the_two_values_that_torch_has(p: float) -> None:
    torch.manual_seed(0)
    x = np.full(1000, 0.5)
    ours = np.unique(dropout.AlphaDropout(p)(x))
    theirs = torch.nn.AlphaDropout(p)(torch.tensor(x)).unique().numpy()
    np.testing.assert_allclose(ours, theirs, atol=1e-12)
    layer = dropout.AlphaDropout(p).eval()
    np.testing.assert_array_equal(layer(x), x)
