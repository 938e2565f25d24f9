"""Schedules along a cosine: slowly at first, quickly in the middle, slowly in the end."""

from __future__ import annotations

from math import cos, floor, log, pi

from tinygrad_edu.optim.lr_scheduler.scheduler import LRScheduler, above_zero
from tinygrad_edu.optim.optimizer import Optimizer


class CosineAnnealingLR(LRScheduler):
    """Down along half a period of a cosine, and up again if it goes on.

    ``lr = eta_min + (base_lr - eta_min) * (1 + cos(pi * epoch / T_max)) / 2``

    Parameters
    ----------
    optimizer, last_epoch : as for `LRScheduler`.
    T_max : how many steps the way down takes.
    eta_min : the rate at its end.

    Raises
    ------
    TypeError, ValueError
        If ``T_max`` is not above 0.

    References
    ----------
    I. Loshchilov and F. Hutter (2017), "SGDR: stochastic gradient descent with warm restarts".

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import optim
    >>> optimizer = optim.SGD([tg.Tensor(1.0, requires_grad=True)], lr=1.0)
    >>> scheduler = optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=4)
    >>> for _ in range(2):
    ...     optimizer.step()
    ...     scheduler.step()
    >>> round(scheduler.get_last_lr()[0], 12)
    0.5
    """

    def __init__(
        self, optimizer: Optimizer, T_max: int, eta_min: float = 0.0, last_epoch: int = -1
    ) -> None:
        self.T_max = above_zero("T_max", T_max)
        self.eta_min = eta_min
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        """Return the present height above ``eta_min`` times this step's cosine over the last's."""
        rates, low = self.present_lr(), self.eta_min
        if self.is_beginning:
            return rates
        if (self.last_epoch - 1 - self.T_max) % (2 * self.T_max) == 0:  # the last one's is 0
            first = 1 - cos(pi / self.T_max)
            return [lr + (base - low) * first / 2 for lr, base in zip(rates, self.base_lrs)]
        change = (1 + cos(pi * self.last_epoch / self.T_max)) / (
            1 + cos(pi * (self.last_epoch - 1) / self.T_max)
        )
        return [change * (lr - low) + low for lr in rates]

    def _get_closed_form_lr(self) -> list[float]:
        height = 1 + cos(pi * self.last_epoch / self.T_max)
        return [self.eta_min + (lr - self.eta_min) * height / 2 for lr in self.base_lrs]


class CosineAnnealingWarmRestarts(LRScheduler):
    """Down along half a cosine, then from the top again, over a way that may get longer each time.

    ``lr = eta_min + (base_lr - eta_min) * (1 + cos(pi * T_cur / T_i)) / 2``, where ``T_cur`` counts
    the steps since the last restart, and ``T_i`` is the length of the way.

    Parameters
    ----------
    optimizer, last_epoch : as for `LRScheduler`.
    T_0 : how many steps the first way takes.
    T_mult : how many times as long each further way is as the one before.
    eta_min : the rate at its end.

    Raises
    ------
    TypeError, ValueError
        If ``T_0`` or ``T_mult`` is not a whole number above 0.

    References
    ----------
    I. Loshchilov and F. Hutter (2017), "SGDR: stochastic gradient descent with warm restarts".

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import optim
    >>> optimizer = optim.SGD([tg.Tensor(1.0, requires_grad=True)], lr=1.0)
    >>> scheduler = optim.lr_scheduler.CosineAnnealingWarmRestarts(optimizer, T_0=2)
    >>> rates = scheduler.get_last_lr()
    >>> for _ in range(3):
    ...     optimizer.step()
    ...     scheduler.step()
    ...     rates += scheduler.get_last_lr()
    >>> [round(lr, 12) for lr in rates]
    [1.0, 0.5, 1.0, 0.5]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        T_0: int,
        T_mult: int = 1,
        eta_min: float = 0.0,
        last_epoch: int = -1,
    ) -> None:
        self.T_0 = self.T_i = above_zero("T_0", T_0, whole=True)
        self.T_mult = above_zero("T_mult", T_mult, whole=True)
        self.eta_min = eta_min
        self.T_cur: float = last_epoch
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        """Return the rate at ``T_cur`` of ``T_i`` steps."""
        height = 1 + cos(pi * self.T_cur / self.T_i)
        return [self.eta_min + (lr - self.eta_min) * height / 2 for lr in self.base_lrs]

    def step(self, epoch: float | None = None) -> None:
        """Go to the next step, or jump to ``epoch``, which may lie between two: 2.5, say.

        Raises
        ------
        RuntimeError
            If the optimizer has not taken a step.
        ValueError
            If ``epoch`` is negative.
        """
        if epoch is not None and not epoch >= 0:
            raise ValueError(f"epoch must not be negative, and is {epoch}")
        super().step(epoch)

    def _update(self, epoch: float | None = None) -> None:
        if epoch is None and self.last_epoch < 0:
            epoch = 0
        if epoch is None:
            epoch = self.last_epoch + 1
            self.T_cur += 1
            if self.T_cur >= self.T_i:
                self.T_cur = self.T_cur % self.T_i
                self.T_i *= self.T_mult
        else:
            self._jump(epoch)
        self.last_epoch = floor(epoch)
        self._set(self.get_lr())

    def _jump(self, epoch: float) -> None:
        """Find the way that an epoch lies on, and where on it."""
        self.T_cur, self.T_i = epoch, self.T_0
        if epoch >= self.T_0 and self.T_mult == 1:
            self.T_cur = epoch % self.T_0
        elif epoch >= self.T_0:  # the ways before it form a geometric series
            ways = int(log(epoch / self.T_0 * (self.T_mult - 1) + 1, self.T_mult))
            self.T_cur = epoch - self.T_0 * (self.T_mult**ways - 1) / (self.T_mult - 1)
            self.T_i = self.T_0 * self.T_mult**ways
