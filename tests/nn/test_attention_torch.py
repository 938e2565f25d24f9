"""Attention and the transformer's encoder give PyTorch's outputs and gradients, in all options."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu.nn.attention import MultiheadAttention
from tinygrad_edu.nn.functional.attention import scaled_dot_product_attention
from tinygrad_edu.nn.layer_norm import LayerNorm
from tinygrad_edu.nn.transformer import TransformerEncoder, TransformerEncoderLayer

torch = pytest.importorskip("torch", reason="holds this package against PyTorch")

TOLERANCE = {"rtol": 1e-10, "atol": 1e-11}
N, L, S, E, H = 2, 4, 3, 6, 2
CAUSAL = np.triu(np.ones((L, L), bool), 1)
PADDING = np.array([[False, False, True], [False, True, False]])
LATER = np.where(CAUSAL, -np.inf, 0.0)


def there(x: Any, grad: bool = False) -> Any:
    if isinstance(x, np.ndarray):
        return torch.tensor(x, requires_grad=grad)
    return x


def draw(*shape: int, seed: int = 0) -> Any:
    return np.random.default_rng([seed, *shape]).normal(size=shape)


def same(ours: Any, theirs: Any) -> None:
    assert (ours is None) == (theirs is None)
    if ours is not None:
        np.testing.assert_allclose(ours.numpy(), theirs.detach().numpy(), **TOLERANCE, strict=True)


def fill(module: Any) -> Any:
    generator = np.random.default_rng(1)
    with torch.no_grad():
        for tensor in module.state_dict().values():
            tensor.copy_(torch.tensor(generator.normal(size=tuple(tensor.shape)) * 0.5))
    return module


def compare(ours: Any, theirs: Any, arrays: list[Any], call: dict[str, Any]) -> None:
    """Call both on the same arrays (some of which may be the same array), forth and back."""
    mine = {id(a): tg.Tensor(a, requires_grad=True) for a in arrays}
    others = {id(a): there(a, grad=True) for a in arrays}
    y = ours(*(mine[id(a)] for a in arrays), **call)
    settings = {key: there(value) for key, value in call.items()}
    y_there = theirs(*(others[id(a)] for a in arrays), **settings)
    pairs = list(zip(y, y_there)) if isinstance(y, tuple) else [(y, y_there)]
    total: Any = 0.0
    total_there: Any = 0.0
    for a, b in pairs:
        same(a, b)
        if a is not None:
            weights = draw(*a.shape, seed=5)
            total = total + (a * weights).sum()
            total_there = total_there + (b * torch.tensor(weights)).sum()
    total.backward()
    total_there.backward()
    for key, x in mine.items():
        same(x.grad, others[key].grad)
    if hasattr(ours, "named_parameters"):
        expected = dict(theirs.named_parameters())
        assert [name for name, _ in ours.named_parameters()] == list(expected)
        for name, parameter in ours.named_parameters():
            same(parameter.grad, expected[name].grad)


@pytest.mark.parametrize(
    "call",
    [
        {},
        {"is_causal": True},
        {"attn_mask": np.tril(np.ones((L, S), bool))},
        {"attn_mask": draw(L, S)},
        {"attn_mask": draw(N, H, L, S), "scale": 0.3},
    ],
)
def test_scaled_dot_product_attention_is_the_same(call: dict[str, Any]) -> None:
    arrays = [draw(N, H, L, 3), draw(N, H, S, 3, seed=1), draw(N, H, S, 5, seed=2)]
    theirs = torch.nn.functional.scaled_dot_product_attention
    compare(scaled_dot_product_attention, theirs, arrays, call)


ATTENTION = [
    ({}, {}),
    ({"bias": False}, {}),
    ({"batch_first": True}, {}),
    ({"add_bias_kv": True}, {}),
    ({"add_zero_attn": True, "batch_first": True}, {}),
    ({"add_bias_kv": True, "add_zero_attn": True}, {"key_padding_mask": PADDING}),
    ({"kdim": 5, "vdim": 4}, {}),
    ({"kdim": 5, "vdim": 4, "bias": False, "add_bias_kv": True}, {"need_weights": False}),
    ({}, {"need_weights": False}),
    ({}, {"average_attn_weights": False}),
    ({}, {"key_padding_mask": PADDING}),
    ({}, {"key_padding_mask": np.where(PADDING, -1e3, 0.5)}),
    ({"batch_first": True}, {"attn_mask": CAUSAL[:, :S]}),
    ({}, {"attn_mask": draw(L, S)}),
    ({}, {"attn_mask": draw(N * H, L, S), "key_padding_mask": np.where(PADDING, -np.inf, 0.0)}),
    ({"num_heads": 1}, {"attn_mask": CAUSAL[:, :S], "need_weights": False}),
]


def names(option: Any) -> str:
    return "-".join(f"{k}={v if np.ndim(v) == 0 else np.shape(v)}" for k, v in option.items())


@pytest.mark.parametrize(("options", "call"), ATTENTION, ids=names)
@pytest.mark.parametrize("alone", [False, True])
def test_multihead_attention_is_the_same(
    options: dict[str, Any], call: dict[str, Any], alone: bool
) -> None:
    settings = {"embed_dim": E, "num_heads": H, **options}
    theirs = fill(torch.nn.MultiheadAttention(**settings).double())
    ours = MultiheadAttention(**settings)
    ours.load_state_dict(theirs.state_dict())
    sizes = [(L, E), (S, options.get("kdim", E)), (S, options.get("vdim", E))]
    if alone:
        arrays = [draw(*size, seed=i) for i, size in enumerate(sizes)]
        call = {key: _of_one(key, value) for key, value in call.items()}
    elif options.get("batch_first"):
        arrays = [draw(N, *size, seed=i) for i, size in enumerate(sizes)]
    else:
        arrays = [draw(size[0], N, size[1], seed=i) for i, size in enumerate(sizes)]
    compare(ours, theirs, arrays, call)


def _of_one(key: str, value: Any) -> Any:
    """Cut a mask down to a single sample."""
    if key == "key_padding_mask":
        return value[0]
    return value[:H] if np.ndim(value) == 3 else value


@pytest.mark.parametrize("need_weights", [True, False])
@pytest.mark.parametrize("bias", [True, False])
def test_self_attention_is_the_same(need_weights: bool, bias: bool) -> None:
    theirs = fill(torch.nn.MultiheadAttention(E, H, bias=bias).double())
    ours = MultiheadAttention(E, H, bias=bias)
    ours.load_state_dict(theirs.state_dict())
    x = draw(L, N, E)
    call = {"attn_mask": LATER, "need_weights": need_weights, "is_causal": not need_weights}
    compare(ours, theirs, [x, x, x], call)


BLOCKS = [
    {},
    {"norm_first": True},
    {"activation": "gelu", "batch_first": True},
    {"bias": False, "layer_norm_eps": 1e-2},
]


@pytest.mark.parametrize("options", BLOCKS, ids=names)
@pytest.mark.parametrize("train", [True, False])
@pytest.mark.parametrize("masked", [True, False])
def test_an_encoder_layer_is_the_same(options: dict[str, Any], train: bool, masked: bool) -> None:
    settings = {"d_model": E, "nhead": H, "dim_feedforward": 8, "dropout": 0.0, **options}
    theirs = fill(torch.nn.TransformerEncoderLayer(**settings).double()).train(train)
    ours = TransformerEncoderLayer(**settings).train(train)
    ours.load_state_dict(theirs.state_dict())
    call = {"src_mask": LATER, "src_key_padding_mask": LATER[1:3]} if masked else {}
    x = draw(N, L, E) if options.get("batch_first") else draw(L, N, E)
    compare(ours, theirs, [x], call)


@pytest.mark.parametrize("normed", [True, False])
def test_an_encoder_is_the_same(normed: bool) -> None:
    settings = {"d_model": E, "nhead": H, "dim_feedforward": 8, "dropout": 0.0}
    inner = torch.nn.TransformerEncoderLayer(**settings).double()
    last = torch.nn.LayerNorm(E).double() if normed else None
    theirs = fill(torch.nn.TransformerEncoder(inner, 2, last, enable_nested_tensor=False))
    ours = TransformerEncoder(
        TransformerEncoderLayer(**settings), 2, LayerNorm(E) if normed else None
    )
    ours.load_state_dict(theirs.state_dict())
    compare(ours, theirs, [draw(L, N, E)], {"mask": LATER})
    shown = repr(theirs).replace("NonDynamicallyQuantizableLinear", "Linear")
    assert repr(ours) == shown


@pytest.mark.parametrize("options", [{}, {"kdim": 30, "vdim": 70}, {"add_bias_kv": True}])
def test_the_initial_values_have_the_same_distribution(options: dict[str, Any]) -> None:
    torch.manual_seed(0)
    theirs = torch.nn.MultiheadAttention(100, 2, **options)
    ours = MultiheadAttention(100, 2, **options, generator=np.random.default_rng(0))
    ends = [0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0]
    for (name, a), (name_there, b) in zip(ours.named_parameters(), theirs.named_parameters()):
        assert name == name_there
        b = b.detach().numpy()
        expected, spread = np.quantile(b, ends), np.abs(b).max()
        atol = (0.4 if b.size < 1000 else 0.05) * spread + 1e-12
        np.testing.assert_allclose(np.quantile(a.numpy(), ends), expected, atol=atol)
