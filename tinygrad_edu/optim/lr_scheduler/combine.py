"""Schedules made of schedules: one after another, or several at once."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from tinygrad_edu.optim.lr_scheduler.plateau import ReduceLROnPlateau
from tinygrad_edu.optim.lr_scheduler.scheduler import LRScheduler, checked_optimizer
from tinygrad_edu.optim.optimizer import Optimizer


class Combined(LRScheduler):
    """What both have in common: parts, which are saved and loaded with the whole."""

    not_saved: ClassVar = ("optimizer", "_schedulers")

    def _take_parts(self, optimizer: Optimizer, schedulers: Sequence[LRScheduler]) -> None:
        """Check that the parts are schedules of one optimizer, and keep them."""
        kind = type(self).__name__
        if not schedulers:
            raise ValueError(f"{kind} needs at least one schedule")
        for position, scheduler in enumerate(schedulers):
            if not isinstance(scheduler, LRScheduler):
                raise TypeError(f"{kind}: number {position} is no schedule, but {scheduler!r}")
            if isinstance(scheduler, ReduceLROnPlateau):
                raise ValueError(
                    f"{kind}: number {position} is a ReduceLROnPlateau, which needs a figure at "
                    f"every step; step it by itself"
                )
            if scheduler.optimizer is not optimizer:
                raise ValueError(f"{kind}: number {position} is made for another optimizer")
        self.optimizer = optimizer
        self._schedulers = list(schedulers)

    def _note_rates(self) -> None:
        self._last_lr = self.present_lr()

    def state_dict(self) -> dict[str, Any]:
        """Return where it stands, and where its parts do."""
        parts = [scheduler.state_dict() for scheduler in self._schedulers]
        return {**super().state_dict(), "_schedulers": parts}

    def _check_state(self, state: Mapping[str, Any]) -> None:
        super()._check_state(state)
        if len(state["_schedulers"]) != len(self._schedulers):
            raise ValueError(
                f"{type(self).__name__} was saved with {len(state['_schedulers'])} parts, and this "
                f"one has {len(self._schedulers)}"
            )
        for scheduler, part in zip(self._schedulers, state["_schedulers"]):
            scheduler._check_state(part)

    def _take_state(self, state: Mapping[str, Any]) -> None:
        for scheduler, part in zip(self._schedulers, state["_schedulers"]):
            scheduler._take_state(part)
        super()._take_state({key: value for key, value in state.items() if key != "_schedulers"})


class SequentialLR(Combined):
    """One schedule after another: the next one begins at each milestone.

    Parameters
    ----------
    optimizer : the one that all the schedules are made for.
    schedulers : the schedules, in order. Those behind the first must not be combined ones.
    milestones : at which steps the second, the third, ... begins.
    last_epoch : as for `LRScheduler`.

    Raises
    ------
    TypeError, ValueError
        If there is no schedule, one is none or of another optimizer, or the milestones are not one
        fewer, in order.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import optim
    >>> optimizer = optim.SGD([tg.Tensor(1.0, requires_grad=True)], lr=1.0)
    >>> warm_up = optim.lr_scheduler.LinearLR(optimizer, start_factor=0.5, total_iters=2)
    >>> decay = optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.5)
    >>> scheduler = optim.lr_scheduler.SequentialLR(optimizer, [warm_up, decay], milestones=[2])
    >>> rates = scheduler.get_last_lr()
    >>> for _ in range(4):
    ...     optimizer.step()
    ...     scheduler.step()
    ...     rates += scheduler.get_last_lr()
    >>> rates
    [0.5, 0.75, 1.0, 0.5, 0.25]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        schedulers: Sequence[LRScheduler],
        milestones: Sequence[int],
        last_epoch: int = -1,
    ) -> None:
        self._take_parts(checked_optimizer(optimizer), schedulers)
        if len(milestones) != len(schedulers) - 1:
            raise ValueError(
                f"SequentialLR needs a milestone between any two schedules: {len(schedulers) - 1} "
                f"for {len(schedulers)} schedules, not {len(milestones)}"
            )
        if list(milestones) != sorted(set(milestones)):
            raise ValueError(f"the milestones must go up, and are {list(milestones)}")
        for scheduler in schedulers[1:]:
            if isinstance(scheduler, Combined):
                raise ValueError(
                    f"SequentialLR cannot begin a {type(scheduler).__name__} midway; only the "
                    f"first schedule may be a combined one"
                )
        self._milestones = list(milestones)
        self.last_epoch = last_epoch + 1
        for scheduler in schedulers:
            scheduler._undo()
        self._start()

    def _start(self) -> None:
        """Let the first schedule begin from the initial rates, whatever the others have done."""
        for group in self.optimizer.param_groups:
            group["lr"] = group["initial_lr"]
        self._schedulers[bisect_right(self._milestones, 0)]._begin()
        self._note_rates()

    def _begin(self) -> None:
        self.last_epoch += 1
        self._start()

    def _undo(self) -> None:
        self.last_epoch -= 1
        self._schedulers[bisect_right(self._milestones, 0)]._undo()

    def step(self, epoch: float | None = None) -> None:
        """Let the schedule whose turn it is set the learning rates.

        Raises
        ------
        RuntimeError
            If the optimizer has not taken a step.
        TypeError
            If ``epoch`` is given: there is no jumping here.
        """
        _no_jump(self, epoch)
        number = bisect_right(self._milestones, self.last_epoch + 1)
        scheduler = self._schedulers[number]
        if number > 0 and self._milestones[number - 1] == self.last_epoch + 1:
            scheduler._check_order()
            scheduler._update(0)
        else:
            scheduler.step()
        self.last_epoch += 1
        self._last_lr = scheduler.get_last_lr()


