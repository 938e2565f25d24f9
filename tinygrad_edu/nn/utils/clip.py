"""Clipping gradients, so that one bad batch cannot throw the parameters far away."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from tinygrad_edu.dispatch import values_of
from tinygrad_edu.recording import no_grad
from tinygrad_edu.tensor import Tensor


def clip_grad_norm_(
    parameters: Tensor | Iterable[Tensor],
    max_norm: float,
    norm_type: float = 2.0,
    error_if_nonfinite: bool = True,
) -> Tensor:
    """Shorten all gradients together, in place, to a norm of at most ``max_norm``.

    The norm is that of all gradients as one vector. If it is too large, each gradient is multiplied
    by ``max_norm / (norm + 1e-6)``.

    Parameters
    ----------
    parameters : a Tensor or several; those without a gradient are passed over.
    norm_type : which norm; ``inf`` for the largest absolute value.
    error_if_nonfinite : refuse a norm that is infinite or NaN, unlike PyTorch by default; ``False``
        lets it make all gradients 0 or NaN.

    Returns
    -------
    The norm before clipping.

    Raises
    ------
    RuntimeError
        If the norm is not finite. No gradient has changed then.
    ValueError
        If ``max_norm`` is negative or NaN.

    References
    ----------
    Pascanu, Mikolov and Bengio, On the difficulty of training recurrent neural networks (2013),
    arXiv:1211.5063.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn.utils import clip_grad_norm_
    >>> w = tg.Tensor([3.0, 4.0], requires_grad=True)
    >>> (w * w).sum().backward()
    >>> clip_grad_norm_([w], max_norm=1.0)
    Tensor(10., shape=(), dtype=float64)
    >>> w.grad.numpy().round(4).tolist()
    [0.6, 0.8]
    """
    gradients = _gradients(parameters, "clip_grad_norm_")
    if not float(max_norm) >= 0:
        raise ValueError(f"clip_grad_norm_: max_norm cannot be {max_norm}; it is 0 or more")
    # With an axis, NumPy adds up as a traced program does; without one, as a dot product.
    norms = [np.linalg.norm(values_of(g).ravel(), norm_type, axis=0) for g in gradients]
    total: Any = np.linalg.norm(np.stack(norms), norm_type, axis=0) if norms else np.asarray(0.0)
    if error_if_nonfinite and not np.isfinite(total):
        count = sum(not np.isfinite(norm) for norm in norms)
        raise RuntimeError(
            f"clip_grad_norm_: the norm of the gradients is {float(total)}, because {count} of "
            f"{len(norms)} gradients are; tg.detect_anomaly() finds out where that began, and "
            f"error_if_nonfinite=False clips all the same"
        )
    # By 1 where nothing is to be clipped, which changes nothing.
    factor: Any = np.minimum(float(max_norm) / (total + 1e-6), 1)
    with no_grad():
        for gradient in gradients:
            gradient *= factor.astype(gradient.dtype)
    return Tensor(total, copy=False)


def clip_grad_value_(parameters: Tensor | Iterable[Tensor], clip_value: float) -> None:
    """Bring every element of the gradients between plus and minus ``clip_value``, in place.

    Elementwise: ``g = min(max(g, -clip_value), clip_value)``. Source: the conventions are
    PyTorch's.

    Raises
    ------
    ValueError
        If ``clip_value`` is negative or NaN.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn.utils import clip_grad_value_
    >>> w = tg.Tensor([0.1, 4.0], requires_grad=True)
    >>> (w * w).sum().backward()
    >>> clip_grad_value_([w], 1.0)
    >>> w.grad.tolist()
    [0.2, 1.0]
    """
    gradients = _gradients(parameters, "clip_grad_value_")
    bound = float(clip_value)
    if not bound >= 0:
        raise ValueError(f"clip_grad_value_: clip_value cannot be {clip_value}; it is 0 or more")
    with no_grad():
        for gradient in gradients:
            gradient[...] = np.clip(values_of(gradient), -bound, bound)


def _gradients(parameters: Tensor | Iterable[Tensor], where: str) -> list[Any]:
    """Return the gradients that there are, each in memory that may be written into."""
    given = [parameters] if isinstance(parameters, Tensor) else list(parameters)
    for parameter in given:
        if not isinstance(parameter, Tensor):
            raise TypeError(f"{where} takes Tensors, not a {type(parameter).__name__}")
        if parameter.grad is not None and parameter.grad.node is not None:
            parameter.grad = parameter.grad.detach()  # its history does not fit what it becomes
    return [parameter.grad for parameter in given if parameter.grad is not None]
