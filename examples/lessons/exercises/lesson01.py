"""Exercises for lesson 1: a number that remembers how it was computed.

Replace each ``raise`` by your answer. Everything you need is in the lesson's program.
"""


def gradients_by_hand(a, b, c):
    """Return the derivatives of ``(a + b) * c`` with respect to a, b and c, as a tuple.

    You are given three plain numbers. Which way does the result go, and how fast, if
    only one of them grows?
    """
    raise NotImplementedError("write down three derivatives, with pencil and paper")


def slope_by_nudging(function, x, step=1e-4):
    """Return the derivative of ``function`` at the number ``x``, found by trying.

    Move ``x`` by ``step`` to the right and to the left, and compare the two results.
    (Going to both sides is far more exact than going to one: try it.)
    """
    raise NotImplementedError("call the function twice, and divide")


def count_calls(result):
    """Return how many recorded calls a computed Tensor remembers; a stretch.

    Start at ``result.node``. The ``parents`` of a node are other nodes, or Tensors that
    were not computed, or None. A node that was used twice was computed once: count it
    once.
    """
    raise NotImplementedError("visit all nodes that lead to the result, each one once")
