"""Model answers to the exercises of lesson 8."""

import numpy as np


def descend(slope, w, rate, steps):
    """Against the slope: the sign is what makes it go down."""
    for _ in range(steps):
        w = w - rate * slope(w)
    return w


def largest_rate(curvatures):
    """The most strongly bent direction has the smallest limit."""
    return 2 / np.max(curvatures)


def momentum_descend(slope, w, rate, momentum, steps):
    """The velocity remembers the slopes of earlier steps, the latest ones best."""
    velocity = 0
    for _ in range(steps):
        velocity = momentum * velocity + slope(w)
        w = w - rate * velocity
    return w
