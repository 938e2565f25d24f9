"""Losses as modules: how far a predicted number is from the right one.

Each is thin over a function in ``functional/loss.py``,
which has the formula, the shapes and the errors.

Read next: ``classification_loss.py`` and ``distance_loss.py``.
"""

from __future__ import annotations

from typing import Any

from tinygrad_edu.nn.functional import loss as functional
from tinygrad_edu.nn.functional.checks import check_reduction, read_reduction
from tinygrad_edu.nn.module import Module


class MSELoss(Module):
    """Squared error: ``mean((input - target)**2)``.

    With ``reduction="sum"`` it is the sum of squares that many introductions to backpropagation
    use, ``Σ (y - output)²``. Its gradients are larger than the mean's by the number of elements,
    and so the fitting learning rate is smaller.

    Shapes and source: see `functional.mse_loss`.

    Parameters
    ----------
    reduction : ``"mean"``, ``"sum"``, or ``"none"`` for the squared error of every element.

    Raises
    ------
    ValueError
        If the reduction is unknown; when called, if the shapes of input and target differ, or they
        hold no element.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> output, y = tg.Tensor([[0.5], [1.0]]), tg.Tensor([[0.0], [1.0]])
    >>> float(nn.MSELoss()(output, y)), float(nn.MSELoss(reduction="sum")(output, y))
    (0.125, 0.25)
    """

    def __init__(
        self,
        reduction: str = "mean",
        *,
        size_average: Any = None,
        reduce: Any = None,
    ) -> None:
        super().__init__()
        self.reduction = read_reduction(reduction, size_average, reduce)

    def forward(self, input: Any, target: Any) -> Any:
        """Apply `functional.mse_loss`."""
        return functional.mse_loss(input, target, self.reduction)


class L1Loss(Module):
    """Absolute error: ``mean(abs(input - target))``.

    Shapes and source: see `functional.l1_loss`.

    Parameters
    ----------
    reduction : ``"mean"``, ``"sum"``, or ``"none"`` for one loss of each element.

    Raises
    ------
    ValueError
        If the reduction is unknown; when called, as `functional.l1_loss`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> x, t = tg.Tensor([[0.5], [1.0]]), tg.Tensor([[0.0], [1.0]])
    >>> float(nn.L1Loss()(x, t))
    0.25
    """

    def __init__(
        self,
        reduction: str = "mean",
        *,
        size_average: Any = None,
        reduce: Any = None,
    ) -> None:
        super().__init__()
        self.reduction = read_reduction(reduction, size_average, reduce)

    def forward(self, input: Any, target: Any) -> Any:
        """Apply `functional.l1_loss`."""
        return functional.l1_loss(
            input,
            target,
            reduction=self.reduction,
        )


class SmoothL1Loss(Module):
    """`HuberLoss` divided by its delta, here called beta.

    Formula, shapes and source: see `functional.smooth_l1_loss`.

    Parameters
    ----------
    beta : the error from which on the loss is straight; with 0 it is `L1Loss`.
    reduction : ``"mean"``, ``"sum"``, or ``"none"`` for one loss of each element.

    Raises
    ------
    ValueError
        If the reduction is unknown; when called, as `functional.smooth_l1_loss`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> float(nn.SmoothL1Loss(beta=2.0)(tg.Tensor([3.0]), tg.Tensor([0.0])))
    2.0
    """

    def __init__(
        self,
        reduction: str = "mean",
        beta: float = 1.0,
        *,
        size_average: Any = None,
        reduce: Any = None,
    ) -> None:
        super().__init__()
        self.reduction = read_reduction(reduction, size_average, reduce)
        self.beta = beta

    def forward(self, input: Any, target: Any) -> Any:
        """Apply `functional.smooth_l1_loss`."""
        return functional.smooth_l1_loss(
            input,
            target,
            reduction=self.reduction,
            beta=self.beta,
        )


class HuberLoss(Module):
    """Half the squared error where it is small, and straight where it is large.

    Formula, shapes and source: see `functional.huber_loss`.

    Parameters
    ----------
    delta : the error from which on the loss is straight.
    reduction : ``"mean"``, ``"sum"``, or ``"none"`` for one loss of each element.

    Raises
    ------
    ValueError
        If the reduction is unknown; when called, as `functional.huber_loss`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.HuberLoss(reduction="none")(tg.Tensor([0.5, 10.0]), tg.Tensor([0.0, 0.0]))
    Tensor([0.125, 9.5  ], shape=(2,), dtype=float64)
    """

    def __init__(self, reduction: str = "mean", delta: float = 1.0) -> None:
        super().__init__()
        self.reduction = check_reduction(reduction)
        self.delta = delta

    def forward(self, input: Any, target: Any) -> Any:
        """Apply `functional.huber_loss`."""
        return functional.huber_loss(
            input,
            target,
            reduction=self.reduction,
            delta=self.delta,
        )


class PoissonNLLLoss(Module):
    """Negative log likelihood of counts: ``exp(input) - target * input``.

    Shapes and source: see `functional.poisson_nll_loss`.

    Parameters
    ----------
    log_input : whether the input is the logarithm of the expected count.
    full : whether to add what does not depend on the input, by Stirling's formula.
    eps : keeps the logarithm finite, if there is one.
    reduction : ``"mean"``, ``"sum"``, or ``"none"`` for one loss of each element.

    Raises
    ------
    ValueError
        If the reduction is unknown; when called, as `functional.poisson_nll_loss`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> float(nn.PoissonNLLLoss()(tg.Tensor([0.0, 0.0]), tg.Tensor([2.0, 3.0])))
    1.0
    """

    def __init__(
        self,
        log_input: bool = True,
        full: bool = False,
        eps: float = 1e-8,
        reduction: str = "mean",
        *,
        size_average: Any = None,
        reduce: Any = None,
    ) -> None:
        super().__init__()
        self.log_input = log_input
        self.full = full
        self.eps = eps
        self.reduction = read_reduction(reduction, size_average, reduce)

    def forward(self, log_input: Any, target: Any) -> Any:
        """Apply `functional.poisson_nll_loss`."""
        return functional.poisson_nll_loss(
            log_input,
            target,
            log_input=self.log_input,
            full=self.full,
            eps=self.eps,
            reduction=self.reduction,
        )


class GaussianNLLLoss(Module):
    """Negative log likelihood of a normal distribution: ``(log(var) + error**2 / var) / 2``.

    Shapes and source: see `functional.gaussian_nll_loss`.

    Parameters
    ----------
    full : whether to add ``log(2 pi) / 2``.
    eps : what smaller variances count as.
    reduction : ``"mean"``, ``"sum"``, or ``"none"`` for one loss of each element.

    Raises
    ------
    ValueError
        If the reduction is unknown; when called, as `functional.gaussian_nll_loss`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> x, t = tg.Tensor([1.0, 2.0]), tg.Tensor([1.0, 4.0])
    >>> float(nn.GaussianNLLLoss()(x, t, tg.Tensor([1.0, 1.0])))
    1.0
    """

    def __init__(self, *, full: bool = False, eps: float = 1e-6, reduction: str = "mean") -> None:
        super().__init__()
        self.full = full
        self.eps = eps
        self.reduction = check_reduction(reduction)

    def forward(self, input: Any, target: Any, var: Any) -> Any:
        """Apply `functional.gaussian_nll_loss`."""
        return functional.gaussian_nll_loss(
            input,
            target,
            var,
            full=self.full,
            eps=self.eps,
            reduction=self.reduction,
        )
