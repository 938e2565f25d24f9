"""Padding layers: more elements around sequences, images or volumes; see `functional.pad`."""

from __future__ import annotations

from typing import Any, ClassVar

from tinygrad_edu.nn.functional.pad import pad
from tinygrad_edu.nn.functional.windows import AXES, per_axis
from tinygrad_edu.nn.module import Module
from tinygrad_edu.ops.shape import as_array


class Padding(Module):
    """What all padding layers have in common; for the arguments, see `ZeroPad1d`."""

    axes: ClassVar[int]
    mode: ClassVar[str]
    value: float | None = None

    def __init__(self, padding: Any) -> None:
        super().__init__()
        least = -(2**62)  # any number will do
        self.padding = per_axis(type(self).__name__, "padding", padding, 2 * self.axes, least)

    def forward(self, input: Any) -> Any:
        """Apply `functional.pad`."""
        x = as_array(input)
        if self.mode != "constant" and x.ndim not in (self.axes + 1, self.axes + 2):
            raise ValueError(
                f"{self} takes inputs of shape (batch, channels, {AXES[self.axes]}) or (channels, "
                f"{AXES[self.axes]}), not {x.shape}"
            )
        return pad(x, self.padding, self.mode, self.value)

    def extra_repr(self) -> str:
        """Name the padding."""
        return f"{self.padding}"


class ConstantPad(Padding):
    """What `ConstantPad1d`, `ConstantPad2d` and `ConstantPad3d` have in common."""

    mode = "constant"

    def __init__(self, padding: Any, value: float) -> None:
        super().__init__(padding)
        self.value = value

    def extra_repr(self) -> str:
        """Name the padding and the value."""
        return f"padding={self.padding}, value={self.value}"


class ConstantPad1d(ConstantPad):
    """One value around sequences.

    Shapes, ``padding`` and errors: see `ZeroPad1d`; ``value`` is what is put there.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.nn.ConstantPad1d((2, 1), 9.0)(tg.Tensor([[1.0, 2.0]])).tolist()
    [[9.0, 9.0, 1.0, 2.0, 9.0]]
    """

    axes = 1


class ConstantPad2d(ConstantPad):
    """One value around images.

    Shapes, ``padding`` and errors: see `ZeroPad2d`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.nn.ConstantPad2d((1, 0, 0, 1), 9.0)(tg.Tensor([[[1.0, 2.0]]])).tolist()
    [[[9.0, 1.0, 2.0], [9.0, 9.0, 9.0]]]
    """

    axes = 2


class ConstantPad3d(ConstantPad):
    """One value around volumes.

    Shapes, ``padding`` and errors: see `ZeroPad3d`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.nn.ConstantPad3d((0, 1, 0, 0, 1, 0), 9.0)(tg.Tensor([[[1.0]]])).tolist()
    [[[9.0, 9.0]], [[1.0, 9.0]]]
    """

    axes = 3


class ZeroPad1d(Padding):
    """Zeros around sequences.

    Shapes: (..., L) becomes (..., before + L + behind). Formula and source: see `functional.pad`.

    Parameters
    ----------
    padding : one number for all sides, or ``(before, behind)``. Negative numbers take away.

    Raises
    ------
    TypeError, ValueError
        If the padding is neither; when called, if the input has too few axes.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn.padding import ZeroPad1d
    >>> ZeroPad1d(1)(tg.Tensor([[1.0, 2.0, 3.0]])).tolist()
    [[0.0, 1.0, 2.0, 3.0, 0.0]]
    """

    axes = 1
    mode = "constant"


class ZeroPad2d(ZeroPad1d):
    """Zeros around images.

    Shapes: input (..., H, W); ``padding`` is ``(left, right, top, bottom)``; else see `ZeroPad1d`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.nn.ZeroPad2d(1)(tg.Tensor([[5.0]])).tolist()
    [[0.0, 0.0, 0.0], [0.0, 5.0, 0.0], [0.0, 0.0, 0.0]]
    """

    axes = 2


class ZeroPad3d(ZeroPad1d):
    """Zeros around volumes.

    Shapes: input (..., D, H, W); ``padding`` ends in ``front, back``; else see `ZeroPad2d`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.nn.ZeroPad3d((1, 0, 0, 0, 0, 1))(tg.Tensor([[[5.0]]])).tolist()
    [[[0.0, 5.0]], [[0.0, 0.0]]]
    """

    axes = 3


