"""The backward pass: one walk over recorded nodes, youngest first.

Why the order matters. ``b = a + a; c = b + b`` has dc/da = 4. Whoever walks back from ``c`` meets
``b`` twice. Handing ``b``'s gradient on at the first meeting gives ``a`` half of it; handing it on
at both meetings, with the sum so far, gives too much. It may be handed on only once it is complete,
that is, after *every* node that used ``b``. Those were all made later than ``b``, so the rule is
short: of all nodes that wait for their turn, take the youngest. No recursion, no sorting pass.

Read next: ``ops/``, where the rules are.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from heapq import heappop, heappush
from itertools import repeat
from sys import getrefcount
from typing import TYPE_CHECKING, Any

import numpy as np

from tinygrad_edu import notes
from tinygrad_edu.messages import changed_in_place, explain, in_rule, outline
from tinygrad_edu.op import Array, Node
from tinygrad_edu.recording import CONTEXT, enable_grad
from tinygrad_edu.several import Parts

if TYPE_CHECKING:
    from tinygrad_edu.tensor import Tensor


def walk(
    start: Mapping[Any, Any],
    *,
    wrt: Iterable[Node | Tensor] | None = None,
    create_graph: bool = False,
) -> dict[Any, Any]:
    """Carry the gradients of some outputs back to all that these were computed from.

    Parameters
    ----------
    start : by node, or leaf Tensor, the gradient of each output.
    wrt : the nodes and leaf Tensors whose gradients are wanted; by default, every leaf.
    create_graph : ``start`` has Tensors; hand Tensors to the rules, so that their work is recorded.

    Returns
    -------
    The gradient of each node or leaf that was wanted. A leaf's shares its memory with nothing.

    Raises
    ------
    RuntimeError
        If a tensor was written into after a node had read it.
    """
    wanted = frozenset() if wrt is None else frozenset(wrt)
    useful = None if wrt is None else _leading_to(wanted, start)
    watch, with_hooks = CONTEXT.get().watch, notes.in_use
    hand = getattr(watch, "hand", None)  # of what takes down the rules' own work
    gradients = dict(start) if hand is None else {key: hand(dy) for key, dy in start.items()}
    waiting: list[Any] = sorted((-n.serial, n) for n in start if type(n) is Node)  # a heap
    kind = type(next(iter(gradients.values())))
    if create_graph:
        from tinygrad_edu.rerecord import rerecord  # it needs Tensor, which needs this module
    while waiting:
        node = heappop(waiting)[1]
        dy = gradients[node] if wanted and node in wanted else gradients.pop(node)
        if with_hooks:
            dy = notes.hooked(node, dy)
            if node in wanted or (wrt is None and notes.is_kept(node)):
                gradients[node] = dy
        arrays, y, settings, serial = node.arrays, node.y, node.settings, node.serial
        for memory in node.memory:
            if memory.stamp > serial:
                raise changed_in_place(node, memory)
        inputs = arrays
        if create_graph:
            y, inputs = rerecord(node)
        given = (dy, y, *inputs) if hand is None else tuple(map(hand, (dy, y, *inputs)))
        for parent, x, rule in zip(node.parents, arrays, node.op.rules):
            if parent is None or rule is None or (useful is not None and parent not in useful):
                continue
            try:
                dx = rule(*given, **settings) if settings else rule(*given)
                if type(dx) is not kind or dx.dtype is not x.dtype or dx.shape != x.shape:
                    dx = _fit(dx, x, kind)
            except Exception as error:
                raise explain(error, in_rule(node, parent)) from error
            if watch is not None:
                watch.carried(node, parent, dy, dx)
            earlier = gradients.get(parent)
            if earlier is not None:  # no +=, for that memory may be somebody else's
                total = earlier + dx
                gradients[parent] = total if type(total) is kind else _fit(total, x, kind)
            elif type(parent) is Node:
                gradients[parent] = dx
                heappush(waiting, (-parent.serial, parent))
            else:
                gradients[parent] = _own(dx)
    if with_hooks:  # all that a leaf gets has arrived only now
        for key, dx in gradients.items():
            gradients[key] = dx if type(key) is Node else notes.hooked(key, dx)
    return gradients


def _leading_to(wanted: frozenset[Any], start: Iterable[Any]) -> set[Any]:
    """Find the nodes below ``start`` through which a gradient reaches one that is wanted."""
    found, order, stack = set(), [], [node for node in start if type(node) is Node]
    while stack:
        node = stack.pop()
        if node not in found:
            found.add(node)
            order.append(node)
            stack.extend(parent for parent in node.parents if type(parent) is Node)
    useful = set(wanted)
    for node in sorted(order, key=lambda node: node.serial):  # oldest first: inputs before users
        if any(parent in useful for parent in node.parents):
            useful.add(node)
    return useful


def _fit(dx: Any, x: Array, kind: type) -> Any:
    """Make what a rule returned the gradient of ``x``: undo broadcasting, take ``x``'s dtype.

    This is the one place where broadcasting is undone: an input that was stretched or repeated over
    an axis has been used many times, and its gradient is the sum over those uses.
    """
    if isinstance(dx, Parts):
        return dx
    if dx is None:  # a rule may say so if there is no dependence
        dx = np.zeros(x.shape, x.dtype)
    if isinstance(dx, (np.generic, float, complex)):
        dx = np.asarray(dx)
    if not hasattr(dx, "shape"):
        raise TypeError(f"it returned a {type(dx).__name__}, not an array of shape {x.shape}")
    if dx.dtype.kind not in "fc":
        raise TypeError(f"it returned dtype {dx.dtype}; a gradient for {outline(x)} is a float")
    added = dx.ndim - x.ndim
    if added < 0 or any(n not in (1, m) for n, m in zip(x.shape, dx.shape[added:])):
        raise ValueError(f"it returned shape {dx.shape}; expected the argument's own, {x.shape}")
    if added:
        dx = dx.sum(axis=tuple(range(added)))
    stretched = tuple(axis for axis, n in enumerate(x.shape) if n == 1 != dx.shape[axis])
    if stretched:
        dx = dx.sum(axis=stretched, keepdims=True)
    if dx.dtype != x.dtype:
        dx = (dx.real if x.dtype.kind == "f" and dx.dtype.kind == "c" else dx).astype(x.dtype)
    if kind is np.ndarray:
        return np.asarray(dx)
    return kind(dx) if isinstance(dx, (np.ndarray, np.generic)) else dx


def _own(dx: Any) -> Any:
    """Return ``dx`` in memory of its own, for a leaf to keep.

    A rule may have returned what is not new: ``dy`` itself, an input, an array from elsewhere.
    Then somebody else holds a reference to it, which Python counts.
    """
    if type(dx) is not np.ndarray:
        return dx.clone()
    return dx.copy() if dx.base is not None or getrefcount(dx) > NOBODY_ELSE else dx


def _references() -> int:
    """Count, in the manner of `_own`, the references to an array that nobody else holds."""

    def count(dx: Array) -> int:
        return getrefcount(dx)

    dx = np.empty(0)
    return count(dx)


NOBODY_ELSE = _references()


# ------------------------------------------------------------------------------- backward()
_depositing = threading.Lock()


def backward(
    tensor: Tensor,
    gradient: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
) -> None:
    """Add the gradient of ``tensor`` to ``.grad`` of every leaf; see `Tensor.backward`."""
    dy = _seed(tensor, gradient)
    root = tensor.node
    if root is None:
        gradients: dict[Any, Any] = {tensor: notes.hooked(tensor, dy)}
    elif root.spent:
        raise RuntimeError(
            f"backward() has already been called on this result of {root.op.name}, and a second "
            f"call would add the same gradients again; if that is what you want, call "
            f"backward(retain_graph=True) the first time; else compute the loss anew"
        )
    elif create_graph:
        with enable_grad():
            gradients = walk({root: tensor._wrap(dy)}, create_graph=True)
    else:
        gradients = walk({root: dy})
    if notes.in_use:
        gradients = notes.to_keepers(gradients)
    with _depositing:  # so that threads may share a leaf
        totals = [leaf._grad_plus(dx) for leaf, dx in gradients.items()]
        # All or nothing: here setattr is called from C, and no KeyboardInterrupt gets in between.
        any(map(setattr, gradients, repeat("_grad"), totals))
    if root is not None:
        root.spent = not (create_graph if retain_graph is None else retain_graph)


def _seed(tensor: Tensor, gradient: Any) -> Array:
    """Check ``backward``'s argument and make it an array of the tensor's shape and dtype."""
    data = tensor._array
    if not tensor._requires_grad:
        raise RuntimeError(
            "backward() on a tensor without a history: nothing that it was computed from has "
            "requires_grad=True, or it was computed under no_grad() or detached"
        )
    if gradient is None:
        if data.size != 1:
            raise RuntimeError(
                f"backward() starts from a single number, but this tensor has shape {data.shape}; "
                f"reduce it first, for instance with .sum() or .mean(), or pass gradient=, an "
                f"array of shape {data.shape}"
            )
        one = np.array(1.0, data.dtype)
        return one.reshape(data.shape) if data.ndim else one
    dy: Array = np.array(gradient)
    numeric = "biuf" if data.dtype.kind == "f" else "biufc"
    if dy.shape != data.shape or dy.dtype.kind not in numeric:
        raise ValueError(f"gradient= has {outline(dy)}; this tensor has {outline(data)}")
    return dy.astype(data.dtype)
