"""Model answers to the exercises of lesson 7."""

import numpy as np


def tanh_backprop(t, dy):
    """The derivative in terms of the output."""
    return dy * (1 - t**2)


def leaky_relu_backprop(x, dy, slope=0.1):
    """The slope is 1 on one side, and small on the other."""
    return dy * np.where(x > 0, 1, slope)


def softplus(x):
    """1 is exp(0)."""
    return np.logaddexp(x, 0)


def swish_backprop(x, dy):
    """One term for each way."""
    s = 1 / (1 + np.exp(-x))
    return dy * (s + x * s * (1 - s))
