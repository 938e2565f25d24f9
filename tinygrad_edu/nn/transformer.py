"""The transformer's encoder: attention and a small network for each position, again and again.

Read next: ``transformer_decoder.py``.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from tinygrad_edu.nn.attention import MultiheadAttention
from tinygrad_edu.nn.convert import factory_dtype
from tinygrad_edu.nn.dropout import Dropout
from tinygrad_edu.nn.functional.checks import positive_integer
from tinygrad_edu.nn.functional.gates import gelu
from tinygrad_edu.nn.functional.rectifiers import relu
from tinygrad_edu.nn.layer_norm import LayerNorm
from tinygrad_edu.nn.linear import Linear
from tinygrad_edu.nn.lists import ModuleList
from tinygrad_edu.nn.module import Module

ACTIVATIONS: dict[str, Callable[[Any], Any]] = {"relu": relu, "gelu": gelu}


class TransformerEncoderLayer(Module):
    """Self-attention, then a network of two layers, each with a way around it and a normalization.

    ``x = norm1(x + attention(x)); y = norm2(x + linear2(activation(linear1(x))))``; or, with
    ``norm_first``, ``x = x + attention(norm1(x)); y = x + linear2(activation(linear1(norm2(x))))``.

    Shapes: ``src`` and the result (N, L, d_model) with ``batch_first``, else (L, N, d_model); or
    (L, d_model).

    Parameters
    ----------
    d_model, nhead : the width, and the number of heads.
    dim_feedforward : the width between the two layers of the network.
    dropout : the probability of all dropouts.
    activation : ``"relu"``, ``"gelu"``, or any function.
    layer_norm_eps : as for `LayerNorm`.
    batch_first : whether the first axis is the batch, and not the sequence.
    norm_first : whether to normalize before attention and network, and not after.
    bias : whether linear layers and normalizations have one.
    device : ``None`` or ``"cpu"``, of which there is no other.
    dtype : of the parameters; else the default dtype.

    Raises
    ------
    TypeError, ValueError
        If a size is no positive integer, the width cannot be divided into that many heads, or the
        activation is not known; when called, if the shapes do not fit.

    References
    ----------
    Vaswani et al., Attention is all you need (2017), arXiv:1706.03762; for ``norm_first``, Xiong et
    al., On layer normalization in the transformer architecture (2020), arXiv:2002.04745.

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_edu.nn.transformer import TransformerEncoderLayer
    >>> block = TransformerEncoderLayer(8, 2, dim_feedforward=16, batch_first=True)
    >>> block(np.ones((3, 5, 8))).shape
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
        self.self_attn = MultiheadAttention(
            d_model, nhead, dropout, bias, batch_first=batch_first, dtype=dtype
        )
        self.linear1 = Linear(d_model, dim_feedforward, bias, dtype=dtype)
        self.dropout = Dropout(dropout)
        self.linear2 = Linear(dim_feedforward, d_model, bias, dtype=dtype)
        self.norm_first = norm_first
        self.norm1 = LayerNorm(d_model, layer_norm_eps, bias=bias, dtype=dtype)
        self.norm2 = LayerNorm(d_model, layer_norm_eps, bias=bias, dtype=dtype)
        self.dropout1 = Dropout(dropout)
        self.dropout2 = Dropout(dropout)
        self.activation = read_activation("TransformerEncoderLayer", activation)

    def forward(
        self,
        src: Any,
        src_mask: Any = None,
        src_key_padding_mask: Any = None,
        is_causal: bool = False,
    ) -> Any:
        """Compute the block; the masks are those of `MultiheadAttention`."""
        masks = (src_mask, src_key_padding_mask, is_causal)
        x = src
        if self.norm_first:
            x = x + self._attend(self.norm1(x), *masks)
            return x + self._feed_forward(self.norm2(x))
        x = self.norm1(x + self._attend(x, *masks))
        return self.norm2(x + self._feed_forward(x))

    def _attend(self, x: Any, mask: Any, padding: Any, is_causal: bool) -> Any:
        y, _ = self.self_attn(
            x, x, x, attn_mask=mask, key_padding_mask=padding, need_weights=False,
            is_causal=is_causal,
        )  # fmt: skip
        return self.dropout1(y)

    def _feed_forward(self, x: Any) -> Any:
        hidden = self.dropout(self.activation(self.linear1(x)))
        return self.dropout2(self.linear2(hidden))


class TransformerEncoder(Module):
    """Several encoder layers, one after the other.

    ``y = norm(layer_n(...layer_1(src)))``; shapes, errors and source: see
    `TransformerEncoderLayer`.

    Parameters
    ----------
    encoder_layer : what is copied, so that all begin with the same values.
    num_layers : how often.
    norm : a normalization for the end, if there shall be one.
    enable_nested_tensor, mask_check : accepted, and without effect; here padding is never left out.

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_edu.nn.transformer import TransformerEncoder, TransformerEncoderLayer
    >>> encoder = TransformerEncoder(TransformerEncoderLayer(8, 2, 16), num_layers=3)
    >>> encoder(np.ones((5, 1, 8))).shape
    (5, 1, 8)
    """

    def __init__(
        self,
        encoder_layer: Module,
        num_layers: int,
        norm: Module | None = None,
        enable_nested_tensor: bool = True,
        mask_check: bool = True,
    ) -> None:
        super().__init__()
        self.num_layers = positive_integer("TransformerEncoder", "num_layers", num_layers)
        self.layers = ModuleList(copy.deepcopy(encoder_layer) for _ in range(self.num_layers))
        self.norm = norm

    def forward(
        self,
        src: Any,
        mask: Any = None,
        src_key_padding_mask: Any = None,
        is_causal: bool | None = None,
    ) -> Any:
        """Compute all layers; the masks are those of `MultiheadAttention`."""
        x = src
        for layer in self.layers:
            x = layer(x, mask, src_key_padding_mask, bool(is_causal))
        return x if self.norm is None else self.norm(x)


def read_activation(where: str, given: str | Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return an activation that is given by name, or a function itself."""
    if callable(given):
        return given
    if given not in ACTIVATIONS:
        raise ValueError(
            f"{where}: activation is {' or '.join(ACTIVATIONS)}, or a function, not {given!r}"
        )
    return ACTIVATIONS[given]
