"""The article's network in plain NumPy, with the backpropagation that it derives by hand.

This is the oracle. It knows nothing of Tensors, graphs or rules: what it computes was written down
with pencil and paper, and the recorded graph has to agree with it. For two layers it reads, in the
article's words,

    d_weights2 = layer1.T . (2 (y - output) * sigmoid'(output))
    d_weights1 = x.T . ((2 (y - output) * sigmoid'(output)) . weights2.T * sigmoid'(layer1))

These are directions of descent, minus the gradient of the sum of squared errors, so they are added.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

Array = np.ndarray[tuple[Any, ...], np.dtype[Any]]

X: Array = np.array([[0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 1]], dtype=np.float64)
Y: Array = np.array([[0], [1], [1], [0]], dtype=np.float64)


def sigmoid(x: Array) -> Array:
    """Squash every number into (0, 1): ``1 / (1 + exp(-x))``."""
    y: Array = 1 / (1 + np.exp(-x))
    return y


def sigmoid_derivative(s: Array) -> Array:
    """Derivative of the sigmoid, in terms of its output ``s``."""
    derivative: Array = s * (1 - s)
    return derivative


ACTIVATIONS: dict[str, tuple[Callable[[Array], Any], Callable[[Array], Any]]] = {
    "sigmoid": (sigmoid, sigmoid_derivative),
    "tanh": (np.tanh, lambda s: 1 - s * s),
    "relu": (lambda x: np.maximum(x, 0), lambda s: s > 0),
}
"""Activations by name, each with its derivative in terms of its own output."""


class HandDerivedNetwork:
    """A fully connected network whose gradients were derived with pencil and paper.

    A layer computes ``sigmoid(x @ w)``, and the loss is ``sum((y - output)**2)``. With
    ``error = 2 * (output - y) * output * (1 - output)``, the gradients of two layers are
    ``layer1.T @ error`` and ``x.T @ (error @ weights2.T * layer1 * (1 - layer1))``.

    Shapes: x (samples, inputs), y (samples, outputs), weights (in, out). Source: the article.

    Parameters
    ----------
    x, y : the inputs, one sample a row, and the outputs wanted; by default the article's.
    hidden : the number of units of each hidden layer; the article has one layer of 4.
    activation : what follows a hidden layer, by name: one for all, or one for each. The output
        layer keeps the sigmoid.
    bias : whether layers add a bias, which starts at 0; the article assumes it to stay 0.
    learning_rate : the length of a step; the article's is 1.
    seed : of the weights, drawn uniformly from [0, 1).

    Examples
    --------
    >>> from tinygrad_edu.article import HandDerivedNetwork
    >>> network = HandDerivedNetwork(seed=1)
    >>> for _ in range(1500):
    ...     _ = network.step()
    >>> bool(network.loss() < 0.01)
    True
    """

    def __init__(
        self,
        x: Array = X,
        y: Array = Y,
        hidden: Sequence[int] = (4,),
        activation: str | Sequence[str] = "sigmoid",
        bias: bool = False,
        learning_rate: float = 1.0,
        seed: int = 0,
    ) -> None:
        generator = np.random.default_rng(seed)
        names = [activation] * len(hidden) if isinstance(activation, str) else list(activation)
        sizes = [x.shape[1], *hidden, y.shape[1]]
        self.x, self.y = x, y
        self.activations = [*names, "sigmoid"]
        self.weights = [generator.random(shape) for shape in pairwise(sizes)]
        self.biases = [np.zeros(size) if bias else None for size in sizes[1:]]
        self.learning_rate = learning_rate

    def feedforward(self) -> list[Array]:
        """Compute all layers, from the input to the output."""
        layers = [self.x]
        for weights, bias, name in zip(self.weights, self.biases, self.activations):
            total = np.dot(layers[-1], weights)
            layers.append(ACTIVATIONS[name][0](total if bias is None else total + bias))
        return layers

    def loss(self) -> Any:
        """Sum of squared errors."""
        return np.sum((self.y - self.feedforward()[-1]) ** 2)

    def backprop(self) -> tuple[list[Array], list[Array]]:
        """Return the directions of descent for all weights and for all biases.

        The chain rule from right to left: ``error`` is what has come back to a layer's weighted
        sum. It meets the layer's input in the weights' gradient, and passes the weights on its way
        to the layer before.
        """
        layers = self.feedforward()
        d_weights, d_biases = [], []
        error = 2 * (self.y - layers[-1])
        for number in reversed(range(len(self.weights))):
            error = error * ACTIVATIONS[self.activations[number]][1](layers[number + 1])
            d_weights.append(np.dot(layers[number].T, error))
            d_biases.append(np.sum(error, axis=0))
            error = np.dot(error, self.weights[number].T)
        return d_weights[::-1], d_biases[::-1]

    def step(self) -> tuple[list[Array], list[Array]]:
        """Move all weights, and the biases if there are any, one step along what it returns."""
        directions = self.backprop()
        for weights, bias, d_weights, d_bias in zip(self.weights, self.biases, *directions):
            weights += self.learning_rate * d_weights
            if bias is not None:
                bias += self.learning_rate * d_bias
        return directions
