"""Why a gradient goes back through an op as it does, in a sentence: what ``steps.py`` tells."""

from __future__ import annotations

from typing import Any

from tinygrad_edu.op import Node

PICKED = "it goes back to where the elements were read, and 0 goes elsewhere"
WINDOW = "every element goes back to the places in the window that it was computed from"
REASONS: dict[str | tuple[str, str], str] = {
    "add": "a sum hands its gradient on as it is",
    "subtract": "what is added gets the gradient as it is, what is taken away gets it negated",
    "negative": "the sign turns round",
    "multiply": "a factor counts as much as the other factor is large",
    "divide": "d(a / b) = da / b - a db / b**2",
    "power": "d(x**n) = n x**(n - 1) dx",
    "square": "d(x**2) = 2 x dx",
    "absolute": "the sign of x tells whether abs(x) grows or shrinks with it",
    "sum": "every element went into the sum once, so all get the same",
    "mean": "every element went into the mean with an equal share",
    "max": "the gradient goes to the largest, for the others changed nothing; equals share it",
    "min": "the gradient goes to the smallest, for the others changed nothing; equals share it",
    "maximum": "the gradient goes to the larger one, for the other changed nothing",
    "minimum": "the gradient goes to the smaller one, for the other changed nothing",
    "sigmoid": "its derivative in terms of its own output y is y (1 - y)",
    "tanh": "its derivative in terms of its own output y is 1 - y**2",
    "relu": "the gradient goes through where the input was above 0, and nowhere else",
    "exp": "it is its own derivative",
    "log": "its derivative is 1 / x",
    "sqrt": "its derivative is 1 / (2 y)",
    "sin": "its derivative is the cosine",
    "cos": "its derivative is minus the sine",
    "softmax": "the outputs y share a sum of 1, so each gets y times what it is worth more than "
    "their mean, weighted by y",
    "log_softmax": "minus the share that the sum over all classes takes back; exp(y) is softmax",
    ("nll", "x"): "only the element at each label is in the loss, with minus its weight",
    "getitem": PICKED,
    "put": "what was put somewhere is fetched from there",
    "where": "each element came from one of the two, and its gradient goes back there",
    "reshape": "the same numbers, in the shape that they had",
    "matrix_transpose": "turned back",
    "transpose": "turned back",
    "clone": "a copy hands its gradient on",
    "astype": "the same numbers, in the dtype that they had",
    "broadcast_to": "what was repeated gets the sum over all its repetitions",
    "concatenate": "each piece gets its own part of the gradient",
    "stack": "each piece gets its own part of the gradient",
    "unstack": "the gradients of the parts are put together again",
    ("conv", "x"): WINDOW + ", with the same weights",
    ("conv", "weight"): "every weight was used at each place of the window: its uses are added up, "
    "each times the input that it met there",
    ("conv", "bias"): "it was added at every place of every image, so all its uses are added up",
    "max_pool": "of each window only the largest element went on, so it alone gets the gradient",
    "sum_pool": WINDOW,
    "standardize": "the gradient loses its mean and its part along y, for a shift or a stretch of "
    "x changes nothing; the rest is divided by the standard deviation",
}
"""By the name of the op, or by that and the argument."""


def reason(node: Node, position: int) -> str:
    """Say why the gradient for an operand of a node is what it is."""
    x, y, name = node.arrays[position], node.y, node.op.name
    argument = node.op.argument(position)
    if name == "matmul" and x.ndim == 2 == y.ndim:
        return matmul_reason(x.shape, node.arrays[1 - position].T.shape, y.shape, position)
    if name == "linear":
        return linear_reason(node, argument)
    text = REASONS.get((name, argument)) or REASONS.get(name)
    text = text or f"this is the rule of {name} for its {argument}"
    if not isinstance(y, tuple) and x.shape != y.shape and node.op.symbol:
        text += f"; {x.shape} was broadcast to {y.shape}, so all its uses are added up"
    return text


def matmul_reason(x: Any, turned: Any, y: Any, position: int) -> str:
    """Say why there is a transpose: it is the only way in which the shapes fit."""
    factors = f"{y} @ {turned}" if position == 0 else f"{turned} @ {y}"
    return (
        f"every element of a product is a row times a column; the transpose is there because the "
        f"result has to have the shape {x}, and only {factors} has"
    )


def linear_reason(node: Node, argument: str) -> str:
    """Say the same of ``x @ weight.T + bias``, where the weight is turned beforehand."""
    x, weight, y = node.arrays[0].shape, node.arrays[1].shape, node.y.shape
    if argument == "bias":
        return f"it was added to each row of the product of shape {y}, so all its uses are added up"
    rows = " in a row for every sample" if len(x) > 2 else ""
    if argument == "x":
        return (
            f"y = x @ weight.T + bias; a product hands its gradient back times the transpose of "
            f"the other factor, and weight.T turned is the weight: {y} @ {weight} has the shape {x}"
        )
    return (
        f"y = x @ weight.T + bias; the weight is {weight}, and only the transpose of the gradient, "
        f"times x{rows}, has that shape"
    )
