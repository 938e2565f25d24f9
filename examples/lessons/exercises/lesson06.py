"""Exercises for lesson 6: biases.

Replace each ``raise`` by your answer. All arguments are NumPy arrays.
"""


def with_ones(x):
    """Return ``x`` with a column of ones added at its right.

    Shapes: ``x`` (samples, inputs); the result (samples, inputs + 1).
    """
    raise NotImplementedError("np.hstack joins matrices side by side")


def bias_gradient(s, wanted):
    """Return the gradient of ``sum((s - wanted)²)`` for the bias.

    The layer has computed ``s = sigmoid(x @ w + bias)``. Shapes: ``s`` and ``wanted``
    (samples, units); the result (units,).
    """
    raise NotImplementedError("go back to the weighted sums; each row had the same bias")


def backprop(x, y, weights1, bias1, weights2, bias2):
    """Return the gradients of ``sum((y - output)²)`` for all four; a stretch.

    ``layer1 = sigmoid(x @ weights1 + bias1)`` and
    ``output = sigmoid(layer1 @ weights2 + bias2)``.
    """
    raise NotImplementedError("lesson 5's backprop, and two sums more")
