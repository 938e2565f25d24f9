"""Model answers to the exercises of lesson 1."""

import tinygrad_edu as tg


def gradients_by_hand(a, b, c):
    """Each of a and b is multiplied by c; c is multiplied by their sum."""
    return c, c, a + b


def slope_by_nudging(function, x, step=1e-4):
    """Rise over run, with x in the middle."""
    return (function(x + step) - function(x - step)) / (2 * step)


def count_calls(result):
    """Keep a list of nodes to visit, and a set of those that were met."""
    to_visit, met = [result.node], {result.node}
    while to_visit:
        for parent in to_visit.pop().parents:
            if parent is not None and not isinstance(parent, tg.Tensor) and parent not in met:
                met.add(parent)
                to_visit.append(parent)
    return len(met)
