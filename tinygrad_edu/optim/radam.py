"""RAdam: Adam that trusts its step lengths only once it has seen enough to know them."""

from __future__ import annotations

from collections.abc import Iterable
from math import sqrt
from typing import Any, ClassVar

import numpy as np

from tinygrad_edu.op import Array
from tinygrad_edu.optim.adam import moments
from tinygrad_edu.optim.optimizer import Optimizer
from tinygrad_edu.optim.settings import BELOW_ONE, NOT_NEGATIVE, only_without_effect


class RAdam(Optimizer):
    """Rectified Adam: a warm-up without a schedule.

    After few steps ``v``, an average of few squares, varies a lot, and so do Adam's step lengths.
    ``rho``, about the number of squares that ``v`` averages, says how much: up to 5, the step is
    ``p -= lr * m / (1 - beta1**t)``, elementwise; above, it is Adam's times a factor that goes to
    1.

    Parameters
    ----------
    params, lr, betas, eps, weight_decay, maximize, **without_effect : as for `Adam`.
    decoupled_weight_decay : as in `AdamW`.

    Raises
    ------
    TypeError, ValueError
        As `Optimizer` does; and if a setting is not a sensible number.

    References
    ----------
    L. Liu et al. (2020), "On the variance of the adaptive learning rate and beyond".

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import optim
    >>> w = tg.Tensor([1.0], requires_grad=True)
    >>> optimizer = optim.RAdam([w], lr=0.25)
    >>> (w * w).sum().backward()
    >>> optimizer.step()  # as long as the gradient says: the first step is plain descent
    >>> w.data.round(6).tolist()
    [0.5]
    """

    limits: ClassVar = {
        "lr": NOT_NEGATIVE,
        "betas": BELOW_ONE,
        "eps": NOT_NEGATIVE,
        "weight_decay": NOT_NEGATIVE,
    }
    numbers: ClassVar = ("step",)
    arrays: ClassVar = {"exp_avg": "", "exp_avg_sq": ""}

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        decoupled_weight_decay: bool = False,
        *,
        maximize: bool = False,
        **without_effect: Any,
    ) -> None:
        only_without_effect("RAdam", without_effect)
        defaults = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "decoupled_weight_decay": decoupled_weight_decay,
            "maximize": maximize,
        }
        super().__init__(params, defaults)

    def _update(self, p: Array, g: Array, state: dict[str, Any], group: dict[str, Any]) -> None:
        lr, (beta1, beta2) = float(group["lr"]), group["betas"]
        t = state["step"] = state.get("step", 0) + 1
        step = self._spare(p)
        m, v = moments(g, state, group["betas"], step)
        size = lr / (1 - beta1**t)
        rho_in_the_end = 2 / (1 - beta2) - 1
        rho = rho_in_the_end - 2 * t * beta2**t / (1 - beta2**t)
        if rho > 5:
            # p -= size * factor * m / (sqrt(v) + eps) * sqrt(1 - beta2**t)
            factor = sqrt(
                ((rho - 4) * (rho - 2) * rho_in_the_end)
                / ((rho_in_the_end - 4) * (rho_in_the_end - 2) * rho)
            )
            np.sqrt(v, out=step)
            step += group["eps"]
            np.divide(m, step, out=step)
            step *= size * factor * sqrt(1 - beta2**t)
        else:
            # p -= size * m
            np.multiply(m, size, out=step)
        p -= step