class ReflectionPad1d(Padding):
    """What a mirror on the outermost element shows, around sequences.

    Shapes: input (N, C, L) or (C, L); output and ``padding``: see `ZeroPad1d`.

    Raises
    ------
    TypeError, ValueError
        As `ZeroPad1d`; when called, if the input has other axes, or too few elements to copy.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn.padding import ReflectionPad1d
    >>> ReflectionPad1d(1)(tg.Tensor([[1.0, 2.0, 3.0]])).tolist()
    [[2.0, 1.0, 2.0, 3.0, 2.0]]
    """

    axes = 1
    mode = "reflect"


class ReflectionPad2d(ReflectionPad1d):
    """What a mirror on the outermost element shows, around images.

    Shapes: input (N, C, H, W) or (C, H, W), see `ZeroPad2d`; errors: see `ReflectionPad1d`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.nn.ReflectionPad2d((1, 0, 0, 0))(tg.Tensor([[[1.0, 2.0, 3.0]]])).tolist()
    [[[2.0, 1.0, 2.0, 3.0]]]
    """

    axes = 2


class ReflectionPad3d(ReflectionPad1d):
    """What a mirror on the outermost element shows, around volumes.

    Shapes: input (N, C, D, H, W) or (C, D, H, W), see `ZeroPad3d`; errors: see `ReflectionPad1d`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.nn.ReflectionPad3d((0, 0, 0, 0, 0, 1))(tg.Tensor([[[[1.0]], [[2.0]], [[3.0]]]])).tolist()
    [[[[1.0]], [[2.0]], [[3.0]], [[2.0]]]]
    """

    axes = 3


class ReplicationPad1d(Padding):
    """Copies of the outermost element around sequences.

    Shapes, ``padding`` and errors: see `ReflectionPad1d`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn.padding import ReplicationPad1d
    >>> ReplicationPad1d(1)(tg.Tensor([[1.0, 2.0, 3.0]])).tolist()
    [[1.0, 1.0, 2.0, 3.0, 3.0]]
    """

    axes = 1
    mode = "replicate"


class ReplicationPad2d(ReplicationPad1d):
    """Copies of the outermost element around images.

    Shapes, ``padding`` and errors: see `ReflectionPad2d`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.nn.ReplicationPad2d((1, 0, 0, 0))(tg.Tensor([[[1.0, 2.0, 3.0]]])).tolist()
    [[[1.0, 1.0, 2.0, 3.0]]]
    """

    axes = 2


class ReplicationPad3d(ReplicationPad1d):
    """Copies of the outermost element around volumes.

    Shapes, ``padding`` and errors: see `ReflectionPad3d`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.nn.ReplicationPad3d((0, 0, 0, 0, 0, 2))(tg.Tensor([[[[1.0]], [[2.0]]]])).tolist()
    [[[[1.0]], [[2.0]], [[2.0]], [[2.0]]]]
    """

    axes = 3


class CircularPad1d(Padding):
    """What is at the other end, around sequences.

    Shapes, ``padding`` and errors: see `ReflectionPad1d`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn.padding import CircularPad1d
    >>> CircularPad1d(1)(tg.Tensor([[1.0, 2.0, 3.0]])).tolist()
    [[3.0, 1.0, 2.0, 3.0, 1.0]]
    """

    axes = 1
    mode = "circular"


class CircularPad2d(CircularPad1d):
    """What is at the other end, around images.

    Shapes, ``padding`` and errors: see `ReflectionPad2d`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.nn.CircularPad2d((1, 0, 0, 0))(tg.Tensor([[[1.0, 2.0, 3.0]]])).tolist()
    [[[3.0, 1.0, 2.0, 3.0]]]
    """

    axes = 2


class CircularPad3d(CircularPad1d):
    """What is at the other end, around volumes.

    Shapes, ``padding`` and errors: see `ReflectionPad3d`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.nn.CircularPad3d((0, 0, 0, 0, 0, 1))(tg.Tensor([[[[1.0]], [[2.0]], [[3.0]]]])).tolist()
    [[[[1.0]], [[2.0]], [[3.0]], [[1.0]]]]
    """

    axes = 3
