"""Losses with a margin as modules, thin over the functions in ``functional/margin_loss.py``."""

from __future__ import annotations

from typing import Any

from tinygrad_edu.nn.classification_loss import keep_weight
from tinygrad_edu.nn.functional import margin_loss as functional
from tinygrad_edu.nn.functional.checks import read_reduction
from tinygrad_edu.nn.module import Module
from tinygrad_edu.tensor import Tensor


class SoftMarginLoss(Module):
    """``log(1 + exp(-target * input))``, with targets 1 and -1.

    Shapes and source: see `functional.soft_margin_loss`.

    Parameters
    ----------
    reduction : ``"mean"``, ``"sum"``, or ``"none"`` for one loss of each element.

    Raises
    ------
    ValueError
        If the reduction is unknown; when called, as `functional.soft_margin_loss`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn.margin_loss import SoftMarginLoss
    >>> round(float(SoftMarginLoss()(tg.Tensor([0.0]), tg.Tensor([1.0]))), 6)
    0.693147
    """

    def __init__(
        self, reduction: str = "mean", *, size_average: Any = None, reduce: Any = None
    ) -> None:
        super().__init__()
        self.reduction = read_reduction(reduction, size_average, reduce)

    def forward(self, input: Any, target: Any) -> Any:
        """Apply `functional.soft_margin_loss`."""
        return functional.soft_margin_loss(input, target, self.reduction)


class MultiMarginLoss(Module):
    """Mean over the classes of ``max(0, margin - input[y] + input[i])**p``, where ``i`` is not y.

    Shapes and source: see `functional.multi_margin_loss`.

    Parameters
    ----------
    p : 1 or 2.
    margin : by how much the right class is to be ahead of every other.
    weight : of each class.
    reduction : ``"mean"``, ``"sum"``, or ``"none"`` for one loss of each sample.

    Raises
    ------
    ValueError
        If p is neither 1 nor 2, or the reduction is unknown; when called, as
        `functional.multi_margin_loss`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn.margin_loss import MultiMarginLoss
    >>> float(MultiMarginLoss()(tg.Tensor([[0.0, 0.5, 2.0, 1.5]]), [2]))
    0.125
    """

    weight: Tensor | None

    def __init__(
        self,
        p: int = 1,
        margin: float = 1.0,
        weight: Any = None,
        reduction: str = "mean",
        *,
        size_average: Any = None,
        reduce: Any = None,
    ) -> None:
        super().__init__()
        if p not in (1, 2):
            raise ValueError(f"MultiMarginLoss: p is 1 or 2, not {p!r}")
        self.p = p
        self.margin = margin
        keep_weight(self, "weight", weight)
        self.reduction = read_reduction(reduction, size_average, reduce)

    def forward(self, input: Any, target: Any) -> Any:
        """Apply `functional.multi_margin_loss`."""
        settings = (self.p, self.margin, self.weight, self.reduction)
        return functional.multi_margin_loss(input, target, *settings)


class MultiLabelSoftMarginLoss(Module):
    """Mean over the classes of the binary cross entropies of ``sigmoid(input)``.

    Formula, shapes and source: see `functional.multilabel_soft_margin_loss`.

    Parameters
    ----------
    weight : of each class.
    reduction : ``"mean"``, ``"sum"``, or ``"none"`` for one loss of each sample.

    Raises
    ------
    ValueError
        If the reduction is unknown; when called, as `functional.multilabel_soft_margin_loss`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn.margin_loss import MultiLabelSoftMarginLoss
    >>> round(float(MultiLabelSoftMarginLoss()(tg.Tensor([[0.0, 0.0]]), [[1, 0]])), 6)
    0.693147
    """

    weight: Tensor | None

    def __init__(
        self,
        weight: Any = None,
        reduction: str = "mean",
        *,
        size_average: Any = None,
        reduce: Any = None,
    ) -> None:
        super().__init__()
        keep_weight(self, "weight", weight)
        self.reduction = read_reduction(reduction, size_average, reduce)

    def forward(self, input: Any, target: Any) -> Any:
        """Apply `functional.multilabel_soft_margin_loss`."""
        return functional.multilabel_soft_margin_loss(input, target, self.weight, self.reduction)
