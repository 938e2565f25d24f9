"""Exercises for lesson 13: writing your own op.

Each op is complete but for its rules. A rule is given ``dy``, the gradient for the
output, then the output ``y``, then what the op was called with, and returns the
gradient for one argument. Replace each ``raise`` by your answer. Use operators and
NumPy's functions only: they also work when Tensors flow through the rule, and that is
how the second derivative is found.
"""

import numpy as np

import tinygrad_edu as tg


def log_cosh_x(dy, y, x):
    """Return the gradient for x. The derivative of ``log(cosh(x))`` is ``tanh(x)``."""
    raise NotImplementedError("dy times the derivative")


@tg.differentiable(x=log_cosh_x)
def log_cosh(x):
    """Like abs(x), but round at the bottom: a loss that forgives outliers."""
    return np.log(np.cosh(x))


def power_base(dy, y, base, exponent):
    """Return the gradient for the base of ``base ** exponent``; the base is positive."""
    raise NotImplementedError("exponent * base ** (exponent - 1): a power rule from school")


def power_exponent(dy, y, base, exponent):
    """Return the gradient for the exponent. You have y already: do not compute it again."""
    raise NotImplementedError("base ** exponent is exp(exponent * log(base))")


@tg.differentiable(base=power_base, exponent=power_exponent)
def my_power(base, exponent):
    """Compute ``base ** exponent``, elementwise."""
    return base**exponent


def unit_vectors_x(dy, y, x):
    """Return the gradient for x of ``x / length``, row by row; a stretch.

    x moves y by itself, and through the length as well. In terms of y, and with the sum
    taken along each row: ``(dy - y * sum(dy * y)) / length``. Derive it, then write it.
    """
    raise NotImplementedError("the length is np.sqrt((x**2).sum(axis=-1, keepdims=True))")


@tg.differentiable(x=unit_vectors_x)
def unit_vectors(x):
    """Stretch or shrink every row to length 1."""
    return x / np.sqrt((x**2).sum(axis=-1, keepdims=True))
