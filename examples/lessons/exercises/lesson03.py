"""Exercises for lesson 3: matrices.

Replace each ``raise`` by your answer. All arguments are NumPy arrays; ``dy`` is the
gradient of the loss for ``y``, and has y's shape. When in doubt, write the shapes down.
"""


def bias_backprop(dy):
    """Return the gradient for ``b`` in ``y = x + b``.

    Shapes: ``dy`` (samples, units), and ``b`` (units,): it is added to every row.
    """
    raise NotImplementedError("b[j] moves y[0, j], y[1, j], ... all at once")


def matmul_backprop(x, w, dy):
    """Return the gradients for ``x`` and for ``w`` in ``y = x @ w``, as a tuple.

    Shapes: ``x`` (samples, inputs), ``w`` (inputs, units), ``dy`` (samples, units).
    """
    raise NotImplementedError("two matrix products, with one transpose each")


def squared_error_backprop(x, w, wanted):
    """Return the gradient for ``w`` of ``np.mean((x @ w - wanted) ** 2)``.

    Shapes: ``x`` (samples, inputs), ``w`` (inputs, units), ``wanted`` (samples, units).
    The mean is over all elements.
    """
    raise NotImplementedError("start from the end: the mean, the square, the product")


def scores_backprop(queries, keys, dy):
    """Return the gradients for queries and keys in ``y = queries @ keys.T``; a stretch.

    Shapes: ``queries`` (n, size), ``keys`` (m, size), ``dy`` (n, m).
    """
    raise NotImplementedError("find out which products have the right shapes, and why")
