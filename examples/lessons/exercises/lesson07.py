"""Exercises for lesson 7: activations compared.

Replace each ``raise`` by your answer. A backprop function is given ``dy``, the gradient
for the activation's output, and returns the gradient for its input ``x``; all are
arrays of one shape.
"""


def tanh_backprop(t, dy):
    """Return the gradient for x, where the layer has computed ``t = tanh(x)``.

    You are given t and not x. The derivative of tanh is ``1 - tanh²``.
    """
    raise NotImplementedError("use t as it is: do not take its tanh again")


def leaky_relu_backprop(x, dy, slope=0.1):
    """Return the gradient for x of: x where x is positive, elsewhere slope * x."""
    raise NotImplementedError("np.where(condition, here, there)")


def softplus(x):
    """Return ``log(1 + exp(x))``, without overflow for large x.

    x is an array or a Tensor: use operators and NumPy's functions, and it can be
    differentiated. Written as above, x = 1000 gives infinity. ``np.logaddexp(a, b)`` is
    ``log(exp(a) + exp(b))``.
    """
    raise NotImplementedError("1 is exp of what?")


def swish_backprop(x, dy):
    """Return the gradient for x of ``x * sigmoid(x)``; a stretch.

    x goes two ways to the result.
    """
    raise NotImplementedError("the product rule, and the slope of the sigmoid")
