"""Exercises for lesson 5: the article's network.

Replace each ``raise`` by your answer. All arguments are NumPy arrays, and the weights
are as in the article: ``layer1 = sigmoid(x @ weights1)`` and
``output = sigmoid(layer1 @ weights2)``.
"""


def feedforward(x, weights1, weights2):
    """Return ``layer1`` and ``output``, as a tuple.

    Shapes: ``x`` (samples, inputs), ``weights1`` (inputs, hidden), ``weights2``
    (hidden, outputs).
    """
    raise NotImplementedError("two matrix products, and a sigmoid after each")


def backprop(x, y, weights1, weights2):
    """Return the gradients of ``sum((y - output)²)`` for both weights, as a tuple.

    Return the gradients themselves, which are subtracted from the weights. (The article
    has them with the opposite sign, and adds them.)
    """
    raise NotImplementedError("first for weights2, then on through weights2")


def train(x, y, weights1, weights2, learning_rate, steps):
    """Return both weights after so many steps of gradient descent, as a tuple.

    Leave the arrays that you were given as they are: work on copies.
    """
    raise NotImplementedError("use your backprop, and move both weights at once")


def deep_backprop(x, y, weights):
    """Return the list of gradients for any number of layers; a stretch.

    ``weights`` is a list of matrices, the first layer's first; a sigmoid follows each
    of them, and the loss is the same.
    """
    raise NotImplementedError("keep all layers going forwards; loop over them backwards")
