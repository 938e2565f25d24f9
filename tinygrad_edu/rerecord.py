"""What the walk hands to the rules when the gradients themselves are to be recorded.

A node has arrays. For the rules' own computation to be recorded, and to be joined to what they were
computed from, they have to become Tensors again, with the same history.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.dispatch import OPS
from tinygrad_edu.methods import NO_SETTINGS
from tinygrad_edu.op import Node
from tinygrad_edu.several import parts
from tinygrad_edu.tensor import Tensor, record


def rerecord(node: Node) -> tuple[Any, list[Any]]:
    """Return a node's output and inputs as Tensors that know where they came from."""
    inputs: list[Any] = []
    for x, parent in zip(node.arrays, node.parents):
        if type(x) is not np.ndarray:
            inputs.append(x)
        elif isinstance(parent, Node):
            inputs.append(Tensor._wrap(x, parent))
        elif parent is not None and parent._array is x and _is_plain_leaf(parent):
            inputs.append(parent)
        else:
            then = Tensor._wrap(x)  # a leaf as it was, for it may have changed since
            then.memory = next((m for m in node.memory if m.array is x), None)
            if parent is not None:
                then._requires_grad = True
                then = record(OPS[np.copy], (then,), NO_SETTINGS)
                if then.node is not None:
                    then.node.parents = (parent,)
            inputs.append(then)
    y = Tensor._wrap(node.y, node)
    return (parts(y, tuple) if isinstance(node.y, tuple) else y), inputs


def _is_plain_leaf(tensor: Tensor) -> bool:
    return tensor.node is None and tensor._requires_grad
