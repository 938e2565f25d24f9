"""Adagrad: steps get shorter where there have been large gradients."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

import numpy as np

from tinygrad_edu.op import Array
from tinygrad_edu.optim.optimizer import Optimizer
from tinygrad_edu.optim.settings import NOT_NEGATIVE, only_without_effect


class Adagrad(Optimizer):
    """Divide each element's gradient by the root of the sum of all its squares so far.

    Elementwise, ``p -= lr / (1 + (t - 1) * lr_decay) * g / (sqrt(sum) + eps)``, where
    ``sum += g**2``.

    Parameters
    ----------
    params : the Tensors to learn, or dicts of them with settings of their own.
    lr : the learning rate: as far as the first step goes.
    lr_decay : how quickly the learning rate itself falls.
    weight_decay : this much of each parameter is added to its gradient, which pulls towards zero.
    initial_accumulator_value : what the sum starts from.
    eps : added to the root, so that there is no division by zero.
    maximize : go uphill.
    **without_effect : PyTorch's ``foreach``, ``fused`` and ``differentiable=False`` change no
        numbers and are ignored.

    Raises
    ------
    TypeError, ValueError
        As `Optimizer` does; and if a setting is not a sensible number.

    References
    ----------
    J. Duchi, E. Hazan and Y. Singer (2011), "Adaptive subgradient methods for online learning and
    stochastic optimization".

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import optim
    >>> w = tg.Tensor([1.0, -200.0], requires_grad=True)
    >>> optimizer = optim.Adagrad([w], lr=0.25)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w.data.round(6).tolist()
    [0.75, -199.75]
    """

    limits: ClassVar = {
        "lr": NOT_NEGATIVE,
        "lr_decay": NOT_NEGATIVE,
        "weight_decay": NOT_NEGATIVE,
        "initial_accumulator_value": NOT_NEGATIVE,
        "eps": NOT_NEGATIVE,
    }
    numbers: ClassVar = ("step",)
    arrays: ClassVar = {"sum": ""}

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-2,
        lr_decay: float = 0,
        weight_decay: float = 0,
        initial_accumulator_value: float = 0,
        eps: float = 1e-10,
        *,
        maximize: bool = False,
        **without_effect: Any,
    ) -> None:
        only_without_effect("Adagrad", without_effect)
        defaults = {
            "lr": lr,
            "lr_decay": lr_decay,
            "weight_decay": weight_decay,
            "initial_accumulator_value": initial_accumulator_value,
            "eps": eps,
            "maximize": maximize,
        }
        super().__init__(params, defaults)

    def _update(self, p: Array, g: Array, state: dict[str, Any], group: dict[str, Any]) -> None:
        lr, spare = float(group["lr"]), self._spare(p)
        t = state["step"] = state.get("step", 0) + 1
        if "sum" not in state:
            state["sum"] = np.full_like(p, group["initial_accumulator_value"])
        # sum += g**2
        state["sum"] += np.multiply(g, g, out=spare)
        # p -= lr / (1 + (t - 1) * lr_decay) * g / (sqrt(sum) + eps)
        np.sqrt(state["sum"], out=spare)
        spare += group["eps"]
        np.divide(g, spare, out=spare)
        spare *= lr / (1 + (t - 1) * group["lr_decay"])
        p -= spare
