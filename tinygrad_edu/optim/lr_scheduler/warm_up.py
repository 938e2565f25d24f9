"""Schedules that begin with a small learning rate, while the first gradients are still wild."""

from __future__ import annotations

from tinygrad_edu.optim.lr_scheduler.scheduler import LRScheduler, above_zero
from tinygrad_edu.optim.optimizer import Optimizer


class ConstantLR(LRScheduler):
    """A smaller learning rate for the first steps.

    ``lr = base_lr * factor`` before ``total_iters``, ``base_lr`` from then on.

    Source: PyTorch's schedule of this name.

    Parameters
    ----------
    optimizer, last_epoch : as for `LRScheduler`.
    factor : how much smaller.
    total_iters : for how many steps.

    Raises
    ------
    TypeError, ValueError
        If ``factor`` is not above 0 and at most 1, or ``total_iters`` not above 0.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import optim
    >>> optimizer = optim.SGD([tg.Tensor(1.0, requires_grad=True)], lr=1.0)
    >>> scheduler = optim.lr_scheduler.ConstantLR(optimizer, factor=0.5, total_iters=2)
    >>> rates = scheduler.get_last_lr()
    >>> for _ in range(3):
    ...     optimizer.step()
    ...     scheduler.step()
    ...     rates += scheduler.get_last_lr()
    >>> rates
    [0.5, 0.5, 1.0, 1.0]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        factor: float = 1.0 / 3,
        total_iters: int = 5,
        last_epoch: int = -1,
    ) -> None:
        self.factor = _above_zero_to_one("factor", factor)
        self.total_iters = above_zero("total_iters", total_iters)
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        """Return ``lr * factor`` at first, ``lr / factor`` in the end, and ``lr`` between."""
        change = {0: self.factor, self.total_iters: 1.0 / self.factor}.get(self.last_epoch)
        return [lr if change is None else lr * change for lr in self.present_lr()]

    def _get_closed_form_lr(self) -> list[float]:
        over = self.last_epoch >= self.total_iters
        return [lr * (self.factor + over * (1 - self.factor)) for lr in self.base_lrs]


class LinearLR(LRScheduler):
    """A straight line from one factor to another: a warm-up, or the way down.

    ``lr = base_lr * (start_factor + (end_factor - start_factor) * epoch / total_iters)`` up to
    ``total_iters``, and as it is then from there on.

    Source: PyTorch's schedule of this name.

    Parameters
    ----------
    optimizer, last_epoch : as for `LRScheduler`.
    start_factor, end_factor : what the initial rate is multiplied by at first, and in the end.
    total_iters : how many steps the way takes.

    Raises
    ------
    TypeError, ValueError
        If ``start_factor`` is not above 0 and at most 1, ``end_factor`` not between 0 and 1, or
        ``total_iters`` not above 0.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import optim
    >>> optimizer = optim.SGD([tg.Tensor(1.0, requires_grad=True)], lr=1.0)
    >>> scheduler = optim.lr_scheduler.LinearLR(optimizer, start_factor=0.25, total_iters=3)
    >>> rates = scheduler.get_last_lr()
    >>> for _ in range(4):
    ...     optimizer.step()
    ...     scheduler.step()
    ...     rates += scheduler.get_last_lr()
    >>> rates
    [0.25, 0.5, 0.75, 1.0, 1.0]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        start_factor: float = 1.0 / 3,
        end_factor: float = 1.0,
        total_iters: int = 5,
        last_epoch: int = -1,
    ) -> None:
        self.start_factor = _above_zero_to_one("start_factor", start_factor)
        if not 0 <= end_factor <= 1:
            raise ValueError(f"end_factor must be between 0 and 1, not {end_factor}")
        self.end_factor = end_factor
        self.total_iters = above_zero("total_iters", total_iters)
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        """Return ``lr`` times this step's factor over the last one's."""
        start, rise, steps = (
            self.start_factor,
            self.end_factor - self.start_factor,
            self.total_iters,
        )
        if self.last_epoch == 0:
            return [lr * start for lr in self.present_lr()]
        if self.is_beginning or self.last_epoch > steps:
            return self.present_lr()
        change = 1.0 + rise / (steps * start + (self.last_epoch - 1) * rise)
        return [lr * change for lr in self.present_lr()]

    def _get_closed_form_lr(self) -> list[float]:
        start, rise = self.start_factor, self.end_factor - self.start_factor
        passed = min(self.total_iters, self.last_epoch)
        return [lr * (start + rise * passed / self.total_iters) for lr in self.base_lrs]


def _above_zero_to_one(name: str, value: float) -> float:
    if not 0 < value <= 1:
        raise ValueError(f"{name} must be above 0 and at most 1, not {value}")
    return value
