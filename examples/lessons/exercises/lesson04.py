"""Exercises for lesson 4: a layer.

Replace each ``raise`` by your answer. All arguments are NumPy arrays. A weight is kept
as ``nn.Linear`` keeps it: (units, inputs).
"""


def sigmoid_slope(s):
    """Return the derivative of the sigmoid, given its output ``s``.

    Take ``s = 1 / (1 + exp(-x))``, differentiate it, and write the result with s alone.
    """
    raise NotImplementedError("only s appears in the answer, not x")


def linear(x, weight, bias):
    """Return the weighted sums of a layer for every sample.

    Shapes: ``x`` (samples, inputs), ``weight`` (units, inputs), ``bias`` (units,); the
    result (samples, units).
    """
    raise NotImplementedError("one matrix product, one transpose, one sum")


def layer_backprop(x, weight, s, ds):
    """Return the gradients for ``x``, ``weight`` and ``bias``, as a tuple.

    The layer has computed ``s = sigmoid(linear(x, weight, bias))``; ``ds`` is the
    gradient of the loss for s. Shapes: ``s`` and ``ds`` (samples, units).
    """
    raise NotImplementedError("back through the sigmoid first, then through the sums")


def gated_backprop(x, weight, gate, dy):
    """Return the gradients for ``weight`` and ``gate``, as a tuple; a stretch.

    The layer has computed ``y = tanh(x @ weight.T) * sigmoid(x @ gate.T)``: the second
    half decides how much of the first gets through. Shapes: ``weight`` and ``gate``
    (units, inputs), ``dy`` (samples, units).
    """
    raise NotImplementedError("compute both halves again, then go back through each")
