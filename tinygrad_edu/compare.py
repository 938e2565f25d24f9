"""check_backprop: compare gradients that were derived by hand with those of the recorded graph.

Deriving backpropagation with pencil and paper, once, is how one comes to understand it. Here the
result is held against the recorded gradients, and where it differs the difference is read: a sign,
a factor of two, a missing transpose each leave their own trace; see ``diagnose.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from tinygrad_edu import diagnose
from tinygrad_edu.autograd import carry, key_of
from tinygrad_edu.check import DOUBLE, TOLERANCE, GradientError, Mismatch
from tinygrad_edu.op import Array
from tinygrad_edu.tensor import Tensor


def check_backprop(
    my_backprop: Any, loss: Tensor, wrt: Any, *, descent: bool = False, rtol: float | None = None
) -> bool:
    """Compare gradients that were derived by hand with those of the recorded graph.

    ``max |mine - recorded| <= rtol · max |recorded|`` for each gradient.

    Parameters
    ----------
    my_backprop : the gradients: a dict of arrays by name, a sequence of them, or a single one, as
        ``wrt`` is; or a function without arguments that returns that.
    loss : the recorded single number; computed from the same values, and not changed since.
    wrt : the Tensors that the gradients belong to: a dict by name, a sequence, or one.
    descent : the arrays are directions of descent, minus the gradients, as derivations by hand
        often have them, to be added to the weights.
    rtol : how far they may differ, in relation to the gradient's largest element; by default 1e-6,
        and 2e-3 for float32.

    Returns
    -------
    True

    Raises
    ------
    GradientError
        Naming each gradient that is wrong, its element, both values and both errors, and the likely
        cause where it shows: a sign, a factor, a transpose, a sum over the batch, the derivative of
        an activation. That all are directions of descent is recognised.
    ValueError, TypeError
        If the gradients do not fit ``wrt`` in number or names, or are no arrays.

    Examples
    --------
    >>> import numpy as np
    >>> import tinygrad_edu as tg
    >>> x, w = np.array([[1.0, 2.0]]), tg.Tensor([[0.5], [-0.5]], requires_grad=True, name="w")
    >>> loss = ((x @ w) ** 2).sum()
    >>> tg.check_backprop(2 * x.T @ (x @ w.numpy()), loss, w)
    True
    """
    tensors = _named(wrt)
    given = my_backprop() if callable(my_backprop) else my_backprop
    mine = _matched(given, list(tensors), single=isinstance(wrt, Tensor))
    one = Tensor(np.ones(loss.shape, loss.dtype))
    keys = [key_of(x) for x in tensors.values()]
    recorded: dict[str, Array] = {}
    for name, x, dx in zip(tensors, tensors.values(), carry([loss], [one], keys, False)):
        recorded[name] = np.zeros(x.shape, x.dtype) if dx is None else dx.numpy()
    if descent:
        mine = {name: -array for name, array in mine.items()}
    wrong = {name: _differs(mine[name], recorded[name], rtol) for name in tensors}
    if not any(wrong.values()):
        return True
    causes = diagnose.of_backprop(loss, keys, list(mine.values()), list(recorded.values()))
    if isinstance(causes, str):
        raise GradientError(causes)
    lines = [
        f"the gradient for {name} {text}" + (f"; likely cause: {cause}" if cause else "")
        for (name, text), cause in zip(wrong.items(), causes)
        if text
    ]
    right = [name for name, text in wrong.items() if not text]
    lines += [f"right: {', '.join(right)}"] if right else []
    raise GradientError("\n".join(lines))


def _named(wrt: Any) -> dict[str, Tensor]:
    """Give every Tensor a name for messages: its key, its own name, or its place."""
    if isinstance(wrt, Mapping):
        return dict(wrt)
    tensors = [wrt] if isinstance(wrt, Tensor) else list(wrt)
    names = [tensor.name or f"wrt[{i}]" for i, tensor in enumerate(tensors)]
    if len(set(names)) < len(names):
        names = [f"wrt[{i}]" for i in range(len(tensors))]
    return dict(zip(names, tensors))


def _matched(given: Any, names: list[str], single: bool) -> dict[str, Array]:
    """Pair the gradients derived by hand with the names that they belong to."""
    if given is None:
        raise TypeError(
            "my_backprop returned None; let it return the gradients, in the order of wrt, instead "
            "of adding them to the weights"
        )
    if isinstance(given, Mapping):
        if set(given) != set(names):
            raise ValueError(
                f"the gradients are named {sorted(given)}, the tensors {sorted(names)}"
            )
        values = [given[name] for name in names]
    elif single and not (isinstance(given, (tuple, list)) and len(given) == 1):
        values = [given]
    else:
        values = list(given) if isinstance(given, (tuple, list)) else [given]
    if len(values) != len(names):
        raise ValueError(f"{len(names)} tensors have {len(values)} gradients; give each its own")
    arrays = {}
    for name, value in zip(names, values):
        array = value.numpy() if isinstance(value, Tensor) else np.asarray(value)
        if array.dtype.kind not in "biufc":
            raise TypeError(f"the gradient for {name} is a {type(value).__name__}, not an array")
        arrays[name] = array
    return arrays


def _differs(mine: Array, recorded: Array, rtol: float | None) -> str:
    """Describe how a gradient differs from the recorded one; an empty string if it does not."""
    if mine.shape != recorded.shape:
        return f"has shape {recorded.shape}, but yours is {mine.shape}"
    error = np.abs(mine - recorded)
    tolerance = rtol or TOLERANCE.get(recorded.dtype.name, DOUBLE)[0]
    wrong = ~(error <= tolerance * np.max(np.abs(recorded), initial=0.0))
    if not wrong.any():
        return ""
    return Mismatch(0, mine, recorded, wrong).describe("yours", "recorded")
