"""Losses as modules: how much a choice between classes, or between yes and no, is worth.

Each is thin over a function in ``functional/classification_loss.py``,
which has the formula, the shapes and the errors.
"""

from __future__ import annotations

from typing import Any

from tinygrad_edu.nn.functional import classification_loss as functional
from tinygrad_edu.nn.functional.checks import read_reduction
from tinygrad_edu.nn.module import Module
from tinygrad_edu.tensor import Tensor


def keep_weight(loss: Module, name: str, weight: Any) -> None:
    """Keep a weight as a buffer, which ``state_dict()`` holds; None reserves its name."""
    if weight is not None and not isinstance(weight, Tensor):
        weight = Tensor(weight)
    loss.register_buffer(name, weight)


class BCELoss(Module):
    """Binary cross entropy of probabilities: ``-(t log(p) + (1 - t) log(1 - p))``.

    The logarithms stop at -100. `BCEWithLogitsLoss` is more exact.

    Shapes and source: see `functional.binary_cross_entropy`.

    Parameters
    ----------
    weight : of every element, broadcast to the input.
    reduction : ``"mean"``, ``"sum"``, or ``"none"`` for one loss of each element.

    Raises
    ------
    ValueError
        If the reduction is unknown; when called, as `functional.binary_cross_entropy`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> float(nn.BCELoss()(tg.Tensor([0.0, 1.0]), tg.Tensor([1.0, 1.0])))
    50.0
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
        """Apply `functional.binary_cross_entropy`."""
        return functional.binary_cross_entropy(
            input,
            target,
            weight=self.weight,
            reduction=self.reduction,
        )


class BCEWithLogitsLoss(Module):
    """Binary cross entropy of ``sigmoid(input)``, exact for logits of any size.

    Formula, shapes and source: see `functional.binary_cross_entropy_with_logits`.

    Parameters
    ----------
    weight : of every element, broadcast to the input.
    pos_weight : how much more a target of 1 counts than one of 0.
    reduction : ``"mean"``, ``"sum"``, or ``"none"`` for one loss of each element.

    Raises
    ------
    ValueError
        If the reduction is unknown; when called, as
        `functional.binary_cross_entropy_with_logits`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> float(nn.BCEWithLogitsLoss()(tg.Tensor([1000.0, -1000.0]), tg.Tensor([0.0, 1.0])))
    1000.0
    """

    weight: Tensor | None
    pos_weight: Tensor | None

    def __init__(
        self,
        weight: Any = None,
        reduction: str = "mean",
        pos_weight: Any = None,
        *,
        size_average: Any = None,
        reduce: Any = None,
    ) -> None:
        super().__init__()
        keep_weight(self, "weight", weight)
        self.reduction = read_reduction(reduction, size_average, reduce)
        keep_weight(self, "pos_weight", pos_weight)

    def forward(self, input: Any, target: Any) -> Any:
        """Apply `functional.binary_cross_entropy_with_logits`."""
        return functional.binary_cross_entropy_with_logits(
            input,
            target,
            weight=self.weight,
            reduction=self.reduction,
            pos_weight=self.pos_weight,
        )


class CrossEntropyLoss(Module):
    """Negative logarithm of the probability that ``softmax(input)`` gives to the right class.

    Its gradient is what makes it the companion of softmax: ``softmax(input) - target``, as
    simple as that of the sum of squares after a linear layer.

    Shapes: input (C,), (N, C) or (N, C, d1, ...) with C classes; target of class numbers without
    the axis of C, or of probabilities in the shape of the input.

    Formula and source: see `functional.cross_entropy`.

    Parameters
    ----------
    weight : (C,), how much each class counts.
    ignore_index : a class number that marks what does not count.
    label_smoothing : the part of the target that is spread evenly over all classes.
    reduction : ``"mean"``, ``"sum"``, or ``"none"`` for one loss of each sample.

    Raises
    ------
    ValueError
        If the reduction is unknown; when called, as `functional.cross_entropy`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> float(nn.CrossEntropyLoss()(tg.Tensor([[1e4, 0.0], [0.0, 1e4]]), [0, 0]))
    5000.0
    """

    weight: Tensor | None

    def __init__(
        self,
        weight: Any = None,
        ignore_index: int = -100,
        reduction: str = "mean",
        label_smoothing: float = 0.0,
        *,
        size_average: Any = None,
        reduce: Any = None,
    ) -> None:
        super().__init__()
        keep_weight(self, "weight", weight)
        self.ignore_index = ignore_index
        self.reduction = read_reduction(reduction, size_average, reduce)
        self.label_smoothing = label_smoothing

    def forward(self, input: Any, target: Any) -> Any:
        """Apply `functional.cross_entropy`."""
        return functional.cross_entropy(
            input,
            target,
            weight=self.weight,
            ignore_index=self.ignore_index,
            reduction=self.reduction,
            label_smoothing=self.label_smoothing,
        )


class NLLLoss(Module):
    """Minus the input of the right class, which is a log probability.

    Shapes as for `CrossEntropyLoss`, with class numbers for a target.

    Formula and source: see `functional.nll_loss`.

    Parameters
    ----------
    weight : (C,), how much each class counts.
    ignore_index : a class number that marks what does not count.
    reduction : ``"mean"``, ``"sum"``, or ``"none"`` for one loss of each sample.

    Raises
    ------
    ValueError
        If the reduction is unknown; when called, as `functional.nll_loss`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> float(nn.NLLLoss()(tg.Tensor([[-1.0, -2.0], [-3.0, -4.0]]), [0, 1]))
    2.5
    """

    weight: Tensor | None

    def __init__(
        self,
        weight: Any = None,
        ignore_index: int = -100,
        reduction: str = "mean",
        *,
        size_average: Any = None,
        reduce: Any = None,
    ) -> None:
        super().__init__()
        keep_weight(self, "weight", weight)
        self.ignore_index = ignore_index
        self.reduction = read_reduction(reduction, size_average, reduce)

    def forward(self, input: Any, target: Any) -> Any:
        """Apply `functional.nll_loss`."""
        return functional.nll_loss(
            input,
            target,
            weight=self.weight,
            ignore_index=self.ignore_index,
            reduction=self.reduction,
        )


class KLDivLoss(Module):
    """Kullback-Leibler divergence: ``target * (log(target) - input)``.

    Shapes and source: see `functional.kl_div`.

    Parameters
    ----------
    reduction : ``"batchmean"``, the sum divided by the first size, is what mathematics means by it;
        ``"mean"``, ``"sum"`` and ``"none"`` as elsewhere.
    log_target : whether the target holds logarithms, as the input does.

    Raises
    ------
    ValueError
        If the reduction is unknown; when called, as `functional.kl_div`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> x, t = tg.Tensor([[-1.0, -1.0]]), tg.Tensor([[1.0, 0.0]])
    >>> float(nn.KLDivLoss(reduction="batchmean")(x, t))
    1.0
    """

    def __init__(
        self,
        reduction: str = "mean",
        log_target: bool = False,
        *,
        size_average: Any = None,
        reduce: Any = None,
    ) -> None:
        super().__init__()
        self.reduction = (
            reduction
            if reduction == "batchmean"
            else read_reduction(reduction, size_average, reduce)
        )
        self.log_target = log_target

    def forward(self, input: Any, target: Any) -> Any:
        """Apply `functional.kl_div`."""
        return functional.kl_div(
            input,
            target,
            reduction=self.reduction,
            log_target=self.log_target,
        )
