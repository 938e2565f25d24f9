"""What a Tensor has because arrays have it: operators, methods, indexing, Python's protocols.

Every operator is the NumPy function that it is for arrays, looked up in the same table, and every
method is the NumPy function of the same name.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from tinygrad_edu.dispatch import NUMPY, OPS, plain
from tinygrad_edu.in_place import become, may_write
from tinygrad_edu.messages import explain
from tinygrad_edu.op import Array
from tinygrad_edu.spellings import SPELLINGS, Elsewhere

if TYPE_CHECKING:
    from tinygrad_edu.tensor import Tensor

NO_SETTINGS: dict[str, Any] = {}
Operator = Callable[[Any, Any], Any]


BEFORE_WRITING = (IndexError, TypeError, ValueError)
"""What NumPy raises about indices, dtypes and shapes; errors of the arithmetic come later."""


def _operators(function: Callable[..., Any]) -> tuple[Operator, Operator, Operator]:
    """Make the methods behind ``t + x``, ``x + t`` and ``t += x``."""

    def forth(self: Any, other: Any) -> Any:
        return self.__record__(OPS[function], (self, other), NO_SETTINGS)

    def back(self: Any, other: Any) -> Any:
        return self.__record__(OPS[function], (other, self), NO_SETTINGS)

    def in_place(self: Any, other: Any) -> Any:
        op = OPS[function]
        if may_write(self, op, other):
            try:
                function(self._array, plain(other), out=self._array)
                self._touch()
            except Exception as error:
                if not isinstance(error, BEFORE_WRITING):
                    self._touch()
                what = f"in place, {op.describe((self, other), NO_SETTINGS)}"
                raise explain(error, what, op.hint) from error
        else:
            become(self, op, self.__record__(op, (self, other), NO_SETTINGS))
        return self

    return forth, back, in_place


def _reduction(function: Callable[..., Any]) -> Callable[..., Any]:
    """Make the array method that reduces axes, such as ``t.sum(axis=0)``."""

    def method(
        self: Any, axis: Any = None, *more: Any, keepdims: bool = False, **settings: Any
    ) -> Any:
        if more or settings:  # what only NumPy's signature of the function knows
            settings.update({"keepdims": True} if keepdims else {})
            return NUMPY[function](self, axis, *more, **settings)
        settings = {} if axis is None else {"axis": axis}
        if keepdims:
            settings["keepdims"] = keepdims
        return self.__record__(OPS[function], (self,), settings)

    method.__name__ = function.__name__
    method.__doc__ = f"As ``np.{function.__name__}``."
    return method


def _method(function: Callable[..., Any]) -> Any:
    """Make the array method that is a NumPy function of the same name."""

    def method(self: Any, *args: Any, **settings: Any) -> Any:
        return NUMPY[function](self, *args, **settings)

    method.__name__ = function.__name__
    method.__doc__ = f"As ``np.{function.__name__}``."
    return method


def _index(index: Any) -> Any:
    """Make an index plain: its Tensors and sequences arrays, its slices' bounds integers."""
    return tuple(map(_axis_index, index)) if isinstance(index, tuple) else _axis_index(index)


def _reflected(function: Callable[..., Any]) -> Any:
    """Make the method behind ``x // t``, for a function that leaves no history."""

    def method(self: Any, other: Any) -> Any:
        return NUMPY[function](other, self)

    return method


def _axis_index(index: Any) -> Any:
    """Make an index along one axis an integer, a slice of integers, an array, None or ``...``."""
    if index is None or index is Ellipsis or isinstance(index, (bool, int, np.integer)):
        return index
    if isinstance(index, slice):
        bounds = (index.start, index.stop, index.step)
        return slice(*(None if bound is None else operator.index(bound) for bound in bounds))
    array = np.asarray(plain(index))
    return array if array.size or array.dtype.kind in "biu" else array.astype(int)


