"""OneCycleLR: once up and down, over the whole training."""

from __future__ import annotations

from math import cos, pi
from typing import Any

from tinygrad_edu.optim.lr_scheduler.momentum import set_momentum, uses_betas
from tinygrad_edu.optim.lr_scheduler.scheduler import (
    LRScheduler,
    above_zero,
    checked_optimizer,
    for_each_group,
)
from tinygrad_edu.optim.optimizer import Optimizer


class OneCycleLR(LRScheduler):
    """Up to a large learning rate, then down to almost none; step after every batch.

    The first rate is ``max_lr / div_factor``, the last one that over ``final_div_factor``. While
    the rate rises, the momentum falls from ``max_momentum`` to ``base_momentum``, and the other way
    round.

    Parameters
    ----------
    optimizer, last_epoch : as for `LRScheduler`.
    max_lr : the largest rate; one number, or one for each group.
    total_steps : how many steps there are; or else ``epochs * steps_per_epoch``.
    pct_start : the part of them that the way up takes.
    anneal_strategy : ``"cos"`` for half a cosine, ``"linear"`` for straight lines.
    cycle_momentum : whether to turn the momentum, or the first of Adam's betas.
    base_momentum, max_momentum : between which values.
    div_factor, final_div_factor : how much smaller the first rate is, and how much more the last.
    three_phase : come down to the first rate as quickly as up, and only then further.

    Raises
    ------
    TypeError, ValueError
        If there is no whole number of steps above 0, ``pct_start`` is not between 0 and 1, the
        strategy is not known, or the optimizer has no momentum to turn; and from a step beyond the
        last.

    References
    ----------
    L. N. Smith and N. Topin (2018), "Super-convergence: very fast training of neural networks using
    large learning rates".

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import optim
    >>> optimizer = optim.SGD([tg.Tensor(1.0, requires_grad=True)], momentum=0.9)
    >>> scheduler = optim.lr_scheduler.OneCycleLR(optimizer, max_lr=1.0, total_steps=11)
    >>> rates = scheduler.get_last_lr()
    >>> for _ in range(10):
    ...     optimizer.step()
    ...     scheduler.step()
    ...     rates += scheduler.get_last_lr()
    >>> [round(lr, 2) for lr in rates]
    [0.04, 0.42, 0.96, 0.98, 0.88, 0.73, 0.53, 0.33, 0.16, 0.04, 0.0]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        max_lr: float | list[float],
        total_steps: int | None = None,
        epochs: int | None = None,
        steps_per_epoch: int | None = None,
        pct_start: float = 0.3,
        anneal_strategy: str = "cos",
        cycle_momentum: bool = True,
        base_momentum: float | list[float] = 0.85,
        max_momentum: float | list[float] = 0.95,
        div_factor: float = 25.0,
        final_div_factor: float = 1e4,
        three_phase: bool = False,
        last_epoch: int = -1,
    ) -> None:
        max_lrs = for_each_group("max_lr", checked_optimizer(optimizer), max_lr)
        self.total_steps = _number_of_steps(total_steps, epochs, steps_per_epoch)
        if not 0 <= pct_start <= 1:
            raise ValueError(f"pct_start is a part of the steps, between 0 and 1, not {pct_start}")
        if anneal_strategy not in ("cos", "linear"):
            raise ValueError(f"anneal_strategy must be cos or linear, not {anneal_strategy!r}")
        self._anneal_func_type = anneal_strategy
        self._schedule_phases = _phases(self.total_steps, pct_start, three_phase)
        self.cycle_momentum = cycle_momentum
        momenta = [
            for_each_group("max_momentum", optimizer, max_momentum),
            for_each_group("base_momentum", optimizer, base_momentum),
        ]
        if cycle_momentum:
            self.use_beta1 = uses_betas(optimizer)
        for number, group in enumerate(optimizer.param_groups if last_epoch == -1 else ()):
            group["initial_lr"] = max_lrs[number] / div_factor
            group["max_lr"] = max_lrs[number]
            group["min_lr"] = group["initial_lr"] / final_div_factor
            if cycle_momentum:
                group["max_momentum"], group["base_momentum"] = (m[number] for m in momenta)
                set_momentum(group, group["max_momentum"])
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        """Return the rates, and turn the momenta."""
        step, begin = self.last_epoch, 0.0
        if step > self.total_steps:
            raise ValueError(
                f"OneCycleLR was made for {self.total_steps} steps, and this would be step {step}; "
                f"total_steps (or epochs * steps_per_epoch) must count every scheduler.step()"
            )
        for phase in self._schedule_phases:
            end = phase["end_step"]
            if step <= end or phase is self._schedule_phases[-1]:
                break
            begin = end
        part = (step - begin) / (end - begin) if end != begin else 1.0
        groups = self.optimizer.param_groups
        if self.cycle_momentum:
            start, goal = phase["start_momentum"], phase["end_momentum"]
            for group in groups:
                set_momentum(group, self._between(group[start], group[goal], part))
        return [self._between(g[phase["start_lr"]], g[phase["end_lr"]], part) for g in groups]

    def _between(self, start: float, end: float, part: float) -> float:
        """Go a part of the way from one value to another."""
        if self._anneal_func_type == "cos":
            return end + (start - end) / 2.0 * (cos(pi * part) + 1)
        return (end - start) * part + start


def _number_of_steps(total: int | None, epochs: int | None, steps_per_epoch: int | None) -> int:
    if total is not None:
        return int(above_zero("total_steps", total, whole=True))
    if epochs is None or steps_per_epoch is None:
        raise ValueError("OneCycleLR needs total_steps, or both epochs and steps_per_epoch")
    steps = above_zero("steps_per_epoch", steps_per_epoch, whole=True)
    return int(above_zero("epochs", epochs, whole=True) * steps)


def _phases(total_steps: int, pct_start: float, three_phase: bool) -> list[dict[str, Any]]:
    """List the ways: until which step, and between which of a group's rates and momenta."""
    top, last = pct_start * total_steps - 1, total_steps - 1
    keys = ("end_step", "start_lr", "end_lr", "start_momentum", "end_momentum")
    phases: list[tuple[Any, ...]] = [
        (float(top), "initial_lr", "max_lr", "max_momentum", "base_momentum")
    ]
    if three_phase:
        phases += [
            (2.0 * top, "max_lr", "initial_lr", "base_momentum", "max_momentum"),
            (last, "initial_lr", "min_lr", "max_momentum", "max_momentum"),
        ]
    else:
        phases += [(last, "max_lr", "min_lr", "base_momentum", "max_momentum")]
    return [dict(zip(keys, phase)) for phase in phases]
