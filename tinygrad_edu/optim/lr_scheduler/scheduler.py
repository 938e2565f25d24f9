"""LRScheduler: what all schedules have in common.

A schedule belongs to an optimizer, whose learning rates it sets: once when it is made, and again at
every ``scheduler.step()``, which is called after ``optimizer.step()``. Most compute the next rate
from the present one (``lr * gamma``), so that several can work on the same optimizer, one after the
other, and each leaves its mark. Some have a closed form beside: the rate at a step, from scratch.

Read next: ``decay.py`` for the plain ones, ``combine.py`` for one after another.
"""

from __future__ import annotations

from collections.abc import Mapping
from numbers import Integral, Real
from typing import Any, ClassVar

from tinygrad_edu.optim.optimizer import Optimizer
from tinygrad_edu.optim.state import copied

PER_GROUP = ("base_lrs", "_last_lr", "max_lrs", "min_lrs", "base_momentums", "max_momentums")
ONLY_IN_PYTORCH = ("_get_lr_called_within_step", "_is_initial")


class LRScheduler:
    """The base of all schedules: subclass it and write ``get_lr``.

    Parameters
    ----------
    optimizer : whose learning rates change. Each group's own is noted there as ``initial_lr``.
    last_epoch : the number of the last step taken; -1 to begin. To resume, make the schedule as at
        first, then load the optimizer's state and the schedule's.

    Attributes
    ----------
    base_lrs : the learning rates that the groups began with.
    last_epoch : how many steps have been taken, be they epochs or batches.

    Raises
    ------
    TypeError
        If ``optimizer`` is none.
    KeyError
        If it is to go on from ``last_epoch``, but a group does not know its ``initial_lr``.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import optim
    >>> from tinygrad_edu.optim import lr_scheduler
    >>> class Halving(lr_scheduler.LRScheduler):
    ...     def get_lr(self):
    ...         return [lr / 2**self.last_epoch for lr in self.base_lrs]
    >>> optimizer = optim.SGD([tg.Tensor(1.0, requires_grad=True)], lr=0.5)
    >>> scheduler = Halving(optimizer)
    >>> optimizer.step()
    >>> scheduler.step()
    >>> scheduler.get_last_lr()
    [0.25]
    """

    not_saved: ClassVar[tuple[str, ...]] = ("optimizer",)

    def __init__(self, optimizer: Optimizer, last_epoch: int = -1) -> None:
        self.optimizer = checked_optimizer(optimizer)
        for number, group in enumerate(optimizer.param_groups):
            if last_epoch == -1:
                group.setdefault("initial_lr", group["lr"])
            elif "initial_lr" not in group:
                raise KeyError(
                    f"group {number} of the optimizer has no initial_lr, which going on from "
                    f"last_epoch={last_epoch} needs; load the optimizer's state first, or begin "
                    f"with last_epoch=-1 and load the schedule's state"
                )
        self.base_lrs: list[float] = [group["initial_lr"] for group in optimizer.param_groups]
        self.last_epoch = last_epoch
        self._begin()

    # ----------------------------------------------------------------- for subclasses
    def get_lr(self) -> list[float]:
        """Return the learning rate of every group at ``self.last_epoch``; every schedule's own.

        It may start from the present rates, ``group["lr"]``, which are those of the step before.
        """
        raise NotImplementedError(f"{type(self).__name__} has no get_lr method; write one")

    def _get_closed_form_lr(self) -> list[float]:
        """Return the same without a look at the present rates, where a subclass can."""
        return self.get_lr()

    def present_lr(self) -> list[float]:
        """Return the learning rates that the groups have now."""
        return [group["lr"] for group in self.optimizer.param_groups]

    @property
    def is_beginning(self) -> bool:
        """Whether this is the step that is taken when the schedule is made."""
        return self._step_count == 0

    # ------------------------------------------------------------------------- steps
    def step(self, epoch: float | None = None) -> None:
        """Set the learning rates for the next step of the optimizer.

        Parameters
        ----------
        epoch : jump to this step, by the closed form if there is one; else go to the next.

        Raises
        ------
        RuntimeError
            If the optimizer has not taken a step: the first learning rate would never be used.
        """
        self._check_order()
        self._update(epoch)
        self._step_count += 1

    def get_last_lr(self) -> list[float]:
        """Return the learning rates that were set last, one for each group."""
        return list(self._last_lr)

    def _begin(self) -> None:
        """Set the first learning rates."""
        self._step_count = 0
        self._update()
        self._step_count = 1

    def _undo(self) -> None:
        """Go back to before the beginning, so that another schedule may have its turn first."""
        self.last_epoch -= 1

    def _check_order(self) -> None:
        """Refuse a first step before the optimizer's; one with its own ``step`` is trusted."""
        optimizer = self.optimizer
        counted = type(optimizer).step is Optimizer.step
        if self._step_count == 1 and counted and not optimizer.has_stepped:
            raise RuntimeError(
                f"{type(self).__name__}.step() was called before optimizer.step(), so that the "
                f"first learning rate, {self._last_lr}, would never be used; call optimizer.step() "
                f"first, then scheduler.step()"
            )

    def _update(self, epoch: float | None = None) -> None:
        before = self.last_epoch
        self.last_epoch = before + 1 if epoch is None else epoch  # type: ignore[assignment]
        try:
            rates = self.get_lr() if epoch is None else self._get_closed_form_lr()
            self._set(rates)
        except Exception:
            self.last_epoch = before
            raise

    def _set(self, rates: list[float]) -> None:
        groups = self.optimizer.param_groups
        if len(rates) != len(groups):
            raise ValueError(
                f"{type(self).__name__} was made for {len(rates)} parameter groups, and the "
                f"optimizer has {len(groups)} now; make the schedule after add_param_group"
            )
        for group, lr in zip(groups, rates):
            group["lr"] = lr
        self._last_lr = rates

    # ------------------------------------------------------------------------- state
    def state_dict(self) -> dict[str, Any]:
        """Return where the schedule stands, with its settings: lists, numbers and strings.

        Functions that it was given are not in it; give them again when it is made anew.
        """
        own = vars(self).items()
        return {name: copied(value) for name, value in own if name not in self.not_saved}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Go on from where a saved schedule stood: with all of it, or not at all.

        The learning rates are in the optimizer's state; load that, too, after this is made.

        Raises
        ------
        ValueError
            If it was saved by another kind of schedule, or for another number of groups.
        """
        self._check_state(state_dict)
        self._take_state(state_dict)

    def _check_state(self, state: Mapping[str, Any]) -> None:
        kind = type(self).__name__
        if not isinstance(state, Mapping):
            raise ValueError(f"{kind} loads what state_dict() returned, not {state!r}")
        own = self.state_dict()
        wrong = (state.keys() - set(ONLY_IN_PYTORCH)) ^ own.keys()
        if wrong:
            raise ValueError(
                f"this is no state of {kind}: {', '.join(sorted(map(str, wrong)))} is "
                f"missing or not known; was another kind of schedule saved?"
            )
        for name in PER_GROUP:
            groups = len(self.optimizer.param_groups)
            if name in own and len(state[name]) != groups:
                raise ValueError(
                    f"{kind}: {name} was saved for {len(state[name])} parameter groups, and the "
                    f"optimizer has {groups}"
                )

    def _take_state(self, state: Mapping[str, Any]) -> None:
        new = {name: copied(value) for name, value in state.items() if name not in ONLY_IN_PYTORCH}
        vars(self).update(new)
        self.optimizer.has_stepped = True  # in the run that was saved


def checked_optimizer(optimizer: Any) -> Optimizer:
    """Refuse what is no optimizer."""
    if not isinstance(optimizer, Optimizer):
        raise TypeError(f"a schedule is made for an Optimizer, not for {optimizer!r}")
    return optimizer


def for_each_group(name: str, optimizer: Optimizer, value: Any) -> list[Any]:
    """Return a value for each group: those that are given, or the one that is, for all."""
    groups = len(optimizer.param_groups)
    if not isinstance(value, (list, tuple)):
        return [value] * groups
    if len(value) != groups:
        raise ValueError(
            f"{name} must be one value or one for each of the {groups} parameter groups, not "
            f"{len(value)} values"
        )
    return list(value)


def above_zero(name: str, value: Any, whole: bool = False) -> Any:
    """Refuse a number of steps that is none."""
    if not isinstance(value, Integral if whole else Real) or isinstance(value, bool):
        kind = "a whole number" if whole else "a number"
        raise TypeError(f"{name} must be {kind} of steps, not {value!r}")
    if not float(value) > 0:
        raise ValueError(f"{name} must be above 0, not {value}")
    return value
