"""RMSprop: gradients divided by their usual size."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

import numpy as np

from tinygrad_edu.op import Array
from tinygrad_edu.optim.optimizer import Optimizer, kept
from tinygrad_edu.optim.settings import FRACTION, NOT_NEGATIVE, only_without_effect


class RMSprop(Optimizer):
    """Divide the gradient by the root of a running mean of its square.

    Elementwise, ``p -= lr * g / (sqrt(v) + eps)``, where ``v = alpha * v + (1 - alpha) * g**2``.
    Centered, the variance ``v - mean**2`` takes the place of ``v``, with
    ``mean = alpha * mean + (1 - alpha) * g``. With momentum, the steps before go on:
    ``p -= lr * b``, where ``b = momentum * b + g / (sqrt(v) + eps)``.

    Parameters
    ----------
    params : the Tensors to learn, or dicts of them with settings of their own.
    lr : the learning rate.
    alpha : how much of each average is left after a step.
    eps : added to the root, so that there is no division by zero.
    weight_decay : this much of each parameter is added to its gradient, which pulls towards zero.
    momentum : how much of ``b`` is left after a step.
    centered : divide by the standard deviation.
    maximize : go uphill.
    **without_effect : PyTorch's ``foreach``, ``capturable`` and ``differentiable=False`` change no
        numbers and are ignored.

    Raises
    ------
    TypeError, ValueError
        As `Optimizer` does; and if a setting is not a sensible number.

    References
    ----------
    T. Tieleman and G. Hinton (2012), "Neural networks for machine learning", lecture 6.5; A. Graves
    (2013), "Generating sequences with recurrent neural networks", for the centered form.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import optim
    >>> w = tg.Tensor([1.0, -200.0], requires_grad=True)
    >>> optimizer = optim.RMSprop([w], lr=0.25, alpha=0.75)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w.data.round(6).tolist()
    [0.5, -199.5]
    """

    limits: ClassVar = {
        "lr": NOT_NEGATIVE,
        "alpha": FRACTION,
        "eps": NOT_NEGATIVE,
        "weight_decay": NOT_NEGATIVE,
        "momentum": NOT_NEGATIVE,
    }
    numbers: ClassVar = ("step",)
    arrays: ClassVar = {"square_avg": "", "momentum_buffer": "momentum", "grad_avg": "centered"}

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum: float = 0,
        centered: bool = False,
        *,
        maximize: bool = False,
        **without_effect: Any,
    ) -> None:
        only_without_effect("RMSprop", without_effect)
        defaults = {
            "lr": lr,
            "alpha": alpha,
            "eps": eps,
            "weight_decay": weight_decay,
            "momentum": momentum,
            "centered": centered,
            "maximize": maximize,
        }
        super().__init__(params, defaults)

    def _update(self, p: Array, g: Array, state: dict[str, Any], group: dict[str, Any]) -> None:
        lr, alpha, momentum = float(group["lr"]), group["alpha"], group["momentum"]
        state["step"] = state.get("step", 0) + 1
        step = self._spare(p)
        # v = alpha * v + (1 - alpha) * g**2
        v = kept(state, "square_avg", p)
        np.multiply(g, g, out=step)
        step *= 1 - alpha
        v *= alpha
        v += step
        if group["centered"]:
            v = self._variance(g, v, alpha, state)
        # step = g / (sqrt(v) + eps)
        np.sqrt(v, out=step)
        step += group["eps"]
        np.divide(g, step, out=step)
        if momentum:
            # b = momentum * b + step
            b = kept(state, "momentum_buffer", p)
            b *= momentum
            b += step
            np.copyto(step, b)
        # p -= lr * step
        step *= lr
        p -= step

    def _variance(self, g: Array, v: Array, alpha: float, state: dict[str, Any]) -> Array:
        """Return ``v - mean**2``, with one more gradient in the mean."""
        spare = self._spare(g, "variance")
        mean = kept(state, "grad_avg", v)
        mean *= alpha
        mean += np.multiply(g, 1 - alpha, out=spare)
        np.subtract(v, np.multiply(mean, mean, out=spare), out=spare)
        return np.maximum(spare, 0, out=spare)  # rounding may make it a little negative
