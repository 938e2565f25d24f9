"""Model answers to the exercises of lesson 5."""

import numpy as np


def sigmoid(x):
    """Squash every number into (0, 1)."""
    return 1 / (1 + np.exp(-x))


def feedforward(x, weights1, weights2):
    """The output of the first layer is the input of the second."""
    layer1 = sigmoid(x @ weights1)
    return layer1, sigmoid(layer1 @ weights2)


def backprop(x, y, weights1, weights2):
    """From the loss to the second weighted sum, through weights2, to the first weighted sum."""
    layer1, output = feedforward(x, weights1, weights2)
    d_sum2 = 2 * (output - y) * output * (1 - output)
    d_sum1 = (d_sum2 @ weights2.T) * layer1 * (1 - layer1)
    return x.T @ d_sum1, layer1.T @ d_sum2


def train(x, y, weights1, weights2, learning_rate, steps):
    """Both gradients are computed before either of the weights moves."""
    for _ in range(steps):
        d_weights1, d_weights2 = backprop(x, y, weights1, weights2)
        weights1 = weights1 - learning_rate * d_weights1
        weights2 = weights2 - learning_rate * d_weights2
    return weights1, weights2


def deep_backprop(x, y, weights):
    """One line of the chain rule, again and again."""
    layers = [x]
    for each in weights:
        layers.append(sigmoid(layers[-1] @ each))
    error = 2 * (layers[-1] - y)
    gradients = []
    for number in reversed(range(len(weights))):
        error = error * layers[number + 1] * (1 - layers[number + 1])
        gradients.append(layers[number].T @ error)
        error = error @ weights[number].T
    return gradients[::-1]
