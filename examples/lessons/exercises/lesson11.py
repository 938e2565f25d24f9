"""Exercises for lesson 11: MNIST.

Replace each ``raise`` by your answer. All arguments are NumPy arrays. ``scores`` has
the shape (samples, classes), ``labels`` (samples,): the number of the right class.
"""


def accuracy(scores, labels):
    """Return the share of samples whose largest score is that of the right class."""
    raise NotImplementedError("np.argmax along one of the axes, and a mean")


def softmax(scores):
    """Return probabilities: ``exp(scores)``, divided by its sum for every sample.

    ``exp(1000)`` is infinite. Softmax does not change if a number is subtracted from
    all scores of a sample: which number makes it safe?
    """
    raise NotImplementedError("keepdims=True keeps the axis for the division")


def cross_entropy_gradient(scores, labels):
    """Return the gradient of the cross-entropy for the scores.

    It is averaged over the samples: ``mean of -log(softmax(scores)[n, labels[n]])``.
    What comes out is short and beautiful: the probabilities, minus 1 in the right
    places.
    """
    raise NotImplementedError("use your softmax; mind the mean")


def classifier_backprop(x, weight, bias, labels):
    """Return the gradients for a linear classifier's weight and bias; a stretch.

    The loss is the cross-entropy of ``x @ weight.T + bias``, averaged over the samples.
    Shapes: ``x`` (samples, inputs), ``weight`` (classes, inputs), ``bias`` (classes,).
    """
    raise NotImplementedError("use your cross_entropy_gradient for the sums")
