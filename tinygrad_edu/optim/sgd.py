"""SGD: a step straight downhill; or with momentum, as a heavy ball rolls."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

import numpy as np

from tinygrad_edu.op import Array
from tinygrad_edu.optim.optimizer import Optimizer
from tinygrad_edu.optim.settings import FINITE, NOT_NEGATIVE, only_without_effect


class SGD(Optimizer):
    """Gradient descent: ``p -= lr * g``, where ``g`` is the gradient.

    Stochastic is what the gradients make it, if they come from a part of the data. With momentum it
    goes by ``v = momentum * v + (1 - dampening) * g`` instead of ``g``, where the first ``v`` is
    the first ``g``; and with Nesterov's, by ``g + momentum * v``.

    Parameters
    ----------
    params : the Tensors to learn, or dicts of them with settings of their own.
    lr : the learning rate.
    momentum : how much of ``v`` is left after a step.
    dampening : how much of each gradient is left out of ``v``.
    weight_decay : this much of each parameter is added to its gradient, which pulls towards zero.
    nesterov : look ahead along the momentum.
    maximize : go uphill.
    **without_effect : PyTorch's ``foreach``, ``fused`` and ``differentiable=False`` change no
        numbers and are ignored.

    Raises
    ------
    TypeError, ValueError
        As `Optimizer` does; if a setting is not a sensible number; and if ``nesterov`` comes
        without momentum, or with dampening.

    References
    ----------
    I. Sutskever et al. (2013), "On the importance of initialization and momentum in deep learning".

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import optim
    >>> w = tg.Tensor([1.0, 2.0], requires_grad=True)
    >>> optimizer = optim.SGD([w], lr=0.25)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w
    Tensor([0.5, 1. ], shape=(2,), dtype=float64, requires_grad=True)
    """

    limits: ClassVar = {
        "lr": NOT_NEGATIVE,
        "momentum": NOT_NEGATIVE,
        "dampening": FINITE,
        "weight_decay": NOT_NEGATIVE,
    }
    arrays: ClassVar = {"momentum_buffer": "momentum"}

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        momentum: float = 0,
        dampening: float = 0,
        weight_decay: float = 0,
        nesterov: bool = False,
        *,
        maximize: bool = False,
        **without_effect: Any,
    ) -> None:
        only_without_effect("SGD", without_effect)
        defaults = {
            "lr": lr,
            "momentum": momentum,
            "dampening": dampening,
            "weight_decay": weight_decay,
            "nesterov": nesterov,
            "maximize": maximize,
        }
        super().__init__(params, defaults)

    def _settings(self, given: Mapping[str, Any]) -> dict[str, Any]:
        settings = super()._settings(given)
        momentum, dampening = settings["momentum"], settings["dampening"]
        if settings["nesterov"] and (momentum == 0 or dampening != 0):
            raise ValueError(
                f"nesterov=True looks ahead along an undamped momentum; it needs momentum above 0 "
                f"and dampening 0, not momentum={momentum} and dampening={dampening}"
            )
        return settings

    def _update(self, p: Array, g: Array, state: dict[str, Any], group: dict[str, Any]) -> None:
        lr, momentum, spare = float(group["lr"]), group["momentum"], self._spare(p)
        if momentum:
            if "momentum_buffer" not in state:
                v = state["momentum_buffer"] = g.copy()
            else:
                # v = momentum * v + (1 - dampening) * g
                v = state["momentum_buffer"]
                v *= momentum
                v += np.multiply(g, 1 - group["dampening"], out=spare)
            if group["nesterov"]:
                # g = g + momentum * v
                g = np.add(g, np.multiply(v, momentum, out=spare), out=spare)
            else:
                g = v
        # p -= lr * g
        p -= np.multiply(g, lr, out=spare)
