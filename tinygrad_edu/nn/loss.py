"""Losses: how far a prediction is from its target, as one number to make small."""

from __future__ import annotations

from typing import Any

from tinygrad_edu.nn import functional
from tinygrad_edu.nn.functional.checks import check_reduction
from tinygrad_edu.nn.module import Module


class MSELoss(Module):
    """Squared error: ``mean((input - target)**2)``.

    With ``reduction="sum"`` it is the sum of squares that many introductions to backpropagation
    use, ``Σ (y - output)²``. Its gradients are larger than the mean's by the number of elements,
    and so the fitting learning rate is smaller.

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

    def __init__(self, reduction: str = "mean") -> None:
        super().__init__()
        self.reduction = check_reduction(reduction)

    def forward(self, input: Any, target: Any) -> Any:
        """Apply `functional.mse_loss`."""
        return functional.mse_loss(input, target, self.reduction)
