"""Reading and putting back at an index that is computed, such as the labels of a batch.

``getitem`` has its index among its settings, which are part of the program. Here the arrays in the
index are operands: ``x[rows, labels]``, where ``[1]`` and ``[2]`` stand for them in the setting.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.methods import _index
from tinygrad_edu.op import Op
from tinygrad_edu.ops.index import added_rows
from tinygrad_edu.program.calls import SPECIAL
from tinygrad_edu.program.literals import Large, index_literal
from tinygrad_edu.program.program import Assignment
from tinygrad_edu.program.text import ATOM, Text
from tinygrad_edu.tensor import Tensor


def filled_index(arrays: Any, index: Any) -> Any:
    """Put arrays where ``[position]`` stands for them."""
    return tuple(arrays[part[0]] if isinstance(part, list) else part for part in index)


def pick(*arrays: Any, index: Any) -> Any:
    """The elements of the first array at an index made of the others: ``x[rows, labels]``."""
    return arrays[0][filled_index(arrays, index)]


def put_back(*arrays: Any, index: Any, shape: Any) -> Any:
    """Zeros, with the first array added at an index made of the others."""
    if len(index) == 1 and 0 < arrays[1].ndim < arrays[0].ndim:
        return added_rows(arrays[0], arrays[1], shape)
    y = np.zeros(shape, arrays[0].dtype)
    np.add.at(y, filled_index(arrays, index), arrays[0])
    return y


def pick_x(dy: Any, y: Any, *arrays: Any, index: Any, position: int) -> Any:
    """Put the gradient back where it was read; the index has none."""
    settings = {"index": index, "shape": arrays[0].shape}
    return None if position else call(PUT_BACK, dy, arrays[1:], settings)


def put_back_x(dy: Any, y: Any, *arrays: Any, index: Any, shape: Any, position: int) -> Any:
    """Read the gradient where it was put."""
    return None if position else call(PICK, dy, arrays[1:], {"index": index})


def call(op: Op, x: Any, index: Any, settings: dict[str, Any]) -> Any:
    """Call one of the two ops, on Tensors or on arrays."""
    if isinstance(x, Tensor):
        return x.__record__(op, (x, *index), settings)
    return op.forward(x, *index, **settings)


PICK = Op(pick, {"arrays": pick_x}, "pick", None, "", (), ())
PUT_BACK = Op(put_back, {"arrays": put_back_x}, "put_back", None, "", (), ())


def is_computed(index: Any) -> bool:
    """Tell whether there is a Tensor in an index."""
    parts = index if isinstance(index, tuple) else (index,)
    return any(isinstance(part, Tensor) for part in parts)


def picked(x: Tensor, index: Any) -> Any:
    """Read at an index that has Tensors in it."""
    arrays: list[Any] = []
    places: list[Any] = []
    for part in index if isinstance(index, tuple) else (index,):
        if isinstance(part, (Tensor, np.ndarray, list)):
            arrays.append(part if isinstance(part, Tensor) else np.asarray(part))
            places.append([len(arrays)])
        else:
            places.append(_index(part))
    return x.__record__(PICK, (x, *arrays), {"index": tuple(places)})


def pick_text(operands: list[Text], line: Assignment, large: Large) -> Text:
    """Brackets."""
    index = line.settings["index"]
    parts = [
        operands[part[0]].text if isinstance(part, list) else index_literal(part, large)
        for part in index
    ]
    return Text(f"{operands[0].within(ATOM)}[{', '.join(parts)}]")


SPECIAL[PICK] = pick_text
