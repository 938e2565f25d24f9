"""SGD: a step straight downhill."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tinygrad_edu.optim.optimizer import Optimizer
from tinygrad_edu.tensor import Tensor


class SGD(Optimizer):
    """Gradient descent: ``p -= lr * p.grad``.

    Stochastic is what the gradients make it, if they come from a part of the data.

    Parameters
    ----------
    params : the Tensors to learn, or dicts of them with learning rates of their own.
    lr : the learning rate.

    Raises
    ------
    TypeError, ValueError
        As `Optimizer` does; and if the learning rate is negative or not finite.

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

    def __init__(self, params: Iterable[Any], lr: float = 1e-3) -> None:
        super().__init__(params, {"lr": lr})

    def _update(self, parameter: Tensor, gradient: Tensor, group: dict[str, Any]) -> None:
        # Computing lr * grad in an array kept from step to step was measured to be no faster.
        data = parameter._array
        data -= float(group["lr"]) * gradient._array
        parameter._touch()
