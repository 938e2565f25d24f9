"""The transformer's decoder, which also looks at what an encoder made of another sequence; both."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np

from tinygrad_edu.dtypes import get_default_dtype
from tinygrad_edu.nn.attention import MultiheadAttention
from tinygrad_edu.nn.convert import check_device, factory_dtype
from tinygrad_edu.nn.dropout import Dropout
from tinygrad_edu.nn.functional.attention import causal_mask
from tinygrad_edu.nn.functional.checks import positive_integer
from tinygrad_edu.nn.functional.rectifiers import relu
from tinygrad_edu.nn.init import xavier_uniform_
from tinygrad_edu.nn.layer_norm import LayerNorm
from tinygrad_edu.nn.linear import Linear
from tinygrad_edu.nn.lists import ModuleList
from tinygrad_edu.nn.module import Module
from tinygrad_edu.nn.transformer import (
    TransformerEncoder,
    TransformerEncoderLayer,
    read_activation,
)
from tinygrad_edu.tensor import Tensor


class TransformerDecoderLayer(Module):
    """Self-attention, attention to a memory, then a network of two layers.

    Each has a way around it and a normalization: ``x = norm1(x + attention(x)); x = norm2(x +
    attention(x, memory)); y = norm3(x + linear2(activation(linear1(x))))``; with ``norm_first``,
    what is normalized is what goes into each.

    Shapes: ``tgt`` and the result (N, T, d_model) with ``batch_first``, else (T, N, d_model), or
    (T, d_model); ``memory`` the same with S in place of T.

    Parameters
    ----------
    d_model, nhead, dim_feedforward, dropout, activation, layer_norm_eps, batch_first, norm_first,
    bias, device, dtype : as for `TransformerEncoderLayer`.

    Raises
    ------
    TypeError, ValueError
        As `TransformerEncoderLayer`.

    References
    ----------
    Vaswani et al., Attention is all you need (2017), arXiv:1706.03762.

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_edu.nn.transformer_decoder import TransformerDecoderLayer
    >>> block = TransformerDecoderLayer(8, 2, dim_feedforward=16, batch_first=True)
    >>> block(np.ones((3, 5, 8)), np.ones((3, 7, 8))).shape
    (3, 5, 8)
    """

    def __init__(
        self,
        d_model: int,
        nhead: int,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: str | Callable[[Any], Any] = relu,
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        dtype = factory_dtype(device, dtype)
        attention: dict[str, Any] = {"bias": bias, "batch_first": batch_first, "dtype": dtype}
        self.self_attn = MultiheadAttention(d_model, nhead, dropout, **attention)
        self.multihead_attn = MultiheadAttention(d_model, nhead, dropout, **attention)
        self.linear1 = Linear(d_model, dim_feedforward, bias, dtype=dtype)
        self.dropout = Dropout(dropout)
        self.linear2 = Linear(dim_feedforward, d_model, bias, dtype=dtype)
        self.norm_first = norm_first
        self.norm1 = LayerNorm(d_model, layer_norm_eps, bias=bias, dtype=dtype)
        self.norm2 = LayerNorm(d_model, layer_norm_eps, bias=bias, dtype=dtype)
        self.norm3 = LayerNorm(d_model, layer_norm_eps, bias=bias, dtype=dtype)
        self.dropout1 = Dropout(dropout)
        self.dropout2 = Dropout(dropout)
        self.dropout3 = Dropout(dropout)
        self.activation = read_activation("TransformerDecoderLayer", activation)

    def forward(
        self,
        tgt: Any,
        memory: Any,
        tgt_mask: Any = None,
        memory_mask: Any = None,
        tgt_key_padding_mask: Any = None,
        memory_key_padding_mask: Any = None,
        tgt_is_causal: bool = False,
        memory_is_causal: bool = False,
    ) -> Any:
        """Compute the block; the masks are those of `MultiheadAttention`."""
        own = (tgt_mask, tgt_key_padding_mask, tgt_is_causal)
        other = (memory_mask, memory_key_padding_mask, memory_is_causal)

        def attend(x: Any) -> Any:
            return self.dropout1(_attention(self.self_attn, x, x, *own))

        def look(x: Any) -> Any:
            return self.dropout2(_attention(self.multihead_attn, x, memory, *other))

        x = tgt
        if self.norm_first:
            x = x + attend(self.norm1(x))
            x = x + look(self.norm2(x))
            return x + self._feed_forward(self.norm3(x))
        x = self.norm1(x + attend(x))
        x = self.norm2(x + look(x))
        return self.norm3(x + self._feed_forward(x))

    def _feed_forward(self, x: Any) -> Any:
        hidden = self.dropout(self.activation(self.linear1(x)))
        return self.dropout3(self.linear2(hidden))


def _attention(
    attention: MultiheadAttention, x: Any, memory: Any, mask: Any, padding: Any, is_causal: bool
) -> Any:
    """Let ``x`` look at ``memory``."""
    y, _ = attention(
        x, memory, memory, key_padding_mask=padding, need_weights=False, attn_mask=mask,
        is_causal=is_causal,
    )  # fmt: skip
    return y


class TransformerDecoder(Module):
    """Several decoder layers, one after the other, which all look at the same memory.

    ``y = norm(layer_n(...layer_1(tgt, memory), memory))``; shapes, errors and source: see
    `TransformerDecoderLayer`.

    Parameters
    ----------
    decoder_layer : what is copied, so that all begin with the same values.
    num_layers : how often.
    norm : a normalization for the end, if there shall be one.

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_edu.nn.transformer_decoder import TransformerDecoder, TransformerDecoderLayer
    >>> decoder = TransformerDecoder(TransformerDecoderLayer(8, 2, 16), num_layers=3)
    >>> decoder(np.ones((5, 1, 8)), np.ones((7, 1, 8))).shape
    (5, 1, 8)
    """

    def __init__(self, decoder_layer: Module, num_layers: int, norm: Module | None = None) -> None:
        super().__init__()
        self.num_layers = positive_integer("TransformerDecoder", "num_layers", num_layers)
        self.layers = ModuleList(copy.deepcopy(decoder_layer) for _ in range(self.num_layers))
        self.norm = norm

    def forward(
        self,
        tgt: Any,
        memory: Any,
        tgt_mask: Any = None,
        memory_mask: Any = None,
        tgt_key_padding_mask: Any = None,
        memory_key_padding_mask: Any = None,
        tgt_is_causal: bool | None = None,
        memory_is_causal: bool = False,
    ) -> Any:
        """Compute all layers; the masks are those of `MultiheadAttention`."""
        masks = (tgt_mask, memory_mask, tgt_key_padding_mask, memory_key_padding_mask)
        x = tgt
        for layer in self.layers:
            x = layer(x, memory, *masks, bool(tgt_is_causal), memory_is_causal)
        return x if self.norm is None else self.norm(x)


class Transformer(Module):
    """An encoder of one sequence, and a decoder that writes another one while looking at it.

    Shapes: ``src`` (N, S, d_model), ``tgt`` and the result (N, T, d_model) with ``batch_first``;
    else the first two axes change places; and N may be missing. All parameters of two axes or more
    are drawn by `init.xavier_uniform_`, as PyTorch does it.

    Parameters
    ----------
    num_encoder_layers, num_decoder_layers : how many of each.
    custom_encoder, custom_decoder : modules to take their places.
    d_model, nhead, dim_feedforward, dropout, activation, layer_norm_eps, batch_first, norm_first,
    bias, device, dtype : as for `TransformerEncoderLayer`.

    Raises
    ------
    TypeError, ValueError
        As `TransformerEncoderLayer`.

    References
    ----------
    Vaswani et al., Attention is all you need (2017), arXiv:1706.03762.

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_edu.nn.transformer_decoder import Transformer
    >>> model = Transformer(8, 2, 1, 1, dim_feedforward=16, batch_first=True)
    >>> mask = model.generate_square_subsequent_mask(5)
    >>> model(np.ones((3, 7, 8)), np.ones((3, 5, 8)), tgt_mask=mask).shape
    (3, 5, 8)
    """

    def __init__(
        self,
        d_model: int = 512,
        nhead: int = 8,
        num_encoder_layers: int = 6,
        num_decoder_layers: int = 6,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: str | Callable[[Any], Any] = relu,
        custom_encoder: Any = None,
        custom_decoder: Any = None,
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        dtype = factory_dtype(device, dtype)
        settings = (d_model, nhead, dim_feedforward, dropout, activation, layer_norm_eps,
                    batch_first, norm_first, bias, device, dtype)  # fmt: skip

        def norm() -> LayerNorm:
            return LayerNorm(d_model, layer_norm_eps, bias=bias, dtype=dtype)

        if custom_encoder is None:
            encoder_layer = TransformerEncoderLayer(*settings)
            custom_encoder = TransformerEncoder(encoder_layer, num_encoder_layers, norm())
        self.encoder = custom_encoder
        if custom_decoder is None:
            decoder_layer = TransformerDecoderLayer(*settings)
            custom_decoder = TransformerDecoder(decoder_layer, num_decoder_layers, norm())
        self.decoder = custom_decoder
        self._reset_parameters()
        self.d_model, self.nhead, self.batch_first = d_model, nhead, batch_first

    def _reset_parameters(self) -> None:
        """Draw the weights anew, so that no two layers begin with the same."""
        for parameter in self.parameters():
            if parameter.ndim > 1:
                xavier_uniform_(parameter)

    def forward(
        self,
        src: Any,
        tgt: Any,
        src_mask: Any = None,
        tgt_mask: Any = None,
        memory_mask: Any = None,
        src_key_padding_mask: Any = None,
        tgt_key_padding_mask: Any = None,
        memory_key_padding_mask: Any = None,
        src_is_causal: bool | None = None,
        tgt_is_causal: bool | None = None,
        memory_is_causal: bool = False,
    ) -> Any:
        """Encode ``src``, and decode ``tgt``; the masks are those of `MultiheadAttention`."""
        memory = self.encoder(src, src_mask, src_key_padding_mask, src_is_causal)
        masks = (tgt_mask, memory_mask, tgt_key_padding_mask, memory_key_padding_mask)
        return self.decoder(tgt, memory, *masks, tgt_is_causal, memory_is_causal)

    @staticmethod
    def generate_square_subsequent_mask(sz: int, device: Any = None, dtype: Any = None) -> Tensor:
        """Make the mask that lets each position look at those up to itself only.

        It is to be added: 0 where one may look, minus infinity elsewhere.

        Examples
        --------
        >>> from tinygrad_edu.nn.transformer_decoder import Transformer
        >>> Transformer.generate_square_subsequent_mask(2).tolist()
        [[0.0, -inf], [0.0, 0.0]]
        """
        check_device(device)
        dtype = get_default_dtype() if dtype is None else dtype
        return Tensor(np.where(causal_mask(sz, sz), 0.0, -np.inf), dtype=dtype)
