"""Distances between vectors, and losses that pull vectors together or apart, as modules.

Each is thin over a function in ``functional/distance_loss.py``,
which has the formula, the shapes and the errors.
"""

from __future__ import annotations

from typing import Any

from tinygrad_edu.nn.functional import distance_loss as functional
from tinygrad_edu.nn.functional.checks import read_reduction
from tinygrad_edu.nn.module import Module


class HingeEmbeddingLoss(Module):
    """Distance of what belongs together, ``max(0, margin - distance)`` of what does not.

    Shapes and source: see `functional.hinge_embedding_loss`.

    Parameters
    ----------
    margin : how far apart is far enough.
    reduction : ``"mean"``, ``"sum"``, or ``"none"`` for one loss of each element.

    Raises
    ------
    ValueError
        If the reduction is unknown; when called, as `functional.hinge_embedding_loss`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.HingeEmbeddingLoss(reduction="none")(tg.Tensor([0.25, 0.25]), [1, -1])
    Tensor([0.25, 0.75], shape=(2,), dtype=float64)
    """

    def __init__(
        self,
        margin: float = 1.0,
        reduction: str = "mean",
        *,
        size_average: Any = None,
        reduce: Any = None,
    ) -> None:
        super().__init__()
        self.margin = margin
        self.reduction = read_reduction(reduction, size_average, reduce)

    def forward(self, input: Any, target: Any) -> Any:
        """Apply `functional.hinge_embedding_loss`."""
        return functional.hinge_embedding_loss(
            input,
            target,
            margin=self.margin,
            reduction=self.reduction,
        )


class MarginRankingLoss(Module):
    """``max(0, margin - target * (input1 - input2))``: target 1 wants the first to be larger.

    Shapes and source: see `functional.margin_ranking_loss`.

    Parameters
    ----------
    margin : by how much it is to be larger.
    reduction : ``"mean"``, ``"sum"``, or ``"none"`` for one loss of each element.

    Raises
    ------
    ValueError
        If the reduction is unknown; when called, as `functional.margin_ranking_loss`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> x1, x2 = tg.Tensor([3.0, 3.0]), tg.Tensor([1.0, 1.0])
    >>> nn.MarginRankingLoss(reduction="none")(x1, x2, [1, -1])
    Tensor([0., 2.], shape=(2,), dtype=float64)
    """

    def __init__(
        self,
        margin: float = 0.0,
        reduction: str = "mean",
        *,
        size_average: Any = None,
        reduce: Any = None,
    ) -> None:
        super().__init__()
        self.margin = margin
        self.reduction = read_reduction(reduction, size_average, reduce)

    def forward(self, input1: Any, input2: Any, target: Any) -> Any:
        """Apply `functional.margin_ranking_loss`."""
        return functional.margin_ranking_loss(
            input1,
            input2,
            target,
            margin=self.margin,
            reduction=self.reduction,
        )


class CosineEmbeddingLoss(Module):
    """``1 - cos`` of vectors that belong together, ``max(0, cos - margin)`` of the others.

    Shapes and source: see `functional.cosine_embedding_loss`.

    Parameters
    ----------
    margin : the cosine below which vectors are far enough apart.
    reduction : ``"mean"``, ``"sum"``, or ``"none"`` for one loss of each sample.

    Raises
    ------
    ValueError
        If the reduction is unknown; when called, as `functional.cosine_embedding_loss`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> x1, x2 = tg.Tensor([[3.0, 4.0]]), tg.Tensor([[0.0, 2.0]])
    >>> round(float(nn.CosineEmbeddingLoss()(x1, x2, [1])), 6)
    0.2
    """

    def __init__(
        self,
        margin: float = 0.0,
        reduction: str = "mean",
        *,
        size_average: Any = None,
        reduce: Any = None,
    ) -> None:
        super().__init__()
        self.margin = margin
        self.reduction = read_reduction(reduction, size_average, reduce)

    def forward(self, input1: Any, input2: Any, target: Any) -> Any:
        """Apply `functional.cosine_embedding_loss`."""
        return functional.cosine_embedding_loss(
            input1,
            input2,
            target,
            margin=self.margin,
            reduction=self.reduction,
        )


