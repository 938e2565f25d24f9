"""Figures that say how good predictions are, for people; a loss says it for the optimizer."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.dispatch import plain
from tinygrad_edu.op import Array


def accuracy(logits: Any, targets: Any) -> float:
    """Share of the samples whose largest logit is that of the right class, between 0 and 1.

    Shapes: ``logits`` (N, C), or any scores or probabilities; ``targets`` (N,) whole numbers.

    Formula: ``mean(argmax(logits, axis=1) == targets)``. Source: the usual definition; as
    scikit-learn's `accuracy_score`.

    Raises
    ------
    ValueError
        If the shapes do not fit, or there is no sample.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.training import accuracy
    >>> accuracy(tg.Tensor([[0.1, 0.9], [2.0, 1.0], [0.0, 1.0]]), [1, 0, 0])
    0.6666666666666666
    """
    predicted, wanted = _classes("accuracy", logits, targets)
    return float(np.mean(predicted == wanted))


def confusion_matrix(logits: Any, targets: Any) -> Array:
    """Count the samples of class ``row`` that were taken for class ``column``.

    Shapes: ``logits`` (N, C), ``targets`` (N,) whole numbers; the result (C, C).

    Formula: ``counts[targets[i], argmax(logits[i])] += 1``. Source: rows and columns are
    scikit-learn's.

    Raises
    ------
    ValueError
        If the shapes do not fit, there is no sample, or a target is no class.

    Examples
    --------
    >>> from tinygrad_edu.training import confusion_matrix
    >>> confusion_matrix([[0.1, 0.9], [2.0, 1.0], [0.0, 1.0]], [1, 0, 0])
    array([[1, 1],
           [0, 1]])
    """
    predicted, wanted = _classes("confusion_matrix", logits, targets)
    classes = np.shape(plain(logits))[1]
    if wanted.min() < 0 or wanted.max() >= classes:
        raise ValueError(f"targets from {wanted.min()} to {wanted.max()}, but {classes} classes")
    return np.bincount(wanted * classes + predicted, minlength=classes**2).reshape(classes, classes)


def _classes(what: str, logits: Any, targets: Any) -> tuple[Array, Array]:
    """Check logits and targets, and return the predicted and the wanted classes."""
    scores, wanted = np.asarray(plain(logits)), np.asarray(plain(targets))
    if scores.ndim != 2 or wanted.shape != scores.shape[:1] or wanted.dtype.kind not in "iu":
        raise ValueError(
            f"{what} takes logits (N, C) and whole numbers (N,), not {scores.shape} and "
            f"{wanted.shape} {wanted.dtype}"
        )
    if not scores.size:
        raise ValueError(f"{what} of no sample")
    return scores.argmax(axis=1), wanted
