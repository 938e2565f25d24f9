"""What the losses of class numbers share: checking the numbers, and finding their places.

Next: ``classification_loss.py``, which this belongs to.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from tinygrad_edu.dispatch import any_tracked, values_of
from tinygrad_edu.nn.functional.checks import check_reduction, shape_of
from tinygrad_edu.ops.loss import nll

Array = np.ndarray[tuple[Any, ...], np.dtype[Any]]


class Labels(NamedTuple):
    """Class numbers, and which of them count: all, if ``kept`` is None."""

    numbers: Array
    kept: Array | None

    @property
    def places(self) -> tuple[Any, ...]:
        """The places of the classes that count, in an array (N, C, d1, ...)."""
        if self.kept is None and self.numbers.ndim == 1:
            return (np.arange(self.numbers.size), self.numbers)
        if self.kept is None:
            where = np.ogrid[tuple(map(slice, self.numbers.shape))]
            return (where[0], self.numbers, *where[1:])
        where = np.nonzero(self.kept)
        return (where[0], self.numbers[self.kept], *where[1:])


def check_classes(loss: str, input: Any, reduction: str) -> tuple[int, ...]:
    """Check what is said about the classes, and return its shape as that of a batch."""
    check_reduction(reduction)
    shape: tuple[int, ...] = input.shape
    if not shape:
        raise ValueError(f"{loss}: the input of shape () has no axis of classes")
    if 0 in shape:
        raise ValueError(f"{loss}: an empty batch, of shape {shape}, has no loss")
    return shape if len(shape) > 1 else (1, *shape)


def check_labels(loss: str, input: Any, target: Any, ignore_index: int) -> Labels:
    """Check that every label is the number of a class, and return them as those of a batch."""
    shape, labels = input.shape, values_of(target)
    expected, classes = (shape[:1] + shape[2:], shape[1]) if len(shape) > 1 else ((), shape[0])
    if labels.shape != expected:
        raise ValueError(
            f"{loss}: input has shape {shape} and target {labels.shape}; class numbers have shape "
            f"{expected}" + (f", and floating-point probabilities {shape}" * (loss != "nll_loss"))
        )
    if labels.dtype.kind not in "iu":
        raise TypeError(
            f"{loss}: the numbers of classes are integers, not {labels.dtype}; use .astype(int)"
        )
    labels = labels.reshape(labels.shape or (1,))
    low, high = labels.min(), labels.max()
    if low >= 0 and high < classes and not low <= ignore_index <= high:
        return Labels(labels, None)
    kept = labels != ignore_index
    wrong = kept & ((labels < 0) | (labels >= classes))
    if wrong.any():
        position = tuple(np.argwhere(wrong)[0].tolist()) if expected else ()
        raise IndexError(
            f"{loss}: the label at {position} is {labels[wrong][0]}, and there are {classes} "
            f"classes, numbered from 0 to {classes - 1} (input {shape}, target {expected})"
        )
    return Labels(labels, kept)


def check_weight(loss: str, weight: Any, classes: int, dtype: Any) -> Array | None:
    """Return the weights of the classes as an array, if there are any."""
    if weight is None:
        return None
    if any_tracked(weight):
        raise TypeError(f"{loss}: no gradient reaches weight=; pass weight.detach()")
    if shape_of(weight) != (classes,):
        raise ValueError(
            f"{loss}: weight has shape {shape_of(weight)}; it must be one number for each of the "
            f"{classes} classes, ({classes},)"
        )
    values: Array = values_of(weight, dtype)
    return values


def total_weight(loss: str, labels: Labels, weight: Array | None) -> Any:
    """What a mean is divided by: the number of labels that count, or the sum of their weights."""
    numbers, kept = labels
    count = numbers.size if kept is None else int(kept.sum())
    total: Any = count
    if weight is not None:
        total = weight[numbers if kept is None else numbers[kept]].sum()
    if total == 0:
        what = "are to be ignored" if count == 0 else "are of classes with weight 0"
        raise ValueError(f"{loss}: all {numbers.size} labels {what}, and of none there is no mean")
    return total


def of_labels(loss: str, x: Any, labels: Labels, weight: Array | None, reduction: str) -> Any:
    """Reduce minus the log probabilities ``x`` (N, C, d1, ...) of the labels."""
    if reduction != "none":
        index = labels.places
        share = 1.0 if weight is None else weight[index[1]]
        if reduction == "mean":
            share = share / total_weight(loss, labels, weight)
        return nll(x, index=index, weight=share)
    numbers, kept = labels
    if kept is not None:
        numbers = np.where(kept, numbers, 0)
    losses = -x[Labels(numbers, None).places]
    if weight is not None:
        losses = losses * weight[numbers]
    return losses if kept is None else np.where(kept, losses, 0)
