"""Attention: what holds whatever the numbers, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu.nn.attention import MultiheadAttention
from tinygrad_edu.nn.functional.attention import scaled_dot_product_attention
from tinygrad_edu.nn.transformer import TransformerEncoder, TransformerEncoderLayer

X = np.random.default_rng(0).normal(size=(2, 4, 6))


def test_each_row_of_weights_adds_up_to_1() -> None:
    _, weights = MultiheadAttention(6, 2, batch_first=True)(X, X, X, average_attn_weights=False)
    assert weights.shape == (2, 2, 4, 4)
    np.testing.assert_allclose(weights.numpy().sum(axis=-1), 1, rtol=1e-14)


@pytest.mark.parametrize("scale", [1.0, 1e4])
def test_equal_keys_share_evenly_however_large_they_are(scale: float) -> None:
    key = np.ones((3, 2)) * scale
    y = scaled_dot_product_attention(key[:1], key, np.eye(3))
    np.testing.assert_allclose(y, np.full((1, 3), 1 / 3), rtol=1e-14)


def test_under_a_causal_mask_no_position_depends_on_a_later_one() -> None:
    x = tg.Tensor(X, requires_grad=True)
    block = TransformerEncoderLayer(6, 2, 8, dropout=0.0, batch_first=True)
    (block(x, is_causal=True)[0, 1] * X[0, 0]).sum().backward()
    touched = np.abs(x.grad.numpy()).sum(axis=-1) > 0
    assert touched.tolist() == [[True, True, False, False], [False] * 4]


def test_ignored_keys_have_weight_0_and_get_no_gradient() -> None:
    key = tg.Tensor(X, requires_grad=True)
    padding = np.array([[False, False, True, True], [False, True, False, False]])
    attention = MultiheadAttention(6, 2, batch_first=True)
    y, weights = attention(X, key, key, key_padding_mask=padding)
    assert np.array_equal(weights.numpy() == 0, np.repeat(padding[:, None], 4, axis=1))
    y.sum().backward()
    assert np.array_equal(np.abs(key.grad.numpy()).sum(axis=-1) == 0, padding)


def test_a_query_without_keys_gets_zeros_and_no_gradient() -> None:
    q = tg.Tensor(X, requires_grad=True)
    mask = np.ones((4, 4), bool)
    mask[1] = False
    y = scaled_dot_product_attention(q, q.detach(), X, attn_mask=mask)
    y.sum().backward()
    assert not y.numpy()[:, 1].any()
    assert not q.grad.numpy()[:, 1].any()
    assert np.isfinite(q.grad.numpy()).all()


def test_a_mask_may_learn() -> None:
    bias = tg.Tensor(np.zeros((4, 4)), requires_grad=True)
    attention = MultiheadAttention(6, 2, batch_first=True)
    (attention(X, X, X, attn_mask=bias)[0] * X).sum().backward()
    assert np.abs(bias.grad.numpy()).max() > 0


def test_masks_may_be_tensors_and_lists() -> None:
    mask = np.triu(np.ones((4, 4), bool), 1)
    attention = MultiheadAttention(6, 2, batch_first=True)
    expected = attention(X, X, X, attn_mask=mask)[0].numpy()
    for other in (tg.Tensor(mask), mask.tolist(), np.where(mask, -np.inf, 0.0)):
        assert np.array_equal(attention(X, X, X, attn_mask=other)[0].numpy(), expected)
    assert np.array_equal(attention(X, X, X, is_causal=True)[0].numpy(), expected)


def test_packed_and_separate_projections_are_the_same() -> None:
    attention = MultiheadAttention(6, 2, batch_first=True)
    together, _ = attention(X, X, X)
    apart, _ = attention(X, X.copy(), X.copy())
    np.testing.assert_allclose(together.numpy(), apart.numpy(), rtol=1e-12)


def test_dropout_silences_weights_in_training_only() -> None:
    attention = MultiheadAttention(
        6, 2, dropout=0.5, batch_first=True, generator=np.random.default_rng(0)
    )
    _, weights = attention(X, X, X, average_attn_weights=False)
    assert (weights.numpy() == 0).any()
    _, weights = attention.eval()(X, X, X, average_attn_weights=False)
    assert not (weights.numpy() == 0).any()
    y = scaled_dot_product_attention(X, X, X, dropout_p=1.0)
    assert not y.any()


@pytest.mark.parametrize("norm_first", [True, False])
def test_second_derivatives_of_a_block_are_those_that_numbers_give(norm_first: bool) -> None:
    block = TransformerEncoderLayer(
        4, 2, 3, dropout=0.0, activation="gelu", norm_first=norm_first, batch_first=True
    )
    assert tg.check_grad(block, X[:, :2, :4])


def test_the_layers_of_an_encoder_begin_alike_and_share_nothing() -> None:
    encoder = TransformerEncoder(TransformerEncoderLayer(6, 2, 8), 2)
    first, second = (dict(layer.named_parameters()) for layer in encoder.layers)
    assert all(np.array_equal(first[name].numpy(), p.numpy()) for name, p in second.items())
    assert not any(np.shares_memory(first[name].data, p.data) for name, p in second.items())


def test_single_precision_stays_single() -> None:
    block = TransformerEncoderLayer(6, 2, 8, batch_first=True, dtype="float32")
    x = tg.Tensor(X.astype("float32"), requires_grad=True)
    y = block(x, src_mask=np.triu(np.full((4, 4), -np.inf), 1))
    y.sum().backward()
    assert y.dtype == x.grad.dtype == np.float32
    assert all(p.grad.dtype == np.float32 for p in block.parameters())


@pytest.mark.parametrize(
    ("shapes", "words"),
    [
        ([(2, 4, 5), (2, 4, 6), (2, 4, 6)], "(2, 4, 5)"),
        ([(2, 4, 6), (2, 3, 6), (2, 4, 6)], "equally long"),
        ([(2, 4, 6), (3, 4, 6), (3, 4, 6)], "(batch, sequence, width)"),
        ([(2, 4, 6), (4, 6), (4, 6)], "(sequence, width)"),
        ([(6,), (6,), (6,)], "(6,)"),
    ],
)
def test_inputs_of_the_wrong_shapes_are_refused(shapes: Any, words: str) -> None:
    with pytest.raises(ValueError, match="MultiheadAttention") as raised:
        MultiheadAttention(6, 2, batch_first=True)(*map(np.ones, shapes))
    assert words in str(raised.value)


@pytest.mark.parametrize(
    ("masks", "error", "words"),
    [
        ({"attn_mask": np.ones((3, 4), bool)}, ValueError, r"\(3, 4\).*\(4, 4\) or \(4, 4, 4\)"),
        ({"key_padding_mask": np.ones((2, 3), bool)}, ValueError, r"\(2, 3\).*\(2, 4\)"),
        ({"attn_mask": np.ones((4, 4), int)}, TypeError, "booleans or floats, not int"),
    ],
)
def test_masks_of_the_wrong_shape_or_kind_are_refused(masks: Any, error: Any, words: str) -> None:
    with pytest.raises(error, match=words):
        MultiheadAttention(6, 2, batch_first=True)(X, X, X, **masks)


def test_settings_are_checked() -> None:
    with pytest.raises(ValueError, match="embed_dim=6 cannot be divided into num_heads=4"):
        MultiheadAttention(6, 4)
    with pytest.raises(ValueError, match="activation is relu or gelu"):
        TransformerEncoderLayer(6, 2, activation="tanhh")
    with pytest.raises(ValueError, match="is_causal is a mask of its own"):
        scaled_dot_product_attention(X, X, X, attn_mask=np.ones((4, 4), bool), is_causal=True)
    with pytest.raises(ValueError, match=r"\(2, 4, 6\), \(2, 4, 5\)"):
        scaled_dot_product_attention(X, X[..., :5], X)


def test_an_activation_may_be_any_function_and_a_module_is_listed() -> None:
    assert TransformerEncoderLayer(6, 2, 8, activation=np.tanh)(X).shape == X.shape
    module = tg.nn.Tanh()
    block = TransformerEncoderLayer(6, 2, 8, activation=module)
    assert block.get_submodule("activation") is module
