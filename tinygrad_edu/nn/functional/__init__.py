"""Layers, activations and losses as functions: what the modules of the same names compute.

A function here takes all it needs as arguments; a module keeps its weights and settings for it.
"""

from tinygrad_edu.nn.functional.loss import mse_loss
from tinygrad_edu.ops.activation import relu, sigmoid
from tinygrad_edu.ops.elementwise import tanh
from tinygrad_edu.ops.linear import linear

__all__ = ["linear", "mse_loss", "relu", "sigmoid", "tanh"]
