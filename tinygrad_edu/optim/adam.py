"""Adam and AdamW: every element gets a step length of its own.

Two running averages are kept: ``m`` of the gradients and ``v`` of their squares. Where gradients
keep their sign, ``m / sqrt(v)`` is near 1, and the step near ``lr``; where they change it from step
to step, it is near 0. Both averages start from zero, and what that takes away in the first steps is
divided out again: after ``t`` steps the weights of an average add up to ``1 - beta**t``.

Read next: ``nadam.py`` and ``radam.py``, which go on from the same averages.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import sqrt
from typing import Any, ClassVar

import numpy as np

from tinygrad_edu.op import Array
from tinygrad_edu.optim.optimizer import Optimizer, kept
from tinygrad_edu.optim.settings import BELOW_ONE, NOT_NEGATIVE, only_without_effect


def moments(
    g: Array, state: dict[str, Any], betas: tuple[float, float], spare: Array
) -> tuple[Array, Array]:
    """Take one more gradient into the two running averages, and return them."""
    beta1, beta2 = betas
    # m = beta1 * m + (1 - beta1) * g
    m = kept(state, "exp_avg", spare)
    m *= beta1
    m += np.multiply(g, 1 - beta1, out=spare)
    # v = beta2 * v + (1 - beta2) * g**2
    v = kept(state, "exp_avg_sq", spare)
    np.multiply(g, g, out=spare)
    spare *= 1 - beta2
    v *= beta2
    v += spare
    return m, v


class Adam(Optimizer):
    """Steps by running averages of the gradient and of its square.

    Elementwise, ``p -= lr * (m / (1 - beta1**t)) / (sqrt(v / (1 - beta2**t)) + eps)``, where
    ``m = beta1 * m + (1 - beta1) * g`` and ``v = beta2 * v + (1 - beta2) * g**2``.

    Parameters
    ----------
    params : the Tensors to learn, or dicts of them with settings of their own.
    lr : the learning rate: about the most that an element changes by in a step.
    betas : how much of each average is left after a step.
    eps : added to the root, so that a gradient of almost nothing does not make a long step.
    weight_decay : this much of each parameter is added to its gradient, which pulls towards zero.
    amsgrad : divide by the largest ``v`` so far.
    maximize : go uphill.
    decoupled_weight_decay : as in `AdamW`.
    **without_effect : PyTorch's ``foreach``, ``fused``, ``capturable`` and ``differentiable=False``
        change no numbers and are ignored.

    Raises
    ------
    TypeError, ValueError
        As `Optimizer` does; and if a setting is not a sensible number.

    References
    ----------
    D. P. Kingma and J. Ba (2015), "Adam: a method for stochastic optimization". S. J. Reddi,
    S. Kale and S. Kumar (2018), "On the convergence of Adam and beyond", for ``amsgrad``.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import optim
    >>> w = tg.Tensor([1.0, -200.0], requires_grad=True)
    >>> optimizer = optim.Adam([w], lr=0.25)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w.data.round(6).tolist()  # both by as much
    [0.75, -199.75]
    """

    limits: ClassVar = {
        "lr": NOT_NEGATIVE,
        "betas": BELOW_ONE,
        "eps": NOT_NEGATIVE,
        "weight_decay": NOT_NEGATIVE,
    }
    numbers: ClassVar = ("step",)
    arrays: ClassVar = {"exp_avg": "", "exp_avg_sq": "", "max_exp_avg_sq": "amsgrad"}

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
        decoupled_weight_decay: bool = False,
        **without_effect: Any,
    ) -> None:
        only_without_effect(type(self).__name__, without_effect)
        defaults = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "amsgrad": amsgrad,
            "maximize": maximize,
            "decoupled_weight_decay": decoupled_weight_decay,
        }
        super().__init__(params, defaults)

    def _update(self, p: Array, g: Array, state: dict[str, Any], group: dict[str, Any]) -> None:
        lr, (beta1, beta2) = float(group["lr"]), group["betas"]
        t = state["step"] = state.get("step", 0) + 1
        step = self._spare(p)
        m, v = moments(g, state, group["betas"], step)
        if group["amsgrad"]:
            largest = kept(state, "max_exp_avg_sq", p)
            v = np.maximum(largest, v, out=largest)
        # p -= lr * (m / (1 - beta1**t)) / (sqrt(v / (1 - beta2**t)) + eps)
        np.sqrt(v, out=step)
        step /= sqrt(1 - beta2**t)
        step += group["eps"]
        np.divide(m, step, out=step)
        step *= lr / (1 - beta1**t)
        p -= step


class AdamW(Adam):
    """`Adam` with decoupled weight decay: first ``p *= 1 - lr * weight_decay``, then Adam's step.

    In `Adam`, weight decay is part of the gradient, and so divided by ``sqrt(v)`` with it: weights
    with large gradients decay less. Here all decay alike.

    Parameters
    ----------
    params, lr, betas, eps, amsgrad, maximize, **without_effect : as for `Adam`.
    weight_decay : how much each parameter decays, in units of the learning rate.

    Raises
    ------
    TypeError, ValueError
        As `Adam` does.

    References
    ----------
    I. Loshchilov and F. Hutter (2019), "Decoupled weight decay regularization".

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import optim
    >>> w = tg.Tensor([4.0], requires_grad=True)
    >>> optimizer = optim.AdamW([w], lr=0.5, weight_decay=0.25)
    >>> w.grad = [1.0]
    >>> optimizer.step()
    >>> w.data.round(6).tolist()  # 4 * (1 - 0.5 * 0.25) - 0.5
    [3.0]
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
        **without_effect: Any,
    ) -> None:
        super().__init__(
            params,
            lr,
            betas,
            eps,
            weight_decay,
            amsgrad,
            maximize=maximize,
            decoupled_weight_decay=True,
            **without_effect,
        )
