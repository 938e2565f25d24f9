"""CyclicLR: the learning rate goes up and down, again and again."""

from __future__ import annotations

from collections.abc import Callable
from math import floor
from typing import Any, ClassVar

from tinygrad_edu.optim.lr_scheduler.momentum import set_momentum, uses_betas
from tinygrad_edu.optim.lr_scheduler.scheduler import (
    LRScheduler,
    above_zero,
    checked_optimizer,
    for_each_group,
)
from tinygrad_edu.optim.optimizer import Optimizer

MODES = ("triangular", "triangular2", "exp_range")


class CyclicLR(LRScheduler):
    """From ``base_lr`` up to ``max_lr`` and down again, in straight lines; step after every batch.

    ``lr = base_lr + (max_lr - base_lr) * height * scale``, where ``height`` goes from 0 to 1 and
    back within a cycle, and ``scale`` is 1 (mode ``"triangular"``), halves with every cycle
    (``"triangular2"``), or is ``gamma**step`` (``"exp_range"``). The momentum goes the other way.

    Parameters
    ----------
    optimizer, last_epoch : as for `LRScheduler`.
    base_lr, max_lr : between which rates; one number, or one for each group.
    step_size_up, step_size_down : how many steps the ways up and down take; down as up by default.
    mode, gamma : how the height of the cycles changes.
    scale_fn, scale_mode : a function of one's own for that, of the number of the cycle (from 1 on)
        with ``"cycle"``, or of the step with ``"iterations"``. It is not in ``state_dict()``: give
        it again when the schedule is made anew.
    cycle_momentum : whether to turn the momentum, or the first of Adam's betas.
    base_momentum, max_momentum : between which values.

    Raises
    ------
    TypeError, ValueError
        If a number of steps is not above 0, the mode is not known, or the optimizer has no momentum
        to turn.

    References
    ----------
    L. N. Smith (2015), "Cyclical learning rates for training neural networks".

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import optim
    >>> optimizer = optim.SGD([tg.Tensor(1.0, requires_grad=True)], momentum=0.9)
    >>> scheduler = optim.lr_scheduler.CyclicLR(optimizer, 0.25, 1.25, step_size_up=2)
    >>> rates = scheduler.get_last_lr()
    >>> for _ in range(4):
    ...     optimizer.step()
    ...     scheduler.step()
    ...     rates += scheduler.get_last_lr()
    >>> rates
    [0.25, 0.75, 1.25, 0.75, 0.25]
    """

    not_saved: ClassVar = ("optimizer", "scale_fn")

    def __init__(
        self,
        optimizer: Optimizer,
        base_lr: float | list[float],
        max_lr: float | list[float],
        step_size_up: int = 2000,
        step_size_down: int | None = None,
        mode: str = "triangular",
        gamma: float = 1.0,
        scale_fn: Callable[[float], float] | None = None,
        scale_mode: str = "cycle",
        cycle_momentum: bool = True,
        base_momentum: float | list[float] = 0.8,
        max_momentum: float | list[float] = 0.9,
        last_epoch: int = -1,
    ) -> None:
        base_lrs = for_each_group("base_lr", checked_optimizer(optimizer), base_lr)
        self.max_lrs = for_each_group("max_lr", optimizer, max_lr)
        down = step_size_up if step_size_down is None else step_size_down
        up = float(above_zero("step_size_up", step_size_up))
        self.total_size = up + float(above_zero("step_size_down", down))
        self.step_ratio = up / self.total_size
        if scale_fn is None and mode not in MODES:
            raise ValueError(f"mode must be one of {', '.join(MODES)}, not {mode!r}")
        if scale_fn is None:
            scale_mode = "iterations" if mode == "exp_range" else "cycle"
        elif scale_mode not in ("cycle", "iterations"):
            raise ValueError(f"scale_mode must be cycle or iterations, not {scale_mode!r}")
        self.mode, self.gamma, self.scale_fn, self.scale_mode = mode, gamma, scale_fn, scale_mode
        self.cycle_momentum = cycle_momentum
        if cycle_momentum:
            self.use_beta1 = uses_betas(optimizer)
            self.base_momentums = for_each_group("base_momentum", optimizer, base_momentum)
            self.max_momentums = for_each_group("max_momentum", optimizer, max_momentum)
        if last_epoch == -1:
            self._prepare(optimizer, base_lrs)
        super().__init__(optimizer, last_epoch)
        self.base_lrs = base_lrs

    def _prepare(self, optimizer: Optimizer, base_lrs: list[float]) -> None:
        """Note in the groups where they begin."""
        for number, group in enumerate(optimizer.param_groups):
            group["lr"] = base_lrs[number]
            if self.cycle_momentum:
                group["max_momentum"] = self.max_momentums[number]
                group["base_momentum"] = self.base_momentums[number]
                set_momentum(group, self.max_momentums[number])

    def get_lr(self) -> list[float]:
        """Return the rates, and turn the momenta."""
        cycle = floor(1 + self.last_epoch / self.total_size)
        x = 1.0 + self.last_epoch / self.total_size - cycle
        rising = x <= self.step_ratio
        height = x / self.step_ratio if rising else (x - 1) / (self.step_ratio - 1)
        scale = self._scale(cycle)
        if self.cycle_momentum:
            for number, group in enumerate(self.optimizer.param_groups):
                low, high = self.base_momentums[number], self.max_momentums[number]
                set_momentum(group, high - (high - low) * height * scale)
        pairs = zip(self.base_lrs, self.max_lrs)
        return [low + (high - low) * height * scale for low, high in pairs]

    def _scale(self, cycle: int) -> Any:
        """Say how high the cycles are by now."""
        if self.scale_fn is not None:
            return self.scale_fn(cycle if self.scale_mode == "cycle" else self.last_epoch)
        if self.mode == "exp_range":
            return self.gamma**self.last_epoch
        return 1 / 2.0 ** (cycle - 1) if self.mode == "triangular2" else 1.0
