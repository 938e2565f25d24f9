"""Exercises for lesson 2: the chain rule.

Replace each ``raise`` by your answer. Use ``np.sin``, ``np.cos``, ``np.exp``; x is a
plain number.
"""


def along_one_way(x):
    """Return the derivative of ``sin(x²)`` at x.

    There are two steps, x² and then sin. Multiply their slopes; mind where each is
    taken.
    """
    raise NotImplementedError("multiply the slope of sin by the slope of x²")


def along_two_ways(x):
    """Return the derivative of ``exp(x) * sin(x)`` at x.

    x goes two ways to the result. Write down what comes back along each, and add.
    """
    raise NotImplementedError("one term for each of the two ways that x takes")


def along_a_chain(steps, x):
    """Return the derivative of ``f3(f2(f1(x)))``, a chain of any length; a stretch.

    ``steps`` is a list of pairs ``(f, slope_of_f)``, the first step first; each is a
    function of one number. An empty chain changes nothing: its derivative is 1.
    """
    raise NotImplementedError("go through the steps, and multiply slopes as you go")
