"""Losses as functions: how far a predicted number is from the right one.

Read next: ``classification_loss.py``, for predictions that choose between classes.
"""

from __future__ import annotations

from math import log, pi
from typing import Any

import numpy as np

from tinygrad_edu.dispatch import values_of
from tinygrad_edu.nn.functional.checks import (
    at_least,
    check_reduction,
    check_same_shape,
    reduced,
    shape_of,
)


def mse_loss(input: Any, target: Any, reduction: str = "mean") -> Any:
    """Squared error: ``mean((input - target)**2)``, or with ``sum``, or of every element.

    Shapes: ``input`` and ``target`` alike; the result (), or with ``reduction="none"`` theirs.

    Raises
    ------
    ValueError
        If the shapes differ, if they hold no element, or if the reduction is unknown.

    References
    ----------
    Legendre (1805) and Gauss (1809): least squares.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional
    >>> float(functional.mse_loss(tg.Tensor([1.0, 2.0]), tg.Tensor([1.0, 4.0]), reduction="sum"))
    4.0
    """
    check_reduction(reduction)
    check_same_shape("mse_loss", input, target)
    return reduced((input - target) ** 2, reduction)


def l1_loss(input: Any, target: Any, reduction: str = "mean") -> Any:
    """Absolute error: ``mean(abs(input - target))``. Where it is 0, so is its gradient.

    Shapes and errors as for `mse_loss`.

    References
    ----------
    Boscovich (1757) and Laplace: least absolute deviations.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional
    >>> float(functional.l1_loss(tg.Tensor([1.0, 2.0]), tg.Tensor([1.0, 4.0])))
    1.0
    """
    check_reduction(reduction)
    check_same_shape("l1_loss", input, target)
    return reduced(abs(input - target), reduction)


def bent(error: Any, bend: float) -> Any:
    """``error**2 / 2`` up to the bend, and from there on straight: ``bend * (error - bend / 2)``.

    With the smaller of the two, ``low``, both are ``low * (error - low / 2)``.
    """
    low = np.minimum(error, bend)
    return low * (error - low * 0.5)


def huber_loss(input: Any, target: Any, reduction: str = "mean", delta: float = 1.0) -> Any:
    """``error**2 / 2`` of a small error; of one above delta, ``delta * (abs(error) - delta/2)``.

    Shapes and errors as for `mse_loss`; delta is positive.

    References
    ----------
    Huber, Robust Estimation of a Location Parameter, Annals of Mathematical Statistics 35 (1964).

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional
    >>> functional.huber_loss(tg.Tensor([0.5, 10.0]), tg.Tensor([0.0, 0.0]), reduction="none")
    Tensor([0.125, 9.5  ], shape=(2,), dtype=float64)
    """
    check_reduction(reduction)
    check_same_shape("huber_loss", input, target)
    if not delta > 0:
        raise ValueError(f"huber_loss: delta must be positive, not {delta}")
    return reduced(bent(abs(input - target), delta), reduction)


def smooth_l1_loss(input: Any, target: Any, reduction: str = "mean", beta: float = 1.0) -> Any:
    """`huber_loss` divided by its delta, here called beta; with ``beta=0``, `l1_loss`.

    Shapes and errors as for `mse_loss`; beta is not negative.

    ``0.5 * error**2 / beta`` where the error is below beta, else ``abs(error) - 0.5 * beta``.

    References
    ----------
    Girshick, Fast R-CNN, ICCV (2015).

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional
    >>> float(functional.smooth_l1_loss(tg.Tensor([3.0]), tg.Tensor([0.0]), beta=2.0))
    2.0
    """
    check_reduction(reduction)
    check_same_shape("smooth_l1_loss", input, target)
    if not beta >= 0:
        raise ValueError(f"smooth_l1_loss: beta must not be negative, and is {beta}")
    if beta == 0:
        return l1_loss(input, target, reduction)
    return reduced(bent(abs(input - target), beta) / beta, reduction)


def poisson_nll_loss(
    input: Any,
    target: Any,
    log_input: bool = True,
    full: bool = False,
    eps: float = 1e-8,
    reduction: str = "mean",
) -> Any:
    """Negative log likelihood of counts, up to a constant: ``exp(input) - target * input``.

    Shapes and errors as for `mse_loss`.

    Source: the logarithm of Poisson's distribution; the settings are PyTorch's.

    Parameters
    ----------
    input : the logarithm of the expected count; with ``log_input=False``, the expected count itself
        in ``input - target * log(input + eps)``.
    target : the counts.
    full : whether to add Stirling's approximation of what does not depend on the input,
        ``target * log(target) - target + log(2 pi target) / 2`` for targets above 1.
    eps : what keeps the logarithm finite.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional
    >>> float(functional.poisson_nll_loss(tg.Tensor([0.0, 0.0]), tg.Tensor([2.0, 3.0])))
    1.0
    """
    check_reduction(reduction)
    check_same_shape("poisson_nll_loss", input, target)
    expected, log_expected = (np.exp(input), input) if log_input else (input, np.log(input + eps))
    losses = expected - target * log_expected
    if full:
        many = target > 1
        count = np.where(many, target, 1)
        stirling = count * np.log(count) - count + 0.5 * np.log(2 * pi * count)
        losses = losses + np.where(many, stirling, 0)
    return reduced(losses, reduction)


def gaussian_nll_loss(
    input: Any,
    target: Any,
    var: Any,
    full: bool = False,
    eps: float = 1e-6,
    reduction: str = "mean",
) -> Any:
    """Negative log likelihood of a normal distribution: ``(log(var) + error**2 / var) / 2``.

    Shapes: ``input`` and ``target`` alike; ``var`` alike, or with 1 for the last size, or without
    the last axis, or one number.

    Parameters
    ----------
    input, target : the expected values, and what was observed.
    var : the variances; those below ``eps`` count as that, and still receive a gradient.
    full : whether to add ``log(2 pi) / 2``.

    Raises
    ------
    ValueError
        If the shapes do not fit, if they hold no element, or a variance is negative.

    References
    ----------
    Nix and Weigend, Estimating the mean and variance of the target probability distribution, ICNN
    (1994).

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional
    >>> x, t = tg.Tensor([1.0, 2.0]), tg.Tensor([1.0, 4.0])
    >>> float(functional.gaussian_nll_loss(x, t, tg.Tensor([1.0, 1.0])))
    1.0
    """
    check_reduction(reduction)
    check_same_shape("gaussian_nll_loss", input, target)
    shape, var_shape = shape_of(input), shape_of(var)
    if var_shape not in (shape, (*shape[:-1], 1), shape[:-1], ()):
        raise ValueError(
            f"gaussian_nll_loss: var has shape {var_shape}, and input {shape}; there is one "
            f"variance for each element, or one for all along the last axis"
        )
    if var_shape != shape and var_shape == shape[:-1] and var_shape:
        var = var.reshape(*var_shape, 1)
    values = values_of(var)
    if (values < 0).any():
        raise ValueError(f"gaussian_nll_loss: a variance is negative, {values.min()}")
    var = at_least(eps, var)
    losses = 0.5 * (np.log(var) + (input - target) ** 2 / var)
    return reduced(losses + 0.5 * log(2 * pi) if full else losses, reduction)
