"""Adamax: Adam that divides by the largest recent gradient instead of an average."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

import numpy as np

from tinygrad_edu.op import Array
from tinygrad_edu.optim.optimizer import Optimizer, kept
from tinygrad_edu.optim.settings import BELOW_ONE, NOT_NEGATIVE, only_without_effect


class Adamax(Optimizer):
    """Adam with the largest absolute value in the place of the root of the mean square.

    Elementwise, ``p -= lr / (1 - beta1**t) * m / u``, where ``m = beta1 * m + (1 - beta1) * g`` and
    ``u = max(beta2 * u, |g| + eps)``.

    Parameters
    ----------
    params, lr, betas, weight_decay, maximize, **without_effect : as for `Adam`.
    eps : added to the gradient's size, so that there is no division by zero.

    Raises
    ------
    TypeError, ValueError
        As `Optimizer` does; and if a setting is not a sensible number.

    References
    ----------
    D. P. Kingma and J. Ba (2015), "Adam: a method for stochastic optimization", section 7.1.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import optim
    >>> w = tg.Tensor([1.0, -200.0], requires_grad=True)
    >>> optimizer = optim.Adamax([w], lr=0.25)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w.data.round(6).tolist()
    [0.75, -199.75]
    """

    limits: ClassVar = {
        "lr": NOT_NEGATIVE,
        "betas": BELOW_ONE,
        "eps": NOT_NEGATIVE,
        "weight_decay": NOT_NEGATIVE,
    }
    numbers: ClassVar = ("step",)
    arrays: ClassVar = {"exp_avg": "", "exp_inf": ""}

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        *,
        maximize: bool = False,
        **without_effect: Any,
    ) -> None:
        only_without_effect("Adamax", without_effect)
        defaults = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "maximize": maximize,
        }
        super().__init__(params, defaults)

    def _update(self, p: Array, g: Array, state: dict[str, Any], group: dict[str, Any]) -> None:
        lr, (beta1, beta2) = float(group["lr"]), group["betas"]
        t = state["step"] = state.get("step", 0) + 1
        spare = self._spare(p)
        # m = beta1 * m + (1 - beta1) * g
        m = kept(state, "exp_avg", p)
        m *= beta1
        m += np.multiply(g, 1 - beta1, out=spare)
        # u = max(beta2 * u, |g| + eps)
        u = kept(state, "exp_inf", p)
        u *= beta2
        np.abs(g, out=spare)
        spare += group["eps"]
        np.maximum(u, spare, out=u)
        # p -= lr / (1 - beta1**t) * m / u
        np.divide(m, u, out=spare)
        spare *= lr / (1 - beta1**t)
        p -= spare
