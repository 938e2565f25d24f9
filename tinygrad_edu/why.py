"""why: explain a gradient that is None, zero or NaN, by walking the graph and looking.

``w.why(loss)`` asks, in this order: may there be a gradient at all; does the loss depend on ``w``;
what arrives; and if that is zero or no number, at which op it became so.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.anomaly import first_bad, how_many, values_at
from tinygrad_edu.autograd import key_of, upstream_of
from tinygrad_edu.backprop import walk
from tinygrad_edu.diagnose import history
from tinygrad_edu.op import Array, Node
from tinygrad_edu.tensor import Tensor

SMALL = 1e-8
SHOWN = 12  # steps of a path

NO_HISTORY = (
    "the loss has no history: nothing that it was computed from requires grad, or all of it went "
    "through detach(), numpy() or no_grad()"
)
REASONS = {
    "relu": "none of the {size} numbers that went into it is above 0, where its derivative is 0",
    "sigmoid": "it is saturated: all that went into it is so large that its derivative is 0",
    "tanh": "it is saturated: all that went into it is so large that its derivative is 0",
    "multiply": "the other factor is 0 where a gradient arrives",
    "matmul": "the other factor is 0 where a gradient arrives",
    "where": "none of its elements was chosen where a gradient arrives",
    "maximum": "none of its elements was the larger one where a gradient arrives",
    "minimum": "none of its elements was the smaller one where a gradient arrives",
    "getitem": "a gradient arrives only at elements that are worth nothing",
}


def why(tensor: Tensor, loss: Tensor | None = None) -> str:
    """Explain the gradient of ``loss`` with respect to ``tensor``; see `Tensor.why`.

    Parameters
    ----------
    tensor : the one whose gradient is ``None``, zero, NaN or otherwise a surprise.
    loss : what is differentiated: a single number. Without it, only what the tensor itself knows.

    Returns
    -------
    Some lines of text.

    Raises
    ------
    RuntimeError
        If ``loss`` is not a single number, or something was changed in place since, such as a
        parameter by an optimizer: ask before.

    Examples
    --------
    >>> import numpy as np
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.why import why
    >>> w = tg.Tensor([-1.0, -2.0], requires_grad=True, name="w")
    >>> print(why(w, tg.relu(w).sum()))
    the gradient for w, shape (2,), is zero: relu(x: (2,) float64) lets nothing through to x; \
