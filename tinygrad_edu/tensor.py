"""Tensor: an array that remembers how it was computed.

Three ways lead in, and all to `record`: an op is called with a Tensor; a NumPy function is, and
NumPy hands the call over, see ``dispatch.py``; or an operator is used, see ``methods.py``. `record`
runs the op on plain arrays and, if a gradient may be wanted later, leaves a `Node` behind.

Tensors are values. A slice is a copy as far as anybody can tell, ``t += v`` changes the one object
``t``, and only a leaf's memory is ever written into, which is noticed by its ``stamp``.

Read next: ``backprop.py``, which walks the nodes backwards.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tinygrad_edu import backprop
from tinygrad_edu.dispatch import NUMPY, OPS, on_values, without_rule
from tinygrad_edu.dtypes import check_float, to_array
from tinygrad_edu.methods import NO_SETTINGS, ArrayMethods
from tinygrad_edu.op import REGISTRY, Array, Node, Op, explain
from tinygrad_edu.recording import CONTEXT, tick
from tinygrad_edu.several import parts

SCALARS = (float, int, bool, complex)
new = object.__new__


def record(op: Op, inputs: tuple[Any, ...], settings: dict[str, Any]) -> Tensor:
    """Run an op on the arrays in ``inputs``; remember the call if one of them wants a gradient."""
    arrays: list[Any] = []
    parents: list[Node | Tensor | None] = []
    constants: tuple[Tensor, ...] = ()
    tracked = foreign = leaves = False
    for x in inputs:
        if isinstance(x, Tensor):
            arrays.append(x._data)
            if not x._requires_grad:
                leaves = True
                constants += (x,)
                parents.append(None)
            elif x.node is None:
                leaves = tracked = True
                parents.append(x)
            else:
                tracked = True
                parents.append(x.node)
        else:
            parents.append(None)
            if type(x) in SCALARS:
                arrays.append(x)
            else:
                foreign = True
                arrays.append(_plain(x, op))
    try:
        y = op.forward(*arrays, **settings)
    except Exception as error:
        raise explain(error, op.describe(arrays, settings), op.hint) from error
    several = type(y) if isinstance(y, tuple) else None
    if several:
        y = tuple(np.array(part) for part in y)
    elif type(y) is not np.ndarray:
        y = np.asarray(y)
    context = CONTEXT.get()
    tracked = tracked and context.recording
    if not several and (
        leaves or not tracked
    ):  # then y must not lie in memory that may be written into
        is_view = y.base is not None
        for x in arrays:
            if y is x or (is_view and np.may_share_memory(x, y)):
                y = y.copy()
                break
    tensor: Tensor = new(Tensor)
    tensor._data = y
    tensor._grad = tensor.name = tensor.node = None
    tensor._requires_grad = tracked
    tensor.stamp = 0
    if tracked:
        if foreign:  # a caller's array may be written into later
            arrays = [np.array(a) if a is x else a for a, x in zip(arrays, inputs)]
        node = new(Node)
        node.op = op
        node.arrays = tuple(arrays)
        node.parents = tuple(parents)
        node.constants = constants
        node.settings = settings or NO_SETTINGS
        node.y = y
        node.serial = tick()
        node.scope = context.scope
        node.spent = False
        tensor.node = node
    return parts(tensor, several) if several else tensor


def unrecorded(function: Callable[..., Any], args: Any, settings: dict[str, Any]) -> Any:
    """Call a NumPy function on values, for a Tensor without a history."""
    return _wrapped(on_values(function, args, settings))


def _wrapped(result: Any) -> Any:
    return Tensor(result) if isinstance(result, (np.ndarray, np.generic)) else result


def _into_array(ufunc: Any, inputs: tuple[Any, ...], settings: dict[str, Any]) -> Any:
    """Let ``array -= t`` read a Tensor's values, unless its history would be lost."""
    arrays = [x._data if isinstance(x, Tensor) else x for x in inputs]
    if CONTEXT.get().recording:
        for x in inputs:
            if isinstance(x, Tensor) and x._requires_grad:
                raise TypeError(
                    f"np.{ufunc.__name__} into a plain array would lose the history of a Tensor "
                    f"that requires grad; compute a new Tensor, or use t.detach()"
                )
    return ufunc(*arrays, **settings)