class ArrayMethods:
    """The part of `Tensor` that looks like an array."""

    __slots__ = ()
    __record__: Callable[..., Tensor]
    _array: Array
    _touch: Callable[[], None]

    @property
    def shape(self) -> tuple[int, ...]:
        """The sizes of the axes."""
        return self._array.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of the numbers."""
        return self._array.dtype

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return self._array.ndim

    @property
    def size(self) -> int:
        """The number of elements."""
        return self._array.size

    __add__, __radd__, __iadd__ = _operators(np.add)
    __sub__, __rsub__, __isub__ = _operators(np.subtract)
    __mul__, __rmul__, __imul__ = _operators(np.multiply)
    __truediv__, __rtruediv__, __itruediv__ = _operators(np.divide)
    __pow__, __rpow__, __ipow__ = _operators(np.power)
    __matmul__, __rmatmul__, __imatmul__ = _operators(np.matmul)
    __mod__, __rmod__, __imod__ = _operators(np.remainder)
    __floordiv__, __rfloordiv__ = _method(np.floor_divide), _reflected(np.floor_divide)
    __divmod__, __rdivmod__ = _method(np.divmod), _reflected(np.divmod)
    __neg__, __pos__ = _method(np.negative), _method(np.positive)
    __abs__, __round__ = _method(np.abs), _method(np.round)

    __lt__, __le__ = _method(np.less), _method(np.less_equal)
    __gt__, __ge__ = _method(np.greater), _method(np.greater_equal)
    __eq__, __ne__ = _method(np.equal), _method(np.not_equal)
    __hash__ = object.__hash__
    __and__, __or__ = _method(np.bitwise_and), _method(np.bitwise_or)
    __xor__, __invert__ = _method(np.bitwise_xor), _method(np.bitwise_not)
    __rand__, __ror__ = _reflected(np.bitwise_and), _reflected(np.bitwise_or)
    __rxor__ = _reflected(np.bitwise_xor)

    sum, mean = _reduction(np.sum), _reduction(np.mean)
    max, min = _reduction(np.max), _reduction(np.min)
    prod, cumsum, cumprod = _method(np.prod), _method(np.cumsum), _method(np.cumprod)
    var, std = _method(np.var), _method(np.std)
    argmax, argmin = _method(np.argmax), _method(np.argmin)
    all, any = _method(np.all), _method(np.any)

    ravel, flatten, copy = _method(np.ravel), _method(np.ravel), _method(np.copy)
    squeeze, swapaxes = _method(np.squeeze), _method(np.swapaxes)
    diagonal, trace, dot = _method(np.diagonal), _method(np.trace), _method(np.dot)
    take, repeat, choose = _method(np.take), _method(np.repeat), _method(np.choose)
    argsort, argpartition = _method(np.argsort), _method(np.argpartition)
    searchsorted, nonzero = _method(np.searchsorted), _method(np.nonzero)
    clip, round = _method(np.clip), _method(np.round)
    conj, conjugate = _method(np.conjugate), _method(np.conjugate)
    real, imag = property(_method(np.real)), property(_method(np.imag))
    put = _method(np.put)

    def reshape(self, *shape: Any, order: str = "C") -> Tensor:
        """Return the same numbers in another shape, as ``t.reshape(2, 3)``."""
        given = shape[0] if len(shape) == 1 and np.iterable(shape[0]) else shape
        if order != "C":
            return cast("Tensor", NUMPY[np.reshape](self, given, order))
        return self.__record__(OPS[np.reshape], (self,), {"shape": tuple(given)})

    def transpose(self, *axes: Any) -> Tensor:
        """Return the tensor with its axes reversed, or in the given order."""
        if len(axes) == 1 and (axes[0] is None or np.iterable(axes[0])):
            axes = tuple(axes[0] or ())
        return self.__record__(OPS[np.transpose], (self,), {"axes": axes or None})

    def astype(self, dtype: Any) -> Tensor:
        """Return the tensor in another dtype; its gradient comes back in the old one."""
        return self.__record__(OPS[np.ndarray.astype], (self,), {"dtype": np.dtype(dtype)})

    @property
    def T(self) -> Tensor:  # noqa: N802  # NumPy's name
        """The tensor with its axes reversed."""
        return self.__record__(OPS[np.transpose], (self,), NO_SETTINGS)

    @property
    def mT(self) -> Tensor:  # noqa: N802  # NumPy's name
        """The tensor with its last two axes swapped."""
        return self.__record__(OPS[np.matrix_transpose], (self,), NO_SETTINGS)

    def __getitem__(self, index: Any) -> Tensor:
        return self.__record__(OPS[operator.getitem], (self,), {"index": _index(index)})

    def __setitem__(self, index: Any, value: Any) -> None:
        op, index, tensor = OPS[operator.setitem], _index(index), cast("Tensor", self)
        if may_write(tensor, op, value):
            try:
                self._array[index] = plain(value)
                self._touch()
            except Exception as error:
                if not isinstance(error, BEFORE_WRITING):
                    self._touch()
                what = f"in place, {op.describe((self, value), {'index': index})}"
                raise explain(error, what, op.hint) from error
        else:
            become(tensor, op, self.__record__(op, (self, value), {"index": index}))

    def compress(self, condition: Any, axis: Any = None, out: Any = None) -> Tensor:
        """As ``np.compress``: the layers along an axis for which the condition holds."""
        return cast("Tensor", NUMPY[np.compress](condition, self, axis, out))

    def sort(self, *args: Any, **settings: Any) -> None:
        """Put the elements in order, in place, as an array does: ``t[...] = np.sort(t)``."""
        self[...] = NUMPY[np.sort](self, *args, **settings)

    def partition(self, *args: Any, **settings: Any) -> None:
        """Put the elements partly in order, in place: ``t[...] = np.partition(t, kth)``."""
        self[...] = NUMPY[np.partition](self, *args, **settings)

    def fill(self, value: Any) -> None:
        """Write one value everywhere, in place: ``t[...] = value``."""
        self[...] = value

    def view(self, *args: Any, **settings: Any) -> None:
        """Refuse: a Tensor is a value, not memory that could be looked at in another way."""
        raise TypeError(
            f"a Tensor is a value (this one has shape {self.shape}, dtype {self.dtype}) and has no "
            f"views; use .astype(dtype), or .reshape(shape), or .numpy() for its memory"
        )

    def item(self, *index: Any) -> Any:
        """Return the only element, or the one at an index, as a Python number."""
        if self.size != 1 and not index:
            raise ValueError(f"only one element can become a number; this has shape {self.shape}")
        return self._array.item(*index)

    def tobytes(self, order: Any = "C") -> bytes:
        """Return the values as bytes."""
        return self._array.tobytes(order)

    def tolist(self) -> Any:
        """Return the values as nested lists of Python numbers."""
        return self._array.tolist()

    def __float__(self) -> float:
        return float(self.item())

    def __int__(self) -> int:
        return int(self.item())

    def __index__(self) -> int:
        if self.dtype.kind not in "biu" or self.ndim:
            raise TypeError(f"only an integer of shape () can be an index; this is {self!r}")
        return int(self.item())

    def __bool__(self) -> bool:
        if self.size != 1:
            raise ValueError(
                f"the truth of {self.size} elements (shape {self.shape}) is ambiguous; use "
                f".any() or .all(), or compare identity with `is`"
            )
        return bool(self.item())

    def __len__(self) -> int:
        if self.ndim == 0:
            raise TypeError("a tensor of shape () has no length")
        return int(self.shape[0])

    def __iter__(self) -> Iterator[Tensor]:
        if self.ndim == 0:
            raise TypeError("a tensor of shape () cannot be iterated over")
        return (self[i] for i in range(len(self)))

    def __contains__(self, value: Any) -> bool:
        return bool((self == value).any())

    def __dir__(self) -> list[str]:
        return [name for name in super().__dir__() if name not in SPELLINGS]

    def _repr_html_(self) -> str:
        """Return what a notebook shows."""
        from tinygrad_edu.draw.notebook import tensor_html  # only notebooks ask

        return tensor_html(cast("Tensor", self))

    def __format__(self, spec: str) -> str:
        return format(self.item(), spec) if spec else str(self)


for name in SPELLINGS:
    setattr(ArrayMethods, name, Elsewhere(name))