class ChainedScheduler(Combined):
    """Several schedules at once: at every step each changes what the one before has left.

    Parameters
    ----------
    schedulers : the schedules, in order.
    optimizer : the one that all of them are made for.

    Raises
    ------
    TypeError, ValueError
        If there is no schedule, or one is none or of another optimizer.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import optim
    >>> optimizer = optim.SGD([tg.Tensor(1.0, requires_grad=True)], lr=1.0)
    >>> warm_up = optim.lr_scheduler.ConstantLR(optimizer, factor=0.5, total_iters=2)
    >>> decay = optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.5)
    >>> scheduler = optim.lr_scheduler.ChainedScheduler([warm_up, decay])
    >>> rates = scheduler.get_last_lr()
    >>> for _ in range(3):
    ...     optimizer.step()
    ...     scheduler.step()
    ...     rates += scheduler.get_last_lr()
    >>> rates
    [0.5, 0.25, 0.25, 0.125]
    """

    def __init__(
        self, schedulers: Sequence[LRScheduler], optimizer: Optimizer | None = None
    ) -> None:
        if optimizer is None and schedulers:
            optimizer = getattr(schedulers[0], "optimizer", None)
        self._take_parts(optimizer, schedulers)  # type: ignore[arg-type]  # it checks that
        self._note_rates()

    def _begin(self) -> None:
        for scheduler in self._schedulers:
            scheduler._begin()
        self._note_rates()

    def _undo(self) -> None:
        for scheduler in self._schedulers:
            scheduler._undo()

    def step(self, epoch: float | None = None) -> None:
        """Let all the schedules step, in order.

        Raises
        ------
        RuntimeError
            If the optimizer has not taken a step.
        TypeError
            If ``epoch`` is given: there is no jumping here.
        """
        _no_jump(self, epoch)
        for scheduler in self._schedulers:
            scheduler.step()
        self._note_rates()


def _no_jump(scheduler: LRScheduler, epoch: float | None) -> None:
    if epoch is not None:
        raise TypeError(f"{type(scheduler).__name__}.step() takes no epoch, and {epoch} was given")
