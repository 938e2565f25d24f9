"""Attention: weighted means of values, with weights from how well queries and keys agree.

It is composed of products, a softmax and a product, as in the paper. An op of its own would not be
faster: PyTorch's fused kernel spares memory, and here the arrays are in the cache anyway.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.nn.functional.dropout import dropout
from tinygrad_edu.ops.linalg import matmul
from tinygrad_edu.ops.shape import as_array
from tinygrad_edu.ops.special import softmax
from tinygrad_edu.tensor import Tensor

Generator = np.random.Generator


def scaled_dot_product_attention(
    query: Any,
    key: Any,
    value: Any,
    attn_mask: Any = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    *,
    generator: Generator | None = None,
) -> Any:
    """``softmax(query @ key.mT * scale + mask) @ value``, for each of a stack of matrices.

    Shapes: ``query`` (..., L, E), ``key`` (..., S, E), ``value`` (..., S, V); the result
    (..., L, V).

    Parameters
    ----------
    attn_mask : booleans that broadcast to (..., L, S), ``True`` where a key takes part; or floats,
        to be added to the scores.
    dropout_p : the probability that a weight is set to 0. Pass 0 when not in training.
    is_causal : let position i look at positions up to i only.
    scale : by default ``1 / sqrt(E)``.
    generator : where the dropout's draws come from.

    Raises
    ------
    ValueError
        If both a mask and ``is_causal`` are given, or the shapes do not fit. A query to which no
        key is left gets zeros.

    References
    ----------
    Vaswani et al., Attention is all you need (2017), arXiv:1706.03762, section 3.2.1.

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_edu.nn.functional.attention import scaled_dot_product_attention
    >>> x = np.array([[1.0, 0.0], [0.0, 1.0]])
    >>> scaled_dot_product_attention(x, x, x, is_causal=True).round(3)
    array([[1.  , 0.  ],
           [0.33, 0.67]])
    """
    query, key, value = as_array(query), as_array(key), as_array(value)
    _check_shapes(query, key, value)
    if is_causal:
        if attn_mask is not None:
            raise ValueError("attention: is_causal is a mask of its own; leave out attn_mask")
        attn_mask = causal_mask(query.shape[-2], key.shape[-2])
    weights = attention_weights(query, key, additive(attn_mask, query.dtype), scale)
    return matmul(dropout(weights, dropout_p, generator=generator), value)


def attention_weights(query: Any, key: Any, mask: Any = None, scale: float | None = None) -> Any:
    """``softmax(query @ key.mT * scale + mask)``: what share each key has in each query's mean."""
    if scale is None:
        scale = max(query.shape[-1], 1) ** -0.5
    scores = matmul(query * scale, key.mT)
    return softmax(scores if mask is None else scores + mask, axis=-1)


def causal_mask(queries: int, keys: int) -> Any:
    """Return booleans that let position i look at positions up to i only."""
    return np.tri(queries, keys, dtype=bool)


def additive(mask: Any, dtype: Any, takes_part: bool = True) -> Any:
    """Make a mask of booleans one to be added: 0 where a key takes part, else minus infinity.

    Parameters
    ----------
    takes_part : what ``True`` means; PyTorch's functions and modules disagree.
    """
    if mask is None:
        return None
    mask = as_array(mask)
    if mask.dtype == bool:
        array = mask._array if isinstance(mask, Tensor) else mask
        return np.where(array == takes_part, 0, -np.inf).astype(dtype)
    if mask.dtype.kind != "f":
        raise TypeError(f"attention: a mask is made of booleans or floats, not {mask.dtype}")
    return mask if mask.dtype == dtype else mask.astype(dtype)


def combined_mask(scores: tuple[int, ...], attn_mask: Any, padding: Any, dtype: Any) -> Any:
    """Combine the masks of the modules, where ``True`` means ignored, into one to be added.

    Parameters
    ----------
    scores : the shape of what the mask is for, (N, heads, L, S).
    attn_mask : (L, S) or (N * heads, L, S), or None.
    padding : (N, S), or (S,) for a single sample, or None.
    """
    samples, heads, length, keys = scores
    attention = additive(attn_mask, dtype, takes_part=False)
    if attention is not None and attention.shape == (samples * heads, length, keys):
        attention = attention.reshape(scores)
    elif attention is not None and attention.shape != (length, keys):
        raise ValueError(
            f"attention: attn_mask has shape {attention.shape}; for {length} queries and {keys} "
            f"keys it is {(length, keys)} or {(samples * heads, length, keys)}"
        )
    padding = additive(padding, dtype, takes_part=False)
    if padding is None:
        return attention
    if padding.shape != (samples, keys) and (samples, *padding.shape) != (1, keys):
        raise ValueError(
            f"attention: key_padding_mask has shape {padding.shape}; for {samples} samples and "
            f"{keys} keys it is {(samples, keys)}"
        )
    padding = padding.reshape((samples, 1, 1, keys))
    return padding if attention is None else attention + padding


def _check_shapes(query: Any, key: Any, value: Any) -> None:
    shapes = [x.shape for x in (query, key, value)]
    if (
        min(map(len, shapes)) < 2
        or shapes[0][-1] != shapes[1][-1]
        or shapes[1][-2] != shapes[2][-2]
    ):
        raise ValueError(
            f"attention: query, key and value have shapes {shapes[0]}, {shapes[1]} and "
            f"{shapes[2]}; the last axes of query and key must be equal, and the second-to-last of "
            f"key and value"
        )
