"""Modules: the pieces that networks are composed of, under PyTorch's names.

Read ``module.py`` first, then ``container.py`` and ``linear.py``.
"""

from tinygrad_edu.nn import functional
from tinygrad_edu.nn.activation import ReLU, Sigmoid, Tanh
from tinygrad_edu.nn.container import Sequential
from tinygrad_edu.nn.linear import Linear
from tinygrad_edu.nn.loss import MSELoss
from tinygrad_edu.nn.module import Module
from tinygrad_edu.nn.parameter import Parameter

__all__ = [
    "Linear",
    "MSELoss",
    "Module",
    "Parameter",
    "ReLU",
    "Sequential",
    "Sigmoid",
    "Tanh",
    "functional",
]