class TripletMarginLoss(Module):
    """``max(0, margin + d(anchor, positive) - d(anchor, negative))``.

    Shapes and source: see `functional.triplet_margin_loss`.

    Parameters
    ----------
    margin : by how much the negative is to be farther than the positive.
    p, eps : of the distance, see `PairwiseDistance`.
    swap : whether the negative's distance from the positive counts where that is smaller.
    reduction : ``"mean"``, ``"sum"``, or ``"none"`` for one loss of each sample.

    Raises
    ------
    ValueError
        If the reduction is unknown; when called, as `functional.triplet_margin_loss`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> a, p, n = tg.Tensor([[0.0]]), tg.Tensor([[3.0]]), tg.Tensor([[1.0]])
    >>> float(nn.TripletMarginLoss(eps=0.0)(a, p, n))
    3.0
    """

    def __init__(
        self,
        margin: float = 1.0,
        p: float = 2.0,
        eps: float = 1e-6,
        swap: bool = False,
        reduction: str = "mean",
        *,
        size_average: Any = None,
        reduce: Any = None,
    ) -> None:
        super().__init__()
        self.margin = margin
        self.p = p
        self.eps = eps
        self.swap = swap
        self.reduction = read_reduction(reduction, size_average, reduce)

    def forward(self, anchor: Any, positive: Any, negative: Any) -> Any:
        """Apply `functional.triplet_margin_loss`."""
        return functional.triplet_margin_loss(
            anchor,
            positive,
            negative,
            margin=self.margin,
            p=self.p,
            eps=self.eps,
            swap=self.swap,
            reduction=self.reduction,
        )


class CosineSimilarity(Module):
    """Cosine of the angle between vectors along an axis.

    Formula, shapes and source: see `functional.cosine_similarity`.

    Parameters
    ----------
    dim : the axis that the vectors lie along.
    eps : what shorter vectors' lengths count as.

    Raises
    ------
    ValueError
        When called, as `functional.cosine_similarity`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> float(nn.CosineSimilarity(dim=0)(tg.Tensor([3.0, 4.0]), tg.Tensor([0.0, 2.0])))
    0.8
    """

    def __init__(self, dim: int = 1, eps: float = 1e-8) -> None:
        super().__init__()
        self.dim = dim
        self.eps = eps

    def forward(self, x1: Any, x2: Any) -> Any:
        """Apply `functional.cosine_similarity`."""
        return functional.cosine_similarity(
            x1,
            x2,
            dim=self.dim,
            eps=self.eps,
        )


class PairwiseDistance(Module):
    """p-norm of ``x1 - x2 + eps`` along the last axis.

    Formula, shapes and source: see `functional.pairwise_distance`.

    Parameters
    ----------
    p : 2 for Euclid's distance, 1 for the sum of absolute differences.
    eps : added to every difference.
    keepdim : whether the last axis stays, with size 1.

    Raises
    ------
    ValueError
        When called, as `functional.pairwise_distance`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> x1, x2 = tg.Tensor([3.0, 4.0]), tg.Tensor([0.0, 0.0])
    >>> float(nn.PairwiseDistance(eps=0.0)(x1, x2))
    5.0
    """

    def __init__(self, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False) -> None:
        super().__init__()
        self.p = p
        self.eps = eps
        self.keepdim = keepdim

    def forward(self, x1: Any, x2: Any) -> Any:
        """Apply `functional.pairwise_distance`."""
        return functional.pairwise_distance(
            x1,
            x2,
            p=self.p,
            eps=self.eps,
            keepdim=self.keepdim,
        )
