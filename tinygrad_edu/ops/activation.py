"""Activation functions: what a layer does after its weighted sum.

One of your own is made in the same way as these: the derivative, the function, and that is all.
``examples/new_activation.py`` shows what it then can do.

Read next: ``rectifiers.py`` and ``gates.py``, the other activations; softmax is in ``special.py``.
PyTorch's signatures for all of them are in ``nn/functional``, in files of the same names.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.cases import Kink
from tinygrad_edu.op import differentiable
from tinygrad_edu.ops.elementwise import elements


@differentiable(x=lambda dy, y, x: dy * (y * (1 - y)), cases=elements())
@np.errstate(over="ignore")  # exp(1000) is infinite, and 1 / infinity is 0, as it should be
def sigmoid(x: Any) -> Any:
    """Logistic function, elementwise: ``1 / (1 + exp(-x))``.

    Its derivative is ``y * (1 - y)``, in terms of its own output.

    References
    ----------
    Verhulst (1845), who called it logistic; the article takes it as its activation.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.sigmoid(tg.Tensor([-1000.0, 0.0, 1000.0]))
    Tensor([0. , 0.5, 1. ], shape=(3,), dtype=float64)
    """
    y = np.exp(-x if x.dtype.kind in "fc" else -x.astype(float))
    y += 1
    return np.reciprocal(y)


@differentiable(
    x=lambda dy, y, x: dy * (x > 0),
    cases=elements(),
    kinks=[Kink(at=(0.0,), gradients=(0.0,))],
)
def relu(x: Any) -> Any:
    """Rectified linear unit, elementwise: ``max(x, 0)``. At 0 its derivative is promised to be 0.

    References
    ----------
    Nair and Hinton, Rectified linear units improve restricted Boltzmann machines, ICML (2010).

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.relu(tg.Tensor([-1.0, 0.0, 2.0]))
    Tensor([0., 0., 2.], shape=(3,), dtype=float64)
    """
    return np.maximum(x, 0)


def softsign_x(dy: Any, y: Any, x: Any) -> Any:
    """``1 / (1 + abs(x))**2``, dividing before squaring, which does not overflow."""
    share = 1 / (1 + np.abs(x))
    return dy * (share * share)


@differentiable(x=softsign_x, cases=elements())
def softsign(x: Any) -> Any:
    """``x / (1 + abs(x))``, elementwise: between -1 and 1 as tanh is, with longer tails.

    It has a derivative at 0, which is 1, but no second one: 0 is given for that.

    Raises
    ------
    TypeError
        If the numbers are complex.

    References
    ----------
    Glorot and Bengio, Understanding the difficulty of training deep feedforward neural networks,
    AISTATS (2010), who compare it with tanh.

    Examples
    --------
    >>> from tinygrad_edu import Tensor
    >>> from tinygrad_edu.ops.activation import softsign
    >>> softsign(Tensor([-1e308, 0.0, 1.0]))
    Tensor([-1. ,  0. ,  0.5], shape=(3,), dtype=float64)
    """
    if np.iscomplexobj(x):
        raise TypeError("its derivative is that of real numbers, and these are complex")
    return x / (1 + np.abs(x))


def tanhshrink_x(dy: Any, y: Any, x: Any) -> Any:
    """``tanh(x)**2``; as ``(x - y)**2`` it would be 0 where x is large."""
    shrunk_by = np.tanh(x)
    return dy * (shrunk_by * shrunk_by)


@differentiable(x=tanhshrink_x, cases=elements())
def tanhshrink(x: Any) -> Any:
    """``x - tanh(x)``, elementwise: flat at 0, and parallel to x far from it.

    Source: the name is PyTorch's.

    Examples
    --------
    >>> from tinygrad_edu import Tensor
    >>> from tinygrad_edu.ops.activation import tanhshrink
    >>> tanhshrink(Tensor([-100.0, 0.0, 100.0]))
    Tensor([-99.,   0.,  99.], shape=(3,), dtype=float64)
    """
    return x - np.tanh(x)
