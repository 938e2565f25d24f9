"""Losses as functions: how much a choice between classes, or between yes and no, is worth.

`cross_entropy` takes logits, the numbers that softmax makes probabilities of. It is computed from
them without passing through the probabilities, and so is finite whatever the logits are.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.dispatch import any_tracked, values_of
from tinygrad_edu.nn.functional.checks import (
    check_reduction,
    check_same_shape,
    reduced,
    shape_of,
)
from tinygrad_edu.nn.functional.labels import (
    Labels,
    check_classes,
    check_labels,
    check_weight,
    of_labels,
    total_weight,
)
from tinygrad_edu.ops import loss, special


# -------------------------------------------------------------------------- yes or no
def binary_cross_entropy(
    input: Any, target: Any, weight: Any = None, reduction: str = "mean"
) -> Any:
    """``-(t log(p) + (1 - t) log(1 - p))`` of probabilities p; logarithms stop at -100.

    `binary_cross_entropy_with_logits` is more exact and needs no such stop.

    Shapes: ``input`` and ``target`` alike, ``weight`` alike or broadcast to them.

    Raises
    ------
    ValueError
        If the shapes differ, if they hold no element, if a probability is not between 0 and 1, or
        if the reduction is unknown.

    References
    ----------
    Good, Rational decisions, J. Royal Statist. Soc. B 14 (1952), for the score; the stop is
    PyTorch's.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional
    >>> float(functional.binary_cross_entropy(tg.Tensor([0.0, 1.0]), tg.Tensor([1.0, 1.0])))
    50.0
    """
    check_reduction(reduction)
    check_same_shape("binary_cross_entropy", input, target)
    p = values_of(input)
    if not ((p >= 0) & (p <= 1)).all():
        raise ValueError(
            f"binary_cross_entropy: probabilities are between 0 and 1, and these between {p.min()} "
            f"and {p.max()}; apply sigmoid, or use binary_cross_entropy_with_logits"
        )
    losses = loss.binary_cross_entropy(input, as_numbers(target, p.dtype))
    return reduced(weighted(losses, weight, p.dtype), reduction)


def binary_cross_entropy_with_logits(
    input: Any,
    target: Any,
    weight: Any = None,
    reduction: str = "mean",
    pos_weight: Any = None,
) -> Any:
    """`binary_cross_entropy` of ``sigmoid(input)``, exact for logits of any size.

    It is ``t softplus(-x) + (1 - t) softplus(x)``; ``pos_weight`` multiplies the first part.

    Shapes: ``input`` and ``target`` alike; ``weight`` and ``pos_weight`` broadcast to them.

    Source: see `binary_cross_entropy`.

    Raises
    ------
    ValueError
        If the shapes differ, if they hold no element, or if the reduction is unknown.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional
    >>> x, t = tg.Tensor([1000.0, -1000.0]), tg.Tensor([0.0, 1.0])
    >>> float(functional.binary_cross_entropy_with_logits(x, t))
    1000.0
    """
    check_reduction(reduction)
    check_same_shape("binary_cross_entropy_with_logits", input, target)
    dtype = input.dtype
    target = as_numbers(target, dtype)
    yes = weighted(target * special.softplus(-input), pos_weight, dtype)
    return reduced(weighted(yes + (1 - target) * special.softplus(input), weight, dtype), reduction)


def as_numbers(x: Any, dtype: Any) -> Any:
    """Return targets or weights of another kind, such as truth values, in the input's dtype."""
    if not hasattr(x, "dtype") or x.dtype.kind != "f":
        return values_of(x, dtype)
    return x


def weighted(losses: Any, weight: Any, dtype: Any) -> Any:
    """Multiply with a weight, if there is one that broadcasts to the losses."""
    if weight is None:
        return losses
    if not any_tracked(weight):
        weight = values_of(weight, dtype)
    if np.broadcast_shapes(weight.shape, losses.shape) != losses.shape:
        raise ValueError(
            f"a weight of shape {weight.shape} does not broadcast to losses of {losses.shape}"
        )
    return losses * weight


