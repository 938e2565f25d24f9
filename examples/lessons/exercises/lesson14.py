"""Exercises for lesson 14: second derivatives.

Replace each ``raise`` by your answer.
"""


def sigmoid_curvature(s):
    """Return the second derivative of the sigmoid, given its output ``s``.

    The first is ``s * (1 - s)``. Differentiate it once more; s itself depends on x.
    """
    raise NotImplementedError("the derivative of s - s², times the derivative of s")


def newton_step(function, p):
    """Return where one step of Newton's method leads from ``p``, an array.

    Solve ``hessian @ step = gradient``, and go back by that step.
    ``tg.grad(function)(p)`` and ``tg.hessian(function)(p)`` are Tensors; ``.numpy()``
    gives their arrays.
    """
    raise NotImplementedError("np.linalg.solve(matrix, vector)")


def hessian_times(function, p, v):
    """Return the Hessian of ``function`` at ``p``, times the vector ``v``; a stretch.

    Without making the Hessian, which would have a million entries for a thousand
    weights: the gradient, multiplied with v and summed, is a single number.
    Differentiate that.
    """
    raise NotImplementedError("the gradient of a function that takes a gradient")
