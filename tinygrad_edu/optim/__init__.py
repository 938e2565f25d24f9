"""Optimizers: how parameters change from their gradients, under PyTorch's names."""

from tinygrad_edu.optim.optimizer import Optimizer
from tinygrad_edu.optim.sgd import SGD

__all__ = ["SGD", "Optimizer"]
