"""ReduceLROnPlateau: the learning rate falls when nothing gets better any more."""

from __future__ import annotations

from math import inf
from typing import Any, SupportsFloat

from tinygrad_edu.optim.lr_scheduler.scheduler import (
    LRScheduler,
    checked_optimizer,
    for_each_group,
)
from tinygrad_edu.optim.optimizer import Optimizer


class ReduceLROnPlateau(LRScheduler):
    """The learning rate times ``factor``, when a figure has not improved for a while.

    Unlike other schedules, it is told that figure: ``scheduler.step(validation_loss)``.

    Source: PyTorch's schedule of this name.

    Parameters
    ----------
    optimizer : whose learning rates change.
    mode : whether ``"min"`` or ``"max"`` is better.
    factor : what the rate is multiplied by; less than 1.
    patience : how many steps without an improvement are let pass.
    threshold, threshold_mode : an improvement is what is better than the best by this part of it
        (``"rel"``), or by this much (``"abs"``).
    cooldown : how many steps after a change do not count.
    min_lr : no lower than that; one number, or one for each group.
    eps : leave the rate as it is when it would change by no more than this.

    Raises
    ------
    TypeError, ValueError
        If the optimizer is none, ``factor`` is not below 1, or a mode is not known.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import optim
    >>> optimizer = optim.SGD([tg.Tensor(1.0, requires_grad=True)], lr=1.0)
    >>> scheduler = optim.lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.5, patience=1)
    >>> for loss in (3.0, 2.0, 2.0, 2.0):
    ...     optimizer.step()
    ...     scheduler.step(loss)
    >>> scheduler.get_last_lr()
    [0.5]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        mode: str = "min",
        factor: float = 0.1,
        patience: int = 10,
        threshold: float = 1e-4,
        threshold_mode: str = "rel",
        cooldown: int = 0,
        min_lr: float | list[float] = 0,
        eps: float = 1e-8,
    ) -> None:
        if not 0 <= factor < 1:
            raise ValueError(f"factor must be at least 0 and below 1, not {factor}")
        if mode not in ("min", "max"):
            raise ValueError(f"mode must be min or max, not {mode!r}")
        if threshold_mode not in ("rel", "abs"):
            raise ValueError(f"threshold_mode must be rel or abs, not {threshold_mode!r}")
        self.optimizer = checked_optimizer(optimizer)
        self.mode, self.factor, self.patience = mode, factor, patience
        self.threshold, self.threshold_mode = threshold, threshold_mode
        self.cooldown, self.eps = cooldown, eps
        self.min_lrs = for_each_group("min_lr", optimizer, min_lr)
        self.best = inf if mode == "min" else -inf
        self.cooldown_counter = self.num_bad_epochs = self.last_epoch = 0
        self._last_lr = self.present_lr()

    def step(  # type: ignore[override]  # as in PyTorch, this one is told a figure
        self, metrics: SupportsFloat, epoch: int | None = None
    ) -> None:
        """Take note of a figure, and lower the learning rates if it is time to."""
        figure = float(metrics)
        rates = self.present_lr()
        self._check_groups(rates)
        self.last_epoch = self.last_epoch + 1 if epoch is None else epoch
        if self._is_better(figure):
            self.best = figure
            self.num_bad_epochs = 0
        else:
            self.num_bad_epochs += 1
        if self.in_cooldown:
            self.cooldown_counter -= 1
            self.num_bad_epochs = 0
        if self.num_bad_epochs > self.patience:
            lowered = [max(lr * self.factor, low) for lr, low in zip(rates, self.min_lrs)]
            rates = [new if lr - new > self.eps else lr for lr, new in zip(rates, lowered)]
            self.cooldown_counter = self.cooldown
            self.num_bad_epochs = 0
        self._set(rates)

    @property
    def in_cooldown(self) -> bool:
        """Whether a change is so recent that nothing counts."""
        return self.cooldown_counter > 0

    def _is_better(self, figure: float) -> bool:
        relative = self.threshold_mode == "rel"
        if self.mode == "min":
            return figure < (
                self.best * (1.0 - self.threshold) if relative else self.best - self.threshold
            )
        return figure > (
            self.best * (self.threshold + 1.0) if relative else self.best + self.threshold
        )

    def _check_groups(self, rates: list[Any]) -> None:
        if len(rates) != len(self.min_lrs):
            raise ValueError(
                f"ReduceLROnPlateau was made for {len(self.min_lrs)} parameter groups, and the "
                f"optimizer has {len(rates)} now; make the schedule after add_param_group"
            )
