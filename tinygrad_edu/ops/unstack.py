"""Taking an array apart along an axis: into time steps, into gates, into queries, keys and values.

``x[0], x[1], ...`` does the same, but each of these leaves a gradient as large as ``x``, nearly all
zeros, and adding them up takes the square of the number of parts. As one op, the parts' gradients
are stacked once.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.cases import case
from tinygrad_edu.op import differentiable


@differentiable(
    x=lambda dy, y, x, *, axis: np.stack([dy[i] for i in range(len(dy))], axis),
    cases=[
        case((3,), axis=0),
        case((2, 3), axis=0),
        case((2, 3), axis=1),
        case((2, 3, 4), axis=-2),
        case((2, 3, 4), axis=-1),
        case((1, 3), axis=0),
        case((2, 0), axis=0),
    ],
    hint="the axes of an array of n axes are 0 to n-1, or -n to -1 counted from the end",
)
def unstack(x: Any, *, axis: int) -> tuple[Any, ...]:
    """The layers along an axis, one after the other: what ``np.stack`` puts together.

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_edu.ops.unstack import unstack
    >>> unstack(np.array([[1, 2], [3, 4]]), axis=1)
    (array([1, 3]), array([2, 4]))
    """
    return tuple(np.moveaxis(x, axis, 0))
