"""What a user may attach to one tensor: a name, hooks that see its gradient, the wish to keep it.

Few tensors have any of it, so all of it is behind one slot, of a leaf Tensor or of the `Node` that
made a computed one; for a name or a hook must stay when the Tensor object itself is gone.

A hook is called once in each walk, at the moment when the gradient is complete: not with a part for
every use of the tensor, but with the sum.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from weakref import ReferenceType, ref

import numpy as np

from tinygrad_edu.messages import outline
from tinygrad_edu.recording import GradMode

if TYPE_CHECKING:
    from tinygrad_edu.tensor import Tensor

Hook = Callable[["Tensor"], Any]

in_use = False
"""Whether the walk has to look for hooks at all: some have been registered in this process."""


class Notes:
    """What is attached to one leaf or one result.

    Attributes
    ----------
    name : what pictures, messages and printed programs call it.
    hooks : by number, in the order in which they were registered.
    keeper : the Tensor that wants the gradient in its ``.grad``, if there is one; held weakly, for
        it holds the node that holds this.
    line : the file, number and text of the user's line that computed it, if somebody asked.
    """

    __slots__ = ("hooks", "keeper", "last", "line", "name")

    def __init__(self) -> None:
        self.name: str | None = None
        self.hooks: dict[int, Hook] = {}
        self.keeper: ReferenceType[Tensor] | None = None
        self.line: tuple[str, int, str] | None = None
        self.last = 0

    def add(self, hook: Hook) -> Handle:
        """Register a hook."""
        look_for_hooks()
        self.last += 1
        self.hooks[self.last] = hook
        return Handle(self.hooks, self.last)


class Handle:
    """What `Tensor.register_hook` returns: ``remove()`` takes the hook away again."""

    def __init__(self, hooks: dict[int, Hook], number: int) -> None:
        self.hooks = hooks
        self.number = number

    def remove(self) -> None:
        """Take the hook away; a second time does nothing."""
        self.hooks.pop(self.number, None)


def register_hook(self: Tensor, hook: Hook) -> Handle:
    """Have a function called with this tensor's gradient, in every walk that comes by.

    Parameters
    ----------
    hook : takes the gradient, a Tensor, when all of it has arrived. What it returns, in the
        same shape, goes on in its place; if it returns ``None``, the gradient itself does.

    Returns
    -------
    A handle, whose ``remove()`` takes the hook away.

    Raises
    ------
    RuntimeError
        If no gradient flows to this tensor.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> x = tg.Tensor(3.0, requires_grad=True)
    >>> handle = x.register_hook(lambda gradient: gradient * 10)
    >>> (x * x).backward()
    >>> x.grad
    Tensor(60., shape=(), dtype=float64)
    >>> handle.remove()
    """
    _check_gradient_flows(self, "register_hook")
    return noted(self).add(hook)


def retain_grad(self: Tensor) -> None:
    """Keep the gradient of a computed tensor in ``.grad``, as that of a leaf is.

    Only ``backward()`` puts it there.

    Raises
    ------
    RuntimeError
        If no gradient flows to this tensor.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> x = tg.Tensor(3.0, requires_grad=True)
    >>> y = x * x
    >>> y.retain_grad()
    >>> (y * y).backward()
    >>> y.grad
    Tensor(18., shape=(), dtype=float64)
    """
    _check_gradient_flows(self, "retain_grad")
    if self.node is not None:
        look_for_hooks()
        noted(self).keeper = ref(self)


def noted(tensor: Tensor) -> Notes:
    """Return what is attached to this tensor, for something to be added."""
    owner: Any = tensor.node or tensor
    if owner.notes is None:
        owner.notes = Notes()
    notes: Notes = owner.notes
    return notes


def _check_gradient_flows(tensor: Tensor, what: str) -> None:
    if not tensor._requires_grad:
        raise RuntimeError(
            f"{what}() on a tensor that no gradient flows to: it does not require grad, and "
            f"was not computed from one that does"
        )


def look_for_hooks() -> None:
    """Have every walk from now on look for hooks."""
    global in_use  # noqa: PLW0603  # a walk reads it once, which costs nothing
    in_use = True


def hooked(owner: Any, dy: Any) -> Any:
    """Hand a complete gradient from hook to hook, and return what has become of it."""
    if owner.notes is not None:
        for hook in list(owner.notes.hooks.values()):
            dy = _applied(hook, dy)
    return dy


def is_kept(node: Any) -> bool:
    """Tell whether a Tensor wants the gradient of this node."""
    return node.notes is not None and node.notes.keeper is not None


def to_keepers(gradients: dict[Any, Any]) -> dict[Any, Any]:
    """Put, in place of each node, the Tensor that keeps its gradient, unless that has moved on."""
    kept = {}
    for key, dx in gradients.items():
        if not hasattr(key, "parents"):  # a leaf
            kept[key] = dx
        elif is_kept(key):
            keeper = key.notes.keeper()
            if keeper is not None and keeper.node is key:
                kept[keeper] = dx.copy() if type(dx) is np.ndarray else dx.clone()
    return kept


def _applied(hook: Hook, dy: Any) -> Any:
    """Call one hook with a gradient of its own, so that it may change it in place, too."""
    from tinygrad_edu.tensor import Tensor  # which reads this module first

    plain = type(dy) is np.ndarray
    given = Tensor._wrap(dy.copy()) if plain else dy.clone()
    with GradMode(not plain):
        result: Any = hook(given)
        if result is None:
            result = given
        elif not isinstance(result, Tensor):
            result = Tensor._wrap(np.array(result, dy.dtype))
        if result.shape != dy.shape:
            name = getattr(hook, "__name__", type(hook).__name__)
            raise ValueError(
                f"hook {name} returned {outline(result)} for a gradient of {outline(dy)}; let it "
                f"return a gradient of the same shape, or None to leave it as it is"
            )
        result = result if result.dtype == dy.dtype else result.astype(dy.dtype)
    return np.array(result.numpy()) if plain else result
