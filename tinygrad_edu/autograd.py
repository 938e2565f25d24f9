"""Gradients of recorded results, handed back instead of being added to ``.grad``.

``loss.backward()`` is what training wants. `grad` is what everything else wants: a chosen set of
gradients, of results or of steps on the way to them, with every ``.grad`` left alone. Its name, its
arguments and their meaning are those of ``torch.autograd.grad``.

Read next: ``products.py``, which differentiates functions rather than results.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from tinygrad_edu.backprop import walk
from tinygrad_edu.messages import outline
from tinygrad_edu.op import Node
from tinygrad_edu.recording import enable_grad
from tinygrad_edu.tensor import Tensor

__all__ = ["grad"]

Key = Node | Tensor


def grad(
    outputs: Any,
    inputs: Any,
    grad_outputs: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    allow_unused: bool = False,
) -> tuple[Tensor | None, ...]:
    """Return the gradients of ``outputs`` with respect to ``inputs``; every ``.grad`` stays.

    ``Σ (∂output/∂input)ᵀ · grad_output`` over the outputs, for each input.

    Shapes: each gradient has its input's. Source: ``torch.autograd.grad``.

    Parameters
    ----------
    outputs : Tensor or sequence of Tensors
    inputs : Tensor or sequence of Tensors, leaves or steps on the way.
    grad_outputs : array_like or sequence of them, optional
        For each output the gradient to start from, in its shape; ``None``, for a single number, is
        1. If it has a history and ``create_graph`` is set, that history continues.
    retain_graph : bool, optional
        Allow a further walk from the same outputs. By default, as ``create_graph``.
    create_graph : bool
        Record the gradients' own computation, so that they can be differentiated.
    allow_unused : bool
        Return ``None`` for an input that no output depends on, instead of raising.

    Returns
    -------
    One untracked Tensor (tracked, with ``create_graph``) for each input, in its shape and dtype.

    Raises
    ------
    RuntimeError
        If an output or input has no history, if an output is not a single number and has no
        gradient to start from, if it has been walked before without ``retain_graph=True``, if an
        input was not used, or if a value was changed in place since it was read.
    ValueError
        If ``grad_outputs`` fits the outputs neither in number nor in shape.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> x = tg.Tensor(2.0, requires_grad=True)
    >>> y = x * x * x
    >>> (slope,) = tg.autograd.grad(y, x, create_graph=True)
    >>> (curvature,) = tg.autograd.grad(slope, x)
    >>> float(slope), float(curvature), x.grad
    (12.0, 12.0, None)
    """
    ends, starts = _tensors(outputs, "output"), _tensors(inputs, "input")
    upstream = _upstream(grad_outputs, ends)
    for position, x in enumerate(starts):
        if not x.requires_grad:
            raise RuntimeError(
                f"input {position}, of shape {x.shape}, does not require grad, so nothing was "
                f"recorded for it; make it with requires_grad=True before computing the outputs"
            )
    for position, y in enumerate(ends):
        _check_walkable(y, position)
    found = carry(ends, upstream, [key_of(x) for x in starts], create_graph)
    if not allow_unused and any(dx is None for dx in found):
        position = next(i for i, dx in enumerate(found) if dx is None)
        raise RuntimeError(
            f"input {position}, of shape {starts[position].shape}, was not used in computing the "
            f"outputs, or only through detach(), numpy() or no_grad(); if that is as it should "
            f"be, allow_unused=True returns None for it"
        )
    for y in ends:
        if y.node is not None and not (create_graph if retain_graph is None else retain_graph):
            y.node.spent = True
    return tuple(found)


def carry(
    outputs: Sequence[Tensor], upstream: Sequence[Tensor], keys: Sequence[Key], record: bool
) -> list[Tensor | None]:
    """Carry the ``upstream`` gradients of ``outputs`` back to the nodes and leaves in ``keys``.

    All of them are walked together, so that what they share is walked once, and a hook sees the
    whole gradient. None of the results shares its memory with another or with what was given.
    """
    start: dict[Any, Any] = {}
    with enable_grad():  # what is added is tracked only if one of the two is
        for output, dy in zip(outputs, upstream):
            if output.requires_grad:
                key, given = key_of(output), dy if record else dy.numpy()
                start[key] = start[key] + given if key in start else given
        found = walk(start, wrt=keys, create_graph=record) if start else {}
        arrived = [found.get(key) for key in keys]
        return [dx.clone() if isinstance(dx, Tensor) else _owned(dx) for dx in arrived]


def _owned(dx: Any) -> Tensor | None:
    """Make an array that the walk returned a Tensor with memory of its own."""
    return None if dx is None else Tensor._wrap(np.array(dx))


def key_of(tensor: Tensor) -> Key:
    """Return what the walk knows a tensor by: the node that made it, or the leaf itself."""
    return tensor if tensor.node is None else tensor.node


def _tensors(given: Any, what: str) -> list[Tensor]:
    """Make one Tensor or a sequence of them a list."""
    tensors = [given] if isinstance(given, Tensor) else given
    if not isinstance(tensors, Iterable):
        raise TypeError(f"the {what}s must be Tensors; this is a {type(given).__name__}")
    tensors = list(tensors)
    for position, tensor in enumerate(tensors):
        if not isinstance(tensor, Tensor):
            raise TypeError(f"{what} {position} is a {type(tensor).__name__}, not a Tensor")
    return tensors


def _upstream(given: Any, outputs: list[Tensor]) -> list[Tensor]:
    """Pair the outputs with their gradients to start from."""
    if given is None or not isinstance(given, (tuple, list)):
        given = [given] * (1 if given is not None else len(outputs))
    elif len(outputs) == 1 and len(given) != 1:
        given = [given]  # plain numbers for the one output
    if len(given) != len(outputs):
        raise ValueError(
            f"{len(outputs)} outputs, but {len(given)} grad_outputs; give each its own"
        )
    return [upstream_of(y, dy, f"of output {i}") for i, (y, dy) in enumerate(zip(outputs, given))]


def upstream_of(output: Tensor, dy: Any, what: str) -> Tensor:
    """Check a gradient to start from, and give it the output's dtype."""
    if dy is None:
        if output.size != 1:
            raise RuntimeError(
                f"a gradient starts from a single number, but the shape {what} is {output.shape}; "
                f"reduce it first, for instance with .sum() or .mean(), or give the gradient to "
                f"start from, an array of shape {output.shape}"
            )
        dy = np.ones(output.shape, output.dtype)
    upstream = dy if isinstance(dy, Tensor) else Tensor(dy)
    if upstream.shape != output.shape:
        raise ValueError(
            f"the gradient {what} has {outline(upstream)}; it must have the output's shape, "
            f"{output.shape}"
        )
    return upstream if upstream.dtype == output.dtype else upstream.astype(output.dtype)


def _check_walkable(output: Tensor, position: int) -> None:
    """Refuse an output without a history, or one that has been walked and not retained."""
    if not output.requires_grad:
        raise RuntimeError(
            f"output {position} has no history: nothing that it was computed from has "
            f"requires_grad=True, or it was computed under no_grad() or detached"
        )
    if output.node is not None and output.node.spent:
        raise RuntimeError(
            f"the graph of output {position}, a result of {output.node.op.name}, has been walked "
            f"before; if you want to walk it again, pass retain_graph=True the first time"
        )
