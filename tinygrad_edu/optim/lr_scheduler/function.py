"""Schedules that a function of the user's own gives."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from tinygrad_edu.optim.lr_scheduler.scheduler import (
    LRScheduler,
    checked_optimizer,
    for_each_group,
)
from tinygrad_edu.optim.optimizer import Optimizer

Factor = Callable[[int], float]


class LambdaLR(LRScheduler):
    """The initial learning rate times a function of the step.

    ``state_dict()`` has no functions in it: give the same ones when the schedule is made anew.

    Source: PyTorch's schedule of this name.

    Parameters
    ----------
    optimizer, last_epoch : as for `LRScheduler`.
    lr_lambda : takes the number of the step and returns a factor; or one for each group.

    Raises
    ------
    TypeError, ValueError
        If that is no function, or there are not as many as groups.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import optim
    >>> optimizer = optim.SGD([tg.Tensor(1.0, requires_grad=True)], lr=1.0)
    >>> scheduler = optim.lr_scheduler.LambdaLR(optimizer, lambda epoch: 1 / (1 + epoch))
    >>> for _ in range(3):
    ...     optimizer.step()
    ...     scheduler.step()
    >>> scheduler.get_last_lr()
    [0.25]
    """

    not_saved: ClassVar = ("optimizer", "lr_lambdas")

    def __init__(
        self, optimizer: Optimizer, lr_lambda: Factor | Sequence[Factor], last_epoch: int = -1
    ) -> None:
        functions = for_each_group("lr_lambda", checked_optimizer(optimizer), lr_lambda)
        for function in functions:
            if not callable(function):
                raise TypeError(f"lr_lambda must be a function of the step, not {function!r}")
        self.lr_lambdas: list[Factor] = functions
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        """Return ``base_lr * lr_lambda(last_epoch)``."""
        pairs = zip(self.base_lrs, self.lr_lambdas)
        return [lr * function(self.last_epoch) for lr, function in pairs]

    def _check_state(self, state: Any) -> None:
        super()._check_state(_without_functions(state))

    def _take_state(self, state: Any) -> None:
        super()._take_state(_without_functions(state))


class MultiplicativeLR(LambdaLR):
    """The present learning rate times a function of the step, at every step.

    ``state_dict()`` has no functions in it: give the same ones when the schedule is made anew.

    Source: PyTorch's schedule of this name.

    Parameters
    ----------
    optimizer, last_epoch : as for `LRScheduler`.
    lr_lambda : takes the number of the step and returns a factor; or one for each group.

    Raises
    ------
    TypeError, ValueError
        If that is no function, or there are not as many as groups.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import optim
    >>> optimizer = optim.SGD([tg.Tensor(1.0, requires_grad=True)], lr=1.0)
    >>> scheduler = optim.lr_scheduler.MultiplicativeLR(optimizer, lambda epoch: 1 / epoch)
    >>> for _ in range(4):
    ...     optimizer.step()
    ...     scheduler.step()
    >>> scheduler.get_last_lr()  # 1 / (1 * 2 * 3 * 4)
    [0.041666666666666664]
    """

    def get_lr(self) -> list[float]:
        """Return ``lr * lr_lambda(last_epoch)``, and the first rate as it is."""
        rates = self.present_lr()
        if self.is_beginning:
            return rates
        return [lr * function(self.last_epoch) for lr, function in zip(rates, self.lr_lambdas)]


def _without_functions(state: Any) -> Any:
    """Leave out the list of None that PyTorch saves in the functions' place."""
    if isinstance(state, dict):
        return {name: value for name, value in state.items() if name != "lr_lambdas"}
    return state
