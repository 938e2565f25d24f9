"""Losses as functions: how far a prediction is from its target."""

from __future__ import annotations

from typing import Any

from tinygrad_edu.nn.functional.checks import check_reduction, check_same_shape, reduced


def mse_loss(input: Any, target: Any, reduction: str = "mean") -> Any:
    """Squared error: ``mean((input - target)**2)``, or with ``sum``, or of every element.

    Shapes: ``input`` and ``target`` alike; the result (), or with ``reduction="none"`` theirs.

    Raises
    ------
    ValueError
        If the shapes differ, if they hold no element, or if the reduction is unknown.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional
    >>> float(functional.mse_loss(tg.Tensor([1.0, 2.0]), tg.Tensor([1.0, 4.0]), reduction="sum"))
    4.0
    """
    check_reduction(reduction)
    check_same_shape("mse_loss", input, target)
    return reduced((input - target) ** 2, reduction)
