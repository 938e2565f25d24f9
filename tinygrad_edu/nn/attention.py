"""Multi-head attention: several attentions side by side, each in a learnt projection of its own."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.nn.convert import factory_dtype
from tinygrad_edu.nn.functional.attention import attention_weights, causal_mask, combined_mask
from tinygrad_edu.nn.functional.checks import positive_integer
from tinygrad_edu.nn.functional.dropout import check_probability, dropout
from tinygrad_edu.nn.init import xavier_normal_, xavier_uniform_, zeros_
from tinygrad_edu.nn.linear import Linear
from tinygrad_edu.nn.module import Module
from tinygrad_edu.nn.parameter import Parameter
from tinygrad_edu.ops.linalg import matmul
from tinygrad_edu.ops.linear import linear
from tinygrad_edu.ops.shape import as_array
from tinygrad_edu.ops.unstack import unstack
from tinygrad_edu.random import default_generator

Generator = np.random.Generator


class MultiheadAttention(Module):
    """Attention with several heads: ``concatenate(heads) @ out_proj.weight.mT + out_proj.bias``.

    Head h is ``softmax(q @ k.mT / sqrt(d)) @ v``, where q, k and v are the h-th part, d wide, of
    learnt projections of query, key and value.

    Shapes, with ``batch_first``: ``query`` (N, L, embed_dim), ``key`` (N, S, kdim), ``value``
    (N, S, vdim); without, the first two axes change places; and N may be missing. The output has
    the query's shape, the weights (N, L, S), or (N, num_heads, L, S) if not averaged.

    Parameters
    ----------
    embed_dim, num_heads : the width, and into how many heads it is divided.
    dropout : the probability that, in training, a weight is set to 0.
    bias : whether the projections have one.
    add_bias_kv : append a learnt key and value.
    add_zero_attn : append a key and value of zeros.
    kdim, vdim : the widths of key and value, if they are not ``embed_dim``.
    batch_first : whether the first axis is the batch, and not the sequence.
    device : ``None`` or ``"cpu"``, of which there is no other.
    dtype : of the parameters; else the default dtype.
    generator : numpy.random.Generator, optional
        Where parameters and dropout are drawn from; else the package's own, see `manual_seed`.

    Raises
    ------
    TypeError, ValueError
        If a size is no positive integer, or the width cannot be divided into that many heads; when
        called, if the shapes do not fit.

    Notes
    -----
    A query to which no key is left gets zeros; in PyTorch, NaN.

    References
    ----------
    Vaswani et al., Attention is all you need (2017), arXiv:1706.03762.

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_edu.nn.attention import MultiheadAttention
    >>> attention = MultiheadAttention(8, 2, batch_first=True)
    >>> x = np.ones((3, 5, 8))
    >>> output, weights = attention(x, x, x)
    >>> output.shape, weights.shape
    ((3, 5, 8), (3, 5, 5))
    """

    in_proj_weight: Parameter | None
    in_proj_bias: Parameter | None
    q_proj_weight: Parameter | None
    k_proj_weight: Parameter | None
    v_proj_weight: Parameter | None
    bias_k: Parameter | None
    bias_v: Parameter | None

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        dropout: float = 0.0,
        bias: bool = True,
        add_bias_kv: bool = False,
        add_zero_attn: bool = False,
        kdim: int | None = None,
        vdim: int | None = None,
        batch_first: bool = False,
        device: Any = None,
        dtype: Any = None,
        *,
        generator: Generator | None = None,
    ) -> None:
        super().__init__()
        name = "MultiheadAttention"
        self.embed_dim = positive_integer(name, "embed_dim", embed_dim)
        self.num_heads = positive_integer(name, "num_heads", num_heads)
        self.kdim = self.embed_dim if kdim is None else positive_integer(name, "kdim", kdim)
        self.vdim = self.embed_dim if vdim is None else positive_integer(name, "vdim", vdim)
        self.head_dim = self.embed_dim // self.num_heads
        if self.head_dim * self.num_heads != self.embed_dim:
            raise ValueError(
                f"{name}: embed_dim={embed_dim} cannot be divided into num_heads={num_heads}"
            )
        self.dropout = check_probability(name, dropout)
        self.batch_first = batch_first
        self.add_zero_attn = add_zero_attn
        self.generator = None if generator is None else default_generator(generator)
        self._make_parameters(bias, add_bias_kv, factory_dtype(device, dtype))
        self._reset_parameters()

    def _make_parameters(self, bias: bool, add_bias_kv: bool, dtype: Any) -> None:
        """Make the parameters, in PyTorch's order."""
        e = self.embed_dim
        together = self.kdim == e == self.vdim
        widths = {"q_proj_weight": e, "k_proj_weight": self.kdim, "v_proj_weight": self.vdim}
        for name, width in widths.items():
            weight = None if together else Parameter(np.empty((e, width), dtype))
            self.register_parameter(name, weight)
        packed = Parameter(np.empty((3 * e, e), dtype)) if together else None
        self.register_parameter("in_proj_weight", packed)
        zeros = np.zeros(3 * e, dtype)
        self.register_parameter("in_proj_bias", Parameter(zeros) if bias else None)
        self.out_proj = Linear(e, e, bias=bias, dtype=dtype, generator=self.generator)
        for name in ("bias_k", "bias_v"):
            row = Parameter(np.empty((1, 1, e), dtype)) if add_bias_kv else None
            self.register_parameter(name, row)

    def _reset_parameters(self) -> None:
        """Draw the parameters anew, but for ``out_proj.weight``, as PyTorch does it."""
        matrices = self.q_proj_weight, self.k_proj_weight, self.v_proj_weight, self.in_proj_weight
        for weight in matrices:
            if weight is not None:
                xavier_uniform_(weight, 1.0, self.generator)
        for bias in (self.in_proj_bias, self.out_proj.bias):
            if bias is not None:
                zeros_(bias)
        for row in (self.bias_k, self.bias_v):
            if row is not None:
                xavier_normal_(row, 1.0, self.generator)

    def forward(
        self,
        query: Any,
        key: Any,
        value: Any,
        key_padding_mask: Any = None,
        need_weights: bool = True,
        attn_mask: Any = None,
        average_attn_weights: bool = True,
        is_causal: bool = False,
    ) -> tuple[Any, Any]:
        """Compute the output and, if they are wanted, the weights.

        Parameters
        ----------
        key_padding_mask : (N, S), booleans, ``True`` where a key is to be ignored; or floats, to be
            added to the scores.
        need_weights : whether to return the weights; else ``None`` is returned for them.
        attn_mask : (L, S) or (N * num_heads, L, S), with the same meaning.
        average_attn_weights : return the mean over the heads, not each head's weights.
        is_causal : without an ``attn_mask``, let position i look at positions up to i only; with
            one, it is taken to be that mask.
        """
        same = query is key is value
        query, key, value = map(as_array, (query, key, value))
        self._check_inputs(query, key, value)
        alone = query.ndim == 2
        inputs = tuple(map(self._batched, (query,) if same else (query, key, value)))
        packed = same and self.in_proj_weight is not None
        q, k, v = self._packed(*inputs) if packed else self._apart(*(inputs * 3)[:3])
        if is_causal and attn_mask is None:
            attn_mask = ~causal_mask(q.shape[2], k.shape[2])
        mask = combined_mask((*q.shape[:3], k.shape[2]), attn_mask, key_padding_mask, q.dtype)
        k, v, mask = self._with_more_keys(k, v, mask)
        weights = attention_weights(q, k, mask)
        if self.training:
            weights = dropout(weights, self.dropout, generator=self.generator)
        output = matmul(weights, v).transpose((0, 2, 1, 3)).reshape(inputs[0].shape)
        output = self.out_proj(output)
        if alone or not self.batch_first:
            output = output[0] if alone else output.swapaxes(0, 1)
        if not need_weights:
            return output, None
        shown = weights.mean(axis=1) if average_attn_weights else weights
        return output, shown[0] if alone else shown

    def _batched(self, x: Any) -> Any:
        """Put the axes in the order (batch, sequence, width)."""
        if x.ndim == 2:
            return x[None]
        return x if self.batch_first else x.swapaxes(0, 1)

    def _packed(self, x: Any) -> tuple[Any, ...]:
        """Project one input three times, with one product: (N, num_heads, L, head_dim) each."""
        y = linear(x, self.in_proj_weight, self.in_proj_bias)
        y = y.reshape((*x.shape[:2], 3, self.num_heads, self.head_dim))
        return tuple(part.transpose((0, 2, 1, 3)) for part in unstack(y, axis=2))

    def _apart(self, *inputs: Any) -> tuple[Any, ...]:
        """Project three inputs, and divide them into heads, as `_packed` does."""
        e, packed, bias = self.embed_dim, self.in_proj_weight, self.in_proj_bias
        weights: Any = (self.q_proj_weight, self.k_proj_weight, self.v_proj_weight)
        if packed is not None:
            weights = unstack(packed.reshape((3, e, e)), axis=0)
        biases = (None,) * 3 if bias is None else unstack(bias.reshape((3, e)), axis=0)
        heads = []
        for x, weight, b in zip(inputs, weights, biases):
            y = linear(x, weight, b)
            y = y.reshape((*x.shape[:2], self.num_heads, self.head_dim))
            heads.append(y.transpose((0, 2, 1, 3)))
        return tuple(heads)

    def _with_more_keys(self, k: Any, v: Any, mask: Any) -> tuple[Any, Any, Any]:
        """Append the learnt key and value, and those of zeros, if there shall be any."""
        shape = (1, self.num_heads, 1, self.head_dim)
        new, keys = (k.shape[0], self.num_heads, 1, self.head_dim), k.shape[2]
        if self.bias_k is not None and self.bias_v is not None:
            more = [np.broadcast_to(b.reshape(shape), new) for b in (self.bias_k, self.bias_v)]
            k, v = (np.concatenate([x, b], axis=2) for x, b in zip((k, v), more))
        if self.add_zero_attn:
            k, v = (np.concatenate([x, np.zeros(new, x.dtype)], axis=2) for x in (k, v))
        if mask is not None and k.shape[2] > keys:  # nothing hides the new ones
            seen = np.zeros((*mask.shape[:-1], k.shape[2] - keys), mask.dtype)
            mask = np.concatenate([mask, seen], axis=-1)
        return k, v, mask

    def _check_inputs(self, query: Any, key: Any, value: Any) -> None:
        """Refuse inputs whose shapes do not fit."""
        shapes = query.shape, key.shape, value.shape
        widths = self.embed_dim, self.kdim, self.vdim
        batch = 0 if self.batch_first else 1
        fits = len({len(shape) for shape in shapes}) == 1 and len(shapes[0]) in (2, 3)
        if fits:
            fits = all(shape[-1] == width for shape, width in zip(shapes, widths))
            fits = fits and shapes[1][:-1] == shapes[2][:-1]
            fits = fits and (len(shapes[0]) == 2 or shapes[0][batch] == shapes[1][batch])
        if not fits:
            order = "(batch, sequence, width)" if self.batch_first else "(sequence, batch, width)"
            raise ValueError(
                f"MultiheadAttention got query, key and value of shapes {shapes[0]}, {shapes[1]} "
                f"and {shapes[2]}; each is {order} or (sequence, width), the widths are "
                f"{', '.join(map(str, widths))}, and key and value are equally long"
            )
