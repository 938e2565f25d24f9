"""What stands for an array in an op's forward, while that is written down.

It has a shape, a dtype and strides, but no numbers. What NumPy is asked to do with it, it hands to
the `Expansion` that it belongs to.

Read next: ``expand_numpy.py``, the functions of NumPy that have a form.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from tinygrad_edu.op import Array
from tinygrad_edu.ops.conv_tiles import overlapping
from tinygrad_edu.program.compiling.instructions import Operand

if TYPE_CHECKING:
    from tinygrad_edu.program.compiling.expand import Expansion

SQUARES: dict[Any, Any] = {2: np.square, 0.5: np.sqrt, -1: np.reciprocal}
"""What ``x ** n`` is for an array of floating-point numbers."""


OF_KIND = {np.result_type, np.iscomplexobj, np.isrealobj, np.shape, np.ndim, np.size, np.can_cast}
"""What depends on shapes and dtypes alone."""

VIEWS = {
    np.transpose, np.swapaxes, np.moveaxis, np.expand_dims, np.squeeze, np.broadcast_to, np.flip,
    np.matrix_transpose, overlapping,
}  # fmt: skip


class NotExpandableError(TypeError):
    """Something that an op does with an array, and for which there is no form."""


def sample_of(x: Any) -> Any:
    """Return an array like the one that a placeholder stands for."""
    return x.operand.sample if isinstance(x, Placeholder) else x


def is_basic(index: Any) -> bool:
    """Tell whether an index is made of numbers and slices."""
    parts = index if isinstance(index, tuple) else (index,)
    return all(
        part is None or part is ... or type(part) in (int, slice) or isinstance(part, np.integer)
        for part in parts
    )


class Placeholder(NDArrayOperatorsMixin):
    """Stands for an array in an op's forward."""

    def __init__(self, expansion: Expansion, operand: Operand) -> None:
        self.expansion, self.operand = expansion, operand

    shape = property(lambda self: self.operand.sample.shape)
    dtype = property(lambda self: self.operand.sample.dtype)
    ndim = property(lambda self: self.operand.sample.ndim)
    size = property(lambda self: self.operand.sample.size)
    strides = property(lambda self: self.operand.sample.strides)
    itemsize = property(lambda self: self.operand.sample.itemsize)
    T = property(lambda self: self.seen(lambda a: a.T))
    mT = property(  # noqa: N815  # NumPy's name
        lambda self: self.seen(lambda a: a.mT)
    )

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise NotExpandableError(f"an array's {name}")

    def __array__(self, *args: Any, **settings: Any) -> Any:
        raise NotExpandableError("an array's numbers")

    def __bool__(self) -> bool:
        raise NotExpandableError("a decision by the numbers")

    __float__ = __int__ = __index__ = __complex__ = __bool__
    __hash__ = object.__hash__

    def __len__(self) -> int:
        return len(self.operand.sample)

    def __iter__(self) -> Iterator[Placeholder]:
        return (self[i] for i in range(len(self)))

    # ------------------------------------------------------------------------ NumPy's calls
    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **how: Any) -> Any:
        out = how.pop("out", (None,))
        if method == "reduce" and out[0] is None:
            return self.expansion.reduce(ufunc, *inputs, **how)
        if method == "at" and isinstance(inputs[0], Placeholder) and not how:
            return self.expansion.at(ufunc, *inputs)
        if method != "__call__" or how or ufunc.nout != 1:
            raise NotExpandableError(f"{ufunc.__name__} in such a way")
        return self.expansion.elementwise(ufunc, inputs, out[0])

    def __array_function__(self, function: Any, types: Any, args: Any, how: Any) -> Any:
        if function in OF_KIND:
            return function(*map(sample_of, args), **how)
        if function in VIEWS:
            x, *rest = args
            return x.seen(lambda a: function(a, *rest, **how))
        form = self.expansion.here.forms.get(function)
        if form is None:
            raise NotExpandableError(f"np.{function.__name__}")
        return form(self.expansion, *args, **how)

    def __pow__(self, exponent: Any) -> Any:
        square = SQUARES.get(exponent) if type(exponent) in (int, float) else None
        if square is not None and self.dtype.kind in "fc":
            return square(self)
        return super().__pow__(exponent)

    # ------------------------------------------------------------------- in another shape
    def seen(self, of: Callable[[Any], Any]) -> Placeholder:
        """Return another view of it."""
        return self.expansion.view(self, of)

    def transpose(self, *axes: Any) -> Placeholder:
        """As ``ndarray.transpose``."""
        return self.seen(lambda a: a.transpose(*axes))

    def swapaxes(self, first: int, second: int) -> Placeholder:
        """As ``ndarray.swapaxes``."""
        return self.seen(lambda a: a.swapaxes(first, second))

    def squeeze(self, axis: Any = None) -> Placeholder:
        """As ``ndarray.squeeze``."""
        return self.seen(lambda a: a.squeeze(axis))

    def reshape(self, *shape: Any) -> Placeholder:
        """As ``ndarray.reshape``: a view if there is one, else a copy."""
        new = self.operand.sample.reshape(*shape)
        if new.size == 0 or np.shares_memory(new, self.operand.sample):
            return self.seen(lambda a: a.reshape(*shape))
        out = self.expansion.buffer(np.empty(new.shape, new.dtype))
        self.expansion.copy(self, Placeholder(self.expansion, out).reshape(self.shape).operand)
        return Placeholder(self.expansion, out)

    def ravel(self) -> Placeholder:
        """As ``ndarray.ravel``."""
        return self.reshape(-1)

    def copy(self, order: Any = "C") -> Placeholder:
        """As ``ndarray.copy``."""
        out = self.expansion.buffer(self.operand.sample.copy(order))
        self.expansion.copy(self, out)
        return Placeholder(self.expansion, out)

    def astype(self, dtype: Any, copy: bool = True) -> Placeholder:
        """As ``ndarray.astype``."""
        if not copy and self.dtype == dtype:
            return self
        with np.errstate(all="ignore"):
            out = self.expansion.buffer(self.operand.sample.astype(dtype))
        self.expansion.copy(self, out)
        return Placeholder(self.expansion, out)

    # --------------------------------------------------------------------------- elements
    def __getitem__(self, index: Any) -> Placeholder:
        if not is_basic(index):
            return self.expansion.gathered(self, index)
        parts = index if isinstance(index, tuple) else (index,)
        if not any(part is ... for part in parts):
            parts = (*parts, ...)  # so that a single number is a view as well
        return self.seen(lambda a: a[parts])

    def __setitem__(self, index: Any, value: Any) -> None:
        if not is_basic(index):
            self.expansion.scatter(self, index, value)
            return
        place = self[index]
        written = self.expansion.target(place)
        if not isinstance(value, Placeholder) or not is_same(value.operand.sample, written.sample):
            self.expansion.copy(value, written)

    def fill(self, value: Any) -> None:
        """As ``ndarray.fill``."""
        self[...] = value

    # ------------------------------------------------------------------------- reductions
    def dot(self, other: Any) -> Any:
        """As ``ndarray.dot``, of matrices."""
        if self.ndim != 2 or other.ndim != 2 or self.dtype != other.dtype:
            raise NotExpandableError("a product that is none of matrices")
        return self @ other

    def sum(self, axis: Any = None, dtype: Any = None, keepdims: bool = False) -> Any:
        """As ``ndarray.sum``."""
        return self.expansion.reduce(np.add, self, axis, dtype, keepdims=keepdims)

    def max(self, axis: Any = None, keepdims: bool = False, initial: Any = None) -> Any:
        """As ``ndarray.max``."""
        return self.expansion.reduce(np.maximum, self, axis, keepdims=keepdims, initial=initial)

    def min(self, axis: Any = None, keepdims: bool = False, initial: Any = None) -> Any:
        """As ``ndarray.min``."""
        return self.expansion.reduce(np.minimum, self, axis, keepdims=keepdims, initial=initial)

    def any(self, axis: Any = None, keepdims: bool = False) -> Any:
        """As ``ndarray.any``."""
        return self.expansion.reduce(np.logical_or, self, axis, keepdims=keepdims)

    def all(self, axis: Any = None, keepdims: bool = False) -> Any:
        """As ``ndarray.all``."""
        return self.expansion.reduce(np.logical_and, self, axis, keepdims=keepdims)

    def mean(self, axis: Any = None, keepdims: bool = False) -> Any:
        """As ``ndarray.mean``: the sum, divided by the number of terms."""
        y = self.sum(axis, keepdims=keepdims)
        if self.dtype.char not in "fdFD" or not y.size or not self.size:
            raise NotExpandableError("a mean that is not of floating-point numbers")
        return np.true_divide(y, self.size / y.size, out=y)


def is_same(a: Array, b: Array) -> bool:
    """Tell whether two arrays are the same view of the same memory."""
    return a.__array_interface__ == b.__array_interface__
