"""Losses with a margin: a choice has not only to be right, but clearly so."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.dispatch import plain
from tinygrad_edu.nn.functional.checks import (
    check_reduction,
    check_same_shape,
    check_signs,
    reduced,
    shape_of,
)
from tinygrad_edu.nn.functional.distance_loss import signs
from tinygrad_edu.nn.functional.embedding import checked_indices
from tinygrad_edu.nn.functional.labels import check_weight
from tinygrad_edu.ops.activation import relu
from tinygrad_edu.ops.shape import as_array
from tinygrad_edu.ops.special import log_sigmoid, softplus


def soft_margin_loss(input: Any, target: Any, reduction: str = "mean") -> Any:
    """``log(1 + exp(-target * input))``, with targets 1 and -1.

    Shapes: ``input`` and ``target`` alike.

    Source: logistic regression (Cox 1958), with labels 1 and -1.

    Raises
    ------
    ValueError
        If the shapes differ or are empty, a target is neither 1 nor -1, or the reduction is
        unknown.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn.functional.margin_loss import soft_margin_loss
    >>> soft_margin_loss(tg.Tensor([0.0, -1000.0]), [1, 1], reduction="none")
    Tensor([6.93147181e-01, 1.00000000e+03], shape=(2,), dtype=float64)
    """
    check_reduction(reduction)
    input = as_array(input)
    check_same_shape("soft_margin_loss", input, target)
    check_signs("soft_margin_loss", target)
    return reduced(softplus(-signs(target, input) * input), reduction)


def multi_margin_loss(
    input: Any,
    target: Any,
    p: int = 1,
    margin: float = 1.0,
    weight: Any = None,
    reduction: str = "mean",
) -> Any:
    """Mean over the classes of ``max(0, margin - input[y] + input[i])**p``, where ``i`` is not y.

    Shapes: ``input`` (N, C) and ``target`` (N,), numbers of the right classes y; or (C,) and ().

    Parameters
    ----------
    p : 1 or 2.
    margin : by how much the right class is to be ahead of every other.
    weight : of each class y, (C,).

    Raises
    ------
    TypeError, ValueError, IndexError
        If the shapes do not fit, a target is no class, or a setting is not known.

    References
    ----------
    Crammer and Singer, On the algorithmic implementation of multiclass kernel-based vector
    machines, JMLR 2 (2001).

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn.functional.margin_loss import multi_margin_loss
    >>> float(multi_margin_loss(tg.Tensor([[0.0, 0.5, 2.0, 1.5]]), [2]))
    0.125
    """
    check_reduction(reduction)
    if p not in (1, 2):
        raise ValueError(f"multi_margin_loss: p is 1 or 2, not {p!r}")
    x = as_array(input)
    if x.ndim not in (1, 2) or 0 in x.shape or shape_of(target) != x.shape[:-1]:
        raise ValueError(
            f"multi_margin_loss: input has shape {x.shape} and target {shape_of(target)}; they are "
            f"(batch, classes) and (batch,), or (classes,) and (), and not empty"
        )
    classes = x.shape[-1]
    labels = checked_indices("multi_margin_loss", target, classes)[..., None]
    ahead = relu(margin - np.take_along_axis(x, labels, axis=-1) + x)
    others = np.arange(classes) != labels
    losses = ((ahead if p == 1 else ahead * ahead) * others.astype(x.dtype)).mean(axis=-1)
    weights = check_weight("multi_margin_loss", weight, classes, x.dtype)
    return reduced(losses if weights is None else losses * weights[labels[..., 0]], reduction)


def multilabel_soft_margin_loss(
    input: Any, target: Any, weight: Any = None, reduction: str = "mean"
) -> Any:
    """Mean over the classes of the binary cross entropies of ``sigmoid(input)``.

    Shapes: ``input`` and ``target`` (N, C) or (C,), the target from 0 to 1.

    ``-mean(t * log(sigmoid(x)) + (1 - t) * log(sigmoid(-x)))``. Source: the conventions are
    PyTorch's.

    Parameters
    ----------
    weight : of each class, (C,).

    Raises
    ------
    ValueError
        If the shapes differ or are empty, or the reduction is unknown.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn.functional.margin_loss import multilabel_soft_margin_loss
    >>> x = tg.Tensor([[0.0, 1000.0, -1000.0]])
    >>> round(3 * float(multilabel_soft_margin_loss(x, [[1, 1, 0]])), 6)
    0.693147
    """
    check_reduction(reduction)
    x = as_array(input)
    check_same_shape("multilabel_soft_margin_loss", x, target)
    share = target if hasattr(target, "__record__") else np.asarray(plain(target), x.dtype)
    losses = -(share * log_sigmoid(x) + (1 - share) * log_sigmoid(-x))
    weights = check_weight("multilabel_soft_margin_loss", weight, x.shape[-1], x.dtype)
    losses = losses if weights is None else losses * weights
    return reduced(losses.mean(axis=-1), reduction)
