"""Exercises for lesson 8: learning rates compared.

Replace each ``raise`` by your answer.
"""


def descend(slope, w, rate, steps):
    """Return where gradient descent is after so many steps from ``w``.

    ``slope`` is a function: ``slope(w)`` is the gradient at w. w is a number or an
    array.
    """
    raise NotImplementedError("in each step, go down by rate times the slope")


def largest_rate(curvatures):
    """Return the limit of the learning rate in a bowl with several curvatures.

    The loss is ``sum(curvatures / 2 * w²)``. Beyond this rate, some direction leads
    away from the bottom. ``curvatures`` is an array of positive numbers.
    """
    raise NotImplementedError("each direction has a limit; which one counts?")


def momentum_descend(slope, w, rate, momentum, steps):
    """Return where gradient descent with momentum is after so many steps; a stretch.

    A velocity, 0 at first, is multiplied by ``momentum`` in each step, and then the
    gradient is added. w moves by minus rate times the velocity. This is what
    ``optim.SGD(momentum=...)`` does.
    """
    raise NotImplementedError("two variables change in each step: the velocity, then w")