# ------------------------------------------------------------------- one of several classes
def cross_entropy(
    input: Any,
    target: Any,
    weight: Any = None,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Any:
    """Negative logarithm of the probability that ``softmax(input)`` gives to the right class.

    Shapes: ``input`` (C,), (N, C) or (N, C, d1, ...), with C classes; ``target`` of class numbers
    without the axis of C, or of probabilities in the shape of the input.

    ``-input[y] + log(sum(exp(input)))`` for class y, and ``-sum(target * log_softmax(input))`` for
    probabilities.

    Parameters
    ----------
    input : logits.
    target : integers from 0 to C-1; or floating-point probabilities of the classes.
    weight : (C,), how much each class counts; the mean is then a weighted one.
    ignore_index : a class number that marks what does not count.
    reduction : ``"mean"``, ``"sum"`` or ``"none"``.
    label_smoothing : the part of the target, from 0 to 1, that is spread evenly over all classes.

    Raises
    ------
    ValueError
        If shapes do not fit, nothing is left to average, or a setting makes no sense.
    IndexError
        If a class number does not exist, naming it and its position.
    TypeError
        If class numbers are not integers.

    References
    ----------
    Bridle, Probabilistic interpretation of feedforward classification network outputs (1990).

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional
    >>> logits = tg.Tensor([[1e4, 0.0], [0.0, 1e4]])
    >>> float(functional.cross_entropy(logits, [0, 0]))
    5000.0
    """
    if not 0 <= label_smoothing <= 1:
        raise ValueError(f"cross_entropy: label_smoothing is from 0 to 1, not {label_smoothing}")
    shape = check_classes("cross_entropy", input, reduction)
    weight = check_weight("cross_entropy", weight, shape[1], input.dtype)
    if shape_of(target) == input.shape and values_of(target).dtype.kind == "f":
        x, target = special.log_softmax(batch(input, shape), axis=1), batch(target, shape)
        losses = of_probabilities(x, target, weight, label_smoothing)
        return reduced(losses, reduction) if input.ndim > 1 else losses.reshape(())
    labels = check_labels("cross_entropy", input, target, ignore_index)
    x = special.log_softmax(batch(input, shape), axis=1)
    losses = of_labels("cross_entropy", x, labels, weight, reduction)
    if label_smoothing:
        even = spread_evenly("cross_entropy", x, labels, weight, reduction)
        losses = (1 - label_smoothing) * losses + label_smoothing * even
    return losses if input.ndim > 1 else losses.reshape(())


def batch(x: Any, shape: tuple[int, ...]) -> Any:
    """Lay out what is said of one sample as a batch of one."""
    return x if shape_of(x) == shape else x.reshape(shape)


def of_probabilities(x: Any, target: Any, weight: Any, label_smoothing: float) -> Any:
    """Cross entropy of every sample, from log probabilities and probabilities (N, C, d1, ...)."""
    if label_smoothing:
        target = (1 - label_smoothing) * target + label_smoothing / x.shape[1]
    losses = target * x
    return -(losses if weight is None else losses * per_class(weight, x)).sum(axis=1)


def per_class(weight: Any, x: Any) -> Any:
    """Lay out the weights of the classes so that they broadcast to (N, C, d1, ...)."""
    return weight.reshape((-1,) + (1,) * (x.ndim - 2))


def spread_evenly(loss: str, x: Any, labels: Labels, weight: Any, reduction: str) -> Any:
    """What the loss would be if every class were as right as the others."""
    losses = -(x if weight is None else x * per_class(weight, x)).sum(axis=1) / x.shape[1]
    if labels.kept is not None:
        losses = np.where(labels.kept, losses, 0)
    if reduction != "mean":
        return reduced(losses, reduction)
    return losses.sum() / total_weight(loss, labels, weight)


def nll_loss(
    input: Any,
    target: Any,
    weight: Any = None,
    ignore_index: int = -100,
    reduction: str = "mean",
) -> Any:
    """Minus the ``input`` of the right class, which is a log probability: see `cross_entropy`.

    Shapes, parameters and errors as there; the target holds class numbers.

    ``-input[y]`` for class y; shapes and source: see `cross_entropy`.

    Examples
    --------
    >>> import numpy as np
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional
    >>> log_shares = np.log(tg.Tensor([[0.5, 0.5], [0.25, 0.75]]))
    >>> round(float(np.exp(-functional.nll_loss(log_shares, [0, 0], reduction="sum"))), 6)
    0.125
    """
    shape = check_classes("nll_loss", input, reduction)
    weight = check_weight("nll_loss", weight, shape[1], input.dtype)
    labels = check_labels("nll_loss", input, target, ignore_index)
    losses = of_labels("nll_loss", batch(input, shape), labels, weight, reduction)
    return losses if input.ndim > 1 else losses.reshape(())


def kl_div(input: Any, target: Any, reduction: str = "mean", log_target: bool = False) -> Any:
    """Kullback-Leibler divergence: ``target * (log(target) - input)``, of log probabilities.

    Shapes: ``input`` and ``target`` alike. ``reduction="batchmean"``, the sum divided by the first
    size, is what the mathematical definition means; ``"mean"`` divides by all.

    Parameters
    ----------
    input : log probabilities.
    target : probabilities; their logarithms, with ``log_target=True``.

    Raises
    ------
    ValueError
        If the shapes differ, if they hold no element, or if the reduction is unknown.

    References
    ----------
    Kullback and Leibler, On information and sufficiency, Ann. Math. Statist. 22 (1951).

    Examples
    --------
    >>> import numpy as np
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional
    >>> x, t = np.log(tg.Tensor([[0.5, 0.5]])), tg.Tensor([[1.0, 0.0]])
    >>> round(float(functional.kl_div(x, t, reduction="batchmean")), 6)
    0.693147
    """
    if reduction != "batchmean":
        check_reduction(reduction)
    check_same_shape("kl_div", input, target)
    if log_target:
        losses = np.exp(target) * (target - input)
    else:
        losses = special.xlogy(target, target) - target * input
    if reduction == "batchmean":
        return losses.sum() / (losses.shape[0] if losses.ndim else 1)
    return reduced(losses, reduction)
