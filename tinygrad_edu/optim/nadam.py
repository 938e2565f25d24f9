"""NAdam: Adam that looks ahead along its momentum, as Nesterov's gradient descent does."""

from __future__ import annotations

from collections.abc import Iterable
from math import sqrt
from typing import Any, ClassVar

import numpy as np

from tinygrad_edu.op import Array
from tinygrad_edu.optim.adam import moments
from tinygrad_edu.optim.optimizer import Optimizer
from tinygrad_edu.optim.settings import BELOW_ONE, NOT_NEGATIVE, only_without_effect


class NAdam(Optimizer):
    """Adam with Nesterov momentum.

    The step, elementwise:
    ``p -= lr * ((1 - mu) / (1 - product) * g + next / (1 - product * next) * m) / denominator``,
    where ``mu = beta1 * (1 - 0.96**(t * momentum_decay) / 2)`` is the momentum of step ``t``,
    ``next`` that of step ``t + 1``, ``product`` that of all momenta so far, and ``m`` and
    ``denominator = sqrt(v / (1 - beta2**t)) + eps`` are those of `Adam`.

    Parameters
    ----------
    params, lr, betas, eps, weight_decay, maximize, **without_effect : as for `Adam`.
    momentum_decay : how quickly the momentum rises to ``beta1``.
    decoupled_weight_decay : as in `AdamW`.

    Raises
    ------
    TypeError, ValueError
        As `Optimizer` does; and if a setting is not a sensible number.

    References
    ----------
    T. Dozat (2016), "Incorporating Nesterov momentum into Adam".

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import optim
    >>> w = tg.Tensor([1.0], requires_grad=True)
    >>> optimizer = optim.NAdam([w], lr=0.25)
    >>> for _ in range(20):
    ...     optimizer.zero_grad()
    ...     (w * w).sum().backward()
    ...     optimizer.step()
    >>> bool(abs(w) < 0.2)
    True
    """

    limits: ClassVar = {
        "lr": NOT_NEGATIVE,
        "betas": BELOW_ONE,
        "eps": NOT_NEGATIVE,
        "weight_decay": NOT_NEGATIVE,
        "momentum_decay": NOT_NEGATIVE,
    }
    numbers: ClassVar = ("step", "mu_product")
    arrays: ClassVar = {"exp_avg": "", "exp_avg_sq": ""}

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum_decay: float = 4e-3,
        decoupled_weight_decay: bool = False,
        *,
        maximize: bool = False,
        **without_effect: Any,
    ) -> None:
        only_without_effect("NAdam", without_effect)
        defaults = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "momentum_decay": momentum_decay,
            "decoupled_weight_decay": decoupled_weight_decay,
            "maximize": maximize,
        }
        super().__init__(params, defaults)

    def _update(self, p: Array, g: Array, state: dict[str, Any], group: dict[str, Any]) -> None:
        lr, (beta1, beta2), decay = float(group["lr"]), group["betas"], group["momentum_decay"]
        t = state["step"] = state.get("step", 0) + 1
        mu = beta1 * (1 - 0.5 * 0.96 ** (t * decay))
        mu_next = beta1 * (1 - 0.5 * 0.96 ** ((t + 1) * decay))
        product = state["mu_product"] = state.get("mu_product", 1.0) * mu
        step, denominator = self._spare(p), self._spare(p, "denominator")
        m, v = moments(g, state, group["betas"], step)
        # denominator = sqrt(v / (1 - beta2**t)) + eps
        np.sqrt(v, out=denominator)
        denominator /= sqrt(1 - beta2**t)
        denominator += group["eps"]
        # p -= lr * (1 - mu) / (1 - product) * g / denominator
        np.divide(g, denominator, out=step)
        step *= lr * (1 - mu) / (1 - product)
        p -= step
        # p -= lr * mu_next / (1 - product * mu_next) * m / denominator
        np.divide(m, denominator, out=step)
        step *= lr * mu_next / (1 - product * mu_next)
        p -= step
