"""What a compiled program consists of: operands that live somewhere, and calls that write there.

Read next: ``lower.py``, which makes these of a program's lines.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tinygrad_edu.op import Array


@dataclass(eq=False)
class Operand:
    """Something with a name that a call reads or writes.

    Attributes
    ----------
    sample : an array of the same shape, dtype and strides; its numbers mean nothing.
    """

    name: str
    sample: Any = field(repr=False)

    @property
    def shape(self) -> Any:
        """The sizes of the axes."""
        return self.sample.shape

    @property
    def dtype(self) -> Any:
        """The type of the numbers."""
        return self.sample.dtype

    @property
    def roots(self) -> frozenset[Operand]:
        """The operands whose memory this is."""
        return frozenset((self,))


@dataclass(eq=False)
class Fixed(Operand):
    """An array that is there before the program runs, and stays where it is.

    Attributes
    ----------
    constant : whether nobody ever writes into it.
    """

    constant: bool = False


@dataclass(eq=False)
class Buffer(Operand):
    """An array that the program writes, in memory that several may share, one after the other.

    Attributes
    ----------
    pinned : whether it is still wanted when the program has ended.
    home : the array that it is, if that is one that the program updates.
    twin : the buffer that it is, if another has the same numbers; see ``twins.py``.
    """

    pinned: bool = False
    home: Array | None = None
    twin: Buffer | None = None

    @property
    def roots(self) -> frozenset[Operand]:
        """The operands whose memory this is."""
        return frozenset((self,)) if self.twin is None else self.twin.roots


@dataclass(eq=False)
class View(Operand):
    """Another view of the memory of an operand that stays where it is."""

    base: Operand = field(kw_only=True)
    of: Callable[[Array], Array] = field(kw_only=True)

    @property
    def roots(self) -> frozenset[Operand]:
        """The operands whose memory this is."""
        return self.base.roots


@dataclass(eq=False)
class Local(Operand):
    """What exists while the program runs: an argument, or what a call has returned.

    Attributes
    ----------
    aliases : the operands whose memory it may be.
    """

    aliases: frozenset[Operand] = frozenset()

    @property
    def roots(self) -> frozenset[Operand]:
        """The operands whose memory this is."""
        return self.aliases | {self}


@dataclass(eq=False)
class Several(Operand):
    """What an op with several outputs has returned."""

    parts: tuple[Operand, ...]

    @property
    def roots(self) -> frozenset[Operand]:
        """The operands whose memory this is."""
        return frozenset().union(*(part.roots for part in self.parts))


@dataclass(eq=False)
class Call:
    """One line: ``function(arguments, out)``, or ``target = text``.

    Attributes
    ----------
    text : with the arguments as ``{0}``, ``{1}``, and what is written into as ``{out}``.
    reads : the arguments.
    out : what is written into; of a call that returns something, the `Local` for that.
    in_place : whether ``out`` may be the memory of an argument of the same shape.
    update : whether ``out`` is read too, or written in part, as it has been begun before.
    elementwise : the function that is computed element by element, if that is what it does.
    pure : whether it does the same whenever it is given the same.
    within : the context in which it is made, such as ``errstate(divide='ignore')``.
    """

    text: str
    reads: tuple[Operand, ...]
    out: Operand | None = None
    in_place: bool = False
    update: bool = False
    elementwise: Any = None
    pure: bool = False
    within: str = ""


def sample(shape: Any, dtype: Any) -> Array:
    """Make an array of which only the shape, dtype and strides matter."""
    return np.empty(shape, dtype)


def memory_order(a: Array) -> list[int]:
    """List the axes of an array as they lie in memory, the one with the longest steps first."""
    return sorted(range(a.ndim), key=lambda axis: -a.strides[axis])


def address(a: Array) -> int:
    """Return where an array begins in memory."""
    return int(a.__array_interface__["data"][0])
