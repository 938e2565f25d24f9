"""Tensors whose every computation is taken down, also that which no op is made of.

A comparison, say, is no op: NumPy computes it on plain values. `Traced` hands such calls to the
recorder as well, and tells it when somebody looks at the numbers. Results of ops become `Traced`
as soon as a recorder has seen them.

Read next: ``tracing.py``.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from tinygrad_edu.backprop import walk
from tinygrad_edu.dispatch import OPS
from tinygrad_edu.in_place import become
from tinygrad_edu.methods import _index
from tinygrad_edu.op import Array, Node
from tinygrad_edu.program.picking import is_computed, picked
from tinygrad_edu.program.plain import ABOUT_ARRAYS, plain_call
from tinygrad_edu.program.recorder import Recorder
from tinygrad_edu.recording import CONTEXT, GradMode, no_grad
from tinygrad_edu.tensor import Tensor

Place = Callable[[Any, Any], Any]


def recorder() -> Recorder:
    """Return the recorder that watches here and now."""
    watch = CONTEXT.get().watch
    if not isinstance(watch, Recorder):
        raise RuntimeError(
            "a Tensor that was made while a function was traced is used after the trace has "
            "ended; return it from the function, or use its .detach()"
        )
    return watch


def _in_place(function: Any) -> Place:
    """Make the method behind ``t += x``: recorded, for a value that is traced is in no memory."""

    def method(self: Any, other: Any) -> Any:
        become(self, OPS[function], self.__record__(OPS[function], (self, other), {}))
        return self

    return method


class Traced(Tensor):
    """A Tensor whose value a recorder knows."""

    __slots__ = ()
    __iadd__, __isub__ = _in_place(np.add), _in_place(np.subtract)
    __imul__, __itruediv__ = _in_place(np.multiply), _in_place(np.divide)
    __ipow__, __imod__ = _in_place(np.power), _in_place(np.remainder)
    __imatmul__ = _in_place(np.matmul)

    def __getitem__(self, index: Any) -> Any:
        if not is_computed(index):
            return super().__getitem__(index)
        whole = isinstance(index, tuple)
        parts = [shown(part) for part in (index if whole else (index,))]
        return picked(self, tuple(parts) if whole else parts[0])

    def __setitem__(self, index: Any, value: Any) -> None:
        op = OPS[operator.setitem]
        become(self, op, self.__record__(op, (self, value), {"index": _index(index)}))

    @staticmethod
    def _wrap(array: Array, node: Node | None = None) -> Tensor:
        return traced(array, node)

    def backward(
        self, gradient: Any = None, retain_graph: bool | None = None, create_graph: bool = False
    ) -> None:
        """As `Tensor.backward`, with the rules taken down."""
        seed = Tensor(np.ones(self.shape, self.dtype) if gradient is None else gradient)
        fits = seed.shape == self.shape and (gradient is not None or self.size == 1)
        node = self.node
        if node is None or node.spent or not fits or seed.dtype.kind not in "biufc":
            super().backward(gradient, retain_graph, create_graph)  # which says what is wrong
            return
        with GradMode(create_graph):
            dy = traced(seed._array)
            dy = dy if dy.dtype == self.dtype else dy.astype(self.dtype)
            found = walk({node: dy}, create_graph=True)
            for leaf, dx in found.items():
                leaf._grad = leaf._grad_plus(dx)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **settings: Any) -> Any:
        if "out" in settings:  # into an array, whose numbers then depend on these
            for x in inputs:
                if isinstance(x, Traced):
                    x.seen()
        return super().__array_ufunc__(ufunc, method, *inputs, **settings)

    def detach(self) -> Tensor:
        """Return a copy that has no history and asks for no gradient."""
        with no_grad():
            return self.clone()

    def numpy(self) -> Any:
        """Return the values, which go on being traced."""
        values = traced(self._array)
        values.__class__ = TracedValues
        return values

    @property
    def data(self) -> Any:
        """The values, which go on being traced."""
        return self.numpy()

    @data.setter
    def data(self, value: Any) -> None:
        raise TypeError(
            f"the data of a traced Tensor, of shape {self.shape}, cannot be replaced; compute a "
            f"new Tensor"
        )

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        return np.array(self.seen(), dtype=dtype)

    def item(self, *index: Any) -> Any:
        """Return the only element, or the one at an index, as a Python number."""
        self.seen()
        return super().item(*index)

    def tolist(self) -> Any:
        """Return the values as nested lists of Python numbers."""
        return self.seen().tolist()

    def tobytes(self, order: Any = "C") -> bytes:
        """Return the values as bytes."""
        return self.seen().tobytes(order)

    def __repr__(self) -> str:
        self.seen()
        return super().__repr__()

    def seen(self) -> Array:
        """Return the array to somebody who wants to know the numbers."""
        watch = CONTEXT.get().watch
        if isinstance(watch, Recorder):
            watch.looked_at(self)
        return self._array


def shown(part: Any) -> Any:
    """Show a mask in an index, if that may be: how many elements it picks is in its numbers."""
    if isinstance(part, Traced) and part.dtype.kind not in "iu":
        return part.seen()
    return part


class TracedValues(Traced):
    """What stands for the plain array of a `Traced`: NumPy's functions of it are taken down."""

    __slots__ = ()

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **settings: Any) -> Any:
        function = ufunc if method == "__call__" else getattr(ufunc, method)
        return call_plain(function, inputs, settings)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        return call_plain(function, args, kwargs)

    def copy(self) -> Any:
        """Return the array itself, to somebody who wants to know the numbers."""
        return self.seen().copy()


def traced(array: Array, node: Node | None = None) -> Tensor:
    """Make a Tensor of an array, without a history or with one."""
    tensor = Tensor._wrap(array, node)
    tensor.__class__ = Traced
    return tensor


def call_plain(function: Any, args: Any, settings: dict[str, Any]) -> Any:
    """Call a NumPy function on values, and take that down."""
    if function in ABOUT_ARRAYS:
        return function(*arrays_in(args), **settings)
    if settings.get("out") is not None:
        raise TypeError(
            f"np.{function.__name__} writes a traced value into an array, which a program cannot "
            f"do; compute a new Tensor, t = t + v"
        )
    op, operands, rest = plain_call(function, args, settings)
    arrays = arrays_in(operands)
    y = op.forward(*arrays, **rest)
    here = recorder()
    outputs = tuple(map(np.array, y)) if isinstance(y, (tuple, list)) else np.asarray(y)
    here.assign(op, tuple(map(here.value_of, arrays)), rest, outputs)
    if not isinstance(outputs, tuple):
        return traced(outputs)
    results = map(traced, outputs)
    return type(y)(*results) if hasattr(y, "_fields") else type(y)(results)


def arrays_in(values: Any) -> list[Any]:
    """Return the arrays of those that are Tensors."""
    return [x._array if isinstance(x, Tensor) else x for x in values]


def with_trace(x: Any) -> Any:
    """Make what the walk hands to a rule traced, with its history if that may be wanted."""
    if isinstance(x, tuple):
        return tuple(map(with_trace, x))
    if isinstance(x, np.ndarray):
        return traced(x)
    if not isinstance(x, Tensor) or isinstance(x, Traced):
        return x
    if not CONTEXT.get().recording:
        return traced(x._array)
    if x.node is None:  # a leaf, which is not ours: a recorded copy leads back to it
        return x.clone()
    x.__class__ = Traced
    return x
