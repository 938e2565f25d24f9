"""Adadelta: step lengths in the units of the parameters, from the steps themselves."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

import numpy as np

from tinygrad_edu.op import Array
from tinygrad_edu.optim.optimizer import Optimizer, kept
from tinygrad_edu.optim.settings import FRACTION, NOT_NEGATIVE, only_without_effect


class Adadelta(Optimizer):
    """Steps as long as the last ones, over the gradients' usual size.

    Elementwise, ``p -= lr * d``, where ``d = sqrt(u + eps) / sqrt(v + eps) * g``, with the running
    averages of squares ``v = rho * v + (1 - rho) * g**2`` and ``u = rho * u + (1 - rho) * d**2``.

    Parameters
    ----------
    params : the Tensors to learn, or dicts of them with settings of their own.
    lr : what the step is multiplied by; Adadelta itself has 1.
    rho : how much of each average is left after a step.
    eps : what the first steps, for which there is no earlier one, start from.
    weight_decay : this much of each parameter is added to its gradient, which pulls towards zero.
    maximize : go uphill.
    **without_effect : PyTorch's ``foreach``, ``capturable`` and ``differentiable=False`` change no
        numbers and are ignored.

    Raises
    ------
    TypeError, ValueError
        As `Optimizer` does; and if a setting is not a sensible number.

    References
    ----------
    M. D. Zeiler (2012), "ADADELTA: an adaptive learning rate method".

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import optim
    >>> w = tg.Tensor([1.0, -200.0], requires_grad=True)
    >>> optimizer = optim.Adadelta([w], eps=0.01)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w.data.round(3).tolist()
    [0.688, -199.684]
    """

    limits: ClassVar = {
        "lr": NOT_NEGATIVE,
        "rho": FRACTION,
        "eps": NOT_NEGATIVE,
        "weight_decay": NOT_NEGATIVE,
    }
    numbers: ClassVar = ("step",)
    arrays: ClassVar = {"square_avg": "", "acc_delta": ""}

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1.0,
        rho: float = 0.9,
        eps: float = 1e-6,
        weight_decay: float = 0,
        *,
        maximize: bool = False,
        **without_effect: Any,
    ) -> None:
        only_without_effect("Adadelta", without_effect)
        defaults = {
            "lr": lr,
            "rho": rho,
            "eps": eps,
            "weight_decay": weight_decay,
            "maximize": maximize,
        }
        super().__init__(params, defaults)

    def _update(self, p: Array, g: Array, state: dict[str, Any], group: dict[str, Any]) -> None:
        lr, rho, eps = float(group["lr"]), group["rho"], group["eps"]
        state["step"] = state.get("step", 0) + 1
        spare, d = self._spare(p), self._spare(p, "change")
        # v = rho * v + (1 - rho) * g**2
        v = kept(state, "square_avg", p)
        np.multiply(g, g, out=spare)
        spare *= 1 - rho
        v *= rho
        v += spare
        # d = sqrt(u + eps) / sqrt(v + eps) * g
        u = kept(state, "acc_delta", p)
        np.sqrt(np.add(u, eps, out=d), out=d)
        d /= np.sqrt(np.add(v, eps, out=spare), out=spare)
        d *= g
        # u = rho * u + (1 - rho) * d**2
        np.multiply(d, d, out=spare)
        spare *= 1 - rho
        u *= rho
        u += spare
        # p -= lr * d
        d *= lr
        p -= d
