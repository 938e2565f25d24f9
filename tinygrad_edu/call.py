"""One call of a function, recorded to be differentiated: what all transforms start from.

How calls nest. `Call` hands the function *fresh copies* of its arguments, and differentiates with
respect to the copies. A copy of a Tensor with a history is a recorded op, so an outer derivative
finds its way through; and as every call makes its own copies, an inner derivative can never mistake
an outer variable for its own. Whether the inner derivative is recorded in turn is decided by
looking: only if the result was computed from something outside that wants a gradient.

Read next: ``products.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tinygrad_edu.autograd import carry, upstream_of
from tinygrad_edu.op import Array, Node
from tinygrad_edu.recording import CONTEXT, enable_grad, tick
from tinygrad_edu.tensor import Tensor

Function = Callable[..., Any]


class Call:
    """One call of a function, recorded from fresh copies of the arguments at ``positions``.

    Attributes
    ----------
    output : what it returned, as a Tensor.
    keys, inputs : the nodes of the copies, and their arrays.
    open : whether the output also depends on something outside that wants a gradient: then what is
        computed here must be recorded.
    """

    def __init__(
        self,
        fun: Function,
        args: Sequence[Any],
        positions: Sequence[int],
        kwargs: dict[str, Any] | None = None,
    ) -> None:
        self.name = name_of(fun)
        self.recording = CONTEXT.get().recording
        start = tick()
        with enable_grad():
            copies = {i: fresh(args[i], f"argument {i} of {self.name}") for i in positions}
            self.keys: list[Any] = [copies[i].node for i in positions]
            self.inputs: list[Array] = [key.y for key in self.keys]
            result = fun(*[copies.get(i, x) for i, x in enumerate(args)], **(kwargs or {}))
        self.output = _result(result, self.name)
        self.open = _reaches_outside(self.output, start)

    def value(self) -> Tensor:
        """Return the output, with its history only if that reaches outside."""
        if not (self.open and self.recording):
            return self.output.detach()
        return self.output.clone() if self.output.node is None else self.output

    def pull(self, dy: Any = None) -> list[Tensor]:
        """Carry a gradient of the output back to each of the copies."""
        upstream = upstream_of(self.output, dy, f"of the result of {self.name}")
        record = CONTEXT.get().recording and (self.open or upstream.requires_grad)
        return self.or_zeros(carry([self.output], [upstream], self.keys, record))

    def or_zeros(self, found: list[Tensor | None]) -> list[Tensor]:
        """Write zeros where the output does not depend on an input."""
        return [
            Tensor(np.zeros(x.shape, x.dtype)) if dx is None else dx
            for x, dx in zip(self.inputs, found)
        ]

    def check_single(self, tool: str) -> None:
        """Refuse an output that is not one real number, and name the tool that takes it."""
        if self.output.size != 1:
            raise TypeError(
                f"{tool} differentiates a function whose result is a single number, but "
                f"{self.name} returned shape {self.output.shape}; take elementwise_grad for a "
                f"function that treats every element by itself, jacobian for the derivatives of "
                f"every element, vjp for a weighted sum of those, or reduce the result, for "
                f"instance with .sum() or .mean()"
            )
        if self.output.dtype.kind == "c":
            raise TypeError(
                f"{tool} differentiates a function whose result is a real number, but {self.name} "
                f"returned {self.output.dtype}; take its .real, .imag or abs(), or use vjp"
            )


def fresh(x: Any, what: str = "the argument") -> Tensor:
    """Copy a value to differentiate with respect to: a new node, with the history that ``x`` has.

    If ``x`` has none, the history begins here: the node has no parents.
    """
    if isinstance(x, Tensor) and x.requires_grad:
        return x.clone()
    try:
        copy = Tensor(x, requires_grad=True).clone()
    except TypeError as error:
        raise TypeError(f"{what}: {error}") from error
    if copy.node is not None:
        copy.node.parents = (None,)
    return copy


def name_of(fun: Function) -> str:
    """Return a function's name for messages."""
    return getattr(fun, "__name__", type(fun).__name__)


def _result(result: Any, name: str) -> Tensor:
    """Make what a function returned a Tensor, if it is one number or array."""
    if isinstance(result, Tensor):
        return result
    if isinstance(result, (bool, int, float, complex, np.generic, np.ndarray)):
        return Tensor(result)
    forgotten = "; is its return statement missing?" if result is None else ""
    several = "; join them with np.stack or np.concatenate" if isinstance(result, tuple) else ""
    raise TypeError(
        f"{name} must return one Tensor, but it returned a {type(result).__name__}"
        f"{forgotten}{several}"
    )


def _reaches_outside(output: Tensor, start: int) -> bool:
    """Tell whether a history goes back to a leaf, or to a node that is older than ``start``."""
    if not output.requires_grad:
        return False
    stack: list[Any] = [output if output.node is None else output.node]
    seen = set(stack)
    while stack:
        node = stack.pop()
        if not isinstance(node, Node) or node.serial < start:
            return True
        for parent in node.parents:
            if parent is not None and parent not in seen:
                seen.add(parent)
                stack.append(parent)
    return False