none of the 2 numbers that went into it is above 0, where its derivative is 0
    the largest gradient, from the loss back:
      sum                       1
      relu                      1
      w                         0
    """
    what = f"{tensor.name or 'this tensor'}, shape {tensor.shape},"
    if not tensor.requires_grad:
        return (
            f"{what} asks for no gradient: it was made without requires_grad=True, or computed "
            f"under no_grad(), or detached"
        )
    if loss is None:
        return _without_loss(tensor, what)
    if not loss.requires_grad:
        return NO_HISTORY
    start, key = key_of(loss), key_of(tensor)
    path = Path(start, key, upstream_of(loss, None, "of the loss").numpy())
    if key not in path.useful:
        return f"the gradient for {what} is None: {_not_reached(tensor, start)}"
    return f"the gradient for {what} {path.explain(tensor.name or 'this tensor')}{_kept(tensor)}"


def _without_loss(tensor: Tensor, what: str) -> str:
    """Say what can be said about a gradient by looking at ``.grad`` alone."""
    if tensor.grad is not None:
        return f"the gradient in .grad of {what} {_describe(tensor.grad.numpy())}; ask .why(loss)"
    if tensor.node is None:
        return (
            f"{what} has no gradient yet: backward() has not been called, or has not come by, or "
            f".grad was set to None since; .why(loss) tells whether the loss depends on it"
        )
    return f"{what} has no gradient in .grad{_kept(tensor)}"


def _kept(tensor: Tensor) -> str:
    """Say why a computed tensor has no ``.grad``."""
    if tensor.node is None or tensor.grad is not None:
        return ""
    return (
        f"; it is a result of {tensor.node.op.name}, and backward() fills the .grad of leaves "
        f"only: call retain_grad() on it first. A parameter is changed by p.data -= step, and not "
        f"by p = p - step, which makes it a result"
    )


def _describe(gradient: Array) -> str:
    """Say what a gradient is like."""
    size = np.abs(gradient)
    if not size.size:
        return "is empty"
    bad = first_bad(gradient)
    if bad is not None:
        return f"is {how_many(gradient, bad)}"
    if not size.any():
        return "is zero"
    some = size[size > 0]
    zeros = size.size - some.size
    text = "is small" if some.max() < SMALL else "is fine"
    range_ = f"between {some.min():.4g} and {some.max():.4g}" if some.size > 1 else f"{some[0]:.4g}"
    return f"{text}: {range_} in magnitude" + (f", and zero in {zeros} elements" if zeros else "")


def _not_reached(tensor: Tensor, start: Any) -> str:
    """Explain why a loss does not depend on a tensor."""
    nodes = history(start) if isinstance(start, Node) else []
    if tensor.node is not None and isinstance(start, Node) and tensor.node.serial > start.serial:
        return "it was computed after the loss"
    for node in nodes:
        for position, (x, parent) in enumerate(zip(node.arrays, node.parents)):
            constant = parent is None and isinstance(x, np.ndarray) and x.size > 1
            if constant and np.array_equal(x, tensor.numpy()):
                return (
                    f"the loss does not depend on it, but {node.op.name} was given the same "
                    f"numbers for {node.op.argument(position)}, without a history; were they taken "
                    f"by detach(), numpy() or under no_grad()?"
                )
    leaves = {id(p): p for node in nodes for p in node.parents if isinstance(p, Tensor)}
    named = [f"{leaf.name or 'a tensor'} {leaf.shape}" for leaf in leaves.values()][:SHOWN]
    return f"the loss does not depend on it, only on {', '.join(named) or 'the loss itself'}"


class Path:
    """What arrives at every step between a loss and a tensor."""

    def __init__(self, start: Any, key: Any, dy: Array) -> None:
        self.start, self.key = start, key
        nodes = history(start) if isinstance(start, Node) else []
        self.useful: set[Any] = {key} if start is key or isinstance(start, Node) else set()
        for node in nodes:
            if any(parent in self.useful for parent in node.parents):
                self.useful.add(node)
        self.nodes = [node for node in nodes if node in self.useful]
        self.everything = nodes
        if start not in self.useful:
            self.useful = set()
        self.gradients: dict[Any, Any] = {start: dy}
        if isinstance(start, Node) and self.useful:
            with np.errstate(all="ignore"):
                self.gradients = walk({start: dy}, wrt=self.useful)

    def explain(self, name: str) -> str:
        """Say what arrives at the tensor, and if it is odd, where it became so."""
        arrived = self.gradients.get(self.key)
        if arrived is None:
            return f"is None: {self._without_rule()}"
        text = _describe(arrived)
        if text.startswith("is fine"):
            return text
        if text == "is zero":
            text += self._where_zero()
        elif first_bad(arrived) is not None:
            text += self._where_bad()
        return f"{text}\n{self._table(name)}"

    def _edges(self) -> Any:
        """Yield every step back: its node, the position of the input, and what the rule gives."""
        for node in reversed(self.nodes):
            dy = self.gradients.get(node)
            if not isinstance(dy, np.ndarray):
                continue
            for position, (parent, rule) in enumerate(zip(node.parents, node.op.rules)):
                if parent in self.useful and rule is not None:
                    with np.errstate(all="ignore"):
                        dx = rule(dy, node.y, *node.arrays, **node.settings)
                    if dx is None or isinstance(dx, (np.ndarray, np.generic, float)):
                        yield node, position, dy, np.asarray(0.0 if dx is None else dx)

    def _without_rule(self) -> str:
        """Name the ops that have no rule on the way."""
        found = [
            f"{node.op.name} for {node.op.argument(position)}"
            for node in self.nodes
            for position, (parent, rule) in enumerate(zip(node.parents, node.op.rules))
            if parent in self.useful and rule is None
        ]
        return f"there is no derivative rule on the way: {', '.join(found)}"

    def _where_zero(self) -> str:
        """Find the ops that let nothing through of a gradient that arrived."""
        found = []
        for node, position, dy, dx in self._edges():
            if dy.any() and not dx.any():
                reason = REASONS.get(node.op.name, "its derivative is 0 there")
                call = node.op.describe(node.arrays, node.settings)
                size = np.size(node.arrays[position])
                found.append(
                    f"{call} lets nothing through to {node.op.argument(position)}; "
                    f"{reason.format(size=size)}"
                )
        return ": " + (
            "; also, ".join(found[:3])
            if found
            else "what arrives on several ways adds up to nothing"
        )

    def _where_bad(self) -> str:
        """Find the op that first made NaN or infinity, forwards or else backwards."""
        for node in self.everything:
            bad = first_bad(node.y)
            if bad is not None:
                named = [(node.op.argument(i), x) for i, x in enumerate(node.arrays)]
                call = node.op.describe(node.arrays, node.settings)
                return f": in the forward pass already, {call} gave {how_many(node.y, bad)}, " + (
                    values_at(named, node.y.shape, bad)
                )
        for node, position, dy, dx in self._edges():
            bad = first_bad(dx)
            if first_bad(dy) is None and bad is not None:
                named = [(node.op.argument(i), x) for i, x in enumerate(node.arrays)]
                named += [("y", node.y), ("the gradient that came in", dy)]
                return (
                    f": the rule of {node.op.name} for {node.op.argument(position)} gives "
                    f"{how_many(dx, bad)}, {values_at(named, dx.shape, bad)}"
                )
        return ""

    def _table(self, name: str) -> str:
        """List the largest gradient after each op, along the way where it stays largest."""
        rows: list[tuple[str, float]] = []
        step = self.start
        while step is not self.key:
            rows.append((step.op.name, self._largest(step)))
            ways = [parent for parent in step.parents if parent in self.useful]
            step = max(ways, key=self._largest)
        rows.append((name, self._largest(self.key)))
        if len(rows) > SHOWN:
            rows = [*rows[: SHOWN // 2], ("...", np.nan), *rows[-SHOWN // 2 :]]
        lines = [f"  {label}" if label == "..." else f"  {label:<24}  {n:.3g}" for label, n in rows]
        return "\n".join(["the largest gradient, from the loss back:", *lines])

    def _largest(self, step: Any) -> float:
        found = self.gradients.get(step)
        if not isinstance(found, np.ndarray):
            return 0.0
        largest = float(np.max(np.abs(found), initial=0.0))
        return np.inf if np.isnan(largest) else largest
