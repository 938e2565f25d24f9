"""Sequences of different lengths as one array, which is what recurrent layers read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tinygrad_edu.nn.functional.checks import shape_of
from tinygrad_edu.ops.shape import as_array


def pad_sequence(
    sequences: Sequence[Any],
    batch_first: bool = False,
    padding_value: float = 0.0,
    padding_side: str = "right",
) -> Any:
    """Make sequences equally long, and stack them.

    Shapes: each sequence (length, ...), alike but for the length; the result (longest, N, ...), or
    (N, longest, ...) with ``batch_first``.

    Parameters
    ----------
    sequences : the N sequences.
    batch_first : whether the first axis is the batch, and not the sequence.
    padding_value : what the shorter ones are filled up with.
    padding_side : ``"right"``, behind their ends, or ``"left"``, before their beginnings.

    Raises
    ------
    ValueError
        If there is no sequence, they differ in more than their lengths, or the side is not known.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn.utils.rnn import pad_sequence
    >>> pad_sequence([tg.Tensor([1.0, 2.0, 3.0]), tg.Tensor([4.0])], batch_first=True)
    Tensor([[1., 2., 3.],
            [4., 0., 0.]], shape=(2, 3), dtype=float64)
    """
    if padding_side not in ("right", "left"):
        raise ValueError(f"pad_sequence: padding_side is 'right' or 'left', not {padding_side!r}")
    shapes = [shape_of(sequence) for sequence in sequences]
    if len({shape[1:] for shape in shapes}) != 1 or () in shapes:
        raise ValueError(
            f"pad_sequence takes sequences that differ only in the first axis, their length; these "
            f"have shapes {shapes}"
        )
    longest = max(shape[0] for shape in shapes)
    padded = []
    for sequence, shape in zip(sequences, shapes):
        more = longest - shape[0]
        around = [(0, more) if padding_side == "right" else (more, 0)] + [(0, 0)] * (len(shape) - 1)
        padded.append(np.pad(as_array(sequence), around, constant_values=padding_value))
    return np.stack(padded, axis=0 if batch_first else 1)