def _plain(x: Any, op: Op) -> Any:
    """Make an operand that is no Tensor something to compute with."""
    if x is None or isinstance(x, np.generic):
        return x
    array = np.asarray(x)
    if array.dtype.kind not in "biufc":
        raise TypeError(f"{op.name} cannot compute with {x!r}, a {type(x).__name__}")
    return array


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

    __slots__ = ("__weakref__", "_data", "_grad", "_requires_grad", "name", "node", "stamp")
    _data: Array
    _grad: Tensor | None
    _requires_grad: bool
    name: str | None
    node: Node | None
    stamp: int

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
            data = data._data
        self._data = to_array(data, dtype, copy)
        self._grad = self.node = None
        self.stamp = 0
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
        return self._data if self.node is None else self.numpy()

    @data.setter
    def data(self, value: Any) -> None:
        if self.node is not None:
            raise RuntimeError(
                f"this tensor is the result of {self.node.op.name}, and its data cannot be "
                f"replaced without making its history wrong; use detach() to get a free copy"
            )
        if value is self._data:  # the end of ``t.data -= v``: the memory has been written into
            self._touch()
            return
        array = to_array(value)
        if self._requires_grad:
            check_float(array)
        self._data = array

    def numpy(self) -> Array:
        """Return the values as a read-only NumPy array, without copying."""
        view: Array = self._data.view()
        view.flags.writeable = False
        return view

    @property
    def grad(self) -> Tensor | None:
        """The gradient that ``backward()`` calls have added up so far, or ``None``."""
        return self._grad

    @grad.setter
    def grad(self, value: Any) -> None:
        if value is not None:
            value = value if isinstance(value, Tensor) else Tensor(value, dtype=self.dtype)
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
            check_float(self._data)
        self._requires_grad = bool(value)

    def requires_grad_(self, requires_grad: bool = True) -> Tensor:
        """Set ``requires_grad`` and return the tensor itself."""
        self.requires_grad = requires_grad
        return self

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

    def detach(self) -> Tensor:
        """Return a copy that has no history and asks for no gradient."""
        return Tensor._wrap(self._data.copy())

    def clone(self) -> Tensor:
        """Return a copy through which gradients flow."""
        return record(REGISTRY["clone"], (self,), NO_SETTINGS)

    def _touch(self) -> None:
        """Note that the memory has been written into, now."""
        self.stamp = tick()

    def _may_write(self, value: Any) -> bool:
        """Decide how ``t += v`` and ``t[i] = v`` change ``t``: by writing into its own memory.

        That is for leaves, where nothing is to be remembered. Otherwise the change is recorded.
        """
        recording = CONTEXT.get().recording
        if self.node is not None:
            if not recording:
                raise RuntimeError(
                    f"in-place change, under no_grad, of a result of {self.node.op.name}: its "
                    f"history would no longer fit its value; change a copy, t.detach()"
                )
            return False
        if self._requires_grad and recording:
            raise RuntimeError(
                "in-place change of a leaf that requires grad: to update a parameter, put it under "
                "`with no_grad():`; to compute with it, write t = t + v"
            )
        return not (recording and isinstance(value, Tensor) and value._requires_grad)

    def _become(self, result: Tensor) -> None:
        """Take over the value and the history of the result of a recorded in-place change."""
        if result.shape != self.shape:
            raise ValueError(f"in-place change from shape {self.shape} to shape {result.shape}")
        if result.dtype != self.dtype:
            if not np.can_cast(result.dtype, self.dtype, "same_kind"):
                raise TypeError(f"in-place change from dtype {self.dtype} to dtype {result.dtype}")
            result = result.astype(self.dtype)
        self._data, self.node, self._requires_grad = result._data, result.node, True

    # -------------------------------------------------------------- NumPy's two protocols
    __record__ = staticmethod(record)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        if self._requires_grad:
            raise TypeError(
                "a Tensor that requires grad was about to become a plain array, and its history "
                "would have been lost; use t.numpy() for the values alone, or t.detach()"
            )
        array: Array = np.array(self.numpy(), dtype=dtype, copy=copy)
        return array

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **settings: Any) -> Any:
        if method == "__call__":
            if not settings and ufunc in OPS:
                return record(OPS[ufunc], inputs, NO_SETTINGS)
            if not settings and ufunc in NUMPY:
                return NUMPY[ufunc](*inputs)
            if "out" in settings and all(type(array) is np.ndarray for array in settings["out"]):
                return _into_array(ufunc, inputs, settings)
            return _wrapped(without_rule(ufunc, inputs, settings))
        return _wrapped(without_rule(getattr(ufunc, method), inputs, settings))

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        if function in NUMPY:
            return NUMPY[function](*args, **kwargs)
        return _wrapped(without_rule(function, args, kwargs))

    def __repr__(self) -> str:
        values = np.array2string(self._data, separator=", ", prefix="Tensor(")
        parts = [values, f"shape={self.shape}", f"dtype={self.dtype}"]
        parts += [f"name={self.name!r}"] if self.name else []
        parts += [f"op={self.node.op.name}"] if self.node else []
        parts += ["requires_grad=True"] if self._requires_grad and not self.node else []
        return f"Tensor({', '.join(parts)})"

    def __reduce__(self) -> Any:
        if self.node is not None:
            raise RuntimeError(
                f"only a leaf can be copied or pickled, and this is the result of "
                f"{self.node.op.name}; use detach() for its value, clone() to go on computing"
            )
        return _leaf, (type(self), self._data, self._requires_grad, self.name, self._grad)

    # --------------------------------------------------------- for backprop.py and the optimizers
    @staticmethod
    def _wrap(array: Array, node: Node | None = None) -> Tensor:
        """Make a Tensor around an array that nobody writes into, computed by ``node``."""
        tensor: Tensor = new(Tensor)
        tensor._data = array
        tensor._grad = tensor.name = None
        tensor.node = node
        tensor._requires_grad = node is not None
        tensor.stamp = 0
        return tensor

    @staticmethod
    def _rerecord(node: Node) -> tuple[Tensor, list[Any]]:
        """Return a node's output and inputs as Tensors that know where they came from."""
        inputs: list[Any] = []
        for x, parent in zip(node.arrays, node.parents):
            if type(x) is not np.ndarray:
                inputs.append(x)
            elif isinstance(parent, Node):
                inputs.append(Tensor._wrap(x, parent))
            elif parent is None:
                same = (leaf for leaf in node.constants if leaf._data is x)
                inputs.append(next(same, Tensor._wrap(x)))
            elif parent._data is x:
                inputs.append(parent)
            else:  # the leaf has been given other data since: this was its value then
                then = record(REGISTRY["clone"], (parent,), NO_SETTINGS)
                then._data = x
                inputs.append(then)
        if isinstance(node.y, tuple):
            return parts(Tensor._wrap(node.y, node), tuple), inputs
        return Tensor._wrap(node.y, node), inputs

    def _grad_plus(self, dx: Any) -> Tensor:
        """Return ``.grad`` with one more contribution, for the walk to put there."""
        if dx.shape != self.shape:
            raise RuntimeError(
                f"a gradient of shape {dx.shape} has arrived at a tensor that had this shape when "
                f"it was used, but has since been given data of shape {self.shape}"
            )
        dx = dx if isinstance(dx, Tensor) else Tensor._wrap(dx)
        total: Tensor = dx if self._grad is None else self._grad + dx
        return total


def _leaf(
    kind: type[Tensor], data: Array, requires_grad: bool, name: str | None, grad: Tensor | None
) -> Tensor:
    """Rebuild a leaf from a copy or a pickle of its parts."""
    tensor: Tensor = new(kind)
    tensor._data, tensor._requires_grad, tensor.name = data.copy(), requires_grad, name
    tensor._grad, tensor.node, tensor.stamp = grad, None, 0
    return tensor
