"""Derivatives of functions, as products: a vector times the Jacobian, from either side.

A function from n numbers to m has an m by n matrix of derivatives, its Jacobian ``J``. It is seldom
needed whole. The backward pass computes ``vᵀJ`` (`vjp`) in one walk, whatever n is; for a single
number as output and ``v = 1`` that is the gradient. `jvp` computes ``Jv``, the change of the output
when the input moves along ``v``.

Read next: ``transforms.py``, the same as functions of functions.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tinygrad_edu.autograd import carry
from tinygrad_edu.call import Call, Function, fresh
from tinygrad_edu.dtypes import get_default_dtype
from tinygrad_edu.messages import outline
from tinygrad_edu.recording import CONTEXT, enable_grad
from tinygrad_edu.tensor import Tensor


def vjp(fun: Function, *args: Any) -> tuple[Tensor, Callable[[Any], tuple[Tensor, ...]]]:
    """Compute ``fun(*args)``, and a function that carries gradients back through it.

    ``vjp_fn(v) = Jᵀ·v`` for each argument, where ``J`` is the Jacobian of ``fun`` at ``args``.

    Shapes: see Parameters and Returns. Source: the interface is JAX's; the method is the reverse
    mode of Griewank and Walther, Evaluating derivatives (2008).

    Parameters
    ----------
    fun : takes Tensors, and returns a Tensor of any shape. What it returns without a history, a
        plain number or array for one, counts as a constant: its derivative is 0.
    *args : floats, arrays or Tensors.

    Returns
    -------
    out : the result.
    vjp_fn : takes an array of ``out``'s shape and returns a tuple, one gradient for each argument.
        It may be called any number of times.

    Raises
    ------
    TypeError
        If an argument is not floating-point, or ``fun`` returns something else than a Tensor.
    ValueError
        If ``v`` has another shape than ``out``.

    Examples
    --------
    >>> import numpy as np
    >>> import tinygrad_edu as tg
    >>> out, vjp_fn = tg.vjp(np.multiply, [1.0, 2.0], 3.0)
    >>> out
    Tensor([3., 6.], shape=(2,), dtype=float64)
    >>> vjp_fn([1.0, 10.0])
    (Tensor([ 3., 30.], shape=(2,), dtype=float64), Tensor(21., shape=(), dtype=float64))
    """
    call = Call(fun, args, range(len(args)))

    def vjp_fn(v: Any) -> tuple[Tensor, ...]:
        return tuple(call.pull(v))

    return call.value(), vjp_fn


def jvp(fun: Function, primals: Any, tangents: Any) -> tuple[Tensor, Tensor]:
    """Compute ``fun(*primals)`` and how it changes as the arguments move along ``tangents``.

    ``J·t``, by walking back twice. Carrying a gradient ``v`` back gives ``g(v) = Jᵀ·v``. That is
    linear in ``v``, so *its* Jacobian is ``Jᵀ`` wherever ``v`` is, and carrying ``t`` back through
    ``g`` gives ``(Jᵀ)ᵀ·t = J·t``. No rule has to be written a second time for the forward
    direction; the price is about three times that of `vjp`.

    Shapes: those of the arguments and of the result. Source: the interface is JAX's; walking back
    twice is Townsend, A new trick for calculating Jacobian vector products (2017).

    Parameters
    ----------
    fun : takes Tensors, and returns a Tensor of any shape; see `vjp`.
    primals : a tuple of arguments, or the only argument.
    tangents : a tuple of directions, each in its argument's shape, or the only direction.

    Returns
    -------
    out, tangent : two Tensors of one shape.

    Raises
    ------
    TypeError
        If an argument is not floating-point, or ``fun`` returns something else than a Tensor.
    ValueError
        If the tangents do not fit the primals in number or shape.

    Examples
    --------
    >>> import numpy as np
    >>> import tinygrad_edu as tg
    >>> tg.jvp(np.exp, 0.0, 2.0)
    (Tensor(1., shape=(), dtype=float64), Tensor(2., shape=(), dtype=float64))
    """
    call, directions = _along(fun, primals, tangents)
    out = call.output
    if not out.requires_grad:
        dtype = out.dtype if out.dtype.kind in "fc" else get_default_dtype()
        return call.value(), Tensor(np.zeros(out.shape, dtype))
    with enable_grad():
        v = fresh(np.ones(out.shape, out.dtype))
        pulled = carry([out], [v], call.keys, True)
    (tangent,) = _carry_on(call, pulled, directions, [v.node])
    return call.value(), Tensor(np.zeros(out.shape, out.dtype)) if tangent is None else tangent


def hvp(fun: Function, primals: Any, tangents: Any) -> Any:
    """Multiply the Hessian of ``fun`` with a vector, without ever computing the Hessian.

    ``H·t``, where ``H`` holds the second derivatives of a function whose result is a single number.
    The gradient's Jacobian is ``H``, and ``H = Hᵀ``: so one more walk, back from the gradient,
    does it.

    Shapes: those of the arguments.

    Parameters
    ----------
    fun : takes Tensors, and returns a single number; see `vjp`.
    primals : a tuple of arguments, or the only argument; real numbers.
    tangents : a tuple of directions, each in its argument's shape, or the only direction.

    Returns
    -------
    One Tensor in the argument's shape; for several arguments, a tuple of them.

    Raises
    ------
    TypeError
        If an argument is not floating-point and real, or ``fun`` returns no single number.
    ValueError
        If the tangents do not fit the primals in number or shape.

    References
    ----------
    Pearlmutter, Fast exact multiplication by the Hessian, Neural Computation 6 (1994), for the
    product itself; here it comes from two walks back.

    Examples
    --------
    >>> import numpy as np
    >>> import tinygrad_edu as tg
    >>> tg.hvp(lambda x: (x**3).sum(), np.array([1.0, 2.0]), np.array([1.0, 10.0]))
    Tensor([  6., 120.], shape=(2,), dtype=float64)
    """
    call, directions = _along(fun, primals, tangents)
    call.check_single("hvp")
    if any(x.dtype.kind == "c" for x in call.inputs):
        raise TypeError("hvp takes real arguments; a complex gradient has no symmetric Jacobian")
    with enable_grad():
        one = Tensor(np.ones(call.output.shape, call.output.dtype))
        slopes = carry([call.output], [one], call.keys, True)
    products = call.or_zeros(_carry_on(call, slopes, directions, call.keys))
    return products[0] if len(products) == 1 else tuple(products)


def _along(fun: Function, primals: Any, tangents: Any) -> tuple[Call, list[Tensor]]:
    """Call a function, and check that each argument has a direction of its shape."""
    for given, what in ((primals, "primals"), (tangents, "tangents")):
        if isinstance(given, list):
            raise TypeError(
                f"the {what} are a list, which may mean several arguments or one array; write "
                f"several as a tuple, and one as an array, np.array([...])"
            )
    args = primals if isinstance(primals, tuple) else (primals,)
    given = tangents if isinstance(tangents, tuple) else (tangents,)
    if len(args) != len(given):
        raise ValueError(f"{len(args)} primals have {len(given)} tangents; give each its own")
    call = Call(fun, args, range(len(args)))
    directions = []
    for position, (x, t) in enumerate(zip(call.inputs, given)):
        direction = t if isinstance(t, Tensor) else Tensor(t)
        if direction.shape != x.shape:
            raise ValueError(
                f"tangent {position} has {outline(direction)}; it must have its primal's shape, "
                f"{x.shape}"
            )
        directions.append(direction if direction.dtype == x.dtype else direction.astype(x.dtype))
    return call, directions


def _carry_on(
    call: Call, pulled: Sequence[Tensor | None], directions: Sequence[Tensor], keys: Sequence[Any]
) -> list[Tensor | None]:
    """Carry the directions back through the gradients that have been recorded themselves."""
    pairs = [(dx, t) for dx, t in zip(pulled, directions) if dx is not None]
    record = CONTEXT.get().recording and (call.open or any(t.requires_grad for t in directions))
    return carry([dx for dx, _ in pairs], [t for _, t in pairs], keys, record)
