"""Momentum as something that a schedule turns, whatever the optimizer calls it."""

from __future__ import annotations

from typing import Any

from tinygrad_edu.optim.optimizer import Optimizer


def uses_betas(optimizer: Optimizer) -> bool:
    """Tell whether the momentum is the first of Adam's betas, or a setting of that name."""
    if "momentum" not in optimizer.defaults and "betas" not in optimizer.defaults:
        raise ValueError(
            f"{type(optimizer).__name__} has neither momentum nor betas to turn; pass "
            f"cycle_momentum=False"
        )
    return "betas" in optimizer.defaults


def set_momentum(group: dict[str, Any], momentum: float) -> None:
    """Set the momentum of a group, or its first beta."""
    if "betas" in group:
        group["betas"] = (momentum, *group["betas"][1:])
    else:
        group["momentum"] = momentum
