"""Tensor: an array that remembers how it was computed.

Three ways lead in, and all to `record`: an op is called with a Tensor; a NumPy function is, and
NumPy hands the call over, see ``dispatch.py``; or an operator is used, see ``methods.py``. `record`
runs the op on plain arrays and, if a gradient may be wanted later, leaves a `Node` behind.

Tensors are values. A slice is a copy as far as anybody can tell, ``t += v`` changes the one object
``t``, and only a leaf's memory is ever written into, which its `Memory` takes down.

Read next: ``backprop.py``, which walks the nodes backwards.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy import ndarray

from tinygrad_edu import backprop
from tinygrad_edu.dispatch import NUMPY, OPS, UFUNC_METHODS, frozen, on_values, without_rule
from tinygrad_edu.dtypes import SCALARS, check_float, is_foreign, number, operand, to_array
from tinygrad_edu.messages import explain
from tinygrad_edu.methods import NO_SETTINGS, ArrayMethods
from tinygrad_edu.notes import Notes, is_kept, noted, register_hook, retain_grad
from tinygrad_edu.op import Array, Memory, Node, Op
from tinygrad_edu.recording import CONTEXT, enable_grad, tick
from tinygrad_edu.several import parts
from tinygrad_edu.values import into_array, wrapped

new = object.__new__


def record(op: Op, inputs: tuple[Any, ...], settings: dict[str, Any]) -> Tensor:
    """Run an op on the arrays in ``inputs``; remember the call if one of them wants a gradient."""
    arrays: tuple[Any, ...] = ()
    parents: tuple[Node | Tensor | None, ...] = ()
    memory: tuple[Memory, ...] = ()
    tracked = foreign = False
    for x in inputs:
        parent = None
        if isinstance(x, Tensor):
            if x._requires_grad:
                tracked = True
                parent = x.node or x
            if x.node is None:
                memory += (x.memory or x._note_memory(),)
            x = x._array
        elif type(x) not in SCALARS:
            foreign = True
            x = operand(x, op.name)
        arrays += (x,)
        parents += (parent,)
    if settings:
        settings = frozen(settings, op)
    try:
        y = op.forward(*arrays, **settings)
    except Exception as error:
        raise explain(error, op.describe(arrays, settings), op.hint) from error
    several = None
    if type(y) is not ndarray:
        if isinstance(y, tuple):
            several = type(y)
            y = tuple(np.array(number(part, op.name)) for part in y)
        else:
            y = number(y, op.name)
    recording, scope, _, watch, _ = CONTEXT.get()
    tracked = tracked and recording
    if not several and (memory or foreign or not tracked):  # then y needs memory of its own
        is_view = y.base is not None
        for array in arrays:
            if y is array or (is_view and np.may_share_memory(array, y)):
                y = y.copy()
                break
    tensor: Tensor = new(Tensor)
    tensor._array = y
    tensor._grad = tensor.notes = tensor.node = tensor.memory = None
    if tracked and not several and y.dtype.kind not in "fc":
        number(y, op.name)
        tracked = False  # whole numbers have no gradient
    tensor._requires_grad = tracked
    if tracked:
        if foreign:  # a caller's array may be written into later
            arrays = tuple(np.array(a) if is_foreign(x) else a for a, x in zip(arrays, inputs))
        node = new(Node)
        node.op = op
        node.arrays = arrays
        node.parents = parents
        node.memory = memory
        node.notes = None
        node.settings = settings or NO_SETTINGS
        node.y = y
        node.serial = tick()
        node.scope = scope
        node.spent = False
        tensor.node = node
    if watch is not None:
        watch.computed(tensor, op, arrays, settings)
    return parts(tensor, several) if several else tensor


def unrecorded(function: Any, args: Any, settings: dict[str, Any]) -> Any:
    """Call a NumPy function on values, for a Tensor without a history."""
    return wrapped(on_values(function, args, settings), Tensor)


class Tensor(ArrayMethods):
    """An array that remembers how it was computed.

    Parameters
    ----------
    data : array_like
        Copied, so that writing into it later changes nothing here. Python floats and lists of them
        take the default dtype, see `set_default_dtype`; NumPy arrays keep theirs.
    requires_grad : bool
        Whether ``backward()`` shall leave a gradient in ``.grad``.
    dtype : dtype-like, optional
    name : str, optional
        What pictures, messages and printed programs call it.
    copy : bool
        ``False`` shares the memory of ``data``, on your word that nobody writes into it.

    Raises
    ------
    TypeError
        If ``data`` is not numeric, is not floating-point though a gradient is asked for, or is a
        Tensor with a history (which would be lost).

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> x = tg.Tensor([1.0, 2.0], requires_grad=True)
    >>> y = (x * x).sum()
    >>> y.backward()
    >>> x.grad
    Tensor([2., 4.], shape=(2,), dtype=float64)
    """

    __slots__ = ("__weakref__", "_array", "_grad", "_requires_grad", "memory", "node", "notes")
    _array: Array
    _grad: Tensor | None
    _requires_grad: bool
    memory: Memory | None
    node: Node | None
    notes: Notes | None

    def __init__(
        self,
        data: Any,
        requires_grad: bool = False,
        dtype: Any = None,
        name: str | None = None,
        *,
        copy: bool = True,
    ) -> None:
        if isinstance(data, Tensor):
            if data._requires_grad:
                raise TypeError(
                    "Tensor() of a tensor that requires grad would lose its history; use it as it "
                    "is, or use detach() to say that the history is not wanted"
                )
            data, copy = (data.detach() if copy else data)._array, False
        self._array = to_array(data, dtype, copy)
        self._grad = self.node = self.memory = self.notes = None
        self.name = name
        self._requires_grad = False
        self.requires_grad = requires_grad

    # ------------------------------------------------------------------- what it is
    @property
    def data(self) -> Array:
        """The values as a NumPy array: a leaf's own, or a read-only view of a computed tensor's.

        ``p.data -= lr * p.grad`` changes a leaf in place. One thing goes unnoticed: writing by
        index into a leaf's array, ``p.data[i] = v``; write ``p[i] = v`` under `no_grad` instead.
        """
        return self._array if self.node is None else self.numpy()

    @data.setter
    def data(self, value: Any) -> None:
        if self.node is not None:
            raise RuntimeError(
                f"this tensor is the result of {self.node.op.name}, and its data cannot be "
                f"replaced without making its history wrong; use detach() to get a free copy"
            )
        if value is self._array:  # the end of ``t.data -= v``: the memory has been written into
            self._touch()
            return
        array = to_array(value)
        if self._requires_grad:
            check_float(array)
        self._array, self.memory = array, None

    def numpy(self) -> Array:
        """Return the values as a read-only NumPy array, without copying."""
        view: Array = self._array.view()
        view.flags.writeable = False
        return view

    @property
    def grad(self) -> Tensor | None:
        """The gradient that ``backward()`` calls have added up so far, or ``None``."""
        return self._grad

    @grad.setter
    def grad(self, value: Any) -> None:
        if value is not None:
            tracked = isinstance(value, Tensor) and value._requires_grad
            value = value.clone() if tracked else Tensor(value)
            if value.shape != self.shape or value.dtype != self.dtype:
                raise ValueError(
                    f"the gradient of a tensor of shape {self.shape} and dtype {self.dtype} cannot "
                    f"have shape {value.shape} and dtype {value.dtype}"
                )
        self._grad = value

    @property
    def requires_grad(self) -> bool:
        """Whether gradients flow to, or through, this tensor."""
        return self._requires_grad

    @requires_grad.setter
    def requires_grad(self, value: bool) -> None:
        if self.node is not None and not value:
            raise RuntimeError(
                f"this tensor is the result of {self.node.op.name}, which was recorded; "
                f"use detach() to get a copy without a history"
            )
        if value:
            check_float(self._array)
        self._requires_grad = bool(value)

    def requires_grad_(self, requires_grad: bool = True) -> Tensor:
        """Set ``requires_grad`` and return the tensor itself."""
        self.requires_grad = requires_grad
        return self

    @property
    def name(self) -> str | None:
        """What pictures, messages and printed programs call it."""
        notes = (self.node or self).notes
        return None if notes is None else notes.name

    @name.setter
    def name(self, name: str | None) -> None:
        if name != self.name:
            noted(self).name = name
        if self.memory is not None:
            self.memory.name = name

    @property
    def is_leaf(self) -> bool:
        """Whether it was made by hand, rather than computed by recorded ops."""
        return self.node is None

    # -------------------------------------------------------------------- gradients
    def backward(
        self, gradient: Any = None, retain_graph: bool | None = None, create_graph: bool = False
    ) -> None:
        """Add this tensor's gradient with respect to every leaf to the leaf's ``.grad``.

        Parameters
        ----------
        gradient : array_like, optional
            The gradient to start from, in this tensor's shape; 1 for a single number.
        retain_graph : bool, optional
            Allow a further ``backward()`` from here. By default, as ``create_graph``.
        create_graph : bool
            Record the gradients' own computation, so that they can be differentiated.

        Raises
        ------
        RuntimeError
            If there is nothing to differentiate, the tensor is no single number and no ``gradient``
            is given, it has been walked before, or an input was changed in place since. No
            ``.grad`` has changed then.
        ValueError
            If ``gradient`` has another shape.
        """
        backprop.backward(self, gradient, retain_graph, create_graph)

    register_hook = register_hook
    retain_grad = retain_grad

    @property
    def retains_grad(self) -> bool:
        """Whether this is a computed tensor that keeps its gradient."""
        return self.node is not None and is_kept(self.node)

    def why(self, loss: Tensor | None = None) -> str:
        """Explain the gradient of ``loss`` for this tensor: why it is ``None``, zero or NaN.

        See ``why.py``.

        Examples
        --------
        >>> import tinygrad_edu as tg
        >>> w = tg.Tensor([1.0, 2.0], requires_grad=True, name="w")
        >>> print(w.why((w * w).sum()))
        the gradient for w, shape (2,), is fine: between 2 and 4 in magnitude
        """
        from tinygrad_edu.why import why  # it reads the core, and is not read by it

        return why(self, loss)

    def detach(self) -> Tensor:
        """Return a copy that has no history and asks for no gradient."""
        return Tensor._wrap(self._array.copy())

    def clone(self) -> Tensor:
        """Return a copy through which gradients flow."""
        return record(OPS[np.copy], (self,), NO_SETTINGS)

    def _note_memory(self) -> Memory:
        """Begin to keep track of writes into this leaf's memory: a node has read it."""
        self.memory = Memory(self._array, self.name)
        return self.memory

    def _touch(self) -> None:
        """Note that the memory is written into, now."""
        if self.memory is not None:
            self.memory.stamp = tick()

    # -------------------------------------------------------------- NumPy's two protocols
    __record__ = staticmethod(record)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        if self._requires_grad:
            raise TypeError(
                f"a Tensor of shape {self.shape} that requires grad was about to become a plain "
                f"array, and its history would have been lost; use t.numpy() or t.detach() for "
                f"the values alone, np.stack([t1, t2]) to join several"
            )
        array: Array = np.array(self.numpy(), dtype=dtype, copy=copy)
        return array

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **settings: Any) -> Any:
        if method == "__call__":
            if not settings:
                op = OPS.get(ufunc)
                if op is not None:
                    return record(op, inputs, NO_SETTINGS)
                if ufunc in NUMPY:
                    return NUMPY[ufunc](*inputs)
            elif "out" in settings and type(settings["out"][0]) is ndarray:
                return into_array(ufunc, inputs, settings)
        return UFUNC_METHODS[method](ufunc, *inputs, **settings)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        try:
            ours = NUMPY[function]
        except KeyError:
            return wrapped(without_rule(function, args, kwargs), Tensor)
        return ours(*args, **kwargs)

    def __repr__(self) -> str:
        values = np.array2string(self._array, separator=", ", prefix="Tensor(")
        parts = [values, f"shape={self.shape}", f"dtype={self.dtype}"]
        parts += [f"name={self.name!r}"] if self.name else []
        parts += [f"op={self.node.op.name}"] if self.node else []
        parts += ["requires_grad=True"] if self._requires_grad and not self.node else []
        return f"Tensor({', '.join(parts)})"

    def __reduce__(self) -> Any:
        if self.node is not None:
            raise RuntimeError(
                f"only a leaf can be copied or pickled, not a result of {self.node.op.name}; use "
                f"detach() for its value (numpy() in a plot), clone() to go on computing"
            )
        return _leaf, (type(self), self._array, self._requires_grad, self.name, self._grad)

    # --------------------------------------------------------- for backprop.py and the optimizers
    @staticmethod
    def _wrap(array: Array, node: Node | None = None) -> Tensor:
        """Make a Tensor around an array that nobody writes into, computed by ``node``."""
        tensor: Tensor = new(Tensor)
        tensor._array = array
        tensor._grad = tensor.notes = tensor.memory = None
        tensor.node = node
        tensor._requires_grad = node is not None
        return tensor

    def _grad_plus(self, dx: Any) -> Tensor:
        """Return ``.grad`` with one more contribution, for the walk to put there."""
        array = self._array
        if dx.shape != array.shape:
            raise RuntimeError(
                f"a gradient of shape {dx.shape} has arrived at a tensor that had this shape when "
                f"it was used, but has since been given data of shape {self.shape}"
            )
        gradient: Tensor = dx if isinstance(dx, Tensor) else Tensor._wrap(dx)
        if dx.dtype is not array.dtype:  # it, too, may be another one since
            gradient = gradient.astype(array.dtype)
        if self._grad is None:
            return gradient
        if self._grad.shape != gradient.shape:
            raise RuntimeError(
                f".grad has shape {self._grad.shape}, from before the tensor was given data of "
                f"shape {gradient.shape}; set .grad to None first"
            )
        with enable_grad():  # should .grad have a history, it stays
            total: Tensor = self._grad + gradient
        return total if total.dtype == self.dtype else total.astype(self.dtype)


def _leaf(
    kind: type[Tensor], data: Array, requires_grad: bool, name: str | None, grad: Tensor | None
) -> Tensor:
    """Rebuild a leaf from a copy or a pickle of its parts."""
    tensor: Tensor = new(kind)
    tensor._array, tensor._requires_grad = data.copy(), requires_grad
    tensor._grad = None if grad is None else grad.detach()
    tensor.node = tensor.memory = tensor.notes = None
    tensor.name = name
    return tensor
