"""Which gradients a picture may show, and what it has to say about them.

``backward()`` keeps the gradients of leaves, in ``.grad``, and drops those in between. A picture
wants all of them, but must not claim what is not so. So ``.grad`` is shown as it is; the gradients
in between are computed once more, if ``backward()`` has been here; and where ``.grad`` holds
something else than this run's gradient, because it was not set to None before, the picture says so.

Read next: ``dot.py``, which gives the picture its looks.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from tinygrad_edu.backprop import walk
from tinygrad_edu.op import Array, Memory, Node
from tinygrad_edu.tensor import Tensor

NOT_YET = "no gradient yet"
LOST = "gradient lost"
UNREACHED = "no gradient gets here"


class Gradients(NamedTuple):
    """What is known of a run's gradients.

    Attributes
    ----------
    of : the gradients of nodes, computed for this picture; empty if that may or can not be.
    changed : what has been written into since the run.
    other : the leaves whose ``.grad`` is not the gradient that this run alone gives them.
    missing : what to say of a node that is not in ``of``.
    """

    of: dict[Node, Array]
    changed: list[Memory]
    other: list[Tensor]
    missing: str

    def kept(self, leaf: Tensor) -> Any:
        """Return what a leaf's ``.grad`` holds, or a word on why it holds nothing."""
        if leaf.grad is not None:
            return leaf.grad.numpy()
        return NOT_YET if self.missing == NOT_YET else ".grad is None"

    def heading(self, leaf: Tensor) -> str:
        """Return what to write above what a leaf's ``.grad`` holds."""
        return ".grad" if any(each is leaf for each in self.other) else "gradient"

    def explain(self, result: str, changed: list[str], other: list[str]) -> list[str]:
        """Write the lines of the caption: what the gradients are, given the names to use."""
        lines = []
        if self.of:
            lines.append(
                f"gradient: d {result} / d value, computed again for this picture where it is not "
                f"in .grad"
            )
        elif self.missing == NOT_YET:
            several = ", or several times" if other else ""
            lines.append(f"{NOT_YET}: backward() has not been called on {result}{several}")
        if changed:
            lines.append(
                f"{_list(changed)}: changed in place since, and shown as it is now; "
                f"the gradients in between needed the old values"
            )
        if other:
            lines.append(
                f"{_list(other)}: .grad is not d {result} / d value; it adds up over backward() "
                f"calls until it is set to None"
            )
        return lines


def find_gradients(root: Node | None, nodes: list[Node]) -> Gradients:
    """Find out what gradients there are; compute those in between if ``backward()`` has run.

    It has run if the result is marked as spent. After ``backward(retain_graph=True)`` it is not;
    then the leaves tell, if their ``.grad`` is what a walk gives.
    """
    parents = [parent for node in nodes for parent in node.parents if isinstance(parent, Tensor)]
    leaves = list(dict.fromkeys(parents))
    memories = [memory for node in nodes for memory in node.memory if memory.stamp > node.serial]
    changed = list(dict.fromkeys(memories))
    kept = [leaf for leaf in leaves if leaf.grad is not None]
    if root is None or not (root.spent or kept):
        return Gradients({}, changed, [], NOT_YET)
    if changed:
        return Gradients({}, changed, [], LOST)
    with np.errstate(all="ignore"):  # backward() has warned already
        found = walk(root, np.ones_like(root.y), wrt=[*nodes, *leaves])
    reached = [leaf for leaf in leaves if leaf in found]
    other = [leaf for leaf in kept if not _same(leaf.grad, found.get(leaf))]
    if root.spent or (reached and all(_same(leaf.grad, found[leaf]) for leaf in reached)):
        of = {node: found[node] for node in nodes if node in found}
        return Gradients(of, [], other, UNREACHED)
    return Gradients({}, [], other, NOT_YET)


def _same(grad: Tensor | None, dx: Array | None) -> bool:
    """Tell whether a ``.grad`` is what a walk has found, but for rounding."""
    if grad is None or dx is None or grad.shape != dx.shape:
        return False
    return np.allclose(grad.numpy(), dx, rtol=1e-6, atol=0, equal_nan=True)


def _list(names: list[str]) -> str:
    """Name the first few."""
    return ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
