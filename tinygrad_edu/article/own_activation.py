"""Activations of one's own in the article's network, such as ``--activation mymodule:swish``.

The article derives backpropagation for activations whose derivative can be told from their output.
For any other, the hand-derived network needs that derivative, too. It takes it from the function's
own rule, once that has been held against numbers; all the rest stays derived by hand.
"""

from __future__ import annotations

import os
import sys
from collections import deque
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

import numpy as np

from tinygrad_edu.article.by_hand import ACTIVATIONS, Array
from tinygrad_edu.article.on_tensors import FUNCTIONS, MODULES
from tinygrad_edu.check import GradientError, check_grad
from tinygrad_edu.nn import functional
from tinygrad_edu.tensor import Tensor

Function = Callable[[Any], Any]

BY_HAND = tuple(ACTIVATIONS)
BY_NAME = (
    *BY_HAND, "celu", "elu", "gelu", "hardshrink", "hardsigmoid", "hardswish", "hardtanh",
    "leaky_relu", "logsigmoid", "mish", "relu6", "selu", "silu", "softplus", "softshrink",
    "softsign", "tanhshrink",
)  # fmt: skip
"""The activations that can be asked for by name: all that work element by element."""

POINTS = np.linspace(-3.137, 3.141, 12)  # on no round number, where kinks are


def prepare(names: Sequence[str], layers: int) -> list[str]:
    """Make the network's tables know these activations; return what is to be said about them.

    Parameters
    ----------
    names : names in ``BY_NAME``, or ``module:function``.
    layers : how many hidden layers there are.

    Raises
    ------
    ValueError
        If there is no such module or function, or it has no derivative that is right.
    """
    notes = []
    for name in dict.fromkeys(names):
        if name not in BY_HAND:
            function = getattr(functional, name) if name in BY_NAME else imported(name)
            check(name, function)
            by_rule = ByItsRule(function, layers)
            ACTIVATIONS[name] = by_rule.forward, by_rule.derivative
            FUNCTIONS[name] = function
            modules: dict[str, Any] = MODULES
            modules[name] = lambda function=function: function  # a Sequential takes it as it is
            notes.append(f"the derivative of {name} is what its own rules say, checked by numbers")
    return notes


def imported(name: str) -> Function:
    """Import ``module:function``, also from the current folder, as ``python -m`` does."""
    module_name, _, function_name = name.partition(":")
    here = os.getcwd()
    sys.path.insert(0, here)
    try:
        module = import_module(module_name)
    except (ImportError, SyntaxError, ValueError) as error:  # ValueError: of an empty name
        raise ValueError(f"--activation {name}: cannot import {module_name!r}: {error}") from error
    finally:
        sys.path.remove(here)
    function = getattr(module, function_name, None)
    if not callable(function):
        kind = "" if function is None else f" {function_name!r} is a {type(function).__name__};"
        raise ValueError(
            f"--activation {name}:{kind} the module {module_name} has no function {function_name!r}"
        )
    return function  # type: ignore[no-any-return]  # whatever it is, check() looks at what it does


def check(name: str, function: Function) -> None:
    """Refuse what is not a differentiable function, element by element."""
    try:
        y = function(Tensor(POINTS, requires_grad=True))
        alone = function(Tensor(POINTS[:1], requires_grad=True))
        if not (isinstance(y, Tensor) and y.requires_grad):
            raise TypeError(f"a Tensor makes it return {type(y).__name__}, without a derivative")
        if y.shape != POINTS.shape or not np.allclose(y.numpy()[:1], alone.numpy()):
            raise TypeError("it does not work element by element")
        check_grad(function, POINTS, order=1)
    except (TypeError, ValueError, AttributeError, GradientError) as error:
        raise ValueError(f"--activation {name}: {' '.join(str(error).split())}") from error


class ByItsRule:
    """An activation in the form that `HandDerivedNetwork` wants: a function, and its derivative.

    The network asks for the derivative by the output, and from that it cannot always be told. So
    the outputs of the latest layers are remembered, each with the derivative there.
    """

    def __init__(self, function: Function, layers: int) -> None:
        self.function = function
        self.latest: deque[tuple[Array, Array]] = deque(maxlen=layers)

    def forward(self, x: Array) -> Array:
        """Compute the output, and the derivative for later."""
        t = Tensor(x, requires_grad=True)
        y = self.function(t)
        y.backward(np.ones(x.shape))
        output: Array = y.numpy()
        slope: Any = t.grad
        self.latest.append((output, slope.numpy()))
        return output

    def derivative(self, output: Array) -> Array:
        """Return the derivative where this very output was computed."""
        return next(slope for y, slope in self.latest if y is output)
