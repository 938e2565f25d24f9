"""The gradient of max pooling by 2 x 2, the usual one, as a compiled loop.

NumPy has to go over the arrays several times for each tap, and with the channels innermost in
memory it works on 8 or 16 numbers at a time. A loop that is written out sees each number once. It
works on arrays of the order (rows, images, columns, channels), which is what convolutions leave in
memory, see ``ops/conv_tiles.py``, and on 8 channels at a time, which compilers make one instruction
of. All else is left to NumPy.

For 64 images of 28 x 28 with 8 channels in float32 it takes 0.22 ms instead of 0.46. The other
half of the pooling gained nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

ORDER = (2, 0, 3, 1)  # (images, channels, rows, columns) -> (rows, images, columns, channels)
BACK = (1, 3, 0, 2)
WINDOW = {"kernel": (2, 2), "stride": (2, 2), "padding": ((0, 0), (0, 0)), "dilation": (1, 1)}


def compiled_max_pool_x() -> Callable[..., Any]:
    """Make what stands in for the rule of ``max_pool`` in ``ops/pool.py``.

    Raises
    ------
    ImportError
        If numba is not installed.
    """
    import numba

    loop = numba.njit(cache=True, nogil=True)(hand_back)

    def max_pool_x(dy: Any, y: Any, x: Any, **window: Any) -> Any:
        """As that rule; None if it is not the case for this loop."""
        if window != WINDOW or not dy.dtype == x.dtype in (np.float32, np.float64):
            return None
        xs, ys = x.transpose(ORDER), y.transpose(ORDER)
        in_order = xs.flags.c_contiguous and ys.flags.c_contiguous
        if not in_order or x.shape[1] % 8 or np.isnan(y).any():
            return None
        dx = np.zeros_like(xs)
        loop(np.ascontiguousarray(dy.transpose(ORDER)), ys, xs, dx)
        return dx.transpose(BACK)

    return max_pool_x


def hand_back(dy: Any, y: Any, x: Any, dx: Any) -> None:
    """Write each gradient to where the first largest was, and zeros elsewhere."""
    rows, images, columns, channels = y.shape
    zero = x.dtype.type(0)
    for i in range(rows):
        for n in range(images):
            above, below, here = x[2 * i, n], x[2 * i + 1, n], y[i, n]
            to_above, to_below = dx[2 * i, n], dx[2 * i + 1, n]
            for j in range(columns):
                for first in range(0, channels, 8):
                    for c in range(first, first + 8):
                        best, left = here[j, c], dy[i, n, j, c]
                        a, b = above[2 * j, c], above[2 * j + 1, c]
                        d, e = below[2 * j, c], below[2 * j + 1, c]
                        to_a = left if a == best else zero
                        left = zero if a == best else left
                        to_b = left if b == best else zero
                        left = zero if b == best else left
                        to_d = left if d == best else zero
                        left = zero if d == best else left
                        to_e = left if e == best else zero
                        to_above[2 * j, c], to_above[2 * j + 1, c] = to_a, to_b
                        to_below[2 * j, c], to_below[2 * j + 1, c] = to_d, to_e
