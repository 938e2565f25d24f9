"""Distances and angles between vectors, and the losses that pull vectors together or apart."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.dispatch import values_of
from tinygrad_edu.nn.functional.checks import (
    at_least,
    axis_of,
    check_reduction,
    check_same_shape,
    check_signs,
    reduced,
    shape_of,
)


def above(bound: float, x: Any) -> Any:
    """``x``, but at least the bound; at the bound itself, x has all the gradient."""
    return np.clip(x, bound, None)


def normalize(input: Any, p: float = 2.0, dim: int = 1, eps: float = 1e-12) -> Any:
    """Divide the vectors along an axis by their p-norms, but by ``eps`` at least.

    ``y = x / max(norm(x), eps)``. Shapes: any; the result alike. Source: the conventions are
    PyTorch's.

    Raises
    ------
    ValueError
        If there is no such axis.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn.functional.distance_loss import normalize
    >>> normalize(tg.Tensor([[3.0, 4.0], [0.0, 0.0]]))
    Tensor([[0.6, 0.8],
            [0. , 0. ]], shape=(2, 2), dtype=float64)
    """
    axis = axis_of("normalize", input, dim)
    return input / above(eps, np.linalg.vector_norm(input, ord=p, axis=axis, keepdims=True))


def cosine_similarity(x1: Any, x2: Any, dim: int = 1, eps: float = 1e-8) -> Any:
    """Cosine of the angle between vectors along an axis: ``sum(x1 x2) / (norm(x1) norm(x2))``.

    Shapes: ``x1`` and ``x2`` broadcast; the result lacks the axis. Norms below ``eps`` count as
    that.

    Source: the conventions are PyTorch's.

    Raises
    ------
    ValueError
        If there is no such axis.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn.functional.distance_loss import cosine_similarity
    >>> float(cosine_similarity(tg.Tensor([3.0, 4.0]), tg.Tensor([0.0, 2.0]), dim=0))
    0.8
    """
    shape = np.broadcast_shapes(shape_of(x1), shape_of(x2))
    x1, x2 = (x if shape_of(x) == shape else np.broadcast_to(x, shape) for x in (x1, x2))
    axis = axis_of("cosine_similarity", x1, dim)
    lengths = (np.linalg.vector_norm(x, axis=axis, keepdims=True) for x in (x1, x2))
    length1, length2 = (at_least(eps, length) for length in lengths)
    return ((x1 / length1) * (x2 / length2)).sum(axis=axis)


def pairwise_distance(
    x1: Any, x2: Any, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False
) -> Any:
    """p-norm of ``x1 - x2 + eps`` along the last axis.

    Shapes: ``x1`` and ``x2`` broadcast; the result lacks the last axis, or has 1 there.

    ``sum(abs(x1 - x2 + eps)**p)**(1 / p)``. Source: the conventions are PyTorch's.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn.functional.distance_loss import pairwise_distance
    >>> float(pairwise_distance(tg.Tensor([3.0, 4.0]), tg.Tensor([0.0, 0.0]), eps=0.0))
    5.0
    """
    return np.linalg.vector_norm(x1 - x2 + eps, ord=p, axis=-1, keepdims=keepdim)


def hinge_embedding_loss(
    input: Any, target: Any, margin: float = 1.0, reduction: str = "mean"
) -> Any:
    """Distance of what belongs together, ``max(0, margin - distance)`` of what does not.

    Shapes: ``input``, distances, and ``target``, 1 or -1, alike.

    Raises
    ------
    ValueError
        If the shapes differ, if they hold no element, if a target is neither 1 nor -1, or if the
        reduction is unknown.

    References
    ----------
    Hadsell, Chopra and LeCun, Dimensionality reduction by learning an invariant mapping, CVPR
    (2006); without the squares, as in PyTorch.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional
    >>> x, t = tg.Tensor([0.25, 0.25]), [1, -1]
    >>> functional.hinge_embedding_loss(x, t, reduction="none")
    Tensor([0.25, 0.75], shape=(2,), dtype=float64)
    """
    check_reduction(reduction)
    check_same_shape("hinge_embedding_loss", input, target)
    check_signs("hinge_embedding_loss", target)
    together = values_of(target) == 1
    return reduced(np.where(together, input, above(0, margin - input)), reduction)


def margin_ranking_loss(
    input1: Any, input2: Any, target: Any, margin: float = 0.0, reduction: str = "mean"
) -> Any:
    """``max(0, margin - target * (input1 - input2))``: target 1 wants the first to be larger.

    Shapes: all alike; an axis of the target that is 1 long holds for all. Errors as for
    `hinge_embedding_loss`.

    References
    ----------
    Herbrich, Graepel and Obermayer, Large margin rank boundaries for ordinal regression (2000).

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional
    >>> x1, x2 = tg.Tensor([3.0, 3.0]), tg.Tensor([1.0, 1.0])
    >>> functional.margin_ranking_loss(x1, x2, [1, -1], reduction="none")
    Tensor([0., 2.], shape=(2,), dtype=float64)
    """
    check_reduction(reduction)
    check_same_shape("margin_ranking_loss", input1, input2)
    shape, other = shape_of(input1), shape_of(target)
    if len(shape) != len(other) or any(m not in (1, n) for n, m in zip(shape, other)):
        check_same_shape("margin_ranking_loss", input1, target)
    check_signs("margin_ranking_loss", target)
    return reduced(above(0, margin - signs(target, input1) * (input1 - input2)), reduction)


def signs(target: Any, like: Any) -> Any:
    """Return targets of 1 and -1 as an array in the dtype of the numbers they go with."""
    return values_of(target, like.dtype)


def cosine_embedding_loss(
    input1: Any, input2: Any, target: Any, margin: float = 0.0, reduction: str = "mean"
) -> Any:
    """``1 - cos`` of vectors that belong together, ``max(0, cos - margin)`` of those that do not.

    Shapes: ``input1`` and ``input2`` (N, D) or (D,), ``target`` (N,) or (), 1 or -1. Errors as for
    `hinge_embedding_loss`.

    References
    ----------
    Hadsell, Chopra and LeCun, Dimensionality reduction by learning an invariant mapping, CVPR
    (2006), for the idea of two terms; the cosine is PyTorch's.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional
    >>> x1, x2 = tg.Tensor([[3.0, 4.0]]), tg.Tensor([[0.0, 2.0]])
    >>> round(float(functional.cosine_embedding_loss(x1, x2, [1])), 6)
    0.2
    """
    check_reduction(reduction)
    check_same_shape("cosine_embedding_loss", input1, input2)
    shape = shape_of(input1)
    if len(shape) not in (1, 2) or shape_of(target) != shape[:-1]:
        raise ValueError(
            f"cosine_embedding_loss: inputs of shape {shape} and a target of shape "
            f"{shape_of(target)}; they are (N, D) and (N,), or (D,) and ()"
        )
    check_signs("cosine_embedding_loss", target)
    squares = ((input1 * input1).sum(axis=-1) + 1e-12) * ((input2 * input2).sum(axis=-1) + 1e-12)
    cosine = (input1 * input2).sum(axis=-1) / np.sqrt(squares)
    together = values_of(target) == 1
    return reduced(np.where(together, 1 - cosine, above(0, cosine - margin)), reduction)


def triplet_margin_loss(
    anchor: Any,
    positive: Any,
    negative: Any,
    margin: float = 1.0,
    p: float = 2,
    eps: float = 1e-6,
    swap: bool = False,
    reduction: str = "mean",
) -> Any:
    """``max(0, margin + d(anchor, positive) - d(anchor, negative))``, d as `pairwise_distance`.

    Shapes: all (N, D) or (D,). With ``swap``, the negative's distance from the positive counts
    where it is the smaller one.

    Raises
    ------
    ValueError
        If the shapes differ, if they hold no element, or if margin or reduction make no sense.

    References
    ----------
    Balntas, Riba, Ponsa and Mikolajczyk, Learning local feature descriptors with triplets and
    shallow convolutional neural networks, BMVC (2016).

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional
    >>> a, p, n = tg.Tensor([[0.0]]), tg.Tensor([[3.0]]), tg.Tensor([[1.0]])
    >>> float(functional.triplet_margin_loss(a, p, n, eps=0.0))
    3.0
    """
    check_reduction(reduction)
    check_same_shape("triplet_margin_loss", anchor, positive)
    check_same_shape("triplet_margin_loss", anchor, negative)
    if not margin > 0:
        raise ValueError(f"triplet_margin_loss: the margin must be positive, not {margin}")
    near, far = (pairwise_distance(anchor, x, p, eps) for x in (positive, negative))
    if swap:
        far = np.minimum(far, pairwise_distance(positive, negative, p, eps))
    return reduced(above(0, margin + near - far), reduction)
