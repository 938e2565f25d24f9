"""Model answers to the exercises of lesson 2."""

import numpy as np


def along_one_way(x):
    """The slope of sin is taken at x², where sin was called."""
    return np.cos(x**2) * 2 * x


def along_two_ways(x):
    """The product rule is the chain rule along two ways."""
    through_exp = np.exp(x) * np.sin(x)
    through_sin = np.exp(x) * np.cos(x)
    return through_exp + through_sin


def along_a_chain(steps, x):
    """Each slope is taken at what the steps before have computed."""
    total = 1.0
    for function, slope in steps:
        total *= slope(x)
        x = function(x)
    return total
