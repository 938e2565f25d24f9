"""Schedules that go down, in steps or smoothly.

Read next: ``warm_up.py`` for those that begin with a small learning rate.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable

from tinygrad_edu.optim.lr_scheduler.scheduler import LRScheduler, above_zero
from tinygrad_edu.optim.optimizer import Optimizer


class StepLR(LRScheduler):
    """The learning rate times ``gamma``, every ``step_size`` steps.

    ``lr = base_lr * gamma**(epoch // step_size)``

    Source: PyTorch's schedule of this name.

    Parameters
    ----------
    optimizer, last_epoch : as for `LRScheduler`.
    step_size : how many steps a rate stays for.
    gamma : what it is multiplied by then.

    Raises
    ------
    TypeError, ValueError
        If ``step_size`` is not a whole number above 0.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import optim
    >>> optimizer = optim.SGD([tg.Tensor(1.0, requires_grad=True)], lr=1.0)
    >>> scheduler = optim.lr_scheduler.StepLR(optimizer, step_size=2, gamma=0.5)
    >>> for _ in range(4):
    ...     optimizer.step()
    ...     scheduler.step()
    >>> scheduler.get_last_lr()
    [0.25]
    """

    def __init__(
        self, optimizer: Optimizer, step_size: int, gamma: float = 0.1, last_epoch: int = -1
    ) -> None:
        self.step_size = above_zero("step_size", step_size, whole=True)
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        """Return ``lr * gamma`` every ``step_size`` steps, and ``lr`` between."""
        turn = self.last_epoch != 0 and self.last_epoch % self.step_size == 0
        return [lr * self.gamma if turn else lr for lr in self.present_lr()]

    def _get_closed_form_lr(self) -> list[float]:
        return [lr * self.gamma ** (self.last_epoch // self.step_size) for lr in self.base_lrs]


class MultiStepLR(LRScheduler):
    """The learning rate times ``gamma``, at every milestone.

    ``lr = base_lr * gamma**(number of milestones up to epoch)``

    Source: PyTorch's schedule of this name.

    Parameters
    ----------
    optimizer, last_epoch : as for `LRScheduler`.
    milestones : the steps at which it is multiplied; one that is given twice counts twice.
    gamma : what it is multiplied by.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import optim
    >>> optimizer = optim.SGD([tg.Tensor(1.0, requires_grad=True)], lr=1.0)
    >>> scheduler = optim.lr_scheduler.MultiStepLR(optimizer, milestones=[1, 4], gamma=0.5)
    >>> for _ in range(3):
    ...     optimizer.step()
    ...     scheduler.step()
    >>> scheduler.get_last_lr()
    [0.5]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        milestones: Iterable[int],
        gamma: float = 0.1,
        last_epoch: int = -1,
    ) -> None:
        self.milestones = sorted(milestones)
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        """Return ``lr * gamma`` at a milestone, and ``lr`` between."""
        count = self.milestones.count(self.last_epoch)
        return [lr * self.gamma**count if count else lr for lr in self.present_lr()]

    def _get_closed_form_lr(self) -> list[float]:
        passed = bisect_right(self.milestones, self.last_epoch)
        return [lr * self.gamma**passed for lr in self.base_lrs]


class ExponentialLR(LRScheduler):
    """The learning rate times ``gamma``, at every step: ``lr = base_lr * gamma**epoch``.

    Source: PyTorch's schedule of this name.

    Parameters
    ----------
    optimizer, last_epoch : as for `LRScheduler`.
    gamma : what it is multiplied by.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import optim
    >>> optimizer = optim.SGD([tg.Tensor(1.0, requires_grad=True)], lr=1.0)
    >>> scheduler = optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.5)
    >>> for _ in range(3):
    ...     optimizer.step()
    ...     scheduler.step()
    >>> scheduler.get_last_lr()
    [0.125]
    """

    def __init__(self, optimizer: Optimizer, gamma: float, last_epoch: int = -1) -> None:
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        """Return ``lr * gamma``, and the first rate as it is."""
        return [lr if self.is_beginning else lr * self.gamma for lr in self.present_lr()]

    def _get_closed_form_lr(self) -> list[float]:
        return [lr * self.gamma**self.last_epoch for lr in self.base_lrs]


class PolynomialLR(LRScheduler):
    """Down to zero along a polynomial.

    ``lr = base_lr * (1 - epoch / total_iters)**power`` up to ``total_iters``, and 0 from there on.

    Source: PyTorch's schedule of this name.

    Parameters
    ----------
    optimizer, last_epoch : as for `LRScheduler`.
    total_iters : how many steps the way takes.
    power : 1 for a straight line; more, to fall steeply at first.

    Raises
    ------
    TypeError, ValueError
        If ``total_iters`` is not above 0.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import optim
    >>> optimizer = optim.SGD([tg.Tensor(1.0, requires_grad=True)], lr=1.0)
    >>> scheduler = optim.lr_scheduler.PolynomialLR(optimizer, total_iters=4, power=2.0)
    >>> for _ in range(2):
    ...     optimizer.step()
    ...     scheduler.step()
    >>> round(scheduler.get_last_lr()[0], 12)
    0.25
    """

    def __init__(
        self, optimizer: Optimizer, total_iters: int = 5, power: float = 1.0, last_epoch: int = -1
    ) -> None:
        self.total_iters = above_zero("total_iters", total_iters)
        self.power = power
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        """Return ``lr`` times this step's polynomial over the last one's."""
        if self.is_beginning or self.last_epoch > self.total_iters:
            return self.present_lr()
        left = 1.0 - self.last_epoch / self.total_iters
        left_before = 1.0 - (self.last_epoch - 1) / self.total_iters
        change = (left / left_before) ** self.power
        return [lr * change for lr in self.present_lr()]

    def _get_closed_form_lr(self) -> list[float]:
        left = 1.0 - min(self.total_iters, self.last_epoch) / self.total_iters
        return [lr * left**self.power for lr in self.base_lrs]
