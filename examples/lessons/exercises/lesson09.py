"""Exercises for lesson 9: deeper networks and vanishing gradients.

Replace each ``raise`` by your answer.
"""


def bound(weights):
    """Return the most that is left of a gradient behind a chain of neurons.

    Each neuron computes ``sigmoid(weight * x)``, with a single input. ``weights`` lists
    their weights. At every neuron the gradient is multiplied by the weight and by the
    sigmoid's slope: how large can that product be, whatever x is?
    """
    raise NotImplementedError("the slope is 1/4 at most; weights may be negative")


def deep_backprop(x, weights, dy):
    """Return the list of gradients for the weights of a deep tanh network.

    The first layer's comes first. Each layer computes ``x = tanh(x @ w)``. ``dy`` is
    the gradient for the last layer's output.
    """
    raise NotImplementedError("keep what each layer has computed; go back in a loop")


def residual_backprop(x, w, dy):
    """Return the gradients for ``x`` and ``w``, as a tuple; a stretch.

    The layer computes ``y = x + tanh(x @ w)``. Look at what arrives at x when tanh is
    flat: this is why a way around a layer helps.
    """
    raise NotImplementedError("x has two ways to y")
