"""draw_network: the architecture of a model, as the diagrams that articles open with.

Models of dense layers become neurons and weights, see ``neurons.py``; others, such as convolutional
ones, a row of blocks, see ``blocks.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from tinygrad_edu.draw.blocks import blocks
from tinygrad_edu.draw.drawing import Drawing
from tinygrad_edu.draw.neurons import neurons
from tinygrad_edu.draw.theme import THEMES
from tinygrad_edu.op import Array
from tinygrad_edu.tensor import Tensor


class Dense(NamedTuple):
    """One layer of weights.

    Attributes
    ----------
    weight : from every neuron of the layer before (rows) to every one of this (columns).
    shape : the weight's shape as the model has it.
    bias : whether there is one.
    function : the name of what is applied to the sums, if it is known.
    """

    weight: Array
    shape: tuple[int, ...]
    bias: bool
    function: str


def draw_network(
    model: Any,
    sample: Any = None,
    *,
    weights: bool = False,
    max_neurons: int = 8,
    theme: str = "light",
) -> Drawing:
    """Draw the architecture of a model: layers of neurons, or a row of blocks.

    A model of ``Linear`` layers, and functions without parameters, is drawn with its neurons and
    with a line for every weight. Any other is called once and drawn as a row of its innermost
    modules in the order of their calls, with the shapes in between.

    Parameters
    ----------
    model : a `Module`; or weights, each (inputs, outputs) as in ``x @ w``, one for each layer.
    sample : an input, or an input's shape as a tuple. Needed for all but dense models; a dense
        model is drawn as blocks if it is given one.
    weights : draw each weight by its sign (blue lines are positive, red and dashed ones negative)
        and size (as width).
    max_neurons : of larger layers, only the first neurons and the last are drawn.
    theme : ``"light"`` or ``"dark"``.

    Returns
    -------
    A `Drawing`; see its ``render``.

    Raises
    ------
    TypeError
        If ``model`` is neither.
    ValueError
        If layers do not fit each other, or a sample is needed and there is none.

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_edu import nn
    >>> from tinygrad_edu.draw.network import draw_network
    >>> model = nn.Sequential(nn.Linear(3, 4), nn.Sigmoid(), nn.Linear(4, 1), nn.Sigmoid())
    >>> drawing = draw_network(model)
    >>> drawing.source.count("->"), draw_network(model, (4, 3)).source.count("->")
    (16, 5)
    """
    if theme not in THEMES:
        raise ValueError(f'theme is "light" or "dark", not {theme!r}')
    if not isinstance(max_neurons, int) or max_neurons < 3:
        raise ValueError(f"max_neurons is a whole number, 3 or more, not {max_neurons!r}")
    if sample is not None:
        return Drawing(blocks(model, sample, THEMES[theme]))
    layers = _layers(model)
    for number, (one, other) in enumerate(pairwise(layers), 1):
        if one.weight.shape[1] != other.weight.shape[0]:
            raise ValueError(
                f"layer {number} has {one.weight.shape[1]} outputs and the next one "
                f"{other.weight.shape[0]} inputs, so they do not follow each other; weights are "
                f"(inputs, outputs) each, and a Module that is given with a sample input is drawn "
                f"in the order of its calls"
            )
    return Drawing(neurons(layers, weights, max_neurons, THEMES[theme]))


def _layers(model: Any) -> list[Dense]:
    """Find the layers of a dense model."""
    from tinygrad_edu.nn.module import Module

    if isinstance(model, Module):
        return _of_module(model)
    is_row = isinstance(model, Sequence) and not isinstance(model, str) and len(model)
    arrays = [w.numpy() if isinstance(w, Tensor) else w for w in model] if is_row else []
    if not arrays or any(not isinstance(w, np.ndarray) or w.ndim != 2 for w in arrays):
        raise TypeError(
            f"draw_network() draws a Module, or a list of weights with two axes, (inputs, outputs) "
            f"each, not a {type(model).__name__}"
            + ("; draw() draws what led to a Tensor" if isinstance(model, Tensor) else "")
        )
    return [Dense(array, array.shape, False, "") for array in arrays]


def _of_module(model: Any) -> list[Dense]:
    from tinygrad_edu.nn.linear import Linear

    layers: list[Dense] = []
    for path, module in model.named_modules():
        if isinstance(module, Linear):
            weight = module.weight.numpy()
            layers.append(Dense(weight.T, weight.shape, module.bias is not None, ""))
        elif next(iter(module.parameters(recurse=False)), None) is not None:
            raise ValueError(
                f"{path or 'the model'} is a {type(module).__name__}, which is no layer of neurons "
                f"each joined to each; give a sample input, or its shape, to have the model drawn "
                f"as blocks: draw_network(model, (1, 1, 28, 28)), a batch of one image"
            )
        elif layers and not layers[-1].function and next(module.children(), None) is None:
            layers[-1] = layers[-1]._replace(function=type(module).__name__)
    if not layers:
        raise ValueError("there is no Linear layer in this model, so there are no neurons to draw")
    return layers
