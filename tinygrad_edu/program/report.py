"""How far the gradients of a printed program are from those that the walk computes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from tinygrad_edu.op import Array

ROUNDING = 1e-15
"""What each line may be off by, relative to the largest element.

Where no pass has put sums in another order (``program.exact``), all bits are the same, but for what
NumPy itself rounds differently, depending on how an array lies in memory.
"""

NOISE = 13  # bits: what is so little more than the rounding of the largest gradient is only noise


class Difference(NamedTuple):
    """How far a printed gradient is from the one that the walk computes."""

    name: str
    absolute: float
    relative: float


class Report(NamedTuple):
    """What `Derivation.check` has found.

    Attributes
    ----------
    differences : one for each gradient; relative to its largest element, or to the largest of all
        gradients if it is 0 but for rounding.
    exact : whether all are the same bit for bit.
    """

    differences: tuple[Difference, ...]
    exact: bool

    def __str__(self) -> str:
        head = "bit for bit" if self.exact else "up to rounding"
        lines = [f"the printed program computes what backward() does, {head}:"]
        lines += [f"  {d.name}: off by {d.absolute:.3g}" for d in self.differences]
        return "\n".join(lines)


def report(names: Sequence[str], ours: Any, theirs: Sequence[Array], lines: int) -> Report:
    """Compare gradients; see `Derivation.check`, also for the error that it raises.

    Parameters
    ----------
    lines : of the program, each of which may round.
    """
    differences = []
    largest = max(map(size_of, theirs), default=0.0)
    for name, found, walked in zip(names, ours, theirs):
        difference = compared(name, np.asarray(found), walked, largest)
        if difference.relative > ROUNDING * lines * 2.0 ** (53 - mantissa_bits(walked)):
            raise ArithmeticError(
                f"the printed program is off in {name}: by {difference.absolute:.3g}, which is "
                f"{difference.relative:.3g} of its largest element; does an op use random "
                f"numbers, or anything else that changes?"
            )
        differences.append(difference)
    return Report(tuple(differences), all(each.absolute == 0 for each in differences))


def mantissa_bits(array: Array) -> int:
    """Count the bits of precision that an array's numbers have."""
    return int(np.finfo(array.dtype).nmant) + 1


def size_of(array: Array) -> float:
    """Return the largest absolute value that is finite."""
    return float(np.max(np.abs(array), initial=0, where=np.isfinite(array)))


def compared(name: str, ours: Array, theirs: Array, largest: float) -> Difference:
    """Measure how far two arrays are apart; NaN is equal to NaN.

    A gradient that is 0 on paper, such as that of a bias in front of a normalization, is nothing
    but rounding, and other rounding is all of it: then the ``largest`` of all gradients counts.
    """
    if ours.shape != theirs.shape or ours.dtype != theirs.dtype:
        raise ArithmeticError(
            f"the printed program gives {name} as {ours.shape} {ours.dtype}, and not as "
            f"{theirs.shape} {theirs.dtype}"
        )
    same = (ours == theirs) | (np.isnan(ours) & np.isnan(theirs))
    with np.errstate(invalid="ignore"):
        apart = np.where(same, 0, np.abs(ours - theirs))
    absolute = float(np.max(np.where(np.isnan(apart), np.inf, apart), initial=0))
    scale = size_of(theirs)
    if scale < largest * 2.0 ** (NOISE - mantissa_bits(theirs)):
        scale = largest
    return Difference(name, absolute, absolute / scale if scale else absolute)
