"""Parameters, buffers and what optimizers keep, while a function is traced.

In a program there is no memory, only values. So while a function is traced, a change in place gives
the Tensor another value, as for any traced Tensor, and its memory stays as it is; what the Tensor's
value is in the end is what the program has to write there.

Read next: ``updates.py``, for how an optimizer's own code is traced with this.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from tinygrad_edu.dispatch import OPS
from tinygrad_edu.in_place import may_write
from tinygrad_edu.methods import _index
from tinygrad_edu.op import Array, Op
from tinygrad_edu.program.compiling.tracer import Followed
from tinygrad_edu.program.looks import TraceError
from tinygrad_edu.program.traced import Traced, TracedValues, recorder, traced
from tinygrad_edu.recording import no_grad
from tinygrad_edu.tensor import Tensor

WRITING = frozenset({np.put, np.place, np.putmask, np.copyto, np.fill_diagonal, np.put_along_axis})


def written(owner: Tensor, op: Op, inputs: tuple[Any, ...], settings: dict[str, Any]) -> None:
    """Give a Tensor the value that a change in place would leave in its memory."""
    with no_grad():
        y = Tensor.__record__(op, inputs, settings)
    if y.shape != owner.shape or not np.can_cast(y.dtype, owner.dtype, "same_kind"):
        raise ValueError(
            f"{op.name} in place cannot change shape {owner.shape} and dtype {owner.dtype} to "
            f"{y.shape} and {y.dtype}"
        )
    owner._array = (y if y.dtype == owner.dtype else y.astype(owner.dtype))._array


def _in_place(function: Any) -> Callable[[Any, Any], Any]:
    """Make the method behind ``t += x``."""

    def method(self: Any, other: Any) -> Any:
        op = OPS[function]
        check_write(self, op, other)
        written(self, op, (self, other), {})
        return self

    return method


def check_write(tensor: Any, op: Op, value: Any) -> None:
    """Refuse a change in place that eager refuses, or that would give memory a history."""
    if isinstance(tensor, MemoryTensor) and not may_write(tensor, op, value):
        raise TraceError(
            f"{op.name} in place would give a tensor of shape {tensor.shape}, which is kept from "
            f"call to call, a history; use detach() on what is written"
        )


class Writable:
    """Changes in place, as changes of a value."""

    __slots__ = ()
    __iadd__, __isub__ = _in_place(np.add), _in_place(np.subtract)
    __imul__, __itruediv__ = _in_place(np.multiply), _in_place(np.divide)
    __ipow__, __imod__ = _in_place(np.power), _in_place(np.remainder)
    __imatmul__ = _in_place(np.matmul)


class Memory(Writable, TracedValues):
    """The array of a Tensor, or of an optimizer: what is written into it, its owner takes over."""

    __slots__ = ("owner",)
    owner: Any

    def __setattr__(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, value)
        if name == "_array" and getattr(self, "owner", None) is not None:
            self.owner._array = value

    def __setitem__(self, index: Any, value: Any) -> None:
        written(self, OPS[operator.setitem], (self, value), {"index": _index(index)})

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **settings: Any) -> Any:
        if method == "at":
            raise TraceError(f"np.{ufunc.__name__}.at writes into memory; use t[index] += value")
        out = settings.pop("out", None)
        if out is None or method != "__call__" or settings:
            if out is not None:
                settings["out"] = out
            return super().__array_ufunc__(ufunc, method, *inputs, **settings)
        target = out[0]
        if not isinstance(target, Memory):
            raise TypeError(f"np.{ufunc.__name__} writes a traced value into an array")
        y = super().__array_ufunc__(ufunc, method, *inputs)
        if y.dtype != target.dtype:
            y = y.astype(target.dtype)
        target._array = y._array
        return target

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        if function is np.copyto and len(args) == 2 and not kwargs:
            target, source = args
            if source.shape != target.shape or source.dtype != target.dtype:
                raise TraceError("np.copyto of another shape or dtype cannot be followed")
            target._array = source._array
            return None
        if function in WRITING:
            raise TraceError(f"np.{function.__name__} writes into memory; use t[index] = value")
        if function is np.zeros_like or function is np.empty_like:
            return memory(np.zeros(self.shape, self.dtype))
        return memory(super().__array_function__(function, types, args, kwargs)._array)

    def copy(self) -> Any:
        """Return memory of its own with the same value."""
        return memory(self._array)


def memory(array: Array, owner: Any = None) -> Memory:
    """Make what stands for the memory that holds an array."""
    tensor: Memory = object.__new__(Memory)
    object.__setattr__(tensor, "owner", None)
    tensor._array = array
    tensor._grad = tensor.notes = tensor.memory = tensor.node = None
    tensor._requires_grad = False
    object.__setattr__(tensor, "owner", owner)
    return tensor


class MemoryTensor(Writable, Followed):
    """A Tensor that is kept from call to call: a parameter, a buffer, a leaf from elsewhere."""

    __slots__ = ()

    def __setitem__(self, index: Any, value: Any) -> None:
        op = OPS[operator.setitem]
        check_write(self, op, value)
        written(self, op, (self, value), {"index": _index(index)})

    def numpy(self) -> Any:
        """Return the values, which go on being traced."""
        return memory(self._array)

    @property
    def data(self) -> Any:
        """The memory, which may be written into."""
        return memory(self._array, self)

    @data.setter
    def data(self, value: Any) -> None:
        if not isinstance(value, Traced) or value.shape != self.shape:
            raise TraceError(
                f"the data of a tensor of shape {self.shape} is replaced by an array; write "
                f"t.data[...] = array, or do it outside of what is compiled"
            )
        self._array = (value if value.dtype == self.dtype else value.astype(self.dtype))._array

    @property
    def grad(self) -> Any:
        """The gradient that the traced calls have left."""
        here: Any = recorder()
        here.ask(self)
        return self._grad

    @grad.setter
    def grad(self, value: Any) -> None:
        here: Any = recorder()
        if value is not self._grad or value is None:
            here.replaced.add(self)
        if isinstance(value, Traced):
            self._grad = value if value is self._grad else value.detach()
        else:
            same = isinstance(value, Tensor) and value.dtype == self.dtype
            # It may be one that is followed, and then its array is known.
            array = value._array if same else np.array(value, self.dtype)
            self._grad = None if value is None else traced(array)

    def _grad_plus(self, dx: Any) -> Tensor:
        here: Any = recorder()
        here.ask(self)
        return super()._grad_plus(dx)

    def _touch(self) -> None:
        raise TraceError(
            f"the memory of a tensor of shape {self.shape} is written into by code that cannot be "
            f"followed; compute a new value, or do it outside of what is compiled"
        )


KINDS: dict[type, type] = {}


def memory_kind(kind: type) -> type:
    """Return the class that stands for a class of Tensors while a function is traced."""
    if kind not in KINDS:
        bases = (MemoryTensor,) if kind is Tensor else (MemoryTensor, kind)
        KINDS[kind] = type(f"Memory{kind.__name__}", bases, {"__slots__": ()})
    return KINDS[kind]


def check_apart(written: list[Array], reached: list[Array]) -> None:
    """Refuse to write into memory that is also the memory of something else."""
    for array in written:
        if sum(np.may_share_memory(x, array) for x in reached) > 1:
            raise TraceError(
                f"an array of shape {array.shape} that is written into shares its memory with "
                f"another one; give each a copy"
            )


def check_argument(tensor: Any, array: Array) -> None:
    """Refuse a function that changes what it is given."""
    if tensor._array is not array or tensor._grad is not None:
        what = "is changed in place" if tensor._array is not array else "gets a .grad"
        raise TraceError(
            f"an argument of shape {array.shape} {what}, which a compiled function does not do; "
            f"return the new value, or let the function reach the Tensor by itself"
        )
