"""Exercises for lesson 12: a character-level model.

Replace each ``raise`` by your answer.
"""


def windows(codes, width):
    """Return what is seen and what comes next, for every place, as a tuple.

    ``codes`` is an array of whole numbers. Shapes: what is seen (places, width), what
    comes next (places,), with a place wherever there is a next one.
    """
    raise NotImplementedError("how many places are there? Try it with three codes")


def embedding_backprop(codes, dy, rows):
    """Return the gradient for the table in ``y = table[codes]``.

    Shapes: ``codes`` (n,), ``dy`` (n, size); the result (rows, size). A code that comes
    up twice has used the same row twice.
    """
    raise NotImplementedError("start from zeros and add, code by code")


def run(x, w, u, start):
    """Return all states of a recurrent layer with a single unit.

    Each state is ``tanh(w * x + u * the state before)``. ``x`` is an array of numbers,
    ``start`` the state before the first. The result has x's shape.
    """
    raise NotImplementedError("a loop in which every state is made from the one before")


def run_backprop(x, w, u, start, dh):
    """Return the gradients for ``w`` and ``u`` of that layer, as a tuple; a stretch.

    ``dh`` is the gradient for all the states, an array of x's shape. A state has gone
    two ways: it is a result, and the next state was made of it. So go through time
    backwards, and carry along what comes back from the next state.
    """
    raise NotImplementedError("dh[t], plus what comes from t + 1; then through tanh")
