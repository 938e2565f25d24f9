"""An autograd mini-framework to read.

Read it in this order: ``op.py``, ``tensor.py``, ``backprop.py``, ``ops/``.
"""

from tinygrad_edu import ops
from tinygrad_edu.check import GradientError, check_grad
from tinygrad_edu.dispatch import implements
from tinygrad_edu.dtypes import get_default_dtype, set_default_dtype
from tinygrad_edu.op import case, differentiable
from tinygrad_edu.ops.activation import relu, sigmoid
from tinygrad_edu.ops.elementwise import tanh
from tinygrad_edu.recording import enable_grad, is_grad_enabled, no_grad, set_grad_enabled
from tinygrad_edu.tensor import Tensor

__version__ = "0.1.0"

__all__ = [
    "GradientError",
    "Tensor",
    "case",
    "check_grad",
    "differentiable",
    "enable_grad",
    "get_default_dtype",
    "implements",
    "is_grad_enabled",
    "no_grad",
    "ops",
    "relu",
    "set_default_dtype",
    "set_grad_enabled",
    "sigmoid",
    "tanh",
]
