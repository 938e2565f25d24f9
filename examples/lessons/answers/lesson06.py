"""Model answers to the exercises of lesson 6."""

import numpy as np


def sigmoid(x):
    """Squash every number into (0, 1)."""
    return 1 / (1 + np.exp(-x))


def with_ones(x):
    """One more input that is always 1: its weight is a bias."""
    return np.hstack([x, np.ones((len(x), 1))])


def bias_gradient(s, wanted):
    """What comes back to the weighted sums, summed over the samples."""
    dy = 2 * (s - wanted) * s * (1 - s)
    return dy.sum(axis=0)


def backprop(x, y, weights1, bias1, weights2, bias2):
    """What comes back to a weighted sum is the gradient of its bias, but for the sum."""
    layer1 = sigmoid(x @ weights1 + bias1)
    output = sigmoid(layer1 @ weights2 + bias2)
    d_sum2 = 2 * (output - y) * output * (1 - output)
    d_sum1 = (d_sum2 @ weights2.T) * layer1 * (1 - layer1)
    return x.T @ d_sum1, d_sum1.sum(axis=0), layer1.T @ d_sum2, d_sum2.sum(axis=0)
