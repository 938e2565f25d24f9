"""grad and its relatives: they take a function and return the function of its derivatives.

    slope = tg.grad(np.tanh)
    curvature = tg.grad(slope)

This is differentiation as mathematics writes it, of functions rather than of results, and it nests:
what `grad` returns is a function that can be differentiated again. All of them are made of one
thing, a recorded call that gradients are carried back through; see ``products.py``.

They touch no ``.grad``. They differentiate within a `no_grad` block as well, where their results
have no history. A result without a history, such as a plain number, counts as a constant with
derivative 0: if a function computes with ``float(x)`` or ``x.detach()``, that is what it says.

Read next: ``check.py``, which holds derivatives against numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np

from tinygrad_edu.call import Call, Function, name_of
from tinygrad_edu.tensor import Tensor

Argnum = int | tuple[int, ...]


def grad(fun: Function, argnum: Argnum = 0) -> Callable[..., Any]:
    """Return the function that computes the gradient of ``fun``, whose result is a number.

    ``∂fun/∂x``, where ``x`` is the argument at position ``argnum``.

    Source: the interface is HIPS autograd's. Shapes: see Returns.

    Parameters
    ----------
    fun : takes Tensors, and returns a single real number. Arguments at other positions, and
        keyword arguments, are handed on as they are.
    argnum : the position of the argument to differentiate with respect to, or a tuple of positions.

    Returns
    -------
    A function of the same arguments (floats, arrays or Tensors). It returns a Tensor in the
    argument's shape and dtype; for a tuple of positions, a tuple of them. The Tensor is tracked if
    it was computed from Tensors that are.

    Raises
    ------
    TypeError
        When called: if ``fun`` returns no single number, or the argument is not floating-point.
    IndexError
        When called: if there is no argument at that position.

    Examples
    --------
    >>> import numpy as np
    >>> import tinygrad_edu as tg
    >>> slope = tg.grad(lambda x: x**3)
    >>> float(slope(2.0)), float(tg.grad(slope)(2.0))
    (12.0, 12.0)
    >>> tg.grad(lambda x, w: np.sum(x * w), argnum=1)([1.0, 2.0], np.ones(2))
    Tensor([1., 2.], shape=(2,), dtype=float64)
    """

    def gradient(call: Call) -> list[Tensor]:
        call.check_single("grad")
        return call.pull()

    return _transform(fun, argnum, gradient)


def value_and_grad(fun: Function, argnum: Argnum = 0) -> Callable[..., tuple[Tensor, Any]]:
    """Return the function that computes ``fun`` and its gradient together; see `grad`.

    ``(fun, ∂fun/∂x)``

    Raises
    ------
    TypeError, IndexError
        When called: as `grad`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> value, slope = tg.value_and_grad(lambda x: x**3)(2.0)
    >>> float(value), float(slope)
    (8.0, 12.0)
    """

    @wraps(fun, updated=())
    def both(*args: Any, **kwargs: Any) -> tuple[Tensor, Any]:
        call = Call(fun, args, _positions(argnum, args, fun), kwargs)
        call.check_single("value_and_grad")
        return call.value(), _as_asked(call.pull(), argnum)

    return both


def elementwise_grad(fun: Function, argnum: Argnum = 0) -> Callable[..., Any]:
    """Return the function that computes the derivative of an elementwise function everywhere.

    ``∂fun(x)[i]/∂x[i]`` for every index ``i``, for a function that treats every element by itself.
    That it does is taken on trust; only the shapes are compared.

    Source: HIPS autograd's function of this name.

    Raises
    ------
    TypeError
        When called: if the result has not the argument's shape, or as `grad`.
    IndexError
        When called: if there is no argument at that position.

    Examples
    --------
    >>> import numpy as np
    >>> import tinygrad_edu as tg
    >>> tg.elementwise_grad(np.tanh)([0.0, 100.0])
    Tensor([1., 0.], shape=(2,), dtype=float64)
    """

    def slopes(call: Call) -> list[Tensor]:
        for x in call.inputs:
            if x.shape != call.output.shape:
                raise TypeError(
                    f"elementwise_grad is for functions whose result has the argument's shape, but "
                    f"{call.name} returned shape {call.output.shape} for shape {x.shape}; take "
                    f"jacobian for the derivatives of every element of the result, grad for those "
                    f"of a single number, or broadcast the argument first"
                )
        _check_same_kind(call, "elementwise_grad")
        return call.pull(np.ones(call.output.shape, call.output.dtype))

    return _transform(fun, argnum, slopes)


def jacobian(fun: Function, argnum: Argnum = 0) -> Callable[..., Any]:
    """Return the function that computes all derivatives of all elements of the result.

    ``J[i, j] = ∂fun(x)[i]/∂x[j]``, where ``i`` and ``j`` may be several indices each: the shape is
    that of the result, followed by that of the argument. It takes one call of ``fun`` and one walk
    back for every element of the result.

    Source: the interface is HIPS autograd's; one walk for every element is the reverse mode of
    Griewank and Walther, Evaluating derivatives (2008).

    Raises
    ------
    TypeError
        When called: if ``fun`` returns something else than a Tensor, or as `grad`.
    IndexError
        When called: if there is no argument at that position.

    Examples
    --------
    >>> import numpy as np
    >>> import tinygrad_edu as tg
    >>> tg.jacobian(lambda x: x * x[0])([1.0, 2.0])
    Tensor([[2., 0.],
            [2., 1.]], shape=(2, 2), dtype=float64)
    """

    def rows(call: Call) -> list[Tensor]:
        _check_same_kind(call, "jacobian")
        out = call.output
        pulled = []
        for i in range(out.size):
            dy = np.zeros(out.shape, out.dtype)
            dy.flat[i] = 1
            pulled.append(call.pull(dy))
        if not pulled:
            return [Tensor(np.zeros(out.shape + x.shape, x.dtype)) for x in call.inputs]
        joined: list[Any] = [np.stack(rows_of_x) for rows_of_x in zip(*pulled)]
        return [each.reshape(out.shape + x.shape) for each, x in zip(joined, call.inputs)]

    return _transform(fun, argnum, rows)


def hessian(fun: Function, argnum: Argnum = 0) -> Callable[..., Any]:
    """Return the function that computes all second derivatives of ``fun``.

    ``H[i, j] = ∂²fun/∂x[i]∂x[j]``, the Jacobian of the gradient of a function whose result is a
    single number. The shape is the argument's, twice.
    For a tuple of positions: a tuple of tuples, ``H[a][b]`` with respect to arguments ``a`` and
    ``b``. `hvp` multiplies it with a vector, in two walks instead of one for every element.

    Source: the interface is HIPS autograd's.

    Raises
    ------
    TypeError, IndexError
        When called: as `grad`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.hessian(lambda x: x[0] ** 2 * x[1])([3.0, 5.0])
    Tensor([[10.,  6.],
            [ 6.,  0.]], shape=(2, 2), dtype=float64)
    """
    if isinstance(argnum, int):
        return jacobian(grad(fun, argnum), argnum)
    blocks = [jacobian(grad(fun, number), argnum) for number in argnum]

    @wraps(fun, updated=())
    def all_blocks(*args: Any, **kwargs: Any) -> Any:
        return tuple(block(*args, **kwargs) for block in blocks)

    return all_blocks


def _transform(
    fun: Function, argnum: Argnum, derive: Callable[[Call], list[Tensor]]
) -> Callable[..., Any]:
    """Make the function of the same arguments that returns what ``derive`` finds for its call."""

    @wraps(fun, updated=())
    def derivative(*args: Any, **kwargs: Any) -> Any:
        call = Call(fun, args, _positions(argnum, args, fun), kwargs)
        return _as_asked(derive(call), argnum)

    return derivative


def _positions(argnum: Argnum, args: tuple[Any, ...], fun: Function) -> list[int]:
    """Find the arguments that are meant; a negative position counts from the end."""
    asked = argnum if isinstance(argnum, (tuple, list)) else (argnum,)
    for number in asked:
        if not hasattr(number, "__index__"):
            raise TypeError(f"argnum is a position, or a tuple of positions, not {number!r}")
        if not -len(args) <= number < len(args):
            raise IndexError(
                f"there is no argument {number} to differentiate {name_of(fun)} with respect to: "
                f"it was called with {len(args)} positional arguments; one that is given by its "
                f"name cannot be meant by argnum"
            )
    return [number % len(args) for number in asked]


def _as_asked(found: list[Tensor], argnum: Argnum) -> Any:
    """Return one Tensor for one position, and a tuple for a tuple of positions."""
    return tuple(found) if isinstance(argnum, (tuple, list)) else found[0]


def _check_same_kind(call: Call, tool: str) -> None:
    """Refuse complex results of real arguments: half of their derivative has no place to go."""
    for x in call.inputs:
        if call.output.dtype.kind == "c" != x.dtype.kind:
            raise TypeError(
                f"{tool}: {call.name} returned {call.output.dtype} for an argument of {x.dtype}; "
                f"differentiate its .real and its .imag, or take vjp or jvp"
            )
